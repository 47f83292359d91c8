"""
Grades in the form that learning platforms take back: tables, and feedback under the names that they have given.

Where the names and rules come from:

- Canvas (github.com/instructure/canvas-lms): the gradebook from ``lib/gradebook_importer.rb`` and ``_exporter.rb``
  (Student, ID, SIS User ID, SIS Login ID, Section; a row Points Possible; an assignment by its title); feedback from
  ``app/models/abstract_assignment.rb``, infer_comment_context_from_filename: files are matched by the two ids in the
  name that Canvas has given them, and shown to students under their old name, so they have to be notebooks.
- Moodle (github.com/moodle/moodle, ``mod/assign``): the worksheet from ``gradingtable.php``, and from
  ``feedback/offline/importgradeslib.php`` and ``locallib.php`` (Participant and a number, which each assignment gives
  anew; a grade over the maximum is skipped); feedback from ``feedback/file/importziplib.php``
  (``name_number_assignsubmission_file_/``).

Ids that a platform matches by are digits, else they are refused. Every other text that a spreadsheet could take for a
formula gets an apostrophe.
"""

from __future__ import annotations

import csv
import html
import io
import json
import re
import unicodedata
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath

import nbformat

from mrskit.errors import GradingError
from mrskit.exercises.outcomes import LOOKS
from mrskit.grading import sheets
from mrskit.grading.intake import names
from mrskit.grading.reports.grades import NOT_HANDED_IN, LessonGrade, StudentGrade
from mrskit.grading.reports.pages import plain
from mrskit.grading.reports.tables import adjusted, cell, number
from mrskit.grading.run.store import write_changed
from mrskit.workspace import replacing

FOLDER = "export"  # in the folder of grades
About = Mapping[str, Mapping[str, str]]  # student -> line of the roster
_CANVAS_FILE = re.compile(r"[^_/]+_(?:LATE_)?(?P<user>[0-9]+)_[0-9]+_.+\.ipynb", re.IGNORECASE)
_MOODLE_FOLDER = re.compile(r"(?P<start>[^_/]+_(?P<user>[0-9]+)_assignsubmission_file)(?:_.*)?")
_CANVAS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
_MOODLE = (
    "Identifier", "Full name", "Email address", "Status", "Grade", "Maximum Grade", "Grade can be changed",
    "Last modified (submission)", "Last modified (grade)", "Feedback comments",
)  # fmt: skip


def write(platform: str, grades: Sequence[StudentGrade], about: About, out: Path) -> tuple[list[Path], list[str]]:
    """
    Write the grades of a class for a platform, and return the files, and what the instructor should know of them.

    Parameters
    ----------
    platform : str
        One of `PLATFORMS`.
    grades : sequence of StudentGrade
    about : mapping of student to mapping
        What the roster says of each.
    out : Path
        The folder of the grades, with the pages of feedback.

    Raises
    ------
    GradingError
        If the platform needs an id that somebody lacks, that is no number, or that two people have.
    """
    return PLATFORMS[platform](grades, about, out)


def roster(key: Path) -> dict[str, dict[str, str]]:
    """
    Return what ``roster.csv`` in a key says of each student, whose names are written as grades write them.

    Raises
    ------
    GradingError
        If it is no sound sheet, or names a student twice.
    """
    found: dict[str, dict[str, str]] = {}
    for line in sheets.read(key / "roster.csv", ("student",)):
        if (student := names.clean(line["student"])) in found:
            raise line.error(f"{line['student']!r} stands there twice")
        found[student] = dict(line.values)
    return found


def _csv(grades: Sequence[StudentGrade], about: About, out: Path) -> tuple[list[Path], list[str]]:
    known = [name for name in dict.fromkeys(name for line in about.values() for name in line) if name != "student"]
    lessons = _lessons(grades)
    rows = [["student", *known, "status", "score", "max", "percent", "unknown", "adjusted", *lessons]]
    for grade in grades:
        percent = number(100 * grade.score / grade.most) if grade.most and not grade.unknown else ""
        line, scores = about.get(grade.student, {}), {item.lesson: _score(item) for item in grade.lessons}
        rows.append([grade.student, *(line.get(column, "") for column in known), grade.status,
                     "" if grade.unknown else number(grade.score), number(grade.most), percent, number(grade.unknown),
                     adjusted(grade), *(scores.get(name, "") for name in lessons)])  # fmt: skip
    return [_table(out / FOLDER / "grades.csv", [list(map(cell, row)) for row in rows])], _open(grades)


def _canvas(grades: Sequence[StudentGrade], about: About, out: Path) -> tuple[list[Path], list[str]]:
    lessons, ids = _lessons(grades), _ids(grades, about, "canvas_id")
    most = [number(max(item.most for grade in grades for item in grade.lessons if item.lesson == name))
            for name in lessons]  # fmt: skip
    rows = [[*_CANVAS, *lessons], ["    Points Possible", "", "", "", "", *most]]
    for grade in grades:
        line, scores = about[grade.student], {item.lesson: _score(item) for item in grade.lessons}
        texts = (line.get(column, "") for column in ("sis_user_id", "sis_login_id", "section"))
        name = line.get("name", "").replace("Points Possible", "") or grade.student  # which would be that row
        rows.append([cell(name), ids[grade.student], *map(cell, texts),
                     *(scores.get(name, "") for name in lessons)])  # fmt: skip
    paths, told = [_table(out / FOLDER / "canvas.csv", rows)], _open(grades)
    for lesson in lessons:
        entries, without = {}, []
        for grade, item in _graded(grades, lesson):
            name = PurePosixPath(item.path).name
            found = _CANVAS_FILE.fullmatch(name)
            if found and found["user"] == ids[grade.student]:
                entries[_harmless(name)] = _as_notebook(grade)
            elif item.path:
                without.append(grade.student)
        paths += _zip(out / FOLDER / f"canvas-{lesson}-feedback.zip", entries)
        told += [f"{lesson}: no feedback for {', '.join(without)}; Canvas takes it back under the name of a notebook "
                 "that was downloaded (name_id_id_file.ipynb)"] if without else []  # fmt: skip
    return paths, told


def _moodle(grades: Sequence[StudentGrade], about: About, out: Path) -> tuple[list[Path], list[str]]:
    paths, told = [], _open(grades)
    for lesson in _lessons(grades):
        folders = {grade.student: _moodle_folder(item.path) for grade, item in _graded(grades, lesson)}
        numbers = {student: {"moodle_id": found["user"]} for student, found in folders.items() if found}
        ids = _ids([grade for grade, _ in _graded(grades, lesson)], about, "moodle_id", numbers)
        rows, entries = [list(_MOODLE)], {}
        for grade, item in _graded(grades, lesson):
            line, found, own = about.get(grade.student, {}), folders[grade.student], ids[grade.student]
            name, most = line.get("name", "") or grade.student, number(item.most)
            score = most if not item.unknown and item.score > item.most else _score(item)
            if score != _score(item):
                told.append(f"{lesson}: {grade.student} has {number(item.score)} of {most} points; Moodle skips what "
                            "is over the maximum, so that the maximum was written")  # fmt: skip
            rows.append([f"Participant {own}", cell(name), cell(line.get("email", "")), item.status, score, most, "Yes",
                         item.submitted or "-", "-", cell(_comment(item))])  # fmt: skip
            start = found["start"] if found else f"{name.replace('_', ' ')}_{own}_assignsubmission_file"
            page = out / "students" / grade.student / "feedback.html"
            if page.is_file():
                entries[f"{_harmless(start)}_/{page.name}"] = page.read_text(encoding="utf-8")
        paths.append(_table(out / FOLDER / f"moodle-{lesson}.csv", rows))
        paths += _zip(out / FOLDER / f"moodle-{lesson}-feedback.zip", entries)
    return paths, told


def _nbgrader(grades: Sequence[StudentGrade], about: About, out: Path) -> tuple[list[Path], list[str]]:
    from mrskit.classroom.nbgrader_course import TEST
    from mrskit.course import index

    ours = {exercise.id for exercise in index.all_exercises()}
    found = []
    for grade in grades:
        for item in grade.lessons:
            if item.unknown or not item.rows or (item.status == NOT_HANDED_IN and not item.score):
                continue
            cells = [{"exercise": row.id, "grade_id": f"{TEST}{row.id}", "points": round(row.points, 4),
                      "max": row.points_max, "comment": _said(item, row.id, row.message)}
                     for row in item.rows if row.id in ours]  # fmt: skip
            place = {"student": _folder(item.path, grade.student), "assignment": item.lesson, "notebook": item.lesson}
            found.append(place | {"score": item.score, "submitted": item.submitted, "cells": cells})
    path = out / FOLDER / "nbgrader.json"
    write_changed(path, json.dumps({"format": 1, "grades": found}, indent=1, ensure_ascii=False) + "\n")
    script = Path(__file__).with_name("nbgrader_scores.py")
    return [path], [*_open(grades), f"Next, with the Python of nbgrader: python {script} COURSE {path}"]


Written = Callable[[Sequence[StudentGrade], About, Path], tuple[list[Path], list[str]]]
PLATFORMS: Mapping[str, Written] = {"canvas": _canvas, "moodle": _moodle, "nbgrader": _nbgrader, "csv": _csv}


def _lessons(grades: Sequence[StudentGrade]) -> list[str]:
    return sorted({item.lesson for grade in grades for item in grade.lessons if item.lesson and item.rows})


def _graded(grades: Sequence[StudentGrade], lesson: str) -> list[tuple[StudentGrade, LessonGrade]]:
    return [(grade, item) for grade in grades for item in grade.lessons if item.lesson == lesson and item.rows]


def _score(item: LessonGrade) -> str:
    """Return the points of a lesson; nothing where the grader has failed, so that no platform gets a guess."""
    return "" if item.unknown else number(item.score)


def _open(grades: Sequence[StudentGrade]) -> list[str]:
    return [f"{item.lesson}: {grade.student} has no grade there, as the grader failed ({number(item.unknown)} points "
            "are unknown)" for grade in grades for item in grade.lessons if item.unknown]  # fmt: skip


def _ids(
    grades: Sequence[StudentGrade], about: About, column: str, better: About | None = None
) -> dict[str, str]:  # fmt: skip
    """Return the number of each student on a platform: as its own files tell, else as the roster does."""
    found, owners = {}, {}
    for student in (grade.student for grade in grades):
        text = ((better or {}).get(student) or about.get(student, {})).get(column, "")
        found[student] = text.removeprefix("Participant ").strip()
    if missing := [student for student, text in found.items() if not text]:
        raise GradingError(f"no {column} of {', '.join(missing)}: this platform knows people by it. Add them to the "
                           "roster.", students=missing)  # fmt: skip
    for student, text in found.items():
        if not (text.isascii() and text.isdigit() and len(text) < 20):
            raise GradingError(f"the {column} of {student} is {text[:40]!r}; expected digits", students=[student])
        if (other := owners.setdefault(int(text), student)) != student:
            raise GradingError(f"{other} and {student} have the same {column} {text}", students=[other, student])
    return found


def _moodle_folder(path: str) -> re.Match[str] | None:
    """Return the outermost part of a path that Moodle has named: what lies in it are names of the student's."""
    return next(filter(None, map(_MOODLE_FOLDER.fullmatch, PurePosixPath(path).parts)), None)


def _folder(path: str, student: str) -> str:
    """Return the student as nbgrader writes the folder, where that is the student's."""
    return next((part for part in PurePosixPath(path).parts if names.clean(part) == student), student)


def _said(item: LessonGrade, exercise: str, message: str) -> str:
    """Return what is said of an exercise, or of the lesson as a whole: the instructor's words behind the judge's."""
    by_hand = [f"Adjusted by your instructor: {change.points}. {change.comment}".strip()
               for change in item.adjusted if change.exercise == exercise]  # fmt: skip
    return "\n".join(filter(None, (message, *by_hand)))


def _comment(item: LessonGrade) -> str:
    """Return the comment for Moodle, which reads HTML."""
    said = [f"{number(item.score)} of {number(item.most)} points. The uploaded feedback has the details."]
    said += [_said(item, name, "") for name in dict.fromkeys(change.exercise for change in item.adjusted)]
    return html.escape("\n".join(said), quote=False)


def _as_notebook(grade: StudentGrade) -> str:
    """Return the feedback as a notebook that is plain text: nothing in it is run, and nothing drawn."""
    lines = [f"Feedback for {grade.student}: {number(grade.score)} of {number(grade.most)} points"]
    for item in grade.lessons:
        lines += ["", f"{item.lesson or item.path}: {number(item.score)} of {number(item.most)} points, {item.status}",
                  *(f"({note})" for note in item.notes), _said(item, "", "")]  # fmt: skip
        lines += [f"{row.id}: {LOOKS[row.outcome].graded}, {number(row.points)} of {number(row.points_max)}. "
                  f"{_said(item, row.id, row.message)}" for row in item.rows]  # fmt: skip
    cell_of_text = nbformat.v4.new_raw_cell(plain("\n".join(lines)), id="feedback")
    return nbformat.writes(nbformat.v4.new_notebook(cells=[cell_of_text])) + "\n"


def _harmless(name: str) -> str:
    """Return a name without what leads elsewhere or cannot be seen."""
    kept = (" " if letter in '/\\:*?"<>|' or unicodedata.category(letter)[0] == "C" else letter for letter in name)
    return "".join(kept).lstrip(" .~")[-150:]


def _zip(path: Path, entries: Mapping[str, str]) -> list[Path]:
    """Write a zip with texts under names, the same bytes for the same texts; none where there are none."""
    if not entries:
        return []
    with replacing(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        for name, text in sorted(entries.items()):
            archive.writestr(zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0)), text, zipfile.ZIP_DEFLATED)
    return [path]


def _table(path: Path, rows: Iterable[Sequence[str]]) -> Path:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    write_changed(path, text.getvalue())
    return path
