"""Waves of spaxels and apertures are found with their amplitude."""

import numpy as np
import pytest

from mrskit.analysis import sampling
from mrskit.bands import BANDS
from mrskit.errors import AnalysisError
from mrskit.products import Spectrum

Z = 0.0225


@pytest.fixture
def waving(grid):
    """A spectrum that rises by half and waves by 3 percent, ten waves in the band, with noise of 1 percent."""
    wave = 1 + 0.03 * np.sin(2 * np.pi * (grid - 4.9) / 0.084)
    noise = np.random.default_rng(1).normal(0, 0.01, grid.size)
    return Spectrum(
        grid, (1 + (grid - 4.9) / 1.7) * (wave + noise), np.full(grid.shape, 0.01), "Jy", BANDS["1A"], "made"
    )


def test_the_amplitude_is_that_of_the_wave_whatever_the_slope_and_the_noise(waving):
    assert sampling.amplitude(waving, Z) == pytest.approx(3.0, rel=0.15)


def test_lines_and_a_saturated_place_are_no_waves(waving):
    flux = waving.flux.copy()
    for centre in (5.340169 * (1 + Z), 5.030):  # [Fe II], and a place where no line of the list is
        flux += 5.0 * np.exp(-0.5 * ((waving.wavelength - centre) / 0.002) ** 2)
    spoiled = Spectrum(waving.wavelength, flux, waving.error, "Jy", waving.band, "made")
    assert sampling.amplitude(spoiled, Z) == pytest.approx(sampling.amplitude(waving, Z), rel=0.1)
    assert np.isnan(sampling.waves(spoiled, Z)[abs(waving.wavelength - 5.4603) < 0.005]).all()


def test_a_spectrum_with_few_points_is_refused(waving):
    short = Spectrum(*(column[:40] for column in (waving.wavelength, waving.flux, waving.error)), "Jy", None, "short")
    with pytest.raises(AnalysisError, match="points are free of lines, expected at least 50"):
        sampling.waves(short, Z)


def test_the_brightest_spaxel_and_the_apertures_are_compared(grid, make_cube):
    flux = np.ones((grid.size, 21, 25))
    flux[:, 10, 13] = 9.0
    cube = make_cube(flux, 0.1, grid)
    assert sampling.brightest_spaxel(cube) == (13, 10)
    found = sampling.compared(cube, (339.0, 34.0), (0.5, 1.0))
    assert list(found) == ["one spaxel", "radius 0.5 FWHM", "radius 1 FWHM"]
    assert found["one spaxel"].flux[0] == 9.0
    # FWHM at 5.32 um: 0.2816 arcsec; a circle of that radius on a field of 1 MJy/sr and one spaxel of 9.
    area = np.pi * 0.2816**2 / 206264.806**2 + 8 * (0.13 / 206264.806) ** 2
    assert found["radius 1 FWHM"].flux[0] == pytest.approx(1e6 * area, rel=0.01)


def test_the_same_planes_of_another_cube_are_taken(grid, make_cube):
    whole = make_cube(np.ones((grid.size, 4, 4)), 0.1, grid)
    part = make_cube(np.ones((50, 4, 4)), 0.1, grid[100:150] + 0.0003)
    assert sampling.same_planes(whole, part).wavelength == pytest.approx(grid[100:150])
