"""Exercises of lesson 02: raw exposures looked at by eye and with a few lines of numpy."""

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
    """Return whether most strong hits were found, and most of the rest is neither hit nor hot."""
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
            "The telescope pointed to two different fields.",
            "What stays with the detector, whatever the telescope looks at?",
        ),
        check=among("c"),
        misconceptions=(
            choice_is("a", "A cosmic ray hits by chance: the same pixel in two exposures is very improbable.",
                      "cosmic-ray"),
            choice_is("b", "A star would not be in both fields, and its image covers several pixels and, as a "
                      "spectrum, many rows.", "star"),
            choice_is("d", "A line of the galaxy is absent in the background field, and covers several pixels.",
                      "line"),
        ),
        choices=("a", "b", "c", "d"),
        explanation="The telescope pointed to two different fields, so what stays at one pixel belongs to the "
                    "detector and not to the sky.",
    ),
    Exercise(
        id="02-robust-z",
        title="A yardstick that outliers do not bend",
        question="""
        Write `robust_z(frame)`: the distance of every pixel from the median of the frame, divided by 1.4826 × the
        median of the absolute distances. Ignore NaN pixels; they stay NaN. Where that scatter is zero, return NaN
        everywhere. The result has the shape of the frame.
        """,
        kind="code", unit=None, points=3, minutes=4,
        hints=(
            "`np.nanmedian` leaves out NaN. Work out the distances first; you need them twice.",
            "Subtract the median, and take the median of the absolute values of the result (`np.abs`). Test it for "
            "zero before you divide.",
        ),
        check=code(expected.robust_z),
        misconceptions=(
            code_agrees(expected.plain_z, "Mean and standard deviation: one hot pixel moves both, and hides itself and "
                        "others. Use medians.", "mean-and-std"),
            code_agrees(expected.bare_mad, "The factor 1.4826 is missing: it makes the median deviation of Gaussian "
                        "noise equal to its standard deviation.", "no-factor"),
        ),
        probes=expected.robust_z_probes,
        explanation="Medians follow the bulk of the pixels, so a few outliers of any size change neither the centre "
                    "nor the scatter.",
    ),
    Exercise(
        id="02-limit",
        title="How far is far?",
        question="""
        Choose the limit yourself: above how many robust standard deviations do you call a pixel of
        `background_difference` an outlier? No more than one in a hundred of your outliers should be Gaussian noise, and
        four in five of the pixels above 5 should be among them. Gaussian noise puts the share
        `scipy.stats.norm.sf(limit)` of all pixels above a limit. Give `limit`, a number.
        """,
        kind="scalar", unit=None, points=2, minutes=3,
        hints=(
            "For a limit, compare two numbers: how many pixels lie above it, and how many would do so by noise alone.",
            "The second number is the share times all 1024 x 1032 pixels. Try 3, 4, 5, 7, 10 and 20.",
        ),
        check=expected.own_limit,
        misconceptions=(
            value_near(3, "Three sigma is a good limit for one measurement. Of a million pixels noise alone puts more "
                       "than a thousand above it.", "three-sigma", abs=0.3),
            value_near(1000, "Only the very brightest pixels are above such a limit. Most outliers are fainter.",
                       "too-high", rel=0.9),
        ),
        judged_by="products",
        explanation="The share of noise falls by powers of ten with the limit, the number of outliers only slowly. So "
                    "there is a wide range of good limits, and it begins higher the more pixels you look at.",
    ),
    Exercise(
        id="02-hot-pixels",
        title="Hot pixels",
        question="""
        Which pixels are hot? Give `hot`, a boolean array of shape (1024, 1032): true where a pixel collects more than 3
        DN/s without light. `seconds` is the time between first and last group. At least {completeness} of the hot
        pixels must be in it, and at most {false} of it may be others.
        """,
        kind="region", unit=None, points=3, minutes=3,
        hints=(
            "A hot pixel is bright in *both* exposures. Which of the two values must be above the limit?",
            "Take the smaller one, `np.minimum(difference, background_difference)`, divide by the time between first "
            "and last group, compare with 3.",
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
        explanation="Light and cosmic rays differ between the two exposures; a dark current is in both. So the "
                    "smaller value is what the pixel collects by itself.",
    ),
    Exercise(
        id="02-tracks",
        title="Tracks of cosmic rays, by eye",
        question="""
        Which specks of the *background* exposure (its first integration) in rows 600 to 719 and columns 20 to 199 are
        cosmic rays? Give `boxes`, a list of pixel ranges (first row, last row, first column, last column). At
        least {completeness} of the hits above 100 DN must be marked; at most {false} of the boxes may hold none, and
        they may cover at most {largest} of the image.
        """,
        kind="region", unit=None, points=2, minutes=7,
        hints=(
            "Hot pixels are in both frames at the same place. What is in one frame alone came from outside.",
            "In numbers: bright (more than 100 DN) in `background_difference` and not in `difference`. A box may be a "
            "pixel or two larger than the speck.",
        ),
        check=boxes.finds(expected.tracks, completeness=0.6, false=0.4, largest=0.003),
        misconceptions=(
            Misconception(
                "hot-pixels", _marks_hot_pixels,
                "Most of these specks are in the science exposure too, at the same place: hot pixels. Look for those "
                "that are in the background exposure alone.",
                example=lambda facts: expected.hot_pixels(facts) & ~np.ma.getmaskarray(expected.tracks(facts)),
            ),
            Misconception(
                "swapped", _swapped,
                "Rows and columns are exchanged: your boxes lie on specks when the numbers change places. The order is "
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
        explanation="A particle arrives once, so its track is in one exposure only; whatever repeats is the detector.",
    ),
    Exercise(
        id="02-cosmic-rays",
        title="Cosmic rays",
        question="""
        Which pixels of the science exposure were hit? Give `hit`, a boolean array of shape (1024, 1032), true where the
        signal jumped in any group. At least {completeness} of the hits above 100 DN must be in it; at most {false} of
        it may be pixels that were never hit.
        """,
        kind="region", unit=None, points=4, minutes=6,
        hints=(
            "`np.diff(ramp, axis=1)` is the signal that each group gained. A hit is one group that gained much more "
            "than the others of the same pixel.",
            "Subtract from these differences their median along the groups, per pixel. Mark pixels where any group "
            "then exceeds some 80 DN, and leave out those that saturate: their median is no good.",
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
                "Most of these pixels are hot: they gain much in *every* group. A hit is one group unlike the others.",
                example=expected.hot_pixels,
            ),
            Misconception(
                "noise-too", _noise_too,
                "You found the hits, but most of your other pixels were neither hit nor are they hot: noise, or pixels "
                "that are full. Raise the limit by some 20 DN, and leave out pixels above 50,000 DN.",
                example=lambda facts: expected.hit_pixels(facts).data | (np.arange(1032) % 50 == 0),
            ),
        ),
        judged_by="truth",
        explanation="The median over the groups is the steady gain of the pixel, light or dark current alike. What "
                    "sticks out in one group arrived at one moment.",
    ),
)  # fmt: skip


EXERCISES: tuple[Exercise, ...] = (
    Exercise(
        id="02-sci-shape",
        title="Axes of the raw data",
        question="""
        What shape does the array of the SCI extension have, as numpy prints it? Give `shape`, an array of four whole
        numbers.
        """,
        kind="array", unit=None, points=1, minutes=1,
        hints=(
            "`raw` holds the array; it knows its own shape.",
            "`raw.shape`: integrations, groups, rows, columns, in this order.",
        ),
        check=near_array(expected.shape),
        misconceptions=(
            Misconception(
                "fits-order",
                lambda answer, facts: answer.array.ravel().tolist() == evaluate(expected.shape, facts)[::-1],
                "This is the order of FITS (NAXIS1 first), which documents print. numpy counts the other way round: "
                "the slowest axis first.",
                example=lambda facts: expected.shape(facts)[::-1],
            ),
        ),
        judged_by="products",
        explanation="numpy keeps the axis that changes fastest in memory last, and FITS counts it first: the same "
                    "data, read from the other end.",
    ),
    Exercise(
        id="02-wrapped-pixels",
        title="Unsigned integers",
        question="""
        In how many pixels is `raw[0, -1] - raw[0, 0]` wrong, because the last group is below the first and unsigned
        integers have no negative values? Give `wrapped`, a whole number.
        """,
        kind="scalar", unit=None, points=2, minutes=3,
        hints=(
            "An unsigned 16-bit integer cannot be negative: 3 - 5 becomes 65534.",
            "Compare the two groups (`<`) before you subtract anything, and count how often the last one is smaller.",
        ),
        check=near(expected.wrapped),
        misconceptions=(
            value_near(expected.not_wrapped, "These are the pixels that come out right.", "the-others", rel=1e-3),
            value_near(0, "The subtraction never gives a negative number, that is just the problem: compare the "
                       "groups themselves.", "no-negatives"),
        ),
        judged_by="products",
        explanation="The first and the last group of MIRI are offset from the line of the others. That offset is "
                    "larger than what most pixels collect, so nearly all of them seem to fall.",
    ),
    Exercise(
        id="02-interference",
        title="The clock of the bands",
        question="""
        The bands are a wave in time. What is its frequency? Give `frequency` in {unit} (tolerance {tolerance}), from
        `background_difference`. The detector reads one row every 0.00271 s.
        """,
        kind="quantity", unit="Hz", points=3, minutes=4,
        hints=(
            "The median over the columns of each row leaves the bands and removes single bright pixels. Draw it, and "
            "count how often it rises and falls over the 1024 rows.",
            "So many waves in 1024 rows of 0.00271 s each. Or let `np.fft.rfft` count; `np.fft.rfftfreq(1024, "
            "0.00271)` gives its frequencies. Leave out the lowest.",
        ),
        check=near(expected.interference, abs=0.3),
        misconceptions=(
            value_near(lambda facts: 1 / evaluate(expected.interference, facts), "This is the period in seconds. The "
                       "frequency is its inverse.", "period", abs=0.005),
            value_near(lambda facts: 1 / (evaluate(expected.interference, facts) * expected.ROW_TIME), "This is the "
                       "period in rows. How long does the readout of so many rows take?", "rows", abs=2.0),
            value_near(lambda facts: 1024 * expected.ROW_TIME * evaluate(expected.interference, facts), "This is the "
                       "number of waves in a frame. Divide it by the time of a frame.", "waves", abs=1.5),
        ),
        judged_by="products",
        explanation="The electronics hum while the detector is read row by row, so a wave in time becomes bands on the "
                    "image. The step emicorr fits the wave and subtracts it.",
    ),
    Exercise(
        id="02-nucleus-column",
        title="The nucleus on the short detector",
        question="""
        Now the *short* detector (the array `difference`): in which column of its **left half** (columns 4 to 507) is
        the nucleus brightest, in rows 462 to 561? Give `nucleus_column` (tolerance {tolerance}).
        """,
        kind="scalar", unit=None, points=2, minutes=3,
        hints=(
            "Take the median over the rows `difference[462:562]`: cosmic rays and hot pixels fall out, the trace of "
            "the nucleus stays.",
            "`np.argmax` of that profile, restricted to columns 4 to 507. Mind that the index counts from where you "
            "cut.",
        ),
        check=near(expected.nucleus_columns, abs=2),
        misconceptions=(
            value_near(lambda facts: expected.nucleus_columns(facts) - 4, "You cut off the reference columns and did "
                       "not add them again: the index counts from column 4.", "cut-offset", abs=1),
            value_near(expected.nucleus_column_on_the_right, "This is the nucleus in the other channel, in the right "
                       "half of the detector.", "other-channel"),
        ),
        judged_by="truth",
        explanation="The continuum of a compact source falls on the same columns in all rows, so a median over rows "
                    "keeps it and drops what fills single pixels.",
    ),
    Exercise(
        id="02-sky-glow",
        title="The glow of sky and telescope",
        question="""
        How fast do the pixels of channel 4 (columns 4 to 459) and of channel 3 (columns 516 to 1023) fill up on the
        *background* exposure, above the rate of the dark strip? Give `glow`, an array [channel 4, channel 3] in {unit}
        (tolerance {tolerance}): clipped means over rows 462 to 561 of `rate`.
        """,
        kind="array", unit="DN / s", points=2, minutes=3,
        hints=(
            "`sigma_clipped_stats(rate)` returns mean, median and scatter after leaving out outliers. You need it for "
            "three ranges of columns.",
            "Columns 4 to 459 are channel 4, 480 to 511 the dark strip, 516 to 1023 channel 3. Subtract the mean of "
            "the strip from the other two.",
        ),
        check=near_array(expected.sky_glow, abs=0.03),
        misconceptions=(
            array_is(expected.with_dark, "Part of this rate is there without light, the dark current. Subtract the "
                     "rate of the dark strip.", "dark-included"),
            array_is(lambda facts: evaluate(expected.sky_glow, facts)[::-1], "Channel 4 is the *left* half of the "
                     "long detector, channel 3 the right one.", "exchanged"),
        ),
        judged_by="products",
        explanation="The dark strip collects only dark current, so the difference is light: of the sky, and at long "
                    "wavelengths mostly of the warm telescope.",
    ),
    Exercise(
        id="02-line-row",
        title="An emission line on the long detector",
        question="""
        Which row, from 100 to 599, has the brightest emission line of the nucleus? Give `line_row` (tolerance
        {tolerance}).
        """,
        kind="scalar", unit=None, points=3, minutes=4,
        hints=(
            "Subtract a smooth curve from `along_nucleus`, e.g. a running median over 61 rows "
            "(`scipy.ndimage.median_filter`). Lines stand out, the continuum is gone.",
            "`np.argmax` of what is left, in rows 100 to 599. If a single pixel wins, it is a cosmic ray: check that "
            "its neighbours are bright too.",
        ),
        check=near(expected.line_rows, abs=3),
        misconceptions=(
            value_near(lambda facts: [row - expected.LINE_ROWS[0] for row in expected.line_rows(facts)], "The index "
                       "counts from where you cut: add the first row again.", "cut-offset"),
            value_near(lambda facts: [1023 - row for row in expected.line_rows(facts)], "This row is counted from the "
                       "top. Row 0 is at the bottom, as in the array.", "other-end"),
        ),
        judged_by="truth",
        explanation="A running median over many rows follows continuum and fringes, and ignores a feature of a few "
                    "rows; the difference keeps the line.",
    ),
    Exercise(
        id="02-line-name",
        title="Which line is it?",
        question="""
        Which of them is it? Give the text `line_name`, as it stands in the table.
        """,
        kind="text", unit=None, points=2, minutes=3,
        hints=(
            "Go from the row to the observed wavelength, then to the rest wavelength: the galaxy recedes.",
            "Rest wavelength = observed wavelength / (1 + 0.0225). The linear rule is good to 0.04 um.",
        ),
        check=text_matches(expected.species("ne(on)?", "ii")),
        misconceptions=(
            choice_is(["[Ar V]", "Ar V", "[ArV] 13.102", "Ar V 13.102"], "[Ar V] has this *rest* wavelength. You see "
                      "the line at this *observed* wavelength: divide by 1 + z first.", "no-redshift"),
            choice_is(["H2 S(2)", "H2S(2)", "S(2)"], "H2 S(2) would be observed at 12.555 um. Check in which "
                      "direction wavelength runs on the long detector.", "direction"),
        ),
        explanation="The observed wavelength is stretched by 1 + z, so it has to be divided by 1 + z before it is "
                    "compared with a list of rest wavelengths.",
    ),
    Exercise(
        id="02-line-extended",
        title="Is the line extended?",
        question="""
        Is the line extended on the sky, and how do you see it? Give the letter as `extended`.

        - `"a"`: no, it is there only where the nucleus is bright
        - `"b"`: yes, its spots are also in slices where the nucleus is faint or absent
        - `"c"`: yes, because each spot is several rows tall
        - `"d"`: one cannot know before there is a cube
        """,
        kind="choice", unit=None, points=2, minutes=2,
        hints=(
            "Compare the slices: where do you see the continuum of the nucleus, and where do you see the line?",
            "Neighbouring spots at about the same row belong to different slices. Some of them have hardly any "
            "continuum beneath.",
        ),
        check=among("b"),
        misconceptions=(
            choice_is("a", "Look also at the slices beside the brightest ones: the line is there without the "
                      "nucleus.", "point-source"),
            choice_is("c", "Several rows are the width of the line in *wavelength* (and of the spectrograph), not on "
                      "the sky.", "spectral-width"),
            choice_is("d", "Slices show the sky without any calibration. That is why one looks at raw data.",
                      "needs-cube"),
        ),
        choices=("a", "b", "c", "d"),
        explanation="Each slice is another strip of the sky. The line shines in strips where the nucleus does not, so "
                    "gas emits there.",
    ),
    *FEATURES,
)  # fmt: skip
