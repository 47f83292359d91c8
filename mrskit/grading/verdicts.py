"""Verdicts of grading: the points for a record."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from mrskit import entries
from mrskit.exercises.outcomes import GRADES, Outcome, outcome

UNJUDGED = "The grader could not judge this answer. Your instructor sees this at the top of the class page."
# Two outcomes have different names: one name from the judge of lessons in files of workspaces, the other in
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
    message: str  # for the learner; contains no expected value
    misconception: str | None = None
    hint: str = ""  # for the learner, if the exercise is not passed
    detail: str = ""  # only for the instructor

    def __post_init__(self) -> None:
        outcome(self.outcome, GRADES)

    @property
    def unknown(self) -> float:
        """Points that could not be judged because the grader failed."""
        return self.points_max if self.outcome == Outcome.GRADER_ERROR else 0.0


@dataclass(frozen=True, slots=True)
class ProductVerdict:
    """The result for one product of the notebook; without problems, the product is sound."""

    path: str
    kind: str
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Judgement:
    """All verdicts of the judge on one record."""

    rows: tuple[Judged, ...]
    products: tuple[ProductVerdict, ...] = ()

    def to_json(self) -> dict:
        """Return the judgement as plain JSON values."""
        return asdict(self)

    @staticmethod
    def from_json(table: object) -> Judgement:
        """Return the judgement from the output of `to_json`; ValueError with the faulty entry for anything else."""
        return entries.read(table, Judgement)


def graded(result: Outcome) -> Outcome:
    """Return the outcome of a grade for an outcome of the judge of lessons."""
    return _OF_THE_JUDGE.get(result, result)
