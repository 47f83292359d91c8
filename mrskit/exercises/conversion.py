"""Units of answers from untrusted texts: the astropy unit, and the conversion of numbers."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import numpy as np
from astropy import units

from mrskit.errors import AnswerError

LONGEST_UNIT = 64  # characters
_LARGEST_SCALE = 1e99  # of a unit, and one over it the smallest
_RAISED = re.compile("[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_LOWERED = str.maketrans("⁻⁺⁰¹²³⁴⁵⁶⁷⁸⁹", "-+0123456789")
_SIGNS = str.maketrans("−·⋅×", "-***")
_SYMBOLS = "%°′″"  # units that are no letters
# A factor may stand in front; elsewhere numbers have two digits, as larger powers take for ever to compute.
_FACTOR = re.compile(r"([0-9]{1,6}(\.[0-9]{0,20})?|\.[0-9]{1,20})([eE][+-]?[0-9]{1,2})?(?![0-9])")
_TOKEN = re.compile(rf"\s+|(?P<name>[^\W\d]+|[{_SYMBOLS}])|[0-9]{{1,2}}(?![0-9])|[-+*/^().]")


def converted(value: float | np.ndarray, unit: str, target: str | None, where: str) -> float | np.ndarray:
    """Return numbers converted to a target unit, if any; AnswerError if the unit does not fit."""
    found, wanted = parse_unit(unit, where), parse_unit(target or "", where)
    try:
        with np.errstate(all="ignore"):
            value = found.to(wanted, value if isinstance(value, np.ndarray) else float(value))
            value = value if isinstance(value, np.ndarray) else float(value)
    except (units.UnitsError, TypeError, ValueError, ArithmeticError) as error:
        expected = f"a unit like '{target}'" if target else "a plain number without unit"
        raise AnswerError(f"{where}: the unit '{unit}' does not fit; expected {expected}",
                          id=where, unit=unit) from error  # fmt: skip
    if np.isinf(value).any():
        raise AnswerError(f"{where}: in {target or 'a plain number'} the value is infinite", id=where, unit=unit)
    return value


def parse_unit(text: str, where: str) -> units.UnitBase:
    """Return the astropy unit of a text such as ``DN / s``; AnswerError if astropy does not know the unit."""
    try:
        unit = _read(text)
        if not 1 / _LARGEST_SCALE <= abs(getattr(unit, "scale", 1.0)) <= _LARGEST_SCALE:
            raise ValueError("a scale that is no sensible number")
        return unit
    except (ValueError, TypeError, ArithmeticError) as error:
        raise AnswerError(f"{where}: no unit '{text[:LONGEST_UNIT]}'; expected one that astropy knows, for example "
                          "'s', 'DN / s', 'um', 'MJy / sr'", id=where, unit=text) from error  # fmt: skip


@lru_cache(maxsize=1024)
def _read(text: str) -> units.UnitBase:
    """Return the unit of a text; astropy gets only texts that consist of known names and small numbers."""
    if len(text) > LONGEST_UNIT:
        raise ValueError(f"longer than {LONGEST_UNIT} characters")
    plain = _RAISED.sub(lambda found: f"**{found[0].translate(_LOWERED)}", unicodedata.normalize("NFC", text))
    plain = plain.translate(_SIGNS).strip()
    factor = _FACTOR.match(plain)
    place = factor.end() if factor else 0
    while place < len(plain):
        token = _TOKEN.match(plain, place)
        if token is None or (token["name"] and not _is_known(token["name"])):
            raise ValueError(f"not known: {plain[place:]}")
        place = token.end()
    return units.Unit(plain)


def _is_known(name: str) -> bool:
    """Return whether astropy has a unit with this name; logarithmic units are not allowed."""
    unit = units.get_current_unit_registry().registry.get(name)
    return name in _SYMBOLS or (unit is not None and units.dex not in unit.decompose().bases)
