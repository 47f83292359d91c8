"""Tables for spreadsheets and learning platforms: the gradebook and the account of all files, as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from mrskit.exercises.outcomes import Outcome
from mrskit.grading.intake.accounts import Row
from mrskit.grading.reports.grades import StudentGrade, iso, moment

_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")  # first characters of a formula in a spreadsheet
_HEAD = ("status", "score", "max", "percent", "unknown", "adjusted", "isolation")


def gradebook(grades: Sequence[StudentGrade]) -> str:
    """
    Return the gradebook as CSV: one row per student; roster columns, sums, one column per lesson and exercise.

    ``max`` and ``percent`` count every exercise. If the grader failed, the status is ``incomplete`` and ``unknown``
    gives the undecided points. The percentage and the exercise's cell are then empty. There is a column ``note`` only
    if every report has a note.
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
    """Return in one line the manual changes of a grade by the instructor."""
    return "; ".join(f"{change.exercise or lesson.lesson}: {change.points}"
                     for lesson in grade.lessons for change in lesson.adjusted)  # fmt: skip


def intake(rows: Sequence[Row]) -> str:
    """Return the status of all files as CSV: one row per file."""
    head = ["path", "status", "student", "lesson", "attempt", "time", "read as", "reason"]
    return csv_text([head, *([cell(row.path), row.status, cell(row.student), row.lesson, row.attempt or "",
                              iso(moment(row.modified)), row.layout, cell(row.reason)] for row in rows)])  # fmt: skip


def csv_text(rows: Iterable[Sequence[object]]) -> str:
    """Return rows as CSV."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    return buffer.getvalue()


def cell(text: str) -> str:
    """Return a text in one line; if a spreadsheet could read it as a formula, an apostrophe is put in front."""
    line = "".join(" " if letter.isspace() or not letter.isprintable() else letter for letter in text)
    return f"'{line}" if line.lstrip().startswith(_FORMULA) else line


def number(value: float) -> str:
    """Return a number with at most two decimals."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _ordered(items: Iterable) -> list:
    """Return the items without duplicates, sorted by lesson and otherwise in the original order."""
    kept = dict.fromkeys(items)
    return sorted(kept, key=lambda item: item if isinstance(item, str) else item[0])
