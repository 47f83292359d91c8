"""The spectra that come with the course: complete, small, labelled, and in agreement with the simulated galaxy."""

import numpy as np
import pytest
from astropy.io import fits

from mrskit import plan
from mrskit.analysis import shipped, whole
from mrskit.bands import BANDS
from mrskit.simulate import psf, scene
from mrskit.simulate.references import mode, tables

SCENE = scene.default_scene(2732)
STEP = 0.04  # arcsec, of the grid on which an extraction is computed


@pytest.fixture(scope="module")
def spectra():
    return shipped.shipped_spectra()


def extracted(wavelength):
    """What an extraction as POINT has to give for the simulated galaxy, Jy: aperture, annulus, aperture correction."""
    fwhm = psf.fwhm(wavelength)
    reach = np.arange(-1.04 * tables.ANNULUS[1] * fwhm, 1.04 * tables.ANNULUS[1] * fwhm, STEP)
    east, north = np.meshgrid(reach, reach)
    ra = SCENE.ra + east / 3600 / np.cos(np.deg2rad(SCENE.dec))
    light = scene.surface_brightness(SCENE, ra, SCENE.dec + north / 3600, np.full(east.shape, wavelength))  # MJy/sr
    distance = np.hypot(east, north) / fwhm
    annulus = light[(distance > tables.ANNULUS[0]) & (distance < tables.ANNULUS[1])].mean()
    flux = (light[distance < tables.APERTURE] - annulus).sum() * STEP**2 / shipped.ARCSEC2 * 1e6
    return flux / (1 - np.exp(-4 * np.log(2) * tables.APERTURE**2))


def test_there_are_all_twelve_small_labelled_and_listed(spectra):
    assert list(spectra) == list(BANDS)
    files = shipped.spectra_files(None)
    listed = (shipped.shipped_folder() / shipped.LIST).read_text(encoding="utf-8").split()[1::2]
    assert sorted(listed) == sorted(path.name for path in files) == sorted(f"{name}_x1d.fits" for name in BANDS)
    for path in files:
        header = fits.getheader(path)
        assert (header["ORIGIN"], header["SEED"], header["PROFILE"]) == ("SIMULATED", SCENE.seed, "quick")
        assert header["COMMAND"] == "mrskit demo --bands all"
        assert path.stat().st_size < 100_000


@pytest.mark.parametrize("name", BANDS)
def test_the_nucleus_is_that_of_the_simulated_galaxy_to_within_the_error_of_the_conversion(name, spectra):
    item, off = spectra[name], []
    for middle in np.linspace(item.wavelength[0], item.wavelength[-1], 9)[1:-1]:
        near = abs(item.wavelength / middle - 1) < 0.004
        expected = [extracted(wavelength) for wavelength in middle * np.array([0.998, 1.0, 1.002])]
        off.append(np.nanmedian(item.flux[near]) / np.median(expected) - 1)
    assert abs(np.median(off)) < 0.015  # the instrument differs from its reference files by 1 %


def test_the_line_of_the_exercise_is_the_brightest_of_its_surroundings(spectra):
    item, place = spectra["3C"], 15.555 * (1 + plan.program().redshift)
    assert place == pytest.approx(15.905, abs=5e-4)
    near = abs(item.wavelength - place) < 0.3
    peak = item.wavelength[near][np.nanargmax(item.flux[near])]
    assert peak == pytest.approx(15.905, abs=0.006)
    assert np.nanmax(item.flux[near]) > 5 * np.nanmedian(item.flux[near])


def test_the_leak_stands_out_in_3a_and_is_gone_once_it_is_subtracted(spectra):
    a, b = spectra["3A"], spectra["1B"]
    fraction = shipped.leak_fraction(shipped.shipped_folder() / "3A_x1d.fits")
    assert fraction == pytest.approx(mode.leak(a.wavelength), abs=1e-6)
    light = fraction * np.interp(a.wavelength, 2 * b.wavelength, b.flux)
    for flux, times in ((a.flux, 1.0), (a.flux - light, 0.0)):
        bump = whole.leak_excess(a.wavelength, flux)
        use = np.isfinite(bump) & (fraction > 1e-4)
        assert (bump[use] @ light[use]) / (light[use] @ light[use]) == pytest.approx(times, abs=0.25)


def test_the_nucleus_goes_on_from_channel_to_channel_and_the_field_jumps(spectra):
    nucleus = whole.steps(list(spectra.values()))
    field = whole.steps([shipped.read_field(path).spectrum for path in shipped.spectra_files(None)])
    for pair in ("1C 2A", "2C 3A", "3C 4A"):
        assert nucleus[pair][1] == pytest.approx(1.0, abs=0.01)
    assert field["1C 2A"][1] > 1.07 and field["2C 3A"][1] > 1.07
    assert all(abs(ratio - 1) < 0.035 for _, ratio in nucleus.values())
