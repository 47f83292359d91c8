"""Bands beside each other: the steps between them, and the bump of the spectral leak."""

import numpy as np
import pytest

from mrskit.analysis import whole
from mrskit.bands import BANDS
from mrskit.products import Spectrum


def flat(name, level):
    band = BANDS[name]
    wavelength = np.linspace(band.wavelength_min, band.wavelength_max, 400)
    return Spectrum(wavelength, np.full(400, level), np.full(400, 0.01), "Jy", band, name)


def test_a_step_is_the_ratio_of_two_bands_where_they_overlap_and_bands_apart_have_none():
    found = whole.steps([flat("1C", 1.0), flat("2A", 1.5), flat("3A", 9.0)])
    assert list(found) == ["1C 2A"]
    place, ratio = found["1C 2A"]
    assert ratio == pytest.approx(1.5)
    assert BANDS["2A"].wavelength_min < place < BANDS["1C"].wavelength_max


def test_the_excess_is_the_bump_over_a_curve_of_third_degree_and_has_no_value_at_the_invented_line():
    wavelength = np.linspace(11.55, 13.47, 769)
    smooth = 0.1 + 0.02 * (wavelength - 12.2) + 0.01 * (wavelength - 12.2) ** 3
    bump = 0.002 * np.exp(-0.5 * ((wavelength - 12.22) / 0.05) ** 2)
    found = whole.leak_excess(wavelength, smooth + bump)
    use = np.isfinite(found)
    assert found[use] == pytest.approx(bump[use], abs=5e-5)
    assert not use[abs(wavelength - 12.0) < 0.04].any()
    assert (wavelength[use].min(), wavelength[use].max()) == pytest.approx(whole.LEAK_RANGE, abs=0.003)
