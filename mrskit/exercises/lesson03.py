"""Exercises of lesson 03: one pixel through stage 1, jumps, showers, count rates."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mrskit.exercises import ramps
from mrskit.exercises.checks import among, choice_is, near, near_array, value_near
from mrskit.exercises.record import Answer, Exercise, Facts, Misconception
from mrskit.plan import FRAME_TIME

SLICES = [12, 16]  # of channels 4 and 3, left and right half of the long detector
SLICES_SHORT = [21, 17]  # of channels 1 and 2


def _is(numbers: list[int]) -> Callable[[Answer, Facts], bool]:
    return lambda answer, facts: list(np.ravel(answer.value)) == numbers


def _narrow(answer: Answer, facts: Facts) -> bool:
    return 0 < np.ptp(np.ravel(answer.value)) < 20


EXERCISES: tuple[Exercise, ...] = (
    Exercise(
        id="03-saturation-first",
        title="Saturation before linearity",
        question="Why does the pipeline look for saturated groups *before* it corrects the linearity? Give the letter "
        "as `reason`.",
        kind="choice", unit=None, points=1, minutes=2,
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
        question="By how many percent does the linearity step raise the signal of the bright pixel in the last usable "
        "group? Give `linearity_gain` (tolerance 0.1 percentage points).",
        kind="quantity", unit="percent", points=2, minutes=4,
        hints=(
            "Compare the ramp after `linearity` with the ramp after `reset`, the step before it.",
            "100 x (after / before - 1), in the group `usable[-1]`.",
        ),
        check=near(ramps.linearity_gain, abs=0.1),
        misconceptions=(
            value_near(
                lambda facts: -ramps.linearity_gain(facts),
                "The sign: the detector loses response as it fills, so the correction raises the signal.",
                "sign", abs=0.1,
            ),
            value_near(
                lambda facts: 100 + ramps.linearity_gain(facts),
                "That is the ratio in percent. Asked for is what is added.",
                "ratio", abs=0.2,
            ),
        ),
        judged_by="products",
    ),
    Exercise(
        id="03-rate-of-one-pixel",
        title="The count rate of one pixel",
        question="What is the count rate of the bright pixel? Fit a straight line to its usable groups after the jump "
        "step and give `rate` in DN/s (tolerance 3 %).",
        kind="quantity", unit="DN / s", points=2, minutes=4,
        hints=(
            "`np.polyfit(x, y, 1)[0]` is the slope of a straight line. x must be in seconds.",
            "x is `time[usable]`, y is `ramp[usable]`; groups flagged as not to be used are left out.",
        ),
        check=near(ramps.pipeline_rate, rel=0.03),
        misconceptions=(
            value_near(
                lambda facts: ramps.pipeline_rate(facts) * FRAME_TIME["FASTR1"],
                "That is in DN per *group*. Divide by the 2.775 s of a group.",
                "per-group", rel=0.03,
            ),
            value_near(
                lambda facts: ramps.pipeline_rate(facts) / FRAME_TIME["FASTR1"],
                "You divided by the group time once too often.",
                "twice", rel=0.03,
            ),
        ),
        judged_by="products",
    ),
    Exercise(
        id="03-first-saturated-group",
        title="When a pixel is full",
        question="In which group (counted from 0) is the saturating pixel flagged as saturated for the first time? "
        "Give `first_saturated`.",
        kind="scalar", unit=None, points=2, minutes=3,
        hints=(
            "A flag is a bit: `quality & 2` is not zero where a group is saturated.",
            "`np.argmax` of a boolean array gives the first True.",
        ),
        check=near(ramps.first_saturated),
        misconceptions=(
            value_near(
                lambda facts: ramps.first_saturated(facts) + 1,
                "You counted from 1, or took the group after it. Python counts from 0.",
                "from-one",
            ),
            value_near(
                lambda facts: ramps.first_saturated(facts) - 1,
                "That is the last good group. Asked for is the first bad one.",
                "last-good",
            ),
        ),
        judged_by="products",
    ),
    Exercise(
        id="03-jump-group",
        title="When the cosmic ray came",
        question="In which group (counted from 0) does the hit pixel show the step for the first time? Give "
        "`jump_group`, found from the signal alone, without the flags.",
        kind="scalar", unit=None, points=2, minutes=4,
        hints=(
            "`np.diff(ramp)` is what each group gained. Which one is unlike the others?",
            "Element i of the differences belongs to group i + 1.",
        ),
        check=near(ramps.hit_group),
        misconceptions=(
            value_near(
                lambda facts: ramps.hit_group(facts) - 1,
                "That is the last group *before* the hit: element i of `np.diff` is the gain of group i + 1.",
                "diff-index",
            ),
        ),
        judged_by="truth",
    ),
    Exercise(
        id="03-line-through-a-jump",
        title="A line through a jump",
        question="Which count rate would one get for the hit pixel from a straight line through all usable groups, as "
        "if nothing had happened? Give `naive_rate` in DN/s (tolerance 2 %).",
        kind="quantity", unit="DN / s", points=2, minutes=3,
        hints=(
            "The same fit as for the bright pixel, on the ramp of the hit pixel.",
            "Use all groups in `usable`, also the flagged one.",
        ),
        check=near(ramps.line_through_all, rel=0.02),
        misconceptions=(
            value_near(
                lambda facts: ramps.pipeline_rate(facts, "hit"),
                "That is the rate of the pipeline, which fits the pieces before and after the hit. Asked for is the "
                "line through everything.",
                "pipeline", rel=0.02,
            ),
            value_near(
                lambda facts: ramps.line_through_all(facts) * FRAME_TIME["FASTR1"],
                "That is in DN per *group*. Divide by the 2.775 s of a group.",
                "per-group", rel=0.02,
            ),
        ),
        judged_by="products",
    ),
    Exercise(
        id="03-shower-group",
        title="The brightest shower",
        question="In which group (counted from 0) of the long ramp does the brightest shower begin? Give "
        "`shower_group` (tolerance 1).",
        kind="scalar", unit=None, points=2, minutes=3,
        hints=("Look at the figure: a shower is a peak that fades over some groups.", "`np.nanargmax(excess)`."),
        check=near(ramps.shower_groups, abs=1),
        misconceptions=(
            value_near(ramps.fainter_shower_groups, "There is a shower, but not the brightest one.", "fainter", abs=1),
        ),
        judged_by="truth",
    ),
    Exercise(
        id="03-shower-pixels",
        title="What the search for showers flags",
        question="How many pixels carry the flag of a jump with the search for showers, but not without it? Give "
        "`shower_pixels`, a whole number, from the DQ extension of the two rate files (tolerance 1 %).",
        kind="scalar", unit=None, points=2, minutes=4,
        hints=(
            "`quality & 4 > 0` is true where a pixel has the flag of a jump in any group.",
            "Count pixels where the one map is true *and not* the other: `with_flag & ~without_flag`.",
        ),
        check=near(ramps.shower_pixels, rel=0.01),
        misconceptions=(
            value_near(
                lambda facts: int(ramps.jump_map(facts, "with_showers").sum()),
                "These are all pixels with a jump. Leave out those that are flagged without the search as well.",
                "all-jumps", rel=0.01,
            ),
        ),
        judged_by="products",
    ),
    Exercise(
        id="03-showers-found",
        title="Which showers are found",
        question="Of which of the three showers (bright, intermediate, shallow) is a good part flagged? Compare the "
        "map of new flags with the images of the showers and give the letter as `showers_found`.",
        kind="choice", unit=None, points=2, minutes=3,
        hints=(
            "A patch of new flags belongs to a shower if it lies at the same place on the detector.",
            "Count the large patches in the right-hand map, and compare them with the three places seen before.",
        ),
        check=among(ramps.showers_found),
        misconceptions=(
            choice_is(
                "d",
                "Look for the place of the faintest one in the map: hardly anything is flagged there.",
                "all-found",
            ),
        ),
        choices=("a", "b", "c", "d"),
        judged_by="truth",
    ),
    Exercise(
        id="03-questionable-parameter",
        title="Spot the questionable parameter",
        question="One of the three settings on the slide is questionable for MIRI. Which? Give the letter as "
        "`questionable`.",
        kind="choice", unit=None, points=2, minutes=3,
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
    Exercise(
        id="03-count-slices",
        title="Count the slices",
        question="How many slices do you count on the long detector? Give `slice_counts`, an array of shape (2,): "
        "channel 4 (left half), channel 3 (right half).",
        kind="array", unit=None, points=2, minutes=4,
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
            ),
            Misconception(
                "short-detector", _is(SLICES_SHORT),
                "These are the numbers of the short detector, channels 1 and 2.",
            ),
        ),
        judged_by="products",
    ),
    Exercise(
        id="03-dark-strip",
        title="The strip without light",
        question="Between which columns does no slice fall, in the middle of the long detector? Give `strip`, an "
        "array of shape (2,): first and last column without light in rows 400 to 623 (tolerance 6 columns).",
        kind="array", unit=None, points=2, minutes=3,
        hints=(
            "Look at the cut between columns 440 and 560: it falls from a plateau to nearly zero, and rises again.",
            "Take the middle of each flank: half of the plateau's height.",
        ),
        check=near_array(ramps.dark_strip, abs=6.0),
        misconceptions=(
            Misconception(
                "gap", _narrow,
                "This is one of the narrow gaps between two slices of the same channel. The strip between the "
                "channels is wider.",
            ),
        ),
        judged_by="truth",
    ),
)  # fmt: skip
