"""
Functions that learners write: calls on probes, whose results are recorded and judged.

A probe is a tuple of positional arguments. The learner's session calls the function on every probe and records the
results. The judge makes the same probes from the recorded seed and calls the reference function. The function itself is
never recorded, and the notebook does not contain the expected values.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Callable
from typing import Any

import numpy as np
from astropy import units

from mrskit.errors import AnswerError
from mrskit.exercises.record import Exercise, Output, Outputs

VARIABLE = "MRSKIT_PROBE_SEED"  # environment variable: seed of the probes, for the session and for the judge
SEED = 5028  # without it
LARGEST_SEED = 2**32 - 1
MOST_PROBES = 100
MOST_NUMBERS = 20_000  # in what one call returns
LONGEST_PROBLEM = 240  # characters
DEEPEST = 4  # levels of lists in what one call returns

Probe = tuple  # the positional arguments of one call


def session_seed() -> int:
    """Return the seed of this session's probes (``MRSKIT_PROBE_SEED`` or a fixed seed); AnswerError if invalid."""
    text = os.environ.get(VARIABLE, "").strip()
    if not text:
        return SEED
    if not (text.isascii() and text.isdigit() and len(text) <= 10 and int(text) <= LARGEST_SEED):
        raise AnswerError(f"{VARIABLE} is {text[:20]!r}; expected a whole number from 0 to {LARGEST_SEED}", seed=text)
    return int(text)


def judged_probes(exercise: Exercise, outputs: Outputs) -> tuple[Probe, ...]:
    """Return the probes whose outputs were recorded; AnswerError if the judge needs different probes."""
    if os.environ.get(VARIABLE, "").strip() and outputs.seed != session_seed():
        raise AnswerError(f"{exercise.id}: the function was called with seed {outputs.seed}, but the judge uses seed "
                          f"{session_seed()} ({VARIABLE}). Hand in the function again.", id=exercise.id)  # fmt: skip
    probes = exercise.calls(outputs.seed)
    if len(probes) != len(outputs.calls):
        raise AnswerError(f"{exercise.id}: {len(outputs.calls)} recorded calls, expected {len(probes)}. Hand in the "
                          "function again.", id=exercise.id)  # fmt: skip
    return probes


def run(function: Callable, probes: tuple[Probe, ...]) -> tuple[Output, ...]:
    """Return a function's results for copies of the probes; its exceptions are recorded, not raised."""
    return tuple(_call(function, probe) for probe in probes)


def nothing(outputs: tuple[Output, ...]) -> bool:
    """Return whether a function is unchanged from the lesson, i.e. returned nothing for every probe."""
    return all(output.value is None and not output.problem for output in outputs)


def shape_of(value: int | float | list | None) -> str:
    """Return the kind of an output in words: a number, an array of a shape, or several items."""
    if value is None:
        return "nothing"
    array = _rectangle(value)
    if array is None:
        items = value if isinstance(value, list) else [value]
        return f"{len(items)} things ({', '.join(shape_of(item) for item in items)})"
    return f"an array of shape {array.shape}" if array.ndim else "a number"


def arguments(probe: Probe) -> str:
    """Return the arguments of a call in words: numbers by value, arrays by shape."""
    return ", ".join(
        f"array of shape {item.shape}" if isinstance(item, np.ndarray) and item.ndim else f"{item!s:.40}"
        for item in probe
    )


def difference(output: Output, wanted: Output, rel: float, abs: float) -> str:
    """
    Return the problem of an output, or an empty text, without the expected numbers.

    ``output``, ``wanted``: results of the learner's function and of the reference; NaN equals only NaN; ``rel``,
    ``abs``: a number is right within max(abs, rel x |expected|).
    """
    if output.problem:
        return output.problem
    if output.changed:
        return "it changes the arguments it is given: work on a copy (numpy.array makes one)"
    if output.value is None:
        return "it returned nothing: end it with 'return' and the result"
    got, expected = _rectangle(output.value), _rectangle(wanted.value)
    if got is not None and expected is not None and got.shape == expected.shape:
        return _numbers_differ(got, expected, rel, abs)
    mine, theirs = output.value, wanted.value
    if got is None and expected is None and isinstance(mine, list) and isinstance(theirs, list):
        if len(mine) == len(theirs):
            parts = [
                difference(Output(item), Output(other), rel, abs) for item, other in zip(mine, theirs, strict=True)
            ]
            return next((f"item {place}: {part}" for place, part in enumerate(parts) if part), "")
    return f"it returned {shape_of(mine)}, expected {shape_of(theirs)}"


def plain(result: object, levels: int = DEEPEST) -> int | float | list | None:
    """Return a function's result as numbers or lists of numbers, ``...`` as None; else AnswerError."""
    if result is None or result is Ellipsis:
        return None
    if isinstance(result, units.Quantity):
        raise AnswerError(f"it returned a quantity in '{result.unit}', expected numbers in the unit of the question")
    if isinstance(result, np.ma.MaskedArray):
        result = np.ma.filled(result.astype(float), np.nan)
    try:
        array = np.array(result)
    except ValueError:  # items of different shapes
        return _items(result, levels)
    if array.dtype.kind not in "biuf":
        raise AnswerError(f"it returned a {type(result).__name__}, expected a number or an array of numbers")
    if array.size > MOST_NUMBERS or array.ndim > levels:
        raise AnswerError(f"it returned an array of shape {array.shape}; at most {MOST_NUMBERS} numbers are recorded")
    if array.dtype.kind == "f" and np.isinf(array).any():
        raise AnswerError(f"it returned {np.isinf(array).sum()} infinite values, expected finite numbers or NaN")
    return (array.astype(int) if array.dtype.kind == "b" else array).tolist()


def _items(result: Any, levels: int) -> list:
    if levels == 0 or len(result) > MOST_NUMBERS:
        raise AnswerError("it returned lists in lists in lists, expected a number or an array of numbers")
    items = [plain(item, levels - 1) for item in result]
    if None in items:
        raise AnswerError("it returned a list in which something is None, expected numbers")
    return items


def _call(function: Callable, probe: Probe) -> Output:
    given = copy.deepcopy(probe)
    try:
        result = function(*given)
    except Exception as error:  # whatever a learner's function may raise
        return Output(None, _one_line(f"it raised {type(error).__name__}: {error}"))
    try:
        value = plain(result)
    except AnswerError as error:
        return Output(None, _one_line(str(error)))
    except Exception as error:  # whatever numpy makes of it, of a list of quantities for instance
        return Output(None, _one_line(f"it returned a {type(result).__name__} that holds no numbers ({error})"))
    return Output(value, "", not all(_same(mine, theirs) for mine, theirs in zip(given, probe, strict=True)))


def _one_line(text: str) -> str:
    """Return a text as one line of printable characters, at most LONGEST_PROBLEM of them."""
    plain_text = "".join(letter if letter.isprintable() else " " for letter in text[: 4 * LONGEST_PROBLEM])
    return " ".join(plain_text.split())[:LONGEST_PROBLEM]


def _rectangle(value: object) -> np.ndarray | None:
    """Return numbers or lists of numbers as an array; None if the items have different shapes."""
    try:
        return np.array(value, dtype=float)
    except ValueError:
        return None


def _same(mine: Any, theirs: Any) -> bool:
    if isinstance(theirs, np.ndarray):
        return np.array_equal(mine, theirs, equal_nan=theirs.dtype.kind == "f")
    return mine == theirs or (mine != mine and theirs != theirs)


def _numbers_differ(got: np.ndarray, wanted: np.ndarray, rel: float, abs: float) -> str:
    slack = np.maximum(abs, rel * np.abs(wanted)) + 1e-12 * np.abs(wanted)
    right = (np.abs(got - wanted) <= slack) | (np.isnan(got) & np.isnan(wanted))
    if right.all():
        return ""
    place = tuple(int(n) for n in np.argwhere(~right)[0])
    how = _how(float(got[place]), float(wanted[place]))
    if not got.ndim:
        return f"it returned {float(got):.6g}: {how}"
    where = ", ".join(str(n) for n in place)
    return f"{right.sum()} of {right.size} values are right; element [{where}] is {float(got[place]):.6g}: {how}"


def _how(value: float, wanted: float) -> str:
    if np.isnan(wanted):
        return "expected NaN, as the arguments do not allow a value here"
    if np.isnan(value):
        return "expected a number"
    if value and wanted and np.sign(value) != np.sign(wanted):
        return "the sign is the other one"
    if value and wanted and not 0.1 < value / wanted < 10:
        return "more than a factor of ten off"
    return f"too {'high' if value > wanted else 'low'}" if value and wanted else "not the expected number"
