"""Read saved notebooks as text, without running them: the answers in their outputs, and cells changed later."""

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
LARGEST = 100_000_000  # largest notebook that is read, bytes


@dataclass(frozen=True, slots=True)
class Cell:
    """One saved answer cell."""

    exercise: str
    digest: str  # digest of the current source
    record: dict | None  # record in its output, unchecked; None: it was not run
    ran: str = ""  # digest of the source that was run; "" if unknown
    setting: str = ""  # setting of the lesson's data


@dataclass(frozen=True, slots=True)
class Saved:
    """The exercises in a saved notebook."""

    path: Path
    lesson: str  # name in the notebook, else the name of the file
    cells: dict[str, Cell]  # by exercise; the last of duplicates


def read(path: Path) -> Saved:
    """Return the answer cells of a saved notebook; LessonError if the file is missing, too large or not a notebook."""
    table = load(path)
    lesson = table.get("metadata", {}).get("mrskit", {}).get("lesson") or path.stem
    found = {}
    for cell in table["cells"]:
        name = exercise_of(cell)
        if name:
            found[name] = _cell(name, cell)
    return Saved(path, str(lesson), found)


def load(path: Path) -> dict:
    """Return a notebook as plain JSON values; LessonError if the file is missing, too large or not a notebook."""
    data = b""
    try:
        if path.stat().st_size > LARGEST:
            raise ValueError(f"larger than {LARGEST / 1e6:.0f} MB")
        data = path.read_bytes()
        table = json.loads(utf8(data))
        if not isinstance(table["cells"], list) or not all(isinstance(cell, dict) for cell in table["cells"]):
            raise ValueError("the list of cells is missing")
    except FileNotFoundError as error:
        raise LessonError(f"{path}: no such notebook. Check the name, or make a notebook with 'mrskit start'.",
                          path=path) from error  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise LessonError(f"{path}: not a readable notebook ({_problem(data, error)}", path=path) from error
    return table


def utf8(data: bytes | bytearray) -> bytes | bytearray:
    """
    Convert the text of a notebook from UTF-8, UTF-16 or UTF-32 to UTF-8 without a byte-order mark.

    UTF-16 and UTF-32 are converted piece by piece, because text needs up to four times the memory.

    UnicodeError for a different encoding.
    """
    encoding = json.detect_encoding(data)
    if encoding in ("utf-8", "utf-8-sig"):
        return data[len(_BOM) :] if data.startswith(_BOM) else data
    found, decoder = bytearray(), codecs.getincrementaldecoder(encoding)()
    for start in range(0, len(data), _PIECE):
        found += decoder.decode(data[start : start + _PIECE], start + _PIECE >= len(data)).encode()
    return found


def _problem(data: bytes, error: Exception) -> str:
    """Return the problem of a file that is not a notebook, and the next command."""
    anew = "'mrskit start LESSON --fresh' replaces it with a new copy; this file and your answers are kept"
    if data.strip() == b"" and not isinstance(error, OSError):
        return f"the file is empty). {anew}."
    for number, line in enumerate(data.splitlines(), 1):
        if line.startswith(b"<<<<<<< "):
            return (f"git has left a conflict in it, from line {number} on). Choose a side with 'git checkout --ours "
                    f"FILE' or '--theirs', or {anew}.")  # fmt: skip
    return f"{type(error).__name__}: {error!s:.100}). Save it again in JupyterLab, or {anew}."


def exercise_of(cell: dict) -> str:
    """Return the exercise that a cell answers, from its metadata or its call of ``give``, or "" if there is none."""
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
    """Return the source of a cell as a single text."""
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
