"""Exercises of the second toy lesson: an array, a region, a text."""

import numpy as np

from mrskit.exercises.checks import near_array, overlap, text_matches
from mrskit.exercises.record import Exercise

EXERCISES = (
    Exercise(
        "02-ramp", "A ramp", "Four samples of 2 DN/s x t, in {unit}, tolerance {tolerance}.", "array", "DN", 2, 1,
        ("numpy.arange.", "Times two."),
        near_array(lambda facts: 2.0 * np.arange(4), abs=0.1),
    ),
    Exercise(
        "02-bright", "Bright pixels", "Mark the pixels above 3 DN: {completeness} of them, and at most {false} others.",
        "region", None, 2, 1, ("Use >.", "A boolean array."),
        overlap(lambda facts: np.arange(12).reshape(3, 4) > 3), judged_by="truth",
    ),
    Exercise(
        "02-words", "A word", "What is NaN short for?", "text", None, 1, 1, ("Three words.", "... a number."),
        text_matches("not a number"),
    ),
)  # fmt: skip
