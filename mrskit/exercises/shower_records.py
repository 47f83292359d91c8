"""Exercises of lesson 03 about cosmic-ray showers: where they are, and how well the pipeline's search finds them."""

from __future__ import annotations

import numpy as np

from mrskit.exercises import jumps, showers
from mrskit.exercises.checks import among, choice_is, code, code_agrees, near, near_array, overlap, value_near
from mrskit.exercises.record import Answer, Exercise, Facts, Misconception


def _top_first(answer: Answer, facts: Facts) -> bool:
    wanted = showers.completeness(facts)[::-1]
    return np.shape(answer.value) == wanted.shape and bool(np.all(np.abs(answer.value - wanted) <= 0.2))


SHOWERS: tuple[Exercise, ...] = (
    Exercise(
        id="03-shower-group",
        title="The brightest shower",
        question="In which group (counted from 0) of the long ramp does the brightest shower begin? Give "
        "`shower_group` (tolerance 1).",
        kind="scalar", unit=None, points=2, minutes=2,
        hints=("Look at the figure: a shower is a peak that fades over some groups.", "`np.nanargmax(excess)`."),
        check=near(showers.groups, abs=1),
        misconceptions=(
            value_near(lambda facts: showers.groups(facts, brightest=False),
                       "There is a shower, but not the brightest one.", "fainter", abs=1),
        ),
        judged_by="truth",
    ),
    Exercise(
        id="03-shower-boxes",
        title="Where the showers are",
        question="Give the places of the three showers as pixel ranges: `boxes`, a list of (first row, last row, first "
        "column, last column), each about as large as the part of a shower that is brighter than half of its peak. "
        "At least 60 % of the bright parts must lie in the boxes, and at most 60 % of the boxes outside the showers.",
        kind="region", unit=None, points=3, minutes=4,
        hints=(
            "Read the ranges off the three images: a box around the brightest colours of each patch.",
            "Or let numpy find them: rows and columns of `np.nonzero(image > image.max() / 2)`, smallest and largest.",
        ),
        check=overlap(showers.region, completeness=0.6, false=0.6),
        misconceptions=(
            Misconception(
                "not-all", showers.some_marked, "There is a shower that you have not marked: there are three.",
                showers.first_alone,
            ),
            Misconception(
                "everything", lambda answer, facts: bool(np.mean(answer.value) > 0.3),
                "Who marks the whole detector has found nothing: a shower is some tens of pixels wide.",
                showers.everything,
            ),
        ),
        judged_by="truth",
    ),
    Exercise(
        id="03-shower-scores",
        title="Complete, and pure",
        question="Write `scores(found, true)` for two boolean arrays of one shape. It returns two numbers: the "
        "completeness, which share of the pixels of `true` is in `found`; and the false share, which share of the "
        "pixels of `found` is not in `true`. NaN where the share is of nothing.",
        kind="code", unit=None, points=2, minutes=4,
        hints=(
            "`found & true` holds the pixels that are in both; `.sum()` counts. Each share has another denominator.",
            "both / true.sum(), and 1 - both / found.sum(); test with `.any()` before you divide.",
        ),
        check=code(jumps.scores),
        misconceptions=(
            code_agrees(jumps.swapped_scores, "The two masks are in each other's place: completeness is a share of "
                        "what is *true*.", "swapped"),
            code_agrees(jumps.false_of_detector, "The false share is a share of what was *found*, not of the whole "
                        "image.", "of-the-image"),
            code_agrees(jumps.agreement, "Most pixels are in neither mask and agree: that says nothing of "
                        "completeness.",
                        "agreement"),
        ),
        probes=jumps.score_probes,
    ),
    Exercise(
        id="03-search-completeness",
        title="How much of each shower is found",
        question="Which share of each shower does the search flag at a threshold of 1.0? Give `completeness`, an array "
        "of shape (3,), from bottom to top: the share of the pixels of each mask in `parts` that is in `search[1.0]` "
        "(tolerance 0.2: your masks are not the truth).",
        kind="array", unit=None, points=2, minutes=3,
        hints=(
            "`search[1.0]` is a boolean image; `search[1.0][part]` are its values inside one mask.",
            "The mean of booleans is the share that is true. One number for each mask in `parts`.",
        ),
        check=near_array(showers.completeness, abs=0.2),
        misconceptions=(
            Misconception(
                "top-first", _top_first, "The other way round: the first number is that of the lowest shower.",
                lambda facts: showers.completeness(facts)[::-1],
            ),
        ),
        judged_by="truth",
    ),
    Exercise(
        id="03-questionable-parameter",
        title="Spot the questionable parameter",
        question="One of the three settings on the slide is questionable for MIRI. Which? Give the letter as "
        "`questionable`.",
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
