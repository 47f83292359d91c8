"""Undersampling of the point-spread function: the waves in spectra from single spaxels and small apertures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from astropy.stats import mad_std

from mrskit.analysis.catalogue import line_free
from mrskit.analysis.spectra import aperture_spectrum, spaxel_spectrum
from mrskit.errors import AnalysisError
from mrskit.products import Cube, Spectrum

ORDER = 3  # order of the polynomial that models the continuum
_MARGIN = 1100.0  # km/s left out around a line: more than its wings
PLANES = 15  # length of the running mean, between those of noise and waves


def point_fwhm(wavelength: float) -> float:
    """
    Return the full width at half maximum of the MRS point-spread function, arcsec, at a wavelength, um.

    FWHM = 0.033 wavelength + 0.106 (Law et al. 2023, AJ 166, 45, doi:10.3847/1538-3881/acdddc).

    Examples
    --------
    >>> round(point_fwhm(10.0), 3)  # 0.33 + 0.106 arcsec
    0.436
    """
    return 0.033 * wavelength + 0.106


def brightest_spaxel(cube: Cube) -> tuple[int, int]:
    """Return x and y of the spaxel with the highest median flux."""
    collapsed = np.median(np.nan_to_num(cube.flux), axis=0)  # 0 for missing values
    y, x = np.unravel_index(np.argmax(collapsed), collapsed.shape)
    return int(x), int(y)


def centroid(cube: Cube) -> tuple[float, float]:
    """
    Return right ascension and declination, deg, of the brightest source of a cube.

    The centroid is the first moment of the median over wavelength within 0.6 arcsec, iterated until it converges.

    AnalysisError if the cube has no source.
    """
    seen = np.isfinite(cube.flux).mean(axis=0) > 0.5
    image = np.zeros(seen.shape)
    image[seen] = np.nanmedian(cube.flux[:, seen], axis=0)
    y, x = (float(place) for place in np.unravel_index(np.argmax(image), image.shape))
    rows, columns = np.indices(image.shape)
    for _ in range(20):
        near = seen & (np.hypot(rows - y, columns - x) < 0.6 / cube.spaxel_size)
        light = np.where(near, image - image[near].min(), 0.0) if near.any() else image
        if not light.sum() > 0:
            raise AnalysisError(f"{cube.path.name}: found no source in the median over wavelength", path=cube.path)
        y, x = float((light * rows).sum() / light.sum()), float((light * columns).sum() / light.sum())
    ra, dec = cube.wcs.pixel_to_world_values(x, y)
    return float(ra), float(dec)


def waves(spectrum: Spectrum, redshift: float) -> np.ndarray:
    """
    Return a spectrum divided by its smooth continuum and averaged over 15 planes, without lines, to show the waves.

    The continuum is a polynomial of third order through the points without lines.

    ``redshift``: redshift of the source, to find the lines. The result has shape (n,); it is 1 for a spectrum without
    waves, and NaN at lines and missing values. AnalysisError if fewer than 50 points are free of lines.
    """
    use = np.isfinite(spectrum.flux) & line_free(spectrum.wavelength, redshift, _MARGIN)
    if use.sum() < 50:
        raise AnalysisError(f"{spectrum.label}: {use.sum()} points are free of lines, expected at least 50",
                            found=int(use.sum()))  # fmt: skip
    x = spectrum.wavelength - np.mean(spectrum.wavelength)
    keep = use.copy()
    for _ in range(4):  # exclude saturated points and unknown lines from the continuum
        level = np.polyval(np.polyfit(x[keep], spectrum.flux[keep], ORDER), x)
        ratio = spectrum.flux / level
        keep = use & (np.abs(ratio - 1) < 4 * mad_std(ratio[use]))
    kernel = np.ones(PLANES)
    count = np.convolve(keep, kernel, "same")
    total = np.convolve(np.where(keep, np.nan_to_num(ratio), 0.0), kernel, "same")
    return np.where(count >= PLANES / 2, total / np.maximum(count, 1), np.nan)


def amplitude(spectrum: Spectrum, redshift: float) -> float:
    """Return the amplitude of the waves, percent: half the distance between the 5th and 95th percentile of `waves`."""
    low, high = np.nanpercentile(waves(spectrum, redshift), (5, 95))
    return float(50 * (high - low))


def compared(
    cube: Cube, centre: tuple[float, float], sizes: Sequence[float] = (0.5, 1.0, 1.5, 2.0)
) -> dict[str, Spectrum]:
    """
    Return the spectra of the brightest spaxel and of apertures with several radii around a position.

    ``centre``: right ascension and declination, deg; ``sizes``: radii in units of the FWHM of the point-spread function
    in the middle of the band.
    The labels are ``one spaxel``, ``radius 0.5 FWHM`` and so on.
    """
    fwhm = point_fwhm(float(np.median(cube.wavelength)))
    found = {"one spaxel": spaxel_spectrum(cube, *brightest_spaxel(cube))}
    return found | {f"radius {size:g} FWHM": aperture_spectrum(cube, *centre, size * fwhm) for size in sizes}


def same_planes(whole: Cube, part: Cube) -> Cube:
    """Return the planes of ``whole`` that lie within the wavelength range of ``part``."""
    half = (whole.wavelength[1] - whole.wavelength[0]) / 2
    use = (whole.wavelength > part.wavelength[0] - half) & (whole.wavelength < part.wavelength[-1] + half)
    return replace(whole, flux=whole.flux[use], error=whole.error[use], wavelength=whole.wavelength[use])
