"""Synthetic spectra and cubes with known lines."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from astropy.wcs import WCS

from mrskit.bands import BANDS, resolving_power
from mrskit.products import Cube

LIGHT = 299792.458  # km/s
ARCSEC = 206264.80625  # in a radian


def line_profile(wavelength, rest, redshift, flux, velocity, sigma):
    """A line of flux W m-2 (or W m-2 sr-1) and intrinsic sigma km/s, seen by the instrument: W m-2 Hz-1 (sr-1)."""
    observed = rest * (1 + redshift)
    instrument = LIGHT / resolving_power(observed) / np.sqrt(8 * np.log(2))
    total = np.hypot(sigma, instrument)
    centre = observed * (1 + velocity / LIGHT)
    shape = np.exp(-0.5 * ((LIGHT * (wavelength / observed - 1) - velocity) / total) ** 2)
    # d nu = dv / lambda: the integral over frequency of shape is sqrt(2 pi) total / lambda.
    return flux * shape * centre * 1e-6 / (np.sqrt(2 * np.pi) * total * 1e3)


@pytest.fixture
def profile() -> Callable:
    """The function that makes the line profile of a known flux, velocity and width."""
    return line_profile


@pytest.fixture
def grid() -> np.ndarray:
    """Wavelengths of the 1A cube, um."""
    return np.arange(4.9004, 5.7404, 0.0008)


@pytest.fixture
def make_cube() -> Callable:
    """Makes a 1A cube (25 x 21 spaxels of 0.13 arcsec about RA 339, Dec 34) from flux and error, MJy/sr."""

    def make(flux: np.ndarray, error: np.ndarray | float, wavelength: np.ndarray) -> Cube:
        ny, nx = flux.shape[1:]
        wcs = WCS(naxis=2)
        wcs.wcs.ctype = "RA---TAN", "DEC--TAN"
        wcs.wcs.crval = 339.0, 34.0
        wcs.wcs.crpix = (nx + 1) / 2, (ny + 1) / 2
        wcs.wcs.cdelt = -0.13 / 3600, 0.13 / 3600
        errors = np.broadcast_to(error, flux.shape).astype(float)
        return Cube(flux, errors, wavelength, wcs, (0.13 / ARCSEC) ** 2, BANDS["1A"], True, Path("made_s3d.fits"))

    return make
