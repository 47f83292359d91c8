"""Saved notebooks as text: which answers their outputs hold, and whether a cell was changed since; nothing is run."""

from __future__ import annotations

import ast
import json
from dataclasses import dataclass
from pathlib import Path

from mrskit.answering.answer_files import MIME, source_digest
from mrskit.errors import LessonError

LARGEST = 100_000_000  # bytes of a notebook that is read


@dataclass(frozen=True, slots=True)
class Cell:
    """One answer cell as it was saved."""

    exercise: str
    digest: str  # of its source now
    record: dict | None  # what its output handed in, unchecked; None: it was not run
    ran: str = ""  # digest of the source that was run; "" where the output does not say
    setting: str = ""  # what the lesson ran on


@dataclass(frozen=True, slots=True)
class Saved:
    """What a saved notebook says of its exercises."""

    path: Path
    lesson: str  # name as the notebook gives it, else the name of the file
    cells: dict[str, Cell]  # by exercise; of duplicates the last


def read(path: Path) -> Saved:
    """
    Return the answer cells of a saved notebook.

    Raises
    ------
    LessonError
        If the file is missing, too large, or no notebook.
    """
    table = load(path)
    lesson = table.get("metadata", {}).get("mrskit", {}).get("lesson") or path.stem
    found = {}
    for cell in table["cells"]:
        name = exercise_of(cell)
        if name:
            found[name] = _cell(name, cell)
    return Saved(path, str(lesson), found)


def load(path: Path) -> dict:
    """
    Return a notebook as plain JSON values.

    Raises
    ------
    LessonError
        If the file is missing, too large, or no notebook.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise ValueError(f"larger than {LARGEST / 1e6:.0f} MB")
        table = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(table["cells"], list) or not all(isinstance(cell, dict) for cell in table["cells"]):
            raise ValueError("no list of cells")
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise LessonError(f"{path}: not a readable notebook ({type(error).__name__}: {error!s:.100}). Save it again, "
                          "or get a new copy with 'mrskit start'.", path=path) from error  # fmt: skip
    return table


def exercise_of(cell: dict) -> str:
    """Return the exercise that a cell answers: from its metadata, else from its call of ``give``; "" if none."""
    if cell.get("cell_type") != "code":
        return ""
    noted = cell.get("metadata", {}).get("mrskit", {}).get("exercise")
    if noted:
        return str(noted)
    source = text_of(cell)
    if "give" not in source:
        return ""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return ""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args
             and getattr(node.func, "attr", "") == "give"]  # fmt: skip
    names = [call.args[0].value for call in calls if isinstance(call.args[0], ast.Constant)]
    return next((name for name in names if isinstance(name, str)), "")


def text_of(cell: dict) -> str:
    """Return the source of a cell as one text."""
    source = cell.get("source", "")
    return "".join(source) if isinstance(source, list) else str(source)


def _cell(name: str, cell: dict) -> Cell:
    record, ran, setting = None, "", ""
    for output in cell.get("outputs", ()):
        data = output.get("data") if isinstance(output, dict) else None
        if isinstance(data, dict) and isinstance(data.get(MIME), dict) and data[MIME].get("id") == name:
            record, notes = data[MIME], output.get("metadata", {}).get("mrskit", {})
            ran, setting = str(notes.get("source", "")), str(notes.get("setting", ""))
    return Cell(name, source_digest(text_of(cell)), record, ran, setting)
