"""What the parts of grading hand to each other: a submission, and the record of its run. Verdicts are none of it."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from mrskit import entries
from mrskit.exercises.outcomes import RUN, Outcome, outcome

SCHEMA = 1

WHY = {  # there is no answer, where the run has not said it itself
    Outcome.NOT_ANSWERED: "Nothing was handed in.",
    Outcome.MISSING: "the submission has no code cell for this exercise (Markdown and raw cells do not count)",
    Outcome.ERROR: "the cell stopped with an error before it handed in an answer",
    Outcome.NOT_REACHED: "the notebook ended before this cell",
    Outcome.TIMEOUT: "the cell or the notebook took longer than allowed",
    Outcome.LIMIT: "the run went over a limit (memory, disk, processes, output)",
    Outcome.INVALID_RECORD: "what was handed in is no valid answer record",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """One code cell of a learner's own."""

    after: str  # id of the release cell that it follows, "" at the top
    source: str


@dataclass(frozen=True, slots=True)
class Submission:
    """What was taken from one submitted notebook, without running it."""

    student: str  # from the name of the file or folder; letters, digits, dot, dash, underscore
    lesson: str  # e.g. 06_analysis
    path: str  # of the notebook, relative to the folder of submissions; of a student and lesson no two are equal
    digest: str  # SHA-256 of the file
    answers: Mapping[str, str] = field(default_factory=dict)  # exercise id -> source of the answer cell
    own: tuple[Cell, ...] = ()  # cells that the release does not have, in their order
    notes: tuple[str, ...] = ()  # what an instructor should know: duplicates, changed cells, missing cells
    files: Mapping[str, str] = field(default_factory=dict)  # the student's own data: name -> content in base64
    problem: str = ""  # why nothing of it can be run; then there are no answers
    modified: float = 0.0  # of the outermost layer, s since 1970; 0 if not known


@dataclass(frozen=True, slots=True)
class Given:
    """What a run has left for one exercise."""

    id: str
    outcome: Outcome  # one of RUN; only what is recorded goes to the judge
    record: dict | None = None  # as mrskit.exercises.codec.encode makes it, checked by decode; only if recorded
    message: str = ""  # for the learner: the error of the cell in one line, the limit that was met
    detail: str = ""  # for the instructor: what failed of the course itself before it; then no point is lost

    def __post_init__(self) -> None:
        outcome(self.outcome, RUN)


@dataclass(frozen=True, slots=True)
class ProductFacts:
    """What a sandboxed reader has seen of one product file that the notebook made in its scratch."""

    path: str  # relative to the workspace
    kind: str  # rate, rateints, cal, s3d, x1d, ...
    problem: str = ""  # why it could not be read
    shape: tuple[int, ...] = ()
    header: Mapping[str, str | int | float | bool] = field(default_factory=dict)  # keywords of the primary header
    values: Mapping[str, int | float] = field(default_factory=dict)  # e.g. median, finite share; NaN never


@dataclass(frozen=True, slots=True)
class Shown:
    """What a cell has shown, for the feedback: text cut to a limit, pictures as the kit has encoded them anew."""

    id: str  # exercise
    text: str = ""
    pictures: tuple[str, ...] = ()  # base64 of PNG


@dataclass(frozen=True, slots=True)
class Record:
    """All that a run in the sandbox leaves: the judge and the reports see nothing else of it."""

    digest: str  # content address: grafted notebook, release, environment, data, seed, limits
    lesson: str
    isolation: str  # bubblewrap, landlock, rlimits or none
    given: tuple[Given, ...]
    seed: int = 0  # of the probes
    products: tuple[ProductFacts, ...] = ()
    shown: tuple[Shown, ...] = ()
    notes: tuple[str, ...] = ()  # suspicious or broken things seen during the run

    def to_json(self) -> dict:
        """Return the record as plain JSON values."""
        return {"schema": SCHEMA} | asdict(self)

    @staticmethod
    def from_json(table: object) -> Record:
        """Return the record of what `to_json` gave; ValueError, with the entry, for anything else."""
        if not isinstance(table, dict) or table.get("schema") != SCHEMA:
            raise ValueError(f"no record of schema {SCHEMA}: {str(table)[:60]!r}")
        return entries.read(table, Record)


@dataclass(frozen=True, slots=True)
class Timing:
    """What a run has cost; kept apart from the record, so that equal runs give equal records."""

    seconds: float
    peak_memory: float = 0.0  # bytes, where known
    warm: bool = False  # the kernel was forked from a process that had everything imported


def readable(text: str) -> str:
    """Return a text without the codes that colour terminals, and without characters that are not shown."""
    parts = text.split("\x1b[")
    plain = parts[0] + "".join(part.lstrip("0123456789;?")[1:] for part in parts[1:])
    return "".join(letter for letter in plain if letter in "\n\t" or unicodedata.category(letter)[0] != "C")
