import itertools

import numpy as np
import pytest

from mrskit import bands
from mrskit.errors import UnknownBandError


def test_there_are_twelve_bands_and_six_settings():
    assert len(bands.BANDS) == 12
    assert len(bands.SETTINGS) == 6


def test_a_setting_knows_its_two_bands_and_its_detector():
    setting = bands.SETTINGS["34:MEDIUM"]
    assert [band.name for band in setting.bands] == ["3B", "4B"]
    assert setting.detector == "MIRIFULONG"
    assert all(band.setting == setting for band in setting.bands)


def test_neighbouring_bands_of_a_channel_overlap_in_wavelength():
    ordered = list(bands.BANDS.values())
    for first, second in itertools.pairwise(ordered):
        assert second.wavelength_min < first.wavelength_max, (first.name, second.name)


@pytest.mark.parametrize("name", ["5A", "1D", "1a", ""])
def test_an_unknown_band_is_named_with_what_was_expected(name):
    with pytest.raises(UnknownBandError, match=r"expected 1A, 1B, \.\.\. 4C") as caught:
        bands.band(name)
    assert caught.value.found == name


def test_settings_reads_lists_in_any_case_and_drops_repeats():
    assert [s.name for s in bands.settings("12:short, 34:LONG,12:SHORT")] == ["12:SHORT", "34:LONG"]
    assert len(bands.settings("all")) == 6


def test_settings_refuses_a_wrong_one_and_lists_the_right_ones():
    with pytest.raises(UnknownBandError, match=r"no MRS setting '12:SHRT'.*12:SHORT.*or 'all'"):
        bands.settings("12:SHRT")


def test_resolving_power_falls_from_short_to_long_wavelengths():
    power = bands.resolving_power(np.array([5.0, 15.0, 27.0]))
    assert power == pytest.approx([3963.0, 2683.0, 1147.0])
