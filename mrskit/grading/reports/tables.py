"""Tables that spreadsheets and learning platforms read: the gradebook, and the account of all files, as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from mrskit.exercises.outcomes import Outcome
from mrskit.grading.intake.accounts import Row
from mrskit.grading.reports.grades import StudentGrade, iso, moment

_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")  # with these a spreadsheet begins to compute
_HEAD = ("status", "score", "max", "percent", "unknown", "adjusted", "isolation")


def gradebook(grades: Sequence[StudentGrade]) -> str:
    """
    Return the gradebook as CSV: one row a student; what the roster says, sums, one column a lesson, one an exercise.

    ``max`` and ``percent`` count every exercise. Where the grader has failed the status is ``incomplete``, ``unknown``
    says how many points are open, and percentage and cell of the exercise are empty. ``note`` is a column only where
    every report has to say something.
    """
    lessons = _ordered(lesson.lesson for grade in grades for lesson in grade.lessons if lesson.lesson)
    columns = _ordered((lesson.lesson, row.id) for grade in grades for lesson in grade.lessons for row in lesson.rows)
    about = list(dict.fromkeys(name for grade in grades if "student" in grade.about for name in grade.about))
    about = [name for name in about if name and name not in ("student", "note", *_HEAD)]
    head = ["student", *about, *_HEAD]
    head += ["note"] if any(grade.note for grade in grades) else []
    rows: list[Sequence[object]] = [[cell(text) for text in (*head, *lessons, *(name for _, name in columns))]]
    for grade in grades:
        percent = number(100 * grade.score / grade.most) if grade.most and not grade.unknown else ""
        scores = {lesson.lesson: number(lesson.score) for lesson in grade.lessons}
        points = {(lesson.lesson, row.id): "" if row.outcome == Outcome.GRADER_ERROR else number(row.points)
                  for lesson in grade.lessons for row in lesson.rows}  # fmt: skip
        sums = [number(grade.score), number(grade.most), percent, number(grade.unknown)]
        rows.append([
            cell(grade.about.get("student", grade.student)), *(cell(grade.about.get(name, "")) for name in about),
            cell(grade.status), *sums, cell(adjusted(grade)), cell(grade.isolation),
            *([cell(grade.note)] if "note" in head else []),
            *(scores.get(name, "") for name in lessons), *(points.get(name, "") for name in columns),
        ])  # fmt: skip
    return csv_text(rows)


def adjusted(grade: StudentGrade) -> str:
    """Return in one line what an instructor has changed of a grade by hand."""
    return "; ".join(f"{change.exercise or lesson.lesson}: {change.points}"
                     for lesson in grade.lessons for change in lesson.adjusted)  # fmt: skip


def intake(rows: Sequence[Row]) -> str:
    """Return what became of everything that was found, as CSV: one row for each file."""
    head = ["path", "status", "student", "lesson", "attempt", "time", "read as", "reason"]
    return csv_text([head, *([cell(row.path), row.status, cell(row.student), row.lesson, row.attempt or "",
                              iso(moment(row.modified)), row.layout, cell(row.reason)] for row in rows)])  # fmt: skip


def csv_text(rows: Iterable[Sequence[object]]) -> str:
    """Return rows as CSV."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    return buffer.getvalue()


def cell(text: str) -> str:
    """Return a text, in one line, that no spreadsheet takes for a formula: an apostrophe stands before such a one."""
    line = "".join(" " if letter.isspace() or not letter.isprintable() else letter for letter in text)
    return f"'{line}" if line.lstrip().startswith(_FORMULA) else line


def number(value: float) -> str:
    """Return a number with at most two decimals."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _ordered(items: Iterable) -> list:
    """Return the items once each, as they are sorted by lesson and else as they came."""
    kept = dict.fromkeys(items)
    return sorted(kept, key=lambda item: item if isinstance(item, str) else item[0])
