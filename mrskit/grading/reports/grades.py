"""Grades: the judgements on a student's lessons with late penalties, as records for all reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime

from mrskit import __version__
from mrskit.exercises.outcomes import Outcome
from mrskit.grading.intake.roster import Person
from mrskit.grading.judging.judging import all_rows, unjudged
from mrskit.grading.records import Record, Submission
from mrskit.grading.rules import Rules, penalty
from mrskit.grading.verdicts import Judged, Judgement, ProductVerdict

GRADED, INCOMPLETE, NOT_HANDED_IN, UNREADABLE = "graded", "incomplete", "not handed in", "not readable"
NOTHING_RAN = "no answer cell ran"
_DID_NOT_RUN = {Outcome.ERROR, Outcome.NOT_REACHED, Outcome.TIMEOUT, Outcome.LIMIT}
SCHEMA = 1
PRACTICE = ("For practice only: the data were made with a seed that anybody can guess, so the truth, and with it many "
            "answers, can be computed at home.")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Adjusted:
    """A manual change by the instructor; visible to students."""

    exercise: str  # empty: the lesson as a whole
    points: str  # as the instructor wrote it: =3, +1, -2
    comment: str
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class LessonGrade:
    """The grade of one student for one lesson."""

    lesson: str
    status: str  # graded; incomplete: the grader failed somewhere; not handed in; not readable; no answer cell ran
    rows: tuple[Judged, ...]
    products: tuple[ProductVerdict, ...] = ()
    penalty: float = 0.0  # share of the points lost for being late
    submitted: str = ""  # ISO time, UTC
    path: str = ""  # of the notebook among the submissions
    isolation: str = ""
    record: str = ""  # its content address
    notes: tuple[str, ...] = ()
    adjusted: tuple[Adjusted, ...] = ()
    added: float = 0.0  # points from adjustments of the lesson as a whole

    @property
    def raw(self) -> float:
        """Points before the late penalty."""
        return sum(row.points for row in self.rows)

    @property
    def score(self) -> float:
        """Points, to a hundredth."""
        return round(self.raw * (1 - self.penalty) + self.added, 2)

    @property
    def most(self) -> float:
        """Points that can be earned."""
        return sum(row.points_max for row in self.rows)

    @property
    def unknown(self) -> float:
        """Points that could not be judged because the grader failed; 0 if an adjustment sets all points."""
        if any(not change.exercise and change.points.startswith("=") for change in self.adjusted):
            return 0.0
        return sum(row.unknown for row in self.rows)


@dataclass(frozen=True, slots=True)
class StudentGrade:
    """The grade of one student for all lessons."""

    student: str
    lessons: tuple[LessonGrade, ...]
    note: str = ""  # a note for every report
    about: Mapping[str, str] = field(default_factory=dict)  # the row of the roster, only for the instructor

    @property
    def score(self) -> float:
        """Points, to a hundredth."""
        return round(sum(item.score for item in self.lessons), 2)

    @property
    def most(self) -> float:
        """Points that can be earned."""
        return sum(item.most for item in self.lessons)

    @property
    def unknown(self) -> float:
        """Points that could not be judged because the grader failed."""
        return sum(item.unknown for item in self.lessons)

    @property
    def status(self) -> str:
        """The status that needs the most attention: incomplete, not readable, else graded."""
        found = {item.status for item in self.lessons}
        if found == {NOT_HANDED_IN}:
            return NOT_HANDED_IN
        return next((status for status in (INCOMPLETE, UNREADABLE, NOTHING_RAN) if status in found), GRADED)

    @property
    def isolation(self) -> str:
        """The sandboxes in which the notebooks ran."""
        return ", ".join(sorted({item.isolation for item in self.lessons} - {""})) or "no notebook was run"

    def to_json(self) -> dict:
        """Return the grade as plain JSON values, without the parts for the instructor."""
        sums = {"student": self.student, "name": self.about.get("name") or self.student, "status": self.status,
                "score": self.score, "max": _plain(self.most), "unknown": _plain(self.unknown),
                "isolation": self.isolation}  # fmt: skip
        sums |= {"note": self.note} if self.note else {}
        return {"schema": SCHEMA, "mrskit": __version__} | sums | {"lessons": [_lesson_json(i) for i in self.lessons]}


def lesson_grade(
    submission: Submission, judgement: Judgement, rules: Rules, handed_in: datetime | None, record: Record,
    extension: datetime | None = None,
) -> LessonGrade:  # fmt: skip
    """Return the grade of a judged submission."""
    lost = penalty(handed_in, rules.late, extension)
    outcomes = {row.outcome for row in judgement.rows} - {Outcome.MISSING}
    status = NOTHING_RAN if outcomes and outcomes <= _DID_NOT_RUN else GRADED
    status = INCOMPLETE if any(row.unknown for row in judgement.rows) else status
    extended = (f"the due date was extended to {extension.isoformat()}",) if extension else ()
    return LessonGrade(
        submission.lesson, status, judgement.rows, judgement.products, lost, iso(handed_in), submission.path,
        record.isolation, record.digest, (*extended, *submission.notes, *record.notes),
    )  # fmt: skip


def failed_run(submission: Submission, rules: Rules, reason: str) -> LessonGrade:
    """Return the grade for a notebook that the grader could not run: incomplete, no points are lost."""
    judged = unjudged(submission.lesson, rules, reason)
    return LessonGrade(submission.lesson, INCOMPLETE, judged.rows, path=submission.path, notes=submission.notes)


def unreadable(submission: Submission, rules: Rules) -> LessonGrade:
    """Return the grade of a submission that cannot be run: no points, and the reason as the first note."""
    rows = _lost(submission.lesson, rules, f"The notebook cannot be read: {submission.problem}")
    return LessonGrade(submission.lesson, UNREADABLE, rows, path=submission.path,
                       notes=(submission.problem, *submission.notes))  # fmt: skip


def not_handed_in(lesson: str, rules: Rules) -> LessonGrade:
    """Return the grade of a lesson that a student has not handed in."""
    return LessonGrade(lesson, NOT_HANDED_IN, _lost(lesson, rules, "The lesson was not handed in."))


def by_student(
    found: Mapping[tuple[str, str], LessonGrade], rules: Rules, note: str = "", people: Sequence[Person] = ()
) -> list[StudentGrade]:  # fmt: skip
    """
    Return the grades of all students, sorted by name, each with every lesson that is to be handed in.

    A lesson without a name is a file that was not recognised as a lesson. All ``people`` get a grade, even without a
    submission; ``note`` is printed in every report.
    """
    about = {person.student: person.about for person in people}
    lessons = rules.lessons or tuple(sorted({lesson for _, lesson in found if lesson}))
    grades = []
    for student in sorted({student for student, _ in found} | about.keys()):
        mine = [found.get((student, lesson)) or not_handed_in(lesson, rules) for lesson in lessons]
        strange = [found[student, ""]] if (student, "") in found else []
        others = [replace(item, rows=(), notes=(*item.notes, "this lesson does not count in this course"))
                  for (name, lesson), item in sorted(found.items())
                  if name == student and lesson and lesson not in lessons]  # fmt: skip
        grades.append(StudentGrade(student, (*mine, *strange, *others), note, about.get(student, {})))
    return grades


def _lost(lesson: str, rules: Rules, message: str) -> tuple[Judged, ...]:
    return tuple(Judged(*row, message) for row in (all_rows(lesson, rules, Outcome.MISSING) if lesson else ()))


def _lesson_json(item: LessonGrade) -> dict:
    rows = [
        {"id": row.id, "title": row.title, "outcome": row.outcome, "points": _plain(row.points),
         "max": _plain(row.points_max), "message": row.message, "misconception": row.misconception, "hint": row.hint}
        for row in item.rows
    ]  # fmt: skip
    products = [{"path": made.path, "kind": made.kind, "problems": list(made.problems)} for made in item.products]
    return {
        "lesson": item.lesson, "status": item.status, "score": item.score, "raw": _plain(item.raw),
        "penalty": item.penalty, "max": _plain(item.most), "unknown": _plain(item.unknown),
        "submitted": item.submitted, "path": item.path, "isolation": item.isolation, "record": item.record,
        "notes": list(item.notes), "exercises": rows, "products": products,
        "adjusted": [asdict(change) for change in item.adjusted],
    }  # fmt: skip


def moment(seconds: float) -> datetime | None:
    """Return a time in UTC; None if it is missing or outside the years of the calendar."""
    try:
        return datetime.fromtimestamp(seconds, UTC) if seconds else None
    except (OverflowError, ValueError, OSError):
        return None


def iso(moment: datetime | None) -> str:
    """Return a time as text in UTC; empty if it is missing."""
    return "" if moment is None else moment.astimezone(UTC).isoformat(timespec="seconds")


def _plain(number: float) -> int | float:
    """Return a number without rounding errors; an integer for whole numbers."""
    rounded = round(number, 4)
    return int(rounded) if rounded == int(rounded) else rounded
