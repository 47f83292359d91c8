"""The pixels that lesson 03 looks at follow from their rules."""

import numpy as np
import pytest

from mrskit.course.shown import pixels
from mrskit.errors import AnalysisError

ROW = 500  # a row within the range that the rules look at


@pytest.fixture
def ramps():
    """Ten groups of 1024 x 6 pixels gaining 10 DN a group; the first and the last group are not to be used."""
    signal = np.ones((1, 10, 1024, 6), dtype=np.float32) * 10 * np.arange(10)[None, :, None, None]
    flags = np.zeros(signal.shape, dtype=np.uint8)
    flags[0, [0, 9]] = pixels.DO_NOT_USE
    return signal, flags, np.zeros((1024, 6), dtype=np.uint32)


def test_the_usable_groups_leave_out_those_that_are_flagged_everywhere(ramps):
    assert list(pixels.usable_groups(ramps[1])) == list(range(1, 9))


def test_the_bright_pixel_is_the_brightest_that_is_neither_hit_nor_bad(ramps):
    signal, flags, bad = ramps
    for column, factor in ((1, 5), (2, 4), (3, 3)):
        signal[0, :, ROW, column] *= factor
    flags[0, 4, ROW, 1] = pixels.JUMP
    bad[ROW, 2] = pixels.DO_NOT_USE
    assert pixels.bright(signal, flags, bad) == (ROW, 3)


def test_the_hit_pixel_is_the_brightest_of_those_that_were_hit_once_and_visibly(ramps):
    signal, flags, bad = ramps
    for column, factor, step in ((1, 2, 200), (2, 9, 900), (3, 4, 400), (4, 8, 80)):
        signal[0, :, ROW, column] *= factor
        signal[0, 5:, ROW, column] += step
        flags[0, 5, ROW, column] = pixels.JUMP
    flags[0, 7, ROW, 2] = pixels.JUMP  # hit twice; column 4 gains as much in a group as its step is high
    assert pixels.hit(signal, flags, bad) == (ROW, 3)


def test_the_saturating_pixel_is_the_one_that_fills_up_first(ramps):
    signal, flags, bad = ramps
    for column, first in ((1, 3), (2, 6)):
        signal[0, first:, ROW, column] = 60_000
        flags[0, first:, ROW, column] |= pixels.SATURATED
    flags[0, 7:, ROW, 3] |= pixels.SATURATED  # a neighbour, flagged but not full
    assert pixels.saturating(signal, flags, bad) == (ROW, 1)


def test_a_pixel_that_is_flagged_when_it_is_full_itself_comes_before_one_that_is_flagged_for_a_neighbour(ramps):
    signal, flags, bad = ramps
    for column, full, flagged in ((1, 6, 6), (2, 7, 5)):
        signal[0, full:, ROW, column] = 60_000
        flags[0, flagged:, ROW, column] |= pixels.SATURATED
    assert pixels.saturating(signal, flags, bad) == (ROW, 1)


def test_an_exposure_without_a_saturated_pixel_gives_an_error_that_says_so(ramps):
    with pytest.raises(AnalysisError, match="no saturating pixel in rows 100-923"):
        pixels.saturating(*ramps)


def test_what_happened_to_a_pixel_is_told_in_one_word(ramps):
    _, flags, bad = ramps
    flags[0, 7:, ROW, 1] |= pixels.SATURATED
    flags[0, 3, ROW, 1] |= pixels.JUMP
    flags[0, 3, ROW, 2] |= pixels.JUMP
    bad[ROW, 4] = pixels.DO_NOT_USE
    chosen = np.array([[ROW, 1], [ROW, 2], [ROW, 3], [ROW, 4], [ROW, 6], [ROW, 0.5]])
    assert pixels.kinds(flags, bad, chosen) == ["saturated", "hit", "quiet", "bad", "outside", "outside"]
