"""Small products of every kind, as the pipeline writes them."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from astropy.io import fits

from mrskit import workspace
from mrskit.plotting import style


def write(path, arrays, header=None):
    primary = fits.PrimaryHDU()
    primary.header["ORIGIN"] = "SIMULATED"
    hdus = [primary]
    for name, array in arrays.items():
        hdu = fits.BinTableHDU(array, name=name) if array.dtype.names else fits.ImageHDU(array, name=name)
        hdu.header.update((header or {}) if name == "SCI" else {})
        if array.dtype.names:
            hdu.columns["WAVELENGTH"].unit, hdu.columns["FLUX"].unit = "um", "Jy"
        hdus.append(hdu)
    fits.HDUList(hdus).writeto(path)
    return path


@pytest.fixture
def products(tmp_path):
    """
    Paths by suffix: a ramp of 2 integrations x 6 groups whose column 9 is bright, a rate image, a cube, a spectrum.

    The cube's line is in plane 30 of 60, at 7.5 + 30 x 0.01 = 7.8 um, about spaxel (row 4, column 6).
    """
    rng = np.random.default_rng(3)
    ramp = 9500 + rng.normal(0, 5, (2, 6, 40, 30))
    ramp[..., 9] += 100 * np.arange(6)[:, None]
    cube = rng.normal(10, 1, (60, 12, 14)).astype(np.float32)
    cube[30, 2:8, 3:11], cube[30, 4, 6], cube[50, 9, 9] = 800, 900, 5000  # a line, its peak, a spot elsewhere
    cube[:, 0, 0] = np.nan
    table = np.zeros(60, dtype=[("WAVELENGTH", float), ("FLUX", float), ("FLUX_ERROR", float)])
    table["WAVELENGTH"], table["FLUX"], table["FLUX_ERROR"] = 7.5 + 0.01 * np.arange(60), 1.0, 0.1
    axis = {"CRVAL3": 7.5, "CRPIX3": 1.0, "CDELT3": 0.01, "CTYPE3": "WAVE", "CUNIT3": "um"}
    return {
        "uncal": write(tmp_path / "a_uncal.fits", {"PRIMARY2": ramp[0, 0], "SCI": ramp.round().astype(np.uint16)}),
        "rate": write(tmp_path / "a_rate.fits", {"SCI": rng.normal(0, 1, (40, 30)).astype(np.float32)}),
        "s3d": write(tmp_path / "a_s3d.fits", {"SCI": cube}, axis),
        "x1d": write(tmp_path / "a_x1d.fits", {"EXTRACT1D": table}),
    }


@pytest.fixture
def space(tmp_path):
    """An empty workspace in which figures are saved."""
    made = workspace.create(tmp_path / "ws")
    style.use(made)
    yield made
    plt.close("all")
