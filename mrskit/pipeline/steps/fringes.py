"""Residual-fringe correction for spectra summed by hand; the pipeline corrects only spectra that it extracts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mrskit import logs
from mrskit.errors import PipelineError
from mrskit.products import Spectrum

MINIMUM = 50  # positive pixels: with fewer, fringes cannot be distinguished from noise


def corrected(spectrum: Spectrum) -> Spectrum:
    """Return the spectrum of one band without residual fringes; see `correct_1d`."""
    if spectrum.band is None:
        return spectrum
    return replace(spectrum, flux=correct_1d(spectrum.flux, spectrum.wavelength, spectrum.band.channel))


def correct_1d(flux: np.ndarray, wavelength: np.ndarray, channel: int) -> np.ndarray:
    """
    Return a spectrum without the residual fringes that the fringe flat leaves, using jwst's one-dimensional fit.

    ``flux`` of shape (n,), any unit; pixels that are not positive or not finite are unchanged. ``wavelength`` in um,
    ascending; ``channel``, 1 to 4, selects the etalon frequencies to fit. PipelineError if fewer than 50 pixels
    are positive, or the fit fails. Law et al. 2023, AJ 166, 45, doi:10.3847/1538-3881/acdddc; Kavanagh et al., in the
    jwst package.
    """
    from jwst.residual_fringe.utils import fit_residual_fringes_1d

    good = np.isfinite(flux) & (flux > 0)
    result = np.array(flux, dtype=float)
    if good.sum() < MINIMUM:
        raise PipelineError(
            f"residual fringes: {good.sum()} of {good.size} pixels are positive, expected at least {MINIMUM} in "
            f"channel {channel}. Use the spectrum of one complete band.", channel=channel,
        )  # fmt: skip
    try:
        with logs.silence():
            result[good] = fit_residual_fringes_1d(result[good], np.asarray(wavelength, float)[good], channel=channel)
    except Exception as error:
        raise PipelineError(
            f"residual fringes of channel {channel}: {type(error).__name__}: {error}. Use the spectrum of one complete "
            "band, with wavelengths in um.", channel=channel,
        ) from error  # fmt: skip
    return result
