"""Exercises of lesson 03: one pixel through stage 1, jumps, showers, count rates."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mrskit.course.lesson03_detector1 import expected, expected_showers, functions
from mrskit.exercises.checks import among, code, near, near_array, overlap
from mrskit.exercises.misconceptions import array_is, choice_is, code_agrees, value_near
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
        hints=("Look at the figure: a shower is a peak that fades over some groups.", "`np.nanargmax(excess)`."),
        check=near(expected_showers.groups, abs=1),
        misconceptions=(
            value_near(lambda facts: expected_showers.groups(facts, brightest=False),
                       "There is a shower, but not the brightest one.", "fainter"),
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
        left to right (`label` numbers the connected patches of a mask).
        """,
        kind="region", unit=None, points=3, minutes=4,
        hints=(
            "Read the ranges off the three images: a box around the brightest colours of each patch.",
            "Or let numpy find them: rows and columns of `np.nonzero(image > image.max() / 2)`, smallest and largest.",
        ),
        check=overlap(expected_showers.region, completeness=0.6, false=0.6),
        misconceptions=(
            Misconception(
                "not-all", expected_showers.some_marked, "There is a shower that you have not marked: there are three.",
                expected_showers.first_alone,
            ),
            Misconception(
                "everything", lambda answer, facts: bool(answer.array.mean() > 0.3),
                "Who marks the whole detector has found nothing: a shower is some tens of pixels wide.",
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
            "both / true.sum(), and 1 - both / found.sum(); test with `.any()` before you divide.",
        ),
        check=code(functions.scores),
        misconceptions=(
            code_agrees(functions.swapped_scores, "The two masks are in each other's place: completeness is a share of "
                        "what is *true*.", "swapped"),
            code_agrees(functions.false_of_detector, "The false share is a share of what was *found*, not of the whole "
                        "image.", "of-the-image"),
            code_agrees(functions.agreement, "Most pixels are in neither mask and agree: that says nothing of "
                        "completeness.",
                        "agreement"),
        ),
        probes=functions.score_probes,
    ),
    Exercise(
        id="03-search-completeness",
        title="How much of each shower is found",
        question="""
        Which share of each shower does the search flag at a threshold of **1.0**? `parts` are three masks, from bottom
        to top: the patch of each image that is brighter than half of its peak. Give `completeness`, an array of shape
        (3,), from bottom to top: the share of the pixels of each mask that is in `search[1.0]` (tolerance {tolerance},
        because these masks are not the truth).
        """,
        kind="array", unit=None, points=2, minutes=3,
        hints=(
            "`search[1.0]` is a boolean image; `search[1.0][part]` are its values inside one mask.",
            "The mean of booleans is the share that is true. One number for each mask in `parts`.",
        ),
        check=near_array(expected_showers.completeness, abs=0.2),
        misconceptions=(
            array_is(
                lambda facts: expected_showers.completeness(facts)[::-1],
                "The other way round: the first number is that of the lowest shower.",
                "top-first",
            ),
        ),
        judged_by="truth",
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
            "Look for the comments on these parameters in the table of lesson 01.",
        ),
        check=among("a"),
        misconceptions=(
            choice_is(
                "b",
                "This is the switch of the search for showers in MIRI: it is what one wants.",
                "find-showers",
            ),
            choice_is(
                "c",
                "This is the threshold of that search, in sigma. A matter of taste: higher finds less, and less "
                "wrongly.",
                "threshold",
            ),
            choice_is("d", "One of them does something else than the slide says.", "none"),
        ),
        choices=("a", "b", "c", "d"),
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
        check=among("a"),
        misconceptions=(
            choice_is("b", "The correction works on each value alone, without a look at others.", "needs-groups"),
            choice_is("c", "Speed is not the reason: the steps cost seconds.", "speed"),
            choice_is(
                "d",
                "A cosmic ray may saturate a pixel, but that is decided later, in the jump step.",
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
            "100 x (after / before - 1), in the group `usable[-1]`.",
        ),
        check=near(expected.linearity_gain, abs=0.1),
        misconceptions=(
            value_near(
                lambda facts: -expected.linearity_gain(facts),
                "The sign: the detector loses response as it fills, so the correction raises the signal.",
                "sign",
            ),
            value_near(
                lambda facts: 100 + expected.linearity_gain(facts),
                "That is the ratio in percent. Asked for is what is added.",
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
            "x is `time[usable]`, y is `ramp[usable]`; groups flagged as not to be used are left out.",
        ),
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
        Find three pixels of your own, none of those above: one that **saturates**, one that was **hit** and does not
        saturate, and one to which **neither** happened. `flags` are the flags of all pixels of the long ramp after
        the jump step, shape (groups, rows, columns); `long_bad & 1` marks bad pixels, which do not count. Give
        `own_pixels`, an array of shape (3, 2): row and column of each, in this order.
        """,
        kind="array", unit=None, points=2, minutes=4,
        hints=(
            "`flags & 2 > 0` is true where a group is saturated, `flags & 4 > 0` where it has the flag of a jump; "
            "`.any(axis=0)` says whether that holds in any group.",
            "Combine the masks with `&` and `~`, leave out bad pixels (`long_bad & 1`), and take a row of "
            "`np.argwhere`.",
        ),
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
            "In DN the photons' variance is rate x group time / gain. Add it to twice the square of the read noise.",
        ),
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
            "`abs(gained - np.nanmedian(gained)) > threshold * noise`, with a False put before it: "
            "`np.concatenate(([False], ...))`.",
        ),
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
    *SHOWERS,
    Exercise(
        id="03-pull-width",
        title="Are the errors right?",
        question="""
        How wide is the distribution? A standard deviation would be ruled by the few pixels that were hit. Give
        `pull_width`, 1.4826 times the median distance of the pulls from their median, without NaN (tolerance
        {tolerance}). The factor makes it a standard deviation if the distribution is normal.
        """,
        kind="scalar", unit=None, points=2, minutes=3,
        hints=(
            "Take the median of `pulls`, then the median of the absolute differences from it; leave out NaN.",
            "`1.4826 * np.nanmedian(abs(pulls - np.nanmedian(pulls)))`.",
        ),
        check=near(expected.pull_width, rel=0.01),
        misconceptions=(
            value_near(lambda facts: expected.pull_width(facts, "one"), "You divided by the error of one exposure. The "
                       "difference has the errors of both, added as squares.", "one-error"),
            value_near(lambda facts: expected.pull_width(facts, "sum"), "You added the errors. Independent errors add "
                       "as squares (`np.hypot`).", "sum-of-errors"),
            value_near(lambda facts: expected.pull_width(facts) / 1.4826, "The factor 1.4826 is missing: it makes a "
                       "standard deviation of the median distance.", "no-factor"),
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
            "Count the plateaus in the cut, or the bright bands in the image.",
            "Smooth the cut a little, call everything above the middle between dark and plateau lit (each half has "
            "its own plateau), and count how often lit begins: `np.diff(lit.astype(int)) == 1`.",
        ),
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
        ),
        judged_by="products",
    ),
    Exercise(
        id="03-dark-strip",
        title="The strip without light",
        question="""
        Between which columns does no slice fall, in the middle of the detector? Give `strip`, an array of shape (2,):
        first and last column without light in the cut (tolerance {tolerance} columns).
        """,
        kind="array", unit=None, points=2, minutes=2,
        hints=(
            "Look at the cut between columns 440 and 560: it falls from a plateau to nearly zero, and rises again.",
            "Take the middle of each flank: half of the plateau's height.",
        ),
        check=near_array(expected.dark_strip, abs=6.0),
        misconceptions=(
            Misconception(
                "gap", _narrow,
                "This is one of the narrow gaps between two slices of the same channel. The strip between the "
                "channels is wider.",
                lambda facts: [300, 306],
            ),
        ),
        judged_by="truth",
    ),
)  # fmt: skip
