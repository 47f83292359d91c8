"""Exercises on the proposal's table: what was observed, how long, and in how many files (part of lesson 01)."""

from __future__ import annotations

from mrskit.exercises.checks import Check, choice_is, near_array, text_matches
from mrskit.exercises.configuration import (
    bands,
    channels,
    compare_files,
    compare_times,
    each,
    files,
    first,
    mistaken,
    observations,
    readout,
    reset_after_each,
    same,
    same_for_both,
    slow_or_fast,
    times,
    totals,
    written,
)  # fmt: skip
from mrskit.exercises.record import Exercise, Misconception

TABLE: tuple[Exercise, ...] = (
    Exercise(
        id="01-channels",
        title="Channels",
        question="Which MRS channels were observed? Give the text `channels`, science and background separated by a "
        'slash, e.g. "1, 2 / 3".',
        kind="text", unit=None, points=1, minutes=1,
        hints=(
            "Look at 'Primary Channel' above the table.",
            "Both detectors, MRSSHORT and MRSLONG, are in the table. Which channels do they see?",
        ),
        check=text_matches(written(channels)),
        misconceptions=(
            choice_is(
                ["12/12", "1,2/1,2"],
                "These are the channels of the short detector. The long one, MRSLONG, was read at the same time.",
                "short-only",
            ),
        ),
    ),
    Exercise(
        id="01-bands",
        title="Sub-bands",
        question="Which sub-bands (grating settings) were observed? Give the text `bands`, science and background "
        'separated by a slash, e.g. "SHORT / LONG".',
        kind="text", unit=None, points=1, minutes=1,
        hints=("Look at the column 'wavelength'.", "There are three grating settings. Is one missing?"),
        check=text_matches(written(bands)),
        misconceptions=(
            choice_is(["short/short"], "SHORT is what this course reduces; the program observed more.", "short-only"),
        ),
    ),
    Exercise(
        id="01-readout",
        title="Readout",
        question="Which readout pattern was used? Give the text `readout`, science and background separated by a "
        "slash.",
        kind="text", unit=None, points=1, minutes=1,
        hints=("Look at the column 'readout'.", "It is one of FASTR1 and SLOWR1, for each observation."),
        check=text_matches(written(readout)),
        misconceptions=(
            choice_is(
                slow_or_fast,
                "It is the other one: SLOWR1 has 23.9 s between groups, FASTR1 2.8 s; compare with the table.",
                "slow",
            ),
        ),
    ),
    Exercise(
        id="01-groups",
        title="Groups",
        question="How many groups has an integration of the MRS detectors? Give `groups`, one number for each "
        "observation: science, background.",
        kind="array", unit=None, points=1, minutes=1,
        hints=(
            "Look at the rows of MRSSHORT and MRSLONG, not at the imager's.",
            "The column is 'groups / integration'.",
        ),
        check=near_array(each("groups")),
        misconceptions=(
            Misconception(
                "imager", lambda answer, facts: first(answer) == 10,
                "That is the row of the imager, which takes pictures at the same time. The MRS detectors have their "
                "own rows.", example=lambda facts: [10, 10],
            ),
        ),
    ),
    Exercise(
        id="01-integrations",
        title="Integrations",
        question="How many integrations has one exposure? Give `integrations`, one number for each observation: "
        "science, background.",
        kind="array", unit=None, points=1, minutes=1,
        hints=("The column is 'ints / exposure'.", "Do not mix it up with the total over all dithers."),
        check=near_array(each("integrations")),
        misconceptions=(
            same(totals, "That is the total over all dithers. One exposure has fewer.", "total", 0.1),
        ),
    ),
    Exercise(
        id="01-dithers",
        title="Dithers",
        question="At how many dither positions was each target observed? Give `dithers`, one number for each "
        "observation: science, background.",
        kind="array", unit=None, points=1, minutes=1,
        hints=("The pattern has the number in its name.", "Each observation has its own pattern."),
        check=near_array(each("dithers")),
        misconceptions=(
            same(lambda facts: [each("dithers")(facts)[0]] * len(observations(facts)),
                  "The background has its own, shorter pattern.", "same-for-both", 0.1),
        ),
    ),
    Exercise(
        id="01-exposure-time",
        title="Exposure time of a band",
        question="What is the total exposure time of each single band, all dithers? Give `times`, one number for "
        "each observation: science, background, in s (tolerance 1 s). Two definitions are in use; both count, and the "
        "answer says which one is yours.",
        kind="array", unit="s", points=3, minutes=3,
        hints=(
            "Count frames: the groups of every integration, and one reset frame between two integrations. How many per "
            "exposure?",
            "Multiply the frames of one exposure by the frame time (FASTR1: 2.77504 s) and by the number of dithers. "
            "Each band is observed once at each dither.",
        ),
        check=Check(times, compare_times),
        misconceptions=(
            same(mistaken(dithers=1), "That is one exposure. A band is observed once at every dither.",
                   "one-dither"),
            same(same_for_both, "The background has fewer dithers than the science observation, and so less time.",
                   "same-for-both"),
            same(reset_after_each, "You added a reset after every integration. The extra reset frame stands only "
                   "*between* integrations.", "reset-after-each"),
            same(mistaken(integrations=1), "That is one integration at each dither; each exposure has two.",
                   "one-integration"),
            Misconception(
                "imager", lambda answer, facts: abs(first(answer) - 599.409) < 1,
                "That is the imager's row: 10 groups, 5 integrations.", example=lambda facts: [599.409, 299.70],
            ),
        ),
    ),
    Exercise(
        id="01-uncal-files",
        title="Raw files",
        question="How many MRS `uncal` files has each observation? Give `files`, one number for each observation: "
        "science, background.",
        kind="array", unit=None, points=3, minutes=2,
        hints=(
            "At one dither the grating wheels go through three settings: SHORT, MEDIUM and LONG. In each, both "
            "detectors are read.",
            "One file holds one detector in one setting at one dither, and so two of the twelve bands: bands x dithers "
            "/ 2, with each observation's own number of dithers.",
        ),
        check=Check(each("uncal_count"), compare_files),
        misconceptions=(
            same(files(1, 2), "The background's number is that of the *science* observation, bands x 4 / 2. A slide "
                   "prints this formula also for the background, which is a slip: the background has two dithers.",
                   "formula-of-the-slide", 0.1),
            same(files(2, 2), "That is one file for each band and dither. But a detector sees two bands at once: "
                   "channels 1 and 2, or 3 and 4, share a file.", "one-band-a-file", 0.1),
            same(files(1.5, 1.5), "You counted the imager's files as well; they are no MRS data.", "imager", 0.1),
            same(files(0.5, 0.5), "That is one detector alone, or half of the dithers. Both detectors are read at "
                   "every dither.", "one-detector", 0.1),
        ),
    ),
)  # fmt: skip
