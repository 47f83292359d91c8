"""Find the redshift of a set of spectra: compare lines that exceed the local scatter with the catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d, maximum_filter1d, median_filter

from mrskit.analysis.catalogue import LINES, SPEED_OF_LIGHT
from mrskit.analysis.features import PAH, span
from mrskit.products import Spectrum

HIGHEST = 1.0  # largest redshift of the search
LOWEST = -0.005
STANDS_OUT = 5.0  # times the local scatter
FEWEST = 3  # smallest number of lines for a redshift without a guess
CLEARLY = 1.5  # times the evidence for any other redshift
_STEP = 25.0  # km/s, grid
_LINE, _CONTINUUM, _SCATTER, _AROUND = 75.0, 1500.0, 10_000.0, 30_000.0  # km/s: smoothing, medians, comparison
_NEAR = 500.0  # km/s around a catalogue line that belong to the line


@dataclass(frozen=True, slots=True)
class Strength:
    """A continuum-subtracted spectrum, smoothed to the width of a line, in units of its local scatter."""

    place: np.ndarray  # (n,), natural logarithm of the wavelength, um; steps of 25 km/s
    value: np.ndarray  # (n,)


@dataclass(frozen=True, slots=True)
class Found:
    """The redshift with the most prominent catalogue lines, and whether it is unambiguous."""

    redshift: float
    lines: tuple[str, ...]  # lines that are prominent at this redshift
    clear: bool  # enough lines, and no other redshift is nearly as good


def strength(spectrum: Spectrum) -> Strength | None:
    """Return a spectrum in units of its local scatter, or None if it has too few points."""
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
    """Return a mask (n,) of the points that neither a catalogue line nor a PAH feature explains at a redshift."""
    free = np.ones(found.place.size, dtype=bool)
    for line in LINES:
        free &= np.abs(found.place - np.log(line.rest * (1 + redshift))) * SPEED_OF_LIGHT > _NEAR
    for feature in PAH:
        low, high = np.log(span(feature, redshift))
        free &= (found.place < low) | (found.place > high)
    return free


def stands_out(found: Strength, wavelength: float, free: np.ndarray) -> float:
    """
    Return the peak of a spectrum within 150 km/s of a wavelength (um), in units of the local scatter.

    The scatter is the robust scatter, or half the level that 2.3 % of the unexplained points within 30,000 km/s exceed,
    whichever is larger. In noise the two agree; in a forest of lines the second is much larger. The result is NaN if
    less than 1000 km/s remain for the comparison.
    """
    apart = np.abs(found.place - np.log(wavelength)) * SPEED_OF_LIGHT
    around, here = free & (apart < _AROUND) & (apart > _NEAR), apart < 2 * _LINE
    if around.sum() < 1000 / _STEP or not here.any():
        return float("nan")
    return float(found.value[here].max() / max(np.percentile(found.value[around], 97.7) / 2, 1.0))


def find_redshift(spectra: Sequence[Spectrum]) -> Found | None:
    """
    Return the redshift between -0.005 and 1 with the most prominent catalogue lines, or None if no line is prominent.

    Each line adds the rareness of its strength in the surrounding spectrum: the negative logarithm of the share of
    points that are as strong. In a forest of lines many redshifts are about equally good, so no redshift is clear.
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
    """Return -log of the share of points within 30,000 km/s that are as strong; 0 for points that are not prominent."""
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
