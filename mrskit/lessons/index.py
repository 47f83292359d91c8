"""The lessons of the course: titles, times, points, and the paths of their notebooks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import nbformat

from mrskit.course import index
from mrskit.errors import LessonError
from mrskit.resources import lessons_folder


@dataclass(frozen=True, slots=True)
class Lesson:
    """One lesson in the list of the course."""

    name: str  # e.g. "03_detector1"
    title: str
    exercises: int
    points: int
    minutes: int  # for only the exercises


def lesson(name: str) -> Lesson:
    """
    Return a lesson by its number or name.

    Raises
    ------
    LessonError
        If the course does not have this lesson, or its notebook is missing.
    """
    full = index.lesson_name(name)
    exercises = index.lesson_exercises(full)
    return Lesson(
        full, title(read_notebook(notebook_path(full))), len(exercises), sum(item.points for item in exercises),
        sum(item.minutes for item in exercises),
    )  # fmt: skip


def notebook_path(name: str) -> Path:
    """
    Return the student notebook of a lesson.

    Raises
    ------
    LessonError
        If the course does not have this lesson, or its notebook is missing.
    """
    path = lessons_folder() / f"{index.lesson_name(name)}.ipynb"
    if not path.is_file():
        raise LessonError(f"{path}: no such notebook. Run 'mrskit build' in a checkout, or install mrskit again.",
                          path=path)  # fmt: skip
    return path


def read_notebook(path: Path) -> nbformat.NotebookNode:
    """
    Return a notebook.

    Raises
    ------
    LessonError
        If the file is missing or not a notebook.
    """
    try:
        return nbformat.read(path, as_version=4)
    except Exception as error:  # whatever a parser may raise on a damaged file
        raise LessonError(f"{path}: not a readable notebook ({error!r:.200})", path=path) from error


def title(notebook: nbformat.NotebookNode) -> str:
    """Return the first heading of a notebook, or an empty text."""
    for cell in notebook.cells:
        for line in cell.source.splitlines() if cell.cell_type == "markdown" else ():
            if line.startswith("# "):
                return line[2:].strip()
    return ""
