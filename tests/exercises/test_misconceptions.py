"""Known wrong arrays and masks are recognised, and can be handed in as examples."""

import numpy as np

from mrskit.exercises.misconceptions import array_is, region_is
from mrskit.exercises.record import Answer


def expected(facts):
    return np.array([1.0, 2.0, np.nan])


def test_an_array_near_the_wrong_one_is_recognised_and_one_of_another_shape_is_not():
    slip = array_is(expected, "message", "name", abs=0.1)
    near, far = np.array([1.05, 1.95, np.nan]), np.array([1.0, 2.5, np.nan])
    assert slip.matches(Answer("05-x", "array", near), None)
    assert not slip.matches(Answer("05-x", "array", far), None)
    assert not slip.matches(Answer("05-x", "array", near[:2]), None)
    assert slip.matches(Answer("05-x", "array", slip.example(None)), None)


def test_a_mask_is_recognised_only_whole():
    mask = np.array([[True, False], [False, True]])
    slip = region_is(lambda facts: mask, "message", "name")
    assert slip.matches(Answer("05-x", "region", mask.copy()), None)
    assert not slip.matches(Answer("05-x", "region", ~mask), None)
