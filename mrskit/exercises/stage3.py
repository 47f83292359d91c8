"""What the exercises of lesson 05 compare with: the learner's cubes and spectra, and the simulated sky."""

from __future__ import annotations

import numpy as np
from astropy.io import fits

from mrskit import products
from mrskit.analysis.backgrounds import annulus_background
from mrskit.analysis.spectra import aperture_spectrum, continuum, spaxel_spectrum
from mrskit.bands import Band
from mrskit.exercises import measured
from mrskit.exercises.record import Facts
from mrskit.products import Cube

ANNULUS = (1.2, 1.6)  # arcsec
_WINDOW = 0.1  # um on either side of a band's middle
_SPEED_OF_LIGHT = 299792.458  # km/s


def cube(facts: Facts, which: int) -> Cube:
    """Return the bluer (0) or redder (1) cube of the setting."""
    return measured.cube(facts, band(facts, which).name)


def band(facts: Facts, which: int) -> Band:
    """Return the bluer (0) or redder (1) band of the setting."""
    return measured.setting(facts).bands[which]


def middle(facts: Facts, which: int) -> float:
    """Return the middle of a band, um."""
    limits = band(facts, which)
    return (limits.wavelength_min + limits.wavelength_max) / 2


def exposures(facts: Facts) -> tuple[int, int]:
    """Return the numbers of calibrated science and background exposures."""
    return tuple(len(measured.exposures(facts, role, "stage2", "cal")) for role in ("source", "background"))


def members(facts: Facts) -> np.ndarray:
    """Return the numbers of science (cal) and background (x1d) members of the association of stage 3."""
    return np.array([exposures(facts)[0], len(measured.backgrounds(facts))])


def background_level(facts: Facts, which: int) -> float:
    """Return the mean surface brightness of the background spectra of a band near its middle, MJy/sr."""
    levels = []
    for path in measured.backgrounds(facts):
        spectrum = products.read_spectrum(path)
        if spectrum.band == band(facts, which):
            near = abs(spectrum.wavelength - middle(facts, which)) < _WINDOW
            levels.append(np.nanmean(fits.getdata(path, "EXTRACT1D")["BACKGROUND"][near]))
    return float(np.mean(levels))


def cube_noise(facts: Facts) -> float:
    """Return the factor by which pixel-by-pixel subtraction raises the noise of a cube."""
    science, background = exposures(facts)
    return float(np.sqrt(1 + science / background))


def velocity_step(facts: Facts, which: int) -> float:
    """Return the width of a plane in the middle of a cube, km/s."""
    wavelength = cube(facts, which).wavelength
    return float(_SPEED_OF_LIGHT * (wavelength[1] - wavelength[0]) / wavelength[len(wavelength) // 2])


def spaxel_brightness(facts: Facts) -> float:
    """Return the brightest spaxel in the middle plane of the bluer cube, MJy/sr."""
    flux = cube(facts, 0).flux
    return float(np.nanmax(flux[len(flux) // 2]))


def spaxel_flux(facts: Facts) -> float:
    """Return the same spaxel's flux density, Jy."""
    return spaxel_brightness(facts) * 1e6 * cube(facts, 0).pixel_area


def spaxel_scatter(facts: Facts) -> float:
    """Return the scatter of the brightest spaxel about its continuum, percent: half the 16th to 84th percentile."""
    blue = cube(facts, 0)
    collapsed = np.median(np.nan_to_num(blue.flux), axis=0)
    y, x = np.unravel_index(np.argmax(collapsed), collapsed.shape)
    single = spaxel_spectrum(blue, int(x), int(y))
    low, high = np.nanpercentile(single.flux / continuum(single, facts.program.redshift), (16, 84))
    return float(100 * (high - low) / 2)


def nucleus_flux(facts: Facts) -> float:
    """Return the simulated flux density in the aperture of the nucleus near the middle of the bluer band, mJy."""
    blue = cube(facts, 0)
    near = abs(blue.wavelength - middle(facts, 0)) < _WINDOW
    return float(np.median(measured.true_nucleus(facts, blue).flux[near]))


def area_ratio(facts: Facts, *, spaxels_only: bool = False) -> float:
    """Return the area that the redder extracted spectrum sums over that of the bluer one, or the ratio of spaxels."""
    areas = []
    for which in (0, 1):
        table = fits.getdata(measured.spectrum_file(facts, band(facts, which).name), "EXTRACT1D")
        areas.append(np.nanmedian(table["NPIXELS"]) * (1.0 if spaxels_only else cube(facts, which).pixel_area))
    return float(areas[1] / areas[0])


def annulus_loss(facts: Facts) -> float:
    """Return how much fainter the nucleus is with an annulus background than with the master background, percent."""
    red, place = cube(facts, 1), (facts.program.target_ra, facts.program.target_dec)
    ring = annulus_background(red, *place, *ANNULUS).level
    with_ring = aperture_spectrum(red, *place, measured.RADIUS, background=ring).flux
    return float(100 * (1 - np.nanmedian(with_ring / aperture_spectrum(red, *place, measured.RADIUS).flux)))
