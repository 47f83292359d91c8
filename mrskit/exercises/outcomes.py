"""The possible outcomes of an exercise, as stored in files and as shown to people; without imports."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """The outcome of an exercise. The values are stored in files: answers, progress, scorecards, records, grades."""

    PASSED = "passed"
    PARTIAL = "partial"
    FAILED = "failed"
    NOT_ANSWERED = "not answered"  # the cell ran, and '...' or nothing was handed in
    MISSING = "missing"
    ERROR = "error"
    NOT_REACHED = "not reached"
    TIMEOUT = "timeout"
    LIMIT = "limit"
    INVALID = "invalid"  # says the judge: unit, shape or function fit no answer to this exercise
    INVALID_RECORD = "invalid record"  # says grading, of this and of records that are none
    RECORDED = "recorded"  # says a run of grading: there is an answer, which the judge has yet to see
    UNJUDGED = "unjudged"  # says the judge: it lacks the truth or a product, or failed
    GRADER_ERROR = "grader error"  # says grading, where the key should have it all


JUDGED = (
    Outcome.PASSED, Outcome.PARTIAL, Outcome.FAILED, Outcome.NOT_ANSWERED, Outcome.INVALID, Outcome.UNJUDGED,
)  # fmt: skip  # what the judge says, hence what learners see
LOST = (
    Outcome.MISSING, Outcome.ERROR, Outcome.NOT_REACHED, Outcome.TIMEOUT, Outcome.LIMIT, Outcome.INVALID_RECORD,
)  # fmt: skip  # a run of grading has no answer, and not because none was handed in
RUN = (Outcome.RECORDED, Outcome.NOT_ANSWERED, *LOST)  # what a run of grading says
GRADES = (
    Outcome.PASSED, Outcome.PARTIAL, Outcome.FAILED, Outcome.NOT_ANSWERED, *LOST, Outcome.GRADER_ERROR,
)  # fmt: skip  # what stands in a grade, in the order of the class page


@dataclass(frozen=True, slots=True)
class Look:
    """The appearance of an outcome: symbol and words suffice, and colour is optional."""

    symbol: str
    words: str  # to a learner at work
    graded: str  # in a grade, where there is no next try
    brief: str  # in lists, at most nine characters
    border: str = "dotted"  # of a card
    colour: str = "#57606a"


LOOKS = {
    Outcome.PASSED: Look("✓", "Right", "Right", "right", "solid", "#1a7f37"),
    Outcome.PARTIAL: Look("◐", "Partly right", "Partly right", "partly", "dashed", "#9a6700"),
    Outcome.FAILED: Look("✗", "Not yet", "Not right", "not yet", "dashed", "#b35900"),
    Outcome.NOT_ANSWERED: Look("…", "Not answered yet", "Not answered", "open"),
    Outcome.MISSING: Look("∅", "Cell missing", "Cell missing", "no cell"),
    Outcome.ERROR: Look("!", "Stopped with an error", "Stopped with an error", "stopped"),
    Outcome.NOT_REACHED: Look("⊣", "Not reached", "Not reached", "not run"),
    Outcome.TIMEOUT: Look("◷", "Took too long", "Took too long", "too long"),
    Outcome.LIMIT: Look("▲", "Went over a limit", "Went over a limit", "too much"),
    Outcome.INVALID: Look("!", "Cannot be judged as it is", "No valid answer", "unusable", "double", "#a40e26"),
    Outcome.INVALID_RECORD: Look("?", "No valid answer", "No valid answer", "invalid", "double", "#a40e26"),
    Outcome.RECORDED: Look("○", "Recorded", "Recorded", "recorded", colour="#0550ae"),
    Outcome.UNJUDGED: Look("○", "Recorded", "Not judged", "recorded", colour="#0550ae"),
    Outcome.GRADER_ERROR: Look("⚠", "Not judged: error of the grader", "Not judged: error of the grader", "unknown"),
}


def outcome(text: object, expected: Collection[Outcome]) -> Outcome:
    """Return the outcome that a file names; ValueError if the file must not contain this outcome."""
    if isinstance(text, str) and text in expected:
        return Outcome(text)
    raise ValueError(f"no outcome {text!r:.60}: expected one of {', '.join(expected)}")
