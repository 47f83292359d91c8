"""The marks of the workshop's path in a notebook, and the time for the path."""

from __future__ import annotations

import math
import re

import nbformat

from mrskit.course import index, paths

MARK = "◆"  # before a question, and under the heading of a section
PATH = "workshop"
_WORDS = 200  # words read per minute
_OPENING = ("\n\n**Workshop.** The half-day path takes {minutes} of these minutes: read the sections and answer the "
            f"exercises that are marked {MARK}. Run the other cells too, without reading.")  # fmt: skip
_TOLD = re.compile(r"half-day path takes (\d+) of these minutes")


def on_path(exercise: str) -> str:
    """Return the mark before a question, with a space, or an empty text if the exercise is not on the path."""
    return f"{MARK} " if paths.includes(PATH, exercise) else ""


def minutes(notebook: nbformat.NotebookNode) -> int:
    """Return the minutes for the path that a marked notebook states, or 0."""
    found = _TOLD.search(notebook.cells[0].source)
    return int(found[1]) if found else 0


def _minutes(notebook: nbformat.NotebookNode) -> int:
    """Return the minutes for the path in a lesson (exercises and prose of its sections), or 0 without exercises."""
    name = notebook.metadata["mrskit"]["lesson"]
    time = sum(item.minutes for item in index.lesson_exercises(name) if paths.includes(PATH, item.id))
    words = sum(len(cell.source.split()) for cells in _sections(notebook) if _marked(cells) for cell in cells
                if cell.cell_type == "markdown")  # fmt: skip
    return math.ceil(time + words / _WORDS) if time else 0


def mark_sections(notebook: nbformat.NotebookNode) -> None:
    """Add the mark under the headings of the path's sections, and the time for the path to the first cell."""
    if total := _minutes(notebook):
        for heading, *others in _sections(notebook)[1:]:
            if _marked([heading, *others]):
                heading.source = re.sub(r"\A(## .*)", rf"\1\n\n*{MARK} Workshop*", heading.source)
        notebook.cells[0].source += _OPENING.format(minutes=total)


def _sections(notebook: nbformat.NotebookNode) -> list[list[nbformat.NotebookNode]]:
    """Return the cells of each section; the first section has the cells before the first heading."""
    found: list[list[nbformat.NotebookNode]] = [[]]
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and cell.source.startswith("## "):
            found.append([])
        found[-1].append(cell)
    return found


def _marked(cells: list[nbformat.NotebookNode]) -> bool:
    """Return whether a section is on the path: it has an exercise on the path, or no exercise at all."""
    asked = [cell.metadata.mrskit["exercise"] for cell in cells if "mrskit" in cell.metadata]
    return not asked or any(paths.includes(PATH, exercise) for exercise in asked)
