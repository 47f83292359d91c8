"""Conversion of a learner's value to an answer of the exercise's kind."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from astropy import units
from astropy.utils.masked import Masked

from mrskit.errors import AnswerError
from mrskit.exercises import probes
from mrskit.exercises.conversion import parse_unit
from mrskit.exercises.record import Answer, Exercise, Outputs, Value

LONGEST_TEXT = 20_000  # characters of a text answer
_UNITS = (units.UnitBase, units.FunctionUnitBase)
_WRITTEN = re.compile(
    r"([+-]?(?:[0-9]{1,300}\.?[0-9]{0,300}|\.[0-9]{1,300})(?:[eE][+-]?[0-9]{1,3})?|nan)\s*(.*)", re.DOTALL
)


def from_learner(exercise: Exercise, value: object, unit: str | units.UnitBase | None = None) -> Answer:
    """
    Return a learner's value as an answer of the exercise's kind, in the given unit.

    ``value`` is ``...`` or None (not answered), a number, text, list, array, astropy quantity, or function. A number
    may also come as a text with its unit (``"899 s"``). A function is called with the probes of the exercise; a
    function that returns nothing for all probes counts as not answered. Without ``unit``, the value is in the
    exercise's unit. AnswerError if the value or its unit cannot be an answer of this exercise.
    """
    if value is None or value is Ellipsis:
        return _answer(exercise, None)
    if numbers := {"scalar": _number, "quantity": _number, "array": _numbers}.get(exercise.kind):
        seen = without_mask(_from_text(exercise, value))
        if exercise.kind != "array" and isinstance(value, Masked | np.ma.MaskedArray) and np.any(value.mask):
            raise AnswerError(f"{exercise.id}: the value is masked; expected a number that is not", id=exercise.id)
        value, unit = _split(exercise, seen, unit)
        answer = _answer(exercise, numbers(exercise, value), _unit_text(exercise, unit))
        _ = answer.in_unit  # refuses a unit that does not fit
        return answer
    if unit is not None:
        raise AnswerError(f"{exercise.id}: a {exercise.kind} answer has no unit, got {unit!s}", id=exercise.id)
    read: dict[str, Callable[[Exercise, object], Value]]
    read = {"region": _mask, "choice": choice, "code": _outputs, "text": _text}
    return _answer(exercise, read[exercise.kind](exercise, value))


def choice(exercise: Exercise, value: object) -> str:
    """Return the choice that a value means in any spelling; True means yes; AnswerError for no choice."""
    if isinstance(value, bool | np.bool_):
        value = "yes" if value else "no"
    wanted = plain(str(value)[:LONGEST_TEXT])
    for listed in exercise.choices:
        if plain(listed) == wanted:
            return listed
    raise AnswerError(f"{exercise.id}: {str(value)[:60]!r} is none of the choices: {', '.join(exercise.choices)}",
                      id=exercise.id)  # fmt: skip


def plain(text: str) -> str:
    """Return a text for comparison: lower case, without spaces, dashes, underscores and quotes."""
    return re.sub(r"[\s_\-–'\"]+", "", text).casefold()


def _answer(exercise: Exercise, value: Value, unit: str | None = None) -> Answer:
    return Answer(exercise.id, exercise.kind, value, unit, exercise)


def _number(exercise: Exercise, value: object) -> int | float:
    array = _array(exercise, value, expected := f"one number{f' ({exercise.unit})' if exercise.unit else ''}")
    if array.dtype.kind == "b" or array.size != 1:
        raise _wrong_kind(exercise, value, expected)
    number = array.item()
    if np.isinf(number):
        raise AnswerError(f"{exercise.id}: the value is infinite; expected a finite number", id=exercise.id)
    return number


def _from_text(exercise: Exercise, text: object) -> object:
    """Return the number, with its unit if any, from a text; other values unchanged."""
    if exercise.kind == "array" or not isinstance(text, str):
        return text
    found = _WRITTEN.fullmatch(text.strip())
    if found is None:
        raise _wrong_kind(exercise, text, "one number, with its unit if you like ('899 s')")
    number = float(found[1])
    return units.Quantity(number, parse_unit(found[2], exercise.id)) if found[2] else number


def _numbers(exercise: Exercise, value: object) -> np.ndarray:
    array = _array(exercise, value, "an array of numbers")
    if array.ndim == 0 or array.size == 0:
        raise _wrong_kind(exercise, value, "an array of numbers")
    if array.dtype.kind == "f" and np.isinf(array).any():
        raise AnswerError(f"{exercise.id}: {np.isinf(array).sum()} values are infinite; expected finite numbers or NaN",
                          id=exercise.id)  # fmt: skip
    return array.astype(int) if array.dtype.kind == "b" else array


def _mask(exercise: Exercise, value: object) -> np.ndarray:
    try:
        array = np.asarray(without_mask(value, False))
    except ValueError as error:
        raise _wrong_kind(exercise, value, "a boolean array") from error
    if isinstance(value, list | tuple) and array.ndim == 2 and array.shape[1] == 4 and (array > 1).any():
        from mrskit.exercises.boxes import from_ranges  # it needs this module

        try:
            return from_ranges((1024, 1032), value)  # of the detector
        except AnswerError as error:
            raise AnswerError(f"{exercise.id}: {error}", id=exercise.id) from error
    whole = array.dtype.kind in "iu" and np.isin(array, (0, 1)).all()
    if array.ndim == 0 or array.size == 0 or not (array.dtype.kind == "b" or whole):
        raise _wrong_kind(exercise, value, "a boolean array, True inside the region")
    return array.astype(bool)


def _text(exercise: Exercise, value: object) -> str:
    if not isinstance(value, str):
        raise _wrong_kind(exercise, value, "text in quotes")
    if len(value) > LONGEST_TEXT:
        raise AnswerError(f"{exercise.id}: {len(value)} characters, at most {LONGEST_TEXT} are read", id=exercise.id)
    return value


def _outputs(exercise: Exercise, value: object) -> Outputs | None:
    if not callable(value):
        raise _wrong_kind(exercise, value, f'a function, without brackets: answers.give("{exercise.id}", name)')
    seed = probes.session_seed()
    calls = probes.run(value, exercise.calls(seed))
    return None if probes.nothing(calls) else Outputs(seed, calls)


def _split(exercise: Exercise, value: object, unit: object) -> tuple[object, object]:
    """Return the numbers and the unit of a quantity or a list of quantities, converted to an explicit unit."""
    own = getattr(value, "unit", None)  # of a quantity or of a column of a table
    own = own if isinstance(own, _UNITS) else None
    first = own or next((item.unit for _, item in _leaves(value) if isinstance(item, units.Quantity)), None)
    if first is None:
        return value, unit
    wanted = parse_unit(unit, exercise.id) if isinstance(unit, str) else unit or first

    def number(item: object, place: str) -> object:
        if isinstance(item, list | tuple):
            return [number(part, f"{place}[{index}]") for index, part in enumerate(item)]
        try:
            return (units.Quantity(item, own) if own else item).to_value(wanted)  # type: ignore[union-attr]
        except (units.UnitsError, ValueError, TypeError, AttributeError) as error:
            what = f"in {own or item.unit}" if hasattr(item, "unit") else f"a {type(item).__name__} without unit"
            raise AnswerError(f"{exercise.id}: the value{place} is {what}, which cannot be given in '{wanted}'",
                              id=exercise.id, unit=str(wanted)) from error  # fmt: skip

    return number(value, ""), unit or wanted


def without_mask(value: object, fill: float = np.nan) -> object:
    """Return a value, or a list of values, with masked elements replaced."""
    if isinstance(value, list | tuple):
        return [without_mask(item, fill) for item in value]
    if isinstance(value, Masked):
        shown: Any = value.astype(float) if np.isnan(fill) else value
        return shown.filled(fill * getattr(value, "unit", 1))
    if isinstance(value, np.ma.MaskedArray) and value.dtype.kind in "biuf":
        return np.ma.filled(value.astype(float) if np.isnan(fill) else value, fill)
    return value


def _array(exercise: Exercise, value: object, expected: str) -> np.ndarray:
    """Return numbers as an array; the error names the element that is not a number."""
    try:
        array = np.array(value)
        if array.dtype.kind == "O" or (array.dtype.itemsize > 8 and array.dtype.kind == "f"):
            _refuse_others(exercise, value if isinstance(value, list | tuple) else array.tolist(), expected)
            array = array.astype(float)  # whole numbers of any length, numbers of many digits
    except (ValueError, TypeError, OverflowError) as error:  # rows of different lengths among them
        raise _wrong_kind(exercise, value, expected) from error
    if array.dtype.kind not in "biuf":
        _refuse_others(exercise, value, expected)
        raise _wrong_kind(exercise, value, expected)
    return array


def _refuse_others(exercise: Exercise, value: object, expected: str) -> None:
    """Refuse a list that contains something other than numbers."""
    for place, item in _leaves(value):
        if place and not (isinstance(item, int | float | np.number | np.ndarray) and np.isrealobj(item)):
            raise AnswerError(f"{exercise.id}: element {place} of the answer is a {type(item).__name__} "
                              f"({item!r:.40}); expected {expected}", id=exercise.id)  # fmt: skip


def _leaves(value: object, place: str = "") -> Iterator[tuple[str, object]]:
    """Yield the elements of nested lists with their places such as ``[0][2]``; a plain value has an empty place."""
    if isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _leaves(item, f"{place}[{index}]")
    else:
        yield place, value


def _unit_text(exercise: Exercise, unit: object) -> str | None:
    if unit is None:
        return None
    if not isinstance(unit, str | units.UnitBase):
        raise AnswerError(f"{exercise.id}: the unit is a {type(unit).__name__}; expected text such as "
                          f"{(exercise.unit or 's')!r}", id=exercise.id)  # fmt: skip
    return str(unit)


def _wrong_kind(exercise: Exercise, value: object, expected: str) -> AnswerError:
    shape = f" of shape {value.shape}" if isinstance(value, np.ndarray) and value.ndim else ""
    shown = f" ({value!r:.40})" if np.isscalar(value) or isinstance(value, str) else ""
    return AnswerError(f"{exercise.id}: the answer is a {type(value).__name__}{shape}{shown}; expected {expected}",
                       id=exercise.id)  # fmt: skip
