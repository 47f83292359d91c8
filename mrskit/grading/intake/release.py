"""The code cells of a released lesson: submissions are compared with these cells and inserted into them."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from functools import lru_cache

from mrskit.grading.intake import cells
from mrskit.grading.intake.cells import CodeCell
from mrskit.lessons.index import notebook_path, read_notebook

ALIKE = 0.5  # minimum share of equal lines for a cell without an id to count as a changed cell of the release
MOST_LINES = 100  # lines of a cell that are compared in this way


@dataclass(frozen=True, slots=True)
class Step:
    """One code cell of a notebook that is run."""

    id: str  # of the cell in the release; empty for a learner's own cell
    source: str
    exercise: str = ""  # the exercise that this cell answers
    handed_in: bool = False  # the learner wrote the source
    parameters: bool = False


@lru_cache(maxsize=16)
def release(lesson: str) -> tuple[Step, ...]:
    """Return the code cells of a lesson as released to learners. LessonError if the lesson does not exist."""
    notebook = read_notebook(notebook_path(lesson))
    return tuple(
        Step(cell.id, cell.source, cell.metadata.get("mrskit", {}).get("exercise", ""),
             parameters="parameters" in cell.metadata.get("tags", []))
        for cell in notebook.cells if cell.cell_type == "code"
    )  # fmt: skip


def match(cell: CodeCell, steps: tuple[Step, ...], by_likeness: bool) -> Step | None:
    """
    Return the cell of the release that matches a submitted cell, even a changed one; None for a learner's own cell.

    Cells are matched by id, else by equal source, else (if ids were lost) by similarity.
    """
    for step in steps:
        if step.id == cell.id and not step.exercise:
            return step
    for step in steps:
        if cells.same(step.source, cell.source):
            return step
    return _alike(cell, steps) if by_likeness else None


def kept_ids(handed: tuple[CodeCell, ...], steps: tuple[Step, ...]) -> bool:
    """Return whether a submission still has the cell ids of the release; some programs drop or renew them."""
    return not {cell.id for cell in handed}.isdisjoint(step.id for step in steps)


def label(step: Step) -> str:
    """Return the name of a cell of the release for messages: its first line of code."""
    if step.parameters:
        return "the parameters"
    lines = [line.strip() for line in step.source.splitlines() if line.strip() and not line.strip().startswith("#")]
    return f"the cell '{(lines or [step.id])[0]:.60}'"


def _alike(cell: CodeCell, steps: tuple[Step, ...]) -> Step | None:
    """Return the cell of the release that shares most lines with a cell; None if the share is below `ALIKE`."""
    lines = cells.normal(cell.source).splitlines()[:MOST_LINES]
    best, share = None, ALIKE
    for step in steps:
        common = difflib.SequenceMatcher(None, lines, cells.normal(step.source).splitlines(), autojunk=False)
        if not step.exercise and common.ratio() >= share:
            best, share = step, common.ratio()
    return best
