"""Conversion of a run's results into the parts of a record, with checks of all untrusted data."""

from __future__ import annotations

import json
import signal
from collections.abc import Mapping

from mrskit.course import index
from mrskit.error_hints import PACKAGES
from mrskit.errors import AnswerError
from mrskit.exercises.codec import LIMIT, decode, encode
from mrskit.exercises.outcomes import Outcome
from mrskit.grading.intake.release import Step
from mrskit.grading.records import Given, ProductFacts, Shown, readable
from mrskit.grading.run import kernel_messages

LONGEST_TEXT = 2000  # characters that are kept of what a cell shows
LONGEST_MESSAGE = 300
_FULL = ("No space left on device", "File too large", "Too many open files", "Resource temporarily unavailable",
         "can't start new thread", "Disk quota exceeded")  # fmt: skip
_SIGNALS = {item.value for item in signal.Signals}


def exercises(seen: kernel_messages.Seen, lesson: str) -> set[str]:
    """Return the exercises for which a cell has handed in an answer, whatever exercise the cell belongs to."""
    ids = {record["id"] for record in seen.records if isinstance(record, dict) and isinstance(record.get("id"), str)}
    return ids & {exercise.id for exercise in index.lesson_exercises(lesson)}


def given(name: str, seen: kernel_messages.Seen) -> Given:
    """Return the answer handed in by the cell of an exercise; its last record counts."""
    if seen.records:
        mine = [record for record in seen.records if isinstance(record, dict) and record.get("id") == name]
        return _recorded(name, (mine or seen.records)[-1])
    message = readable(f"{seen.error[0]}: {seen.error[1]}")[:LONGEST_MESSAGE] if seen.error else ""
    if seen.error and seen.error[0] == "ModuleNotFoundError":
        message = f"{message}. {PACKAGES}"[:LONGEST_MESSAGE]
    if seen.state == kernel_messages.TIMEOUT:
        return Given(name, Outcome.TIMEOUT, message="The cell was stopped: it took too long.")
    if seen.state == kernel_messages.FLOOD or seen.lost or (seen.cut and seen.error is None):
        return Given(name, Outcome.LIMIT, message="The cell showed more than is allowed, or what nobody can read.")
    if seen.state == kernel_messages.DEAD:
        return ended(name)
    if seen.error is None:
        return Given(name, Outcome.NOT_ANSWERED)
    full = seen.error[0] == "MemoryError" or any(text in seen.error[1] for text in _FULL)
    return Given(name, Outcome.LIMIT if full else Outcome.ERROR, message=message)


def why_broken(seen: kernel_messages.Seen, left: Mapping) -> str:
    """Return the reason why a kernel can no longer be used, from its last cell and its end."""
    code = left.get("exit")
    if seen.quits:
        return "quit() or exit() ended the kernel"
    if seen.state != kernel_messages.DEAD:
        return "a cell could not be stopped"
    if left.get("full"):
        return "the notebook wrote more than its room on the disk"
    if left.get("out_of_memory") and code == -signal.SIGKILL:
        return "the notebook went over its memory"
    if not isinstance(code, int):
        return "the kernel did not answer any more"
    if code >= 0:
        return f"the kernel ended with exit code {code}"
    return f"the kernel was ended by the signal {signal.Signals(-code).name if -code in _SIGNALS else -code}"


def ended(name: str, why: str = "the kernel ended") -> Given:
    """Return the result of an exercise whose cell ended the kernel before it handed in an answer."""
    outcome = Outcome.LIMIT if why.endswith(("memory", "disk")) else Outcome.ERROR
    return Given(name, outcome, message=f"In this cell {why}.")


def _recorded(name: str, record: object) -> Given:
    try:
        if not isinstance(record, dict) or record.get("id") != name:
            raise AnswerError("it belongs to another exercise")
        if len(json.dumps(record)) > LIMIT:
            raise AnswerError(f"it has more than {LIMIT} bytes")
        answer = decode(record, index.exercise(name))
        if answer.kind != answer.asked.kind:
            raise AnswerError(f"it is a {answer.kind}, expected a {answer.asked.kind}")
        clean = encode(answer)
    except (AnswerError, RecursionError, ValueError, TypeError, OverflowError) as error:
        return Given(name, Outcome.INVALID_RECORD, message=readable(str(error))[:LONGEST_MESSAGE])
    return Given(name, Outcome.RECORDED if clean["value"] is not None else Outcome.NOT_ANSWERED, clean)


def in_order(given: dict[str, Given], lesson: str) -> tuple[Given, ...]:
    return tuple(given[exercise.id] for exercise in index.lesson_exercises(lesson) if exercise.id in given)


def products(found: object) -> tuple[ProductFacts, ...]:
    """Return the facts from the sandboxed reader after a check of these untrusted data."""
    facts = []
    for item in found if isinstance(found, list) else ():
        try:
            shape = tuple(int(n) for n in item.get("shape", ())[:8])
            header = {str(key)[:16]: value if isinstance(value, bool | int | float) else str(value)[:80]
                      for key, value in list(item.get("header", {}).items())[:200]}  # fmt: skip
            values = {str(key)[:16]: float(value) for key, value in list(item.get("values", {}).items())[:20]}
            facts.append(ProductFacts(readable(str(item["path"]))[:200], readable(str(item["kind"]))[:32],
                                      readable(str(item["problem"]))[:200], shape, header, values))  # fmt: skip
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
            continue
    return tuple(facts)


def shown(texts: Mapping[str, tuple[str, int]], count: int, pictures: object) -> tuple[Shown, ...]:
    given = pictures if isinstance(pictures, list | tuple) else ()
    clean = [item if isinstance(item, str) and item.isascii() else "" for item in given]
    clean += [""] * (count - len(clean))
    found, start = [], 0
    for name, (text, number) in texts.items():
        mine = tuple(filter(None, clean[start : start + number]))
        start += number
        if text or mine:
            found.append(Shown(name, text, mine))
    return tuple(found)


def named(step: Step) -> str:
    return step.exercise or ("a cell of the learner's own" if step.handed_in else "a cell of the release")
