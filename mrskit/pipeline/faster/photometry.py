"""Aperture sums for the extraction step, with the weights of an aperture computed once instead of once per plane."""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import lru_cache

import numpy as np
from astropy.units import Quantity, radian
from photutils.aperture import CircularAnnulus, CircularAperture, PixelAperture, RectangularAperture

from mrskit.pipeline.faster import patches

DESCRIPTION = "mrskit: aperture weights of extract_1d made once, sums as photutils'"
SIGNATURE = ("data", "apertures", "error", "mask", "method", "subpixels", "wcs")

_PARAMETERS = {
    CircularAperture: ("r",),
    CircularAnnulus: ("r_in", "r_out"),
    RectangularAperture: ("w", "h", "theta"),
}


def fast_aperture_sums() -> AbstractContextManager[None]:
    """Let the extraction step compute aperture weights only once; PipelineError for a different jwst version."""
    return patches.replaced(
        "jwst.extract_1d.ifu", "aperture_photometry", aperture_photometry, SIGNATURE, DESCRIPTION,
        origin="photutils.aperture.photometry",
    )  # fmt: skip


def aperture_photometry(
    data: np.ndarray, aperture: PixelAperture, *, mask: np.ndarray, method: str, subpixels: int
) -> dict[str, np.ndarray]:
    """
    Return the sum of an image in an aperture, as photutils.aperture.aperture_photometry does.

    The result is bit for bit that of photutils 3.0; later versions add the pixels in a different order.

    The extraction step calls photutils up to fifteen times per plane with the same aperture. photutils computes the
    pixel weights and a table with metadata each time. Here the weights are cached, and the table is a dict.

    ``data`` (ny, nx): image, any unit; ``aperture``: one aperture, pixels; ``mask`` (ny, nx), bool: true where a pixel
    is left out; ``method``, ``subpixels``: as in photutils.
    ``aperture_sum``: ndarray of shape (1,), unit of the data; NaN if aperture and image do not overlap.
    """
    kind: type = type(aperture)
    values = tuple(_number(getattr(aperture, name)) for name in _PARAMETERS[kind])
    x, y = (float(value) for value in aperture.positions)
    inside, weights, used = _weights(kind, x, y, values, method, subpixels, data.shape)
    if inside is None:
        return {"aperture_sum": np.array([np.nan])}
    with np.errstate(invalid="ignore"):
        selected = (data[inside] * weights)[used & ~mask[inside]]
    return {"aperture_sum": np.array([selected.sum()])}


def _number(value: float | Quantity) -> float:
    """Return a length in pixels or an angle in radians as a plain number."""
    return float(value.to_value(radian)) if isinstance(value, Quantity) else float(value)


@lru_cache(maxsize=64)
def _weights(
    kind: type, x: float, y: float, values: tuple[float, ...], method: str, subpixels: int, shape: tuple[int, int]
) -> tuple[tuple[slice, slice] | None, np.ndarray | None, np.ndarray | None]:
    """Return the part of the image in the aperture, its weights, and a mask of the nonzero weights."""
    aperture = kind((x, y), **dict(zip(_PARAMETERS[kind], values, strict=True)))
    aperture_mask = aperture.to_mask(method=method, subpixels=subpixels)
    large, small = aperture_mask.get_overlap_slices(shape)
    if large is None:
        return None, None, None
    weights = aperture_mask.data[small]
    return large, weights, weights > 0
