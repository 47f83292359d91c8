"""Regions on the sky: DS9 region files in and out, and what they hold of a cube."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from astropy import units as u
from astropy.coordinates import SkyCoord

from mrskit.analysis.spectra import weighted_sum
from mrskit.errors import AnalysisError
from mrskit.products import Cube, Spectrum

if TYPE_CHECKING:
    from regions import SkyRegion


def write_regions(path: Path, regions: Mapping[str, SkyRegion]) -> Path:
    """
    Write regions as a DS9 region file, sky coordinates (ICRS), each with its name as label; return the path.

    Parameters
    ----------
    path : Path
        Usually ``*.reg``.
    regions : mapping
        Name -> region of the package ``regions``.
    """
    from regions import Regions

    for name, region in regions.items():
        region.meta["text"] = name
    path.parent.mkdir(parents=True, exist_ok=True)
    Regions(list(regions.values())).write(path, format="ds9", overwrite=True)
    return path


def read_regions(path: Path) -> dict[str, SkyRegion]:
    """
    Return the sky regions of a DS9 region file by their labels (``region 1`` and so on where there are none).

    Raises
    ------
    AnalysisError
        If the file is missing, is no region file, or holds regions in pixels instead of on the sky.
    """
    from regions import Regions, SkyRegion

    try:
        found = Regions.read(path, format="ds9")
    except (OSError, ValueError, IndexError, KeyError) as error:
        raise AnalysisError(f"{path}: no DS9 region file ({error}). Save it from DS9 with Region > Save, format ds9, "
                            "coordinate system icrs.", path=path) from error  # fmt: skip
    if not len(found) or not all(isinstance(region, SkyRegion) for region in found):
        raise AnalysisError(f"{path}: {len(found)} regions, expected one or more in sky coordinates. Save it from DS9 "
                            "with the coordinate system icrs (not image or physical).", path=path)  # fmt: skip
    return {str(region.meta.get("text") or f"region {number}"): region
            for number, region in enumerate(found, 1)}  # fmt: skip


def region_weights(cube: Cube, region: SkyRegion) -> np.ndarray:
    """
    Return the share of each spaxel that lies inside a region, shape (ny, nx), between 0 and 1.

    Raises
    ------
    AnalysisError
        If no spaxel of the cube lies in the region.
    """
    mask = region.to_pixel(cube.wcs).to_mask(mode="subpixels", subpixels=15)
    image = mask.to_image(cube.flux.shape[1:])
    if image is None or not image.any():
        raise AnalysisError(f"{cube.path.name}: the region lies outside the cube. Is it drawn on the same field, in "
                            "sky coordinates?", path=cube.path)  # fmt: skip
    return image


def region_spectrum(cube: Cube, region: SkyRegion) -> Spectrum:
    """Return the spectrum inside a region, Jy; see `mrskit.analysis.spectra.weighted_sum` for gaps and errors."""
    flux, error = weighted_sum(cube, region_weights(cube, region))
    return Spectrum(cube.wavelength, flux, error, "Jy", cube.band, f"{cube.band.name}, {type(region).__name__}")


def ellipse(
    centre: tuple[float, float], east: float, north: float, length: float, width: float, angle: float
) -> SkyRegion:
    """
    Return an ellipse on the sky.

    Parameters
    ----------
    centre : (float, float)
        Right ascension and declination that offsets count from, deg.
    east, north : float
        Offsets of the ellipse's centre, arcsec.
    length, width : float
        Whole axes, arcsec.
    angle : float
        Position angle of the long axis, deg, from north through east.

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
    # An angle of the package counts from the direction of rising right ascension: width lies along it.
    return EllipseSkyRegion(place, width=length * u.arcsec, height=width * u.arcsec, angle=(90 + angle) * u.deg)
