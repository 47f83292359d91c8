"""
The outline of a notebook: its JSON without outputs, attachments and foreign metadata, which never become values.

Saved notebooks are large because of their outputs, which are skipped as bytes. The kept parts are counted before they
are parsed, so the size and depth of the rest do not matter.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator

from mrskit.learner.notebooks import utf8

MOST_CELLS = 300
LARGEST_KEPT = 5_000_000  # bytes of all code, as JSON
LARGEST_ENTRY = 20_000  # bytes of one entry of metadata
LARGEST_TEXT = 3_000  # bytes of a cell without code, which may have been a code cell
MOST_MEMBERS = 2_000  # members of one object above the kept parts
_SPACE = re.compile(rb"[ \t\r\n]*+")
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_WORD = re.compile(rb'[^\s,:"\[\]{}]++')  # a number, true, null, NaN
_TO_BRACKET = re.compile(rb'[^"\[\]{}]*+(?:"[^"\\]*+(?:\\.[^"\\]*+)*+"[^"\[\]{}]*+)*+', re.DOTALL)


class Unreadable(Exception):
    """The reason why a file cannot be graded as a notebook."""


def read(data: bytes | bytearray) -> dict:
    """
    Return the outline of a notebook in UTF-8 (with or without byte-order mark), UTF-16 or UTF-32.

    The outline contains ``nbformat``, ``nbformat_minor``, ``metadata`` (entries ``mrskit`` and ``papermill``) and
    ``cells``. Each cell is a dict with ``cell_type``, ``id``, ``source`` (short for text cells), and ``metadata`` with
    ``mrskit`` and ``tags``. Entries that are not in the notebook are left out. Unreadable if the file is not a JSON
    object, or if the kept parts exceed a limit.
    """
    try:
        data = utf8(data)
    except UnicodeError as error:
        raise Unreadable(f"not valid JSON ({error!s:.80})") from error
    start = _skip_space(data, 0)
    if start == len(data):
        raise Unreadable("not valid JSON (the file is empty)")
    if data[start : start + 1] != b"{":
        raise Unreadable("not a notebook: expected a JSON object with cells")
    if _skip_space(data, _end(data, start)) != len(data):
        raise Unreadable("not valid JSON (extra data after the end)")
    return _Outline(data).notebook(start)


class _Outline:
    """Reader of one notebook that counts the bytes it keeps."""

    def __init__(self, data: bytes | bytearray) -> None:
        self._data, self._room = data, LARGEST_KEPT

    def notebook(self, start: int) -> dict:
        """Return the outline of the notebook that begins at a given byte."""
        table: dict[str, object] = {}
        for key, at, end in _members(self._data, start):
            if key in ("nbformat", "nbformat_minor"):
                table[key] = self._entry(at, end)
            elif key == "metadata":
                table[key] = self._picked(at, ("mrskit", "papermill"))
            elif key == "cells":
                table[key] = self._cells(at)
        return table

    def _cells(self, start: int) -> object:
        if self._data[start : start + 1] != b"[":
            return None
        cells: list[object] = []
        for at in _elements(self._data, start, b"]", lambda at: _end(self._data, at)):
            if len(cells) == MOST_CELLS:
                raise Unreadable(f"the notebook has more cells than the limit of {MOST_CELLS}")
            cells.append(self._cell(at))
        return cells

    def _cell(self, start: int) -> object:
        if self._data[start : start + 1] != b"{":
            return None
        places = {key: (at, end) for key, at, end in _members(self._data, start)}
        cell: dict[str, object] = {}
        cell |= {key: self._entry(*places[key]) for key in ("cell_type", "id") if key in places}
        if "metadata" in places:
            cell["metadata"] = self._picked(places["metadata"][0], ("mrskit", "tags"))
        if "source" in places:
            at, end = places["source"]
            if cell.get("cell_type") == "code" or end - at <= LARGEST_TEXT:
                cell["source"] = self._kept(at, end)
        return cell

    def _picked(self, start: int, names: Collection[str]) -> dict:
        """Return the given members of an object if they are small; empty if the value is not an object."""
        if self._data[start : start + 1] != b"{":
            return {}
        return {key: self._entry(at, end) for key, at, end in _members(self._data, start) if key in names}

    def _entry(self, at: int, end: int) -> object:
        return self._kept(at, end) if end - at <= LARGEST_ENTRY else None

    def _kept(self, at: int, end: int) -> object:
        self._room -= end - at
        if self._room < 0:
            raise Unreadable(f"the code of the notebook is larger than the limit of {LARGEST_KEPT / 1e6:.0f} MB")
        return _parsed(self._data[at:end])


def _members(data: bytes | bytearray, start: int) -> Iterator[tuple[str, int, int]]:
    """Yield the key and the start and end of the value, for each member of the object that begins at ``start``."""
    for number, at in enumerate(_elements(data, start, b"}", lambda at: _end(data, _behind_colon(data, at)))):
        if number == MOST_MEMBERS:
            raise Unreadable(f"an object of its JSON has more than {MOST_MEMBERS} members")
        key, value = _end(data, at), _behind_colon(data, at)
        yield str(_parsed(data[at:key])) if key - at <= 80 else "", value, _end(data, value)


def _elements(data: bytes | bytearray, start: int, closing: bytes, end_of: Callable[[int], int]) -> Iterator[int]:
    """Yield the start of each element in the brackets that open at ``start``; ``end_of`` finds an element's end."""
    at = _skip_space(data, start + 1)
    while data[at : at + 1] != closing:
        yield at
        at = _skip_space(data, end_of(at))
        if data[at : at + 1] == b",":
            at = _skip_space(data, at + 1)
        elif data[at : at + 1] != closing:
            raise _no_json(at, "a comma or a closing bracket")


def _behind_colon(data: bytes | bytearray, at: int) -> int:
    """Return the start of the value of the member whose key begins at ``at``."""
    if not (key := _STRING.match(data, at)):
        raise _no_json(at, "a name in quotes")
    at = _skip_space(data, key.end())
    if data[at : at + 1] != b":":
        raise _no_json(at, "a colon")
    return _skip_space(data, at + 1)


def _end(data: bytes | bytearray, at: int) -> int:
    """Return the end of the value that begins at ``at``, without reading its content."""
    if data[at : at + 1] not in (b"[", b"{"):
        if not (plain := _STRING.match(data, at) or _WORD.match(data, at)):
            raise _no_json(at, "a value")
        return plain.end()
    depth = 0
    while True:
        at = _after(_TO_BRACKET, data, at)
        if at == len(data) or data[at] == 0x22:  # a quote that is never closed
            raise _no_json(at, "a closing bracket")
        depth += 1 if data[at] in b"[{" else -1
        at += 1
        if depth == 0:
            return at


def _skip_space(data: bytes | bytearray, at: int) -> int:
    return _after(_SPACE, data, at)


def _after(pattern: re.Pattern[bytes], data: bytes | bytearray, at: int) -> int:
    found = pattern.match(data, at)
    return found.end() if found else at


def _parsed(text: bytes | bytearray) -> object:
    try:
        return json.loads(text)
    except RecursionError as error:
        raise Unreadable("the JSON is nested too deeply") from error
    except ValueError as error:
        raise Unreadable(f"not valid JSON ({error!s:.80})") from error


def _no_json(at: int, expected: str) -> Unreadable:
    return Unreadable(f"not valid JSON (expected {expected} at byte {at}). Open the notebook in JupyterLab and save it")
