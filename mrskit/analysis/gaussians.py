"""The core of the line fits: select the points, derive starting values from the data, and minimise with lmfit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from astropy.stats import mad_std

from mrskit.analysis.catalogue import SPEED_OF_LIGHT
from mrskit.bands import resolving_power
from mrskit.errors import AnalysisError

if TYPE_CHECKING:
    from lmfit.minimizer import MinimizerResult

FWHM = 2.0 * np.sqrt(2.0 * np.log(2.0))  # of a Gaussian, in sigma
SPLITS = ((0.6, 0.65, 2.0, 0.0), (0.6, 0.8, 2.5, -1.5), (0.6, 0.8, 2.5, 1.5), (0.5, 0.6, 0.6, 2.0))
# Splits of one line into two: share of the flux, widths of the narrow and broad parts, velocity of the broad part
ROOT = np.sqrt(2.0 * np.pi)
WIDEST = 1000.0  # km/s, largest sigma of a fit
BLEND_REACH = 250.0  # km/s, largest offset of a blend partner from its expected place

Start = list[tuple[float, float, float]]  # flux, velocity, sigma of each Gaussian


def instrument_sigma(wavelength: float) -> float:
    """
    Return the sigma of the instrument's line profile at an observed wavelength (um), km/s.

    Examples
    --------
    At 10 um the adopted resolving power is 4603 - 1280 = 3323, so the FWHM is c / 3323 = 90.2 km/s:

    >>> f"{instrument_sigma(10.0):.1f} km/s"
    '38.3 km/s'
    """
    return SPEED_OF_LIGHT / float(resolving_power(wavelength)) / FWHM


@dataclass(frozen=True, slots=True)
class Points:
    """The points of one fit, with flux and error divided by a scale so that values are near one."""

    velocity: np.ndarray  # km/s
    flux: np.ndarray
    error: np.ndarray
    scale: float  # unit of the spectrum
    weighted: bool  # errors were given
    instrument: float  # sigma of the instrument, km/s
    search: float  # km/s
    offsets: tuple[float, ...]  # velocities of the blend partners' rest wavelengths, km/s


def select(
    wavelength: np.ndarray, flux: np.ndarray, error: np.ndarray | None, rest: float, redshift: float, components: int,
    blends: Sequence[float], exclude: Sequence[float], window: float, search: float,
) -> Points:  # fmt: skip
    """Return the points of the fit after checking the input."""
    wavelength, flux = np.asarray(wavelength, dtype=float), np.asarray(flux, dtype=float)
    sigma = np.full(flux.shape, np.nan) if error is None else np.asarray(error, dtype=float)
    if wavelength.ndim != 1 or wavelength.shape != flux.shape or sigma.shape != flux.shape:
        raise AnalysisError(f"wavelength, flux and error have the shapes {wavelength.shape}, {flux.shape} and "
                            f"{sigma.shape}; expected three arrays of the same length", shape=flux.shape)  # fmt: skip
    if components not in (1, 2) or not rest > 0 or not -1 < redshift < 20:
        raise AnalysisError(f"components={components}, rest={rest}, redshift={redshift}; expected 1 or 2 Gaussians, a "
                            "positive wavelength in um and a redshift above -1", components=components)  # fmt: skip
    instrument = instrument_sigma(rest * (1.0 + redshift))
    velocity = SPEED_OF_LIGHT * (wavelength / (rest * (1.0 + redshift)) - 1.0)
    use = np.isfinite(flux) & (np.abs(velocity) <= max(window, 6.0 * FWHM * instrument))
    for other in exclude:
        use &= np.abs(velocity - SPEED_OF_LIGHT * (other / rest - 1.0)) > 350.0
    known = use & np.isfinite(sigma) & (sigma > 0)
    weighted = known.sum() > 0.5 * use.sum()
    use = known if weighted else use
    needed = 5 + 3 * (components + len(blends))
    if use.sum() < needed or not velocity[use].min() < 0 < velocity[use].max():
        raise AnalysisError(
            f"{use.sum()} usable points around {rest * (1.0 + redshift):.4f} um (rest {rest} at z = {redshift}); "
            f"expected at least {needed}, on both sides. Is the line in this band?", points=int(use.sum()),
        )  # fmt: skip
    scale = float(np.ptp(flux[use])) or float(np.abs(flux[use]).max()) or 1.0
    offsets = tuple(SPEED_OF_LIGHT * (other / rest - 1.0) for other in blends)
    search = min([search, *(abs(offset) / 2.0 for offset in offsets)])
    values = sigma[use] / scale if weighted else np.ones(use.sum())
    return Points(velocity[use], flux[use] / scale, values, scale, bool(weighted), instrument, search, offsets)


def starts(points: Points, components: int) -> list[Start]:
    """Return starting values for the Gaussians, estimated from the data; several lists for two components."""
    residual = points.flux - _robust_line(points.velocity, points.flux)
    single = _guess(points, residual, 0.0, points.search)
    partners = [_guess(points, residual, offset, 150.0) for offset in points.offsets]
    if components == 1:
        return [[single, *partners]]
    flux, velocity, sigma = single
    return [
        [(share * flux, velocity - shift * sigma / 4, narrow * sigma),
         ((1 - share) * flux, velocity + shift * sigma / 2, broad * sigma), *partners]
        for share, narrow, broad, shift in SPLITS
    ]  # fmt: skip


def _robust_line(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return a straight line fitted to the points, iteratively without points more than 2.5 robust sigma away."""
    keep = np.ones(x.size, dtype=bool)
    for _ in range(6):
        line = np.polyval(np.polyfit(x[keep], y[keep], 1), x)
        fresh = np.abs(y - line - np.median(y - line)) <= 2.5 * mad_std(y - line)
        if fresh.sum() < max(5, x.size // 3) or np.array_equal(fresh, keep):
            break
        keep = fresh
    return line


def _guess(points: Points, residual: np.ndarray, centre: float, reach: float) -> tuple[float, float, float]:
    """Return flux, velocity and sigma of the highest smoothed peak within reach of a velocity."""
    distance = (points.velocity[:, None] - points.velocity[None, :]) / points.instrument
    kernel = np.exp(-0.5 * distance**2)
    smooth = kernel @ residual / kernel.sum(axis=1)
    near = np.flatnonzero(np.abs(points.velocity - centre) <= reach)
    if near.size == 0:
        near = np.array([np.argmin(np.abs(points.velocity - centre))])
    top = near[np.argmax(smooth[near])]
    above = residual[near] > 0.5 * residual[top]
    steps = np.gradient(points.velocity)
    sigma = float(np.clip(np.sum(steps[near][above]) / FWHM, 1.05 * points.instrument, 500.0))
    return max(float(residual[top]), 1e-3) * sigma * ROOT, float(points.velocity[top]), sigma


def minimise(points: Points, start: Start, shared_velocity: bool) -> MinimizerResult:
    """Run lmfit; parameters flux_i, velocity_i, sigma_i of each Gaussian and level, slope."""
    import lmfit

    parameters = lmfit.Parameters()
    own = len(start) - len(points.offsets)
    for i, (flux, velocity, sigma) in enumerate(start):
        middle, reach = (0.0, 1.2 * points.search) if i < own else (points.offsets[i - own], BLEND_REACH)
        low = 0.8 * points.instrument
        lowest = -np.inf if len(start) == 1 else 0.0
        inside = float(np.clip(velocity, middle - 0.95 * reach, middle + 0.95 * reach))
        parameters.add(f"flux_{i}", value=flux, min=lowest)
        parameters.add(f"velocity_{i}", value=inside, min=middle - reach, max=middle + reach)
        parameters.add(f"sigma_{i}", value=float(np.clip(sigma, 1.1 * low, 0.9 * WIDEST)), min=low, max=WIDEST)
    if shared_velocity and own == 2:
        parameters["velocity_1"].expr = "velocity_0"
    slope, level = np.polyfit(points.velocity, _robust_line(points.velocity, points.flux), 1)
    parameters.add("level", value=level)
    parameters.add("slope", value=slope * 1e3)

    def residual(values: lmfit.Parameters) -> np.ndarray:
        model = values["level"].value + values["slope"].value * points.velocity / 1e3
        for i in range(len(start)):
            sigma = values[f"sigma_{i}"].value
            shape = np.exp(-0.5 * ((points.velocity - values[f"velocity_{i}"].value) / sigma) ** 2)
            model = model + values[f"flux_{i}"].value / (ROOT * sigma) * shape
        return (points.flux - model) / points.error

    return lmfit.minimize(residual, parameters, method="least_squares", scale_covar=False, x_scale="jac")
