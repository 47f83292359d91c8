"""The cards that a lesson shows under an answer; their meaning never depends on colour alone."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mrskit.answering import form
from mrskit.answering.answer_files import MIME
from mrskit.exercises.outcomes import LOOKS, Outcome
from mrskit.exercises.record import Answer, Exercise, Verdict

SHORT = 12  # largest number of array values on a card


@dataclass(frozen=True, slots=True)
class Card:
    """A card: its heading, lines and appearance."""

    symbol: str
    heading: str
    lines: tuple[str, ...]
    border: str = "dotted"
    colour: str = "#57606a"
    code: str = ""  # shown unchanged below the lines
    links: tuple[tuple[str, str], ...] = ()  # anchors of the notebook, and their texts: a list below the lines
    closing: str = ""  # the last line

    def text(self) -> str:
        """Return the card as plain text."""
        code = [f"    {line}" for line in self.code.splitlines()]
        lines = [*self.lines, *(text for _, text in self.links), *filter(None, [self.closing])]
        return "\n".join([f"{self.symbol} {self.heading}", *(f"  {line}" for line in lines), *code])

    def html(self) -> str:
        """Return the card as HTML without a style sheet; it has its own background colour for dark themes."""
        lines = "".join(f"<div>{html.escape(line)}</div>" for line in self.lines)
        if self.links:
            items = (
                f'<li><a href="#{html.escape(anchor)}">{html.escape(text)}</a></li>' for anchor, text in self.links
            )
            lines += f'<ul style="margin:0.2em 0">{"".join(items)}</ul>'
        if self.closing:
            lines += f"<div>{html.escape(self.closing)}</div>"
        if self.code:
            lines += (
                '<pre style="margin:0.4em 0 0;white-space:pre-wrap;background:#f6f8fa;color:#1f2328;padding:0.4em">'
                f"{html.escape(self.code)}</pre>"
            )
        return (
            f'<div role="status" style="border:2px {self.border} {self.colour};border-radius:4px;padding:0.5em 0.8em;'
            'margin:0.3em 0;max-width:46em;font-family:sans-serif;line-height:1.45;background:#fff;color:#1f2328">'
            f'<strong><span aria-hidden="true">{self.symbol}</span> {html.escape(self.heading)}</strong>{lines}</div>'
        )


def answer_card(answer: Answer, verdict: Verdict) -> Card:
    """Return the card for an answer, with the recorded value and the judge's verdict."""
    exercise, result, look = answer.asked, verdict.outcome, LOOKS[verdict.outcome]
    earns = result in (Outcome.PASSED, Outcome.PARTIAL)
    points = f", {verdict.points:g} of {_points(exercise.points)}" if earns and verdict.points else ""
    lines = []
    if answer.value is not None:
        lines.append(f"Your answer: {describe(answer)}")
        lines.append(f"Recorded: {form.line(form.look(answer))}")
    if result == Outcome.NOT_ANSWERED:
        open_ = verdict.message == "Not answered yet."
        hint = f"Replace the '...' and run the cell again. A hint: answers.hint(\"{exercise.id}\")"
        lines.append(hint if open_ else verdict.message)
    elif verdict.message not in ("Recorded.", f"{look.words}."):
        known = f"A known misconception ({verdict.misconception}): " if verdict.misconception else ""
        lines.append(f"{known}{verdict.message}")
    if result in (Outcome.FAILED, Outcome.PARTIAL):
        lines.append(f'A hint: answers.hint("{exercise.id}")')
    if result == Outcome.PASSED:
        if exercise.explanation:
            lines.append(f"Why: {' '.join(exercise.explanation.split())}")
        lines.append(f'To compare with ours: answers.solution("{exercise.id}")')
    heading = f"{look.words}{points} · {exercise.title} ({exercise.id})"
    return Card(look.symbol, heading, tuple(lines), look.border, look.colour)


def hint_card(exercise: Exercise, count: int) -> Card:
    """Return the card with the first hints of an exercise."""
    shown = exercise.hints[:count]
    lines = [f"{number}. {hint}" for number, hint in enumerate(shown, 1)]
    if count < len(exercise.hints):
        lines.append(f'One more: run answers.hint("{exercise.id}") again. Hints cost no points.')
    return Card("?", f"Hint {count} of {len(exercise.hints)} · {exercise.title} ({exercise.id})", tuple(lines))


def refusal_card(exercise: Exercise, problem: str) -> Card:
    """Return the card for a value that is not a valid answer to this exercise and is not recorded."""
    look = LOOKS[Outcome.INVALID]
    lines = (problem.removeprefix(f"{exercise.id}: "), "Nothing was recorded; an earlier answer is kept.",
             f'A hint: answers.hint("{exercise.id}")')  # fmt: skip
    return Card(look.symbol, f"{look.words} · {exercise.title} ({exercise.id})", lines, look.border, look.colour)


def note_card(exercise: Exercise, text: str) -> Card:
    """Return a card with a plain message about an exercise."""
    return Card("…", f"{exercise.title} ({exercise.id})", (text,))


def summary_card(lesson: str, rows: Sequence[tuple[Exercise, Verdict]], following: str) -> Card:
    """Return the card at the end of a lesson, with correct and open exercises and the next lesson."""
    passed = [item for item, verdict in rows if verdict.outcome == Outcome.PASSED]
    points, whole = sum(verdict.points for _, verdict in rows), sum(item.points for item, _ in rows)
    links = tuple((item.id, f"{LOOKS[verdict.outcome].symbol} {LOOKS[verdict.outcome].words}: {item.title} ({item.id})")
                  for item, verdict in rows if verdict.outcome != Outcome.PASSED)  # fmt: skip
    heading = f"Lesson {lesson}: {len(passed)} of {len(rows)} exercises are right, {points:g} of {_points(whole)}"
    lines = ("Still open:" if links else "Everything is right.",)
    return Card("Σ", heading, lines, links=links, closing=following)


def solution_card(exercise: Exercise, code: str) -> Card:
    """Return the card with the solution of an exercise, for comparison."""
    lines = ("This is one possible solution; yours may be as good. It replaces the '...' in the answer cell.",)
    return Card("≈", f"A solution · {exercise.title} ({exercise.id})", lines, code=code)


def describe(answer: Answer) -> str:
    """Return a one-line description of an answer; numbers given without a unit are in the exercise's unit."""
    unit = answer.unit or answer.asked.unit or ""
    if answer.kind == "region":
        return f"a region of {int(answer.array.sum())} elements in an array of shape {answer.array.shape}"
    if answer.kind == "array" and answer.array.size <= SHORT:
        return f"{np.array2string(answer.array, formatter={'float': '{:.6g}'.format}, separator=', ')} {unit}".rstrip()
    if answer.kind == "array":
        return f"an array of shape {answer.array.shape} {unit}".rstrip()
    if answer.kind in ("scalar", "quantity"):
        return f"{answer.number:.8g} {unit}".rstrip()
    if answer.kind == "code":
        return f"a function, called with {len(answer.outputs.calls)} sets of arguments"
    text = str(answer.value)
    return text if len(text) <= 200 else f"{text[:200]}… ({len(text)} characters)"


def show(card: Card, record: dict | None = None, notes: dict | None = None) -> None:
    """
    Display a card, with the record of the answer in a separate MIME bundle; outside a notebook, show plain text.

    Parameters
    ----------
    record : dict, optional
        The record for programs (see mrskit.exercises.codec).
    notes : dict, optional
        Metadata of the output for the record: the setting, the digest of the cell.
    """
    from IPython import get_ipython
    from IPython.core.displaypub import CapturingDisplayPublisher
    from IPython.display import display

    shell = get_ipython()
    if shell is None:
        print(card.text())
        return
    bundle = {"text/plain": card.text(), "text/html": card.html()}
    if not record:
        display(bundle, raw=True)
        return
    content = {"data": bundle | {MIME: record}, "metadata": {"mrskit": notes or {}}}
    kernel = getattr(shell, "kernel", None)
    if kernel is not None and isinstance(shell.display_pub, CapturingDisplayPublisher):
        # %%capture hides the output of the cell; an answer without visible output would not be submitted
        kernel.session.send(kernel.iopub_socket, "display_data", content | {"transient": {}}, kernel.get_parent())
        return
    display(content["data"], raw=True, metadata=content["metadata"])


def _points(number: int) -> str:
    return f"{number} point{'' if number == 1 else 's'}"
