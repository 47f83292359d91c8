"""All exercises of the course by id, and the rules for their records."""

from __future__ import annotations

import difflib
import importlib
import os
import string
from dataclasses import dataclass
from pathlib import Path

from mrskit.errors import AnswerError, LessonError
from mrskit.exercises import public_view
from mrskit.exercises.codec import LONGEST_ID, is_id
from mrskit.exercises.conversion import parse_unit
from mrskit.exercises.probes import MOST_PROBES
from mrskit.exercises.record import KINDS, Exercise


@dataclass(frozen=True, slots=True)
class Course:
    """The lessons of a course, and the package whose folders ``lessonNN_name`` hold their ``exercises.py``."""

    lessons: tuple[str, ...]  # names such as "03_detector1"
    package: str = "mrskit.course"


_FOLDER = "lesson"  # with which the name of a lesson's folder begins
COURSE = Course(tuple(sorted(
    folder.name.removeprefix(_FOLDER) for folder in Path(__file__).parent.glob(f"{_FOLDER}[0-9][0-9]_*")
)))  # fmt: skip


def lessons() -> tuple[str, ...]:
    """Return the names of the lessons in their order."""
    return COURSE.lessons


def lesson_name(text: str) -> str:
    """
    Return the full name of a lesson from its number or name, e.g. ``3``, ``03`` or ``03_detector1``.

    Raises
    ------
    LessonError
        If the course has no such lesson.
    """
    wanted = str(text).removesuffix(".ipynb")
    for name in COURSE.lessons:
        if wanted in (name, name[:2], name[:2].lstrip("0")):
            return name
    raise LessonError(f"no lesson {text!r}: expected one of {', '.join(COURSE.lessons)}", lesson=text)


def lesson_exercises(lesson: str) -> tuple[Exercise, ...]:
    """
    Return the exercises of one lesson in the order of the lesson; in a sandbox, only their public view.

    Raises
    ------
    LessonError
        If the course has no such lesson, or the module of its exercises is missing.
    """
    name = lesson_name(lesson)
    if shown := os.environ.get(public_view.VARIABLE):
        return tuple(item for item in public_view.read(Path(shown)) if item.id[:2] == name[:2])
    module = f"{COURSE.package}.lesson{name}.exercises"
    try:
        return importlib.import_module(module).EXERCISES
    except ModuleNotFoundError as error:
        if error.name not in (module, module.removesuffix(".exercises")):
            raise
        raise LessonError(f"lesson {name} has no exercises: module {module} is missing. Install mrskit again.",
                          lesson=name, module=module) from error  # fmt: skip


def all_exercises() -> tuple[Exercise, ...]:
    """Return the exercises of all lessons in the order of the lessons."""
    return tuple(exercise for name in COURSE.lessons for exercise in lesson_exercises(name))


def exercise(name: str) -> Exercise:
    """
    Return the exercise with an id.

    Raises
    ------
    AnswerError
        If there is none; the message names those that are spelled alike.
    """
    lesson = next((item for item in COURSE.lessons if str(name)[:2] == item[:2]), None)
    candidates = lesson_exercises(lesson) if lesson else all_exercises()
    for candidate in candidates:
        if candidate.id == name:
            return candidate
    ids = [candidate.id for candidate in candidates]
    close = difflib.get_close_matches(str(name), ids, n=3, cutoff=0.4) or ids[:3]
    raise AnswerError(f"no exercise {name!r}: did you mean {', '.join(close)}? 'mrskit list' shows all.", id=name)


def lesson_of(name: str) -> str:
    """Return the lesson to which an exercise id belongs."""
    return lesson_name(name[:2])


def problems(lesson: str) -> list[str]:
    """Return the problems of a lesson's exercise records, one sentence each."""
    found, seen = [], set()
    for item in lesson_exercises(lesson):
        found += [f"{item.id}: {problem}" for problem in _problems(item, lesson)]
        if item.id in seen:
            found.append(f"{item.id}: stands twice in the lesson's exercises")
        seen.add(item.id)
    return found


def _problems(item: Exercise, lesson: str) -> list[str]:
    checks = {
        f"the id must be {lesson_name(lesson)[:2]}-kebab-name of at most {LONGEST_ID} characters":
            is_id(item.id) and item.id[:2] == lesson_name(lesson)[:2],
        f"kind {item.kind!r} is none of {', '.join(KINDS)}": item.kind in KINDS,
        "title or question is empty": bool(item.title.strip() and item.question.strip()),
        "two hints are needed": len(item.hints) == 2 and all(hint.strip() for hint in item.hints),
        "points and minutes must be whole numbers above zero":
            all(type(n) is int and n > 0 for n in (item.points, item.minutes)),
        "a quantity needs a unit": item.kind != "quantity" or bool(item.unit),
        f"a {item.kind} has no unit": item.unit is None or item.kind in ("scalar", "quantity", "array"),
        "a choice needs at least two choices": item.kind != "choice" or len(item.choices) > 1,
        "the check is no function": callable(item.check),
        f"judged_by {item.judged_by!r} is not plan, products or truth":
            item.judged_by in ("plan", "products", "truth"),
        "code needs probes, and nothing else has them": (item.kind == "code") == callable(item.probes),
    }  # fmt: skip
    found = [message for message, sound in checks.items() if not sound]
    if item.unit is not None:
        try:
            parse_unit(item.unit, item.id)
        except AnswerError as error:
            found.append(str(error))
    found += _question_problems(item)
    return found + (_probe_problems(item) if item.kind == "code" and callable(item.probes) else [])


def _question_problems(item: Exercise) -> list[str]:
    """Return the problems of a question's unit and tolerance: missing ones, and placeholders without a source."""
    try:
        asked = {name for _, name, _, _ in string.Formatter().parse(item.question) if name is not None}
    except ValueError as error:
        return [f"the question is no template ({error}); a brace that is meant is written twice"]
    told = item.told
    found = [f"the question does not tell {{{name}}}: {told[name]}" for name in told if name not in asked]
    return found + [f"the question has {{{name}}}, which unit and check do not give" for name in asked - told.keys()]


def _probe_problems(item: Exercise) -> list[str]:
    """Return the problems of the probes of a code exercise: the judge must be able to make the same probes again."""
    first, again, other = (item.calls(seed) for seed in (1, 1, 2))
    checks = {
        f"expected 3 to {MOST_PROBES} probes": 3 <= len(first) <= MOST_PROBES,
        "a probe is a tuple of arguments": all(isinstance(probe, tuple) and probe for probe in first),
        "one seed must give the same probes each time": repr(first) == repr(again),
        "another seed must give other probes": repr(first) != repr(other),
    }
    return [message for message, sound in checks.items() if not sound]
