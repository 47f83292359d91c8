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
        In which group (counted from 0) does the **brightest** shower begin? Give `shower_group` (tolerance
        {tolerance}).
        """,
        kind="scalar", unit=None, points=2, minutes=2,
        hints=(
            "Look at the figure: a shower is a peak that fades over some groups. You may read the number off.",
            "numpy finds the place of the largest value with an `arg` function. The first elements are NaN, so use the "
            "variant that ignores NaN.",
        ),
        explanation="No pixel gains enough to count as a jump. The mean of hundreds of pixels has a noise some twenty "
                    "times smaller, so the patch stands out.",
        check=near(expected_showers.groups, abs=1),
        misconceptions=(
            value_near(lambda facts: expected_showers.groups(facts, brightest=False),
                       "There is a shower, but not the brightest one.", "fainter"),
            value_near(0, "The first value is NaN, and `argmax` stops there. Look for a variant without NaN.",
                       "nan-first", abs=0.1),
        ),
        judged_by="truth",
    ),
    Exercise(
        id="03-shower-boxes",
        title="Where the showers are",
        question="""
        Mark the three showers by pixel ranges. Give `boxes`, a list of (first row, last row, first column, last
        column), each about as large as the part of the shower that is brighter than half its peak. At least
        {completeness} of these bright parts must lie in your boxes, and at most {false} of the boxes outside the
        showers. Read the ranges off the figure, or let numpy find them in `images`, which are the three pictures from
        left to right (`scipy.ndimage.label` numbers the connected patches of a mask).
        """,
        kind="region", unit=None, points=3, minutes=4,
        hints=(
            "Read the ranges off the three panels: a box around the brightest colours of each patch. Rows are on the "
            "vertical axis and come first.",
            "With numpy: mark what is brighter than half of an image's maximum, find the rows and columns of the "
            "marked pixels with `np.nonzero`, and take the smallest and largest of each.",
        ),
        explanation="A shower does not follow slices or lines and is wider than either. That is how eye and algorithm "
                    "tell it from light of the sky.",
        check=overlap(expected_showers.region, completeness=0.6, false=0.6),
        misconceptions=(
            Misconception(
                "not-all", expected_showers.some_marked, "There is a shower that you have not marked: there are three.",
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
        Write `scores(found, true)` for two boolean arrays of one shape. It returns two numbers, the completeness and
        the false share, each between 0 and 1; NaN where the share is of nothing (no pixel is true, or none was found).
        """,
        kind="code", unit=None, points=2, minutes=4,
        hints=(
            "`found & true` holds the pixels that are in both; `.sum()` counts. Each share has another denominator.",
            "Count the pixels that both masks have. Completeness divides by the count of `true`; the false share is "
            "one minus the same count divided by that of `found`. Test with `.any()` before you divide.",
        ),
        explanation="Completeness divides by what is there, the false share by what was found. A search that flags "
                    "everything is complete, and useless.",
        check=code(functions.scores),
        misconceptions=(
            code_agrees(functions.swapped_scores, "The two masks are in each other's place: completeness is a share of "
                        "what is *true*.", "swapped"),
            code_agrees(functions.false_of_detector, "The false share is a share of what was *found*, not of the whole "
                        "image.", "of-the-image"),
            code_agrees(functions.agreement, "Most pixels are in neither mask, and there the masks agree. That says "
                        "nothing about completeness.",
                        "agreement"),
        ),
        probes=functions.score_probes,
    ),
    Exercise(
        id="03-questionable-parameter",
        title="Spot the questionable parameter",
        question="""
        One of them is not meant for MIRI at all. Which? Give the letter as `questionable`; `"d"` means none.
        """,
        kind="choice", unit=None, points=2, minutes=2,
        hints=(
            "Snowballs are large round events in the near-infrared detectors (HgCdTe). MIRI's detectors are of "
            "another kind.",
            "Which of the three names speaks of *large events* rather than of showers?",
        ),
        explanation="`expand_large_events` widens the flags about snowballs, which occur in the HgCdTe detectors of "
                    "the near infrared. MIRI has Si:As detectors and a search of its own.",
        check=among("a"),
        misconceptions=(
            choice_is(
                "b",
                "This parameter switches MIRI's search for showers on: it is what you want here.",
                "find-showers",
            ),
            choice_is(
                "c",
                "This is the threshold of MIRI's search, in sigma. A higher value finds less, and less of it is "
                "wrong: a choice, but one for MIRI.",
                "threshold",
            ),
            choice_is("d", "One of the three looks for events that MIRI's detectors do not have.", "none"),
        ),
        choices=("a", "b", "c", "d"),
    ),
    Exercise(
        id="03-shower-left",
        title="What clean_showers leaves",
        question="""
        How much of the bright shower's light does `clean_showers` alone leave? Compare the median of
        `treated["clean_showers"]` with that of `treated["nothing"]`, both inside the mask `core`. Give `shower_left` in
        {unit} (tolerance {tolerance}).
        """,
        kind="quantity", unit="percent", points=2, minutes=3,
        hints=(
            "An image indexed with a mask gives the values inside it. Bad pixels are NaN: use `np.nanmedian`.",
            "What is left is the median after the cure divided by the median without a cure.",
        ),
        explanation="The step smooths the light between the slices over 18 by 5 pixels and subtracts it. The "
                    "smoothing blurs the shower over its surroundings, so the step underestimates its peak.",
        check=near(expected_showers.shower_left, abs=3.0),
        misconceptions=(
            value_near(lambda facts: 100 - expected_showers.shower_left(facts), "That is what was removed. The "
                       "question asks for what is left.", "removed-for-left"),
            value_near(lambda facts: expected_showers.shower_left(facts) / 100, "That is a fraction. The question "
                       "asks for percent.", "fraction", abs=0.03),
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
        Why does the pipeline look for saturated groups *before* it corrects the linearity? Give the letter as `reason`.

        - `"a"`: saturation is a limit of the raw signal, and the polynomial of the correction has no meaning beyond it
        - `"b"`: the correction needs to know which groups follow a saturated one
        - `"c"`: it saves computing time
        - `"d"`: cosmic rays would be taken for saturation otherwise
        """,
        kind="choice", unit=None, points=1, minutes=1,
        hints=(
            "Saturation happens in the raw signal, in DN above zero.",
            "The correction is a polynomial. What does it do to a value that the detector could not follow any more?",
        ),
        explanation="The polynomial was fitted to ramps below saturation. Beyond it the polynomial only extrapolates, "
                    "so the full groups must be known before it runs.",
        check=among("a"),
        misconceptions=(
            choice_is("b", "The correction treats each group by itself, without a look at others.", "needs-groups"),
            choice_is("c", "Speed is not the reason: the steps cost seconds.", "speed"),
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
            "Divide the later value by the earlier one, subtract 1, and turn the result into percent.",
        ),
        explanation="The collected charge weakens the field in the pixel, so a fuller pixel collects less of the next "
                    "photons' charge. The polynomial gives the lost part back.",
        check=near(expected.linearity_gain, abs=0.1),
        misconceptions=(
            value_near(
                lambda facts: -expected.linearity_gain(facts),
                "The sign: the detector loses response as it fills, so the correction raises the signal.",
                "sign",
            ),
            value_near(
                lambda facts: 100 + expected.linearity_gain(facts),
                "That is the whole ratio in percent. The question asks for the increase.",
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
        and give `rate` in {unit}. It is compared with the pipeline's own (tolerance {tolerance}).
        """,
        kind="quantity", unit="DN / s", points=2, minutes=3,
        hints=(
            "`np.polyfit(x, y, 1)[0]` is the slope of a straight line. x must be in seconds.",
            "Give `np.polyfit` the time and the signal of the usable groups, and degree 1. The first coefficient is "
            "the slope.",
        ),
        explanation="A steady source adds the same charge in every group, so the slope is the rate. The level after "
                    "the reset is in all groups alike and drops out.",
        check=near(expected.pipeline_rate, rel=0.03),
        misconceptions=(
            value_near(
                lambda facts: expected.pipeline_rate(facts) * FRAME_TIME["FASTR1"],
                "That is in DN per *group*. Divide by the 2.775 s of a group.",
                "per-group",
            ),
            value_near(
                lambda facts: expected.pipeline_rate(facts) / FRAME_TIME["FASTR1"],
                "You divided by the group time once too often.",
                "twice",
            ),
        ),
        judged_by="products",
    ),
    Exercise(
        id="03-own-pixels",
        title="Three pixels of your own",
        question="""
        Find three pixels of your own in the long ramp, none of those above: one that **saturates**, one that was
        **hit** and does not saturate, and one to which **neither** happened. The flags of all its pixels,
        `flags = long.quality["jump"][0]`, have the shape (groups, rows, columns). `long.bad & 1` marks bad pixels; do
        not use those. Give `own_pixels`, an array of shape (3, 2): row and column of each, in this order.
        """,
        kind="array", unit=None, points=2, minutes=4,
        hints=(
            "`flags & 2 > 0` is true where a group is saturated, `flags & 4 > 0` where it has the flag of a jump. "
            "`.any(axis=0)` says whether that holds in any group.",
            "Combine masks of shape (rows, columns) with `&` and `~`, leave out bad pixels, and choose one line of "
            "`np.argwhere` for each of the three.",
        ),
        explanation="Flags are bits in one number. `&` looks at one bit alone, and `any` asks whether any group of "
                    "the ramp carries it.",
        check=expected.three_pixels,
        misconceptions=(
            Misconception(
                "x-before-y", expected.transposed,
                "The right pixels the wrong way round: numpy counts rows first, so give [row, column].",
                lambda facts: expected.own_pixels(facts)[:, ::-1],
            ),
        ),
        judged_by="products",
    ),
    Exercise(
        id="03-difference-noise",
        title="The noise of a difference",
        question="""
        Write `difference_noise(rate, group_time, gain, read_noise)`: the noise, in DN, of the difference of two
        successive groups of a pixel with the count rate `rate` (DN/s), for a group time in s, a gain in electrons per
        DN and a noise of a **single** read in DN. A negative rate brings no photons; `rate` may be an array. (Within
        {tolerance}.)
        """,
        kind="code", unit=None, points=2, minutes=3,
        hints=(
            "Two reads, each with its own noise; and the photons between them, whose number N (electrons) scatters by "
            "the square root of N.",
            "N photons are N / gain in DN, with a scatter of sqrt(N) / gain. Square it, add the variance of two reads, "
            "and take the root.",
        ),
        explanation="A difference holds two independent reads and the photons that arrive between them, and variances "
                    "add. Earlier photons are in both reads and cancel.",
        check=code(functions.difference_noise, rel=1e-3),
        misconceptions=(
            code_agrees(functions.one_read, "A difference has the noise of *two* reads: twice the variance.",
                        "one-read"),
            code_agrees(functions.electrons_for_dn, "The gain is in the wrong place: N electrons are N / gain DN, and "
                        "their scatter is sqrt(N) / gain.", "gain"),
            code_agrees(functions.sum_of_sigmas, "You added noises. Independent noises add as squares.",
                        "sum-of-sigmas"),
        ),
        probes=functions.noise_probes,
    ),
    Exercise(
        id="03-find-jumps",
        title="A search for jumps",
        question="""
        Write `find_jumps(ramp, noise, threshold)` that returns a boolean array as long as the ramp: true for each group
        whose gain over the group before differs from the **median** gain by more than `threshold` times `noise` (DN),
        upwards or downwards. The first group is false, and so is a group whose difference is NaN.
        """,
        kind="code", unit=None, points=3, minutes=5,
        hints=(
            "`np.diff(ramp)` is what each group gained; element i belongs to group i + 1. `np.nanmedian` leaves out "
            "NaN, and a comparison with NaN is false.",
            "Compare the distance of each difference from the median with the limit. Then put one False before the "
            "result, e.g. with `np.concatenate`.",
        ),
        explanation="A hit changes one difference and leaves all others as they were. The median ignores one bad "
                    "value; the mean moves towards it.",
        check=code(functions.find_jumps),
        misconceptions=(
            code_agrees(functions.group_before, "You mark the last group *before* the step: element i of `np.diff` is "
                        "what group i + 1 gained.", "diff-index"),
            code_agrees(functions.about_mean, "The mean gain is pulled up by the hit itself; the median is not.",
                        "mean"),
            code_agrees(functions.about_zero, "A bright pixel gains much in every group. Compare with its typical "
                        "gain, not with zero.", "no-median"),
        ),
        probes=functions.jump_probes,
    ),
    Exercise(
        id="03-own-steps",
        title="Your own parameters",
        question="""
        Write the dictionary for `Detector1Pipeline.call(..., steps=own_steps)`. (1) Leave the search for jumps out, so
        that all hits stay in the data. (2) Run `emicorr`, whatever a parameter file says. (3) Do not flag the
        neighbours of saturated pixels: `n_pix_grow_sat`, the number of pixels by which saturated regions grow, is 1
        otherwise. Give `own_steps`, a dictionary of dictionaries with these three settings and no others.
        """,
        kind="text", unit=None, points=2, minutes=4,
        hints=(
            "Each step has a dictionary of its own: `{\"step\": {\"parameter\": value}}`. The table of section 2 has "
            "the names of the steps, and every step has the parameter `skip`.",
            "Leaving a step out is `skip` with the value `True`, running it is `False`. Both are Python's own words, "
            "without quotes.",
        ),
        explanation="The pipeline uses a value from your dictionary first, then one from a CRDS parameter file, then "
                    "the code's own. What you write down cannot change behind your back.",
        check=steps_dictionary.holds(own_calls.WITHOUT_JUMP),
        misconceptions=(
            steps_dictionary.looks_like(
                {"jump.skip": True, "emicorr.skip": False, "saturation.n_pix_grow_sat": 0},
                "That is the notation of the command line (`--steps.jump.skip=true`). In Python, each step is a "
                "dictionary inside the dictionary.", "dots"),
            steps_dictionary.looks_like(
                {"jump": {"skip": False}, "emicorr": {"skip": True}, "saturation": {"n_pix_grow_sat": 0}},
                "`skip` says what is left out: `True` means that the step does not run.", "skip-reversed"),
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
        How wide is the core of this distribution, which still holds all hits? Give `pull_width`, a width that does not
        depend on the hits and would be 1 for a normal distribution of width 1 (tolerance {tolerance}).
        """,
        kind="scalar", unit=None, points=2, minutes=4,
        hints=(
            "A standard deviation squares each distance, so the hits dominate it. A *median* only counts them.",
            "Take the median of the absolute distances of `pulls` from their median, without NaN. For a normal "
            "distribution that is the standard deviation divided by 1.4826.",
        ),
        explanation="The median only counts how many pulls lie closer, not how far the others lie. A standard "
                    "deviation squares the distance, so a few hits dominate it.",
        check=near(expected.pull_width, rel=0.01),
        misconceptions=(
            value_near(lambda facts: expected.pull_width(facts, robust=False), "That is the standard deviation: a few "
                       "pixels that were hit dominate it. Use a median of distances.", "standard-deviation", rel=0.02),
            value_near(lambda facts: expected.pull_width(facts, "one"), "You divided by the error of one exposure. The "
                       "difference has the errors of both, added as squares.", "one-error"),
            value_near(lambda facts: expected.pull_width(facts, "sum"), "You added the errors. Independent errors add "
                       "as squares (`np.hypot`).", "sum-of-errors"),
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
            "Count the plateaus in the cut, or the bright bands in the image. Each half is one channel.",
            "With numpy: smooth the cut a little, call a column lit if it is above the middle between dark and plateau "
            "(each half has its own plateau), and count how often lit begins.",
        ),
        explanation="The PSF grows with wavelength. Slices of a longer channel are wider on the sky, so fewer of them "
                    "are needed, although its field is larger.",
        check=near_array(SLICES),
        misconceptions=(
            Misconception(
                "swapped", _is(SLICES[::-1]),
                "The other way round: channel 4 is in the *left* half of the long detector.",
                lambda facts: SLICES[::-1],
            ),
            Misconception(
                "short-detector", _is(SLICES_SHORT),
                "These are the numbers of the short detector, channels 1 and 2.",
                lambda facts: SLICES_SHORT,
            ),
            Misconception(
                "gaps", _is([number - 1 for number in SLICES]),
                "You counted the gaps between the slices. There is one slice more than gaps in each channel.",
                lambda facts: [number - 1 for number in SLICES],
            ),
        ),
        judged_by="products",
    ),
    Exercise(
        id="03-dark-strip",
        title="The strip without light",
        question="""
        Which columns in the middle of *this* detector receive no light from any slice? Give `strip`, an array of shape
        (2,): the first and the last column without light in the cut (tolerance {tolerance} columns).
        """,
        kind="array", unit=None, points=2, minutes=2,
        hints=(
            "Look for the widest stretch near zero in the middle of the cut. Where does the last plateau of the left "
            "channel end, and where does the first one of the right channel begin?",
            "Take the middle of each flank: half of the plateau's height.",
        ),
        explanation="The slices of a channel end where its mirrors end. Between the two channels no mirror sends "
                    "light of the sky to the detector.",
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
                "That is the strip of the *short* detector, from lesson 02. Look at the cut of this one.",
                lambda facts: [480, 511],
            ),
        ),
        judged_by="truth",
    ),
)  # fmt: skip
