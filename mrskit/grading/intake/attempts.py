"""Selection among several notebooks from the same student for the same lesson."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from mrskit.grading.intake import cells
from mrskit.grading.intake.release import release
from mrskit.grading.records import Submission
from mrskit.grading.rules import ATTEMPTS

NEWEST, BEST, FIRST = ATTEMPTS
MOST_TOLD = 20  # unused attempts whose reasons are in the notes; the account of files lists all attempts


def groups(submissions: Sequence[Submission]) -> list[list[Submission]]:
    """Return all attempts of each student and lesson, oldest first."""
    found: dict[tuple[str, str], list[Submission]] = {}
    for item in sorted(submissions, key=lambda item: (item.lesson, item.student, item.modified, item.path)):
        found.setdefault((item.student, item.lesson), []).append(item)
    return list(found.values())


def to_run(group: Sequence[Submission], rule: str) -> list[Submission]:
    """Return the attempts that must be run to choose one: for the rule "best" all candidates, else a single attempt."""
    if rule == BEST:
        return [item for item in group if _rank(item) == _rank(max(group, key=_rank))]
    sign = -1 if rule == FIRST else 1
    return [max(group, key=lambda item: (_rank(item), sign * item.modified, answered(item), item.path))]


def chosen(group: Sequence[Submission], rule: str, points: Callable[[Submission], float]) -> Submission:
    """
    Return the attempt that counts by a rule of `ATTEMPTS`, with a note on each other attempt.

    A readable attempt always comes before an unreadable one, and a notebook with an answer before an unchanged one. If
    two attempts have the same time, the attempt with more answers counts, then the last by name.
    """
    some = to_run(group, rule)
    one = max(some, key=lambda item: (points(item), -item.modified)) if rule == BEST else some[0]
    others = [f"{item.path}: not used, {why_not(item, one, rule)}" for item in group if item is not one]
    more = [f"and {len(others) - MOST_TOLD} other attempts"] if len(others) > MOST_TOLD else []
    return replace(one, notes=(*one.notes, *others[:MOST_TOLD], *more))


def why_not(item: Submission, counting: Submission, rule: str) -> str:
    """Return the reason why an attempt does not count and the other one does."""
    if item.problem:
        return item.problem
    if _rank(item) < _rank(counting):
        return "this notebook is unchanged from the release"
    if rule == BEST:
        return "no more points than the attempt that counts"
    if item.modified == counting.modified:
        fewer = answered(item) < answered(counting)
        return "of the same time; " + (
            "the attempt with more answers counts" if fewer else "the last by its name counts"
        )
    return f"another attempt is {'older' if rule == FIRST else 'newer'}"


def answered(item: Submission) -> int:
    """Return the number of answer cells that differ from the release."""
    shipped = {step.exercise: step.source for step in release(item.lesson)} if item.answers else {}
    return sum(not cells.same(text, shipped.get(name, "")) for name, text in item.answers.items())


def _rank(item: Submission) -> int:
    return 0 if item.problem else 2 if answered(item) or any(cell.source.strip() for cell in item.own) else 1
