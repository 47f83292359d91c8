"""Saved notebooks as text: which answers their outputs hold, and whether a cell was changed since; nothing is run."""

from __future__ import annotations

import ast
import codecs
import json
from dataclasses import dataclass
from pathlib import Path

from mrskit.answering.answer_files import MIME, source_digest
from mrskit.errors import LessonError

_BOM = b"\xef\xbb\xbf"
_PIECE = 1 << 20  # bytes
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
    """Return the answer cells of a saved notebook. LessonError if the file is missing, too large, or no notebook."""
    table = load(path)
    lesson = table.get("metadata", {}).get("mrskit", {}).get("lesson") or path.stem
    found = {}
    for cell in table["cells"]:
        name = exercise_of(cell)
        if name:
            found[name] = _cell(name, cell)
    return Saved(path, str(lesson), found)


def load(path: Path) -> dict:
    """Return a notebook as plain JSON values. LessonError if the file is missing, too large, or no notebook."""
    data = b""
    try:
        if path.stat().st_size > LARGEST:
            raise ValueError(f"larger than {LARGEST / 1e6:.0f} MB")
        data = path.read_bytes()
        table = json.loads(utf8(data))
        if not isinstance(table["cells"], list) or not all(isinstance(cell, dict) for cell in table["cells"]):
            raise ValueError("no list of cells")
    except FileNotFoundError as error:
        raise LessonError(f"{path}: no such notebook. Look for the right name, or begin one with 'mrskit start'.",
                          path=path) from error  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise LessonError(f"{path}: not a readable notebook ({_problem(data, error)}", path=path) from error
    return table


def utf8(data: bytes | bytearray) -> bytes | bytearray:
    """
    Return the text of a notebook in UTF-8, without a byte-order mark; it may also come in UTF-16 or UTF-32.

    Another encoding is read piece by piece, as text takes up to four times the memory.

    UnicodeError if it is none of these.
    """
    encoding = json.detect_encoding(data)
    if encoding in ("utf-8", "utf-8-sig"):
        return data[len(_BOM) :] if data.startswith(_BOM) else data
    found, decoder = bytearray(), codecs.getincrementaldecoder(encoding)()
    for start in range(0, len(data), _PIECE):
        found += decoder.decode(data[start : start + _PIECE], start + _PIECE >= len(data)).encode()
    return found


def _problem(data: bytes, error: Exception) -> str:
    """Return what is the matter with a file that is no notebook, and the next command."""
    anew = "'mrskit start LESSON --fresh' puts a new copy in its place; this file and your answers are kept"
    if data.strip() == b"" and not isinstance(error, OSError):
        return f"the file is empty). {anew}."
    for number, line in enumerate(data.splitlines(), 1):
        if line.startswith(b"<<<<<<< "):
            return (f"git has left a conflict in it, from line {number} on). Choose a side with 'git checkout --ours "
                    f"FILE' or '--theirs', or {anew}.")  # fmt: skip
    return f"{type(error).__name__}: {error!s:.100}). Save it again in JupyterLab, or {anew}."


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
