"""Exercises of lesson 04: associations, coordinates, what the steps do, photometry and pixel background."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mrskit.course import steps_dictionary
from mrskit.course.lesson04_spec2 import expected, functions
from mrskit.course.shown import own_calls
from mrskit.exercises.checks import among, code, evaluate, near, near_array
from mrskit.exercises.misconceptions import array_is, choice_is, code_agrees, value_near
from mrskit.exercises.record import Answer, Exercise, Facts, Misconception


def _before(step: int, other: int) -> Callable[[Answer, Facts], bool]:
    def matches(answer: Answer, facts: Facts) -> bool:
        order = [int(number) for number in answer.array.ravel()]
        return step in order and other in order and order.index(step) < order.index(other)

    return matches


STEPS: tuple[Exercise, ...] = (
    Exercise(
        id="04-step-order",
        title="Order of the steps",
        question="""
        In what order does stage 2 run the six steps that change pixel values? Give `step_order`, an array of shape
        (6,), with their numbers from the table. (All six run if the switches for numbers 2 and 6 are on.)
        """,
        kind="array", unit=None, points=2, minutes=2,
        hints=(
            "Follow the light from the sky through the slices with their fringes to the detector, where light strays. "
            "Undo the last effect first. The light in the background exposures took the same path.",
            "The background comes first and the residual fringes last. Which of the four steps between them is a "
            "subtraction? Which one needs corrected count rates?",
        ),
        explanation="Stray light is added inside the detector and does not have these fringes, so it is subtracted "
                    "before any division. The unit conversion is valid for corrected count rates.",
        check=near_array(expected.CHANGING),
        misconceptions=(
            Misconception("fringe-first", _before(4, 8), "The slides show this order. But stray light is added inside "
                "the detector. Dividing it by a fringe flat first would give it fringes that it does not have.",
                lambda facts: [2, 4, 8, 3, 5, 6]),
            Misconception("straylight-late", _before(3, 8), "Stray light is added to the image, so it must be "
                "subtracted before the image is divided by any factor.", lambda facts: [2, 3, 8, 4, 5, 6]),
            Misconception("photom-early", _before(5, 4), "The conversion factors are valid for count rates that are "
                "corrected for flat and fringes.", lambda facts: [2, 8, 3, 5, 4, 6]),
            Misconception("background-late", _before(8, 2), "The background exposures contain stray light too. The "
                "pipeline subtracts uncorrected background from uncorrected count rates.",
                lambda facts: [8, 2, 3, 4, 5, 6]),
        ),
    ),
    Exercise(
        id="04-calibrate-pixel",
        title="One pixel through stage 2",
        question="""
        Write the calibration of a pixel: `calibrate(rate, straylight, flat, fringe, factor)` returns the surface
        brightness in MJy/sr. The arguments are a count rate and the stray light in it (DN/s), the values of the flat
        and the fringe flat, and the conversion factor (MJy/sr per DN/s). They are numbers, or arrays of the same shape.
        NaN stays NaN.
        """,
        kind="code", unit=None, points=3, minutes=5,
        hints=(
            "The light in the slices is multiplied by flat and fringes on its way. The stray light is added to the "
            "product.",
            "Work backwards: subtract the stray light first, then divide by the factors, and convert the units last.",
        ),
        explanation="The light in a slice was multiplied by fringes and response, and stray light was added to the "
                    "product. The last effect is corrected first.",
        check=code(functions.calibrate),
        misconceptions=(
            code_agrees(functions.subtract_late, "You divide the stray light by flat and fringes, which do not affect "
                        "it. Subtract it first.", "subtract-late"),
            code_agrees(functions.multiply, "You multiply by the flats. They describe how sensitive a pixel is, so "
                "divide by them.",
                        "multiply"),
            code_agrees(functions.divide_by_factor, "The factor is in MJy/sr per DN/s, so multiply by it.",
                        "divide-by-factor"),
        ),
        probes=functions.calibrate_probes,
    ),
    Exercise(
        id="04-own-steps",
        title="Your own call of stage 2",
        question="""
        Write the dictionary for a run of stage 2 that builds a cube *without* the straylight correction, so that you
        can see the effect of the correction. Do not subtract the background, although the association has background
        members, and do not extract a spectrum. Give `own_steps` with exactly these three settings.
        """,
        kind="text", unit=None, points=2, minutes=3,
        hints=(
            "All three settings skip a step. The table in section 5 names the steps. Cubes are built by default.",
            "One dictionary for each of `straylight`, `bkg_subtract` and `extract_1d`, with the parameter `skip`.",
        ),
        explanation="A role in the association only makes a file available. The step decides whether to use the file: "
                    "`bkg_subtract` runs whenever there are background members, unless you skip it.",
        check=steps_dictionary.holds(own_calls.WITHOUT_STRAYLIGHT),
        misconceptions=(
            steps_dictionary.looks_like(
                {"straylight": {"skip": True}, "extract_1d": {"skip": True}},
                "Background members are subtracted unless you skip `bkg_subtract`.", "background-on"),
            steps_dictionary.looks_like(
                {"straylight": False, "bkg_subtract": False, "extract_1d": False},
                "Each step needs a dictionary of its parameters. To leave out a step, set its `skip` to `True`.",
                "no-parameter"),
        ),
    ),
    Exercise(
        id="04-cross-artifact",
        title="Light where no light should be",
        question="""
        How much light is in the gaps, as a percentage of the light in the slices? Compute the mean over `gaps` (without
        NaN), once in `rate` and once in `after["straylight"]`. Divide both by the mean over `lit` in `rate`. Give
        `scattered`, an array of shape (2,), in {unit}: the value before the step and the value after it (tolerance
        {tolerance}).
        """,
        kind="array", unit="percent", points=2, minutes=3,
        hints=(
            "An image indexed with a mask gives the values inside the mask; `np.nanmean` ignores NaN.",
            "Both numbers have the same denominator, the light in the slices *before* the step. Convert to percent.",
        ),
        explanation="The step predicts the cross by convolving the image with a kernel along its rows. The remaining "
                    "light measures the error of the kernel plus the error of the pedestal.",
        check=near_array(expected.scattered, abs=0.3),
        misconceptions=(
            array_is(lambda facts: expected.scattered(facts) / 100, "These are fractions. Give percent.", "fraction",
                abs=0.003),
            array_is(lambda facts: evaluate(expected.scattered, facts)[::-1], "Reverse the order: the value before "
                "the step comes first.", "after-first"),
        ),
        judged_by="products",
    ),
    Exercise(
        id="04-fringe-fit",
        title="The amplitude of the fringes",
        question="""
        How large are the fringes? Write `fringe_amplitude(wavenumber, ratio, period)`. The function fits `c + a cos(2π
        ν/P) + b sin(2π ν/P)` by least squares, where ν is the wavenumber and P the period (both in cm⁻¹). It returns
        the amplitude from crest to trough, `2 sqrt(a² + b²)`, in percent. Ignore samples that are NaN. (Within
        {tolerance}.)
        """,
        kind="code", unit=None, points=3, minutes=6,
        hints=(
            "The model is linear in its three coefficients: stack the columns 1, cos and sin, and call np.linalg.lstsq "
            "for the rows where the ratio is finite.",
            "The amplitude about the mean is the length of the vector (a, b), `np.hypot`. The amplitude from crest to "
            "trough is twice as large. Convert it to percent.",
        ),
        explanation="Cosine and sine together describe every phase, so the fit is linear and does not need a first "
                    "guess. The wave's amplitude is the length of the vector (a, b).",
        check=code(functions.amplitude, rel=1e-3),
        misconceptions=(
            code_agrees(functions.half_amplitude, "That is the amplitude about the mean. The amplitude from crest to "
                        "trough is twice as large.", "half"),
            code_agrees(functions.cosine_alone, "You fit a cosine alone, but the wave need not begin with a crest. Fit "
                "a sine as well.",
                        "cosine-alone"),
            code_agrees(functions.fraction, "That is a fraction. Give percent.", "fraction"),
            code_agrees(functions.largest_minus_smallest, "You give the range of the samples. It grows with their "
                        "noise and does not depend on the period. Fit the wave.", "range"),
        ),
        probes=functions.fringe_probes,
    ),
    Exercise(
        id="04-fringe-left",
        title="Fringes left after the corrections",
        question="""
        What fraction of the amplitude in the point source is left after the fringe flat, and what fraction after the
        2-D step as well? `waves` contains the three ratios, `"before"`, `"fringe flat"` and `"2-D"`. Give
        `fringe_left`, an array of shape (2,): the amplitude after each correction, divided by the amplitude before both
        (tolerance {tolerance}). If your function is not right yet, read the amplitudes off the figure.
        """,
        kind="array", unit=None, points=2, minutes=3,
        hints=(
            "Measure all three amplitudes with the same wavenumbers and the same period.",
            "Both answers have the amplitude before any correction in the denominator.",
        ),
        explanation="The fringe flat was measured with light that fills the slice. The light from a point source "
                    "arrives at different angles, so its fringes are shifted, and the division leaves part of them.",
        check=near_array(expected.fringes_left, abs=0.05),
        misconceptions=(
            array_is(lambda facts: 1 - evaluate(expected.fringes_left, facts), "These are the fractions that were "
                "removed. Give the fractions that are left.", "removed-for-left"),
            array_is(lambda facts: 100 * expected.fringes_left(facts), "These are percentages. Give fractions.",
                "percent",
                abs=2.5),
        ),
        judged_by="products",
    ),
    Exercise(
        id="04-lines-left",
        title="How a correction changes lines",
        question="""
        What fraction of the lines' depth does the 1-D correction leave? For each spacing, `regular_lines` returns
        wavelength, pattern and flux, and `correct_1d(flux, wavelength, 1)` returns the corrected flux. A line's depth
        is minus the slope of the flux against the pattern. Give `lines_left`, an array of shape (3,): for each of
        `spacings`, the depth after the correction divided by the depth before (tolerance {tolerance}).
        """,
        kind="array", unit=None, points=3, minutes=5,
        hints=(
            "Write a loop over the spacings. In it, get the spectrum, correct it, and measure the depth twice.",
            "The pattern is 0 between lines and 1 inside them. Fit the flux against the pattern with `np.polyfit`, "
            "degree 1. Its first coefficient is the change in flux from 0 to 1.",
        ),
        explanation="The correction fits waves with periods near the fringe period and removes them, whatever their "
                    "origin. A row of narrow lines also contains waves with one half and one third of its spacing.",
        check=near_array(expected.lines_left, abs=0.1),
        misconceptions=(
            array_is(lambda facts: 1 - evaluate(expected.lines_left, facts), "These are the fractions that were lost. "
                "Give the fractions that are left.", "lost-for-left"),
            array_is(lambda facts: evaluate(expected.lines_left, facts)[::-1], "Follow the order of `spacings`, with "
                "the closest lines first.", "order"),
        ),
    ),
    Exercise(
        id="04-fringe-choice",
        title="Which correction do you publish?",
        question="""
        You have the spectrum of a bright nucleus in one band. It shows a row of narrow absorption lines, and residual
        fringes of a few percent. What do you do? Give the letter as `fringe_choice`.

        - `"a"`: apply the 2-D step and then the 1-D step, because two corrections leave less than one
        - `"b"`: apply the 1-D correction to the spectrum of the band, and measure the lines with and without it
        - `"c"`: apply whichever leaves the smallest scatter, and measure the lines in that spectrum
        - `"d"`: join all bands first, and correct the whole spectrum at once
        """,
        kind="choice", unit=None, points=2, minutes=2,
        hints=(
            "Besides fringes, what makes a spectrum rise and fall regularly? Think of the lines that the correction "
            "has just removed.",
            "Trust a correction only if you have checked that it preserves your own lines.",
        ),
        explanation="In practice the 1-D correction works better on spectra of single bands (documentation of "
                    "`residual_fringe`). Both corrections can change real features, so compare with the uncorrected "
                    "spectrum.",
        check=among("b"),
        misconceptions=(
            choice_is("a", "The second correction finds few fringes, so it fits lines and noise instead.", "both"),
            choice_is("c", "A smaller scatter can mean that lines were removed with the fringes.", "scatter"),
            choice_is("d", "Each band has its own fringes. Where bands join, the phase and amplitude of the fringes "
                "jump, and the fit fails.",
                "joined"),
        ),
        choices=("a", "b", "c", "d"),
    ),
)  # fmt: skip


EXERCISES: tuple[Exercise, ...] = (
    Exercise(
        id="04-asn-members",
        title="Your own association",
        question="""
        Write the association that calibrates `rates[0]` with *both* options: pixel-by-pixel background subtraction with
        all files in `empty`, and self-calibration of bad pixels with all other science exposures in `rates`. Start from
        `asn_from_list` and append the other members, `{{"expname": ..., "exptype": ...}}`. Give `association`. The
        judge checks its members and roles.
        """,
        kind="text", unit=None, points=3, minutes=6,
        hints=(
            "`asn_from_list` with the rule of stage 2 makes one product for each file that you give it. Give it the "
            "science file alone, in a list.",
            "`association[\"products\"][0][\"members\"]` is a list of dictionaries. Append one for each background "
            "file and one for each file for self-calibration, with the path as text.",
        ),
        explanation="Stage 2 calibrates one science member. All other members only correct it. Background members take "
                    "part in the self-calibration anyway, and the science exposure may, so you may also list them as "
                    "`selfcal`.",
        check=expected.ASSOCIATION,
        misconceptions=(
            Misconception("products", lambda answer, facts: expected.products_of(answer) > 1,
                "There are several products, because `asn_from_list` with this rule makes one product per file. Give "
                "it the science file alone, and append the other files as members.",
                lambda facts: expected.example(facts, products=2)),
            Misconception("two-science", lambda answer, facts: expected.roles(answer).count("science") > 1,
                "There is more than one science member. Stage 2 would calibrate all of them, and would treat the "
                "background wrongly.", lambda facts: expected.example(facts, science=2)),
            Misconception("no-background", lambda answer, facts: set(expected.roles(answer)) == {"science", "selfcal"},
                "The background exposures need the role `background`. Without it, no background is subtracted.",
                lambda facts: expected.example(facts, background="selfcal")),
        ),
        judged_by="products",
    ),
    Exercise(
        id="04-pixel-wavelength",
        title="The wavelength of a pixel",
        question="""
        What wavelength does the pixel in **row 300, column 150** see? Give the wavelength as `pixel_wavelength` in
        {unit}; tolerance {tolerance} (about one row). Rows and columns count from 0.
        """,
        kind="quantity", unit="um", points=1, minutes=2,
        hints=(
            "The array `wavelength` has the shape of the detector.",
            "A numpy index gives the row first and the column second.",
        ),
        explanation="The WCS is a function of the pixel position. numpy stores an image row by row, so the row (y) "
                    "comes first in an index.",
        check=near(lambda facts: expected.wavelength(facts)[expected.PIXEL], rel=1.8e-4),
        misconceptions=(
            value_near(lambda facts: expected.wavelength(facts)[expected.PIXEL[::-1]],
                "That is the pixel in row 150, column 300. A numpy index is [row, column], not [x, y].",
                "x-before-y", rel=2e-4),
        ),
        judged_by="products",
    ),
    Exercise(
        id="04-sky-distance",
        title="Neighbours on the detector, not on the sky",
        question="""
        How far apart on the sky are the positions of these two pixels? Use `pixels.ra` and `pixels.dec` (degrees). Give
        `sky_distance` in {unit}; tolerance {tolerance}.
        """,
        kind="quantity", unit="arcsec", points=2, minutes=3,
        hints=(
            "Index `pixels.ra` and `pixels.dec` with each of the two pixels. One degree is 3600 arcsec.",
            "Multiply the difference in right ascension by the cosine of the declination. Combine both differences "
            "with `np.hypot`.",
        ),
        explanation="The order of the slices on the detector differs from their order on the sky. So neighbouring "
                    "slices on the detector see distant positions on the sky.",
        check=near(expected.sky_distance, rel=0.02),
        misconceptions=(
            value_near(lambda facts: expected.sky_distance(facts, shrink=False), "Multiply the difference in right "
                "ascension by the cosine of the declination: meridians run together towards the pole.",
                       "no-cosine", rel=0.01),
            value_near(lambda facts: expected.sky_distance(facts) / 3600, "That is in degrees. Give arcsec.",
                "degrees"),
        ),
        judged_by="products",
    ),
    Exercise(
        id="04-line-rows",
        title="Where a line falls on the detector",
        question="""
        On which detector row does this line fall in each of these slices? Give `line_rows`, an array with one row
        number for each slice in `numbers`, in that order. Use the median row of the slice's pixels whose wavelength is
        within 0.002 µm of `place`. Tolerance {tolerance} rows.
        """,
        kind="array", unit=None, points=3, minutes=3,
        hints=(
            "Combine two masks: pixels close to the line in wavelength, and pixels in one slice.",
            "`np.nonzero(mask)` returns the rows first, then the columns. Compute the median of the rows, slice by "
            "slice.",
        ),
        explanation="Each slice has its own wavelength solution, because its light reaches the grating at a different "
                    "angle. So the same line falls on a different row in each slice.",
        check=near_array(expected.line_rows, abs=3.0),
        misconceptions=(
            array_is(expected.line_columns, "These are columns. `np.nonzero` returns the rows first.", "columns"),
            array_is(lambda facts: evaluate(expected.line_rows, facts)[::-1], "The rows are right but in reverse "
                     "order. Follow the order of `numbers`.", "reversed"),
            array_is(lambda facts: 1023 - evaluate(expected.line_rows, facts), "You count rows from the top. Count "
                     "them from the bottom of the image, starting at 0.", "from-the-top"),
        ),
        judged_by="products",
    ),
    *STEPS,
    Exercise(
        id="04-photom-factor",
        title="From DN/s to MJy/sr",
        question="""
        How many MJy/sr correspond to one DN/s in the *lower-numbered* channel of your setting (channel 1 or 3)? Divide
        `cal` by the image after `fringe` and take the median over all pixels of the channel. Give `photom_factor` in
        {unit}; tolerance {tolerance}.
        """,
        kind="scalar", unit="MJy s / (DN sr)", points=2, minutes=3,
        hints=(
            "`slices // 100 == channel` marks the pixels of a channel.",
            "Divide the image after the step by the image before it, pixel by pixel. Take the median with "
            "`np.nanmedian`.",
        ),
        explanation="`photom` multiplies each pixel by its own factor, which hardly varies within a channel. The "
                    "median ignores bad pixels.",
        check=near(lambda facts: expected.photom_factor(facts, expected.first_channel(facts)), rel=0.03),
        misconceptions=(
            value_near(lambda facts: expected.photom_factor(facts, expected.first_channel(facts) + 1),
                "That is the factor for the other channel.", "other-channel"),
            value_near(lambda facts: 1 / expected.photom_factor(facts, expected.first_channel(facts)),
                "You divided the image before the step by the image after it. That gives DN/s per MJy/sr.", "inverse"),
        ),
        judged_by="products",
    ),
    Exercise(
        id="04-throughput",
        title="Throughput and time",
        question="""
        Write `throughput(days, year1value, tsoft, alpha)`. It returns the throughput at `days` days after the date
        `t0`, relative to the throughput for which the conversion factors are valid. It is a power law in `days + tsoft`
        with the exponent `alpha`, equals `year1value` after 365 days, and never exceeds 1. `days` may be an array.
        (Within {tolerance}.)
        """,
        kind="code", unit=None, points=2, minutes=4,
        hints=(
            "A power law that has the value y after 365 days is y times a ratio raised to the power `alpha`. The ratio "
            "is 1 after 365 days.",
            "Numerator and denominator of the ratio both contain `tsoft`. `np.minimum` works on arrays and numbers.",
        ),
        explanation="The loss was fast at first and slows down, as in a softened power law. `photom` divides by the "
                    "throughput, so an uncorrected flux is too low by this factor.",
        check=code(functions.throughput, rel=1e-3),
        misconceptions=(
            code_agrees(functions.unbounded, "Before the date of the conversion factors, your value exceeds 1. The "
                        "pipeline limits it to 1.", "unbounded"),
            code_agrees(functions.correction, "That is the factor by which the flux is multiplied. The throughput is "
                        "its inverse.", "inverse"),
            code_agrees(functions.without_softening, "`tsoft` is missing in the denominator. After 365 days the value "
                        "must be `year1value`.", "softening"),
        ),
        probes=functions.throughput_probes,
    ),
    Exercise(
        id="04-missing-pixels",
        title="Pixels without a value",
        question="""
        What percentage of the pixels *inside the slices* have no value (`nan`) in the science `cal` image? Give
        `missing_pixels` in {unit}; tolerance {tolerance}.
        """,
        kind="quantity", unit="percent", points=1, minutes=2,
        hints=(
            "`slices > 0` marks the pixels inside the slices. `np.isnan` marks the pixels without a value.",
            "The mean of a boolean array is the fraction that is True.",
        ),
        explanation="Bad pixels, and pixels whose ramps have fewer than two good groups, do not have a rate. Pixels "
                    "outside the slices do not see the sky, so they do not count.",
        check=near(expected.missing, abs=0.05),
        misconceptions=(
            value_near(lambda facts: expected.missing(facts, inside=False), "You also count the pixels between the "
                "slices, which do not see the sky.", "whole-detector", abs=0.5),
            value_near(lambda facts: expected.missing(facts) / 100, "That is a fraction. Give percent.",
                "fraction", rel=0.02),
        ),
        judged_by="products",
    ),
    Exercise(
        id="04-background-noise",
        title="The noise from pixel subtraction",
        question="""
        All your exposures are equally deep. By what factor does the noise of a faint pixel in **one** science exposure
        increase when the mean of your background exposures is subtracted? (Count them in `Background/stage1`.) Give
        `noise_factor`, three digits; tolerance {tolerance}.
        """,
        kind="scalar", unit=None, points=2, minutes=2,
        hints=(
            "Variances add up. The mean of m equal exposures has a variance m times smaller.",
            "Add the variance of the mean to that of one exposure, in units of the latter. The noise is the square "
            "root.",
        ),
        explanation="The variances of independent noise add up. The mean of several exposures has a smaller variance, "
                    "but it is never zero, so the subtraction always adds noise.",
        check=near(lambda facts: np.sqrt(1 + 1 / expected.background_count(facts)), rel=0.01),
        misconceptions=(
            value_near(np.sqrt(2), "That is the factor for one background exposure. The mean of several exposures is "
                "less noisy.",
                       "one-background"),
            value_near(lambda facts: 1 + 1 / expected.background_count(facts), "That is the variance. The noise is its "
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
        What happens if both `pixel_bg` and `master_bg` are `True`? Give the letter as `both_backgrounds`.

        - `"a"`: the background is subtracted twice and the spectra become negative
        - `"b"`: stage 3 sees that the background was subtracted (keyword `S_BKDSUB`) and skips the master background
        - `"c"`: stage 3 stops with an error
        - `"d"`: stage 2 skips the pixel background, because the master background is better
        """,
        kind="choice", unit=None, points=1, minutes=1,
        hints=(
            "Stage 2 notes in the header of the cal file that the background was subtracted.",
            "The keyword S_BKDSUB is then COMPLETE, and the master background step checks it.",
        ),
        explanation="`bkg_subtract` writes `S_BKDSUB = COMPLETE` into the header. The master background step checks "
                    "this keyword and does not change data that are already background-subtracted.",
        check=among("b"),
        misconceptions=(
            choice_is("a", "Stage 3 prevents this: it reads the keyword S_BKDSUB before it subtracts.", "twice"),
            choice_is("d", "Stage 2 does not know which steps stage 3 will run.", "stage-two-knows"),
        ),
        choices=("a", "b", "c", "d"),
    ),
)  # fmt: skip
