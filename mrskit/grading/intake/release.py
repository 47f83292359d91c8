"""The code cells of a lesson as it was released: the skeleton that submissions are put into, and compared with."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from functools import lru_cache

from mrskit.grading.intake import cells
from mrskit.grading.intake.cells import CodeCell
from mrskit.lessons.index import notebook_path, read_notebook

ALIKE = 0.5  # share of equal lines from which a cell without an id is a changed cell of the release
MOST_LINES = 100  # of a cell that are compared so


@dataclass(frozen=True, slots=True)
class Step:
    """One code cell of a notebook that is run."""

    id: str  # of the cell in the release; empty for a learner's own
    source: str
    exercise: str = ""  # whose answer cell it is
    handed_in: bool = False  # the source is the learner's
    parameters: bool = False


@lru_cache(maxsize=16)
def release(lesson: str) -> tuple[Step, ...]:
    """Return the code cells of a lesson as learners get it. LessonError if there is no such lesson."""
    notebook = read_notebook(notebook_path(lesson))
    return tuple(
        Step(cell.id, cell.source, cell.metadata.get("mrskit", {}).get("exercise", ""),
             parameters="parameters" in cell.metadata.get("tags", []))
        for cell in notebook.cells if cell.cell_type == "code"
    )  # fmt: skip


def match(cell: CodeCell, steps: tuple[Step, ...], by_likeness: bool) -> Step | None:
    """
    Return the cell of the release that a submitted one is, perhaps changed; None for a learner's own.

    By the id of the notebook format, else by equal source, else, where ids were lost in saving, by likeness.
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
    """Return how a cell of the release is called in messages: its first line of code."""
    if step.parameters:
        return "the parameters"
    lines = [line.strip() for line in step.source.splitlines() if line.strip() and not line.strip().startswith("#")]
    return f"the cell '{(lines or [step.id])[0]:.60}'"


def _alike(cell: CodeCell, steps: tuple[Step, ...]) -> Step | None:
    """Return the cell of the release with which a cell shares most lines, None below the share `ALIKE`."""
    lines = cells.normal(cell.source).splitlines()[:MOST_LINES]
    best, share = None, ALIKE
    for step in steps:
        common = difflib.SequenceMatcher(None, lines, cells.normal(step.source).splitlines(), autojunk=False)
        if not step.exercise and common.ratio() >= share:
            best, share = step, common.ratio()
    return best
