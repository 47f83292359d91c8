"""Every line of the catalogue found and fitted in a set of spectra, and one redshift from the detected ones."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from astropy.stats import mad_std

from mrskit.analysis.catalogue import LINES, SPEED_OF_LIGHT, Line, find_line, neighbours, separation
from mrskit.analysis.fits import Component, LineFit, fit_line
from mrskit.analysis.gaussians import BLEND_REACH
from mrskit.errors import AnalysisError
from mrskit.products import Spectrum, read_spectrum

__all__ = ["LINES", "Component", "Line", "LineFit", "LineRow", "LineTable", "find_line", "fit_line", "lines_report",
           "measure_lines"]  # fmt: skip

BLEND_DISTANCE = 900.0  # km/s: closer neighbours are fitted along, 350 km/s about farther ones are left out
EDGE_MARGIN = 600.0  # km/s that a line must lie from the ends of a spectrum
ACCURACY = 10.0  # km/s, adopted accuracy of one line's wavelength, added to its error for the redshift
_WINDOW = 1000.0  # km/s
_SEARCH = 500.0  # km/s


@dataclass(frozen=True, slots=True)
class LineRow:
    """One line of the catalogue in a set of spectra; NaN where nothing was measured; errors are 1 sigma."""

    line: str  # e.g. "[Ne II] 12.814"
    band: str | None
    detected: bool
    velocity: float  # km/s about the redshift given
    velocity_error: float
    flux: float  # W m-2, or W m-2 sr-1 from surface brightness
    flux_error: float
    width: float  # sigma, km/s, instrument removed in quadrature; 0 when not resolved
    width_error: float
    rest: float  # um
    snr: float
    blends: tuple[str, ...]  # partners in the fit
    used: bool  # counts for the redshift
    message: str  # why it does not count as detected


@dataclass(frozen=True, slots=True)
class LineTable:
    """The lines of a set of spectra and their redshift."""

    redshift: float  # from the detected lines; NaN without any
    redshift_error: float
    given: float  # the redshift that velocities are counted from
    lines: tuple[LineRow, ...]

    @property
    def detected(self) -> tuple[LineRow, ...]:
        """The detected lines."""
        return tuple(row for row in self.lines if row.detected)

    @property
    def used(self) -> tuple[LineRow, ...]:
        """The lines that the redshift rests on."""
        return tuple(row for row in self.lines if row.used)

    def as_dict(self) -> dict:
        """Return the table for JSON: what is not finite becomes None."""
        rows = [{key: _plain(value) for key, value in asdict(row).items()} for row in self.lines]
        head = {
            "redshift": self.redshift,
            "redshift_error": self.redshift_error,
            "given": self.given,
            "used": len(self.used),
        }
        return {key: _plain(value) for key, value in head.items()} | {"lines": rows}


def measure_lines(spectra: Sequence[Spectrum], redshift: float) -> LineTable:
    """
    Return every line of the catalogue that lies in a set of spectra, fitted, and the redshift of the detected ones.

    Each line is measured once, in the band where it lies farthest from an end. It is fitted with one Gaussian (see
    `mrskit.analysis.fits.fit_line`); neighbours within 900 km/s are tried as blend partners and kept where the BIC
    prefers it and they are found near their place. A line counts as detected when its flux is at least 5 times the
    error (and see `fit_line`). The redshift is the mean of the detected lines, weighted by their errors and 10 km/s for
    the wavelength scale; lines farther than three sigma from the median are left out in turn. Its error is the larger
    of the weights' and the scatter's.

    Parameters
    ----------
    spectra : sequence of Spectrum
        Any bands, in flux density or surface brightness.
    redshift : float
        Within about 400 km/s of the true one.

    Returns
    -------
    LineTable

    Raises
    ------
    AnalysisError
        If there is no spectrum, no line in range, a unit is unknown, or the redshift makes no sense.
    """
    if not spectra:
        raise AnalysisError("no spectrum given: expected one or more bands", found=0)
    if not -1 < redshift < 20:
        raise AnalysisError(f"redshift is {redshift}: expected a number above -1, such as 0.0225", found=redshift)
    rows = [
        _row(line, spectrum, redshift)
        for line in LINES
        if (spectrum := _best_band(spectra, line.rest * (1.0 + redshift))) is not None
    ]
    if not rows:
        ranges = ", ".join(f"{s.wavelength.min():.2f}-{s.wavelength.max():.2f}" for s in spectra)
        raise AnalysisError(f"no line of the catalogue lies in these spectra ({ranges} um) at redshift {redshift}. "
                            "Check the redshift and the unit of the wavelengths (um).", redshift=redshift)  # fmt: skip
    found, error, marked = _redshift(rows, redshift)
    return LineTable(found, error, redshift, marked)


def lines_report(folder: Path, redshift: float) -> LineTable:
    """
    Return the lines of all extracted spectra (``*_x1d.fits``, ``*_s1d.fits``) of a folder.

    Raises
    ------
    AnalysisError
        If the folder holds no spectrum, or see `measure_lines`.
    ProductError
        If a file holds no spectrum.
    """
    paths = sorted(path for kind in ("x1d", "s1d") for path in Path(folder).glob(f"*_{kind}.fits"))
    if not paths:
        raise AnalysisError(f"{folder}: no spectra; expected files *_x1d.fits or *_s1d.fits. Give the folder of stage "
                            "3, such as WORKSPACE/Source/stage3.", path=folder)  # fmt: skip
    return measure_lines([read_spectrum(path) for path in paths], redshift)


def _best_band(spectra: Sequence[Spectrum], wavelength: float) -> Spectrum | None:
    """Return the spectrum in which a wavelength lies farthest from an end of the data, or None."""

    def margin(spectrum: Spectrum) -> float:
        good = spectrum.wavelength[np.isfinite(spectrum.flux) & ~(spectrum.error <= 0)]
        if good.size < 10:
            return -np.inf
        return min(wavelength - good.min(), good.max() - wavelength) / wavelength * SPEED_OF_LIGHT

    best = max(spectra, key=margin)
    return best if margin(best) >= EDGE_MARGIN else None


def _row(line: Line, spectrum: Spectrum, redshift: float) -> LineRow:
    close = neighbours(line, BLEND_DISTANCE)
    search = min([_SEARCH, *(abs(separation(line, other)) / 2.0 for other in close)])
    exclude = [other.rest for other in neighbours(line, _WINDOW + 350.0, BLEND_DISTANCE)]
    band = spectrum.band.name if spectrum.band else None

    def fit(partners: Sequence[Line]) -> LineFit:
        return fit_line(
            spectrum.wavelength, spectrum.flux, spectrum.error, line.rest, redshift, unit=spectrum.unit,
            blends=[other.rest for other in partners], exclude=exclude, search=search,
            window=_WINDOW,
        )  # fmt: skip

    try:
        found, partners = fit(()), tuple[Line, ...]()
        if close:
            blended = fit(close)
            if _is_better(blended, found):
                found, partners = blended, close
    except AnalysisError as problem:
        if not hasattr(problem, "points"):  # too few points is a result, anything else the caller's mistake
            raise
        return LineRow(line.name, band, False, *(math.nan,) * 6, line.rest, 0.0, (), False, str(problem))
    good = found.detected
    motion = (found.velocity, found.velocity_error) if good else (math.nan, math.nan)
    width = (found.width, found.width_error) if good else (math.nan, math.nan)
    return LineRow(line.name, band, good, *motion, found.flux, found.flux_error, *width, line.rest, found.snr,
                   tuple(other.name for other in partners), False, found.message)  # fmt: skip


def _is_better(blended: LineFit, alone: LineFit) -> bool:
    """Return whether a fit with partners counts: the BIC prefers it and each partner is there, near its place."""
    near = all(abs(part.velocity) < 0.9 * BLEND_REACH and part.flux > 3.0 * part.flux_error for part in blended.blends)
    return near and np.isfinite(blended.bic) and not blended.bic >= alone.bic


def _redshift(rows: Sequence[LineRow], given: float) -> tuple[float, float, tuple[LineRow, ...]]:
    """Return the redshift of the detected lines, its error, and the rows with those marked that it rests on."""
    found = np.array([row.detected for row in rows])
    if not found.any():
        return math.nan, math.nan, tuple(rows)
    velocity = np.array([row.velocity for row in rows])
    sigma = np.hypot([row.velocity_error for row in rows], ACCURACY)
    keep = found
    for _ in range(10):
        centre = float(np.median(velocity[keep]))
        spread = float(mad_std(velocity[keep]))
        fresh = found & (np.abs(velocity - centre) <= 3.0 * np.maximum(sigma, spread))
        if np.array_equal(fresh, keep):
            break
        keep = fresh
    weight = 1.0 / sigma[keep] ** 2
    mean = float(np.sum(weight * velocity[keep]) / weight.sum())
    scatter = np.sqrt(np.sum(weight * (velocity[keep] - mean) ** 2) / weight.sum() / max(keep.sum() - 1, 1))
    error = max(float(weight.sum() ** -0.5), float(scatter))
    factor = (1.0 + given) / SPEED_OF_LIGHT
    marked = tuple(replace(row, used=bool(flag)) for row, flag in zip(rows, keep, strict=True))
    return given + mean * factor, error * factor, marked


def _plain(value: object) -> object:
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, np.generic):
        return _plain(value.item())
    return list(value) if isinstance(value, tuple) else value
