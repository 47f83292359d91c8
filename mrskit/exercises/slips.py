"""Misconceptions of exercises that ask for an array or a region: known wrong ones, recognised whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import Unpack

import numpy as np

from mrskit.exercises.checks import Own, allowed, evaluate
from mrskit.exercises.record import Answer, Facts, Misconception


def array_is(expected: Callable[[Facts], np.ndarray], message: str, name: str, **own: Unpack[Own]) -> Misconception:
    """Return the misconception of learners who hand in this array, NaN where it is NaN; see `checks.allowed`."""

    def matches(answer: Answer, facts: Facts) -> bool:
        wanted, value = (np.asarray(item, dtype=float) for item in (evaluate(expected, facts), answer.array))
        return value.shape == wanted.shape and bool(
            np.all(allowed(answer, own).holds(value, wanted) | (np.isnan(value) & np.isnan(wanted)))
        )

    return Misconception(name, matches, message, expected)


def region_is(expected: Callable[[Facts], np.ndarray], message: str, name: str) -> Misconception:
    """Return the misconception of learners who hand in this mask."""

    def matches(answer: Answer, facts: Facts) -> bool:
        return np.array_equal(answer.array, evaluate(expected, facts))

    return Misconception(name, matches, message, expected)
