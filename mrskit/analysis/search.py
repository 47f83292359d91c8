"""Which redshift a set of spectra has: lines that stand out of the local scatter, compared with the catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d, maximum_filter1d, median_filter

from mrskit.analysis.catalogue import LINES, SPEED_OF_LIGHT
from mrskit.analysis.features import PAH, span
from mrskit.products import Spectrum

HIGHEST = 1.0  # largest redshift that is searched
LOWEST = -0.005
STANDS_OUT = 5.0  # times the local scatter
FEWEST = 3  # lines that a redshift without a guess needs
CLEARLY = 1.5  # times the evidence for any other redshift
_STEP = 25.0  # km/s, grid
_LINE, _CONTINUUM, _SCATTER, _AROUND = 75.0, 1500.0, 10_000.0, 30_000.0  # km/s: smoothing, medians, comparison
_NEAR = 500.0  # km/s about a line of the catalogue that count as the line's


@dataclass(frozen=True, slots=True)
class Strength:
    """A spectrum less its continuum, smoothed as wide as a line, in units of its local scatter."""

    place: np.ndarray  # (n,), natural logarithm of the wavelength, um; steps of 25 km/s
    value: np.ndarray  # (n,)


@dataclass(frozen=True, slots=True)
class Found:
    """The redshift at which most lines of the catalogue stand out, and how clear it is."""

    redshift: float
    lines: tuple[str, ...]  # that stand out there
    clear: bool  # enough lines, and no other redshift comes near


def strength(spectrum: Spectrum) -> Strength | None:
    """Return how far a spectrum stands out of its local scatter everywhere, or None of a few points."""
    good = np.isfinite(spectrum.flux)
    if good.sum() < 30:
        return None
    order = np.argsort(spectrum.wavelength[good], kind="stable")
    known = np.log(spectrum.wavelength[good][order])
    place = np.arange(known[0], known[-1], _STEP / SPEED_OF_LIGHT)
    flux = np.interp(place, known, spectrum.flux[good][order].astype(float))
    above = gaussian_filter1d(flux - median_filter(flux, _odd(_CONTINUUM), mode="nearest"), _LINE / _STEP)
    scatter = 1.4826 * median_filter(np.abs(above), _odd(_SCATTER), mode="nearest")
    return Strength(place, above / np.where(scatter > 0, scatter, np.inf))


def unexplained(found: Strength, redshift: float) -> np.ndarray:
    """Return where neither the catalogue nor a PAH feature explains a spectrum at a redshift, bool of shape (n,)."""
    free = np.ones(found.place.size, dtype=bool)
    for line in LINES:
        free &= np.abs(found.place - np.log(line.rest * (1 + redshift))) * SPEED_OF_LIGHT > _NEAR
    for feature in PAH:
        low, high = np.log(span(feature, redshift))
        free &= (found.place < low) | (found.place > high)
    return free


def stands_out(found: Strength, wavelength: float, free: np.ndarray) -> float:
    """
    Return how many times the local scatter a spectrum stands out within 150 km/s of a wavelength, um.

    The scatter is the robust one, or half of what 2.3 % of the unexplained spectrum within 30,000 km/s exceed,
    whichever is larger: in noise the two agree, in a forest of lines the second is much larger. NaN where less than
    1000 km/s are left to compare with.
    """
    apart = np.abs(found.place - np.log(wavelength)) * SPEED_OF_LIGHT
    around, here = free & (apart < _AROUND) & (apart > _NEAR), apart < 2 * _LINE
    if around.sum() < 1000 / _STEP or not here.any():
        return float("nan")
    return float(found.value[here].max() / max(np.percentile(found.value[around], 97.7) / 2, 1.0))


def find_redshift(spectra: Sequence[Spectrum]) -> Found | None:
    """
    Return the redshift between -0.005 and 1 at which most lines of the catalogue stand out, or None where none does.

    Each line adds how rare its strength is in the spectrum about it: the negative logarithm of the share of places that
    stand out as much. In a forest of lines strengths are common, and many redshifts come out alike: none is clear.
    """
    shifts = np.arange(np.log1p(LOWEST), np.log1p(HIGHEST), _STEP / SPEED_OF_LIGHT)
    evidence = np.zeros((len(LINES), shifts.size))
    for item in filter(None, map(strength, spectra)):
        rare = _rareness(item.value)
        for row, line in zip(evidence, LINES, strict=True):
            index = np.rint((np.log(line.rest) + shifts - item.place[0]) / (_STEP / SPEED_OF_LIGHT)).astype(int)
            inside = (index >= 24) & (index < rare.size - 24)
            row[inside] = np.maximum(row[inside], rare[index[inside]])
    total = evidence.sum(axis=0)
    best = int(np.argmax(total))
    if not total[best]:
        return None
    others = total[np.abs(shifts - shifts[best]) * SPEED_OF_LIGHT >= 1500.0]
    lines = tuple(line.name for line, value in zip(LINES, evidence[:, best], strict=True) if value > 0)
    clear = len(lines) >= FEWEST and bool(total[best] >= CLEARLY * others.max())
    return Found(float(np.expm1(shifts[best])), lines, clear)


def _rareness(value: np.ndarray) -> np.ndarray:
    """Return the negative logarithm of the share of places within 30,000 km/s that stand out as much; 0 of the rest."""
    peak = maximum_filter1d(value, 5)
    rare, half = np.zeros(value.size), int(_AROUND / _STEP)
    for start in range(0, value.size, half):
        part = slice(start, start + half)
        around = np.sort(value[max(start - half // 2, 0) : start + half + half // 2])
        share = 1 - np.searchsorted(around, peak[part], side="left") / around.size
        rare[part] = -np.log(np.maximum(share, 1 / around.size))
    return np.where(peak >= STANDS_OUT, rare, 0.0)


def _odd(velocity: float) -> int:
    return int(velocity / _STEP) | 1
