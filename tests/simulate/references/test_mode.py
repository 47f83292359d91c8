"""Mode-wide references: cross-artifact, leak, cubes, apertures."""

import numpy as np
import pytest

from mrskit.bands import BANDS
from mrskit.simulate.references import mode


def kernel(name, row=512):
    """The cross-artifact of one pixel along its row, out to 2000 pixels either side."""
    parameters = {key: values[row] for key, values in mode.artifact_rows(BANDS[name]).items()}
    x = np.arange(-2000.0, 2001)
    half, sigma = parameters["lor_fwhm"] / 2, parameters["gau_fwhm"] / 2.35482
    result = parameters["lor_scale"] * half**2 / (half**2 + x**2)
    for sign in (-1, 1):
        for k, peak in ((1, parameters["gau_scale1"]), (2, parameters["gau_scale2"])):
            result += peak * np.exp(-0.5 * ((x - sign * k * parameters["gau_xoff"]) / (k * sigma)) ** 2)
    return result


def test_the_cross_artifact_of_1a_scatters_a_fifth_of_the_light_and_one_per_cent_at_most_into_a_pixel():
    assert kernel("1A").sum() == pytest.approx(0.20, abs=0.01)
    assert kernel("1A").max() < 0.01


def test_the_cross_artifact_falls_with_wavelength_and_is_absent_in_channel_4():
    total = [kernel(name).sum() for name in BANDS]
    assert np.all(np.diff(total[:9]) < 0)
    assert total[9:] == [0, 0, 0]


def test_the_gaussians_of_the_cross_artifact_move_out_with_wavelength():
    offset = mode.artifact_rows(BANDS["1A"])["gau_xoff"]
    assert np.all(np.diff(offset) > 0)
    assert offset[512] == pytest.approx(10, abs=0.2)


def test_the_spectral_leak_peaks_at_12_22_micron_with_half_width_at_the_public_curve():
    assert mode.leak(12.22) == pytest.approx(0.027)
    assert mode.leak(np.array([12.125, 12.315])) == pytest.approx(0.0135)


@pytest.mark.parametrize("name", BANDS)
def test_a_cube_stays_within_the_adopted_limits_of_its_band(name):
    low, high = mode.cube_range(BANDS[name])
    assert BANDS[name].wavelength_min <= low < high <= BANDS[name].wavelength_max


def test_the_planes_of_a_cube_of_all_channels_rise_without_a_jump_back():
    wavelength = mode._all_wavelengths()
    assert np.all(np.diff(wavelength) > 0)
    assert wavelength[0] == pytest.approx(4.90)
