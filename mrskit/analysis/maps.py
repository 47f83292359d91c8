"""Maps of one emission line: a Gaussian on a linear continuum fitted to all spaxels of a cube at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mrskit.analysis.batch import LARGEST, BatchFit, fit_spectra
from mrskit.analysis.catalogue import SPEED_OF_LIGHT
from mrskit.analysis.fits import DETECTION
from mrskit.analysis.gaussians import instrument_sigma
from mrskit.bands import Band
from mrskit.errors import AnalysisError
from mrskit.products import Cube

_FLUX = 1e-20 * 1e3 / 1e-6  # MJy/sr km/s / um -> W m-2 sr-1, as d nu = dv / lambda
_WINDOW, _SEARCH = 1000.0, 400.0  # km/s: half-width of the fitted part, largest velocity searched


@dataclass(frozen=True, slots=True)
class LineMaps:
    """Maps of one line, all of shape (ny, nx); NaN where nothing could be fitted; errors are 1 sigma."""

    flux: np.ndarray  # W m-2 sr-1
    flux_error: np.ndarray
    velocity: np.ndarray  # km/s relative to rest wavelength and redshift
    velocity_error: np.ndarray
    width: np.ndarray  # sigma, km/s, corrected for the instrument in quadrature; 0 if unresolved
    width_error: np.ndarray
    continuum: np.ndarray  # MJy/sr at the redshifted rest wavelength
    snr: np.ndarray  # flux / flux_error
    detected: np.ndarray  # bool: high snr, and the fit converged within its limits
    rest: float  # um
    redshift: float
    band: Band | None

    def masked(self, name: str) -> np.ndarray:
        """Return a copy of one map with NaN where the line is not detected."""
        return np.where(self.detected, getattr(self, name), np.nan)


def line_map(cube: Cube, rest: float, redshift: float) -> LineMaps:
    """
    Return maps of flux, velocity and width of one line, fitted in every spaxel.

    The model is that of `mrskit.analysis.fits.fit_line` with one component. All spaxels are fitted together
    (`mrskit.analysis.batch.fit_spectra`). Errors come from the covariance and are scaled by the root of the reduced
    chi-square where this exceeds one.

    ``rest``: rest wavelength, um; ``redshift``: zero point of the velocities.
    AnalysisError if the line is not in the band, or no spaxel has data there.
    """
    velocity = SPEED_OF_LIGHT * (cube.wavelength / (rest * (1.0 + redshift)) - 1.0)
    planes = np.abs(velocity) <= _WINDOW
    if planes.sum() < 8 or not velocity.min() < -_WINDOW / 2 < _WINDOW / 2 < velocity.max():
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
    instrument = instrument_sigma(rest * (1.0 + redshift))
    fitted = fit_spectra(velocity[planes], flux[chosen], error[chosen], instrument, _SEARCH)
    return _maps(fitted, chosen, shape, rest, redshift, instrument, cube.band)


def _maps(
    fitted: BatchFit, chosen: np.ndarray, shape: tuple[int, int], rest: float, redshift: float, instrument: float,
    band: Band | None,
) -> LineMaps:  # fmt: skip
    """Return the maps in physical units."""
    flux, velocity, sigma, level, _ = fitted.values.T
    flux_error, velocity_error, sigma_error = fitted.errors[:, :3].T
    factor = _FLUX / (rest * (1.0 + redshift) * (1.0 + velocity / SPEED_OF_LIGHT))
    squared, squared_error = sigma**2 - instrument**2, 2.0 * sigma * sigma_error
    width = np.sqrt(np.maximum(squared, 0.0))
    upper = np.sqrt(np.maximum(squared, 0.0) + squared_error) - width  # for unresolved lines
    width_error = np.where(squared > squared_error, squared_error / (2.0 * np.where(width > 0, width, 1.0)), upper)
    snr = np.divide(flux, flux_error, out=np.zeros_like(flux), where=flux_error > 0)
    inside = (sigma > 0.81 * instrument) & (sigma < 0.98 * LARGEST) & np.isfinite(velocity_error)
    detected = fitted.settled & inside & (snr >= DETECTION)

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
