"""
The point-spread function on the detector: diffraction of the segmented pupil, blurred by the spectrometer.

Diffraction alone has one shape in units of wavelength over diameter. ``scripts/fit_psf.py`` computes it for 18 hexagons
of 1.32 m with the shadow of the secondary and describes the light within a radius by four circular Gaussians.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy.optimize import brentq

FWHM_PER_SIGMA = 2.0 * np.sqrt(2.0 * np.log(2.0))
DIAMETER = 6.5  # m
DIFFRACTION_UNIT = 1e-6 / DIAMETER * np.degrees(1.0) * 3600.0  # arcsec per um: wavelength over diameter
# Share of the light and sigma in units of wavelength over diameter, of the diffraction pattern; the first is the core.
DIFFRACTION = ((0.639, 0.369), (0.232, 1.21), (0.087, 3.72), (0.042, 18.7))
# By how much drizzled cubes widen a point (pixel, slice and spaxel together), FWHM in arcsec added in quadrature, by
# channel: taken from cubes of 12:SHORT, 34:SHORT and 34:LONG. benchmarks/point_source.py shows what is left.
CUBE_WAVELENGTH = (7.6, 7.61, 11.6, 11.61, 17.8, 17.81, 20.0, 26.0)  # um
CUBE_SAMPLING = (0.148, 0.207, 0.207, 0.250, 0.250, 0.453, 0.453, 0.394)
CUBE_SPAXEL = (0.13, 0.17, 0.17, 0.20, 0.20, 0.35, 0.35, 0.35)  # arcsec, at the same wavelengths
_GRID = np.linspace(4.5, 30.0, 511)  # um, where the blur is computed


def fwhm(wavelength: float | np.ndarray) -> float | np.ndarray:
    """
    Return the full width at half maximum of the point-spread function, arcsec: 0.033 wavelength + 0.106 (um).

    Law et al. 2023, AJ 166, 45, doi:10.3847/1538-3881/acdddc, for reconstructed cubes.
    """
    return 0.033 * wavelength + 0.106


def fwhm_on_detector(wavelength: float | np.ndarray) -> float | np.ndarray:
    """Return the full width at half maximum, arcsec, that the pipeline's cubes widen to `fwhm`; wavelength in um."""
    return np.sqrt(fwhm(wavelength) ** 2 - np.interp(wavelength, CUBE_WAVELENGTH, CUBE_SAMPLING) ** 2)


def gaussians(wavelength: np.ndarray, wings: float) -> list[tuple[float, np.ndarray]]:
    """
    Return the point-spread function as circular Gaussians: their shares of the light, and sigma in arcsec.

    Parameters
    ----------
    wings : float
        0: one Gaussian, as wide on the detector as it should be in a cube; 1: the diffraction pattern, blurred so that
        the sum has the `fwhm_on_detector`; 2: the same with twice the light outside the core.

    Returns
    -------
    list of (float, ndarray)
        The shares add up to 1; sigma has the shape of the wavelengths.
    """
    if wings == 0:
        return [(1.0, fwhm(wavelength) / FWHM_PER_SIGMA)]
    blur = np.interp(wavelength, _GRID, _blur(wings))
    unit = DIFFRACTION_UNIT * wavelength
    return [(share, np.sqrt((size * unit) ** 2 + blur)) for share, size in _shares(wings)]


def enclosed(radius: np.ndarray, wavelength: np.ndarray, wings: float) -> np.ndarray:
    """Return the share of a point's light within a radius, arcsec, at wavelengths, um (broadcast), in a cube."""
    cube = (np.interp(wavelength, CUBE_WAVELENGTH, CUBE_SAMPLING) / FWHM_PER_SIGMA) ** 2
    cube = cube + np.interp(wavelength, CUBE_WAVELENGTH, CUBE_SPAXEL) ** 2 / 12.0  # apertures are sums of whole spaxels
    terms = gaussians(wavelength, wings)
    return sum(share * -np.expm1(-0.5 * radius**2 / (sigma**2 + cube)) for share, sigma in terms)


def _shares(wings: float) -> list[tuple[float, float]]:
    outer = [(wings * share, size) for share, size in DIFFRACTION[1:]]
    return [(1.0 - sum(share for share, _ in outer), DIFFRACTION[0][1]), *outer]


@lru_cache
def _blur(wings: float) -> np.ndarray:
    """Return the variance, arcsec2, by which the spectrometer widens every Gaussian, at the wavelengths of the grid."""
    shares = _shares(wings)

    def excess(blur: float, unit: float, half: float) -> float:
        terms = [(share, (size * unit) ** 2 + blur) for share, size in shares]
        peak = sum(share / square for share, square in terms)
        return sum(share / square * np.exp(-0.5 * half**2 / square) for share, square in terms) - 0.5 * peak

    found = []
    for wavelength in _GRID:
        half, unit = float(fwhm_on_detector(wavelength)) / 2.0, DIFFRACTION_UNIT * wavelength
        found.append(brentq(excess, 0.0, 4.0 * half**2, args=(unit, half)) if excess(0.0, unit, half) < 0 else 0.0)
    return np.array(found)
