"""Which of several notebooks of a student and lesson counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from mrskit.grading.intake import cells
from mrskit.grading.intake.release import release
from mrskit.grading.records import Submission
from mrskit.grading.rules import ATTEMPTS

NEWEST, BEST, FIRST = ATTEMPTS
MOST_TOLD = 20  # attempts of which the notes tell why they do not count; the account of all files has every one


def groups(submissions: Sequence[Submission]) -> list[list[Submission]]:
    """Return all attempts of each student and lesson, oldest first."""
    found: dict[tuple[str, str], list[Submission]] = {}
    for item in sorted(submissions, key=lambda item: (item.lesson, item.student, item.modified, item.path)):
        found.setdefault((item.student, item.lesson), []).append(item)
    return list(found.values())


def to_run(group: Sequence[Submission], rule: str) -> list[Submission]:
    """Return the attempts that have to be run to find the one that counts: all that may be best, else one."""
    if rule == BEST:
        return [item for item in group if _rank(item) == _rank(max(group, key=_rank))]
    sign = -1 if rule == FIRST else 1
    return [max(group, key=lambda item: (_rank(item), sign * item.modified, answered(item), item.path))]


def chosen(group: Sequence[Submission], rule: str, points: Callable[[Submission], float]) -> Submission:
    """
    Return the attempt that counts by a rule of `ATTEMPTS`, with a note on each of the others.

    An attempt that cannot be read never counts where another one can, and a notebook as it was released never where
    another one holds an answer. Of attempts of one time the one with more answers counts, then the last by its name.
    """
    some = to_run(group, rule)
    one = max(some, key=lambda item: (points(item), -item.modified)) if rule == BEST else some[0]
    others = [f"{item.path}: not used, {why_not(item, one, rule)}" for item in group if item is not one]
    more = [f"and {len(others) - MOST_TOLD} other attempts"] if len(others) > MOST_TOLD else []
    return replace(one, notes=(*one.notes, *others[:MOST_TOLD], *more))


def why_not(item: Submission, counting: Submission, rule: str) -> str:
    """Return why an attempt does not count beside another one."""
    if item.problem:
        return item.problem
    if _rank(item) < _rank(counting):
        return "it is as it was released"
    if rule == BEST:
        return "no more points than the attempt that counts"
    if item.modified == counting.modified:
        fewer = answered(item) < answered(counting)
        return "of the same time; " + (
            "the attempt with more answers counts" if fewer else "the last by its name counts"
        )
    return f"another attempt is {'older' if rule == FIRST else 'newer'}"


def answered(item: Submission) -> int:
    """Return how many answer cells are not as they were released."""
    shipped = {step.exercise: step.source for step in release(item.lesson)} if item.answers else {}
    return sum(not cells.same(text, shipped.get(name, "")) for name, text in item.answers.items())


def _rank(item: Submission) -> int:
    return 0 if item.problem else 2 if answered(item) or any(cell.source.strip() for cell in item.own) else 1
