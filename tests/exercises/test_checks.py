"""Checks tell right from wrong within their tolerance, and their messages do not give the answer away."""

import numpy as np
import pytest

from mrskit.exercises import boxes, checks, misconceptions
from mrskit.exercises.record import Answer, Exercise, NotHere
from mrskit.exercises.tolerance import Tolerance


def number(value):
    return Answer("01-x", "quantity", value, "s")


def asked(value, check):
    """An answer to an exercise with this check, as misconceptions see it."""
    exercise = Exercise("01-x", "X", "X?", "quantity", "s", 1, 1, ("a", "b"), check)
    return Answer("01-x", "quantity", value, "s", exercise)


def verdict(check, value, kind="quantity"):
    return check(Answer("01-x", kind, value), None)


@pytest.mark.parametrize(("value", "outcome"), [(101.0, "passed"), (99.0, "passed"), (101.01, "failed")])
def test_near_takes_a_number_within_the_relative_tolerance(value, outcome):
    assert verdict(checks.near(100.0, rel=0.01), value).outcome == outcome


@pytest.mark.parametrize(("value", "outcome"), [(0.2, "passed"), (-0.2, "passed"), (0.21, "failed")])
def test_near_takes_a_number_within_the_absolute_tolerance_around_zero(value, outcome):
    assert verdict(checks.near(0.0, abs=0.2), value).outcome == outcome


def test_near_without_tolerance_takes_the_exact_number_only():
    assert verdict(checks.near(24), 24).outcome == "passed"
    assert verdict(checks.near(24), 23).outcome == "failed"
    assert verdict(checks.near(0.1 + 0.2), 0.3).outcome == "passed"


def test_near_names_the_definition_that_was_met():
    check = checks.near({"exposure time with the resets": 899.113, "photon time": 888.013}, abs=0.5)
    assert "photon time" in verdict(check, 888.0).message
    assert "with the resets" in verdict(check, 899.0).message


def test_near_takes_any_of_several_numbers():
    assert [verdict(checks.near([1.0, 2.0]), value).outcome for value in (1, 2, 3)] == ["passed", "passed", "failed"]


def test_near_evaluates_the_expected_value_with_the_facts():
    assert checks.near(lambda facts: facts["n"])(number(7), {"n": 7}).outcome == "passed"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (-100.0, "sign"),
        (1e5, "factor of ten"),
        (1e-3, "factor of ten"),
        (120.0, "too high"),
        (80.0, "too low"),
        (np.nan, "NaN"),
    ],
)
def test_near_says_how_a_number_is_wrong(value, words):
    assert words in verdict(checks.near(100.0, rel=0.01), value).message


@pytest.mark.parametrize(("value", "wanted"), [(0.0, 192.0), (0, [192.0, -3.0]), (5.0, 0.0), (-1e9, 0.0)])
def test_nothing_is_said_of_the_order_of_magnitude_where_a_number_is_zero(value, wanted):
    message = verdict(checks.near(wanted, abs=0.1), value).message
    assert not any(words in message for words in ("order", "sign", "factor", "192")) and "0.1" in message


@pytest.mark.parametrize("value", [-731.7, 1e5, 800.0, np.nan, 0.0])
def test_the_message_on_a_wrong_number_does_not_hold_the_expected_one(value):
    message = verdict(checks.near(731.7, rel=0.01), value).message
    assert "731" not in message and "732" not in message


@pytest.mark.parametrize(
    ("error", "value", "outcome"),
    [(0.0, 101.0, "passed"), (0.0, 101.1, "failed"), (4.0, 111.9, "passed"), (4.0, 112.1, "failed"),
     (0.1, 101.0, "passed")],
)  # fmt: skip
def test_a_number_within_three_errors_of_a_measurement_is_right_though_the_tolerance_is_narrower(error, value, outcome):
    found = verdict(checks.near(100.0, rel=0.01, error=lambda facts: error), value)
    assert found.outcome == outcome
    assert ("3 errors of our own measurement" in found.message) == (outcome == "passed" and error > 0)


@pytest.mark.parametrize("error", [17.0, np.nan, np.inf])
def test_a_measurement_that_is_lost_in_its_error_judges_nothing(error):
    with pytest.raises(NotHere, match="not larger than twice its error"):
        verdict(checks.near(100.0, rel=0.01, error=lambda facts: error), 100.0)


def test_a_measurement_that_an_absolute_tolerance_would_swallow_judges_nothing():
    with pytest.raises(NotHere):  # who forgets to subtract a sky of 3 would be as right as who does not
        verdict(checks.near(2.0, rel=0.04, abs=4.0, error=lambda facts: 0.01), 5.0)
    assert verdict(checks.near(2.0, rel=0.04, abs=4.0, error=lambda facts: 0.0), 5.0).outcome == "passed"  # the truth


def test_each_element_has_its_own_error():
    check = checks.near_array(np.array([100.0, 50.0, np.nan]), abs=15.0, error=lambda facts: np.array([1.0, 9.0, 9.0]))
    assert verdict(check, np.array([110.0, 76.0, np.nan]), "array").outcome == "passed"
    assert verdict(check, np.array([126.0, 50.0, np.nan]), "array").outcome == "failed"


@pytest.mark.parametrize(
    ("check", "value", "kind"),
    [(checks.near(np.nan, rel=0.1), 3.0, "quantity"), (checks.near({"a": np.nan, "b": [np.nan]}), 3.0, "quantity"),
     (checks.near_array(np.full((2, 2), np.nan)), np.full((2, 2), np.nan), "array"),
     (checks.overlap(np.zeros((3, 3), bool)), np.zeros((3, 3), bool), "region"),
     (checks.overlap(np.ma.MaskedArray(np.eye(3, dtype=bool), mask=np.eye(3))), np.eye(3, dtype=bool), "region"),
     (boxes.finds(np.zeros((9, 9), bool)), np.zeros((9, 9), bool), "region")],
)  # fmt: skip
def test_where_there_is_nothing_to_find_no_answer_is_wrong(check, value, kind):
    with pytest.raises(NotHere):
        verdict(check, value, kind)


def test_near_array_asks_for_the_shape_first():
    message = verdict(checks.near_array(np.zeros((2, 3))), np.zeros((3, 2)), "array").message
    assert "(3, 2)" in message and "(2, 3)" in message


def test_near_array_leaves_out_elements_that_are_nan_in_the_expected_array():
    check = checks.near_array(np.array([1.0, np.nan, 3.0]), abs=0.1)
    assert verdict(check, np.array([1.05, 55.0, 3.0]), "array").outcome == "passed"
    assert verdict(check, np.array([1.05, 55.0, np.nan]), "array").outcome == "failed"


def test_near_array_can_ask_for_nan_where_nothing_is_expected():
    check = checks.near_array(np.array([1.0, np.nan, 3.0, np.nan]), abs=0.1, others=0.4)
    assert verdict(check, np.array([1.0, np.nan, 3.0, np.nan]), "array").outcome == "passed"
    unmasked = verdict(check, np.array([1.0, 7.0, 3.0, np.nan]), "array")
    assert unmasked.outcome == "failed"
    assert "at 1 places there is a number where NaN is expected" in unmasked.message


def test_near_array_takes_the_stated_share_of_right_elements():
    check = checks.near_array(np.arange(10.0), abs=0.1, share=0.8)
    wrong = np.arange(10.0)
    wrong[:2] += 5
    assert verdict(check, wrong, "array").outcome == "passed"
    wrong[2] += 5
    assert verdict(check, wrong, "array").outcome == "failed"


def test_among_takes_one_or_several_choices():
    assert verdict(checks.among("Yes"), "yes", "choice").outcome == "passed"
    assert verdict(checks.among(("a", "b")), "b", "choice").outcome == "passed"
    assert verdict(checks.among("a"), "b", "choice").outcome == "failed"


def test_text_matches_needs_every_pattern_in_a_short_text():
    check = checks.text_matches((r".*flat.*", r".*fringe.*"))
    assert verdict(check, "First the  FLAT, then the ｆringe", "text").outcome == "passed"
    wrong = verdict(check, "first the flat", "text")
    assert wrong.outcome == "failed" and "fringe" not in wrong.message
    long = verdict(check, "flat, fringe" + ", dark" * 20, "text")
    assert long.outcome == "failed" and "at most 100 characters" in long.message.lower()


def test_a_pattern_of_text_matches_describes_the_whole_text():
    assert verdict(checks.text_matches("flat"), "flat or fringe", "text").outcome == "failed"


def square(low, high):
    mask = np.zeros((10, 10), dtype=bool)
    mask[low:high, low:high] = True
    return mask


def test_overlap_measures_completeness_and_false_area():
    check = checks.overlap(square(2, 8), completeness=0.9, false=0.1)
    assert verdict(check, square(2, 8), "region").outcome == "passed"
    small = verdict(check, square(2, 7), "region")  # 25 of 36 pixels, none outside
    assert small.outcome == "failed" and "69.4 %" in small.message
    large = verdict(check, square(2, 9), "region")  # all 36, 13 of 49 outside
    assert large.outcome == "failed" and "26.5 %" in large.message


def test_overlap_leaves_out_masked_pixels():
    unknown = np.zeros((10, 10), dtype=bool)
    unknown[8] = unknown[:, 8] = True
    check = checks.overlap(np.ma.MaskedArray(square(2, 8), mask=unknown))
    assert verdict(check, square(2, 9), "region").outcome == "passed"


def test_overlap_refuses_an_empty_region_and_another_shape():
    check = checks.overlap(square(2, 8))
    assert "empty" in verdict(check, square(0, 0), "region").message
    assert "(2, 2)" in verdict(check, np.ones((2, 2), bool), "region").message


def test_value_near_matches_the_known_wrong_number_alone():
    wrong = misconceptions.value_near(lambda facts: 24, "12 bands x 4 / 2 is the source", "source-formula")
    assert wrong.matches(asked(24, checks.near(12)), None) and not wrong.matches(asked(12, checks.near(12)), None)
    assert not wrong.matches(Answer("01-x", "array", np.array([24.0, 24.0])), None)
    assert (wrong.name, wrong.message) == ("source-formula", "12 bands x 4 / 2 is the source")


def test_a_misconception_allows_what_the_check_allows_unless_it_has_a_tolerance_of_its_own():
    check = checks.near(12, rel=0.01)
    usual, own = (misconceptions.value_near(24, "double", "double", **given) for given in ({}, {"abs": 1.0}))
    assert [usual.matches(asked(value, check), None) for value in (24.23, 24.25)] == [True, False]
    assert [own.matches(asked(value, check), None) for value in (24.9, 25.1)] == [True, False]


@pytest.mark.parametrize(
    ("check", "tolerance"),
    [
        (checks.near(5, rel=0.02, abs=3.0), Tolerance(0.02, 3.0)),
        (checks.near_array([5], abs=0.5), Tolerance(0.0, 0.5)),
        (checks.near_array([5], abs=15, share=0.85, others=0.05), Tolerance(0, 15, {"share": 0.85, "others": 0.05})),
        (checks.overlap([True], 0.8, 0.15), Tolerance(shares={"completeness": 0.8, "false": 0.15})),
        (
            boxes.finds([[True]], 0.6, 0.4, 0.003),
            Tolerance(shares={"completeness": 0.6, "false": 0.4, "largest": 0.003}),
        ),
        (checks.code(abs, rel=1e-3), Tolerance(1e-3)),
        (checks.among("a"), Tolerance()),
    ],
)
def test_a_check_knows_its_tolerance(check, tolerance):
    assert check.tolerance == tolerance


def test_the_message_on_a_number_tells_the_tolerance_in_the_unit_of_the_exercise():
    assert checks.near(100.0, abs=2.0)(number(101), None).message == "Right, within 2 s."
    assert checks.near(100.0, rel=0.03)(number(110), None).message.endswith("too high. The tolerance is 3 %.")
    assert checks.near(100)(number(110), None).message.endswith("The answer is a whole or exact number.")


def test_choice_is_matches_the_known_wrong_choice():
    wrong = misconceptions.choice_is(("mean", "Median"), "a sigma-clipped mean", "median")
    assert wrong.matches(Answer("01-x", "choice", "median"), None)
    assert not wrong.matches(Answer("01-x", "choice", "sigma-clipped mean"), None)
