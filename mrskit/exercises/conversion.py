"""Units of answers: the astropy unit of a text, and numbers in another unit; both may come from anybody."""

from __future__ import annotations

import re

import numpy as np
from astropy import units

from mrskit.errors import AnswerError

LONGEST_UNIT = 64  # characters
_ENDLESS = re.compile(r"[*^(+-]\s*\d{4,}|(?<![.\d])\d{7,}")  # powers and numbers that take for ever to compute
_LARGEST_SCALE = 1e99  # of a unit, and one over it the smallest


def converted(value: float | np.ndarray, unit: str, target: str | None, where: str) -> float | np.ndarray:
    """
    Return numbers in a target unit; without one they must be plain numbers.

    Raises
    ------
    AnswerError
        If the unit is none that astropy knows, or of another physical type.
    """
    found, wanted = parse_unit(unit, where), parse_unit(target or "", where)
    try:
        with np.errstate(all="ignore"):
            value = found.to(wanted, value)
            value = value if isinstance(value, np.ndarray) else float(value)
    except (units.UnitsError, TypeError, ValueError, ArithmeticError) as error:
        expected = f"a unit like '{target}'" if target else "a plain number without unit"
        raise AnswerError(f"{where}: the unit '{unit}' does not fit; expected {expected}",
                          id=where, unit=unit) from error  # fmt: skip
    if np.isinf(value).any():
        raise AnswerError(f"{where}: in {target or 'a plain number'} the value is infinite", id=where, unit=unit)
    return value


def parse_unit(text: str, where: str) -> units.UnitBase:
    """
    Return the astropy unit of a text such as ``DN / s``.

    Raises
    ------
    AnswerError
        If astropy knows no such unit, or its scale is no sensible number.
    """
    try:
        if len(text) > LONGEST_UNIT or _ENDLESS.search(text):
            raise ValueError(f"longer than {LONGEST_UNIT} characters, or with a number that is too long")
        unit = units.Unit(text)
        if not 1 / _LARGEST_SCALE <= abs(getattr(unit, "scale", 1.0)) <= _LARGEST_SCALE:
            raise ValueError("a scale that is no sensible number")
        return unit
    except (ValueError, TypeError, ArithmeticError) as error:
        raise AnswerError(f"{where}: no unit '{text[:LONGEST_UNIT]}'; expected one that astropy knows, for example "
                          "'s', 'DN / s', 'um', 'MJy / sr'", id=where, unit=text) from error  # fmt: skip
