"""Compare four ways to subtract a background, on the same planes of the same sky."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from astropy.stats import mad_std

from mrskit.analysis.backgrounds import annulus_background, annulus_mask
from mrskit.errors import AnalysisError
from mrskit.products import Cube

METHODS = ("none", "pixel", "master", "annulus")
ANNULUS = (1.2, 1.6)  # arcsec, around the nucleus
DISK = (2.0, 2.6)  # arcsec from the nucleus: the faint region for the comparison
_STEP = 5  # distance in planes for noise differences: more than one line profile


@dataclass(frozen=True, slots=True)
class Noise:
    """Noise of one method in a region, MJy/sr, 1 sigma."""

    spaxel: float  # noise of one spaxel in one plane
    mean: float  # noise of the mean over the region in one plane


def four_backgrounds(standard: Cube, pixel: Cube, master: np.ndarray, centre: tuple[float, float]) -> dict[str, Cube]:
    """
    Return the common planes of two cubes, without background subtraction and with each of three methods.

    ``standard``: from stage 3, with the master background subtracted; ``pixel``: with the background exposures
    subtracted pixel by pixel; same spaxels, fewer planes; ``master`` (nwave,): the master background at the planes
    of ``standard``, MJy/sr; ``centre``: right ascension and declination of the annulus, deg.
    The result maps the name of each method (`METHODS`) to its cube.
    AnalysisError if the two cubes have different spaxels.
    """
    if standard.flux.shape[1:] != pixel.flux.shape[1:] or not np.allclose(standard.wcs.wcs.crval, pixel.wcs.wcs.crval):
        raise AnalysisError(f"{standard.path.name} and {pixel.path.name} have the spaxels {standard.flux.shape[1:]} "
                            f"and {pixel.flux.shape[1:]}; expected the same", found=pixel.flux.shape)  # fmt: skip
    first = int(np.argmin(abs(standard.wavelength - pixel.wavelength[0])))
    part = slice(first, first + len(pixel.wavelength))
    own = replace(standard, flux=standard.flux[part], error=standard.error[part], wavelength=standard.wavelength[part])
    none = replace(own, flux=own.flux + np.asarray(master)[part, None, None])
    ring = annulus_background(none, *centre, *ANNULUS).level
    ringed = replace(none, flux=none.flux - ring[:, None, None])
    return dict(zip(METHODS, (none, replace(pixel, wavelength=own.wavelength), own, ringed), strict=True))


def disk_region(cubes: Mapping[str, Cube], centre: tuple[float, float]) -> np.ndarray:
    """Return a mask (ny, nx) of the faint disk's spaxels that have a value in every plane of every cube."""
    region = annulus_mask(next(iter(cubes.values())), *centre, *DISK)
    for cube in cubes.values():
        region &= np.isfinite(cube.flux).all(axis=0)
    return region


def level(cube: Cube, region: np.ndarray) -> float:
    """Return the mean brightness of a region over all planes, MJy/sr."""
    return float(np.mean(cube.flux[:, region]))


def noise(cube: Cube, region: np.ndarray) -> Noise:
    """
    Return the noise of a region from differences between planes five apart, divided by the square root of two.

    The source hardly changes between these planes, so only noise remains. ``spaxel`` is the scatter of
    single spaxels, and ``mean`` is that of the average over the region.
    """
    values = cube.flux[:, region]
    return Noise(_scatter(values), _scatter(values.mean(axis=1)))


def _scatter(values: np.ndarray) -> float:
    return float(mad_std((values[_STEP:] - values[:-_STEP]) / np.sqrt(2), ignore_nan=True))
