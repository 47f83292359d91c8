"""Regions marked by pixel ranges or DS9 regions, and events that are found or not."""

import numpy as np
import pytest

from mrskit.errors import AnswerError
from mrskit.exercises import boxes, checks
from mrskit.exercises.record import Answer, Exercise
from mrskit.exercises.values import from_learner

SHAPE = (40, 50)
EVENTS = boxes.from_ranges(SHAPE, [(2, 3, 2, 4), (10, 10, 10, 10), (20, 25, 30, 30), (35, 36, 44, 45), (30, 30, 5, 9)])


def verdict(check, mask):
    return check(Answer("02-x", "region", mask), None)


def test_a_range_holds_both_its_ends():
    mask = boxes.from_ranges((4, 5), [(1, 2, 0, 3)])
    np.testing.assert_array_equal(mask.astype(int), [[0] * 5, [1, 1, 1, 1, 0], [1, 1, 1, 1, 0], [0] * 5])


def test_a_range_is_cut_at_the_edge_of_the_image_and_no_ranges_are_an_empty_region():
    assert boxes.from_ranges((4, 5), [(3, 9, -2, 0)]).sum() == 1
    assert boxes.from_ranges((4, 5), [(-5, -3, 0, 4)]).sum() == 0
    assert not boxes.from_ranges((4, 5), []).any()


@pytest.mark.parametrize("wrong", [(1, 2, 3), (2, 1, 0, 3), (0, 1, 3, 2), (0.5, 1, 2, 3), "rows"])
def test_what_is_no_range_is_refused(wrong):
    with pytest.raises(AnswerError):
        boxes.from_ranges((4, 5), [wrong])


def test_boxes_around_all_events_find_them_although_most_of_their_pixels_hold_none():
    marked = boxes.from_ranges(
        SHAPE, [(1, 5, 1, 6), (8, 12, 8, 12), (19, 26, 29, 31), (34, 37, 43, 46), (29, 31, 4, 10)]
    )
    assert verdict(boxes.finds(EVENTS, 1.0, 0.0), marked).outcome == "passed"
    assert verdict(checks.overlap(EVENTS), marked).outcome == "failed"


def test_missed_events_and_false_marks_are_counted():
    four = EVENTS & ~boxes.from_ranges(SHAPE, [(10, 10, 10, 10)])
    assert verdict(boxes.finds(EVENTS, 0.8, 0.0), four).outcome == "passed"
    missed = verdict(boxes.finds(EVENTS, 0.9, 0.0), four)
    assert missed.outcome == "failed" and "4 of 5 events are marked" in missed.message
    more = EVENTS | boxes.from_ranges(SHAPE, [(0, 0, 48, 49)])
    assert verdict(boxes.finds(EVENTS, 1.0, 0.2), more).outcome == "passed"
    false = verdict(boxes.finds(EVENTS, 1.0, 0.1), more)
    assert false.outcome == "failed" and "1 of your 6 marks hold none" in false.message


def test_who_marks_the_whole_image_or_nothing_has_found_nothing():
    assert "100 % of the image is marked" in verdict(boxes.finds(EVENTS), np.ones(SHAPE, bool)).message
    assert "nothing is marked" in verdict(boxes.finds(EVENTS), np.zeros(SHAPE, bool)).message


def test_events_with_masked_pixels_need_not_be_found_and_marks_on_them_are_not_false():
    unknown = boxes.from_ranges(SHAPE, [(10, 12, 8, 12)])
    check = boxes.finds(np.ma.MaskedArray(EVENTS, mask=unknown), 1.0, 0.0)
    assert verdict(check, EVENTS).outcome == "passed"
    assert verdict(check, EVENTS & ~unknown).outcome == "passed"


def test_a_ds9_region_becomes_a_region_answer_that_is_judged_by_its_overlap():
    regions = pytest.importorskip("regions")
    text = "# Region file format: DS9\nimage\ncircle(26, 21, 6)\n"
    (circle,) = regions.Regions.parse(text, format="ds9")
    mask = circle.to_mask(mode="center").to_image(SHAPE).astype(bool)
    rows, columns = np.indices(SHAPE)
    inside = (rows - 20) ** 2 + (columns - 25) ** 2 < 36  # DS9 counts from 1
    exercise = Exercise("06-x", "X", "X?", "region", None, 1, 1, ("a", "b"), checks.overlap(inside, 0.95, 0.05))
    assert exercise.check(from_learner(exercise, mask), None).outcome == "passed"
    assert exercise.check(from_learner(exercise, np.roll(mask, 6, axis=1)), None).outcome == "failed"
