"""What a learner hands in, as an answer of the exercise's kind."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
from astropy import units

from mrskit.errors import AnswerError
from mrskit.exercises import probes
from mrskit.exercises.record import Answer, Exercise, Outputs, Value

LONGEST_TEXT = 20_000  # characters of a text answer


def from_learner(exercise: Exercise, value: object, unit: str | units.UnitBase | None = None) -> Answer:
    """
    Return the answer that a learner's value is, of the kind that the exercise asks for.

    Parameters
    ----------
    exercise : Exercise
        The exercise that is answered.
    value : object
        ``...`` or None (not answered), a number, text, list, array, astropy quantity, or function. A number may also
        come as a text with its unit (``"899 s"``). A function is called with the probes of the exercise; one that
        returns nothing for all of them is not answered.
    unit : str or astropy unit, optional
        Unit of the value; without it the value counts as given in the exercise's unit.

    Returns
    -------
    Answer
        With native Python or numpy values; its unit is the one that was given.

    Raises
    ------
    AnswerError
        If the value or its unit cannot be an answer of this exercise.
    """
    if value is None or value is Ellipsis:
        return _answer(exercise, None)
    if numbers := {"scalar": _number, "quantity": _number, "array": _numbers}.get(exercise.kind):
        value, unit = _split(_from_text(exercise, value), unit)
        answer = _answer(exercise, numbers(exercise, value), _unit_text(exercise, unit))
        _ = answer.in_unit  # refuses a unit that does not fit
        return answer
    if unit is not None:
        raise AnswerError(f"{exercise.id}: a {exercise.kind} answer has no unit, got {unit!s}", id=exercise.id)
    read: dict[str, Callable[[Exercise, object], Value]]
    read = {"region": _mask, "choice": choice, "code": _outputs, "text": _text}
    return _answer(exercise, read[exercise.kind](exercise, value))


def choice(exercise: Exercise, value: object) -> str:
    """
    Return the listed choice that a value means: capitals, spaces, dashes and quotes do not matter; True means yes.

    Raises
    ------
    AnswerError
        If it is none of them.
    """
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
    array = np.asarray(value)
    if array.dtype.kind not in "iuf" or array.size != 1:
        raise _wrong_kind(exercise, value, f"one number{f' ({exercise.unit})' if exercise.unit else ''}")
    number = array.item()
    if np.isinf(number):
        raise AnswerError(f"{exercise.id}: the value is infinite; expected a finite number", id=exercise.id)
    return number


def _from_text(exercise: Exercise, text: object) -> object:
    """Return one number, with its unit if it has one, where it comes as a text; anything else as it is."""
    if exercise.kind == "array" or not isinstance(text, str):
        return text
    try:
        quantity = units.Quantity(text[:200])
    except (TypeError, ValueError) as error:
        raise _wrong_kind(exercise, text, "one number, with its unit if you like ('899 s')") from error
    return quantity if quantity.unit != units.dimensionless_unscaled else quantity.value


def _numbers(exercise: Exercise, value: object) -> np.ndarray:
    try:
        array = np.array(np.ma.filled(value, np.nan) if isinstance(value, np.ma.MaskedArray) else value)
    except ValueError as error:  # rows of different lengths
        raise _wrong_kind(exercise, value, "an array of numbers") from error
    if array.dtype.kind not in "biuf" or array.ndim == 0 or array.size == 0:
        raise _wrong_kind(exercise, value, "an array of numbers")
    if array.dtype.kind == "f" and np.isinf(array).any():
        raise AnswerError(f"{exercise.id}: {np.isinf(array).sum()} values are infinite; expected finite numbers or NaN",
                          id=exercise.id)  # fmt: skip
    return array.astype(int) if array.dtype.kind == "b" else array


def _mask(exercise: Exercise, value: object) -> np.ndarray:
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise _wrong_kind(exercise, value, "a boolean array") from error
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


def _split(value: object, unit: object) -> tuple[object, object]:
    """Return the numbers of a quantity and its unit; an explicit unit next to a quantity converts it."""
    if not isinstance(value, units.Quantity):
        return value, unit
    if unit is None:
        return value.value, value.unit
    try:
        return value.to_value(unit), unit
    except (units.UnitConversionError, ValueError, TypeError) as error:
        raise AnswerError(f"the value is in {value.unit}, which cannot be given in '{unit}'", unit=str(unit)) from error


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
