"""Exercises of lesson 02: raw exposures by eye and with a few lines of numpy."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import label

from mrskit.course.lesson02_raw_overview import expected
from mrskit.exercises import boxes
from mrskit.exercises.checks import among, code, evaluate, near, near_array, overlap, text_matches
from mrskit.exercises.misconceptions import array_is, choice_is, code_agrees, value_near
from mrskit.exercises.record import Answer, Exercise, Facts, Misconception


def _found_hot_pixels(answer: Answer, facts: Facts) -> bool:
    mask = answer.array.astype(bool)
    hot = evaluate(expected.hot_pixels, facts)
    return mask.shape == hot.shape and bool((mask & hot).sum() > 0.5 * mask.sum())


def _marks_hot_pixels(answer: Answer, facts: Facts) -> bool:
    mask, hot = answer.array.astype(bool), evaluate(expected.hot_pixels, facts)
    if mask.shape != hot.shape or mask.mean() > 0.003:
        return False
    labels, count = label(mask, np.ones((3, 3)))
    return count > 0 and np.unique(labels[hot & mask]).size > 0.5 * count


def _swapped(answer: Answer, facts: Facts) -> bool:
    mask, tracks = answer.array.astype(bool), np.ma.getdata(evaluate(expected.tracks, facts))
    return mask.shape == tracks.shape and not (mask & tracks).any() and bool((expected.swapped(mask) & tracks).any())


def _noise_too(answer: Answer, facts: Facts) -> bool:
    """Return whether an answer contains most strong hits, and most other marked pixels are neither hit nor hot."""
    mask, hits = answer.array.astype(bool), evaluate(expected.hit_pixels, facts)
    if mask.shape != hits.shape or (mask & hits.data).sum() < 0.8 * hits.data.sum():
        return False
    others = mask & ~hits.data & ~np.ma.getmaskarray(hits)
    hot = evaluate(expected.hot_pixels, facts)
    return bool(others.sum() > 0.15 * mask.sum() and (others & ~hot).sum() > 0.5 * others.sum())


def _transposed(answer: Answer, facts: Facts) -> bool:
    return answer.array.shape == (1032, 1024)


FEATURES: tuple[Exercise, ...] = (
    Exercise(
        id="02-same-place",
        title="The same place in both exposures",
        question="""
        A single pixel is bright in the science exposure, and the *same* pixel is bright in the background exposure.
        What is it? Give the letter as `nature`.

        - `"a"`: a cosmic ray
        - `"b"`: a star
        - `"c"`: a hot pixel
        - `"d"`: an emission line
        """,
        kind="choice", unit=None, points=1, minutes=1,
        hints=(
            "The telescope pointed at two different fields.",
            "What stays with the detector, whatever the telescope looks at?",
        ),
        check=among("c"),
        misconceptions=(
            choice_is("a", "A cosmic ray hits by chance: a hit on the same pixel in two exposures is very improbable.",
                      "cosmic-ray"),
            choice_is("b", "A star would not be in both fields. Its image covers several pixels and its spectrum many "
                      "rows.", "star"),
            choice_is("d", "A line of the galaxy is absent from the background field, and covers several pixels.",
                      "line"),
        ),
        choices=("a", "b", "c", "d"),
        explanation="The telescope pointed at two different fields, so a signal that stays in one pixel comes from the "
                    "detector and not from the sky.",
    ),
    Exercise(
        id="02-robust-z",
        title="A measure that outliers do not affect",
        question="""
        Write `robust_z(frame)`. It returns the distance of every pixel from the median of the frame, divided by the
        scatter: 1.4826 × the median of the absolute distances. Ignore NaN pixels; they stay NaN. If the scatter is
        zero, return NaN everywhere. The result has the shape of the frame.
        """,
        kind="code", unit=None, points=3, minutes=4,
        hints=(
            "`np.nanmedian` ignores NaN. Compute the distances first; you need them twice.",
            "Subtract the median, then compute the median of the absolute values of the result (`np.abs`). Check that "
            "this median is not zero before you divide.",
        ),
        check=code(expected.robust_z),
        misconceptions=(
            code_agrees(expected.plain_z, "You used mean and standard deviation. One hot pixel changes both and so "
                        "hides itself and other outliers. Use medians.", "mean-and-std"),
            code_agrees(expected.bare_mad, "The factor 1.4826 is missing: it makes the median deviation of Gaussian "
                        "noise equal to its standard deviation.", "no-factor"),
        ),
        probes=expected.robust_z_probes,
        explanation="Medians follow the bulk of the pixels, so a few outliers of any size change neither the centre "
                    "nor the scatter.",
    ),
    Exercise(
        id="02-limit",
        title="A limit for outliers",
        question="""
        Choose a limit: above how many robust standard deviations do you call a pixel of `background_difference` an
        outlier? No more than one in a hundred of your outliers should be Gaussian noise. Your outliers should include
        four in five of the pixels above 5. With Gaussian noise, the share `scipy.stats.norm.sf(limit)` of all pixels is
        above a limit. Give `limit`, a number.
        """,
        kind="scalar", unit=None, points=2, minutes=3,
        hints=(
            "For each limit, compare two numbers: how many pixels are above it, and how many of them noise explains.",
            "The second number is the share times the 1024 x 1032 pixels. Try 3, 4, 5, 7, 10 and 20.",
        ),
        check=expected.own_limit,
        misconceptions=(
            value_near(3, "Three sigma is a good limit for one measurement. In a million pixels, noise alone brings "
                       "more than a thousand above it.", "three-sigma", abs=0.3),
            value_near(1000, "Only the very brightest pixels are above such a limit. Most outliers are fainter.",
                       "too-high", rel=0.9),
        ),
        judged_by="products",
        explanation="As the limit rises, the share of noise falls by powers of ten, but the number of outliers falls "
                    "only slowly. So a wide range of limits is good. With more pixels, this range begins higher.",
    ),
    Exercise(
        id="02-hot-pixels",
        title="Hot pixels",
        question="""
        Which pixels are hot? Give `hot`, a boolean array of shape (1024, 1032): true where a pixel collects more than 3
        DN/s without light. `seconds` is the time between first and last group. Mark at least {completeness} of the hot
        pixels. At most {false} of your marked pixels may not be hot.
        """,
        kind="region", unit=None, points=3, minutes=3,
        hints=(
            "A hot pixel is bright in *both* exposures. Which of the two values must be above the limit?",
            "Use the smaller value, `np.minimum(difference, background_difference)`. Divide it by the time between "
            "first and last group and compare the result with 3.",
        ),
        check=overlap(expected.hot_pixels, completeness=0.9, false=0.1),
        misconceptions=(
            Misconception(
                "transposed", _transposed,
                "The shape is (columns, rows). numpy images are [row, column]: (1024, 1032).",
                example=lambda facts: np.zeros((1032, 1024), dtype=bool),
            ),
        ),
        judged_by="truth",
        explanation="Light and cosmic rays differ between the two exposures, but the dark current is in both. So the "
                    "smaller value is the pixel's own dark current.",
    ),
    Exercise(
        id="02-tracks",
        title="Tracks of cosmic rays, found by eye",
        question="""
        Which specks in rows 600 to 719 and columns 20 to 199 of the *background* exposure (first integration) are
        cosmic rays? Give `boxes`, a list of pixel ranges (first row, last row, first column, last column). Mark at
        least {completeness} of the hits above 100 DN. At most {false} of the boxes may be without a hit, and all boxes
        together may cover at most {largest} of the image.
        """,
        kind="region", unit=None, points=2, minutes=7,
        hints=(
            "Hot pixels are at the same place in both frames. A speck in only one frame came from outside.",
            "In numbers: bright (more than 100 DN) in `background_difference` and not in `difference`. A box may be a "
            "pixel or two larger than the speck.",
        ),
        check=boxes.finds(expected.tracks, completeness=0.6, false=0.4, largest=0.003),
        misconceptions=(
            Misconception(
                "hot-pixels", _marks_hot_pixels,
                "Most of these specks are hot pixels: they are also in the science exposure, at the same place. Look "
                "for specks that are only in the background exposure.",
                example=lambda facts: expected.hot_pixels(facts) & ~np.ma.getmaskarray(expected.tracks(facts)),
            ),
            Misconception(
                "swapped", _swapped,
                "You exchanged rows and columns: your boxes lie on specks if the numbers are swapped. The order is "
                "(first row, last row, first column, last column), and rows are on the vertical axis.",
                example=lambda facts: expected.swapped(np.ma.getdata(expected.tracks(facts))),
            ),
            Misconception(
                "everything", lambda answer, facts: bool(answer.array.mean() > 0.003),
                "The boxes cover too much. Draw each box around a single speck.",
                example=lambda facts: np.ones((1024, 1032), dtype=bool),
            ),
        ),
        judged_by="truth",
        explanation="A particle arrives once, so its track is in only one exposure. A repeated signal is not a hit.",
    ),
    Exercise(
        id="02-cosmic-rays",
        title="Cosmic rays",
        question="""
        Which pixels of the science exposure were hit? Give `hit`, a boolean array of shape (1024, 1032), true where the
        signal jumped in any group. Mark at least {completeness} of the hits above 100 DN. At most {false} of your
        marked pixels may be pixels that were never hit.
        """,
        kind="region", unit=None, points=4, minutes=6,
        hints=(
            "`np.diff(ramp, axis=1)` is the signal that each group gained. In a hit, one group gained much more than "
            "the other groups of the same pixel.",
            "For each pixel, subtract the median of these differences along the groups. Mark pixels where any group "
            "then exceeds about 80 DN. Leave out saturated pixels: their median is not reliable.",
        ),
        check=overlap(expected.hit_pixels, completeness=0.8, false=0.15),
        misconceptions=(
            Misconception(
                "transposed", _transposed,
                "The shape is (columns, rows). numpy images are [row, column]: (1024, 1032).",
                example=lambda facts: np.zeros((1032, 1024), dtype=bool),
            ),
            Misconception(
                "hot-pixels", _found_hot_pixels,
                "Most of these pixels are hot: they gain much in *every* group. In a hit, only one group gains much.",
                example=expected.hot_pixels,
            ),
            Misconception(
                "noise-too", _noise_too,
                "You found the hits, but most of your other pixels were not hit and are not hot. They are noise or "
                "full pixels. Raise the limit by about 20 DN, and leave out pixels above 50,000 DN.",
                example=lambda facts: expected.hit_pixels(facts).data | (np.arange(1032) % 50 == 0),
            ),
        ),
        judged_by="truth",
        explanation="The median over the groups is the steady gain of the pixel from light and dark current. A signal "
                    "that stands out in one group arrived in one moment.",
    ),
)  # fmt: skip


EXERCISES: tuple[Exercise, ...] = (
    Exercise(
        id="02-sci-shape",
        title="Axes of the raw data",
        question="""
        What is the shape of the array in the SCI extension, as numpy prints it? Give `shape`, an array of four whole
        numbers.
        """,
        kind="array", unit=None, points=1, minutes=1,
        hints=(
            "The array is `raw`. An array has an attribute for its shape.",
            "`raw.shape`: integrations, groups, rows, columns, in this order.",
        ),
        check=near_array(expected.shape),
        misconceptions=(
            Misconception(
                "fits-order",
                lambda answer, facts: answer.array.ravel().tolist() == evaluate(expected.shape, facts)[::-1],
                "This is the order of FITS (NAXIS1 first), which documents show. numpy uses the opposite order, with "
                "the slowest axis first.", example=lambda facts: expected.shape(facts)[::-1],
            ),
        ),
        judged_by="products",
        explanation="numpy puts the axis that changes fastest in memory last, and FITS puts it first. The data are the "
                    "same; only the order of the axes is reversed.",
    ),
    Exercise(
        id="02-wrapped-pixels",
        title="Unsigned integers",
        question="""
        Unsigned integers have no negative values, so `raw[0, -1] - raw[0, 0]` is wrong where the last group is below
        the first. In how many pixels does this happen? Give `wrapped`, a whole number.
        """,
        kind="scalar", unit=None, points=2, minutes=3,
        hints=(
            "An unsigned 16-bit integer cannot be negative: 3 - 5 becomes 65534.",
            "Compare the two groups (`<`) before you subtract anything, and count how often the last group is smaller.",
        ),
        check=near(expected.wrapped),
        misconceptions=(
            value_near(expected.not_wrapped, "In these pixels the subtraction is right.", "the-others", rel=1e-3),
            value_near(0, "The subtraction never gives a negative number: compare the groups themselves.",
                       "no-negatives"),
        ),
        judged_by="products",
        explanation="MIRI's first and last groups are offset from the line through the other groups. The offset is "
                    "larger than the signal that most pixels collect, so the signal of nearly every pixel seems to "
                    "fall.",
    ),
    Exercise(
        id="02-interference",
        title="The frequency of the bands",
        question="""
        The bands are a wave in time. What is its frequency? Give `frequency` in {unit} (tolerance {tolerance}), from
        `background_difference`. The detector reads one row every 0.00271 s.
        """,
        kind="quantity", unit="Hz", points=3, minutes=4,
        hints=(
            "The median over the columns of each row leaves the bands and removes single bright pixels. Plot this "
            "median, and count its waves over the 1024 rows.",
            "Divide the number of waves by the time of 1024 rows of 0.00271 s each. Or use `np.fft.rfft`: "
            "`np.fft.rfftfreq(1024, 0.00271)` gives its frequencies. Leave out the lowest frequencies.",
        ),
        check=near(expected.interference, abs=0.3),
        misconceptions=(
            value_near(lambda facts: 1 / evaluate(expected.interference, facts), "This is the period in seconds. The "
                       "frequency is its inverse.", "period", abs=0.005),
            value_near(lambda facts: 1 / (evaluate(expected.interference, facts) * expected.ROW_TIME), "This is the "
                       "period in rows. How long does the readout of this number of rows take?", "rows", abs=2.0),
            value_near(lambda facts: 1024 * expected.ROW_TIME * evaluate(expected.interference, facts), "This is the "
                       "number of waves in a frame. Divide it by the time of a frame.", "waves", abs=1.5),
        ),
        judged_by="products",
        explanation="The detector is read row by row, so an electronic wave in time becomes bands on the image. The "
                    "step emicorr fits the wave and subtracts it.",
    ),
    Exercise(
        id="02-nucleus-column",
        title="The nucleus on the short detector",
        question="""
        Now use the *short* detector (the array `difference`). In which column of its **left half** (columns 4 to 507)
        is the nucleus brightest, in rows 462 to 561? Give `nucleus_column` (tolerance {tolerance}).
        """,
        kind="scalar", unit=None, points=2, minutes=3,
        hints=(
            "Compute the median over the rows `difference[462:562]`. It removes cosmic rays and hot pixels and keeps "
            "the trace of the nucleus.",
            "Use `np.argmax` on that profile, restricted to columns 4 to 507. The index then counts from the first "
            "column that you kept.",
        ),
        check=near(expected.nucleus_columns, abs=2),
        misconceptions=(
            value_near(lambda facts: expected.nucleus_columns(facts) - 4, "You cut off the reference columns and did "
                       "not add them again: the index counts from column 4.", "cut-offset", abs=1),
            value_near(expected.nucleus_column_on_the_right, "This is the nucleus in the other channel, in the right "
                       "half of the detector.", "other-channel"),
        ),
        judged_by="truth",
        explanation="The continuum of a compact source falls on the same columns in all rows. So a median over rows "
                    "keeps the continuum and removes outliers in single pixels.",
    ),
    Exercise(
        id="02-sky-glow",
        title="The glow of sky and telescope",
        question="""
        How fast do the pixels of channel 4 (columns 4 to 459) and of channel 3 (columns 516 to 1023) fill up in the
        *background* exposure, above the rate of the dark strip? Give `glow`, an array [channel 4, channel 3] in {unit}
        (tolerance {tolerance}). Use clipped means over rows 462 to 561 of `rate`.
        """,
        kind="array", unit="DN / s", points=2, minutes=3,
        hints=(
            "`sigma_clipped_stats(rate)` returns mean, median and scatter without outliers. Call it for three ranges "
            "of columns.",
            "Columns 4 to 459 are channel 4, 480 to 511 are the dark strip, and 516 to 1023 are channel 3. Subtract "
            "the mean of the strip from the other two.",
        ),
        check=near_array(expected.sky_glow, abs=0.03),
        misconceptions=(
            array_is(expected.with_dark, "Part of this rate is dark current, not light. Subtract the rate of the dark "
                     "strip.", "dark-included"),
            array_is(lambda facts: evaluate(expected.sky_glow, facts)[::-1], "Channel 4 is the *left* half of the long "
                     "detector, and channel 3 is the right half.", "exchanged"),
        ),
        judged_by="products",
        explanation="The dark strip collects only dark current, so the difference is light from the sky and the "
                    "telescope. At long wavelengths most of it comes from the warm telescope.",
    ),
    Exercise(
        id="02-line-row",
        title="An emission line on the long detector",
        question="""
        Which row from 100 to 599 contains the brightest emission line of the nucleus? Give `line_row` (tolerance
        {tolerance}).
        """,
        kind="scalar", unit=None, points=3, minutes=4,
        hints=(
            "Subtract a smooth curve from `along_nucleus`, e.g. a running median over 61 rows "
            "(`scipy.ndimage.median_filter`). This removes the continuum and keeps the lines.",
            "Use `np.argmax` on the difference in rows 100 to 599. If only a single pixel is bright, it is a cosmic "
            "ray: check that its neighbours are bright too.",
        ),
        check=near(expected.line_rows, abs=3),
        misconceptions=(
            value_near(lambda facts: [row - expected.LINE_ROWS[0] for row in expected.line_rows(facts)], "The index "
                       "counts from the first row that you kept: add the number of that row.", "cut-offset"),
            value_near(lambda facts: [1023 - row for row in expected.line_rows(facts)], "This row is counted from the "
                       "top. Row 0 is at the bottom, as in the array.", "other-end"),
        ),
        judged_by="truth",
        explanation="A running median over many rows follows continuum and fringes and ignores a feature of a few "
                    "rows. So the line remains in the difference.",
    ),
    Exercise(
        id="02-line-name",
        title="Which line is it?",
        question="""
        Which of these lines is it? Give `line_name`, the text of the line as in the table.
        """,
        kind="text", unit=None, points=2, minutes=3,
        hints=(
            "Go from the row to the observed wavelength, then to the rest wavelength: the galaxy recedes.",
            "Rest wavelength = observed wavelength / (1 + z). The linear rule is accurate to 0.04 um.",
        ),
        check=text_matches(expected.line_name),
        misconceptions=(
            choice_is(["[Ar V]", "Ar V", "[ArV] 13.102", "Ar V 13.102"], "[Ar V] has this *rest* wavelength. You see "
                      "a line near this *observed* wavelength: divide it by 1 + z first.", "no-redshift"),
            choice_is(["H2 S(2)", "H2S(2)", "S(2)"], "H2 S(2) is at a shorter wavelength. Check in which direction "
                      "wavelength increases on the long detector.", "direction"),
        ),
        judged_by="truth",
        explanation="The observed wavelength is longer by the factor 1 + z. So you divide it by 1 + z before you "
                    "compare it with rest wavelengths.",
    ),
    Exercise(
        id="02-line-extended",
        title="Is the line extended?",
        question="""
        Is the line extended on the sky, and how can you tell? Give the letter as `extended`.

        - `"a"`: no, the line is only where the nucleus is bright
        - `"b"`: yes, its spots are also in slices where the nucleus is faint or absent
        - `"c"`: yes, because each spot is several rows tall
        - `"d"`: you cannot know before you have a cube
        """,
        kind="choice", unit=None, points=2, minutes=2,
        hints=(
            "Compare the slices: where do you see the continuum of the nucleus, and where do you see the line?",
            "Neighbouring spots at about the same row belong to different slices. Some of these slices have hardly any "
            "continuum.",
        ),
        check=among("b"),
        misconceptions=(
            choice_is("a", "Look also at the slices next to the brightest slices: they show the line without the "
                      "nucleus.", "point-source"),
            choice_is("c", "The height in rows is the width of the line in *wavelength* (and the resolution), not its "
                      "size on the sky.", "spectral-width"),
            choice_is("d", "Slices show the sky without any calibration. That is why you look at raw data.",
                      "needs-cube"),
        ),
        choices=("a", "b", "c", "d"),
        explanation="Each slice is a different strip of the sky. The line is bright in strips without the nucleus, so "
                    "gas emits there.",
    ),
    *FEATURES,
)  # fmt: skip
