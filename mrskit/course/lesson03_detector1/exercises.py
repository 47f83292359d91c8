"""Exercises of lesson 03: one pixel through stage 1, jumps, showers, count rates."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mrskit.course import steps_dictionary
from mrskit.course.lesson03_detector1 import expected, expected_showers, functions
from mrskit.course.shown import own_calls
from mrskit.exercises.checks import among, code, near, near_array, overlap
from mrskit.exercises.misconceptions import choice_is, code_agrees, value_near
from mrskit.exercises.record import Answer, Exercise, Facts, Misconception
from mrskit.plan import FRAME_TIME

SHOWERS: tuple[Exercise, ...] = (
    Exercise(
        id="03-shower-group",
        title="The brightest shower",
        question="""
        In which group (counted from 0) does the **brightest** shower begin? Give `shower_group`, the number of the
        group (tolerance {tolerance}).
        """,
        kind="scalar", unit=None, points=2, minutes=2,
        hints=(
            "In the figure a shower is a peak that fades over several groups. You may read the number off the figure.",
            "An `arg` function of numpy finds the index of the largest value. The first elements are NaN, so use the "
            "variant that ignores NaN.",
        ),
        explanation="No single pixel gains enough to count as a jump. The noise of the mean of hundreds of pixels is "
                    "about twenty times smaller, so the patch stands out.",
        check=near(expected_showers.groups, abs=1),
        misconceptions=(
            value_near(lambda facts: expected_showers.groups(facts, brightest=False),
                       "A shower begins in this group, but it is not the brightest shower.", "fainter"),
            value_near(0, "The first value is NaN, and `argmax` returns its index. Use a variant that ignores NaN.",
                       "nan-first", abs=0.1),
        ),
        judged_by="truth",
    ),
    Exercise(
        id="03-shower-boxes",
        title="Where the showers are",
        question="""
        Mark the three showers by pixel ranges. Give `boxes`, a list of (first row, last row, first column, last
        column). Each box should cover the part of a shower that is brighter than half its peak. At least {completeness}
        of these bright parts must lie in your boxes, and at most {false} of the boxes outside the showers. Read the
        ranges off the figure, or find them with numpy in `images`, the three pictures from left to right.
        (`scipy.ndimage.label` numbers the connected patches of a mask.)
        """,
        kind="region", unit=None, points=3, minutes=4,
        hints=(
            "Read the ranges off the three panels: draw a box around the brightest colours of each patch. Rows are on "
            "the vertical axis and come first.",
            "With numpy, mark the pixels above half of an image's maximum. Find their rows and columns with "
            "`np.nonzero`, and use the smallest and largest of each.",
        ),
        explanation="A shower does not follow slices or lines and is wider than both. This is how the eye and the "
                    "algorithm distinguish a shower from light from the sky.",
        check=overlap(expected_showers.region, completeness=0.6, false=0.6),
        misconceptions=(
            Misconception(
                "not-all", expected_showers.some_marked, "You have not marked all showers: there are three.",
                expected_showers.first_alone,
            ),
            Misconception(
                "everything", lambda answer, facts: bool(answer.array.mean() > 0.3),
                "You marked most of the detector. A shower is some tens of pixels wide.",
                expected_showers.everything,
            ),
        ),
        judged_by="truth",
    ),
    Exercise(
        id="03-shower-scores",
        title="Complete, and pure",
        question="""
        Write `scores(found, true)` for two boolean arrays of the same shape. It returns the completeness and the false
        share, as fractions. If no pixel is true, the completeness is NaN; if no pixel was found, the false share is
        NaN.
        """,
        kind="code", unit=None, points=2, minutes=4,
        hints=(
            "`found & true` marks the pixels in both masks; `.sum()` counts them. Each share has a different "
            "denominator.",
            "Count the pixels that are in both masks. Completeness is this count divided by that of `true`. The false "
            "share is one minus this count divided by that of `found`. Test with `.any()` before you divide.",
        ),
        explanation="Completeness divides by the true pixels, the false share by the found pixels. A search that flags "
                    "everything is complete but useless.",
        check=code(functions.scores),
        misconceptions=(
            code_agrees(functions.swapped_scores, "You exchanged the two masks: completeness is a share of the *true* "
                        "pixels.", "swapped"),
            code_agrees(functions.false_of_detector, "The false share is a share of the *found* pixels, not of the "
                        "whole image.", "of-the-image"),
            code_agrees(functions.agreement, "Most pixels are in neither mask, so the masks agree in these pixels. "
                        "Their number does not measure completeness.", "agreement"),
        ),
        probes=functions.score_probes,
    ),
    Exercise(
        id="03-questionable-parameter",
        title="Spot the questionable parameter",
        question="""
        Which of these parameters is not meant for MIRI at all? Give the letter as `questionable`; `"d"` means none.
        """,
        kind="choice", unit=None, points=2, minutes=2,
        hints=(
            "Snowballs are large round events in the near-infrared detectors (HgCdTe). MIRI's detectors are of a "
            "different kind.",
            "Which of the three names mentions *large events* instead of showers?",
        ),
        explanation="`expand_large_events` widens the flags around snowballs, which occur in the near-infrared HgCdTe "
                    "detectors. MIRI has Si:As detectors and its own search for showers.",
        check=among("a"),
        misconceptions=(
            choice_is(
                "b",
                "This parameter switches on MIRI's search for showers, which you want here.",
                "find-showers",
            ),
            choice_is(
                "c",
                "This is the threshold of MIRI's search, in sigma. A higher value finds fewer showers and makes fewer "
                "false detections. You may choose it, and it is meant for MIRI.",
                "threshold",
            ),
            choice_is("d", "One of the three looks for events that MIRI's detectors do not have.", "none"),
        ),
        choices=("a", "b", "c", "d"),
    ),
    Exercise(
        id="03-shower-left",
        title="The light that clean_showers leaves",
        question="""
        How much of the bright shower's light does `clean_showers` alone leave? Compare the median of
        `treated["clean_showers"]` with that of `treated["nothing"]`, both inside the mask `core`. Give `shower_left` in
        {unit} (tolerance {tolerance}).
        """,
        kind="quantity", unit="percent", points=2, minutes=3,
        hints=(
            "An image indexed with a mask gives the values inside it. Bad pixels are NaN: use `np.nanmedian`.",
            "Divide the median after the correction by the median without a correction.",
        ),
        explanation="The step smooths the light between the slices over 18 by 5 pixels and subtracts it. The smoothing "
                    "spreads the shower over its surroundings, so the step underestimates the peak.",
        check=near(expected_showers.shower_left, abs=3.0),
        misconceptions=(
            value_near(lambda facts: 100 - expected_showers.shower_left(facts), "This is the share that was removed. "
                       "The question asks for the share that is left.", "removed-for-left"),
            value_near(lambda facts: expected_showers.shower_left(facts) / 100, "This is a fraction. The question asks "
                       "for percent.", "fraction", abs=0.03),
        ),
        judged_by="products",
    ),
)  # fmt: skip


SLICES = [12, 16]  # of channels 4 and 3, left and right half of the long detector
SLICES_SHORT = [21, 17]  # of channels 1 and 2


def _is(numbers: list[int]) -> Callable[[Answer, Facts], bool]:
    return lambda answer, facts: answer.array.ravel().tolist() == numbers


def _narrow(answer: Answer, facts: Facts) -> bool:
    return bool(0 < np.ptp(answer.array) < 20)


EXERCISES: tuple[Exercise, ...] = (
    Exercise(
        id="03-saturation-first",
        title="Saturation before linearity",
        question="""
        Why does the pipeline flag saturated groups *before* it corrects the linearity? Give the letter as `reason`.

        - `"a"`: saturation is a limit of the raw signal, and the polynomial of the correction has no meaning beyond it
        - `"b"`: the correction needs to know which groups follow a saturated one
        - `"c"`: this order saves computing time
        - `"d"`: otherwise the pipeline would mistake cosmic rays for saturation
        """,
        kind="choice", unit=None, points=1, minutes=1,
        hints=(
            "Saturation is a limit of the raw signal, in DN above zero.",
            "The correction is a polynomial. What does it do to a value at which the detector no longer responds?",
        ),
        explanation="The polynomial was fitted to ramps below saturation. Beyond saturation it only extrapolates, so "
                    "the full groups must be known before the correction runs.",
        check=among("a"),
        misconceptions=(
            choice_is("b", "The correction treats each group independently of the others.", "needs-groups"),
            choice_is("c", "Speed is not the reason: the steps take only seconds.", "speed"),
            choice_is(
                "d",
                "Cosmic rays are found later, in the jump step, from the differences of groups.",
                "cosmic-rays",
            ),
        ),
        choices=("a", "b", "c", "d"),
    ),
    Exercise(
        id="03-linearity-gain",
        title="How much the linearity correction adds",
        question="""
        By how many percent does `linearity` raise the signal of the bright pixel in the **last usable group**, compared
        with the step before it, `reset`? Give `linearity_gain` in {unit} (tolerance {tolerance}).
        """,
        kind="quantity", unit="percent", points=2, minutes=3,
        hints=(
            "Compare the ramp after `linearity` with the ramp after `reset`, the step before it.",
            "Divide the later value by the earlier value, subtract 1, and convert the result to percent.",
        ),
        explanation="The collected charge weakens the electric field in the pixel, so a fuller pixel collects less "
                    "charge per photon. The polynomial restores the lost part.",
        check=near(expected.linearity_gain, abs=0.1),
        misconceptions=(
            value_near(
                lambda facts: -expected.linearity_gain(facts),
                "The sign is wrong: a pixel loses response as it fills, so the correction raises the signal.",
                "sign",
            ),
            value_near(
                lambda facts: 100 + expected.linearity_gain(facts),
                "This is the whole ratio in percent. The question asks for the increase.",
                "ratio", abs=0.2,
            ),
        ),
        judged_by="products",
    ),
    Exercise(
        id="03-rate-of-one-pixel",
        title="The count rate of one pixel",
        question="""
        What is the count rate of this pixel? Fit a straight line to its usable groups (`time[usable]`, `ramp[usable]`)
        and give `rate` in {unit}. The kit compares it with the pipeline's rate (tolerance {tolerance}).
        """,
        kind="quantity", unit="DN / s", points=2, minutes=3,
        hints=(
            "`np.polyfit(x, y, 1)[0]` is the slope of a straight line. x must be in seconds.",
            "Pass `np.polyfit` the time and the signal of the usable groups, and degree 1. The first coefficient is "
            "the slope.",
        ),
        explanation="A steady source adds the same charge in every group, so the slope is the rate. The level after "
                    "the reset is the same in all groups and drops out.",
        check=near(expected.pipeline_rate, rel=0.03),
        misconceptions=(
            value_near(
                lambda facts: expected.pipeline_rate(facts) * FRAME_TIME["FASTR1"],
                "This rate is in DN per *group*. Divide it by the group time, 2.775 s.",
                "per-group",
            ),
            value_near(
                lambda facts: expected.pipeline_rate(facts) / FRAME_TIME["FASTR1"],
                "You divided by the group time one time too many.",
                "twice",
            ),
        ),
        judged_by="products",
    ),
    Exercise(
        id="03-own-pixels",
        title="Three pixels of your own",
        question="""
        Find three pixels in the long ramp that are not in the figure above. One **saturates**, one was **hit** and does
        not saturate, and **neither** happened to the third. The flags of all pixels, `flags = long.quality["jump"][0]`,
        have the shape (groups, rows, columns). `long.bad & 1` marks bad pixels; do not use them. Give `own_pixels`, an
        array of shape (3, 2): row and column of each pixel, in this order. Neighbours of saturated pixels have the same
        flag, so check that the ramp of your first pixel flattens.
        """,
        kind="array", unit=None, points=2, minutes=4,
        hints=(
            "`flags & 2 > 0` is true where a group is saturated, and `flags & 4 > 0` where it is flagged as a jump. "
            "`.any(axis=0)` tests whether this is true in any group.",
            "Combine masks of shape (rows, columns) with `&` and `~`, and leave out bad pixels. Choose one row of "
            "`np.argwhere` for each of the three pixels.",
        ),
        explanation="Flags are bits in one number. `&` tests a single bit, and `any` tests whether any group of the "
                    "ramp has this bit.",
        check=expected.three_pixels,
        misconceptions=(
            Misconception(
                "x-before-y", expected.transposed,
                "You exchanged rows and columns: numpy counts rows first, so give [row, column].",
                lambda facts: expected.own_pixels(facts)[:, ::-1],
            ),
        ),
        judged_by="products",
    ),
    Exercise(
        id="03-difference-noise",
        title="The noise of a difference",
        question="""
        Write `difference_noise(rate, group_time, gain, read_noise)`. It returns the noise, in DN, of the difference
        between two successive groups of a pixel. The count rate `rate` is in DN/s and may be an array. The group time
        is in s, the gain in electrons per DN, and the noise of a **single** read in DN. Treat a negative rate as zero.
        (Tolerance {tolerance}.)
        """,
        kind="code", unit=None, points=2, minutes=3,
        hints=(
            "The noise comes from two reads, and from the photons between them. The number N of photons (electrons) "
            "scatters by the square root of N.",
            "N photons are N / gain in DN, with a scatter of sqrt(N) / gain. Square the scatter, add the variance of "
            "two reads, and take the square root.",
        ),
        explanation="A difference contains the noise of two reads and of the photons between them, and variances add. "
                    "Earlier photons are in both reads and cancel.",
        check=code(functions.difference_noise, rel=1e-3),
        misconceptions=(
            code_agrees(functions.one_read, "A difference has the noise of *two* reads: twice the variance.",
                        "one-read"),
            code_agrees(functions.electrons_for_dn, "The gain is in the wrong place: N electrons are N / gain DN, and "
                        "their scatter is sqrt(N) / gain.", "gain"),
            code_agrees(functions.sum_of_sigmas, "You added the noises. Add the squares of independent noises.",
                        "sum-of-sigmas"),
        ),
        probes=functions.noise_probes,
    ),
    Exercise(
        id="03-find-jumps",
        title="A search for jumps",
        question="""
        Write `find_jumps(ramp, noise, threshold)`. It returns a boolean array as long as the ramp. A group is true if
        its difference from the previous group is more than `threshold` times `noise` (DN) above or below the **median**
        difference. The first group is false, and so is a group with a difference of NaN.
        """,
        kind="code", unit=None, points=3, minutes=5,
        hints=(
            "`np.diff(ramp)` is the gain of each group; element i belongs to group i + 1. `np.nanmedian` ignores NaN, "
            "and a comparison with NaN is false.",
            "Compare the distance of each difference from the median with the limit. Then put one False before the "
            "result, e.g. with `np.concatenate`.",
        ),
        explanation="A hit changes one difference and no others. The median ignores one bad value, but the mean moves "
                    "towards it.",
        check=code(functions.find_jumps),
        misconceptions=(
            code_agrees(functions.group_before, "You mark the last group *before* the step: element i of `np.diff` is "
                        "the gain of group i + 1.", "diff-index"),
            code_agrees(functions.about_mean, "The mean gain is pulled up by the hit itself; the median is not.",
                        "mean"),
            code_agrees(functions.about_zero, "A bright pixel gains much in every group. Compare each gain with the "
                        "typical gain, not with zero.", "no-median"),
        ),
        probes=functions.jump_probes,
    ),
    Exercise(
        id="03-own-steps",
        title="Your own parameters",
        question="""
        Write the dictionary for `Detector1Pipeline.call(..., steps=own_steps)`. (1) Skip the search for jumps, so that
        all hits stay in the data. (2) Run `emicorr`, even if a parameter file switches it off. (3) Do not flag the
        neighbours of saturated pixels: `n_pix_grow_sat`, the number of pixels by which saturated regions grow, is 1 in
        the code. Give `own_steps`, a dictionary of dictionaries with only these three settings.
        """,
        kind="text", unit=None, points=2, minutes=4,
        hints=(
            "Each step has its own dictionary: `{\"step\": {\"parameter\": value}}`. The table in section 2 lists the "
            "names of the steps, and every step has the parameter `skip`.",
            "To skip a step, set `skip` to `True`; to run it, set `skip` to `False`. Write both without quotes.",
        ),
        explanation="The pipeline first uses your dictionary, then the CRDS parameter file, then the default in the "
                    "code. A new parameter file cannot change the values in your dictionary.",
        check=steps_dictionary.holds(own_calls.WITHOUT_JUMP),
        misconceptions=(
            steps_dictionary.looks_like(
                {"jump.skip": True, "emicorr.skip": False, "saturation.n_pix_grow_sat": 0},
                "This is the notation of the command line (`--steps.jump.skip=true`). In Python, each step is a "
                "dictionary inside the dictionary.", "dots"),
            steps_dictionary.looks_like(
                {"jump": {"skip": False}, "emicorr": {"skip": True}, "saturation": {"n_pix_grow_sat": 0}},
                "You reversed `skip`: `True` means that the step does not run.", "skip-reversed"),
            steps_dictionary.looks_like(
                {"jump": {"skip": "True"}, "emicorr": {"skip": "False"}, "saturation": {"n_pix_grow_sat": "0"}},
                "These values are texts. Write `True`, `False` and numbers without quotes.", "texts"),
        ),
    ),
    *SHOWERS,
    Exercise(
        id="03-pull-width",
        title="Are the errors right?",
        question="""
        How wide is the core of this distribution, which still contains all hits? Give `pull_width` (tolerance
        {tolerance}). This width must not depend on the hits, and must be 1 for a standard normal distribution.
        """,
        kind="scalar", unit=None, points=2, minutes=4,
        hints=(
            "A standard deviation squares each distance, so the hits dominate it. A *median* only counts the hits.",
            "Compute the median of the absolute distances of `pulls` from their median, without NaN. For a normal "
            "distribution this is the standard deviation divided by 1.4826.",
        ),
        explanation="The median depends on the number of distant pulls, not on their distance. A standard deviation "
                    "squares the distance, so a few hits dominate it.",
        check=near(expected.pull_width, rel=0.01),
        misconceptions=(
            value_near(lambda facts: expected.pull_width(facts, robust=False), "This is the standard deviation: a few "
                       "pixels that were hit dominate it. Use a median of distances.", "standard-deviation", rel=0.02),
            value_near(lambda facts: expected.pull_width(facts, "one"), "You divided by the error of one exposure. Use "
                       "the errors of both exposures: add their squares.", "one-error"),
            value_near(lambda facts: expected.pull_width(facts, "sum"), "You added the errors. Add the squares of "
                       "independent errors (`np.hypot`).", "sum-of-errors"),
            value_near(lambda facts: expected.pull_width(facts) / 1.4826, "The median distance of a normal "
                       "distribution is smaller than its standard deviation. Multiply by 1.4826.", "no-factor"),
        ),
        judged_by="products",
    ),
    Exercise(
        id="03-count-slices",
        title="Count the slices",
        question="""
        How many slices do you count on the long detector? Give `slice_counts`, an array of shape (2,): channel 4 (left
        half), channel 3 (right half).
        """,
        kind="array", unit=None, points=2, minutes=3,
        hints=(
            "Count the plateaus in the cut or the bright bands in the image. Each half of the detector is one channel.",
            "With numpy, smooth the cut a little. A column is lit if it is above the middle between dark and plateau "
            "(each half has its own plateau). Count how often a lit range begins.",
        ),
        explanation="The PSF grows with wavelength. A channel at longer wavelengths has wider slices on the sky, so it "
                    "needs fewer slices, although its field is larger.",
        check=near_array(SLICES),
        misconceptions=(
            Misconception(
                "swapped", _is(SLICES[::-1]),
                "You exchanged the channels: channel 4 is in the *left* half of the long detector.",
                lambda facts: SLICES[::-1],
            ),
            Misconception(
                "short-detector", _is(SLICES_SHORT),
                "These are the numbers of the short detector, channels 1 and 2.",
                lambda facts: SLICES_SHORT,
            ),
            Misconception(
                "gaps", _is([number - 1 for number in SLICES]),
                "You counted the gaps between the slices. Each channel has one more slice than gaps.",
                lambda facts: [number - 1 for number in SLICES],
            ),
        ),
        judged_by="products",
    ),
    Exercise(
        id="03-dark-strip",
        title="The strip without light",
        question="""
        Which columns in the middle of *this* detector do not receive light from any slice? Give `strip`, an array of
        shape (2,): the first and the last column without light in the cut (tolerance {tolerance} columns).
        """,
        kind="array", unit=None, points=2, minutes=2,
        hints=(
            "Look for the widest range near zero in the middle of the cut. Where does the last plateau of the left "
            "channel end, and where does the first plateau of the right channel begin?",
            "The edge is where the cut falls to half of the plateau's height.",
        ),
        explanation="The slices of a channel end where its mirrors end. Between the two channels no mirror sends light "
                    "from the sky to the detector.",
        check=near_array(expected.dark_strip, abs=6.0),
        misconceptions=(
            Misconception(
                "gap", _narrow,
                "This is one of the narrow gaps between two slices of the same channel. The strip between the "
                "channels is wider.",
                lambda facts: [300, 306],
            ),
            Misconception(
                "short-detector", lambda answer, facts: bool(np.all(abs(answer.array - [480, 511]) < 2)),
                "This is the strip of the *short* detector, from lesson 02. Look at the cut of *this* detector.",
                lambda facts: [480, 511],
            ),
        ),
        judged_by="truth",
    ),
)  # fmt: skip
