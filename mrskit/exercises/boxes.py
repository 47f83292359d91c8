"""Regions that learners mark by pixel ranges, and the check that counts events instead of pixels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mrskit.errors import AnswerError
from mrskit.exercises.checks import Check, Expected, failed, passed
from mrskit.exercises.record import Answer, NotHere, Verdict
from mrskit.exercises.tolerance import Tolerance, percent

_TOUCHING = np.ones((3, 3), dtype=int)  # pixels that share a corner belong to one event


def from_ranges(shape: tuple[int, int], ranges: Sequence[Sequence[int]]) -> np.ndarray:
    """
    Return the region marked by pixel ranges.

    ``shape``: rows and columns of the image; ``ranges``: both ends belong to a range, and parts outside the image are
    cut off. Without ranges, the region is empty. The result has shape (nrows, ncols) and is true inside any of the
    ranges. AnswerError if a range does not consist of four whole numbers in this order.
    """
    mask = np.zeros(shape, dtype=bool)
    for item in ranges:
        numbers = np.asarray(item)
        if numbers.shape != (4,) or numbers.dtype.kind not in "iu":
            raise AnswerError(f"{item!r:.60} is not a pixel range; expected four whole numbers, (first row, last row, "
                              "first column, last column)", ranges=item)  # fmt: skip
        low, high, left, right = (max(int(number), -1) for number in numbers)
        if low > high or left > right:
            raise AnswerError(f"{item!r:.60}: the first row or column is larger than the last one", ranges=item)
        mask[max(low, 0) : high + 1, max(left, 0) : right + 1] = True
    return mask


def finds(expected: Expected, completeness: float = 0.8, false: float = 0.2, largest: float = 0.1) -> Check:
    """
    Return a check of a region that marks events by boxes or clicks; single pixels are not compared.

    ``expected``: a boolean array of shape (nrows, ncols); touching pixels form one event, and one marked pixel is
    enough. In a numpy masked array, events with a masked pixel are optional, and marks with a masked pixel are not
    false. ``completeness``: share of the events that must be marked, 0 to 1; ``false``: share of the marks that may
    contain no event; ``largest``: largest share of the image that may be marked, because marking everything finds
    nothing.
    """

    def compare(answer: Answer, wanted: object) -> Verdict:
        masked: np.ma.MaskedArray = np.ma.asarray(wanted)
        unknown = np.ma.getmaskarray(masked)
        mask, truth = answer.array.astype(bool), masked.data.astype(bool)
        if mask.shape != truth.shape:
            return failed(answer, f"Not yet: the shape is {mask.shape}, asked for is {truth.shape}.")
        if not _hits(truth, truth, unknown)[1]:
            raise NotHere("they hold nothing of the kind.")
        if not mask.any():
            return failed(answer, "Not yet: nothing is marked.")
        if mask.mean() > largest:
            return failed(answer, f"Not yet: {percent(mask.mean())} of the image is marked, at most "
                                  f"{percent(largest)} may be. Mark the events alone.")  # fmt: skip
        found, events = _hits(truth, mask, unknown)
        true, marks = _hits(mask, truth | unknown, np.zeros_like(mask))
        message = (
            f"{found} of {events} events are marked (at least {percent(completeness)}), and {marks - true} of your "
            f"{marks} marks hold none (at most {percent(false)})."
        )
        right = found >= completeness * events - 1e-9 and marks - true <= false * marks + 1e-9
        return passed(answer, f"Right: {message}") if right else failed(answer, f"Not yet: {message}")

    tolerance = Tolerance(shares={"completeness": completeness, "false": false, "largest": largest})
    return Check(expected, compare, tolerance)


def _hits(groups: np.ndarray, other: np.ndarray, left_out: np.ndarray) -> tuple[int, int]:
    """Return the number of groups of touching pixels that overlap with another mask, and the number of all groups."""
    from scipy import ndimage

    labels, _ = ndimage.label(groups, _TOUCHING)
    counted = np.setdiff1d(np.unique(labels[groups]), np.unique(labels[left_out & groups]))
    return int(np.isin(counted, labels[other & groups]).sum()), len(counted)
