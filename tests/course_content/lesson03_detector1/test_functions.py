"""The reference functions of lesson 03, against numbers worked out by hand."""

import numpy as np
import pytest

from mrskit.course.lesson03_detector1 import functions


def test_the_noise_of_a_difference_is_that_of_two_reads_and_of_the_photons_between_them():
    # 2 x 4^2 = 32 DN^2 of two reads; 10 DN/s x 2 s / 5 = 4 DN^2 of photons
    assert functions.difference_noise(10.0, 2.0, 5.0, 4.0) == pytest.approx(6.0)


def test_a_negative_rate_brings_no_photons():
    assert functions.difference_noise(np.array([-3.0, 0.0]), 2.0, 5.0, 4.0) == pytest.approx([32**0.5] * 2)


def test_a_jump_is_found_in_the_group_that_first_sees_it_and_a_nan_hides_its_neighbours():
    ramp = 100.0 * np.arange(8)
    ramp[3:] += 60
    ramp[6:] -= 70
    assert np.flatnonzero(functions.find_jumps(ramp, 10.0, 4.0)).tolist() == [3, 6]
    ramp[5] = np.nan
    assert np.flatnonzero(functions.find_jumps(ramp, 10.0, 4.0)).tolist() == [3]


def test_completeness_is_a_share_of_what_is_true_and_the_false_share_one_of_what_was_found():
    true = np.array([1, 1, 1, 1, 0, 0, 0, 0], dtype=bool)
    found = np.array([1, 1, 1, 0, 1, 0, 0, 0], dtype=bool)
    assert functions.scores(found, true) == (0.75, 0.25)


def test_shares_of_nothing_are_nan():
    some, none = np.ones(4, dtype=bool), np.zeros(4, dtype=bool)
    assert np.isnan(functions.scores(none, some)).tolist() == [False, True]
    assert np.isnan(functions.scores(some, none)).tolist() == [True, False]
