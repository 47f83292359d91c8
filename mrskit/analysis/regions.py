"""Regions on the sky: read and write DS9 region files, and extract spectra from regions of a cube."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from astropy import units as u
from astropy.coordinates import SkyCoord

from mrskit.analysis import region_files
from mrskit.analysis.spectra import weighted_sum
from mrskit.errors import AnalysisError
from mrskit.fitsfile import say
from mrskit.products import Cube, Spectrum

if TYPE_CHECKING:
    from regions import PixelRegion, SkyRegion

SUBDIVISION = 15  # points along each side of a spaxel for its overlap with a region


def write_regions(path: Path, regions: Mapping[str, SkyRegion]) -> Path:
    """Write named regions to a DS9 region file (ICRS) with their names as labels, and return the path."""
    from regions import Regions

    for name, region in regions.items():
        region.meta["text"] = name
    path.parent.mkdir(parents=True, exist_ok=True)
    Regions(list(regions.values())).write(path, format="ds9", overwrite=True)
    return path


def read_regions(path: Path, cube: Cube | None = None) -> dict[str, SkyRegion]:
    """
    Return the sky regions of a DS9 region file by label (``region 1`` and so on for regions without a label).

    Repeated labels are numbered. An excluded region (``-circle``) is a hole in all other regions. A warning names
    other content of the file, such as lines or panda regions.

    ``path``: file in DS9 format; ``cube``: cube for regions in image coordinates, needed if they are
    not in sky coordinates.
    AnalysisError if the file is missing, is empty, has no supported region, or has image coordinates without a
    cube.
    """
    from regions import CompoundSkyRegion

    found, left_out = region_files.parse(path, cube)
    if left_out:
        say(path, f"not supported and left out: {'; '.join(left_out)}")
    included = [item for item in found if item.meta.get("include", True)]
    if not included:
        raise AnalysisError(f"{path}: only excluded regions; expected a region to cut them out of", path=path)
    labels = [str(item.meta.get("text") or "") for item in included]
    named = {}
    for number, (label, region) in enumerate(zip(labels, included, strict=True), 1):
        same = labels[:number].count(label)
        name = f"region {number}" if not label else f"{label} ({same})" if labels.count(label) > 1 else label
        for hole in (item for item in found if not item.meta.get("include", True)):
            region = CompoundSkyRegion(region, hole, operator.gt)  # inside the region but not inside the hole
        named[name] = region
    return named


def region_weights(cube: Cube, region: SkyRegion) -> np.ndarray:
    """
    Return the fraction of each spaxel that lies inside a region, shape (ny, nx); 0 without data.

    A point counts as its nearest spaxel. If the data cover only part of a region, a warning states the fraction.

    AnalysisError if no spaxel with data lies in the region.
    """
    from regions import PointSkyRegion

    beyond = _distance(cube, region)
    observed = np.isfinite(cube.flux).any(axis=0)
    if beyond > 60:  # arcsec; the projection may fail farther out
        weights, whole = np.zeros(observed.shape), 1.0
    elif isinstance(region, PointSkyRegion):
        x, y = (round(float(value)) for value in cube.wcs.world_to_pixel(region.center))
        weights, whole = np.zeros(observed.shape), 1.0
        if 0 <= x < observed.shape[1] and 0 <= y < observed.shape[0]:
            weights[y, x] = 1.0
            say(cube.path, f"a point has no area, so its nearest spaxel (column {x}, row {y}) is used")
    else:
        weights, whole = _inside(region.to_pixel(cube.wcs), observed.shape)
    weights = np.where(observed, weights, 0.0)
    if not weights.any():
        raise AnalysisError(f"{cube.path.name}: the region lies outside the field"
                            f"{f' by {_angle(beyond)}' if beyond > 0 else ', where there are no data'}. Is the region "
                            "drawn on the same object, in sky coordinates?", path=cube.path)  # fmt: skip
    if (covered := weights.sum() / whole) < 0.995:
        say(cube.path, f"the data cover {100 * covered:.0f} % of the region; the rest lies outside the field")
    return weights


def _inside(region: PixelRegion, shape: tuple[int, int]) -> tuple[np.ndarray, float]:
    """Return the fraction of each spaxel inside a region, and the region's total area in spaxels."""
    from regions import PixCoord

    box = region.bounding_box
    low, high = (np.array([box.iymin, box.ixmin]) - 1, np.array([box.iymax, box.ixmax]) + 1)
    fine = (np.arange(SUBDIVISION) + 0.5) / SUBDIVISION - 0.5
    size = high - low
    step = max(1, int(np.sqrt(size.prod() / 1e5)))  # for a region far larger than the field, a coarse area is enough
    y, x = (np.arange(a, b, step) for a, b in zip(low, high, strict=True))
    whole = region.contains(PixCoord(*np.meshgrid(x, y))).sum() * step**2
    if step == 1:
        rows, columns = ((np.arange(a, b)[:, None] + fine).ravel() for a, b in zip(low, high, strict=True))
        whole = region.contains(PixCoord(*np.meshgrid(columns, rows))).sum() / SUBDIVISION**2
    rows, columns = ((np.arange(length)[:, None] + fine).ravel() for length in shape)
    inside = region.contains(PixCoord(*np.meshgrid(columns, rows)))
    ny, nx = shape
    return inside.reshape(ny, SUBDIVISION, nx, SUBDIVISION).mean(axis=(1, 3)), max(float(whole), 1e-9)


def _distance(cube: Cube, region: SkyRegion) -> float:
    """Return the approximate distance, arcsec, from the field to the nearest part of a region; negative inside."""
    while hasattr(region, "region1"):
        region = region.region1
    places = region.vertices if hasattr(region, "vertices") else region.center
    ny, nx = cube.flux.shape[1:]
    middle = cube.wcs.pixel_to_world((nx - 1) / 2, (ny - 1) / 2)
    away = float(np.min(middle.separation(places.transform_to(middle.frame)).arcsec))
    sizes = [getattr(region, name, 0 * u.arcsec).to_value(u.arcsec)
             for name in ("radius", "outer_radius", "width", "height", "outer_width", "outer_height")]  # fmt: skip
    return away - max(sizes) - np.hypot(nx, ny) / 2 * cube.spaxel_size


def _angle(arcsec: float) -> str:
    return f"{arcsec:.1f} arcsec" if arcsec < 3600 else f"{arcsec / 3600:.1f} deg"


def region_spectrum(cube: Cube, region: SkyRegion) -> Spectrum:
    """
    Return the spectrum inside a region, Jy; see `mrskit.analysis.spectra.weighted_sum` for gaps and errors.

    AnalysisError if the region lies outside the field, or no plane has data in nearly all of it.
    """
    flux, error = weighted_sum(cube, region_weights(cube, region))
    if not np.isfinite(flux).any():
        raise AnalysisError(f"{cube.path.name}: every plane lacks data in part of the region, so the region "
                            "has no spectrum. Draw a smaller region, inside the field.", path=cube.path)  # fmt: skip
    return Spectrum(cube.wavelength, flux, error, "Jy", cube.band, f"{cube.label}, {type(region).__name__}")


def ellipse(
    centre: tuple[float, float], east: float, north: float, length: float, width: float, angle: float
) -> SkyRegion:
    """
    Return an ellipse on the sky.

    ``centre``: right ascension and declination of the zero point of offsets, deg; ``east``, ``north``: offsets of the
    ellipse's centre, arcsec; ``length``, ``width``: full axes, arcsec; ``angle``: position angle of the long axis,
    deg, from north through east.

    Examples
    --------
    3.6 arcsec are 0.001 deg; at a declination of 60 deg they are 0.002 deg of right ascension:

    >>> region = ellipse((10.0, 60.0), east=3.6, north=-3.6, length=2.0, width=1.0, angle=0.0)
    >>> f"{region.center.ra.deg:.4f} {region.center.dec.deg:.4f}"
    '10.0020 59.9990'
    """
    from regions import EllipseSkyRegion

    ra = centre[0] + east / 3600 / np.cos(np.radians(centre[1]))
    place = SkyCoord(ra, centre[1] + north / 3600, unit="deg")
    # The package measures angles from the direction of increasing right ascension, along the width.
    return EllipseSkyRegion(place, width=length * u.arcsec, height=width * u.arcsec, angle=(90 + angle) * u.deg)
