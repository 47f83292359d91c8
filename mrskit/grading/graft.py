"""The notebook that is run: the release as skeleton, and in it a learner's answers and own cells."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from mrskit.errors import GradingError
from mrskit.grading import cells
from mrskit.grading.cells import CodeCell
from mrskit.grading.records import Submission
from mrskit.lessons.index import notebook_path, read_notebook

ALIKE = 0.5  # share of equal lines from which a cell without an id is a changed cell of the release
MOST_LINES = 100  # of a cell that are compared so
_NAME_OF = "injected-parameters"  # id of the cell that follows the parameters


@dataclass(frozen=True, slots=True)
class Step:
    """One code cell of a notebook that is run."""

    id: str  # of the cell in the release; empty for a learner's own
    source: str
    exercise: str = ""  # what it may hand in; nothing else hands in anything
    handed_in: bool = False  # the source is the learner's
    parameters: bool = False


@lru_cache(maxsize=16)
def release(lesson: str) -> tuple[Step, ...]:
    """
    Return the code cells of a lesson as learners get it.

    Raises
    ------
    LessonError
        If there is no such lesson.
    """
    notebook = read_notebook(notebook_path(lesson))
    return tuple(
        Step(cell.id, cell.source, cell.metadata.get("mrskit", {}).get("exercise", ""),
             parameters="parameters" in cell.metadata.get("tags", []))
        for cell in notebook.cells if cell.cell_type == "code"
    )  # fmt: skip


def grafted(submission: Submission, parameters: Mapping[str, object]) -> tuple[Step, ...]:
    """
    Return the cells to run: of the release, with a submission's answers in the place of its own.

    Where the submission has no cell for an exercise, the release's own runs, so that later cells find its names; it
    counts as missing all the same.

    Parameters
    ----------
    submission : Submission
        One without a problem.
    parameters : mapping
        Values of the lesson's parameters, set in a cell of their own behind the release's. They come from the
        instructor: of a submission neither parameters nor tags are used.

    Raises
    ------
    GradingError
        If the lesson has no such parameter, or a value is no plain text, number or truth value.
    """
    own: dict[str, list[str]] = {}
    for cell in submission.own:
        own.setdefault(cell.after, []).append(cell.source)
    steps = [Step("", source, handed_in=True) for source in own.get("", ())]
    for step in release(submission.lesson):
        if step.exercise in submission.answers:
            step = replace(step, source=submission.answers[step.exercise], handed_in=True)
        steps.append(step)
        if step.parameters and parameters:
            steps.append(Step(_NAME_OF, _assignments(step, parameters)))
        steps += [Step("", source, handed_in=True) for source in own.get(step.id, ())]
    return tuple(steps)


def match(cell: CodeCell, steps: tuple[Step, ...], by_likeness: bool) -> Step | None:
    """
    Return the cell of the release that a submitted one is, perhaps changed; None for a learner's own.

    By the id of the notebook format, else by equal source, else, where ids were lost in saving, by likeness.
    """
    for step in steps:
        if step.id == cell.id and not step.exercise:
            return step
    for step in steps:
        if cells.same(step.source, cell.source):
            return step
    return _alike(cell, steps) if by_likeness else None


def kept_ids(handed: tuple[CodeCell, ...], steps: tuple[Step, ...]) -> bool:
    """Return whether a submission still has the cell ids of the release; some programs drop or renew them."""
    return not {cell.id for cell in handed}.isdisjoint(step.id for step in steps)


def label(step: Step) -> str:
    """Return how a cell of the release is called in messages: its first line of code."""
    if step.parameters:
        return "the parameters"
    lines = [line.strip() for line in step.source.splitlines() if line.strip() and not line.strip().startswith("#")]
    return f"the cell '{(lines or [step.id])[0]:.60}'"


def _alike(cell: CodeCell, steps: tuple[Step, ...]) -> Step | None:
    """Return the cell of the release with which a cell shares most lines, None below the share `ALIKE`."""
    lines = cells.normal(cell.source).splitlines()[:MOST_LINES]
    best, share = None, ALIKE
    for step in steps:
        common = difflib.SequenceMatcher(None, lines, cells.normal(step.source).splitlines(), autojunk=False)
        if not step.exercise and common.ratio() >= share:
            best, share = step, common.ratio()
    return best


def _assignments(step: Step, parameters: Mapping[str, object]) -> str:
    declared = {line.split("=")[0].strip() for line in step.source.splitlines() if "=" in line}
    if unknown := sorted(parameters.keys() - declared):
        raise GradingError(f"the lesson has no parameter {', '.join(unknown)}; it declares "
                           f"{', '.join(sorted(declared))}", unknown=unknown)  # fmt: skip
    wrong = [name for name, value in parameters.items() if not isinstance(value, str | int | float)]
    if wrong:
        raise GradingError(f"the value of {', '.join(wrong)} is no text, number or truth value", wrong=wrong)
    return "\n".join(f"{name} = {value!r}" for name, value in parameters.items())
