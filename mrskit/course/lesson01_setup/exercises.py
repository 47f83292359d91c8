"""Exercises of lesson 01: readout, the proposal's table, the workspace, references and parameters."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mrskit import products
from mrskit.bands import Setting
from mrskit.course.lesson01_setup import expected
from mrskit.course.lesson01_setup.expected import (
    cell_is,
    compare_configuration,
    compare_files,
    compare_times,
    configuration,
    each,
    files,
    first,
    mistaken,
    reset_after_each,
    same,
    same_for_both,
    slow_or_fast,
    times,
    totals,
)  # fmt: skip
from mrskit.course.shown.quintet import GALAXIES
from mrskit.errors import missing_file
from mrskit.exercises.checks import Check, among, code, near, near_array
from mrskit.exercises.misconceptions import array_is, choice_is, code_agrees, value_near
from mrskit.exercises.record import Exercise, Facts, Misconception
from mrskit.plan import FRAME_TIME

TABLE: tuple[Exercise, ...] = (
    Exercise(
        id="01-configuration",
        title="The configuration",
        question="""
        Fill in the table: one row for each quantity, and one cell for each observation (science, then background).
        Channels and sub-bands may be lists or `ALL`. Give the whole text as `table`. Each row is graded separately.
        """,
        kind="text", unit=None, points=6, minutes=5,
        hints=(
            "Use the rows of MRSSHORT and MRSLONG, not the rows of the imager. The fields above the table give the "
            "channels and the dither pattern.",
            "Go through the columns: 'wavelength' names the sub-band, 'readout' the pattern, 'ints' the integrations "
            "per exposure. The background observation has its own rows.",
        ),
        check=Check(configuration, compare_configuration),
        misconceptions=(
            cell_is("channels", lambda facts: ["12", "1, 2"], "Row 'channels': these are the channels of the short "
                    "detector. The long detector, MRSLONG, was read at the same time.", "short-detector-only"),
            cell_is("sub-bands", lambda facts: ["short"], "Row 'sub-bands': SHORT is what this course reduces; the "
                    "program observed more.", "short-only"),
            cell_is("readout", slow_or_fast, "Row 'readout': the other pattern was used. SLOWR1 has 23.9 s between "
                    "groups, FASTR1 has 2.8 s.", "slow"),
            cell_is("groups", lambda facts: ["10"], "Row 'groups': this value is from the row of the imager, which "
                    "takes pictures at the same time. The MRS detectors have their own rows.", "imager"),
            cell_is("integrations", lambda facts: [str(totals(facts)[0])], "Row 'integrations': this is the total over "
                    "all dithers. One exposure has fewer integrations.", "total"),
            cell_is("dithers", lambda facts: [str(each("dithers")(facts)[0])], "Row 'dithers': the background has its "
                    "own, shorter pattern.", "same-for-both", cell=1),
        ),
        explanation="Both detectors are read at once, and each sees two channels. So one grating setting gives four "
                    "bands, and three settings give all twelve.",
    ),
    Exercise(
        id="01-exposure-time",
        title="Exposure time of a band",
        question="""
        What is the total exposure time of each band, over all dithers? Give `times`, one number for each observation
        (science, background), in {unit} (tolerance {tolerance}). Either definition is accepted; the card shows which
        definition you used.
        """,
        kind="array", unit="s", points=3, minutes=3,
        hints=(
            "Count the frames of one exposure: the groups of every integration, and one reset frame between two "
            "integrations.",
            "Multiply the frames of one exposure by the frame time (FASTR1: 2.77504 s) and by the number of dithers. "
            "Each band is observed once at each dither.",
        ),
        check=Check(times, compare_times, expected.TIMES),
        misconceptions=(
            same(mistaken(dithers=1), "This is the time of one exposure. A band is observed once at every dither.",
                   "one-dither"),
            same(same_for_both, "The background has fewer dithers than the science observation.", "same-for-both"),
            same(reset_after_each, "You added a reset after every integration. The extra reset frame comes only "
                   "*between* integrations.", "reset-after-each"),
            same(mistaken(integrations=1), "This is the time of one integration per dither; each exposure has two.",
                   "one-integration"),
            Misconception(
                "imager", lambda answer, facts: bool(expected.TIMES.holds(first(answer), 599.409)),
                "This is the imager's time (10 groups, 5 integrations).", example=lambda facts: [599.409, 299.70],
            ),
        ),
        explanation="The detector is busy while it is read and while it is reset. So APT counts one reset frame "
                    "between two integrations; EFFEXPTM does not count it.",
    ),
    Exercise(
        id="01-uncal-files",
        title="Raw files",
        question="""
        How many MRS `uncal` files has each observation? Give `files`, one number for each observation: science,
        background.
        """,
        kind="array", unit=None, points=3, minutes=2,
        hints=(
            "At one dither the grating wheels go through three settings: SHORT, MEDIUM and LONG. In each setting, both "
            "detectors are read.",
            "One file contains one detector in one setting at one dither, so it covers two of the twelve bands. The "
            "number is bands x dithers / 2, with each observation's own number of dithers.",
        ),
        check=Check(each("uncal_count"), compare_files),
        misconceptions=(
            same(files(1, 2), "Your number for the background is the number for the *science* observation, bands x 4 / "
                   "2. A slide uses this formula for the background too, by mistake: the background has two dithers.",
                   "formula-of-the-slide", abs=0.1),
            same(files(2, 2), "You counted one file for each band and dither. But a detector sees two bands at once: "
                   "channels 1 and 2, or 3 and 4, share a file.", "one-band-a-file", abs=0.1),
            same(files(1.5, 1.5), "You counted the imager's files as well; they are not MRS data.", "imager", abs=0.1),
            same(files(0.5, 0.5), "You counted one detector only, or half of the dithers. Both detectors are read at "
                   "every dither.", "one-detector", abs=0.1),
        ),
        explanation="Each detector sees two channels at once, so a file contains two bands. There are three grating "
                    "settings times two detectors at every dither.",
    ),
)  # fmt: skip


def _exposures(facts: Facts) -> list[Path]:
    """Return the raw science files of the setting that the lesson runs on."""
    folder = facts.workspace.stage("source", "uncal")
    if not (found := products.find(folder, "uncal", Setting(facts.use_ch, facts.use_band))):
        raise missing_file(folder / "*_uncal.fits", "raw science exposures", "'mrskit doctor' says what to do.")
    return found


def _distance(name: str, shrink: bool = True) -> float:
    """Return the distance of a galaxy from the nucleus of NGC 7319, arcsec, optionally without cos(dec)."""
    (ra, dec), (ra0, dec0) = (np.array(GALAXIES[key][:2]) for key in (name, "NGC 7319"))
    return float(3600 * np.hypot((ra - ra0) * (np.cos(np.deg2rad(dec0)) if shrink else 1.0), dec - dec0))


def _photon_time_here(facts: Facts) -> float:
    return sum(products.read_exposure(path).photon_time for path in _exposures(facts))


def _reads(wrong: list[int], message: str, name: str) -> Misconception:
    return Misconception(
        name, lambda answer, facts: np.array_equal(answer.array, wrong), message, example=lambda facts: wrong
    )


_STEP = 0.975  # arcsec across the slices, dithers 1 to 2: see mrskit.simulate.pointing and the models of miricoord
_SLICES = _STEP / np.array([0.177, 0.280, 0.390, 0.656])


def _one_photon_time(facts: Facts) -> float:
    return products.read_exposure(_exposures(facts)[0]).photon_time


EXERCISES: tuple[Exercise, ...] = (
    Exercise(
        id="01-nearest-galaxy",
        title="How far away is the next galaxy?",
        question="""
        Which galaxy of the chart has its centre nearest to the nucleus of NGC 7319 on the sky? Give its `distance` from
        the nucleus in {unit} (tolerance {tolerance}). Use the right ascensions and declinations (in degrees) in
        `catalogue`.
        """,
        kind="quantity", unit="arcsec", points=2, minutes=3,
        hints=(
            "For such small angles the sky is flat. The distance is the hypotenuse of the differences to the east and "
            "north.",
            "A difference in right ascension must be multiplied by cos(dec) to become a distance on the sky; one "
            "degree is 3600 arcsec.",
        ),
        check=near(_distance("NGC 7318B"), abs=2.0),
        misconceptions=(
            value_near(_distance("NGC 7318B", shrink=False), "Right ascension is counted along circles that get "
                       "smaller towards the pole. Multiply the difference by cos(dec).", "no-cosine"),
            value_near(_distance("NGC 7318B") / 3600, "This distance is in degrees.", "degrees", rel=0.03),
            value_near(_distance("NGC 7320"), "This is the foreground galaxy NGC 7320. A different galaxy is nearer.",
                       "foreground"),
        ),
        explanation="Circles of constant declination shrink towards the pole with cos(dec), so a difference in right "
                    "ascension is a smaller angle on the sky. No other galaxy is near the field of the MRS.",
    ),
    Exercise(
        id="01-read-a-ramp",
        title="Read an exposure",
        question="""
        How many groups does an integration have? How many integrations does this exposure have? How many frame times
        does the exposure take, including the resets between the integrations? Give `reading`, an array of these three
        whole numbers, from `time` and `signal`.
        """,
        kind="array", unit=None, points=2, minutes=2,
        hints=(
            "The signal falls only at a reset; a cosmic ray makes it rise. `np.diff(signal) < 0` finds the resets.",
            "The number of integrations is the number of resets plus 1. In FASTR1 a group is a frame, and each reset "
            "takes one more frame. The last time divided by 2.77504 s is the total number of frames.",
        ),
        check=near_array(expected.reading()),
        misconceptions=(
            _reads(expected.reading(total=1 - expected.INTEGRATIONS), "You counted only the groups as frames. Between "
                   "two integrations the detector is reset, and each reset takes one more frame.", "no-reset"),
            _reads(expected.reading(total=1), "You counted one reset too many: no frame is counted after the last "
                   "integration.", "reset-after-each"),
            _reads([expected.INTEGRATIONS, expected.GROUPS, expected.frames()], "You exchanged groups and "
                   "integrations: an integration is a ramp of many groups.", "exchanged"),
            Misconception(
                "jump-as-reset", lambda answer, facts: bool(answer.array.ravel()[1] == expected.INTEGRATIONS + 1),
                "You counted the small step upwards as a reset. A step upwards is a cosmic ray; a reset empties the "
                "pixel.", example=lambda facts: expected.reading(groups=-3, integrations=1, total=1),
            ),
        ),
        explanation="Charge only accumulates while a pixel is exposed, so a drop in the signal is a reset. Each reset "
                    "between two integrations takes one frame.",
    ),
    Exercise(
        id="01-slow-group",
        title="The cost of a hit",
        question="""
        A cosmic ray hits a pixel once. The fit of the slope leaves out the interval between the two groups around the
        hit. By what factor is the lost time longer in SLOWR1 than in FASTR1? Give the number `slow_over_fast` with two
        decimals (tolerance {tolerance}).
        """,
        kind="scalar", unit=None, points=1, minutes=2,
        hints=(
            "How long is the shaded interval in each panel of the figure?",
            "The lost interval is one group time of each pattern. The factor is not a whole number: a SLOWR1 group is "
            "not made of FASTR1 frames.",
        ),
        check=near(FRAME_TIME["SLOWR1"] / FRAME_TIME["FASTR1"], abs=0.05),
        misconceptions=(
            value_near(9.0, "Nine is the number of *samples* that SLOWR1 takes of each pixel, one after the other, "
                       "within one group. The time of a group is what you want here: divide the two group times.",
                       "samples-for-frames"),
            value_near(FRAME_TIME["FASTR1"] / FRAME_TIME["SLOWR1"], "You divided the wrong way round.", "inverse",
                       abs=0.01),
        ),
        explanation="A hit spoils exactly one difference of two groups, so the loss is one group time of the pattern.",
    ),
    *TABLE,
    Exercise(
        id="01-groups-that-fit",
        title="Plan an exposure",
        question="""
        Write `groups_that_fit(seconds, integrations, dithers)`. It returns the largest number of FASTR1 groups per
        integration with which a band takes at most `seconds` s over all dithers, in APT's definition. Return a whole
        number, and 0 if not even one group fits. A frame takes 2.77504 s.
        """,
        kind="code", unit=None, points=3, minutes=4,
        hints=(
            "Work backwards from the time of all dithers to the time of one exposure, then to its number of frames.",
            "Subtract the integrations - 1 reset frames, divide by the number of integrations, and round *down*: "
            "`int(x // integrations)`. `max(..., 0)` keeps the result from becoming negative.",
        ),
        check=code(expected.groups_that_fit),
        misconceptions=(
            code_agrees(expected.without_resets, "The reset frames between integrations take time too: subtract them "
                        "before you divide.", "no-reset"),
            code_agrees(expected.without_dithers, "The time `seconds` is for all dithers: one exposure takes only its "
                        "share of this time.", "no-dithers"),
            code_agrees(expected.rounded_up, "Do not round to the nearest number: a group that fits only in part makes "
                        "the exposure too long.", "rounded"),
        ),
        probes=expected.groups_that_fit_probes,
        explanation="Only complete groups count, so you round down after you have subtracted the resets.",
    ),
    Exercise(
        id="01-photon-time-here",
        title="Photon time of your own exposures",
        question="""
        For how long do the science exposures of *your* setting in *your* workspace collect photons, over all dithers?
        Add up `EFFEXPTM` and give `photon_time` in {unit} (tolerance {tolerance}). The paths are in `science_files`,
        and `products.read_exposure` reads a file.
        """,
        kind="quantity", unit="s", points=2, minutes=2,
        hints=(
            "Each entry of `exposures` has the attribute `photon_time`, which is the keyword EFFEXPTM in its file.",
            "Sum `photon_time` over `exposures`, which has one entry for each dither.",
        ),
        check=near(_photon_time_here, abs=0.1),
        misconceptions=(
            value_near(_one_photon_time, "This is the time of one exposure; add up all dithers.", "one-dither"),
            value_near(lambda facts: facts.program.observation("source").photon_time, "This is the time in the plan of "
                       "the real program. The course may run on shorter exposures: read the headers of your files.",
                       "plan-for-data", abs=0.5),
        ),
        explanation="The header records the true time of an exposure, and the times of the dithers add up.",
        judged_by="products",
    ),
    Exercise(
        id="01-useful-time",
        title="How much of the time is used?",
        question="""
        An exposure has one integration, and stage 1 leaves out its first and its last group. What share of the photon
        time lies between the first and the last of the remaining groups? Give `share`, an array of two numbers: for 10
        groups and for 40 groups (tolerance {tolerance}).
        """,
        kind="array", unit=None, points=2, minutes=2,
        hints=(
            "Draw the groups as dots. How many dots remain, and how many intervals lie between them?",
            "The photon time is one frame time for each group, flagged or not. Divide the number of intervals by the "
            "number of groups.",
        ),
        check=near_array([0.7, 0.925], abs=0.005),
        misconceptions=(
            array_is(lambda facts: np.array([0.8, 0.95]), "You counted the remaining groups. A slope uses the "
                     "intervals *between* them, which are one fewer.", "groups-for-intervals", abs=0.005),
            array_is(lambda facts: np.array([1.0, 1.0]), "EFFEXPTM also counts the groups that stage 1 leaves out.",
                     "all-groups", abs=0.005),
            array_is(lambda facts: np.array([0.9, 0.975]), "These are the intervals between all groups. Two groups are "
                     "left out.", "all-intervals", abs=0.005),
        ),
        explanation="A slope uses differences, and n usable groups give n - 1 intervals. So EFFEXPTM overstates the "
                    "useful time, most of all in short ramps.",
    ),
    Exercise(
        id="01-own-plan",
        title="Your own plan",
        question="""
        Plan the FASTR1 exposures of one band with four dithers. Choose numbers of groups and integrations that meet
        four limits. (1) The band takes no more than 750 s in APT's definition. (2) Photons are collected for 650 s or
        more. (3) Nine tenths of this time or more are used, as above. (4) No integration lasts longer than 100 s,
        because your brightest pixel is then full. Give `plan`, an array of two whole numbers: groups, integrations.
        """,
        kind="array", unit=None, points=2, minutes=4,
        hints=(
            "Limit (4) sets the largest number of groups, and limit (3) sets the smallest. Start from these limits.",
            "With groups in that range, how many integrations bring you above 650 s? Check limit (1) last, with the "
            "resets.",
        ),
        check=expected.own_plan,
        misconceptions=(
            Misconception(
                "one-long-ramp",
                lambda answer, facts: answer.array.shape == (2,) and answer.array[0] > 36 and answer.array[1] == 1,
                "Such long ramps saturate: the groups after 100 s are lost in your brightest pixel.",
                example=lambda facts: [60, 1],
            ),
            Misconception(
                "many-short-ramps",
                lambda answer, facts: answer.array.shape == (2,) and answer.array[0] < 30 and answer.array[1] > 2,
                "Each integration loses three group times, so many short ramps waste too much.",
                example=lambda facts: [15, 4],
            ),
        ),
        explanation="Long ramps lose little time but saturate; short ramps do the opposite. Here two integrations of "
                    "30 to 33 groups meet all limits.",
    ),
    Exercise(
        id="01-dither-slices",
        title="Half a slice",
        question="""
        How large is this step in slice widths, in each channel? Give `in_slices`, an array of four numbers (tolerance
        {tolerance}).
        """,
        kind="array", unit=None, points=2, minutes=2,
        hints=(
            "numpy divides a number by an array element by element.",
            "Do not round: the part after the decimal point matters here.",
        ),
        check=near_array(_SLICES, abs=0.05),
        misconceptions=(
            Misconception(
                "rounded", lambda answer, facts: answer.array.shape == (4,)
                and np.allclose(answer.array, np.round(answer.array))
                and bool(np.max(np.abs(answer.array - _SLICES)) < 0.6),
                "You rounded. The .5 after the decimal point is the purpose of the pattern.",
                example=lambda facts: np.ceil(_SLICES),
            ),
            Misconception(
                "inverse", lambda answer, facts: answer.array.shape == (4,)
                and np.allclose(answer.array, 1 / _SLICES, atol=0.01),
                "You divided the wrong way round: this is steps per slice.", example=lambda facts: 1 / _SLICES,
            ),
        ),
        explanation="The slice widths are in ratios of odd numbers. So one step is a whole number of slices plus a "
                    "half in every channel.",
    ),
    Exercise(
        id="01-dither-pattern",
        title="Which pattern for a star?",
        question="""
        You observe one faint star with all channels. You have no time for a background observation, so you want to
        subtract one dither from another. Which pattern do you choose? Give the letter as `pattern`.

        - `"a"`: 4-point, optimised for EXTENDED SOURCE
        - `"b"`: 4-point, optimised for POINT SOURCE
        - `"c"`: one long exposure without dithers
        - `"d"`: 2-point, optimised for EXTENDED SOURCE
        """,
        kind="choice", unit=None, points=1, minutes=1,
        hints=(
            "Where must the star be in the two dithers, so that you can subtract one from the other?",
            "Compare in the figure how far apart the circles of one pattern are.",
        ),
        check=among("b"),
        misconceptions=(
            choice_is(["a", "d"], "In this pattern the images of the star overlap: the difference would subtract the "
                      "star from itself.", "overlapping"),
            choice_is("c", "Without dithers, bad pixels stay at the same place on the sky, the sampling is poor, and "
                      "you have no second dither to subtract.", "no-dither"),
        ),
        choices=("a", "b", "c", "d"),
        explanation="The point-source patterns move the star by several widths of its image, so each dither shows "
                    "empty sky where a different dither shows the star.",
    ),
    Exercise(
        id="01-context",
        title="The same code, different numbers",
        question="""
        A colleague reduces your exposure with the same version of `jwst` and the same parameters, but the fluxes are a
        few per cent higher. What do you compare first? Give the letter as `context`.

        - `"a"`: the release notes of the pipeline
        - `"b"`: the CRDS contexts of both reductions
        - `"c"`: the folders to which `CRDS_PATH` points
        - `"d"`: the parameter files of the steps, because nothing else comes from CRDS
        """,
        kind="choice", unit=None, points=1, minutes=2,
        hints=(
            "Code and parameters are the same. What else does a step read?",
            "Which keyword of a product records the rules by which its reference files were chosen?",
        ),
        check=among("b"),
        misconceptions=(
            choice_is("a", "The version is the same in both reductions. The same version of jwst gives different "
                      "numbers with a different context.", "version"),
            choice_is("c", "The cache is only a folder of files. It may contain files from many contexts.", "cache"),
            choice_is("d", "Parameter files come from CRDS, but so do flats, darks, masks and the flux calibration.",
                      "parameters-only"),
        ),
        choices=("a", "b", "c", "d"),
        explanation="A context decides which photom, flat and dark files belong to an exposure. A new context can "
                    "bring a new flux calibration with unchanged code.",
    ),
    Exercise(
        id="01-silent-default",
        title="A default that applies silently",
        question="""
        Somebody runs stage 1 with the code's own defaults, because the cache has no parameter reference for `jump`.
        What happens to the cosmic-ray showers? Give the letter as `silent_default`.

        - `"a"`: they are found and flagged, as always
        - `"b"`: the pipeline stops and asks for the missing file
        - `"c"`: they stay in the data, without a warning
        - `"d"`: they stay in the data, and so do all other cosmic rays
        """,
        kind="choice", unit=None, points=1, minutes=2,
        hints=(
            "Find the row `jump`, `find_showers` in the second table. Compare the default in the code with the value "
            "in flight.",
            "A parameter file is optional for the pipeline. What value does a parameter have when nobody sets it?",
        ),
        check=among("c"),
        misconceptions=(
            choice_is("a", "That would be true if the default in the code were True. Look at the row `find_showers` "
                      "again.", "default-on"),
            choice_is("b", "A missing parameter reference is not an error: the pipeline goes on.", "stops"),
            choice_is("d", "Different code searches for showers and for single hits; only the showers stay in the "
                      "data.", "no-jumps"),
        ),
        choices=("a", "b", "c", "d"),
        explanation="A parameter file is optional, so its absence is not an error. The step falls back to the default "
                    "in the code, where the search for showers is off.",
    ),
    Exercise(
        id="01-both-selectors",
        title="Half a selection",
        question="""
        In the workshop's notebook somebody sets `use_ch = '12'` and leaves `use_band = ''`. What is reduced? Give the
        letter as `selection`.

        - `"a"`: channels 1 and 2 in all three sub-bands
        - `"b"`: nothing; the notebook stops with an error
        - `"c"`: channels 1 and 2 in SHORT, the default
        - `"d"`: all files: both detectors and all sub-bands
        """,
        kind="choice", unit=None, points=1, minutes=1,
        hints=(
            "For which values is the condition true?",
            "The list of files is shortened inside the `if`. What happens to the list when the condition is false?",
        ),
        check=among("d"),
        misconceptions=(
            choice_is("a", "This seems natural, but the notebook's selection works only if both names are set.",
                      "half-selection"),
            choice_is(["b", "c"], "Read the condition again: it has neither an error nor a default sub-band.",
                      "error-or-default"),
        ),
        choices=("a", "b", "c", "d"),
        explanation="The condition needs both names. If one of them is empty, the list of files stays complete.",
    ),
)  # fmt: skip
