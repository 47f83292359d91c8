"""Maps of one emission line: a Gaussian on a linear continuum fitted to all spaxels of a cube at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mrskit.analysis.catalogue import SPEED_OF_LIGHT
from mrskit.analysis.fits import DETECTION
from mrskit.analysis.gaussians import FWHM, ROOT, instrument_sigma
from mrskit.bands import Band
from mrskit.errors import AnalysisError
from mrskit.products import Cube

_LARGEST = 600.0  # km/s, largest sigma of a spaxel's line
_ROUNDS = 60  # of the minimisation at most
_FLUX = 1e-20 * 1e3 / 1e-6  # MJy/sr km/s / um -> W m-2 sr-1, as d nu = dv / lambda


@dataclass(frozen=True, slots=True)
class LineMaps:
    """Maps of one line, all of shape (ny, nx); NaN where nothing could be fitted; errors are 1 sigma."""

    flux: np.ndarray  # W m-2 sr-1
    flux_error: np.ndarray
    velocity: np.ndarray  # km/s about rest wavelength and redshift
    velocity_error: np.ndarray
    width: np.ndarray  # sigma, km/s, instrument removed in quadrature; 0 where not resolved
    width_error: np.ndarray
    continuum: np.ndarray  # MJy/sr at the redshifted rest wavelength
    snr: np.ndarray  # flux / flux_error
    detected: np.ndarray  # bool: snr large enough, the fit settled and is inside its borders
    rest: float  # um
    redshift: float
    band: Band

    def masked(self, name: str) -> np.ndarray:
        """Return a copy of one map with NaN where the line is not detected."""
        return np.where(self.detected, getattr(self, name), np.nan)


def line_map(
    cube: Cube,
    rest: float,
    redshift: float,
    *,
    window: float = 1000.0,
    search: float = 400.0,
    minimum_snr: float = DETECTION,
) -> LineMaps:
    """
    Return maps of flux, velocity and width of one line, fitted in every spaxel.

    The model is that of `mrskit.analysis.fits.fit_line` with one component; all spaxels are minimised together
    (Levenberg-Marquardt with one damping a spaxel; Marquardt 1963, doi:10.1137/0111030). Errors come from the
    covariance and are scaled by the root of the reduced chi-square where that exceeds one.

    Parameters
    ----------
    cube : Cube
    rest : float
        Rest wavelength, um.
    redshift : float
        Velocities are counted from here.
    window : float
        Half-width of the part that is fitted, km/s.
    search : float
        Largest velocity looked at, km/s.
    minimum_snr : float
        Flux over its error from which a spaxel counts as detected.

    Returns
    -------
    LineMaps

    Raises
    ------
    AnalysisError
        If the line is not in the band, or no spaxel has data there.
    """
    velocity = SPEED_OF_LIGHT * (cube.wavelength / (rest * (1.0 + redshift)) - 1.0)
    planes = np.abs(velocity) <= window
    if planes.sum() < 8 or not velocity.min() < -window / 2 < window / 2 < velocity.max():
        raise AnalysisError(
            f"{cube.path.name}: the line at {rest * (1.0 + redshift):.4f} um (rest {rest} at z = {redshift}) does not "
            f"lie in the cube, which covers {cube.wavelength[0]:.4f}-{cube.wavelength[-1]:.4f} um", rest=rest,
        )  # fmt: skip
    shape = cube.flux.shape[1:]
    flux = cube.flux[planes].reshape(planes.sum(), -1).T.astype(float)
    error = cube.error[planes].reshape(planes.sum(), -1).T.astype(float)
    usable = np.isfinite(flux) & np.isfinite(error) & (error > 0)
    chosen = np.flatnonzero(usable.sum(axis=1) >= max(8, 0.6 * planes.sum()))
    if chosen.size == 0:
        raise AnalysisError(f"{cube.path.name}: no spaxel has data at {rest * (1.0 + redshift):.4f} um", rest=rest)
    weight = np.where(usable, 1.0 / np.where(usable, error, 1.0) ** 2, 0.0)[chosen]
    data = np.where(usable, flux, 0.0)[chosen]
    instrument = instrument_sigma(rest * (1.0 + redshift))
    fitted = _fit(velocity[planes], data, weight, instrument, search)
    return _maps(fitted, chosen, shape, rest, redshift, instrument, minimum_snr, cube.band)


@dataclass(frozen=True, slots=True)
class _Fitted:
    """Parameters (n, 5): flux (MJy/sr km/s), velocity, sigma (km/s), level, slope (MJy/sr, per window); and errors."""

    values: np.ndarray
    errors: np.ndarray
    settled: np.ndarray  # (n,) bool


def _fit(x: np.ndarray, data: np.ndarray, weight: np.ndarray, instrument: float, search: float) -> _Fitted:
    """Minimise all spectra, shape (n, nwave), together."""
    scale = np.abs(x).max()
    borders = (np.array([-search, 0.8 * instrument]), np.array([search, _LARGEST]))
    values = _guess(x, data, weight, instrument, search, scale)
    damping = np.full(len(data), 1e-2)
    chi2, gradient, curvature = _normal(x, data, weight, values, scale)
    settled = np.zeros(len(data), dtype=bool)
    for _ in range(_ROUNDS):
        trial = values + _step(gradient, curvature, damping)
        trial[:, 1:3] = np.clip(trial[:, 1:3], *borders)
        new_chi2, new_gradient, new_curvature = _normal(x, data, weight, trial, scale)
        better = new_chi2 <= chi2
        settled = better & (chi2 - new_chi2 < 1e-6 * chi2) | (settled & ~better) | (~better & (damping > 1e8))
        values[better], chi2[better] = trial[better], new_chi2[better]
        gradient[better], curvature[better] = new_gradient[better], new_curvature[better]
        damping = np.where(better, damping / 5.0, damping * 6.0).clip(1e-12, 1e10)
        if settled.all():
            break
    freedom = np.maximum((weight > 0).sum(axis=1) - 5, 1)
    inflation = np.maximum(chi2 / freedom, 1.0)
    variance = np.diagonal(_inverse(curvature), axis1=1, axis2=2) * inflation[:, None]
    return _Fitted(values, np.sqrt(np.where(variance > 0, variance, np.nan)), settled)


def _guess(
    x: np.ndarray, data: np.ndarray, weight: np.ndarray, instrument: float, search: float, scale: float
) -> np.ndarray:
    """Return starting values: a continuum from the outer part, the highest smoothed peak, its area and width."""
    outer = weight * (np.abs(x) > 0.45 * scale)
    design = np.stack([np.ones_like(x), x / scale], axis=1)
    matrix = np.einsum("nw,wi,wj->nij", outer, design, design) + 1e-9 * np.eye(2) * outer.sum(axis=1)[:, None, None]
    matrix += np.eye(2) * np.where(outer.sum(axis=1) > 0, 0.0, 1.0)[:, None, None]
    level = np.linalg.solve(matrix, np.einsum("nw,wi->ni", outer * data, design)[..., None])[..., 0]
    residual = np.where(weight > 0, data - level @ design.T, 0.0)
    kernel = np.exp(-0.5 * ((x[:, None] - x[None, :]) / instrument) ** 2)
    smooth = residual @ kernel / ((weight > 0) @ kernel + 1e-9)
    smooth[:, np.abs(x) > search] = -np.inf
    centre = x[np.argmax(smooth, axis=1)]
    peak = np.take_along_axis(residual, np.argmax(smooth, axis=1)[:, None], axis=1)[:, 0]
    near = np.abs(x[None, :] - centre[:, None]) < 2.5 * FWHM * instrument
    area = (residual * near * np.gradient(x)).sum(axis=1)
    sigma = np.clip(area / np.where(peak > 0, peak, np.inf) / ROOT, 1.1 * instrument, 300.0)
    return np.column_stack([np.maximum(peak, 0.0) * sigma * ROOT, centre, sigma, level])


def _normal(
    x: np.ndarray, data: np.ndarray, weight: np.ndarray, values: np.ndarray, scale: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return chi-square (n,), its half gradient (n, 5) and half curvature (n, 5, 5), with the sign of a descent."""
    flux, centre, sigma, level, slope = (column[:, None] for column in values.T)
    offset = (x - centre) / sigma
    shape = np.exp(-0.5 * offset**2) / (ROOT * sigma)
    residual = data - (flux * shape + level + slope * x / scale)
    derivative = np.empty((*data.shape, 5))
    derivative[..., 0] = shape
    derivative[..., 1] = flux * shape * offset / sigma
    derivative[..., 2] = flux * shape * (offset**2 - 1.0) / sigma
    derivative[..., 3] = 1.0
    derivative[..., 4] = x / scale
    weighted = derivative * weight[..., None]
    return (
        (weight * residual**2).sum(axis=1),
        np.matmul(weighted.transpose(0, 2, 1), residual[..., None])[..., 0],
        np.matmul(weighted.transpose(0, 2, 1), derivative),
    )


def _step(gradient: np.ndarray, curvature: np.ndarray, damping: np.ndarray) -> np.ndarray:
    """Return the damped Gauss-Newton step; parameters are scaled by the curvature's diagonal."""
    size = _sizes(curvature)
    matrix = curvature / (size[:, :, None] * size[:, None, :]) + damping[:, None, None] * np.eye(5)
    return np.linalg.solve(matrix, (gradient / size)[..., None])[..., 0] / size


def _inverse(curvature: np.ndarray) -> np.ndarray:
    size = _sizes(curvature)
    scaled = curvature / (size[:, :, None] * size[:, None, :])
    return np.linalg.pinv(scaled, hermitian=True, rcond=1e-13) / (size[:, :, None] * size[:, None, :])


def _sizes(curvature: np.ndarray) -> np.ndarray:
    diagonal = np.diagonal(curvature, axis1=1, axis2=2)
    return np.sqrt(np.maximum(diagonal, 1e-30 + 1e-14 * diagonal.max(axis=1, keepdims=True)))


def _maps(
    fitted: _Fitted, chosen: np.ndarray, shape: tuple[int, int], rest: float, redshift: float, instrument: float,
    minimum_snr: float, band: Band,
) -> LineMaps:  # fmt: skip
    """Return the maps in physical units."""
    flux, velocity, sigma, level, _ = fitted.values.T
    flux_error, velocity_error, sigma_error = fitted.errors[:, :3].T
    factor = _FLUX / (rest * (1.0 + redshift) * (1.0 + velocity / SPEED_OF_LIGHT))
    squared, squared_error = sigma**2 - instrument**2, 2.0 * sigma * sigma_error
    width = np.sqrt(np.maximum(squared, 0.0))
    upper = np.sqrt(np.maximum(squared, 0.0) + squared_error) - width  # not resolved
    width_error = np.where(squared > squared_error, squared_error / (2.0 * np.where(width > 0, width, 1.0)), upper)
    snr = np.divide(flux, flux_error, out=np.zeros_like(flux), where=flux_error > 0)
    inside = (sigma > 0.81 * instrument) & (sigma < 0.98 * _LARGEST) & np.isfinite(velocity_error)
    detected = fitted.settled & inside & (snr >= minimum_snr)

    def full(values: np.ndarray) -> np.ndarray:
        image = np.full(shape[0] * shape[1], np.nan)
        image[chosen] = values
        return image.reshape(shape)

    mask = np.zeros(shape[0] * shape[1], dtype=bool)
    mask[chosen] = detected
    return LineMaps(
        full(flux * factor), full(flux_error * factor), full(velocity), full(velocity_error), full(width),
        full(width_error), full(level), full(snr), mask.reshape(shape), rest, redshift, band,
    )  # fmt: skip
