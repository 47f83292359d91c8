"""Detector-wide reference maps against the numbers that the tables promise."""

import numpy as np
import pytest
from stdatamodels.jwst.datamodels import dqflags

from mrskit.simulate.references import detector, tables

CHANNELS = pytest.mark.parametrize("channels", ["12", "34"])
DO_NOT_USE, REFERENCE = dqflags.pixel["DO_NOT_USE"], dqflags.pixel["REFERENCE_PIXEL"]


@CHANNELS
def test_bad_pixels_are_half_to_one_per_cent_of_the_array(channels):
    assert 0.005 < detector.pixels(channels).bad.mean() < 0.01


def test_the_two_detectors_have_different_bad_pixels():
    assert not np.array_equal(detector.pixels("12").bad, detector.pixels("34").bad)


def test_a_map_is_the_same_in_every_build():
    first = detector.random("12", "dark").standard_normal(5)
    assert np.array_equal(first, detector.random("12", "dark").standard_normal(5))


def test_the_mask_excludes_bad_pixels_and_marks_reference_columns():
    flags, special = detector._mask("12").dq, detector.pixels("12")
    assert np.all(flags[special.bad] & DO_NOT_USE)
    assert np.all(flags[:, :4] & REFERENCE)
    assert np.all(flags[:, 1028:] & REFERENCE)
    assert not np.any(flags[~special.bad & ~special.reference])


def test_the_linearity_correction_leaves_the_bias_and_adds_nine_per_cent_at_full_well():
    coefficients = detector._linearity("12").coeffs.astype(float)
    bias, full = (np.polynomial.polynomial.polyval(level, coefficients[:, 500, 200:700]) for level in (9000.0, 60000.0))
    assert np.median(bias) == pytest.approx(9000, abs=1)
    assert np.median(full - 60000) / 51000 == pytest.approx(1.73e-6 * 51000, rel=0.02)


def test_reference_pixels_are_linear():
    coefficients = detector._linearity("34").coeffs[:, :, :4]
    assert np.array_equal(coefficients, np.broadcast_to([[[0]], [[1]], [[0]]], coefficients.shape))


def test_the_reset_anomaly_starts_at_its_amplitude_and_ends_at_zero():
    offset = detector._reset("12").data
    assert offset[:, 0, :, 500].mean(axis=1) == pytest.approx(tables.RESET_AMPLITUDES, rel=1e-3)
    assert not offset[:, -1].any()
    assert np.all(np.diff(offset[0, :, 10, 500]) < 0)


def test_the_dark_is_a_straight_ramp_of_a_twentieth_dn_a_second():
    dark = detector._dark("12").data[0]
    special = detector.pixels("12")
    usual = ~special.bad & ~special.warm & ~special.reference
    slope = (dark[-1] - dark[0]) / (3 * 2.77504)
    assert np.median(slope[usual]) == pytest.approx(0.05, rel=0.01)
    assert slope[special.hot].min() > 4.9
    assert dark[0][usual] == pytest.approx(slope[usual] * 2.77504, abs=1e-4)


def test_read_noise_is_that_of_a_difference_of_reads_and_high_in_noisy_pixels():
    noise, special = detector._readnoise("34").data, detector.pixels("34")
    assert np.median(noise) == pytest.approx(6.0, rel=0.01)
    assert np.median(noise[special.noisy]) == pytest.approx(30.0, rel=0.02)


def test_the_pixel_flat_scatters_by_two_per_cent_around_one():
    flat = detector._flat("12").data
    assert np.nanmean(flat) == pytest.approx(1, abs=1e-3)
    assert np.nanstd(flat) == pytest.approx(0.02, rel=0.02)
    assert np.isnan(flat[:, :4]).all()
