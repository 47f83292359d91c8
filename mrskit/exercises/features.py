"""Exercises on features of the detector: bad pixels and cosmic rays (part of lesson 02)."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import label

from mrskit.exercises import boxes, raw
from mrskit.exercises.checks import among, choice_is, code, code_agrees, evaluate, overlap
from mrskit.exercises.record import Answer, Exercise, Facts, Misconception


def _found_hot_pixels(answer: Answer, facts: Facts) -> bool:
    mask = np.asarray(answer.value, dtype=bool)
    hot = evaluate(raw.hot_pixels, facts)
    return mask.shape == hot.shape and (mask & hot).sum() > 0.5 * mask.sum()


def _marks_hot_pixels(answer: Answer, facts: Facts) -> bool:
    mask, hot = np.asarray(answer.value, dtype=bool), evaluate(raw.hot_pixels, facts)
    if mask.shape != hot.shape or mask.mean() > 0.003:
        return False
    labels, count = label(mask, np.ones((3, 3)))
    return count > 0 and np.unique(labels[hot & mask]).size > 0.5 * count


def _transposed(answer: Answer, facts: Facts) -> bool:
    return np.shape(answer.value) == (1032, 1024)


FEATURES: tuple[Exercise, ...] = (
    Exercise(
        id="02-same-place",
        title="The same place in both exposures",
        question="A single pixel is bright in the science exposure, and the same pixel is bright in the background "
        "exposure. What is it? Give the letter as `nature`.",
        kind="choice", unit=None, points=1, minutes=1,
        hints=(
            "The telescope pointed to two different fields.",
            "What stays with the detector, whatever the telescope looks at?",
        ),
        check=among("c"),
        misconceptions=(
            choice_is(
                "a",
                "A cosmic ray hits by chance: the same pixel in two exposures is very improbable.",
                "cosmic-ray",
            ),
            choice_is(
                "b",
                "A star would not be in both fields, and its image covers several pixels and, as a spectrum, many "
                "rows.",
                "star",
            ),
            choice_is(
                "d",
                "A line of the galaxy is absent in the background field, and covers several pixels.",
                "line",
            ),
        ),
        choices=("a", "b", "c", "d"),
    ),
    Exercise(
        id="02-robust-z",
        title="A yardstick that outliers do not bend",
        question="Write `robust_z(frame)`: the distance of every pixel from the median of the frame, divided by 1.4826 "
        "x the median of the absolute distances. NaN pixels do not count and stay NaN. Where that scatter is zero, "
        "return NaN everywhere. The result has the shape of the frame.",
        kind="code", unit=None, points=3, minutes=4,
        hints=(
            "`np.nanmedian` leaves out NaN. Work out the distances first; you need them twice.",
            "`distance = frame - np.nanmedian(frame)`, then the median of `np.abs(distance)`. Test it for zero before "
            "you divide.",
        ),
        check=code(raw.robust_z),
        misconceptions=(
            code_agrees(raw.plain_z, "Mean and standard deviation: one hot pixel moves both, and hides itself and "
                        "others. Use medians.", "mean-and-std"),
            code_agrees(raw.bare_mad, "The factor 1.4826 is missing: it makes the median deviation of Gaussian noise "
                        "equal to its standard deviation.", "no-factor"),
        ),
        probes=raw.robust_z_probes,
    ),
    Exercise(
        id="02-hot-pixels",
        title="Hot pixels",
        question="Which pixels are hot? Give `hot`, a boolean array of shape (1024, 1032): true where a pixel "
        "collects more than 3 DN/s without light. At least 90 % of the hot pixels must be in it, and at most 10 % of "
        "it may be others.",
        kind="region", unit=None, points=3, minutes=3,
        hints=(
            "A hot pixel is bright in *both* exposures. Which of the two values must be above the limit?",
            "Take the smaller one, `np.minimum(difference, background_difference)`, divide by the time between first "
            "and last group, compare with 3.",
        ),
        check=overlap(raw.hot_pixels, completeness=0.9, false=0.1),
        misconceptions=(
            Misconception(
                "transposed", _transposed,
                "The shape is (columns, rows). numpy images are [row, column]: (1024, 1032).",
                example=lambda facts: np.zeros((1032, 1024), dtype=bool),
            ),
        ),
        judged_by="truth",
    ),
    Exercise(
        id="02-tracks",
        title="Tracks of cosmic rays, by eye",
        question="Blink the window of rows 600 to 719 and columns 20 to 199. Which specks of the *background* "
        "exposure, in its first integration, are cosmic rays? Give `boxes`, a list of pixel ranges (first row, last "
        "row, first column, last column), made into the region `marked`. Six of ten strong hits must be marked, and "
        "at most four of ten boxes may hold none.",
        kind="region", unit=None, points=2, minutes=2,
        hints=(
            "Hot pixels are in both frames at the same place. What is in one frame alone came from outside.",
            "In numbers: bright (more than 100 DN) in `background_difference` and not in `difference`. A box may be a "
            "pixel or two larger than the speck.",
        ),
        check=boxes.finds(raw.tracks, completeness=0.6, false=0.4, largest=0.003),
        misconceptions=(
            Misconception(
                "hot-pixels", _marks_hot_pixels,
                "Most of these specks are in the science exposure too, at the same place: hot pixels. Look for those "
                "that are in the background exposure alone.",
                example=lambda facts: raw.hot_pixels(facts) & ~np.ma.getmaskarray(raw.tracks(facts)),
            ),
            Misconception(
                "everything", lambda answer, facts: np.mean(answer.value) > 0.003,
                "The boxes cover too much: who marks everything has found nothing. Draw each one around a single "
                "speck.",
                example=lambda facts: np.ones((1024, 1032), dtype=bool),
            ),
        ),
        judged_by="truth",
    ),
    Exercise(
        id="02-cosmic-rays",
        title="Cosmic rays",
        question="Which pixels of the science exposure were hit by a cosmic ray? Give `hit`, a boolean array of shape "
        "(1024, 1032), true where the signal jumped in any group. At least 80 % of the hits above 100 DN must be in "
        "it; at most 15 % of it may be pixels that were never hit.",
        kind="region", unit=None, points=4, minutes=3,
        hints=(
            "`np.diff(ramp, axis=1)` is the signal that each group gained. A hit is one group that gained much more "
            "than the others of the same pixel.",
            "Subtract from these differences their median along the groups, per pixel. Mark pixels where any group "
            "then exceeds some 80 DN, and leave out those that saturate: their median is no good.",
        ),
        check=overlap(raw.hit_pixels, completeness=0.8, false=0.15),
        misconceptions=(
            Misconception(
                "transposed", _transposed,
                "The shape is (columns, rows). numpy images are [row, column]: (1024, 1032).",
                example=lambda facts: np.zeros((1032, 1024), dtype=bool),
            ),
            Misconception(
                "hot-pixels", _found_hot_pixels,
                "Most of these pixels are hot: they gain much in *every* group. A hit is one group unlike the others.",
                example=raw.hot_pixels,
            ),
        ),
        judged_by="truth",
    ),
)  # fmt: skip
