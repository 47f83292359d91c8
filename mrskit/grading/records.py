"""The data that the parts of grading exchange: a submission and the record of its run, without verdicts."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from mrskit import entries
from mrskit.exercises.outcomes import RUN, Outcome, outcome

SCHEMA = 1

WHY = {  # messages for missing answers, if the run gives no message
    Outcome.NOT_ANSWERED: "Nothing was handed in.",
    Outcome.MISSING: "the submission has no code cell for this exercise (Markdown and raw cells do not count)",
    Outcome.ERROR: "the cell stopped with an error before it handed in an answer",
    Outcome.NOT_REACHED: "the notebook stopped before this cell",
    Outcome.TIMEOUT: "the cell or the notebook ran longer than allowed",
    Outcome.LIMIT: "the run exceeded a limit (memory, disk, processes, output)",
    Outcome.INVALID_RECORD: "the submitted data are not a valid answer record",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """One code cell that the learner added."""

    after: str  # id of the release cell that it follows, "" at the top
    source: str


@dataclass(frozen=True, slots=True)
class Submission:
    """The content of one submitted notebook, read without running it."""

    student: str  # from the name of the file or folder; letters, digits, dot, dash, underscore
    lesson: str  # e.g. 06_analysis
    path: str  # of the notebook, relative to the folder of submissions; unique for a student and lesson
    digest: str  # SHA-256 of the file
    answers: Mapping[str, str] = field(default_factory=dict)  # exercise id -> source of the answer cell
    own: tuple[Cell, ...] = ()  # cells that the release does not have, in their order
    notes: tuple[str, ...] = ()  # notes for the instructor: duplicates, changed cells, missing cells
    files: Mapping[str, str] = field(default_factory=dict)  # the student's own data: name -> content in base64
    problem: str = ""  # the reason why the notebook cannot be run; then there are no answers
    modified: float = 0.0  # of the outermost layer, s since 1970; 0 if not known


@dataclass(frozen=True, slots=True)
class Given:
    """The result of a run for one exercise."""

    id: str
    outcome: Outcome  # one of RUN; only what is recorded goes to the judge
    record: dict | None = None  # as mrskit.exercises.codec.encode makes it, checked by decode; only if recorded
    message: str = ""  # for the learner: the error of the cell in one line, or the limit that was exceeded
    detail: str = ""  # for the instructor: an earlier failure of the course itself; then no point is lost

    def __post_init__(self) -> None:
        outcome(self.outcome, RUN)


@dataclass(frozen=True, slots=True)
class ProductFacts:
    """Facts about one product file in the notebook's scratch folder, from a sandboxed reader."""

    path: str  # relative to the workspace
    kind: str  # rate, rateints, cal, s3d, x1d, ...
    problem: str = ""  # why it could not be read
    shape: tuple[int, ...] = ()
    header: Mapping[str, str | int | float | bool] = field(default_factory=dict)  # keywords of the primary header
    values: Mapping[str, int | float] = field(default_factory=dict)  # e.g. median, finite share; NaN never


@dataclass(frozen=True, slots=True)
class Shown:
    """Output of a cell for the feedback: text cut to a limit, pictures encoded again by the kit."""

    id: str  # exercise
    text: str = ""
    pictures: tuple[str, ...] = ()  # base64 of PNG


@dataclass(frozen=True, slots=True)
class Record:
    """All results of a run in the sandbox: the judge and the reports see nothing else."""

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
        """Return the record from the output of `to_json`; ValueError with the faulty entry for anything else."""
        if not isinstance(table, dict) or table.get("schema") != SCHEMA:
            raise ValueError(f"not a record of schema {SCHEMA}: {str(table)[:60]!r}")
        return entries.read(table, Record)


@dataclass(frozen=True, slots=True)
class Timing:
    """The cost of a run; stored separately from the record, so that equal runs give equal records."""

    seconds: float
    peak_memory: float = 0.0  # bytes, if known
    warm: bool = False  # the kernel was forked from a process that had everything imported


def readable(text: str) -> str:
    """Return a text without terminal color codes and invisible characters."""
    parts = text.split("\x1b[")
    plain = parts[0] + "".join(part.lstrip("0123456789;?")[1:] for part in parts[1:])
    return "".join(letter for letter in plain if letter in "\n\t" or unicodedata.category(letter)[0] != "C")
