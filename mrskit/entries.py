"""Read entries of files into frozen dataclasses, with errors that name the wrong entry."""

from __future__ import annotations

import copy
import re
import sys
from typing import Any, TypeVar

import msgspec

Kind = TypeVar("Kind")
_STEP = re.compile(r"\.(\w+)|\[(\d+|\.{3})\]")  # parts of the paths that msgspec reports, e.g. $.fetched[...].bytes
_WORDS = {
    "int": "a whole number", "float": "a number", "int | float": "a number", "str": "text", "bool": "true or false",
    "array": "a list", "object": "a table", "datetime": "a time such as 2026-11-30T18:00:00+01:00",
}  # fmt: skip
_BOUND = re.compile(r"`(?:int|float)` (>=|<=) ([\d.e+]+)$")


def read(table: object, kind: type[Kind], name: str = "") -> Kind:
    """
    Convert plain values from JSON or TOML to a dataclass or a different type.

    ``table``: the values; entries that a dataclass does not have are ignored; ``kind``: the type, perhaps with msgspec
    constraints (``Annotated[int, msgspec.Meta(ge=1)]``); ``name``: name of the entry, if the values are not a
    whole file.
    ValueError, with name, found value and expected type, if a value has the wrong type.
    """
    try:
        return msgspec.convert(table, kind)
    except msgspec.ValidationError as error:
        names, found = _culprit(table, kind, str(error))
        entry = ".".join([name, *names] if name else names) or "the whole"
        if isinstance(error.__cause__, ValueError):  # error from the dataclass itself
            raise ValueError(f"{entry}: {error.__cause__}") from error
        raise ValueError(f"{entry} is {_shown(found)}, {_expected(str(error))}") from error


def _culprit(table: object, kind: type, said: str) -> tuple[list[str], object]:
    """Return the names that lead to the value in msgspec's error, and this value."""
    table = copy.deepcopy(table)
    found: Any = table
    names = []
    for field, index in _STEP.findall(said.partition(" - at `$")[2]):
        step = _failing_key(found, table, kind, said) if index == "..." else field or int(index)
        names.append(str(step))
        found = found[step]
    return names, found


def _failing_key(some: dict, table: object, kind: type, said: str) -> str:
    """Return the key at which msgspec fails, which its error does not name, by testing the keys."""
    for key, value in list(some.items()):
        some.clear()
        some[key] = value
        try:
            msgspec.convert(table, kind)
        except msgspec.ValidationError as error:
            if str(error) == said:
                return key
    raise KeyError(said)


def _expected(said: str) -> str:
    """Return msgspec's error in the words of the kit."""
    text = re.sub(r", got [^,]+$", "", said.partition(" - at `")[0]).replace(" | null", "")
    if text.startswith("Invalid enum value"):
        return "which is not one of the allowed words"
    if bound := _BOUND.search(text):
        if float(bound[2]) in (0, sys.float_info.max):
            return f"expected a number that is {'finite' if float(bound[2]) else 'not negative'}"
        return f"expected a number of at {'least' if bound[1] == '>=' else 'most'} {float(bound[2]):g}"
    text = re.sub(r"^Object missing required field `(\w+)`", r"expected the entry '\1' in it", text)
    text = re.sub(r"`([\w |]+)`", lambda match: _WORDS.get(match[1], match[1]), text)
    return text[:1].lower() + text[1:]


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
