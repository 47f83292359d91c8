"""Data files that a student hands in with a notebook: copied within limits; they never replace other files."""

from __future__ import annotations

import base64
import re
import unicodedata
from collections.abc import Callable, Iterable
from importlib.machinery import all_suffixes

MOST, LARGEST = 20, 2_000_000  # files of a student; bytes of all of them together
_PLAIN = re.compile(r"\w[\w .()+-]{0,76}\.\w{1,10}")  # a name with an ending, so it cannot be a folder of the workspace
_CODE = (
    *all_suffixes(),
    ".pyw",
    ".pyd",
    ".pth",
    ".egg",
    ".zip",
    ".ipynb",
)  # endings of Python modules and notebooks
_OF_THE_COURSE = ("workspace.json", "exercises.json", "progress.json", "scorecard.json")


def taken_along(beside: Iterable[tuple[str, Callable[[], bytes]]], code: str) -> tuple[dict[str, str], list[str]]:
    """
    Return the files to copy next to a notebook before its run (base64 by name), and notes on files that it may miss.

    ``beside`` gives the name of each plain file and a function that reads at most `LARGEST` + 1 bytes. Files that are
    named in the notebook's code come first, and notes are made only for these.
    """
    found: dict[str, str] = {}
    notes, room, seen = [], LARGEST, set(_OF_THE_COURSE)
    for name, read in sorted(beside, key=lambda item: (item[0] not in code, item[0])):
        problem = _problem(name, seen) or (f"more than {MOST} files" if len(found) == MOST else "")
        data = b"" if problem else read()
        if len(data) > room:
            problem = f"the student's files have more than {LARGEST / 1e6:.0f} MB"
        if not problem:
            seen.add(_folded(name))
            room -= len(data)
            found[name] = base64.b64encode(data).decode("ascii")
        elif name in code or (name.endswith(".py") and re.search(rf"\bimport {re.escape(name[:-3])}\b", code)):
            notes.append(f"{name:.80} next to the notebook is not copied: {problem}")
    return found, notes


def _problem(name: str, seen: set[str]) -> str:
    if name.lower().endswith(_CODE) or not _PLAIN.fullmatch(unicodedata.normalize("NFC", name)):
        return "expected data with a plain name and an ending; no Python modules or archives"
    return "a file of the workspace has the same name" if _folded(name) in seen else ""


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
