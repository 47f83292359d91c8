"""The cross-artifact model of the straylight step by FFT instead of a sum over all pairs of columns."""

from __future__ import annotations

import logging
from contextlib import AbstractContextManager

import numpy as np
from scipy import fft

from mrskit.pipeline.faster import patches

DESCRIPTION = "mrskit: straylight cross-artifact by FFT, equal to jwst to rounding"
SIGNATURE = ("fimg", "xvec", "imin", "imax", "lor_fwhm", "lor_amp", "g_fwhm", "g_dx", "g1_amp", "g2_amp")

_ROWS = 256  # rows transformed at a time, to limit the memory to about 15 MB


def fast_cross_artifact() -> AbstractContextManager[None]:
    """Let the straylight step compute its cross-artifact by FFT; PipelineError for a different jwst version."""
    return patches.replaced(
        "jwst.straylight.straylight", "makemodel_ccode", cross_artifact_model, SIGNATURE, DESCRIPTION
    )


def cross_artifact_model(
    fimg: np.ndarray, xvec: np.ndarray, imin: int, imax: int, lor_fwhm: np.ndarray, lor_amp: np.ndarray,
    g_fwhm: np.ndarray, g_dx: np.ndarray, g1_amp: np.ndarray, g2_amp: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """
    Return the light that the columns of one detector half scatter along their rows, in the unit of the image.

    The result for a row is its non-negative signal convolved with the row's kernel. The kernel has a Lorentzian, two
    Gaussians at +-dx, and two Gaussians twice as wide at +-2dx. ``jwst.straylight.straylight.makemodel_ccode`` adds up
    pixel by pixel; here the row and the kernel are multiplied in Fourier space, zero-padded so that nothing wraps
    around.

    ``fimg``, of shape (nrows, ncols), is finite; negative pixels do not scatter. ``xvec`` is a pipeline argument
    and is not used; ``imin`` is the first column of the half and ``imax`` the column after the last. The others,
    of shape (nrows,), are the kernel of every row: widths and offset in pixels, amplitudes as a fraction of the signal.
    """
    ncols = fimg.shape[1]
    count = imax - imin
    lags = np.arange(-(imax - 1), ncols - imin)  # target column minus source column
    parameters = (lor_fwhm, lor_amp, g_fwhm, g_dx, g1_amp, g2_amp)
    kernels = np.empty((fimg.shape[0], lags.size))
    for first in range(0, fimg.shape[0], _ROWS):
        rows = slice(first, first + _ROWS)
        kernels[rows] = _kernel(lags, *(np.asarray(value[rows], dtype=float)[:, None] for value in parameters))
    if not np.isfinite(kernels).all():
        return _stock(fimg, xvec, imin, imax, *parameters)
    source = np.clip(fimg[:, imin:imax], 0, None).astype(float)
    length = fft.next_fast_len(lags.size + count - 1, real=True)
    model = np.empty(fimg.shape)
    for first in range(0, fimg.shape[0], _ROWS):
        rows = slice(first, first + _ROWS)
        product = fft.rfft(source[rows], length, axis=1) * fft.rfft(kernels[rows], length, axis=1)
        # kernel index 0 is the lag -(imax - 1) and source index 0 the column imin, so target column 0 is at count - 1
        model[rows] = fft.irfft(product, length, axis=1)[:, count - 1 : count - 1 + ncols]
    return model


def _kernel(lag, lor_fwhm, lor_amp, g_fwhm, g_dx, g1_amp, g2_amp) -> np.ndarray:
    """Return the fraction of a pixel's signal that appears ``lag`` pixels away, shape (nrows, nlags)."""
    gamma = lor_fwhm / 2
    variance = (g_fwhm / (2 * np.sqrt(2 * np.log(2)))) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        kernel = lor_amp * gamma**2 / (gamma**2 + lag**2)
        for sign in (-1, 1):
            kernel = kernel + g1_amp * np.exp(-((lag + sign * g_dx) ** 2) / (2 * variance))
            kernel += g2_amp * np.exp(-((lag + 2 * sign * g_dx) ** 2) / (8 * variance))
    return kernel


def _stock(fimg, xvec, imin, imax, *parameters) -> np.ndarray:
    """Return jwst's own sum, for a reference file with a kernel of zero width, with a warning in the log."""
    from jwst.straylight.calc_xart import xart_wrapper

    logging.getLogger("jwst.straylight").warning("Cross-artifact kernel is not finite: mrskit uses the pipeline's sum")
    lor_fwhm, lor_amp, g_fwhm, g_dx, g1_amp, g2_amp = parameters
    width = g_fwhm / (2 * np.sqrt(2.0 * np.log(2)))
    image = np.clip(fimg, 0, None).ravel()
    result = xart_wrapper(imin, imax, 1032, 1024, xvec, image, lor_fwhm / 2, lor_amp, width, g_dx, g1_amp, g2_amp)
    return np.reshape(result[0], fimg.shape)
