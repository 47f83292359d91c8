"""
Grades for import into learning platforms: tables, and feedback under the platforms' file names.

'docs/grading.md' names the source files of Canvas and Moodle that define these formats. Platform ids must consist of
digits. Every other text that could be a formula gets an apostrophe.
"""

from __future__ import annotations

import html
import json
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import nbformat

from mrskit.classroom.nbgrader_course import TEST
from mrskit.course import index
from mrskit.errors import GradingError
from mrskit.exercises.outcomes import LOOKS
from mrskit.grading.intake import names
from mrskit.grading.reports.grades import NOT_HANDED_IN, LessonGrade, StudentGrade
from mrskit.grading.reports.pages import plain
from mrskit.grading.reports.tables import cell, csv_text, number
from mrskit.grading.run.store import write_changed
from mrskit.workspace import replacing

FOLDER = "export"  # in the folder of grades
_CANVAS_FILE = re.compile(r"[^_/]+_(?:LATE_)?(?P<user>[0-9]+)_[0-9]+_.+\.ipynb", re.IGNORECASE)
_MOODLE_FOLDER = re.compile(r"(?P<start>[^_/]+_(?P<user>[0-9]+)_assignsubmission_file)(?:_.*)?")
_CANVAS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
_MOODLE = (
    "Identifier", "Full name", "Email address", "Status", "Grade", "Maximum Grade", "Grade can be changed",
    "Last modified (submission)", "Last modified (grade)", "Feedback comments",
)  # fmt: skip


def write(
    platform: str, grades: Sequence[StudentGrade], out: Path, read_as: Mapping[str, str]
) -> tuple[list[Path], list[str]]:
    """
    Write grades and feedback for a platform; return the files, and notes for the instructor.

    ``platform`` is canvas, moodle, nbgrader or csv (the gradebook itself). ``read_as`` gives the layout of each path.
    Moodle ids are used only from paths in Moodle's layout, because students can imitate them.

    GradingError if a student's number on the platform is missing, invalid, or used twice.
    """
    told = [f"{item.lesson}: {grade.student} gets no grade, because the grader failed" for grade in grades
            for item in grade.lessons if item.unknown]  # fmt: skip
    written = {"canvas": _canvas, "moodle": _moodle, "nbgrader": _nbgrader, "csv": lambda *_: [out / "gradebook.csv"]}
    return written[platform](grades, out / FOLDER, told, read_as), told


def _canvas(grades: Sequence[StudentGrade], out: Path, told: list[str], _: Mapping[str, str]) -> list[Path]:
    ids = _ids({grade.student: grade.about.get("canvas_id", "") for grade in grades}, "canvas_id")
    lessons = _lessons(grades)
    most = (number(max(item.most for _, item in graded)) for graded in lessons.values())
    rows = [[*_CANVAS, *lessons], ["    Points Possible", "", "", "", "", *most]]
    for grade in grades:
        name = _name(grade) if "Points Possible" not in _name(grade) else grade.student  # that row is so called
        texts = (grade.about.get(column, "") for column in ("sis_user_id", "sis_login_id", "section"))
        scores = {item.lesson: _score(item) for item in grade.lessons}
        rows.append([cell(name), ids[grade.student], *map(cell, texts), *(scores.get(item, "") for item in lessons)])
    paths = [_table(out / "canvas.csv", rows)]
    for lesson, graded in lessons.items():
        entries, without = {}, []
        for grade, item in graded:
            file = item.path.rpartition("/")[2]
            found = _CANVAS_FILE.fullmatch(file)
            if found and found["user"] == ids[grade.student]:
                entries[_harmless(file)] = _as_notebook(grade)
            elif item.path:
                without.append(grade.student)
        paths += _zip(out / f"canvas-{lesson}-feedback.zip", entries)
        told += [f"{lesson}: no feedback for {', '.join(without)}; Canvas only accepts it under the name of a notebook "
                 "that was downloaded (name_id_id_file.ipynb)"] if without else []  # fmt: skip
    return paths


def _moodle(grades: Sequence[StudentGrade], out: Path, told: list[str], read_as: Mapping[str, str]) -> list[Path]:
    paths, folders, ids = [], {}, {}
    for lesson, graded in _lessons(grades).items():
        numbers = {}
        for grade, item in graded:  # the outermost part that Moodle has named: in it are names of the student's
            parts = item.path.split("/") if read_as.get(item.path) == "moodle" else ()
            found = folders[lesson, grade.student] = next(filter(None, map(_MOODLE_FOLDER.fullmatch, parts)), None)
            by_roster = grade.about.get("moodle_id", "").removeprefix("Participant ")
            numbers[grade.student] = found["user"] if found else by_roster
        ids[lesson] = _ids(numbers, "moodle_id")
    for lesson, graded in _lessons(grades).items():
        rows, entries = [list(_MOODLE)], {}
        for grade, item in graded:
            name, most, own = _name(grade), number(item.most), ids[lesson][grade.student]
            score = most if not item.unknown and item.score > item.most else _score(item)
            if score != _score(item):
                told.append(f"{lesson}: {grade.student} has {number(item.score)} of {most} points. Moodle skips what "
                            "is over the maximum, so the maximum was written")  # fmt: skip
            rows.append([f"Participant {own}", cell(name), cell(grade.about.get("email", "")), item.status, score, most,
                         "Yes", item.submitted or "-", "-", cell(_comment(item))])  # fmt: skip
            found, page = folders[lesson, grade.student], out.parent / "students" / grade.student / "feedback.html"
            start = found["start"] if found else f"{name.replace('_', ' ')[:80]}_{own}_assignsubmission_file"
            if page.is_file():
                entries[f"{_harmless(start)}_/{page.name}"] = page.read_text(encoding="utf-8")
        paths.append(_table(out / f"moodle-{lesson}.csv", rows))
        paths += _zip(out / f"moodle-{lesson}-feedback.zip", entries)
    return paths


def _nbgrader(grades: Sequence[StudentGrade], out: Path, told: list[str], _: Mapping[str, str]) -> list[Path]:
    ours, found = {exercise.id for exercise in index.all_exercises()}, []
    for grade in grades:
        for item in grade.lessons:
            if item.unknown or not item.rows or (item.status == NOT_HANDED_IN and not item.score):
                continue
            cells = [{"exercise": row.id, "grade_id": f"{TEST}{row.id}", "points": round(row.points, 4),
                      "max": row.points_max, "comment": _said(item, row.id, row.message)}
                     for row in item.rows if row.id in ours]  # fmt: skip
            folder = next((part for part in item.path.split("/") if names.clean(part) == grade.student), grade.student)
            found.append({"student": grade.about.get("student", folder), "assignment": item.lesson, "score": item.score,
                          "submitted": item.submitted, "cells": cells})  # fmt: skip
    path = out / "nbgrader.json"
    write_changed(path, json.dumps({"format": 1, "grades": found}, indent=1, ensure_ascii=False) + "\n")
    told.append(f"Next, with the Python of nbgrader: python scripts/nbgrader_scores.py COURSE {path}")
    return [path]


def _lessons(grades: Sequence[StudentGrade]) -> dict[str, list[tuple[StudentGrade, LessonGrade]]]:
    found = [(grade, item) for grade in grades for item in grade.lessons if item.lesson and item.rows]
    lessons = sorted({item.lesson for _, item in found})
    return {lesson: [(grade, item) for grade, item in found if item.lesson == lesson] for lesson in lessons}


def _name(grade: StudentGrade) -> str:
    return grade.about.get("name", "") or grade.student


def _score(item: LessonGrade) -> str:
    return "" if item.unknown else number(item.score)


def _ids(found: Mapping[str, str], column: str) -> dict[str, str]:
    """Return the numbers of students on a platform; all must be different integers."""
    owners: dict[int, str] = {}
    if missing := ", ".join(student for student, text in found.items() if not text.strip()):
        raise GradingError(f"no {column} of {missing}, by which the platform knows people: add it to the roster")
    for student, text in found.items():
        if not re.fullmatch("[0-9]{1,18}", text.strip()):
            raise GradingError(f"the {column} of {student} is {text[:40]!r}; expected digits")
        if (other := owners.setdefault(int(text), student)) != student:
            raise GradingError(f"{other} and {student} have the same {column} {text}")
    return {student: text.strip() for student, text in found.items()}


def _said(item: LessonGrade, exercise: str, message: str) -> str:
    """Return the comment on an exercise or a lesson: the judge's message, then the instructor's."""
    by_hand = (f"Adjusted by your instructor: {change.points}. {change.comment}".strip()
               for change in item.adjusted if change.exercise == exercise)  # fmt: skip
    return "\n".join(filter(None, (message, *by_hand)))


def _comment(item: LessonGrade) -> str:
    """Return the comment for Moodle, which reads HTML."""
    said = [_said(item, name, "") for name in dict.fromkeys(change.exercise for change in item.adjusted)]
    return html.escape("\n".join([f"{number(item.score)} of {number(item.most)} points.", *said]), quote=False)


def _as_notebook(grade: StudentGrade) -> str:
    """Return the feedback as a notebook of plain text, without code and figures."""
    lines = [f"Feedback for {grade.student}: {number(grade.score)} of {number(grade.most)} points", grade.note]
    for item in grade.lessons:
        lines += ["", f"{item.lesson or item.path}: {number(item.score)} of {number(item.most)} points, {item.status}",
                  *(f"({note})" for note in item.notes), _said(item, "", "")]  # fmt: skip
        lines += [f"{row.id}: {LOOKS[row.outcome].graded}, {number(row.points)} of {number(row.points_max)}. "
                  f"{_said(item, row.id, row.message)}" for row in item.rows]  # fmt: skip
    text = nbformat.v4.new_raw_cell(plain("\n".join(lines)), id="feedback")
    return nbformat.writes(nbformat.v4.new_notebook(cells=[text])) + "\n"


def _harmless(name: str) -> str:
    """Return a name without path parts and invisible characters."""
    kept = (" " if letter in '/\\:*?"<>|' or unicodedata.category(letter)[0] == "C" else letter for letter in name)
    return "".join(kept).lstrip(" .~")


def _zip(path: Path, entries: Mapping[str, str]) -> list[Path]:
    """Write a reproducible zip of named texts, or no zip if there are no texts."""
    if not entries:
        return []
    with replacing(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        for name, text in sorted(entries.items()):
            archive.writestr(zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0)), text, zipfile.ZIP_DEFLATED)
    return [path]


def _table(path: Path, rows: Iterable[Sequence[str]]) -> Path:
    write_changed(path, csv_text(rows))
    return path
