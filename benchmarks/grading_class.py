"""A made class: lessons in the hands of students who have solved most exercises, and about a quarter not or wrongly."""

from __future__ import annotations

import copy
import os
import random
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import nbformat

from mrskit.course import index
from mrskit.lessons import build

LESSONS = ("01", "06")
UNANSWERED, WRONG = 0.12, 0.13  # shares of the exercises
WHEN = 1_790_000_000  # s since 1970: the time of all files
_BLANK = re.compile(r"^(\s*)(\w+) = \.\.\.")
_WRONG = {
    "choice": '{0} = "a" if {0} != "a" else "b"',
    "text": '{0} = "something else"',
    "region": "{0} = ~np.asarray({0}, dtype=bool)",
    "array": "{0} = 3 * np.asarray({0}, dtype=float) + 1000",
    "scalar": "{0} = 3 * {0} + 1000",
    "quantity": "{0} = 3 * {0} + 1000",
}


Dress = Callable[[nbformat.NotebookNode], nbformat.NotebookNode]


def make_class(
    folder: Path, students: int, lessons: tuple[str, ...] = LESSONS, seed: int = 5, dress: Dress | None = None
) -> list[Path]:  # fmt: skip
    """Write the notebooks of a class as ``folder/student/lesson.ipynb`` and return their paths."""
    paths = []
    for number in range(students):
        for lesson in lessons:
            name = index.lesson_name(lesson)
            path = folder / f"student{number:03d}" / f"{name}.ipynb"
            path.parent.mkdir(parents=True, exist_ok=True)
            notebook = handed_in(name, random.Random(f"{seed} {number} {name}"))
            notebook = dress(notebook) if dress else notebook
            path.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")
            os.utime(path, (WHEN, WHEN))
            paths.append(path)
    return paths


def handed_in(lesson: str, chance: random.Random) -> nbformat.NotebookNode:
    """Return a lesson as one student hands it in; what chance has spoiled stands in ``metadata.spoiled``."""
    solved, blank = _forms(lesson)
    notebook = copy.deepcopy(solved)
    for cell, empty in zip(notebook.cells, blank.cells, strict=True):
        name = cell.metadata.get("mrskit", {}).get("exercise")
        if name is None:
            continue
        draw = chance.random()
        if draw < UNANSWERED:
            cell.source = empty.source
        elif draw < UNANSWERED + WRONG:
            cell.source = spoiled(cell.source, index.exercise(name).kind)
        if draw < UNANSWERED + WRONG:
            cell.metadata["mrskit"]["spoiled"] = "unanswered" if draw < UNANSWERED else "wrong"
        cell.source += f"\n# {chance.random():.6f}"  # no two notebooks are the same
    return notebook


@cache
def _forms(lesson: str) -> tuple[nbformat.NotebookNode, nbformat.NotebookNode]:
    """Return a lesson solved and as it is shipped."""
    return build.solved(lesson), build.student(lesson)


def spoiled(source: str, kind: str) -> str:
    """Return a solved answer cell that hands in another value, of the same kind and shape."""
    if kind == "code":
        return re.sub(r"^(\s*)return (\w+)$", r"\1return 3 * \2 + 1000", source, flags=re.MULTILINE)
    blank = next(match for line in source.splitlines() if (match := _BLANK.match(line)))
    line = _WRONG[kind].format(blank[2])
    return re.sub(r"^(answers\.give\()", f"import numpy as np\n{line}\n\\1", source, count=1, flags=re.MULTILINE)
