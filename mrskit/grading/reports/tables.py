"""Grades for programs: the gradebook as CSV, and JUnit XML of one student."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from xml.etree import ElementTree

from mrskit.exercises.outcomes import LOOKS, Outcome
from mrskit.grading.intake.accounts import Row
from mrskit.grading.reports.grades import LessonGrade, StudentGrade, iso, moment
from mrskit.grading.verdicts import Judged

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
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    about = list(dict.fromkeys(name for grade in grades if "student" in grade.about for name in grade.about))
    about = [name for name in about if name and name not in ("student", "note", *_HEAD)]
    head = ["student", *about, *_HEAD]
    head += ["note"] if any(grade.note for grade in grades) else []
    writer.writerow([cell(text) for text in (*head, *lessons, *(name for _, name in columns))])
    for grade in grades:
        percent = number(100 * grade.score / grade.most) if grade.most and not grade.unknown else ""
        scores = {lesson.lesson: number(lesson.score) for lesson in grade.lessons}
        points = {(lesson.lesson, row.id): "" if row.outcome == Outcome.GRADER_ERROR else number(row.points)
                  for lesson in grade.lessons for row in lesson.rows}  # fmt: skip
        sums = [number(grade.score), number(grade.most), percent, number(grade.unknown)]
        writer.writerow([
            cell(grade.about.get("student", grade.student)), *(cell(grade.about.get(name, "")) for name in about),
            cell(grade.status), *sums, cell(adjusted(grade)), cell(grade.isolation),
            *([cell(grade.note)] if "note" in head else []),
            *(scores.get(name, "") for name in lessons), *(points.get(name, "") for name in columns),
        ])  # fmt: skip
    return buffer.getvalue()


def adjusted(grade: StudentGrade) -> str:
    """Return in one line what an instructor has changed of a grade by hand."""
    return "; ".join(f"{change.exercise or lesson.lesson}: {change.points}"
                     for lesson in grade.lessons for change in lesson.adjusted)  # fmt: skip


def intake(rows: Sequence[Row]) -> str:
    """Return what became of everything that was found, as CSV: one row for each file."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(["path", "status", "student", "lesson", "attempt", "time", "read as", "reason"])
    writer.writerows([cell(row.path), row.status, cell(row.student), row.lesson, row.attempt or "",
                      iso(moment(row.modified)), row.layout, cell(row.reason)] for row in rows)  # fmt: skip
    return buffer.getvalue()


def cell(text: str) -> str:
    """Return a text, in one line, that no spreadsheet takes for a formula: an apostrophe stands before such a one."""
    line = "".join(" " if letter.isspace() or not letter.isprintable() else letter for letter in text)
    return f"'{line}" if line.lstrip().startswith(_FORMULA) else line


def number(value: float) -> str:
    """Return a number with at most two decimals."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def junit(grade: StudentGrade) -> str:
    """Return a student's grade as JUnit XML: a suite a lesson, a case an exercise; no times, which would differ."""
    root = ElementTree.Element("testsuites", name=xml_text(grade.student))
    for lesson in grade.lessons:
        root.append(_suite(lesson, grade.note))
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def xml_text(text: str) -> str:
    """Return a text without the characters that XML cannot hold."""
    return "".join(letter if _in_xml(ord(letter)) else "\ufffd" for letter in text)


def _in_xml(code: int) -> bool:
    return code in (9, 10, 13) or 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code < 0x110000


def _suite(lesson: LessonGrade, note: str) -> ElementTree.Element:
    outcomes = [row.outcome for row in lesson.rows]
    errors, skipped = outcomes.count(Outcome.GRADER_ERROR), outcomes.count(Outcome.NOT_ANSWERED)
    failures = len(outcomes) - outcomes.count(Outcome.PASSED) - errors - skipped
    suite = ElementTree.Element(
        "testsuite", name=xml_text(lesson.lesson or lesson.path), tests=str(len(outcomes)), failures=str(failures),
        errors=str(errors), skipped=str(skipped),
    )  # fmt: skip
    properties = ElementTree.SubElement(suite, "properties")
    for name in ("status", "isolation", "submitted", "record"):
        ElementTree.SubElement(properties, "property", name=name, value=xml_text(getattr(lesson, name)))
    if note:
        ElementTree.SubElement(properties, "property", name="note", value=xml_text(note))
    for row in lesson.rows:
        suite.append(_case(lesson, row))
    return suite


def _case(lesson: LessonGrade, row: Judged) -> ElementTree.Element:
    case = ElementTree.Element("testcase", classname=xml_text(lesson.lesson), name=xml_text(row.id))
    if row.outcome != Outcome.PASSED:
        tag = {Outcome.GRADER_ERROR: "error", Outcome.NOT_ANSWERED: "skipped"}.get(row.outcome, "failure")
        said = f"{LOOKS[row.outcome].graded}, {number(row.points)} of {number(row.points_max)} points"
        ElementTree.SubElement(case, tag, message=xml_text(said)).text = xml_text(row.message)
    return case


def _ordered(items: Iterable) -> list:
    """Return the items once each, as they are sorted by lesson and else as they came."""
    kept = dict.fromkeys(items)
    return sorted(kept, key=lambda item: item if isinstance(item, str) else item[0])
