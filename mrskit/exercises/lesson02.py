"""Exercises of lesson 02: raw exposures looked at by eye and with a few lines of numpy."""

from __future__ import annotations

import numpy as np

from mrskit.exercises import raw
from mrskit.exercises.checks import among, choice_is, near, near_array, overlap, text_matches, value_near
from mrskit.exercises.record import Answer, Exercise, Facts, Misconception


def _found_hot_pixels(answer: Answer, facts: Facts) -> bool:
    mask = np.asarray(answer.value, dtype=bool)
    hot = raw.hot_pixels(facts)
    return mask.shape == hot.shape and (mask & hot).sum() > 0.5 * mask.sum()


def _transposed(answer: Answer, facts: Facts) -> bool:
    return np.shape(answer.value) == (1032, 1024)


EXERCISES: tuple[Exercise, ...] = (
    Exercise(
        id="02-sci-shape",
        title="Axes of the raw data",
        question="Which shape has the array of the SCI extension, as numpy prints it? Give `shape`, an array of four "
        "whole numbers.",
        kind="array", unit=None, points=1, minutes=2,
        hints=(
            "`raw` holds the array; it knows its own shape.",
            "`raw.shape`: integrations, groups, rows, columns, in this order.",
        ),
        check=near_array(raw.shape),
        misconceptions=(
            Misconception(
                "fits-order", lambda answer, facts: list(np.ravel(answer.value)) == raw.shape(facts)[::-1],
                "This is the order of FITS (NAXIS1 first), which documents print. numpy counts the other way round: "
                "the slowest axis first.",
            ),
        ),
        judged_by="products",
    ),
    Exercise(
        id="02-refout-columns",
        title="The reference output",
        question="How many of the 1032 columns does each of the four data outputs read? Give `columns_per_output`, a "
        "whole number.",
        kind="scalar", unit=None, points=1, minutes=2,
        hints=(
            "Look at the last axis of the REFOUT extension.",
            "The four data outputs take turns from column to column.",
        ),
        check=near(1032 // 4),
        misconceptions=(
            value_near(
                1032 / 5,
                "Five amplifiers work at the same time, but the fifth reads no columns of the array: it is the "
                "reference output.",
                "five-outputs", abs=1.0,
            ),
            value_near(
                256,
                "256 is a quarter of 1024, the number of *rows*. The array has 1032 columns, eight of them reference "
                "pixels.",
                "rows-for-columns",
            ),
        ),
    ),
    Exercise(
        id="02-wrapped-pixels",
        title="Unsigned integers",
        question="In how many pixels does `raw[0, -1] - raw[0, 0]` of the unsigned integers come out wrong, because "
        "the last group is below the first? Give `wrapped`, a whole number.",
        kind="scalar", unit=None, points=2, minutes=4,
        hints=(
            "An unsigned 16-bit integer cannot be negative: 3 - 5 becomes 65534.",
            "Compare the two groups (`<`) before you subtract anything, and count how often the last one is smaller.",
        ),
        check=near(raw.wrapped),
        misconceptions=(
            value_near(raw.not_wrapped, "These are the pixels that come out right.", "the-others"),
            value_near(
                0,
                "The subtraction never gives a negative number, that is just the problem: compare the groups "
                "themselves.",
                "no-negatives",
            ),
        ),
        judged_by="products",
    ),
    Exercise(
        id="02-nucleus-column",
        title="The nucleus on the short detector",
        question="In which column of the *left* half of the detector (columns 4 to 507) is the nucleus brightest, in "
        "rows 462 to 561? Give `nucleus_column` (tolerance 2).",
        kind="scalar", unit=None, points=2, minutes=4,
        hints=(
            "Take the median over the rows `difference[462:562]`: cosmic rays and hot pixels fall out, the trace of "
            "the nucleus stays.",
            "`np.argmax` of that profile, restricted to columns 4 to 507. Mind that the index counts from where you "
            "cut.",
        ),
        check=near(raw.nucleus_columns, abs=2),
        misconceptions=(
            value_near(
                lambda facts: raw.nucleus_columns(facts) - 4,
                "You cut off the reference columns and did not add them again: the index counts from column 4.",
                "cut-offset", abs=1,
            ),
            value_near(
                raw.nucleus_column_on_the_right,
                "This is the nucleus in the other channel, in the right half of the detector.",
                "other-channel", abs=2,
            ),
        ),
        judged_by="truth",
    ),
    Exercise(
        id="02-line-row",
        title="An emission line on the long detector",
        question="In which row does the brightest emission line of the nucleus lie, in channel 3 on the long "
        "detector, rows 100 to 599? Give `line_row` (tolerance 3).",
        kind="scalar", unit=None, points=3, minutes=5,
        hints=(
            "Subtract a smooth curve (a running median over 61 rows) from `along_nucleus`; lines stand out, the "
            "continuum is gone.",
            "`np.argmax` of what is left, in rows 100 to 599. If a single pixel wins, it is a cosmic ray: check that "
            "its neighbours are bright too.",
        ),
        check=near(raw.line_rows, abs=3),
        misconceptions=(
            value_near(
                lambda facts: [row - raw.LINE_ROWS[0] for row in raw.line_rows(facts)],
                "The index counts from where you cut: add the first row again.",
                "cut-offset", abs=3,
            ),
        ),
        judged_by="truth",
    ),
    Exercise(
        id="02-line-name",
        title="Which line is it?",
        question='Which line of the list is it? Give its name as the text `line_name`, e.g. "[O IV]".',
        kind="text", unit=None, points=2, minutes=4,
        hints=(
            "Go from the row to the observed wavelength, then to the rest wavelength: the galaxy recedes.",
            "Rest wavelength = observed wavelength / (1 + 0.0225). The estimate is good to about 0.05 um.",
        ),
        check=text_matches('ne\\s*ii(?!\\s*i|\\s*v)'),
        misconceptions=(
            choice_is(
                ["[Ar V]", "Ar V", "[ArV] 13.102", "Ar V 13.102"],
                "[Ar V] has this *rest* wavelength. You see the line at this *observed* wavelength: divide by 1 + z "
                "first.",
                "no-redshift",
            ),
            choice_is(
                ["H2 S(2)", "H2S(2)", "S(2)"],
                "H2 S(2) would be observed at 12.555 um. Check in which direction wavelength runs on the long "
                "detector.",
                "direction",
            ),
        ),
    ),
    Exercise(
        id="02-line-extended",
        title="Is the line extended?",
        question="Is this line extended, and how do you see it? Give the letter as `extended`.",
        kind="choice", unit=None, points=2, minutes=3,
        hints=(
            "Compare the slices: where do you see the continuum of the nucleus, and where do you see the line?",
            "Neighbouring dashes at about the same row belong to different slices. Some of them have hardly any "
            "continuum beneath.",
        ),
        check=among("b"),
        misconceptions=(
            choice_is(
                "a",
                "Look also at the slices beside the brightest ones: the line is there without the nucleus.",
                "point-source",
            ),
            choice_is(
                "c",
                "Several rows are the width of the line in *wavelength* (and of the spectrograph), not on the sky.",
                "spectral-width",
            ),
            choice_is(
                "d",
                "Slices show the sky without any calibration. That is why one looks at raw data.",
                "needs-cube",
            ),
        ),
        choices=("a", "b", "c", "d"),
    ),
    Exercise(
        id="02-same-place",
        title="The same place in both exposures",
        question="A single pixel is bright in the science exposure, and the same pixel is bright in the background "
        "exposure. What is it? Give the letter as `nature`.",
        kind="choice", unit=None, points=1, minutes=2,
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
        id="02-hot-pixels",
        title="Hot pixels",
        question="Which pixels are hot? Give `hot`, a boolean array of shape (1024, 1032): true where a pixel "
        "collects more than 3 DN/s without light. At least 90 % of the hot pixels must be in it, and at most 10 % of "
        "it may be others.",
        kind="region", unit=None, points=3, minutes=5,
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
        kind="region", unit=None, points=4, minutes=8,
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
            ),
            Misconception(
                "hot-pixels", _found_hot_pixels,
                "Most of these pixels are hot: they gain much in *every* group. A hit is one group unlike the others.",
            ),
        ),
        judged_by="truth",
    ),
)  # fmt: skip
