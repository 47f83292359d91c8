"""Verdicts of grading: what a record earns."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from mrskit import entries
from mrskit.exercises.outcomes import GRADES, Outcome, outcome

UNJUDGED = "The grader could not judge this. Your instructor sees it on top of the class page."
# The judge of lessons and a grade say two things in different words: the one in files of workspaces, the other in
# records and grades.
_OF_THE_JUDGE = {Outcome.INVALID: Outcome.INVALID_RECORD, Outcome.UNJUDGED: Outcome.GRADER_ERROR}


@dataclass(frozen=True, slots=True)
class Judged:
    """The verdict on one exercise, product or test of an instructor."""

    id: str
    title: str
    outcome: Outcome  # one of GRADES
    points: int | float
    points_max: int | float
    message: str  # for the learner; no expected value is in it
    misconception: str | None = None
    hint: str = ""  # for the learner, if it is not passed
    detail: str = ""  # for the instructor alone

    def __post_init__(self) -> None:
        outcome(self.outcome, GRADES)

    @property
    def unknown(self) -> float:
        """Points of which nobody knows whether they were earned, because the grader failed."""
        return self.points_max if self.outcome == Outcome.GRADER_ERROR else 0.0


@dataclass(frozen=True, slots=True)
class ProductVerdict:
    """What is to be said about one product that the notebook made; no problems means that it is sound."""

    path: str
    kind: str
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Judgement:
    """Everything the judge says of one record."""

    rows: tuple[Judged, ...]
    products: tuple[ProductVerdict, ...] = ()

    def to_json(self) -> dict:
        """Return the judgement as plain JSON values."""
        return asdict(self)

    @staticmethod
    def from_json(table: object) -> Judgement:
        """Return the judgement of what `to_json` gave; ValueError, with the entry, for anything else."""
        return entries.read(table, Judgement)


def graded(result: Outcome) -> Outcome:
    """Return what a grade says where the judge of lessons says this."""
    return _OF_THE_JUDGE.get(result, result)
