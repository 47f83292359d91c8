"""Answers as JSON records, which lessons show, workspaces store, and grading reads back."""

from __future__ import annotations

import base64
import binascii
import json
import math
import re

import numpy as np

from mrskit.errors import AnswerError
from mrskit.exercises.probes import DEEPEST, LARGEST_SEED, LONGEST_PROBLEM, MOST_PROBES
from mrskit.exercises.record import KINDS, Answer, Exercise, Output, Outputs

SCHEMA = 1
LIMIT = 1_000_000  # bytes of one record as JSON
LONGEST_ID = 40
ID = re.compile(r"\d\d-[a-z0-9]+(-[a-z0-9]+)*")
_ENTRIES = {"schema", "id", "kind", "value", "unit", "dtype", "shape"}


def encode(answer: Answer) -> dict:
    """
    Return an answer as a record of plain JSON values.

    NaN becomes the string ``"nan"``; a region becomes the base64 of its packed bits, row after row; a function becomes
    its seed and its outputs.

    AnswerError if the record is larger than 1 MB or contains an infinite number.
    """
    value: object = answer.value
    dtype: str | None = None
    shape: list[int] | None = None
    if value is not None and answer.kind == "region":
        mask = answer.array.astype(bool)
        dtype, shape = "bool", list(mask.shape)
        value = base64.b64encode(np.packbits(mask).tobytes()).decode("ascii")
    elif value is not None and answer.kind == "array":
        array = answer.array
        if array.size * 2 > LIMIT:  # a digit and a comma each: cannot fit, so do not even try
            raise _too_large(answer.id, f"{array.size} numbers")
        dtype, shape, value = str(array.dtype), list(array.shape), _without_nan(array.tolist())
    elif value is not None and answer.kind in ("scalar", "quantity"):
        dtype, shape = ("int" if isinstance(value, int) else "float"), []
        value = _without_nan(value)
    elif value is not None and answer.kind == "code":
        calls = [{"value": _without_nan(call.value), "problem": call.problem, "changed": call.changed}
                 for call in answer.outputs.calls]  # fmt: skip
        value = {"seed": answer.outputs.seed, "calls": calls}
    record = {
        "schema": SCHEMA, "id": answer.id, "kind": answer.kind, "value": value, "unit": answer.unit,
        "dtype": dtype, "shape": shape,
    }  # fmt: skip
    try:
        size = len(json.dumps(record, allow_nan=False))
    except ValueError as error:
        raise AnswerError(
            f"{answer.id}: holds an infinite number; expected finite numbers or NaN", id=answer.id
        ) from error
    if size > LIMIT:
        raise _too_large(answer.id, f"{size} bytes")
    return record


def decode(record: object, exercise: Exercise | None = None) -> Answer:
    """
    Return the answer in a record after a check of every entry, because records may be hostile.

    ``record``: from `encode`; ``exercise``: the answered exercise, if known, which becomes part of the answer.
    AnswerError if the record is not an answer in the present schema.
    """
    if not isinstance(record, dict) or record.keys() != _ENTRIES:
        raise _bad("?", f"expected exactly the entries {', '.join(sorted(_ENTRIES))}")
    name, kind, value, unit = (record[key] for key in ("id", "kind", "value", "unit"))
    if not is_id(name):
        raise _bad("?", f"the id is {name!r:.60}")
    if record["schema"] != SCHEMA or isinstance(record["schema"], bool):
        raise _bad(name, f"schema {record['schema']!r:.20}, expected {SCHEMA}")
    if kind not in KINDS:
        raise _bad(name, f"kind {kind!r:.20}, expected one of {', '.join(KINDS)}")
    if unit is not None and not (isinstance(unit, str) and len(unit) <= 64 and _is_text(unit)):
        raise _bad(name, "the unit is no short text")
    if value is None or kind not in ("scalar", "quantity", "array"):
        unit = None
    return Answer(name, kind, None if value is None else _value(name, kind, value, record["shape"]), unit, exercise)


def is_id(name: object) -> bool:
    """Return whether a name is a well-formed exercise id (``NN-kebab-name``, at most 40 characters)."""
    return isinstance(name, str) and len(name) <= LONGEST_ID and ID.fullmatch(name) is not None


def _value(name: str, kind: str, value: object, shape: object) -> float | str | np.ndarray | Outputs:
    if kind in ("scalar", "quantity"):
        return _number(name, value)
    if kind == "array":
        return _array(name, value, _shape(name, shape))
    if kind == "code":
        return _outputs(name, value)
    if not isinstance(value, str) or len(value) > LIMIT:
        raise _bad(name, f"the value of a {kind} is a {type(value).__name__}")
    if not _is_text(value):
        raise _bad(name, "the value holds characters that are none")
    return _mask(name, value, _shape(name, shape)) if kind == "region" else value


def _is_text(value: str) -> bool:
    """Return whether a text can be written to a file, i.e. has no half of a surrogate pair."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _without_nan(value: object) -> object:
    if isinstance(value, list):
        return [_without_nan(item) for item in value]
    return "nan" if isinstance(value, float) and math.isnan(value) else value


def _number(name: str, value: object) -> int | float:
    if value == "nan":
        return math.nan
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _bad(name, "the value is no number")
    try:
        finite = math.isfinite(value)
    except OverflowError:  # an integer too large for a float
        finite = False
    if not finite:
        raise _bad(name, "the value is not finite")
    return value


def _shape(name: str, shape: object) -> tuple[int, ...]:
    if isinstance(shape, list) and 0 < len(shape) <= 4 and all(type(n) is int and 0 < n <= 8 * LIMIT for n in shape):
        if math.prod(shape) <= 8 * LIMIT:
            return tuple(shape)
    raise _bad(name, f"the shape is {str(shape)[:40]}")


def _array(name: str, value: object, shape: tuple[int, ...]) -> np.ndarray:
    flat: list = [value]
    for length in shape:
        if not all(isinstance(row, list) and len(row) == length for row in flat):
            raise _bad(name, f"the value has not the stated shape {shape}")
        flat = [item for row in flat for item in row]
    numbers = [_number(name, item) for item in flat]
    whole = all(type(n) is int and abs(n) < 2**63 for n in numbers)  # numpy makes objects of longer ones
    return np.array(numbers, dtype=int if whole else float).reshape(shape)


def _mask(name: str, value: str, shape: tuple[int, ...]) -> np.ndarray:
    count = math.prod(shape)
    try:
        packed = base64.b64decode(value, validate=True)
    except binascii.Error as error:
        raise _bad(name, "the region is no base64 text") from error
    if len(packed) != -(-count // 8):
        raise _bad(name, f"the region has {len(packed)} bytes, its shape {shape} needs {-(-count // 8)}")
    return np.unpackbits(np.frombuffer(packed, dtype=np.uint8), count=count).astype(bool).reshape(shape)


def _outputs(name: str, value: object) -> Outputs:
    if not isinstance(value, dict) or value.keys() != {"seed", "calls"}:
        raise _bad(name, "expected seed and calls of a function")
    seed, calls = value["seed"], value["calls"]
    if type(seed) is not int or not 0 <= seed <= LARGEST_SEED:
        raise _bad(name, f"the seed is {str(seed)[:40]}")
    if not isinstance(calls, list) or not 0 < len(calls) <= MOST_PROBES:
        raise _bad(name, f"expected 1 to {MOST_PROBES} calls")
    return Outputs(seed, tuple(_output(name, call) for call in calls))


def _output(name: str, call: object) -> Output:
    if not isinstance(call, dict) or call.keys() != {"value", "problem", "changed"}:
        raise _bad(name, "a call has value, problem and changed")
    problem, changed = call["problem"], call["changed"]
    written = isinstance(problem, str) and len(problem) <= LONGEST_PROBLEM and problem.isprintable()
    if not written or not isinstance(changed, bool):
        raise _bad(name, "a call says its problem in a short text, and whether its arguments changed")
    return Output(None if call["value"] is None else _nested(name, call["value"], DEEPEST), problem, changed)


def _nested(name: str, value: object, levels: int) -> int | float | list:
    if not isinstance(value, list):
        return _number(name, value)
    if levels == 0 or len(value) > LIMIT:
        raise _bad(name, "an output is nested too deeply or too long")
    return [_nested(name, item, levels - 1) for item in value]


def _too_large(name: str, size: str) -> AnswerError:
    return AnswerError(f"{name}: the answer has {size}; at most {LIMIT} bytes are recorded. Hand in what the question "
                       "asks for, not a whole image.", id=name)  # fmt: skip


def _bad(name: str, what: str) -> AnswerError:
    return AnswerError(f"{name}: no valid answer record ({what}). Hand the answer in again with answers.give.", id=name)
