"""Manual adjustments: points and comments in the key's ``adjustments.csv``, applied after the judgement."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from mrskit.course import index
from mrskit.errors import GradingError, MrskitError
from mrskit.exercises.outcomes import Outcome
from mrskit.grading.intake import tables
from mrskit.grading.intake.intake import Intake
from mrskit.grading.intake.roster import People, Unmatched
from mrskit.grading.key import Key
from mrskit.grading.reports import grades
from mrskit.grading.reports.grades import Adjusted, LessonGrade, StudentGrade
from mrskit.grading.reports.tables import number

FILE = "adjustments.csv"  # in the key; columns student, exercise or lesson, points, comment
_POINTS = re.compile(r"'?([=+-]) ?([0-9]{1,4}(?:[.,][0-9]{1,2})?)")
_TEST = "::"  # in the name of an instructor's own test, which is known only after judging


@dataclass(frozen=True, slots=True)
class Adjustment:
    """One line of the file."""

    where: str  # file and line
    student: str
    exercise: str  # empty: the lesson as a whole
    lesson: str  # may be empty where there is an exercise
    sign: str  # = sets the points, + and - add and take away
    points: float
    comment: str

    def error(self, problem: str) -> GradingError:
        """Return an error that names the line of the problem."""
        return GradingError(f"{self.where}: {problem}.", where=self.where)


def read(key: Key, found: Intake) -> list[Adjustment]:
    """
    Return the adjustments in a key, first tested on a class without answers, so that errors appear before any run.

    GradingError if a line names no student, has no points such as ``=3``, ``+1`` or ``-2``, or is refused by `applied`.
    """
    path, people = key.root / FILE, People(found.people)
    lines = tables.rows(path, ("student", "points")) if path.is_file() else ()
    adjustments = [_adjustment(f"{path}, line {line}", row, people) for line, row in lines]
    blank = {(item.student, item.lesson): grades.not_handed_in(item.lesson, key.rules) for item in found.submissions}
    tried = [replace(one, points=0.0) if key.checks else one for one in adjustments if _TEST not in one.exercise]
    applied(grades.by_student(blank, key.rules, people=found.people), tried)  # own tests may change the full points
    return adjustments


def applied(marks: Sequence[StudentGrade], adjustments: Sequence[Adjustment]) -> list[StudentGrade]:
    """
    Return grades with adjustments: first for exercises in the order of the file, then for lessons.

    An exercise's points are adjusted before the late penalty, a lesson's points after the penalty, so that ``=12``
    gives 12. With ``+``, the sum can exceed the full points; with ``-``, the sum is never below 0. GradingError if a
    line names an ungraded exercise or lesson, or sets more than the full points.
    """
    known = {mark.student: list(mark.lessons) for mark in marks}
    for item in sorted(adjustments, key=lambda item: not item.exercise):
        lessons = known[item.student]
        place = _place(lessons, item)
        lessons[place] = _adjusted(lessons[place], item)
    return [replace(mark, lessons=tuple(_told(lesson) if lesson.adjusted else lesson for lesson in known[mark.student]))
            for mark in marks]  # fmt: skip


def _adjustment(where: str, row: dict[str, str], people: People) -> Adjustment:
    points = _POINTS.fullmatch(row.get("points", "").replace("\u2212", "-"))
    exercise, lesson = row.get("exercise", ""), row.get("lesson", "")
    try:
        if not points:
            raise ValueError(f"the points are {row.get('points', '')!r}; expected '=3' (the new points), '+1' or '-2'. "
                             "Spreadsheets turn these into numbers: put an apostrophe in front, '=3")  # fmt: skip
        if not exercise and not lesson:
            raise ValueError("no exercise and no lesson is given")
        student = people.find(row.get("student", ""))
        lesson = index.lesson_name(lesson) if lesson else ""
        if "-" not in exercise and _TEST not in exercise and exercise:  # the column may name a lesson, too
            exercise, lesson = "", index.lesson_name(exercise)
    except (Unmatched, MrskitError, ValueError) as error:
        raise GradingError(f"{where}: {error}.", where=where) from error
    return Adjustment(where, student, exercise, lesson, points[1], float(points[2].replace(",", ".")),
                      row.get("comment", ""))  # fmt: skip


def _place(lessons: Sequence[LessonGrade], item: Adjustment) -> int:
    """Return the lessons of a student that an adjustment applies to."""
    for place, lesson in enumerate(lessons):
        about = item.exercise in {row.id for row in lesson.rows} if item.exercise else lesson.rows
        if about and item.lesson in ("", lesson.lesson):
            return place
    asked = item.exercise or item.lesson
    graded = [row.id for lesson in lessons for row in lesson.rows] if item.exercise else [
        lesson.lesson for lesson in lessons if lesson.rows]  # fmt: skip
    close = difflib.get_close_matches(asked, graded, n=1, cutoff=0.5)
    what = f"lesson {asked!r}" if not item.exercise else f"exercise {asked!r}{f' in {item.lesson}' * bool(item.lesson)}"
    meant = f"; did you mean {close[0]!r}?" if close else ""
    raise item.error(f"no {what} is graded{meant} Only lessons count that have a submission or that 'lessons' in "
                     "grading.toml names")  # fmt: skip


def _adjusted(lesson: LessonGrade, item: Adjustment) -> LessonGrade:
    row = next((row for row in lesson.rows if row.id == item.exercise), None)
    before, most = (row.points, row.points_max) if row else (lesson.score, lesson.most)
    if item.sign == "=" and item.points > most:
        raise item.error(f"={number(item.points)} of {number(most)} points; expected at most the full points. Write "
                         f"+{number(item.points - most)} for a bonus")  # fmt: skip
    after = {"=": item.points, "+": before + item.points, "-": max(before - item.points, 0.0)}[item.sign]
    change = Adjusted(item.exercise, f"{item.sign}{number(item.points)}", item.comment, before, round(after, 4))
    lesson = replace(lesson, adjusted=(*lesson.adjusted, change))
    if row is None:
        return replace(lesson, added=lesson.added + after - before)
    new = replace(row, points=change.after)
    if (
        row.outcome == Outcome.GRADER_ERROR and item.sign == "="
    ):  # which also decides exercises at which the grader failed
        outcome = Outcome.PASSED if after == most else Outcome.PARTIAL if after else Outcome.FAILED
        new = replace(new, outcome=outcome, message="Decided by your instructor.")
    return replace(lesson, rows=tuple(new if other is row else other for other in lesson.rows))


def _told(lesson: LessonGrade) -> LessonGrade:
    """Return an adjusted lesson with notes on changes that may be mistakes."""
    most, said = {row.id: row.points_max for row in lesson.rows} | {"": lesson.most}, []
    for name, count in Counter(change.exercise for change in lesson.adjusted).items():
        changes = [change for change in lesson.adjusted if change.exercise == name]
        told = {
            f"{count} adjustments, applied in the order of the file": count > 1,
            f"{number(changes[-1].after)} of {number(most[name])} points, with a bonus": changes[-1].after > most[name],
            "more points were taken away than the student had": any(
                change.points[0] == "-" and float(change.points[1:]) > change.before for change in changes),
        }  # fmt: skip
        said += [f"{name or 'the lesson'}: {text}" for text, true in told.items() if true]
    status = grades.GRADED if lesson.status == grades.INCOMPLETE and not lesson.unknown else lesson.status
    return replace(lesson, status=status, notes=(*lesson.notes, *said))
