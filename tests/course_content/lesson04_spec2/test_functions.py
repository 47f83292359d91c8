"""The reference functions of lesson 04, against numbers worked out by hand."""

import numpy as np
import pytest

from mrskit.course.lesson04_spec2 import functions


def test_the_amplitude_of_fringes_is_counted_from_crest_to_trough_whatever_their_phase():
    wavenumber = np.linspace(1800, 1850, 200)
    for phase in (0.0, 1.0, 2.5):
        ratio = 1 + 0.09 * np.cos(2 * np.pi * wavenumber / 2.92 + phase)
        assert functions.amplitude(wavenumber, ratio, 2.92) == pytest.approx(18.0, rel=0.01)


def test_samples_without_a_value_do_not_count():
    wavenumber = np.linspace(1800, 1850, 200)
    ratio = 1 + 0.05 * np.sin(2 * np.pi * wavenumber / 2.92)
    ratio[::9] = np.nan
    assert functions.amplitude(wavenumber, ratio, 2.92) == pytest.approx(10.0, rel=0.01)


def test_a_pixel_is_calibrated_by_undoing_what_happened_to_its_light():
    light, factor = 1200.0, 600.0  # MJy/sr, MJy/sr per DN/s: 2 DN/s
    measured = light / factor * 0.9 * 1.1 + 0.25  # flat 0.9, fringe 1.1, stray light 0.25 DN/s
    assert functions.calibrate(measured, 0.25, 0.9, 1.1, factor) == pytest.approx(light)


def test_the_throughput_is_the_given_value_after_a_year_and_never_more_than_one():
    assert functions.throughput(365, 0.7, 50.0, -0.2) == pytest.approx(0.7)
    # (780 / 415)^-0.2 is 0.8815
    assert functions.throughput(730, 0.7, 50.0, -0.2) == pytest.approx(0.7 * 0.8815, rel=1e-3)
    assert functions.throughput(np.array([0.0, 365]), 0.9, 10.0, -0.3) == pytest.approx([1.0, 0.9])
