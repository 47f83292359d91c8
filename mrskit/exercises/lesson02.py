"""Exercises of lesson 02: raw exposures looked at by eye and with a few lines of numpy."""

from __future__ import annotations

import numpy as np

from mrskit.exercises import raw
from mrskit.exercises.checks import among, choice_is, evaluate, near, near_array, text_matches, value_near
from mrskit.exercises.features import FEATURES
from mrskit.exercises.record import Exercise, Misconception

EXERCISES: tuple[Exercise, ...] = (
    Exercise(
        id="02-sci-shape",
        title="Axes of the raw data",
        question="Which shape has the array of the SCI extension, as numpy prints it? Give `shape`, an array of four "
        "whole numbers.",
        kind="array", unit=None, points=1, minutes=1,
        hints=(
            "`raw` holds the array; it knows its own shape.",
            "`raw.shape`: integrations, groups, rows, columns, in this order.",
        ),
        check=near_array(raw.shape),
        misconceptions=(
            Misconception(
                "fits-order", lambda answer, facts: list(np.ravel(answer.value)) == evaluate(raw.shape, facts)[::-1],
                "This is the order of FITS (NAXIS1 first), which documents print. numpy counts the other way round: "
                "the slowest axis first.",
                example=lambda facts: raw.shape(facts)[::-1],
            ),
        ),
        judged_by="products",
    ),
    Exercise(
        id="02-output-drift",
        title="Reference pixels of the four outputs",
        question="By how much do the reference pixels of each of the four data outputs rise from group 1 to the last "
        "but one (`raw[0, -2]` minus `raw[0, 1]`), on average? Give `drift`, an array of four numbers in DN (tolerance "
        "0.1 DN), output 1 first.",
        kind="array", unit=None, points=2, minutes=3,
        hints=(
            "The outputs take turns: the reference pixels of output 1 are in columns 0 and 1028, those of output 2 in "
            "columns 1 and 1029, and so on.",
            "Convert to float, subtract the two groups, take the mean over the rows; then average columns `k` and "
            "`1028 + k` for k = 0 to 3.",
        ),
        check=near_array(raw.output_drift, abs=0.1),
        misconceptions=(
            Misconception(
                "wrapped", lambda answer, facts: np.nanmax(np.abs(answer.value)) > 100,
                "Thousands of DN? Unsigned integers have no negative values, 3 - 5 becomes 65534. Convert to float "
                "before you subtract.",
                example=lambda facts: raw.output_drift(facts) % 65536 + 32768.0,
            ),
            Misconception(
                "sign", lambda answer, facts: np.allclose(answer.value, -evaluate(raw.output_drift, facts), atol=0.1),
                "The sign is the other one: later group minus earlier group.",
                example=lambda facts: -raw.output_drift(facts),
            ),
            Misconception(
                "one-value", lambda answer, facts: np.ptp(answer.value) < 1e-6,
                "One average of all reference pixels hides what you look for: each output drifts in its own way.",
                example=lambda facts: np.full(4, raw.output_drift(facts).mean()),
            ),
        ),
        judged_by="products",
    ),
    Exercise(
        id="02-wrapped-pixels",
        title="Unsigned integers",
        question="In how many pixels does `raw[0, -1] - raw[0, 0]` of the unsigned integers come out wrong, because "
        "the last group is below the first? Give `wrapped`, a whole number.",
        kind="scalar", unit=None, points=2, minutes=3,
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
        kind="scalar", unit=None, points=2, minutes=3,
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
        id="02-sky-glow",
        title="The glow of sky and telescope",
        question="How fast do the pixels of channel 4 and of channel 3 fill up on the background exposure of the long "
        "detector, above the rate of the dark strip between the channels? Give `glow`, an array [channel 4, channel 3] "
        "in DN/s (tolerance 0.03 DN/s): clipped means over rows 462 to 561, of the rate between group 3 and the last "
        "but one.",
        kind="array", unit="DN / s", points=2, minutes=3,
        hints=(
            "`sigma_clipped_stats(rate)` returns mean, median and scatter after leaving out outliers. You need it for "
            "three ranges of columns.",
            "Columns 4 to 459 are channel 4, 480 to 511 the dark strip, 516 to 1023 channel 3. Subtract the mean of "
            "the strip from the other two.",
        ),
        check=near_array(raw.sky_glow, abs=0.03),
        misconceptions=(
            Misconception(
                "dark-included",
                lambda answer, facts: np.allclose(answer.value, evaluate(raw.with_dark, facts), atol=0.03),
                "Part of this rate is there without light, the dark current. Subtract the rate of the dark strip.",
                example=raw.with_dark,
            ),
            Misconception(
                "exchanged",
                lambda answer, facts: np.allclose(answer.value, evaluate(raw.sky_glow, facts)[::-1], atol=0.03),
                "Channel 4 is the *left* half of the long detector, channel 3 the right one.",
                example=lambda facts: raw.sky_glow(facts)[::-1],
            ),
        ),
        judged_by="products",
    ),
    Exercise(
        id="02-line-row",
        title="An emission line on the long detector",
        question="In which row does the brightest emission line of the nucleus lie, in channel 3 on the long "
        "detector, rows 100 to 599? Give `line_row` (tolerance 3).",
        kind="scalar", unit=None, points=3, minutes=4,
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
        kind="text", unit=None, points=2, minutes=3,
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
        kind="choice", unit=None, points=2, minutes=2,
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
    *FEATURES,
)  # fmt: skip
