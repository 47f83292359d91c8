"""Fit many spectra at once with one or two Gaussians on a linear continuum (Levenberg-Marquardt in numpy)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

import numpy as np

from mrskit.analysis.gaussians import FWHM, ROOT, SPLITS

LARGEST = 600.0  # km/s, largest sigma
_ROUNDS = 60  # largest number of iterations
Minimum = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]  # parameters, chi-square, curvature, settled


@dataclass(frozen=True, slots=True)
class BatchFit:
    """
    Fits of K Gaussians to n spectra.

    The parameters are, in order: flux (unit x km/s), velocity and sigma (km/s) of each Gaussian, then level (unit of
    the spectra at zero velocity) and slope (level change over the largest velocity). Sigmas include the instrument.
    """

    values: np.ndarray  # (n, 3 K + 2)
    errors: np.ndarray  # (n, 3 K + 2), 1 sigma; NaN if unknown
    chi2: np.ndarray  # (n,)
    points: np.ndarray  # (n,), number of points used
    settled: np.ndarray  # (n,) bool, the minimisation converged

    @property
    def bic(self) -> np.ndarray:
        """Return the BIC of every fit, n ln(chi2 / n) + k ln n, shape (n,); smaller is better."""
        count = np.maximum(self.points, 1)
        return count * np.log(np.maximum(self.chi2, 1e-300) / count) + self.values.shape[1] * np.log(count)


def fit_spectra(
    velocity: np.ndarray, data: np.ndarray, error: np.ndarray, instrument: float, search: float = 400.0,
    components: int = 1,
) -> BatchFit:  # fmt: skip
    """
    Fit one line in many spectra on the same velocity grid, all at once.

    The fit is Levenberg-Marquardt with one damping per spectrum (Marquardt 1963, doi:10.1137/0111030) and analytic
    derivatives. Velocities and widths are clipped to their limits. Errors come from the covariance and are scaled by
    the root of the reduced chi-square where this exceeds one, as in `mrskit.analysis.fits.fit_line`.

    ``velocity``: km/s relative to the line, shape (nwave,); ``data``, ``error``: spectra and 1-sigma errors in
    the same unit, shape (n, nwave); only finite points with a positive error are used; ``instrument``: sigma
    of its profile, km/s, of which a Gaussian has at least 0.8; ``search``: largest velocity, km/s; ``components``:
    1 or 2 Gaussians; for two, the best result from four ways of splitting the single Gaussian is kept.
    """
    usable = np.isfinite(data) & np.isfinite(error) & (error > 0)
    weight = np.where(usable, 1.0 / np.where(usable, error, 1.0) ** 2, 0.0)
    data = np.where(usable, data, 0.0)
    scale = np.abs(velocity).max()
    single = _minimise(velocity, data, weight, _guess(velocity, data, weight, instrument, search), instrument, search)
    if components == 1:
        return _finished(*single, weight)
    trials = (_minimise(velocity, data, weight, _split(single[0], split, instrument, scale), instrument, search)
              for split in SPLITS)  # fmt: skip
    return _finished(*reduce(_better, trials), weight)


def _better(first: Minimum, second: Minimum) -> Minimum:
    """Return the better of two minimisations, spectrum by spectrum."""
    wins = second[1] < first[1]
    values, chi2, curvature, settled = (
        np.where(wins.reshape(-1, *(1,) * (b.ndim - 1)), b, a) for a, b in zip(first, second, strict=True)
    )
    return values, chi2, curvature, settled


def _finished(
    values: np.ndarray, chi2: np.ndarray, curvature: np.ndarray, settled: np.ndarray, weight: np.ndarray
) -> BatchFit:
    points = (weight > 0).sum(axis=1)
    inflation = np.maximum(chi2 / np.maximum(points - values.shape[1], 1), 1.0)
    variance = np.diagonal(_inverse(curvature), axis1=1, axis2=2) * inflation[:, None]
    return BatchFit(values, np.sqrt(np.where(variance > 0, variance, np.nan)), chi2, points, settled)


def _minimise(
    x: np.ndarray, data: np.ndarray, weight: np.ndarray, values: np.ndarray, instrument: float, search: float
) -> Minimum:
    """Return parameters, chi-square, curvature and whether the minimisation converged, for every spectrum."""
    low, high = _borders(values.shape[1], instrument, search)
    values = np.clip(values, low, high)
    damping = np.full(len(data), 1e-2)
    chi2, gradient, curvature = _normal(x, data, weight, values)
    settled = np.zeros(len(data), dtype=bool)
    active = np.arange(len(data))
    for _ in range(_ROUNDS):
        trial = values[active] + _step(gradient[active], curvature[active], damping[active])
        trial = np.clip(trial, low, high)
        new_chi2, new_gradient, new_curvature = _normal(x, data[active], weight[active], trial)
        better = new_chi2 <= chi2[active]
        small = chi2[active] - new_chi2 < 1e-6 * chi2[active]
        settled[active] = (better & small) | (~better & (damping[active] > 1e8))
        won = active[better]
        values[won], chi2[won] = trial[better], new_chi2[better]
        gradient[won], curvature[won] = new_gradient[better], new_curvature[better]
        damping[active] = np.where(better, damping[active] / 5.0, damping[active] * 6.0).clip(1e-12, 1e10)
        active = active[~settled[active]]
        if active.size == 0:
            break
    return values, chi2, curvature, settled


def _borders(size: int, instrument: float, search: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the limits of the parameters; two Gaussians have positive fluxes, but a single one may be absorption."""
    count = (size - 2) // 3
    lowest = -np.inf if count == 1 else 0.0
    free = [np.inf, np.inf]
    return (np.array([lowest, -search, 0.8 * instrument] * count + [-np.inf, -np.inf]),
            np.array([np.inf, search, LARGEST] * count + free))  # fmt: skip


def _guess(x: np.ndarray, data: np.ndarray, weight: np.ndarray, instrument: float, search: float) -> np.ndarray:
    """Return starting values: continuum from the outer part, and position, area and width of the highest peak."""
    scale = np.abs(x).max()
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


def _split(single: np.ndarray, split: tuple[float, ...], instrument: float, scale: float) -> np.ndarray:
    """Return starting values for two Gaussians, derived from fits with one."""
    share, narrow, broad, shift = split
    flux, velocity, sigma, level, slope = single.T
    flux = np.maximum(flux, 1e-3 * np.abs(level) * sigma)
    widths = [np.clip(factor * sigma, 0.9 * instrument, 0.9 * LARGEST) for factor in (narrow, broad)]
    return np.column_stack([
        share * flux, np.clip(velocity - shift * sigma / 4, -scale, scale), widths[0],
        (1 - share) * flux, np.clip(velocity + shift * sigma / 2, -scale, scale), widths[1], level, slope,
    ])  # fmt: skip


def _normal(
    x: np.ndarray, data: np.ndarray, weight: np.ndarray, values: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return chi-square (n,), half its negative gradient (n, p) and half its curvature (n, p, p)."""
    size, scale = values.shape[1], np.abs(x).max()
    derivative = np.empty((len(data), size, x.size))
    model = values[:, -2, None] + values[:, -1, None] * x / scale
    for i in range(0, size - 2, 3):
        flux, centre, sigma = (values[:, i + k, None] for k in range(3))
        offset = (x - centre) / sigma
        shape = np.exp(-0.5 * offset**2) / (ROOT * sigma)
        model += flux * shape
        derivative[:, i] = shape
        derivative[:, i + 1] = flux * shape * offset / sigma
        derivative[:, i + 2] = flux * shape * (offset**2 - 1.0) / sigma
    derivative[:, -2], derivative[:, -1] = 1.0, x / scale
    residual = data - model
    weighted = derivative * weight[:, None, :]
    chi2, gradient = (weight * residual**2).sum(axis=1), np.matmul(weighted, residual[..., None])[..., 0]
    return chi2, gradient, np.matmul(weighted, derivative.transpose(0, 2, 1))


def _step(gradient: np.ndarray, curvature: np.ndarray, damping: np.ndarray) -> np.ndarray:
    """Return the damped Gauss-Newton step; parameters are scaled by the curvature's diagonal."""
    size = _sizes(curvature)
    identity = np.eye(curvature.shape[1])
    matrix = curvature / (size[:, :, None] * size[:, None, :]) + damping[:, None, None] * identity
    return np.linalg.solve(matrix, (gradient / size)[..., None])[..., 0] / size


def _inverse(curvature: np.ndarray) -> np.ndarray:
    size = _sizes(curvature)
    scaled = curvature / (size[:, :, None] * size[:, None, :])
    return np.linalg.pinv(scaled, hermitian=True, rcond=1e-13) / (size[:, :, None] * size[:, None, :])


def _sizes(curvature: np.ndarray) -> np.ndarray:
    diagonal = np.diagonal(curvature, axis1=1, axis2=2)
    return np.sqrt(np.maximum(diagonal, 1e-30 + 1e-14 * diagonal.max(axis=1, keepdims=True)))
