"""Find and fit all catalogue lines in a set of spectra, and derive one redshift from the detected lines."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np
from astropy.stats import gaussian_sigma_to_fwhm, mad_std

from mrskit.analysis import search
from mrskit.analysis.catalogue import LINES, SPEED_OF_LIGHT, Line, find_line, neighbours, separation
from mrskit.analysis.fits import Component, LineFit, fit_line
from mrskit.analysis.gaussians import BLEND_REACH
from mrskit.analysis.search import FEWEST, HIGHEST, LOWEST, STANDS_OUT, Found, Strength, find_redshift
from mrskit.bands import resolving_power
from mrskit.errors import AnalysisError
from mrskit.products import Spectrum

__all__ = ["LINES", "Component", "Line", "LineFit", "LineRow", "LineTable", "find_line", "fit_line", "measure_lines"]

BLEND_DISTANCE = 900.0  # km/s: closer neighbours are fitted too; 350 km/s around farther ones are left out
EDGE_MARGIN = 600.0  # km/s, smallest distance of a line from the ends of a spectrum
SPREAD = 40.0  # km/s, allowed scatter of one source's lines in addition to their errors
ACCURACY = 10.0  # km/s, adopted accuracy of a line's wavelength, added to its error for the redshift
_WINDOW = 1000.0  # km/s
_SEARCH = 500.0  # km/s


@dataclass(frozen=True, slots=True)
class LineRow:
    """One catalogue line in a set of spectra; NaN means not measured; errors are 1 sigma."""

    line: str  # e.g. "[Ne II] 12.814"
    band: str | None
    detected: bool
    velocity: float  # km/s relative to the given redshift
    velocity_error: float
    flux: float  # W m-2, or W m-2 sr-1 from surface brightness
    flux_error: float
    width: float  # sigma, km/s, corrected for the instrument in quadrature; 0 if unresolved
    width_error: float
    rest: float  # um
    snr: float
    blends: tuple[str, ...]  # partners in the fit
    used: bool  # used for the redshift
    message: str  # why the line is not detected, or not used for the redshift
    unit: str = "W / m2"  # of the flux


@dataclass(frozen=True, slots=True)
class LineTable:
    """The lines of a set of spectra and their redshift."""

    redshift: float  # from the detected lines; NaN if it is withheld
    redshift_error: float
    given: float  # the redshift at zero velocity
    lines: tuple[LineRow, ...]
    message: str = ""  # why there is no redshift
    hint: str = ""  # a different redshift that fits far better

    @property
    def detected(self) -> tuple[LineRow, ...]:
        """The detected lines."""
        return tuple(row for row in self.lines if row.detected)

    @property
    def used(self) -> tuple[LineRow, ...]:
        """The lines that determine the redshift."""
        return tuple(row for row in self.lines if row.used)

    def as_dict(self) -> dict:
        """Return the table for JSON; values that are not finite become None."""
        rows = [{key: _plain(value) for key, value in asdict(row).items()} for row in self.lines]
        head = {name: getattr(self, name) for name in ("redshift", "redshift_error", "given", "message", "hint")}
        head |= {"used": len(self.used)}
        return {key: _plain(value) for key, value in head.items()} | {"lines": rows}


def measure_lines(spectra: Sequence[Spectrum], redshift: float | None = None) -> LineTable:
    """
    Fit every catalogue line in a set of spectra, and return the fits with the redshift of the detected lines.

    Each line is measured once per kind of unit, in the band where it lies farthest from an end. The fit has
    one Gaussian (see `mrskit.analysis.fits.fit_line`). Neighbours within 900 km/s are tried as blend partners, and kept
    if the BIC prefers them and they are near their expected wavelengths. A detected line has a flux of at least 5
    times the error (and see `fit_line`), and its peak is at least 5 times the scatter of the surrounding spectrum
    (`mrskit.analysis.search.stands_out`). If samples of its core are missing, the line is not detected, because
    only its wings would be fitted.

    The redshift is the mean of the detected lines, weighted by their errors and 10 km/s for the wavelength scale. Lines
    farther than three sigma from the median are left out in turn. The error is the larger of those from the weights and
    the scatter. The redshift is withheld unless two unblended lines and half of the detected lines agree, or if a
    different redshift fits far better.

    ``spectra``: any bands, in flux density or surface brightness; ``redshift``: within about 400 km/s of the truth;
    by default the search finds it (`mrskit.analysis.search.find_redshift`).
    AnalysisError if there is no spectrum, no line in range, an unknown unit, or the redshift is invalid or is not
    found.
    """
    if not spectra:
        raise AnalysisError("no spectrum was given; expected one or more bands", found=0)
    best = find_redshift(spectra)
    if redshift is None:
        if not (best and best.clear):
            return LineTable(math.nan, math.nan, math.nan, (), _unclear(best))
        table = measure_lines(spectra, best.redshift)
        return table if table.message else measure_lines(spectra, round(table.redshift, 5))
    if not -1 < redshift < 20:
        velocity = f"; did you mean {redshift:g} km/s? Then write {redshift:g}km/s" if abs(redshift) < 3e5 else ""
        raise AnalysisError(f"redshift is {redshift:g}: expected a number above -1, such as 0.0225, or a velocity, "
                            f"such as 6700km/s{velocity}", redshift=redshift)  # fmt: skip
    strengths = {id(item): (strong, search.unexplained(strong, redshift))
                 for item in spectra if (strong := search.strength(item))}  # fmt: skip
    kinds = [[item for item in spectra if ("sr" in item.unit) == bright] for bright in (False, True)]
    rows = [_row(line, spectrum, redshift, strengths.get(id(spectrum))) for line in LINES for kind in kinds
            if kind and (spectrum := _best_band(kind, line.rest * (1.0 + redshift))) is not None]  # fmt: skip
    if not rows:
        ranges = ", ".join(f"{s.wavelength.min():.2f}-{s.wavelength.max():.2f}" for s in spectra)
        raise AnalysisError(f"no line in the catalogue ({LINES[0].rest:.2f}-{LINES[-1].rest:.2f} um at rest) falls in "
                            f"these spectra ({ranges} um) at redshift {redshift}.", redshift=redshift)  # fmt: skip
    found, error, marked, message = _redshift(rows, redshift)
    hint = ""
    if best and best.clear and abs(best.redshift - redshift) / (1 + redshift) * SPEED_OF_LIGHT > 1000.0:
        hint = f"{len(best.lines)} catalogue lines stand out at z = {best.redshift:.4f}: try that redshift"
        message = message or "a different redshift fits far better"
    if message:
        found, error, marked = math.nan, math.nan, tuple(replace(row, used=False) for row in marked)
    return LineTable(found, error, redshift, marked, message, hint)


def _unclear(best: Found | None) -> str:
    most = f"{len(best.lines)} lines, at z = {best.redshift:.4f}, and another z is as good" if best else "no line"
    return (f"no redshift between {LOWEST} and {HIGHEST:g} is clear. The best match is {most}; it takes "
            f"{FEWEST} lines. Give the redshift with --redshift, e.g. 0.0225 or 6700km/s")  # fmt: skip


def _best_band(spectra: Sequence[Spectrum], wavelength: float) -> Spectrum | None:
    """Return the spectrum in which a wavelength lies farthest from an end of the data, or None."""

    def margin(spectrum: Spectrum) -> float:
        there = np.isfinite(spectrum.flux)
        known = there & ~(spectrum.error <= 0)
        good = spectrum.wavelength[known if known.any() else there]
        if good.size < 10:
            return -np.inf
        return min(wavelength - good.min(), good.max() - wavelength) / wavelength * SPEED_OF_LIGHT

    best = max(spectra, key=margin)
    return best if margin(best) >= EDGE_MARGIN else None


def _row(line: Line, spectrum: Spectrum, redshift: float, strong: tuple[Strength, np.ndarray] | None) -> LineRow:
    close = neighbours(line, BLEND_DISTANCE)
    reach = min([_SEARCH, *(abs(separation(line, other)) / 2.0 for other in close)])
    exclude = [other.rest for other in neighbours(line, _WINDOW + 350.0, BLEND_DISTANCE)]
    band = spectrum.band_at(line.rest * (1.0 + redshift))
    unit = "W / (m2 sr)" if "sr" in spectrum.unit else "W / m2"

    def fit(partners: Sequence[Line]) -> LineFit:
        return fit_line(
            spectrum.wavelength, spectrum.flux, spectrum.error, line.rest, redshift, unit=spectrum.unit,
            blends=[other.rest for other in partners], exclude=exclude, search=reach,
            window=_WINDOW,
        )  # fmt: skip

    try:
        found, partners = fit(()), tuple[Line, ...]()
        if close:
            blended = fit(close)
            if _is_better(blended, found):
                found, partners = blended, close
    except AnalysisError as problem:
        if not hasattr(problem, "points"):  # too few points are a result; any other problem is the caller's mistake
            raise
        return LineRow(line.name, band, False, *(math.nan,) * 6, line.rest, 0.0, (), False, str(problem), unit)
    good, message = found.detected, found.message
    if good and strong is not None:
        place = line.rest * (1.0 + redshift) * (1.0 + found.velocity / SPEED_OF_LIGHT)
        times = search.stands_out(strong[0], place, strong[1])
        if times < STANDS_OUT:  # NaN: no points to compare with
            good, message = False, f"not detected: the peak is {times:.1f} times the local scatter, expected at least 5"
    if good and (gone := _missing(spectrum, line.rest * (1.0 + redshift), found)):
        good, message = False, f"not detected: {gone} in the line core are missing, so only the wings would be fitted"
    motion = (found.velocity, found.velocity_error) if good else (math.nan, math.nan)
    width = (found.width, found.width_error) if good else (math.nan, math.nan)
    return LineRow(line.name, band, good, *motion, found.flux, found.flux_error, *width, line.rest, found.snr,
                   tuple(other.name for other in partners), False, message, unit)  # fmt: skip


def _missing(spectrum: Spectrum, place: float, found: LineFit) -> str:
    """Return the number of missing samples within a line's FWHM, e.g. "3 of 5 samples", or "" if hardly any."""
    place *= 1.0 + found.velocity / SPEED_OF_LIGHT
    width = math.hypot(gaussian_sigma_to_fwhm * found.width, SPEED_OF_LIGHT / float(resolving_power(place)))
    distance = np.abs(spectrum.wavelength / place - 1.0) * SPEED_OF_LIGHT
    step = float(np.median(np.diff(np.sort(spectrum.wavelength[distance < _WINDOW])))) / place * SPEED_OF_LIGHT
    expected, there = round(2.0 * width / step), int((np.isfinite(spectrum.flux) & (distance <= width)).sum())
    return f"{expected - there} of {expected} samples" if expected - there > max(1.0, 0.2 * expected) else ""


def _is_better(blended: LineFit, alone: LineFit) -> bool:
    """Return whether to keep a fit with partners: the BIC prefers it and each partner is detected near its place."""
    near = all(abs(part.velocity) < 0.9 * BLEND_REACH and part.flux > 3.0 * part.flux_error for part in blended.blends)
    return near and np.isfinite(blended.bic) and not blended.bic >= alone.bic


def _redshift(rows: Sequence[LineRow], given: float) -> tuple[float, float, tuple[LineRow, ...], str]:
    """Return the redshift of the detected lines, its error, the marked rows, and the reason for withholding it."""
    found = np.array([row.detected for row in rows])
    if not found.any():
        return math.nan, math.nan, tuple(rows), "no line is detected"
    velocity = np.array([row.velocity for row in rows])
    sigma = np.hypot([row.velocity_error for row in rows], ACCURACY)
    keep = found
    for _ in range(10):
        centre = float(np.median(velocity[keep]))
        spread = min(float(mad_std(velocity[keep])), SPREAD)
        fresh = found & (np.abs(velocity - centre) <= np.minimum(3.0 * np.maximum(sigma, spread), 5.0 * SPREAD))
        if np.array_equal(fresh, keep) or not fresh.any():
            keep = fresh
            break
        keep = fresh
    marked = tuple(replace(row, used=bool(flag), message=row.message if flag or not row.detected else
                           f"not used for the redshift: {row.velocity - centre:+.0f} km/s from the others")
                   for row, flag in zip(rows, keep, strict=True))  # fmt: skip
    message = _doubt(marked)
    if not keep.any():
        return math.nan, math.nan, marked, message
    weight = 1.0 / sigma[keep] ** 2
    mean = float(np.sum(weight * velocity[keep]) / weight.sum())
    scatter = np.sqrt(np.sum(weight * (velocity[keep] - mean) ** 2) / weight.sum() / max(keep.sum() - 1, 1))
    error = max(float(weight.sum() ** -0.5), float(scatter))
    factor = (1.0 + given) / SPEED_OF_LIGHT
    return given + mean * factor, error * factor, marked, message


def _doubt(rows: Sequence[LineRow]) -> str:
    """Return the reason to withhold a redshift from these rows, or an empty text."""
    there = {row.line for row in rows if row.detected}
    agree = {row.line for row in rows if row.used}
    alone = {row.line for row in rows if row.used and not row.blends}
    if len(alone) < 2:
        return f"a redshift needs two unblended lines that agree; {len(alone)} of {len(there)} detected are unblended"
    if len(agree) < len(there) / 2:
        return f"the lines disagree: {len(agree)} of {len(there)} detected lines have the same velocity"
    return ""


def _plain(value: object) -> object:
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, np.generic):
        return _plain(value.item())
    return list(value) if isinstance(value, tuple) else value
