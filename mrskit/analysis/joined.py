"""Several bands as one spectrum, and how well they join."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from mrskit.analysis.spectra import convert
from mrskit.errors import AnalysisError
from mrskit.products import Spectrum


def full_spectrum(spectra: Sequence[Spectrum]) -> Spectrum:
    """
    Return several bands as one spectrum, in the unit of the first, sorted by wavelength.

    Where two bands overlap each keeps its side of the middle of the overlap. Nothing is scaled: a step between bands
    stays (see `band_steps`).

    Raises
    ------
    AnalysisError
        If there is no spectrum, or units do not convert.

    Examples
    --------
    The two overlap from 5.2 to 5.3 um; each keeps its side of 5.25 um:

    >>> blue = Spectrum(np.array([5.1, 5.2, 5.3]), np.full(3, 1.0), np.zeros(3), "Jy", None, "blue")
    >>> red = Spectrum(np.array([5.2, 5.3, 5.4]), np.full(3, 2.0), np.zeros(3), "Jy", None, "red")
    >>> whole = full_spectrum([blue, red])
    >>> whole.wavelength.tolist(), whole.flux.tolist()  # um, Jy
    ([5.1, 5.2, 5.3, 5.4], [1.0, 1.0, 2.0, 2.0])
    """
    parts = _sorted(spectra)
    pieces = []
    for i, part in enumerate(parts):
        low = _middle(parts[i - 1], part) if i else -np.inf
        high = _middle(part, parts[i + 1]) if i + 1 < len(parts) else np.inf
        keep = (part.wavelength >= low) & (part.wavelength < high)
        pieces.append((part.wavelength[keep], part.flux[keep], part.error[keep]))
    wavelength, flux, error = (np.concatenate(columns) for columns in zip(*pieces, strict=True))
    order = np.argsort(wavelength, kind="stable")
    return Spectrum(wavelength[order], flux[order], error[order], parts[0].unit, None, "all bands")


def band_steps(spectra: Sequence[Spectrum]) -> dict[str, float]:
    """
    Return the median ratio redder / bluer of each pair of bands that overlap, e.g. ``{"1A/1B": 1.02}``.

    Examples
    --------
    >>> blue = Spectrum(np.linspace(5.0, 5.7, 71), np.full(71, 2.0), np.zeros(71), "Jy", None, "blue")
    >>> red = Spectrum(np.linspace(5.6, 6.6, 101), np.full(101, 2.2), np.zeros(101), "Jy", None, "red")
    >>> {pair: round(ratio, 3) for pair, ratio in band_steps([blue, red]).items()}
    {'blue/red': 1.1}
    """
    parts, steps = _sorted(spectra), {}
    for blue, red in pairwise(parts):
        use = (blue.wavelength >= red.wavelength.min()) & np.isfinite(blue.flux)
        good = np.isfinite(red.flux)
        if use.sum() < 3 or good.sum() < 3:
            continue
        ratio = np.interp(blue.wavelength[use], red.wavelength[good], red.flux[good]) / blue.flux[use]
        names = (part.band.name if part.band else part.label for part in (blue, red))
        steps["/".join(names)] = float(np.median(ratio))
    return steps


def _sorted(spectra: Sequence[Spectrum]) -> list[Spectrum]:
    if not spectra:
        raise AnalysisError("no spectrum given: expected one or more bands", found=0)
    parts = [convert(spectrum, spectra[0].unit) for spectrum in spectra]
    return sorted(parts, key=lambda part: float(np.median(part.wavelength)))


def _middle(blue: Spectrum, red: Spectrum) -> float:
    return (float(blue.wavelength.max()) + float(red.wavelength.min())) / 2
