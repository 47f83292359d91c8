"""Backgrounds of cubes: a spectrum from the empty field or an annulus, and its subtraction."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from astropy.stats import sigma_clip

from mrskit.errors import AnalysisError
from mrskit.products import Cube


@dataclass(frozen=True, slots=True)
class Background:
    """A background spectrum, with one surface brightness per plane."""

    wavelength: np.ndarray  # (nwave,), um
    level: np.ndarray  # (nwave,), MJy/sr; NaN if no spaxel remains
    error: np.ndarray  # (nwave,), 1 sigma of the level from the scatter of the spaxels, MJy/sr
    spaxels: np.ndarray  # (nwave,), number of spaxels used


def background_spectrum(cube: Cube, mask: np.ndarray | None = None, clip: float = 3.0) -> Background:
    """
    Return the sigma-clipped mean of a cube's spaxels in every plane.

    ``mask`` (ny, nx), bool: true for the spaxels to use, by default all; ``clip``: spaxels farther than this many
    robust sigma from the median are left out, iteratively.
    AnalysisError if the mask has the wrong shape or fewer than five spaxels.
    """
    shape = cube.flux.shape[1:]
    chosen = np.ones(shape, dtype=bool) if mask is None else np.asarray(mask, dtype=bool)
    if chosen.shape != shape or chosen.sum() < 5:
        raise AnalysisError(f"{cube.path.name}: a background mask of shape {chosen.shape} with {chosen.sum()} spaxels; "
                            f"expected shape {shape} and at least 5 spaxels", shape=chosen.shape)  # fmt: skip
    values = np.ma.masked_invalid(cube.flux[:, chosen].astype(float))
    kept = sigma_clip(values, sigma=clip, axis=1, cenfunc="median", stdfunc="mad_std", masked=True)
    count = kept.count(axis=1)
    level = kept.mean(axis=1).filled(np.nan)
    spread = kept.std(axis=1).filled(np.nan)
    return Background(cube.wavelength, level, spread / np.sqrt(np.maximum(count - 1, 1)), count)


def annulus_background(cube: Cube, ra: float, dec: float, inner: float, outer: float, clip: float = 3.0) -> Background:
    """
    Return the background in an annulus around a point, from the spaxels whose centres lie in the annulus.

    If the source fills the field, this method subtracts the source from itself.

    ``ra``, ``dec``: centre, deg (ICRS); ``inner``, ``outer``: radii, arcsec; the annulus may reach beyond the field;
    ``clip``: see `background_spectrum`.
    AnalysisError if the radii are not in order, or fewer than five spaxels of the cube lie in the annulus.
    """
    if not 0 <= inner < outer:
        raise AnalysisError(f"annulus from {inner} to {outer} arcsec; expected 0 <= inner < outer", inner=inner)
    return background_spectrum(cube, annulus_mask(cube, ra, dec, inner, outer), clip)


def annulus_mask(cube: Cube, ra: float, dec: float, inner: float, outer: float) -> np.ndarray:
    """Return a mask (ny, nx) of the spaxels whose centres lie between two radii (arcsec) around a point (deg)."""
    x0, y0 = (float(value) for value in cube.wcs.world_to_pixel_values(ra, dec))
    ny, nx = cube.flux.shape[1:]
    radius = np.hypot(np.arange(nx)[None, :] - x0, np.arange(ny)[:, None] - y0) * cube.spaxel_size
    return (radius >= inner) & (radius <= outer)


def subtract(cube: Cube, background: Background) -> Cube:
    """Subtract a background with the same wavelengths from a cube; planes without a background level are NaN."""
    if background.level.shape != cube.wavelength.shape or not np.allclose(background.wavelength, cube.wavelength):
        raise AnalysisError(f"{cube.path.name}: the background has {background.level.size} planes and the cube "
                            f"{cube.wavelength.size}; expected the same", found=background.level.size)  # fmt: skip
    error = np.hypot(cube.error, background.error[:, None, None])
    return replace(cube, flux=cube.flux - background.level[:, None, None], error=error)
