"""Checks that the course can be graded, for authors before a release. Each problem is one sentence."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Iterable, Iterator

import nbformat
import numpy as np

from mrskit.answering import recorded
from mrskit.answering.judge import WorkspaceFacts, judge
from mrskit.course import index
from mrskit.errors import MrskitError
from mrskit.exercises.checks import evaluate
from mrskit.exercises.outcomes import Outcome
from mrskit.exercises.probes import SEED
from mrskit.exercises.record import Answer, Exercise, Output, Outputs, Value
from mrskit.grading.judging.judging import Judge
from mrskit.grading.key import Key
from mrskit.grading.records import Submission
from mrskit.lessons import build
from mrskit.lessons.index import notebook_path, read_notebook

TELLING = 12  # minimum number of characters for a line of a solution to be specific
DIGITS = 4  # minimum number of significant digits for a number to be specific
FACTORS = (0.5, 1.5)  # factors for changing right numbers: every exercise must notice
_NUMBER = re.compile(r"(?<![\w.])\d+\.?\d*(?:[eE][-+]?\d+)?(?![\w])")


def release_problems(lessons: Iterable[str]) -> list[str]:
    """Return the problems of the exercises and student notebooks that can be found without a workspace."""
    found = []
    for lesson in map(index.lesson_name, lessons):
        unsound = index.problems(lesson)  # then the notebook cannot be built
        told = () if unsound else _leaks(lesson)
        found += unsound + [f"{lesson}.ipynb contains a line of the solution of {name}: {line}" for name, line in told]
    return found


def key_problems(key: Key, lessons: Iterable[str]) -> list[str]:
    """
    Return the problems of the exercises, tested on a solved workspace.

    The workspace's own answers must earn all points, and modified answers fewer: scaled numbers, rotated regions, other
    choices, functions with other results. No student notebook may contain an expected number.
    """
    facts, found = Judge(key).facts, []
    for lesson in map(index.lesson_name, lessons):
        answers = recorded.read(key.workspace, lesson)
        numbers = _numbers(read_notebook(notebook_path(lesson)))
        for exercise in index.lesson_exercises(lesson):
            given = answers.get(exercise.id)
            if given is None or given.answer.value is None:
                found.append(f"{exercise.id}: the workspace has no answer; run 'mrskit demo' first")
                continue
            found += _sensitivity_problems(given.answer, facts)
            found += _number_problems(exercise, facts, numbers)
    return found


def stripped_problems(key: Key, lessons: Iterable[str]) -> list[str]:
    """Return problems of the unsolved student notebooks, run and judged like submissions: they must earn 0 points."""
    from mrskit.grading.run.run import Runner

    found, judging = [], Judge(key)
    with Runner(key.workspace, trust=True) as runner:  # the release is our own code
        for lesson in map(index.lesson_name, lessons):
            record, _ = runner.run(as_shipped(lesson), SEED, {})
            found += [f"{item.id}: the unsolved notebook gives '{item.outcome}' ({item.message})"
                      for item in record.given if item.outcome != Outcome.NOT_ANSWERED]  # fmt: skip
            found += [f"{row.id}: earns {row.points:g} points without an answer"
                      for row in judging.judge([record])[0].rows if row.points]  # fmt: skip
    return found


def changed(answer: Answer) -> Iterator[tuple[str, Answer]]:
    """Yield answers that are certainly wrong, with a description of the change."""
    value = answer.value
    if answer.kind == "choice":
        yield from ((f"{other!r}", dataclasses.replace(answer, value=other)) for other in answer.asked.choices
                    if other != value)  # fmt: skip
    elif answer.kind == "text":
        for other in ("something else", f"{value}, something else", f"something else or {value}"):
            yield f"{other!r}", dataclasses.replace(answer, value=other)
    elif answer.kind == "region":
        yield "the rotated region", dataclasses.replace(answer, value=~np.asarray(value, dtype=bool))
    else:
        for factor in FACTORS:
            yield f"{factor} times the value", dataclasses.replace(answer, value=_scaled(value, factor))


def _scaled(value: Value, factor: float) -> Value:
    if isinstance(value, Outputs):
        calls = (Output(_times(call.value, factor), call.problem, call.changed) for call in value.calls)
        return Outputs(value.seed, tuple(calls))
    if isinstance(value, np.ndarray):
        return np.where(value == 0, 1, factor * value.astype(float))
    return value if isinstance(value, str) else _times(value, factor)


def _times(value: float | list | None, factor: float) -> float | list | None:
    if isinstance(value, list):
        return [_times(item, factor) for item in value]
    return value if value is None else factor * value if value else 1


def _sensitivity_problems(answer: Answer, facts: WorkspaceFacts) -> list[str]:
    exercise, verdict, found = answer.asked, judge(answer, facts), []
    if verdict.points != exercise.points:
        found.append(f"{exercise.id}: the solution is {verdict.outcome}, {verdict.points} of {exercise.points} points: "
                     f"{verdict.message}")  # fmt: skip
    for what, other in changed(answer):
        if (points := judge(other, facts).points) >= exercise.points:
            found.append(f"{exercise.id}: {what} earns {points} points too")
    return found


def _number_problems(exercise: Exercise, facts: WorkspaceFacts, numbers: list[str]) -> list[str]:
    expected = getattr(exercise.check, "expected", None)
    if exercise.kind not in ("scalar", "quantity") or expected is None:
        return []
    try:
        wanted = evaluate(expected, facts)
        values = wanted.values() if isinstance(wanted, dict) else [wanted]
        told = [float(number) for value in values for number in np.ravel(value)]
    except (MrskitError, TypeError, ValueError):
        return []
    return [
        f"{exercise.id}: the student notebook contains its expected value, as {text}"
        for text in numbers for value in told if value and math.isclose(float(text), abs(value), rel_tol=1e-3)
    ]  # fmt: skip


def _numbers(notebook: nbformat.NotebookNode) -> list[str]:
    """Return the numbers in a notebook that have enough digits to be specific."""
    found = {text for cell in notebook.cells for text in _NUMBER.findall(cell.source)}
    return sorted(text for text in found if len(re.sub(r"[eE].*|\D", "", text).strip("0")) >= DIGITS)


def _leaks(lesson: str) -> Iterator[tuple[str, str]]:
    """Yield the lines of solutions that are in the student notebook but nowhere else in the sources."""
    shipped = {line.strip() for cell in read_notebook(notebook_path(lesson)).cells for line in cell.source.splitlines()}
    own = {line.strip() for cell in build.student(lesson).cells for line in cell.source.splitlines()}
    for cell in build.solved(lesson).cells:
        name = cell.metadata.get("mrskit", {}).get("exercise")
        lines = {line.strip() for line in cell.source.splitlines()} - own if name else ()
        yield from ((name, line) for line in sorted(lines) if len(line) >= TELLING and line in shipped)


def as_shipped(lesson: str) -> Submission:
    """Return the submission of a student who hands in the unsolved lesson."""
    notebook = read_notebook(notebook_path(lesson))
    cells = ((cell.metadata.get("mrskit", {}).get("exercise"), cell.source) for cell in notebook.cells)
    return Submission("release", lesson, f"{lesson}.ipynb", "", {name: source for name, source in cells if name})
