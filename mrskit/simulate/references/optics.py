"""Reference files of one setting that depend on where its light falls: fringe flat and photometric conversion."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from stdatamodels.jwst import datamodels
from stdatamodels.jwst.datamodels import dqflags

from mrskit.bands import Band, Setting
from mrskit.simulate.references import tables
from mrskit.simulate.references.files import save_model, setting_number
from mrskit.simulate.references.geometry import COLUMNS, ROWS, Maps, geometry

ARCSEC2 = np.radians(1 / 3600) ** 2  # sr
TYPES = ("fringe", "photom")


def write(setting: Setting, maps: Maps, folder: Path) -> dict[str, str]:
    """Write fringe flat and conversion of a setting; return reference type -> file name."""
    number = setting_number(setting)
    return {
        "fringe": save_model(_fringe(setting, maps), "fringe", number, folder, setting),
        "photom": save_model(_photom(setting, maps), "photom", number, folder, setting),
    }


def fringes(
    channel: int, wavelength: np.ndarray, alpha: np.ndarray, row: np.ndarray, column: np.ndarray,
    phase: np.ndarray | float = 0.0, contrast: float = 1.0,
) -> np.ndarray:  # fmt: skip
    """
    Return the transmission of the detector's two cavities and of the dichroic relative to its mean over a fringe.

    Fabry-Perot etalons, 1 / (1 + F sin^2 phi) with phi = pi wavenumber / period. The optical thickness of the detector
    changes smoothly over it, and the phase follows the angle of incidence along the slice; Argyriou et al. 2020,
    A&A 641, A150, arXiv:2007.16143. The mean over a period is (1 + F)^-1/2.

    Parameters
    ----------
    channel : int
        1 to 4.
    wavelength, alpha, row, column : ndarray
        um, arcsec and 0-indexed pixels, shapes that broadcast.
    phase : ndarray or float
        By which the fringes run ahead of those of extended light, rad.
    contrast : float
        Relative to that of extended light.

    Returns
    -------
    ndarray
        Dimensionless, mean 1.
    """
    x, y = 2 * column / COLUMNS - 1, 2 * row / ROWS - 1
    thickness = 1 + tables.FRINGE_THICKNESS_SPREAD * (0.5 * x + 0.3 * y + 0.2 * x * y)
    angle = tables.FRINGE_ALPHA_PHASE * alpha + phase / 2.0
    result, period = np.ones(1), tables.FRINGE_PERIOD[channel] / thickness
    for times, peak in zip((1.0, tables.FRINGE_SECOND), tables.FRINGE_CONTRAST[channel], strict=True):
        result = result * _etalon(wavelength, period * times, peak * contrast, angle)
    if tables.DICHROIC_CONTRAST[channel]:
        peak = tables.DICHROIC_CONTRAST[channel] * contrast
        result = result * _etalon(wavelength, tables.DICHROIC_PERIOD, peak, phase / 2.0)
    return result


def _etalon(
    wavelength: np.ndarray, period: np.ndarray | float, contrast: float, phase: np.ndarray | float
) -> np.ndarray:
    finesse = contrast / (1 - contrast)
    phi = np.pi * (1e4 / wavelength) / period + phase
    return np.sqrt(1 + finesse) / (1 + finesse * np.sin(phi) ** 2)


def conversion(band: Band, wavelength: np.ndarray) -> np.ndarray:
    """Return MJy/sr per DN/s of a band at wavelengths, um: the adopted value, rising from the middle to the ends."""
    middle = (band.wavelength_min + band.wavelength_max) / 2
    half = (band.wavelength_max - band.wavelength_min) / 2
    return tables.CONVERSION[band.name] * (1 + tables.BLAZE * ((wavelength - middle) / half) ** 2)


def _fringe(setting: Setting, maps: Maps) -> Any:
    data = np.full(maps.alpha.shape, np.nan, np.float32)
    for band in setting.bands:
        row, column = np.nonzero(maps.slices // 100 == band.channel)
        wavelength, alpha = maps.wavelength[row, column], maps.alpha[row, column]
        data[row, column] = fringes(band.channel, wavelength, alpha, row, column)
    return datamodels.FringeModel(data=data, dq=_outside(data), err=np.zeros_like(data))


def _photom(setting: Setting, maps: Maps) -> Any:
    data, area = (np.full(maps.alpha.shape, np.nan, np.float32) for _ in range(2))
    own = geometry(setting)
    for band in setting.bands:
        throughput = 1 + tables.SLICE_SPREAD * np.random.default_rng(
            [tables.SEED, *band.name.encode()]
        ).standard_normal(100)
        here = maps.slices // 100 == band.channel
        data[here] = conversion(band, maps.wavelength[here]) / throughput[maps.slices[here] % 100]
        area[here] = maps.alpha_step[here] * own.sky[band.name].beta_step
    model = datamodels.MirMrsPhotomModel(
        data=data,
        err=np.nan_to_num(tables.CONVERSION_ERROR * data),
        dq=_outside(data),
        pixsiz=area,
    )
    for channel in tables.TIME_EXPONENTS:
        table = f"timecoeff_powerlaw_ch{channel}"
        setattr(model, table, time_table(channel, model.get_dtype(table)))
    photometry = model.meta.photometry
    photometry.conversion_megajanskys = float(np.nanmedian(data))
    photometry.pixelarea_arcsecsq = float(np.nanmedian(area))
    photometry.pixelarea_steradians = float(np.nanmedian(area)) * ARCSEC2
    return model


def time_table(channel: int, dtype: np.dtype) -> np.ndarray:
    """Return the throughput-with-time coefficients of a channel; the throughput is 1 on the date TIME_UNITY."""
    points = np.array(tables.TIME_EXPONENTS[channel])
    wavelength = np.linspace(points[0, 0], points[-1, 0], 24)
    exponent = np.interp(wavelength, *points.T)
    soft = tables.TIME_SOFTENING
    result = np.zeros(wavelength.size, dtype)
    result["binwave"], result["alpha"] = wavelength, exponent
    result["year1value"] = ((365 + soft) / (tables.TIME_UNITY - tables.TIME_ZERO + soft)) ** exponent
    result["tsoft"], result["t0"] = soft, tables.TIME_ZERO
    return result


def _outside(data: np.ndarray) -> np.ndarray:
    """Return DQ flags: DO_NOT_USE where there is no value."""
    return np.where(np.isnan(data), dqflags.pixel["DO_NOT_USE"], 0).astype(np.uint32)
