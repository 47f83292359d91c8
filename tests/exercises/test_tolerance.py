"""A tolerance decides on numbers and tells itself in words: both from the same figures."""

import numpy as np
import pytest

from mrskit.exercises.tolerance import EXACT, ROUNDING, Tolerance, unit_words


@pytest.mark.parametrize(
    ("tolerance", "unit", "words"),
    [
        (Tolerance(rel=0.03), "DN / s", "3 %"),
        (Tolerance(rel=1e-5), None, "0.001 %"),
        (Tolerance(abs=2.0), "arcsec", "2 arcsec"),
        (Tolerance(abs=0.03), "DN / s", "0.03 DN/s"),
        (Tolerance(abs=0.05), None, "0.05"),
        (Tolerance(abs=0.1), "percent", "0.1 percentage points"),
        (Tolerance(rel=0.02), "percent", "2 %"),
        (Tolerance(0.04, 4.0), "MJy / sr", "4 %, or 4 MJy/sr if that is more"),
        (Tolerance(ROUNDING, 0.1), None, "0.1"),
        (Tolerance(ROUNDING), None, ""),
        (EXACT, "s", ""),
    ],
)
def test_a_tolerance_of_a_number_is_told_in_the_unit_of_the_exercise(tolerance, unit, words):
    assert tolerance.words(unit) == words
    assert tolerance.told(unit) == ({"tolerance": words} if words else {})


def test_the_shares_of_a_region_are_told_in_percent_by_their_names():
    told = Tolerance(shares={"completeness": 0.95, "largest": 0.003}).told(None)
    assert told == {"completeness": "95 %", "largest": "0.3 %"}


@pytest.mark.parametrize(
    ("unit", "text"),
    [("um", "µm"), ("W / m2", "W/m²"), ("MJy / sr", "MJy/sr"), ("MJy s / (DN sr)", "MJy/sr per DN/s"), (None, "")],
)
def test_a_unit_is_written_as_texts_write_it(unit, text):
    assert unit_words(unit) == text


def test_a_number_may_be_as_far_off_as_the_larger_of_both_tolerances():
    both = Tolerance(rel=0.1, abs=2.0)
    assert both.holds(np.array([11.9, 12.1, 109.0, 111.0]), np.array([10, 10, 100, 100])).tolist() == [
        True, False, True, False,
    ]  # fmt: skip
    assert not both.holds(np.nan, 10.0)


def test_an_exact_tolerance_forgives_the_rounding_of_the_arithmetic_alone():
    assert EXACT.holds(0.3, 0.1 + 0.2) and not EXACT.holds(0.3001, 0.3)
