"""Comparison of all bands of a program: flux steps between bands, and the light that leaks into band 3A."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from mrskit.products import Spectrum

LEAK_RANGE = (11.75, 12.5)  # um, in band 3A: free of lines except in the hole
_HOLE = (11.95, 12.05)  # um: an invented line in the spectra that come with the course
_LEAKING = (12.07, 12.38)  # um, where the leak is more than a tenth of its peak
_DEGREE = 3  # degree of the smooth curve: dust and the PAH feature at 12.7 um


def steps(spectra: Sequence[Spectrum]) -> dict[str, tuple[float, float]]:
    """
    Return the wavelength, um, where neighbouring bands meet, and the flux ratio of the redder to the bluer band there.

    ``spectra``: one band each, in the same unit, in order of wavelength.
    The result maps ``"1C 2A"`` to the middle of the overlap and the ratio of the medians there, if the bands overlap.

    Examples
    --------
    Band 1A ends at 5.74 um, 1B begins at 5.66 um with 10 % more:

    >>> from mrskit.bands import BANDS
    >>> blue = Spectrum(np.linspace(4.90, 5.74, 85), np.full(85, 2.0), np.zeros(85), "Jy", BANDS["1A"], "1A")
    >>> red = Spectrum(np.linspace(5.66, 6.63, 98), np.full(98, 2.2), np.zeros(98), "Jy", BANDS["1B"], "1B")
    >>> middle, ratio = steps([blue, red])["1A 1B"]
    >>> f"{middle:.2f} um, {ratio:.2f}"
    '5.70 um, 1.10'
    """
    found = {}
    for blue, red in pairwise(spectra):
        low, high = red.wavelength[0], blue.wavelength[-1]
        margin = 0.05 * (high - low)  # the outermost planes cover only part of the field
        parts = [
            item.flux[(item.wavelength > low + margin) & (item.wavelength < high - margin)] for item in (blue, red)
        ]
        if all(np.isfinite(part).any() for part in parts) and blue.band and red.band:
            ratio = float(np.nanmedian(parts[1]) / np.nanmedian(parts[0]))
            found[f"{blue.band.name} {red.band.name}"] = (float(low + high) / 2, ratio)
    return found


def leak_excess(wavelength: np.ndarray, flux: np.ndarray) -> np.ndarray:
    """
    Return the excess of a band 3A spectrum above a smooth curve through the points on either side of the leak.

    ``wavelength``, ``flux`` (n,): um; any unit.
    The result has shape (n,) and the unit of the flux; it is NaN outside `LEAK_RANGE` and at the line within.

    Examples
    --------
    A leak of 20 mJy at 12.2 um on a continuum of 500 mJy:

    >>> wavelength = np.linspace(11.7, 12.6, 91)  # um
    >>> flux = 500.0 + np.where(abs(wavelength - 12.2) < 0.1, 20.0, 0.0)  # mJy
    >>> f"{leak_excess(wavelength, flux)[50]:.1f} mJy at {wavelength[50]:.2f} um"
    '20.0 mJy at 12.20 um'
    """
    inside = (wavelength > LEAK_RANGE[0]) & (wavelength < LEAK_RANGE[1])
    inside &= ~((wavelength > _HOLE[0]) & (wavelength < _HOLE[1]))
    beside = inside & ~((wavelength > _LEAKING[0]) & (wavelength < _LEAKING[1])) & np.isfinite(flux)
    x = wavelength - np.mean(_LEAKING)
    return np.where(inside, flux - np.polyval(np.polyfit(x[beside], flux[beside], _DEGREE), x), np.nan)
