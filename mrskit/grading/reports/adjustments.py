"""The instructor's hand: points and comments in ``adjustments.csv`` of the key, applied on top of every judgement."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mrskit.course import index
from mrskit.errors import MrskitError
from mrskit.exercises.outcomes import Outcome
from mrskit.grading import sheets
from mrskit.grading.intake import names
from mrskit.grading.reports import grades
from mrskit.grading.reports.grades import Adjusted, LessonGrade, StudentGrade
from mrskit.grading.reports.tables import number
from mrskit.grading.rules import Rules
from mrskit.grading.sheets import Line
from mrskit.grading.verdicts import Judged

FILE = "adjustments.csv"  # in the key; columns student, exercise or lesson, points, comment
_POINTS = re.compile(r"([=+-])\s*([0-9]{1,4}(?:[.,][0-9]{1,2})?)")
_TEST = "::"  # in the name of an instructor's own test, which is known only after judging


@dataclass(frozen=True, slots=True)
class Adjustment:
    """One line of the file."""

    line: Line
    student: str  # as `key` writes it
    exercise: str  # empty: the lesson as a whole
    lesson: str  # may be empty where there is an exercise
    sign: str  # = sets the points, + and - add and take away
    points: float


def key(student: str) -> str:
    """Return a student's name as names are compared: the form of folders of grades, without capitals."""
    return names.clean(student).casefold()


def read(folder: Path) -> list[Adjustment]:
    """
    Return the adjustments in a key; none where there is no such file.

    Raises
    ------
    GradingError
        If the file is no sound sheet, or a line names nobody, nothing, or no points such as ``=3``, ``+1`` or ``-2``.
    """
    return [_adjustment(line) for line in sheets.read(folder / FILE, ("student", "points"))]


def check(adjustments: Sequence[Adjustment], places: Iterable[tuple[str, str]], rules: Rules) -> None:
    """
    Apply adjustments to a class in which nobody has answered anything: what is wrong with them shows before any run.

    Parameters
    ----------
    adjustments : sequence of Adjustment
        Those of an instructor's own tests are left out.
    places : iterable of (student, lesson)
        Whatever was handed in.
    rules : Rules

    Raises
    ------
    GradingError
        As for `applied`.
    """
    found = {place: grades.not_handed_in(place[1], rules) for place in places}
    applied(grades.by_student(found, rules), [item for item in adjustments if _TEST not in item.exercise])


def applied(marks: Sequence[StudentGrade], adjustments: Sequence[Adjustment]) -> list[StudentGrade]:
    """
    Return grades with an instructor's adjustments, each exercise's in the order of the file, then those of lessons.

    An exercise's points are adjusted before work that came late loses its share, a lesson's points after that, so
    that ``=12`` makes 12. With ``+`` there may be more than the full points, with ``-`` never fewer than none.

    Raises
    ------
    GradingError
        If a line matches no student or nothing that is graded, or sets more than the full points.
    """
    known = {key(mark.student): mark for mark in marks}
    for item in sorted(adjustments, key=lambda item: not item.exercise):
        if item.student not in known:
            name = item.line["student"]
            raise item.line.error(f"no student {name!r}{sheets.meant(name, (mark.student for mark in marks))}")
        mark = known[item.student]
        place = _place(mark, item)
        changed = _adjusted(mark.lessons[place], item)
        known[item.student] = replace(mark, lessons=(*mark.lessons[:place], changed, *mark.lessons[place + 1 :]))
    return [replace(mark, lessons=tuple(_told(lesson) if lesson.adjusted else lesson for lesson in mark.lessons))
            for mark in known.values()]  # fmt: skip


def _adjustment(line: Line) -> Adjustment:
    found = _POINTS.fullmatch(line["points"].removeprefix("'").replace("\u2212", "-"))
    if not found:
        raise line.error(f"the points are {line['points']!r}; expected '=3' (so many), '+1' or '-2'. Spreadsheets make "
                         "numbers of these: write an apostrophe before them, '=3")  # fmt: skip
    if not line["student"]:
        raise line.error("no student")
    exercise, lesson = line["exercise"], line["lesson"]
    if not exercise and not lesson:
        raise line.error("neither an exercise nor a lesson")
    try:
        lesson = index.lesson_name(lesson) if lesson else ""
        if exercise in {text for name in index.lessons() for text in (name, name[:2], name[:2].lstrip("0"))}:
            exercise, lesson = "", index.lesson_name(exercise)
    except MrskitError as error:
        raise line.error(str(error)) from error
    points = float(found[2].replace(",", "."))
    return Adjustment(line, key(line["student"]), exercise, lesson, found[1], points)


def _place(mark: StudentGrade, item: Adjustment) -> int:
    """Return which of a student's lessons an adjustment is about."""
    for place, lesson in enumerate(mark.lessons):
        fits = not item.lesson or item.lesson == lesson.lesson
        if fits and (any(row.id == item.exercise for row in lesson.rows) if item.exercise else lesson.rows):
            return place
    what = f"exercise {item.exercise!r}" + (f" in {item.lesson}" if item.lesson else "")
    graded = [row.id for lesson in mark.lessons for row in lesson.rows]
    if not item.exercise:
        what, graded = f"lesson {item.lesson!r}", [lesson.lesson for lesson in mark.lessons if lesson.rows]
    raise item.line.error(f"no {what} is graded{sheets.meant(item.exercise or item.lesson, graded)}. Lessons count "
                          "that somebody has handed in, or that 'lessons' in grading.toml names")  # fmt: skip


def _adjusted(lesson: LessonGrade, item: Adjustment) -> LessonGrade:
    if not item.exercise:
        after = _points(lesson.score, lesson.most, item)
        change = Adjusted("", f"{item.sign}{number(item.points)}", item.line["comment"], lesson.score, after)
        return replace(lesson, added=lesson.added + after - lesson.score, adjusted=(*lesson.adjusted, change))
    rows = list(lesson.rows)
    place = next(place for place, row in enumerate(rows) if row.id == item.exercise)
    row = rows[place]
    after = _points(row.points, row.points_max, item)
    change = Adjusted(row.id, f"{item.sign}{number(item.points)}", item.line["comment"], row.points, after)
    rows[place] = replace(row, points=after)
    if row.outcome == Outcome.GRADER_ERROR and item.sign == "=":
        rows[place] = _decided(rows[place])
    return replace(lesson, rows=tuple(rows), adjusted=(*lesson.adjusted, change))


def _points(before: float, most: float, item: Adjustment) -> float:
    if item.sign == "=" and item.points > most:
        raise item.line.error(f"={number(item.points)} of {number(most)} points; expected at most the full points. "
                              f"Write +{number(item.points - most)} for more than that")  # fmt: skip
    changes = {"=": item.points, "+": before + item.points, "-": max(before - item.points, 0.0)}
    return round(changes[item.sign], 4)


def _decided(row: Judged) -> Judged:
    """Return the verdict of an instructor on what the grader could not judge."""
    outcome = Outcome.PASSED if row.points == row.points_max else Outcome.PARTIAL if row.points else Outcome.FAILED
    return replace(row, outcome=outcome, message="Decided by your instructor.")


def _told(lesson: LessonGrade) -> LessonGrade:
    """Return a lesson with notes on adjustments that somebody may not have meant."""
    counted = Counter(change.exercise for change in lesson.adjusted)
    said = [f"{name or 'the lesson'}: {count} adjustments, made one after the other in the order of the file"
            for name, count in counted.items() if count > 1]  # fmt: skip
    most = {row.id: row.points_max for row in lesson.rows} | {"": lesson.most}
    last = {change.exercise: change for change in lesson.adjusted}
    said += [f"{name or 'the lesson'}: {number(change.after)} of {number(most[name])} points, with a bonus"
             for name, change in last.items() if change.after > most[name]]  # fmt: skip
    said += [f"{change.exercise or 'the lesson'}: {change.points} took away {number(change.before)} points, there were "
             "no more" for change in lesson.adjusted if change.points[0] == "-"
             and float(change.points[1:]) > change.before]  # fmt: skip
    status = grades.GRADED if lesson.status == grades.INCOMPLETE and not lesson.unknown else lesson.status
    return replace(lesson, status=status, notes=(*lesson.notes, *said))
