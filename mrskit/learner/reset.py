"""Reset an exercise or a lesson, and keep a backup."""

from __future__ import annotations

import json
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from mrskit.answering import answer_files
from mrskit.course import index
from mrskit.errors import LessonError
from mrskit.exercises.codec import is_id
from mrskit.learner import course, notebooks
from mrskit.workspace import Workspace, write_text

FOLDER = "backup"  # in Notebook/


@dataclass(frozen=True, slots=True)
class Target:
    """The exercise or lesson to reset."""

    lesson: str
    exercises: tuple[str, ...]
    whole: bool  # the whole notebook of the lesson, not only one cell


def target(text: str) -> Target:
    """Return the exercise (by id) or lesson (by number or name) that a text names; else AnswerError or LessonError."""
    if is_id(text):
        return Target(index.lesson_of(text), (index.exercise(text).id,), False)
    lesson = index.lesson_name(text)
    return Target(lesson, tuple(item.id for item in index.lesson_exercises(lesson)), True)


def reset(workspace: Workspace, wanted: Target) -> list[Path]:
    """
    Reset the answers and notebook of an exercise or a lesson, and return the backups.

    For an exercise, the answer cell gets the released source and loses its outputs; the rest of the notebook is kept.
    For a lesson, the notebook becomes a new copy.

    LessonError if the learner's notebook cannot be read, or has no cell for the exercise.
    """
    path = workspace.root / "Notebook" / f"{wanted.lesson}.ipynb"
    text = None if wanted.whole or not path.is_file() else _with_release_cell(path, wanted)
    kept = [
        keep(workspace, file) for file in (path, answer_files.answers_file(workspace, wanted.lesson)) if file.is_file()
    ]
    answer_files.forget(workspace, wanted.lesson, wanted.exercises)
    if wanted.whole:
        course.notebook(workspace, wanted.lesson, fresh=True)
    elif text is not None:
        write_text(path, text)
    return kept


def _with_release_cell(path: Path, wanted: Target) -> str:
    from mrskit.lessons.index import notebook_path

    name = wanted.exercises[0]
    release = notebooks.load(notebook_path(wanted.lesson))["cells"]
    source = next(notebooks.text_of(cell) for cell in release if notebooks.exercise_of(cell) == name)
    table = notebooks.load(path)
    mine = [cell for cell in table["cells"] if notebooks.exercise_of(cell) == name]
    if not mine:
        raise LessonError(f"{path}: found no cell for {name}. Reset the whole lesson: mrskit reset {wanted.lesson[:2]}",
                          path=path)  # fmt: skip
    for cell in mine:
        cell.update(source=source.splitlines(keepends=True), outputs=[], execution_count=None)
    return json.dumps(table, indent=1, ensure_ascii=False) + "\n"


def keep(workspace: Workspace, path: Path) -> Path:
    """Copy a file to the backup folder under an unused name, and return the copy."""
    folder = workspace.root / "Notebook" / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    stamp, number = time.strftime("%Y%m%d-%H%M%S"), 1
    place = folder / f"{path.stem}-{stamp}{path.suffix}"
    while place.exists():
        number += 1
        place = folder / f"{path.stem}-{stamp}-{number}{path.suffix}"
    shutil.copy2(path, place)
    return place
