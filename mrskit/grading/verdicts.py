"""Verdicts of grading: what a record earns, and the words for what became of an exercise."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from mrskit import entries
from mrskit.grading.records import NOT_ANSWERED

PASSED, PARTIAL, FAILED, GRADER_ERROR = "passed", "partial", "failed", "grader error"
# outcome -> symbol, words: readable without colour
LOOKS = {
    PASSED: ("✓", "Right"),
    PARTIAL: ("◐", "Partly right"),
    FAILED: ("✗", "Not right"),
    NOT_ANSWERED: ("…", "Not answered"),
    "missing": ("∅", "Cell missing"),
    "error": ("!", "Stopped with an error"),
    "not reached": ("⊣", "Not reached"),
    "timeout": ("◷", "Took too long"),
    "limit": ("▲", "Went over a limit"),
    "invalid record": ("?", "No valid answer"),
    GRADER_ERROR: ("⚠", "Not judged: error of the grader"),
}


@dataclass(frozen=True, slots=True)
class Judged:
    """The verdict on one exercise, product or test of an instructor."""

    id: str
    title: str
    outcome: str  # a key of LOOKS
    points: int | float
    points_max: int | float
    message: str  # for the learner; no expected value is in it
    misconception: str | None = None
    hint: str = ""  # for the learner, if it is not passed
    detail: str = ""  # for the instructor alone

    def __post_init__(self) -> None:
        if self.outcome not in LOOKS:
            raise ValueError(f"outcome is {self.outcome!r}, expected one of {', '.join(LOOKS)}")

    @property
    def unknown(self) -> float:
        """Points of which nobody knows whether they were earned, because the grader failed."""
        return self.points_max if self.outcome == GRADER_ERROR else 0.0


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


def grader_error(rows: tuple[Judged, ...], detail: str) -> Judgement:
    """Return the judgement where the judge could not do its work: no point is lost, and the total is incomplete."""
    message = "The grader could not judge this. Your instructor sees it on top of the class page."
    return Judgement(tuple(
        Judged(row.id, row.title, GRADER_ERROR, 0.0, row.points_max, message, detail=detail) for row in rows
    ))  # fmt: skip
