"""Fit one emission line with one or two Gaussians on a local linear continuum, with errors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from astropy import units as u

from mrskit.analysis.catalogue import SPEED_OF_LIGHT
from mrskit.analysis.gaussians import ROOT, WIDEST, Points, Start, minimise, select, starts
from mrskit.errors import AnalysisError

if TYPE_CHECKING:
    from lmfit.minimizer import MinimizerResult

DETECTION = 5.0  # smallest flux divided by its error for a detected line


@dataclass(frozen=True, slots=True)
class Component:
    """One Gaussian of a fit; velocities are relative to rest wavelength and redshift."""

    rest: float  # um, rest wavelength of its line
    flux: float  # W m-2, or W m-2 sr-1 from surface brightness
    flux_error: float
    velocity: float  # km/s
    velocity_error: float
    width: float  # sigma, km/s, corrected for the instrument in quadrature; 0 if narrower than that
    width_error: float
    peak: float  # in the unit of the spectrum
    observed_width: float  # sigma, km/s, instrument included


@dataclass(frozen=True, slots=True)
class LineFit:
    """A fitted emission line; errors are 1 sigma, velocities in km/s relative to rest wavelength and redshift."""

    rest: float  # um
    redshift: float
    unit: str  # of the spectrum
    flux: float  # of the line (both components, without blend partners), W m-2 or W m-2 sr-1
    flux_error: float
    velocity: float  # flux-weighted mean of the components
    velocity_error: float
    width: float  # second moment (sigma), corrected for the instrument in quadrature
    width_error: float
    components: tuple[Component, ...] = ()  # narrower first
    blends: tuple[Component, ...] = ()  # partners in the fit
    continuum: float = np.nan  # at the redshifted rest wavelength, unit of the spectrum
    slope: float = np.nan  # of the continuum, per km/s
    snr: float = 0.0  # flux / flux_error
    reduced_chi2: float = np.nan  # with the errors as given; NaN without errors
    bic: float = np.nan  # of this model on these points; smaller is better
    points: int = 0
    detected: bool = False
    message: str = ""

    def continuum_model(self, wavelength: np.ndarray) -> np.ndarray:
        """Return the fitted continuum at wavelengths (um), in the unit of the spectrum."""
        return self.continuum + self.slope * self._velocities(wavelength)

    def model(self, wavelength: np.ndarray) -> np.ndarray:
        """Return the full fitted model at wavelengths (um), including blend partners, in the unit of the spectrum."""
        total = self.continuum_model(wavelength)
        for part in self.components + self.blends:
            centre = SPEED_OF_LIGHT * (part.rest / self.rest * (1.0 + part.velocity / SPEED_OF_LIGHT) - 1.0)
            width = part.observed_width * part.rest / self.rest
            total = total + part.peak * np.exp(-0.5 * ((self._velocities(wavelength) - centre) / width) ** 2)
        return total

    def _velocities(self, wavelength: np.ndarray) -> np.ndarray:
        return SPEED_OF_LIGHT * (np.asarray(wavelength) / (self.rest * (1.0 + self.redshift)) - 1.0)


def fit_line(
    wavelength: np.ndarray, flux: np.ndarray, error: np.ndarray | None, rest: float, redshift: float,
    components: int = 1, *, unit: str = "Jy", blends: Sequence[float] = (), exclude: Sequence[float] = (),
    shared_velocity: bool = False, window: float = 1500.0, search: float = 500.0,
) -> LineFit:  # fmt: skip
    """
    Fit one emission line with Gaussians in velocity on a linear continuum.

    Each Gaussian has its own flux, velocity and width; the continuum has a level and a slope. The instrument's width
    (adopted resolving power, `mrskit.bands.resolving_power`) is removed in quadrature. Errors come from the covariance.
    They are scaled by the root of the reduced chi-square if no errors were given or if it exceeds one, because pipeline
    errors include neither the covariance of cubes nor residual fringes. They are never reduced. The BIC is
    n ln(chi2 / n) + k ln n (Schwarz 1978, doi:10.1214/aos/1176344136) and does not depend on the scale of the errors.

    A detected line has a positive flux of at least 5 times its error, and a BIC better by at least 10 than a fit
    without the line. Neither velocity nor width is at its limit.

    AnalysisError if shapes differ, a value is invalid, the unit is not a flux density, or too few points lie in the
    window.

    Parameters
    ----------
    wavelength, flux : ndarray of shape (n,)
        um (vacuum, observed) and ``unit``; points that are not finite are left out.
    error : ndarray of shape (n,) or None
        1 sigma, same unit; points with errors that are not positive and finite are left out, unless these are most of
        the points. In this case all points have the same weight.
    rest : float
        Rest wavelength, um.
    redshift : float
        Zero point of the velocities.
    components : int
        1 or 2 Gaussians.
    unit : str
        A flux density (Jy, mJy, ...) or a surface brightness (MJy/sr, ...) in astropy's spelling.
    blends : sequence of float
        Rest wavelengths, um, of partners, each with its own Gaussian within 250 km/s of its expected place.
    exclude : sequence of float
        Rest wavelengths, um, of other lines; 350 km/s around each are left out.
    shared_velocity : bool
        Whether both components have the same velocity.
    window : float
        Half-width of the fitted part, km/s; at least six times the instrument's FWHM.
    search : float
        Largest velocity searched, km/s.

    Returns
    -------
    LineFit
        The fit, with ``detected`` False and ``message`` set if it fails.

    Examples
    --------
    A line at 10 um with a peak of 1 Jy and a sigma of 200 km/s, on a continuum of 2 Jy. Its flux is the peak times
    sqrt(2 pi) sigma / wavelength: 1e-26 W m-2 Hz-1 x 5.013e5 m/s / 1e-5 m = 5.013e-16 W m-2. Corrected for that of
    the instrument, 38.3 km/s, its width is sqrt(200**2 - 38.3**2) = 196.3 km/s:

    >>> velocity = np.arange(-2000.0, 2001.0, 25.0)  # km/s
    >>> flux = 2.0 + np.exp(-0.5 * (velocity / 200.0) ** 2)  # Jy
    >>> fit = fit_line(10.0 * (1.0 + velocity / SPEED_OF_LIGHT), flux, None, rest=10.0, redshift=0.0)
    >>> f"{fit.flux:.3e} W m-2, {fit.width:.1f} km/s"
    '5.013e-16 W m-2, 196.3 km/s'
    >>> round(fit.continuum, 2)  # Jy
    2.0
    """
    factor = _flux_factor(unit)
    points = select(wavelength, flux, error, rest, redshift, components, blends, exclude, window, search)
    empty = LineFit(rest, redshift, unit, *(np.nan,) * 6, points=points.velocity.size)
    try:
        result = min(
            (minimise(points, start, shared_velocity) for start in starts(points, components)),
            key=lambda item: item.chisqr,
        )
    except (ValueError, np.linalg.LinAlgError) as problem:
        return replace(empty, message=f"the fit failed: {problem}")
    if getattr(result, "covar", None) is None or not np.all(np.isfinite(result.covar)):
        return replace(empty, message="the fit found no minimum with finite errors")
    return _summary(empty, points, result, components, blends, factor)


def _flux_factor(unit: str) -> float:
    """Return the factor from (unit x km/s) / um to W m-2 or W m-2 sr-1, using d nu = dv / lambda."""
    try:
        parsed = u.Unit(unit)
        target = u.W / u.m**2 / u.Hz / (u.sr if u.sr in parsed.bases or "sr" in parsed.to_string() else 1)
        return float(parsed.to(target)) * 1e3 / 1e-6
    except (ValueError, TypeError) as problem:
        raise AnalysisError(f"unit {unit!r} is not a flux density or surface brightness; expected Jy, mJy, MJy or "
                            "MJy/sr", found=unit) from problem  # fmt: skip


def _summary(
    empty: LineFit, points: Points, result: MinimizerResult, components: int, blends: Sequence[float], factor: float
) -> LineFit:
    """Return the fit in physical units, with errors."""
    inflation = max(1.0, result.redchi) if points.weighted else result.redchi
    covariance = result.covar * inflation
    rests = [empty.rest] * components + list(blends)

    def measured(vector: np.ndarray) -> np.ndarray:
        return _quantities(_table(result, vector), rests, components, points, empty.redshift, factor)

    values = np.array([result.params[name].value for name in result.var_names])
    table, found = _table(result, values), measured(values)
    errors = _propagated(measured, values, covariance)
    parts = [
        Component(rest, *_with_errors(found[3 * i : 3 * i + 3], errors[3 * i : 3 * i + 3]),
                  float(table[i, 0] / (ROOT * table[i, 2]) * points.scale), float(table[i, 2] * empty.rest / rest))
        for i, rest in enumerate(rests)
    ]  # fmt: skip
    flux, flux_error, *rest_of_total = _with_errors(found[-3:], errors[-3:])
    partners: Start = [tuple(row) for row in table[components:]]
    bic, bare = _bic(result), _bic(minimise(points, partners, False))
    snr = flux / flux_error if flux_error > 0 else 0.0
    problem = _problem(points, table[:components], snr, bare - bic)
    return replace(
        empty, flux=flux, flux_error=flux_error, velocity=rest_of_total[0], velocity_error=rest_of_total[1],
        width=rest_of_total[2], width_error=rest_of_total[3],
        components=tuple(sorted(parts[:components], key=lambda part: part.observed_width)),
        blends=tuple(parts[components:]),
        continuum=result.params["level"].value * points.scale, slope=result.params["slope"].value * points.scale / 1e3,
        snr=snr, reduced_chi2=float(result.redchi) if points.weighted else np.nan, bic=bic,
        detected=not problem, message=problem,
    )  # fmt: skip


def _table(result: MinimizerResult, vector: np.ndarray) -> np.ndarray:
    """Return flux, velocity and sigma of each Gaussian, shape (n, 3), from the vector of free parameters."""
    free = dict(zip(result.var_names, vector, strict=True))
    count = sum(name.startswith("flux_") for name in result.params)
    shared = free.get("velocity_0", np.nan)
    return np.array([[free[f"flux_{i}"], free.get(f"velocity_{i}", shared), free[f"sigma_{i}"]] for i in range(count)])


def _quantities(
    table: np.ndarray, rests: Sequence[float], components: int, points: Points, redshift: float, factor: float
) -> np.ndarray:
    """Return flux, velocity and squared intrinsic width of every Gaussian and, in the last row, of the whole line."""
    flux, offset, sigma = table.T
    shift = SPEED_OF_LIGHT * (np.asarray(rests) / rests[0] - 1.0)  # offset of each Gaussian's line from the first line
    stretch = np.asarray(rests) / rests[0]
    velocity, spread = (offset - shift) / stretch, (sigma / stretch) ** 2 - points.instrument**2
    power = flux * points.scale * factor / (rests[0] * (1.0 + redshift) * (1.0 + offset / SPEED_OF_LIGHT))
    own = slice(0, components)
    share = flux[own] / flux[own].sum() if flux[own].sum() else np.full(components, 1.0 / components)
    mean = share @ velocity[own]
    total = [power[own].sum(), mean, share @ (spread[own] + (velocity[own] - mean) ** 2)]
    return np.concatenate([np.column_stack([power, velocity, spread]).ravel(), total])


def _propagated(function: Callable[[np.ndarray], np.ndarray], values: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """Return the 1-sigma errors of a function of the fitted values, by its derivatives and their covariance."""
    steps = np.diag(np.maximum(1e-2 * np.sqrt(np.diag(covariance)), 1e-9))
    jacobian = np.column_stack([(function(values + row) - function(values - row)) / (2 * row.sum()) for row in steps])
    return np.sqrt(np.einsum("ij,jk,ik->i", jacobian, covariance, jacobian))


def _with_errors(found: np.ndarray, errors: np.ndarray) -> tuple[float, float, float, float, float, float]:
    """Return flux, error, velocity, error, width, error from flux, velocity and width squared and their errors."""
    flux, velocity, squared = (float(value) for value in found)
    width = float(np.sqrt(max(squared, 0.0)))
    if squared > errors[2]:
        width_error = float(errors[2]) / (2.0 * width)
    else:  # unresolved: distance to the width at one sigma above
        width_error = float(np.sqrt(max(squared, 0.0) + errors[2])) - width
    return flux, float(errors[0]), velocity, float(errors[1]), width, width_error


def _bic(result: MinimizerResult) -> float:
    n = result.ndata
    return float(n * np.log(result.chisqr / n) + result.nvarys * np.log(n))


def _problem(points: Points, table: np.ndarray, snr: float, gain: float) -> str:
    """Return why a fitted line is not detected, or an empty text."""
    if not snr >= DETECTION:
        return f"not detected: flux is {snr:.1f} times its error, expected at least {DETECTION:g}"
    if gain < 10.0:
        return f"not detected: the BIC is only {gain:.1f} better than without the line, expected at least 10"
    if np.any(np.abs(table[:, 1]) > points.search):
        return "not detected: the velocity is at the limit of the search"
    if np.any(table[:, 2] < 0.81 * points.instrument) or np.any(table[:, 2] > 0.98 * WIDEST):
        return "not detected: the width is at the limit of the allowed range"
    return ""
