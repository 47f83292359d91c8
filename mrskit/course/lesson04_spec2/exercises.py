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
        In what order does stage 2 run the six steps that change numbers? Give `step_order`, an array of shape (6,):
        their numbers in the table. (All six run if the switches of numbers 2 and 6 are on.)
        """,
        kind="array", unit=None, points=2, minutes=2,
        hints=(
            "Follow the light through the sky, the slices with their fringes, and the detector, where light strays. "
            "Undo the last thing first. The light of the background exposures took the same way.",
            "The background comes first and the repair of the fringes last. Which of the four between is a "
            "subtraction, and which needs count rates that are corrected?",
        ),
        explanation="Light that was added inside the detector carries no fringes of its own path, so it is subtracted "
                    "before factors are divided out. The conversion holds for corrected count rates.",
        check=near_array(expected.CHANGING),
        misconceptions=(
            Misconception("fringe-first", _before(4, 8), "The slides show it like that. But stray light is added "
                "inside the detector: divided by a fringe flat first, it would get fringes that it does not have.",
                lambda facts: [2, 4, 8, 3, 5, 6]),
            Misconception("straylight-late", _before(3, 8), "Stray light is added to the image; it must be subtracted "
                "before anything is divided out.", lambda facts: [2, 3, 8, 4, 5, 6]),
            Misconception("photom-early", _before(5, 4), "The conversion factors hold for count rates that are "
                "corrected for flat and fringes.", lambda facts: [2, 8, 3, 5, 4, 6]),
            Misconception("background-late", _before(8, 2), "The background exposures hold stray light too. The "
                "pipeline subtracts them uncorrected, from uncorrected count rates.", lambda facts: [8, 2, 3, 4, 5, 6]),
        ),
    ),
    Exercise(
        id="04-calibrate-pixel",
        title="One pixel through stage 2",
        question="""
        Write the calibration of a pixel: `calibrate(rate, straylight, flat, fringe, factor)` returns the surface
        brightness, MJy/sr, from a count rate and the stray light in it (DN/s), the values of the flat and of the fringe
        flat, and the conversion factor (MJy/sr per DN/s). Numbers, or arrays of one shape; NaN stays NaN.
        """,
        kind="code", unit=None, points=3, minutes=5,
        hints=(
            "The light of the slices is multiplied by flat and fringes on its way; the stray light is added to that.",
            "Undo it backwards: what was added is subtracted first, then the factors are divided out, and the units "
            "come last.",
        ),
        explanation="The light of a slice was multiplied by fringes and response, and stray light was added to the "
                    "product. Undo the last thing first.",
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
        id="04-own-steps",
        title="Your own call of stage 2",
        question="""
        Write the dictionary for a run of stage 2 that makes a cube *without* the correction of straylight, so that you
        can see what the correction does. The background stays in, although the association has background members, and
        no spectrum is extracted. Give `own_steps` with exactly these three settings.
        """,
        kind="text", unit=None, points=2, minutes=3,
        hints=(
            "All three are steps that you leave out. The table of section 5 names them; cubes are built anyway.",
            "One dictionary for each of `straylight`, `bkg_subtract` and `extract_1d`, with the parameter `skip`.",
        ),
        explanation="A role in the association only offers a file. Whether it is used is decided by the step: "
                    "`bkg_subtract` runs whenever there are background members, unless you skip it.",
        check=steps_dictionary.holds(own_calls.WITHOUT_STRAYLIGHT),
        misconceptions=(
            steps_dictionary.looks_like(
                {"straylight": {"skip": True}, "extract_1d": {"skip": True}},
                "Background members are subtracted unless you say otherwise.", "background-on"),
            steps_dictionary.looks_like(
                {"straylight": False, "bkg_subtract": False, "extract_1d": False},
                "Each step needs a dictionary of its parameters; a step is left out with `skip`.", "no-parameter"),
        ),
    ),
    Exercise(
        id="04-cross-artifact",
        title="Light where no light should be",
        question="""
        How much light lies in the gaps, in percent of the light in the slices? Take the mean over `gaps` (without NaN),
        once in `rate` and once in `after["straylight"]`. Divide both by the mean over `lit` in `rate`.
        Give `scattered`, an array of shape (2,), in {unit}: before and after the step (tolerance {tolerance}).
        """,
        kind="array", unit="percent", points=2, minutes=3,
        hints=(
            "An image indexed with a mask gives the values inside the mask; `np.nanmean` leaves out NaN.",
            "The denominator is the same for both numbers: the light in the slices *before* the step. Then percent.",
        ),
        explanation="The step predicts the cross by convolving the image with a kernel along its rows. What it leaves "
                    "measures how wrong the kernel is, plus the error of the pedestal.",
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
        title="How large the fringes are",
        question="""
        How large are fringes, in a number? Write `fringe_amplitude(wavenumber, ratio, period)` that fits `c + a cos(2π
        ν/P) + b sin(2π ν/P)` by least squares, with ν the wavenumber and P the period (both cm⁻¹), and returns the
        fringes from crest to trough, `2 sqrt(a² + b²)`, in percent. Ignore samples that are NaN. (Within
        {tolerance}.)
        """,
        kind="code", unit=None, points=3, minutes=6,
        hints=(
            "The model is linear in its three coefficients: stack the columns 1, cos and sin and call np.linalg.lstsq "
            "on the rows where the ratio is finite.",
            "The amplitude about the mean is the length of the pair (a, b), `np.hypot`. From crest to trough is twice "
            "as much; then percent.",
        ),
        explanation="Cosine and sine together reach every phase, so the fit is linear and needs no first guess. The "
                    "wave's size is the length of the pair (a, b).",
        check=code(functions.amplitude, rel=1e-3),
        misconceptions=(
            code_agrees(functions.half_amplitude, "That is the amplitude about the mean; from crest to trough it is "
                        "twice as much.", "half"),
            code_agrees(functions.cosine_alone, "A wave does not begin with a crest: it needs the sine as well.",
                        "cosine-alone"),
            code_agrees(functions.fraction, "That is a fraction. Give percent.", "fraction"),
            code_agrees(functions.largest_minus_smallest, "The range of the samples grows with their noise, and does "
                        "not ask for the period. Fit the wave.", "range"),
        ),
        probes=functions.fringe_probes,
    ),
    Exercise(
        id="04-fringe-left",
        title="What the corrections leave",
        question="""
        What fraction of the amplitude in the point source is left after the fringe flat, and what fraction after the
        2-D step as well? `waves` holds the three ratios, `"before"`, `"fringe flat"` and `"2-D"`. Give `fringe_left`,
        an array of shape (2,): the amplitudes after each correction, divided by the amplitude before (tolerance
        {tolerance}). If your function is not right yet, read the amplitudes off the figure.
        """,
        kind="array", unit=None, points=2, minutes=3,
        hints=(
            "Measure all three with the same wavenumbers and the same period.",
            "Both answers have the amplitude before any correction in the denominator.",
        ),
        explanation="The fringe flat was measured with light that fills the slice. A point source sends light at "
                    "other angles, so its fringes are shifted, and a division leaves part of them.",
        check=near_array(expected.fringes_left, abs=0.05),
        misconceptions=(
            array_is(lambda facts: 1 - evaluate(expected.fringes_left, facts), "These are the fractions that were "
                "removed. Give what is left.", "removed-for-left"),
            array_is(lambda facts: 100 * expected.fringes_left(facts), "These are percent. Give fractions.", "percent",
                abs=2.5),
        ),
        judged_by="products",
    ),
    Exercise(
        id="04-lines-left",
        title="What a correction does to lines",
        question="""
        How much of such lines does the 1-D correction leave? For each spacing, `regular_lines` gives wavelength,
        pattern and flux, and `correct_1d(flux, wavelength, 1)` the corrected flux. A line's depth is minus the slope of
        the flux against the pattern. Give `lines_left`, an array of shape (3,): for each of `spacings`, the depth after
        the correction divided by the depth before (tolerance {tolerance}).
        """,
        kind="array", unit=None, points=3, minutes=5,
        hints=(
            "Write a loop over the spacings. In it, get the spectrum, correct it, and measure the depth twice.",
            "The pattern is 0 between lines and 1 inside them: `np.polyfit` of the flux against it, with degree 1, "
            "gives the change from one to the other as its first coefficient.",
        ),
        explanation="The correction fits waves with periods near that of fringes and removes them, whatever made them. "
                    "A row of narrow lines also contains waves of half and a third of its spacing.",
        check=near_array(expected.lines_left, abs=0.1),
        misconceptions=(
            array_is(lambda facts: 1 - evaluate(expected.lines_left, facts), "These are the shares that were lost. "
                "Give what is left.", "lost-for-left"),
            array_is(lambda facts: evaluate(expected.lines_left, facts)[::-1], "The order is that of `spacings`: the "
                "closest lines first.", "order"),
        ),
    ),
    Exercise(
        id="04-fringe-choice",
        title="Which correction do you publish?",
        question="""
        You have the spectrum of a bright nucleus in one band. It shows a row of narrow absorption lines, and residual
        fringes of some percent. What do you do? Give the letter as `fringe_choice`.

        - `"a"`: apply the 2-D step and then the 1-D step, because two corrections leave less than one
        - `"b"`: apply the 1-D correction to the spectrum of the band, and measure the lines with and without it
        - `"c"`: apply whichever leaves the smallest scatter, and measure the lines in that spectrum
        - `"d"`: join all bands first, and correct the whole spectrum at once
        """,
        kind="choice", unit=None, points=2, minutes=2,
        hints=(
            "What else makes a spectrum rise and fall regularly? Think of the lines that you have just lost.",
            "A correction is only as good as the check that your own feature survives it.",
        ),
        explanation="In practice the 1-D correction works better on spectra of single bands (documentation of "
                    "`residual_fringe`). Either one can alter real features, so the uncorrected spectrum is the "
                    "control.",
        check=among("b"),
        misconceptions=(
            choice_is("a", "The second correction finds few fringes and fits what is left: lines, and noise.", "both"),
            choice_is("c", "A smaller scatter can mean that lines were removed with the fringes.", "scatter"),
            choice_is("d", "Each band has its own fringes. At a join their phase and size jump, and the fit fails.",
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
        Write the association that calibrates `rates[0]` with *both* options: pixel-by-pixel background from all files
        in `empty`, and self-calibration of bad pixels with all other science exposures in `rates`. Start from
        `asn_from_list` and append the other members, `{{"expname": ..., "exptype": ...}}`. Give `association`; the
        judge reads its members and roles.
        """,
        kind="text", unit=None, points=3, minutes=6,
        hints=(
            "`asn_from_list` with the rule of stage 2 makes one product for each file that you give it. Give it the "
            "science file alone, in a list.",
            "`association[\"products\"][0][\"members\"]` is a list of dictionaries. Append one for each background "
            "file and one for each file for self-calibration, with the path as text.",
        ),
        explanation="Stage 2 calibrates one science member; all others only correct it. Background members take part "
                    "in the self-calibration anyway, and the science exposure may, so listing them there too does no "
                    "harm.",
        check=expected.ASSOCIATION,
        misconceptions=(
            Misconception("products", lambda answer, facts: expected.products_of(answer) > 1,
                "There are several products: `asn_from_list` with this rule makes one of each file. Give it the "
                "science file alone, and append the others.", lambda facts: expected.example(facts, products=2)),
            Misconception("two-science", lambda answer, facts: expected.roles(answer).count("science") > 1,
                "There is more than one science member. Stage 2 would calibrate all of them, with the background "
                "treated wrongly.", lambda facts: expected.example(facts, science=2)),
            Misconception("no-background", lambda answer, facts: set(expected.roles(answer)) == {"science", "selfcal"},
                "The background exposures need the role `background`, or nothing is subtracted.",
                lambda facts: expected.example(facts, background="selfcal")),
        ),
        judged_by="products",
    ),
    Exercise(
        id="04-pixel-wavelength",
        title="The wavelength of a pixel",
        question="""
        What wavelength does the pixel in **row 300, column 150** see? Give it as `pixel_wavelength` in {unit};
        tolerance {tolerance} (about one row). Rows and columns count from 0.
        """,
        kind="quantity", unit="um", points=1, minutes=2,
        hints=(
            "The array `wavelength` has the shape of the detector.",
            "numpy indexes an image by row first and column second.",
        ),
        explanation="The WCS is a function of the pixel. numpy stores an image row by row, so the row, which is y, "
                    "comes first.",
        check=near(lambda facts: expected.wavelength(facts)[expected.PIXEL], rel=1.8e-4),
        misconceptions=(
            value_near(lambda facts: expected.wavelength(facts)[expected.PIXEL[::-1]],
                "That is the pixel in row 150, column 300: numpy wants [row, column], not [x, y].",
                "x-before-y", rel=2e-4),
        ),
        judged_by="products",
    ),
    Exercise(
        id="04-sky-distance",
        title="Neighbours that are not",
        question="""
        How far apart on the sky do these two pixels look? Use `pixels.ra` and `pixels.dec` (degrees). Give
        `sky_distance` in {unit}; tolerance {tolerance}.
        """,
        kind="quantity", unit="arcsec", points=2, minutes=3,
        hints=(
            "Index `pixels.ra` and `pixels.dec` with each of the two pixels. One degree is 3600 arcsec.",
            "A degree of right ascension is shorter than one of declination, by the cosine of the declination. Then "
            "Pythagoras: `np.hypot`.",
        ),
        explanation="The slicer puts slices side by side on the detector in another order than on the sky, so "
                    "neighbours there look at distant places.",
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
        On which detector row does this line fall, in each of these slices? Give `line_rows`, an array with one row
        number for each slice in `numbers`, in that order. Use the median row of those pixels of the slice that lie
        within 0.002 µm of `observed`. Tolerance {tolerance} rows.
        """,
        kind="array", unit=None, points=3, minutes=3,
        hints=(
            "Combine two masks: pixels close to the line in wavelength, and pixels of one slice.",
            "`np.nonzero(mask)` returns the rows first, then the columns; take the median of the rows, slice by slice.",
        ),
        explanation="Each slice has its own wavelength solution: its light enters the grating at another angle, so "
                    "the same line falls on another row.",
        check=near_array(expected.line_rows, abs=3.0),
        misconceptions=(
            array_is(expected.line_columns, "These are columns: `np.nonzero` returns the rows first.", "columns"),
            array_is(lambda facts: evaluate(expected.line_rows, facts)[::-1], "The right rows in reversed order: "
                     "follow the order of `numbers`.", "reversed"),
            array_is(lambda facts: 1023 - evaluate(expected.line_rows, facts), "Rows count from the bottom of the "
                     "image, from 0.", "from-the-top"),
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
            "Divide the image after the step by the image before it, pixel by pixel, and use a median without NaN.",
        ),
        explanation="`photom` multiplies each pixel by its own factor, and the factor hardly varies inside a channel. "
                    "The median ignores bad pixels.",
        check=near(lambda facts: expected.photom_factor(facts, expected.first_channel(facts)), rel=0.03),
        misconceptions=(
            value_near(lambda facts: expected.photom_factor(facts, expected.first_channel(facts) + 1),
                "That is the factor of the other channel.", "other-channel"),
            value_near(lambda facts: 1 / expected.photom_factor(facts, expected.first_channel(facts)),
                "You divided the image before by the image after: "
                       "that gives DN/s per MJy/sr.", "inverse"),
        ),
        judged_by="products",
    ),
    Exercise(
        id="04-throughput",
        title="Throughput and time",
        question="""
        Write `throughput(days, year1value, tsoft, alpha)`: the throughput relative to that of the conversion factors, a
        number of days after the date `t0`. It is a power law of `days + tsoft` with the exponent `alpha`, is
        `year1value` after 365 days, and is never more than 1. `days` may be an array. (Within {tolerance}.)
        """,
        kind="code", unit=None, points=2, minutes=4,
        hints=(
            "A power law that has the value y after 365 days is y times a ratio to the power `alpha`. The ratio is 1 "
            "after 365 days.",
            "Numerator and denominator of the ratio both contain `tsoft`. `np.minimum` works on arrays and numbers.",
        ),
        explanation="The loss was fast at first and slows down, which a power law with a softening describes. "
                    "`photom` divides by it, so a flux that is not corrected is too low by this factor.",
        check=code(functions.throughput, rel=1e-3),
        misconceptions=(
            code_agrees(functions.unbounded, "Before the date of the conversion factors your value exceeds 1. The "
                        "pipeline stops at 1.", "unbounded"),
            code_agrees(functions.correction, "That is the factor by which the flux is multiplied; the throughput is "
                        "its inverse.", "inverse"),
            code_agrees(functions.without_softening, "`tsoft` is missing in the denominator: after 365 days the value "
                        "must be `year1value`.", "softening"),
        ),
        probes=functions.throughput_probes,
    ),
    Exercise(
        id="04-missing-pixels",
        title="Pixels without a value",
        question="""
        What percentage of the pixels *inside the slices* has no value (`nan`) in the science `cal` image? Give
        `missing_pixels` in {unit}; tolerance {tolerance}.
        """,
        kind="quantity", unit="percent", points=1, minutes=2,
        hints=(
            "`slices > 0` marks the pixels inside the slices; `np.isnan` those without a value.",
            "The mean of a boolean array is the fraction that is True.",
        ),
        explanation="Pixels that are bad, or whose ramps have no two good groups, have no rate. Outside the slices "
                    "there is no sky, so those pixels do not count.",
        check=near(expected.missing, abs=0.05),
        misconceptions=(
            value_near(lambda facts: expected.missing(facts, inside=False), "That counts the pixels between the slices "
                "too, which see no sky.", "whole-detector", abs=0.5),
            value_near(lambda facts: expected.missing(facts) / 100, "That is a fraction. Give percent.",
                "fraction", rel=0.02),
        ),
        judged_by="products",
    ),
    Exercise(
        id="04-background-noise",
        title="The price of pixel subtraction",
        question="""
        All your exposures are equally deep. By what factor does the noise of a faint pixel in **one** science exposure
        increase when the mean of your background exposures is subtracted? (Count them in `Background/stage1`.) Give
        `noise_factor`, three digits; tolerance {tolerance}.
        """,
        kind="scalar", unit=None, points=2, minutes=2,
        hints=(
            "Variances add up. The mean of m equal exposures has a variance m times smaller.",
            "Add the variance of one exposure and that of the mean, in units of the first. The noise is the root.",
        ),
        explanation="Independent noises add as variances. The mean of several exposures has a smaller variance, but "
                    "never none, so the subtraction always adds noise.",
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
        explanation="`bkg_subtract` writes `S_BKDSUB = COMPLETE` into the header. The master background looks there "
                    "and leaves subtracted data alone.",
        check=among("b"),
        misconceptions=(
            choice_is("a", "A reasonable fear, but stage 3 reads the keyword S_BKDSUB before it subtracts.", "twice"),
            choice_is("d", "Stage 2 does not know what stage 3 will do.", "stage-two-knows"),
        ),
        choices=("a", "b", "c", "d"),
    ),
)  # fmt: skip
