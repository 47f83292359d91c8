"""
The outline of a notebook: its JSON without outputs, attachments and foreign metadata, which never become values.

Saved notebooks are large because of what they show, and all of that is passed over as bytes. What is kept is counted
before it is parsed, so neither size nor depth of the rest matters.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator

from mrskit.learner.notebooks import utf8

MOST_CELLS = 300
LARGEST_KEPT = 5_000_000  # bytes of all code, as JSON
LARGEST_ENTRY = 20_000  # bytes of one entry of metadata
LARGEST_TEXT = 3_000  # bytes of a cell without code, which may have been one with
MOST_MEMBERS = 2_000  # of one object on the way to what is kept
_SPACE = re.compile(rb"[ \t\r\n]*+")
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_WORD = re.compile(rb'[^\s,:"\[\]{}]++')  # a number, true, null, also NaN
_TO_BRACKET = re.compile(rb'[^"\[\]{}]*+(?:"[^"\\]*+(?:\\.[^"\\]*+)*+"[^"\[\]{}]*+)*+', re.DOTALL)


class Unreadable(Exception):
    """Says why a file is no notebook that can be graded."""


def read(data: bytes | bytearray) -> dict:
    """
    Return the outline of a notebook in UTF-8, with or without a byte-order mark, UTF-16 or UTF-32.

    ``nbformat``, ``nbformat_minor``, ``metadata`` with the entries ``mrskit`` and ``papermill``, and ``cells``: a dict
    each with ``cell_type``, ``id``, ``source`` (of text a short one), and ``metadata`` with ``mrskit`` and ``tags``.
    Entries that the notebook does not have are missing.
    Unreadable if it is no JSON object, or what is to be kept exceeds a cap.
    """
    try:
        data = utf8(data)
    except UnicodeError as error:
        raise Unreadable(f"it is no JSON ({error!s:.80})") from error
    start = _skip_space(data, 0)
    if start == len(data):
        raise Unreadable("it is no JSON (the file is empty)")
    if data[start : start + 1] != b"{":
        raise Unreadable("it is no notebook: expected a JSON object with cells")
    if _skip_space(data, _end(data, start)) != len(data):
        raise Unreadable("it is no JSON (something follows behind its end)")
    return _Outline(data).notebook(start)


class _Outline:
    """Reads one notebook; counts what is kept of it."""

    def __init__(self, data: bytes | bytearray) -> None:
        self._data, self._room = data, LARGEST_KEPT

    def notebook(self, start: int) -> dict:
        """Return the outline of the notebook that begins at a byte."""
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
                raise Unreadable(f"it has more than {MOST_CELLS} cells, which is all that is read")
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
        """Return some members of an object, as far as they are small; nothing of what is no object."""
        if self._data[start : start + 1] != b"{":
            return {}
        return {key: self._entry(at, end) for key, at, end in _members(self._data, start) if key in names}

    def _entry(self, at: int, end: int) -> object:
        return self._kept(at, end) if end - at <= LARGEST_ENTRY else None

    def _kept(self, at: int, end: int) -> object:
        self._room -= end - at
        if self._room < 0:
            raise Unreadable(f"its code has more than {LARGEST_KEPT / 1e6:.0f} MB, which is all that is read")
        return _parsed(self._data[at:end])


def _members(data: bytes | bytearray, start: int) -> Iterator[tuple[str, int, int]]:
    """Give key, start and end of the value of each member of the object that begins at ``start``."""
    for number, at in enumerate(_elements(data, start, b"}", lambda at: _end(data, _behind_colon(data, at)))):
        if number == MOST_MEMBERS:
            raise Unreadable(f"an object of its JSON has more than {MOST_MEMBERS} members")
        key, value = _end(data, at), _behind_colon(data, at)
        yield str(_parsed(data[at:key])) if key - at <= 80 else "", value, _end(data, value)


def _elements(data: bytes | bytearray, start: int, closing: bytes, end_of: Callable[[int], int]) -> Iterator[int]:
    """Give the start of each element between the bracket at ``start`` and the closing one; ``end_of`` finds its end."""
    at = _skip_space(data, start + 1)
    while data[at : at + 1] != closing:
        yield at
        at = _skip_space(data, end_of(at))
        if data[at : at + 1] == b",":
            at = _skip_space(data, at + 1)
        elif data[at : at + 1] != closing:
            raise _no_json(at, "a comma or a closing bracket")


def _behind_colon(data: bytes | bytearray, at: int) -> int:
    """Return where the value of the member begins whose key begins at ``at``."""
    if not (key := _STRING.match(data, at)):
        raise _no_json(at, "a name in quotes")
    at = _skip_space(data, key.end())
    if data[at : at + 1] != b":":
        raise _no_json(at, "a colon")
    return _skip_space(data, at + 1)


def _end(data: bytes | bytearray, at: int) -> int:
    """Return where the value that begins at ``at`` ends, without looking at what is in it."""
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
        raise Unreadable("its JSON is nested too deeply") from error
    except ValueError as error:
        raise Unreadable(f"it is no JSON ({error!s:.80})") from error


def _no_json(at: int, expected: str) -> Unreadable:
    return Unreadable(f"it is no JSON (expected {expected} at byte {at}). Open it in JupyterLab and save it")
