"""Tolerances of answers: the numbers for the check, and the words for the question."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

ROUNDING = 1e-6  # relative: what two ways of writing one formula may differ by; no question tells it
_PER = {"MJy s / (DN sr)": "MJy/sr per DN/s"}  # a unit over a unit


@dataclass(frozen=True, slots=True)
class Tolerance:
    """The tolerance of a check: max(abs, rel x |expected|) for a number, and shares, 0 to 1, by parameter."""

    rel: float = 0.0
    abs: float = 0.0  # in the exercise's unit
    shares: Mapping[str, float] = field(default_factory=dict)

    def holds(
        self, value: float | np.ndarray, wanted: float | np.ndarray, least: float | np.ndarray = 0.0
    ) -> np.ndarray:
        """Return whether numbers are within the tolerance (or ``least``) of the expected numbers, by element."""
        slack = 1e-12 * np.abs(wanted)  # rounding of the arithmetic, so that an exact answer is never wrong
        allowed = np.fmax(np.maximum(self.abs, self.rel * np.abs(wanted)), least)
        return np.asarray(np.abs(value - wanted) <= allowed + slack)

    def words(self, unit: str | None) -> str:
        """Return the tolerance of a number in words, such as "3 %" or "0.1 DN/s"; "" for an exact or rounded number."""
        relative = percent(self.rel) if self.rel > ROUNDING else ""
        name = "percentage points" if unit == "percent" else unit_words(unit)
        absolute = f"{self.abs:g} {name}".rstrip() if self.abs else ""
        return f"{relative}, or {absolute} if that is more" if relative and absolute else relative or absolute

    def told(self, unit: str | None) -> dict[str, str]:
        """Return the texts of all tolerances by the name of their placeholder."""
        number = self.words(unit)
        return ({"tolerance": number} if number else {}) | {name: percent(part) for name, part in self.shares.items()}


EXACT = Tolerance()


def percent(share: float) -> str:
    """Return a share, 0 to 1, as percent."""
    return f"{100 * share:.3g} %"


def unit_words(unit: str | None) -> str:
    """Return an astropy unit string in the form for texts, e.g. DN/s for ``DN / s`` and W/m² for ``W / m2``."""
    text = _PER.get(unit or "", unit or "").replace(" / ", "/")
    return re.sub(r"\bum\b", "µm", re.sub(r"\bm2\b", "m²", text))
