"""Exercises of lesson 04: associations, coordinates, what the steps do, photometry and pixel background."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mrskit.course.lesson04_spec2 import expected, functions
from mrskit.exercises.checks import among, code, evaluate, near, near_array
from mrskit.exercises.misconceptions import array_is, choice_is, code_agrees, value_near
from mrskit.exercises.record import Answer, Exercise, Facts, Misconception


def _before(step: int, other: int) -> Callable[[Answer, Facts], bool]:
    def matches(answer: Answer, facts: Facts) -> bool:
        order = [int(number) for number in answer.array.ravel()]
        return step in order and other in order and order.index(step) < order.index(other)

    return matches


def _scaled(values: Callable[[Facts], np.ndarray], factor: float) -> Callable[[Answer, Facts], bool]:
    def matches(answer: Answer, facts: Facts) -> bool:
        wanted = np.asarray(evaluate(values, facts) * factor, dtype=float)
        return answer.array.shape == wanted.shape and bool(
            np.all(np.abs(answer.array - wanted) <= 0.05 * abs(wanted).max())
        )

    return matches


STEPS: tuple[Exercise, ...] = (
    Exercise(
        id="04-step-order",
        title="Order of the steps",
        question="""
        In which order does stage 2 run the six steps that change numbers? Give `step_order`, an array of shape (6,):
        their numbers in the table. (All six run if the switches of numbers 2 and 6 are on.)
        """,
        kind="array", unit=None, points=2, minutes=2,
        hints=(
            "What was added is subtracted before factors are divided out; the background is subtracted from count "
            "rates as stage 1 leaves them.",
            "Background, stray light, flat, fringe flat, units; and last the step that mends what the fringe flat "
            "leaves.",
        ),
        check=near_array(expected.CHANGING),
        misconceptions=(
            Misconception("fringe-first", _before(4, 8), "So the slides show it. But stray light is added inside the "
                "detector: divided by a fringe flat first, it would get fringes that it does not have.",
                lambda facts: [2, 4, 8, 3, 5, 6]),
            Misconception("straylight-late", _before(3, 8), "Stray light is added to the image; it must be subtracted "
                "before anything is divided out.", lambda facts: [2, 3, 8, 4, 5, 6]),
            Misconception("photom-early", _before(5, 4), "The conversion factors hold for count rates that are "
                "corrected for flat and fringes.", lambda facts: [2, 8, 3, 5, 4, 6]),
            Misconception("background-late", _before(8, 2), "The background exposures hold stray light too: they are "
                "subtracted as they are, from the count rates as they are.", lambda facts: [8, 2, 3, 4, 5, 6]),
        ),
    ),
    Exercise(
        id="04-calibrate-pixel",
        title="One pixel through stage 2",
        question="""
        Write it as a function: `calibrate(rate, straylight, flat, fringe, factor)` returns the surface brightness,
        MJy/sr, from a count rate and the stray light in it (DN/s), the values of the flat and of the fringe flat, and
        the conversion factor (MJy/sr per DN/s). Numbers, or arrays of one shape; NaN stays NaN.
        """,
        kind="code", unit=None, points=3, minutes=5,
        hints=(
            "The light of the slices is multiplied by flat and fringes on its way; the stray light is added to that.",
            "Undo it backwards: subtract, divide twice, multiply by the factor.",
        ),
        check=code(functions.calibrate),
        misconceptions=(
            code_agrees(functions.subtract_late, "You divide the stray light by flat and fringes first. It does not "
                        "have them: subtract it before.", "subtract-late"),
            code_agrees(functions.multiply, "You multiply by the flats. They say how sensitive a pixel is: divide.",
                        "multiply"),
            code_agrees(functions.divide_by_factor, "The factor is in MJy/sr per DN/s: multiply by it.",
                        "divide-by-factor"),
        ),
        probes=functions.calibrate_probes,
    ),
    Exercise(
        id="04-cross-artifact",
        title="Light where no light should be",
        question="""
        How much light lies in the gaps, in percent of the light in the slices? Divide the mean over `gaps` by the mean
        over `lit` (without NaN), for `rate` and for `after["straylight"]`; both times by the mean over `lit` in `rate`.
        Give `scattered`, an array of shape (2,), in {unit}: before and after the step (tolerance {tolerance}).
        """,
        kind="array", unit="percent", points=2, minutes=3,
        hints=(
            "`np.nanmean(rate[gaps])` is the mean light between the slices before the step.",
            "Divide both numbers by `np.nanmean(rate[lit])` and multiply by 100.",
        ),
        check=near_array(expected.scattered, abs=0.3),
        misconceptions=(
            Misconception("fraction", _scaled(expected.scattered, 0.01), "These are fractions; asked for are percent.",
                          lambda facts: expected.scattered(facts) / 100),
            array_is(lambda facts: evaluate(expected.scattered, facts)[::-1], "The other way round: before the step "
                "first.", "after-first"),
        ),
        judged_by="products",
    ),
    Exercise(
        id="04-shower-left",
        title="What clean_showers leaves",
        question="""
        How much of the bright shower's light does `clean_showers` alone leave there? Give `shower_left` in {unit}: the
        median of `treated["clean_showers"]` over that of `treated["nothing"]`, both over `core` (tolerance
        {tolerance}).
        """,
        kind="quantity", unit="percent", points=2, minutes=3,
        hints=(
            "`np.nanmedian(image[core])` is the typical light of an image inside the mask.",
            "100 x after / before.",
        ),
        check=near(expected.shower_left, abs=3.0),
        misconceptions=(
            value_near(lambda facts: 100 - expected.shower_left(facts), "That is what was removed; asked for is what "
                "is left.", "removed-for-left"),
            value_near(lambda facts: expected.shower_left(facts) / 100, "That is a fraction; asked for are percent.",
                "fraction", abs=0.03),
        ),
        judged_by="products",
    ),
    Exercise(
        id="04-fringe-fit",
        title="How large the fringes are",
        question="""
        How large are fringes, in a number? Write `fringe_amplitude(wavenumber, ratio, period)` that fits `c + a cos(2π
        ν/P) + b sin(2π ν/P)` by least squares, with ν the wavenumber and P the period (both cm⁻¹), and returns the
        fringes from crest to trough, `2 sqrt(a² + b²)`, in percent. Samples that are NaN do not count. (Within
        {tolerance}.)
        """,
        kind="code", unit=None, points=3, minutes=6,
        hints=(
            "The model is linear in its three coefficients: stack the columns 1, cos and sin and call np.linalg.lstsq "
            "on the rows where the ratio is finite.",
            "From crest to trough is twice the amplitude: 200 np.hypot(a, b) percent.",
        ),
        check=code(functions.amplitude, rel=1e-3),
        misconceptions=(
            code_agrees(functions.half_amplitude, "That is the amplitude about the mean; from crest to trough it is "
                        "twice as much.", "half"),
            code_agrees(functions.cosine_alone, "A wave does not begin with a crest: it needs the sine as well.",
                        "cosine-alone"),
            code_agrees(functions.fraction, "That is a fraction; asked for are percent.", "fraction"),
            code_agrees(functions.largest_minus_smallest, "The range of the samples grows with their noise, and does "
                        "not ask for the period. Fit the wave.", "range"),
        ),
        probes=functions.fringe_probes,
    ),
    Exercise(
        id="04-fringe-left",
        title="What the corrections leave",
        question="""
        Which fraction of the amplitude is left after the fringe flat, and which after the residual fringe step as well?
        Give `fringe_left`, an array of shape (2,): the amplitudes of `after_flat` and `after_residual` over that of
        `before_flat` (tolerance {tolerance}).
        """,
        kind="array", unit=None, points=2, minutes=3,
        hints=(
            "Call your function on `before_flat`, `after_flat` and `after_residual`, with the same wavenumber.",
            "Divide the second and the third amplitude by the first.",
        ),
        check=near_array(expected.fringes_left, abs=0.05),
        misconceptions=(
            array_is(lambda facts: 1 - evaluate(expected.fringes_left, facts), "These are the fractions that were "
                "removed; asked for is what is left.", "removed-for-left"),
            Misconception("percent", _scaled(expected.fringes_left, 100), "These are percent; asked for are fractions.",
                          lambda facts: 100 * expected.fringes_left(facts)),
        ),
        judged_by="products",
    ),
)  # fmt: skip


EXERCISES: tuple[Exercise, ...] = (
    Exercise(
        id="04-asn-members",
        title="Members of an association",
        question="""
        How many members would that association have for the first science exposure in your workspace? Count the rate
        files in `Source/stage1` and `Background/stage1`. Give `asn_members`, a whole number.
        """,
        kind="scalar", unit=None, points=1, minutes=2,
        hints=(
            "Background exposures are members twice: as background and as selfcal.",
            "1 + m + (n - 1 + m), with n science and m background exposures.",
        ),
        check=near(expected.member_count),
        misconceptions=(
            value_near(lambda facts: expected.member_count(facts) + 1, "The science exposure is not its own selfcal "
                "member.", "science-twice", abs=0.1),
            value_near(lambda facts: expected.member_count(facts) - expected.background_count(facts),
                "The background exposures are members twice, with two roles.", "background-once", abs=0.1),
        ),
        judged_by="products",
    ),
    Exercise(
        id="04-pixel-wavelength",
        title="The wavelength of a pixel",
        question="""
        Which wavelength does the pixel in **row 300, column 150** see? Give it as `pixel_wavelength` in {unit};
        tolerance {tolerance} (about one row). Rows and columns count from 0; numpy wants `[row, column]`.
        """,
        kind="quantity", unit="um", points=1, minutes=2,
        hints=(
            "The array `wavelength` has the shape of the detector.",
            "numpy counts rows first: `wavelength[row, column]`.",
        ),
        check=near(lambda facts: expected.wavelength(facts)[expected.PIXEL], rel=1.8e-4),
        misconceptions=(
            value_near(lambda facts: expected.wavelength(facts)[expected.PIXEL[::-1]],
                "That is the pixel in row 150, column 300: numpy wants [row, column], not [x, y].",
                "x-before-y", rel=2e-4),
        ),
        judged_by="products",
    ),
    Exercise(
        id="04-pixel-slice",
        title="The slice of a pixel",
        question="""
        Which slice *of its channel* does the pixel in **row 512, column 770** belong to? Give the number within the
        channel (1, 2, 3, ...) as `pixel_slice`.
        """,
        kind="scalar", unit=None, points=1, minutes=1,
        hints=(
            "The array `slices` holds 100 times the channel plus the slice.",
            "The remainder of a division by 100: `% 100`.",
        ),
        check=near(lambda facts: expected.slices(facts)[expected.SLICE_PIXEL] % 100),
        misconceptions=(
            value_near(lambda facts: expected.slices(facts)[expected.SLICE_PIXEL],
                "That number holds the channel too: 100 times the channel plus the slice.", "with-channel", abs=0.1),
        ),
        judged_by="products",
    ),
    Exercise(
        id="04-sky-distance",
        title="Neighbours that are none",
        question="""
        How far apart on the sky do these two pixels look? Use `pixels.ra` and `pixels.dec` (degrees). Give
        `sky_distance` in {unit}; tolerance {tolerance}.
        """,
        kind="quantity", unit="arcsec", points=2, minutes=3,
        hints=(
            "`pixels.ra` and `pixels.dec` are in degrees; one degree is 3600 arcsec. `pixels.ra[first]` is one number.",
            "A degree of right ascension is shorter than one of declination, by the cosine of the declination. Then "
            "Pythagoras: `np.hypot`.",
        ),
        check=near(expected.sky_distance, rel=0.02),
        misconceptions=(
            value_near(lambda facts: expected.sky_distance(facts, shrink=False), "Multiply the difference in right "
                "ascension by the cosine of the declination: meridians run together towards the pole.",
                       "no-cosine", rel=0.01),
            value_near(lambda facts: expected.sky_distance(facts) / 3600, "That is in degrees.", "degrees"),
        ),
        judged_by="products",
    ),
    Exercise(
        id="04-line-rows",
        title="Where a line falls on the detector",
        question="""
        In which detector row does that line fall, in each of these slices? Give `line_rows`, an array with one row
        number for each slice in `numbers` (in that order): the median row of the slice's pixels that lie within 0.002
        µm of `observed`. Tolerance {tolerance} rows.
        """,
        kind="array", unit=None, points=3, minutes=3,
        hints=(
            "`abs(wavelength - observed) < 0.002` marks all pixels of the line; `slices == number` those of one slice.",
            "`np.nonzero(mask)` returns the rows first, then the columns; take the median of the rows, slice by slice.",
        ),
        check=near_array(expected.line_rows, abs=3.0),
        misconceptions=(
            array_is(expected.line_columns, "These are columns: `np.nonzero` returns the rows first.", "columns"),
        ),
        judged_by="products",
    ),
    *STEPS,
    Exercise(
        id="04-photom-factor",
        title="From DN/s to MJy/sr",
        question="""
        How many MJy/sr is one DN/s in the *lower-numbered* channel of your setting (channel 1, or 3)? Compare the image
        after `fringe` with `cal`, over all pixels of the channel, and take the median. Give `photom_factor` in {unit};
        tolerance {tolerance}.
        """,
        kind="scalar", unit="MJy s / (DN sr)", points=2, minutes=3,
        hints=(
            "`slices // 100 == channel` marks the pixels of a channel.",
            "Divide `cal` by the image after `fringe`, pixel by pixel, and take np.nanmedian.",
        ),
        check=near(lambda facts: expected.photom_factor(facts, expected.first_channel(facts)), rel=0.03),
        misconceptions=(
            value_near(lambda facts: expected.photom_factor(facts, expected.first_channel(facts) + 1),
                "That is the factor of the other channel.", "other-channel"),
            value_near(lambda facts: 1 / expected.photom_factor(facts, expected.first_channel(facts)),
                "You divided the wrong way round.",
                       "inverse"),
        ),
        judged_by="products",
    ),
    Exercise(
        id="04-missing-pixels",
        title="Pixels without a value",
        question="""
        Which percentage of the pixels *inside the slices* has no value (`nan`) in the science `cal` image? Give
        `missing_pixels` in {unit}; tolerance {tolerance}.
        """,
        kind="quantity", unit="percent", points=1, minutes=2,
        hints=(
            "`slices > 0` marks the pixels inside the slices; `np.isnan` those without a value.",
            "The mean of a boolean array is the fraction that is True.",
        ),
        check=near(expected.missing, abs=0.05),
        misconceptions=(
            value_near(lambda facts: expected.missing(facts, inside=False), "That counts the gaps between the slices "
                "too, where no pixel ever has a value.", "whole-detector", abs=0.5),
            value_near(lambda facts: expected.missing(facts) / 100, "That is a fraction; asked for are percent.",
                "fraction", rel=0.02),
        ),
        judged_by="products",
    ),
    Exercise(
        id="04-background-noise",
        title="The price of pixel subtraction",
        question="""
        All your exposures are equally deep. By which factor does the noise of a faint pixel in **one** science exposure
        grow when the mean of your background exposures is subtracted? (Count them in `Background/stage1`.) Give
        `noise_factor`, three digits; tolerance {tolerance}.
        """,
        kind="scalar", unit=None, points=2, minutes=2,
        hints=(
            "Variances add up. The mean of m equal exposures has a variance m times smaller.",
            "sqrt(1 + 1/m), with m the number of background rate files.",
        ),
        check=near(lambda facts: np.sqrt(1 + 1 / expected.background_count(facts)), rel=0.01),
        misconceptions=(
            value_near(np.sqrt(2), "That holds for one background exposure. The mean of several is less noisy.",
                       "one-background"),
            value_near(lambda facts: 1 + 1 / expected.background_count(facts), "That is the variance; the noise is its "
                "square root.",
                       "variance"),
            value_near(lambda facts: np.sqrt(1 + expected.background_count(facts)),
                "You added the backgrounds instead of averaging them.", "sum-for-mean"),
        ),
        judged_by="products",
    ),
    Exercise(
        id="04-both-backgrounds",
        title="Both background switches on",
        question="""
        What happens if both are `True`? Give the letter as `both_backgrounds`.

        - `"a"`: the background is subtracted twice and the spectra become negative
        - `"b"`: stage 3 sees that the background is gone (keyword `S_BKDSUB`) and skips the master background
        - `"c"`: stage 3 stops with an error
        - `"d"`: stage 2 skips the pixel background, because the master background is better
        """,
        kind="choice", unit=None, points=1, minutes=1,
        hints=(
            "Stage 2 notes in the header of the cal file that the background was subtracted.",
            "The keyword S_BKDSUB is COMPLETE then, and the master background step looks at it.",
        ),
        check=among("b"),
        misconceptions=(
            choice_is("a", "A reasonable fear, but stage 3 reads the keyword S_BKDSUB before it subtracts.", "twice"),
            choice_is("d", "Stage 2 knows nothing of what stage 3 will do.", "stage-two-knows"),
        ),
        choices=("a", "b", "c", "d"),
    ),
)  # fmt: skip
