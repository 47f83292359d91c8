"""Exercises of lesson 01: readout, the proposal's table, the workspace, references and parameters."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from astropy.io import fits

from mrskit import products
from mrskit.bands import Setting
from mrskit.course.lesson01_setup import expected
from mrskit.course.lesson01_setup.expected import (
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
from mrskit.errors import missing_file
from mrskit.exercises.checks import Check, among, code, near, near_array, text_matches
from mrskit.exercises.misconceptions import choice_is, code_agrees, value_near
from mrskit.exercises.record import Exercise, Facts, Misconception
from mrskit.plan import FRAME_TIME

TABLE: tuple[Exercise, ...] = (
    Exercise(
        id="01-channels",
        title="Channels",
        question="""
        Which MRS channels were observed? Give the text `channels`, science and background separated by a slash, e.g.
        `"1, 2 / 3"`.
        """,
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
        question="""
        Which sub-bands (grating settings)? Give the text `bands`, science and background separated by a slash, e.g.
        `"SHORT / LONG"`.
        """,
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
        question="""
        Which readout pattern? Give the text `readout`, science and background separated by a slash.
        """,
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
        question="""
        How many groups has an integration of the MRS detectors? Give `groups`, one number for each observation:
        science, background.
        """,
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
        question="""
        How many integrations has one exposure? Give `integrations`, one number for each observation.
        """,
        kind="array", unit=None, points=1, minutes=1,
        hints=("The column is 'ints / exposure'.", "Do not mix it up with the total over all dithers."),
        check=near_array(each("integrations")),
        misconceptions=(
            same(totals, "That is the total over all dithers. One exposure has fewer.", "total", abs=0.1),
        ),
    ),
    Exercise(
        id="01-dithers",
        title="Dithers",
        question="""
        At how many dither positions was each target observed? Give `dithers`, one number for each observation.
        """,
        kind="array", unit=None, points=1, minutes=1,
        hints=("The pattern has the number in its name.", "Each observation has its own pattern."),
        check=near_array(each("dithers")),
        misconceptions=(
            same(lambda facts: [each("dithers")(facts)[0]] * len(observations(facts)),
                  "The background has its own, shorter pattern.", "same-for-both", abs=0.1),
        ),
    ),
    Exercise(
        id="01-exposure-time",
        title="Exposure time of a band",
        question="""
        What is the total exposure time of each single band, all dithers? Give `times`, one number for each observation:
        science, background, in {unit} (tolerance {tolerance}). Either definition counts; the answer tells you which one
        is yours.
        """,
        kind="array", unit="s", points=3, minutes=3,
        hints=(
            "Count frames: the groups of every integration, and one reset frame between two integrations. How many per "
            "exposure?",
            "Multiply the frames of one exposure by the frame time (FASTR1: 2.77504 s) and by the number of dithers. "
            "Each band is observed once at each dither.",
        ),
        check=Check(times, compare_times, expected.TIMES),
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
                "imager", lambda answer, facts: bool(expected.TIMES.holds(first(answer), 599.409)),
                "That is the imager's row: 10 groups, 5 integrations.", example=lambda facts: [599.409, 299.70],
            ),
        ),
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
            "At one dither the grating wheels go through three settings: SHORT, MEDIUM and LONG. In each, both "
            "detectors are read.",
            "One file holds one detector in one setting at one dither, and so two of the twelve bands: bands x dithers "
            "/ 2, with each observation's own number of dithers.",
        ),
        check=Check(each("uncal_count"), compare_files),
        misconceptions=(
            same(files(1, 2), "The background's number is that of the *science* observation, bands x 4 / 2. A slide "
                   "prints this formula also for the background, which is a slip: the background has two dithers.",
                   "formula-of-the-slide", abs=0.1),
            same(files(2, 2), "That is one file for each band and dither. But a detector sees two bands at once: "
                   "channels 1 and 2, or 3 and 4, share a file.", "one-band-a-file", abs=0.1),
            same(files(1.5, 1.5), "You counted the imager's files as well; they are no MRS data.", "imager", abs=0.1),
            same(files(0.5, 0.5), "That is one detector alone, or half of the dithers. Both detectors are read at "
                   "every dither.", "one-detector", abs=0.1),
        ),
    ),
)  # fmt: skip


def _exposures(facts: Facts) -> list[Path]:
    """Return the raw science files of the setting that the lesson runs on."""
    folder = facts.workspace.stage("source", "uncal")
    if not (found := products.find(folder, "uncal", Setting(facts.use_ch, facts.use_band))):
        raise missing_file(folder / "*_uncal.fits", "raw science exposures", "'mrskit doctor' says what to do.")
    return found


def _fields(facts: Facts) -> np.ndarray:
    """Return right ascension and declination of the target and of the background field, deg, shape (2, 2)."""
    setting = Setting(facts.use_ch, facts.use_band)
    found = []
    for role in ("source", "background"):
        paths = products.find(facts.workspace.stage(role, "uncal"), "uncal", setting)
        if not paths:
            raise missing_file(facts.workspace.stage(role, "uncal"), "an exposure", "'mrskit doctor' says what to do.")
        header = fits.getheader(paths[0])
        found.append((header["TARG_RA"], header["TARG_DEC"]))
    return np.array(found)


def _field_distance(facts: Facts, shrink: bool = True) -> float:
    target, background = _fields(facts)
    factor = np.cos(np.deg2rad(target[1])) if shrink else 1.0
    return float(3600 * np.hypot((background[0] - target[0]) * factor, background[1] - target[1]))


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
        id="01-field-distance",
        title="How far away is empty?",
        question="""
        How far on the sky is the background field from the galaxy? Give `distance` in {unit} (tolerance {tolerance}),
        from `TARG_RA` and `TARG_DEC` (in degrees) of the headers `target` and `background`.
        """,
        kind="quantity", unit="arcsec", points=2, minutes=3,
        hints=(
            "For such small angles the sky is flat: the distance is the hypotenuse of the differences east and north.",
            "A difference in right ascension must be multiplied by cos(dec) to become a distance on the sky; one "
            "degree is 3600 arcsec.",
        ),
        check=near(_field_distance, abs=2.0),
        misconceptions=(
            value_near(
                lambda facts: _field_distance(facts, shrink=False),
                "Right ascension is counted along circles that get smaller towards the pole: multiply its difference "
                "by cos(dec).",
                "no-cosine",
            ),
            value_near(lambda facts: _field_distance(facts) / 3600, "This is in degrees.", "degrees", rel=0.03),
        ),
        judged_by="products",
    ),
    Exercise(
        id="01-read-a-ramp",
        title="Read an exposure",
        question="""
        How many groups has an integration, how many integrations has this exposure, and how many frame times does it
        take, resets between the integrations included? Give `reading`, an array of these three whole numbers, from
        `time` and `signal`.
        """,
        kind="array", unit=None, points=2, minutes=2,
        hints=(
            "The signal falls only at a reset; a cosmic ray makes it rise. `np.diff(signal) < 0` finds the resets.",
            "Integrations are one more than resets. In FASTR1 a group is a frame, and each reset takes one more frame: "
            "the last time divided by 2.77504 s tells you the sum.",
        ),
        check=near_array(expected.reading()),
        misconceptions=(
            _reads(expected.reading(total=1 - expected.INTEGRATIONS), "The frames are the groups alone. Between two "
                   "integrations the detector is reset, and each reset takes one more frame.", "no-reset"),
            _reads(expected.reading(total=1), "One reset too many: after the last integration no further frame is "
                   "counted.", "reset-after-each"),
            _reads([expected.INTEGRATIONS, expected.GROUPS, expected.frames()], "Groups and integrations are "
                   "exchanged: an integration is a ramp of many groups.", "exchanged"),
            Misconception(
                "jump-as-reset", lambda answer, facts: bool(answer.array.ravel()[1] == expected.INTEGRATIONS + 1),
                "You counted the small step upwards as a reset. That is a cosmic ray: the signal rises. A reset "
                "empties the pixel.",
                example=lambda facts: expected.reading(groups=-3, integrations=1, total=1),
            ),
        ),
    ),
    Exercise(
        id="01-slow-group",
        title="FASTR1 and SLOWR1",
        question="""
        How many FASTR1 groups fit into the time of one SLOWR1 group? Give `slow_over_fast`, a number with two decimals
        (tolerance {tolerance}).
        """,
        kind="scalar", unit=None, points=1, minutes=1,
        hints=(
            "Compare the two group times, 23.88992 s and 2.77504 s.",
            "Divide one by the other. The result is no whole number: a SLOWR1 group is not made of FASTR1 frames.",
        ),
        check=near(FRAME_TIME["SLOWR1"] / FRAME_TIME["FASTR1"], abs=0.05),
        misconceptions=(
            value_near(
                9.0,
                "Nine is the number of *samples* that SLOWR1 takes of each pixel, one after the other, within one "
                "group. The time of a group is what you want here: divide the two group times.",
                "samples-for-frames",
            ),
            value_near(
                FRAME_TIME["FASTR1"] / FRAME_TIME["SLOWR1"],
                "You divided the wrong way round.",
                "inverse", abs=0.01,
            ),
        ),
    ),
    *TABLE,
    Exercise(
        id="01-groups-that-fit",
        title="Plan an exposure",
        question="""
        Write `groups_that_fit(seconds, integrations, dithers)`: the largest number of FASTR1 groups in an integration
        with which a band takes at most `seconds` s, all dithers, counted as APT counts. Return a whole number; 0 where
        not even one group fits. A frame takes 2.77504 s.
        """,
        kind="code", unit=None, points=3, minutes=4,
        hints=(
            "Go backwards: from the seconds of all dithers to those of one exposure, then to its frames.",
            "Take the integrations - 1 reset frames away, divide the rest among the integrations, and round *down*: "
            "`int(x // integrations)`. `max(..., 0)` keeps the result from becoming negative.",
        ),
        check=code(expected.groups_that_fit),
        misconceptions=(
            code_agrees(expected.without_resets, "The reset frames between integrations take time too: subtract them "
                        "before you divide.", "no-reset"),
            code_agrees(expected.without_dithers, "The time is that of all dithers: one exposure has only its share "
                        "of it.", "no-dithers"),
            code_agrees(expected.rounded_up, "Do not round to the nearest number: a group that does not fit as a whole "
                        "makes the exposure too long.", "rounded"),
        ),
        probes=expected.groups_that_fit_probes,
    ),
    Exercise(
        id="01-photon-time-here",
        title="Photon time of your own exposures",
        question="""
        For how long do the science exposures of *your* setting in *your* workspace count photons, all dithers together?
        Add up `EFFEXPTM` and give `photon_time` in {unit} (tolerance {tolerance}). The paths are in `science_files`,
        the reader is `products.read_exposure`.
        """,
        kind="quantity", unit="s", points=2, minutes=2,
        hints=(
            "`products.read_exposure(path).photon_time` is the keyword EFFEXPTM of a file; `science_files` holds the "
            "paths.",
            "Sum over `science_files`: one entry for each dither.",
        ),
        check=near(_photon_time_here, abs=0.1),
        misconceptions=(
            value_near(_one_photon_time, "That is one exposure; add up those of all dithers.", "one-dither"),
            value_near(
                lambda facts: facts.program.observation("source").photon_time,
                "That is the plan of the real program. The course may run on shorter exposures: read the headers of "
                "your files.",
                "plan-for-data", abs=0.5,
            ),
        ),
        judged_by="products",
    ),
    Exercise(
        id="01-dither-slices",
        title="Half a slice",
        question="""
        How many slices is this step in each channel? Give `in_slices`, an array of four numbers (tolerance
        {tolerance}).
        """,
        kind="array", unit=None, points=2, minutes=2,
        hints=(
            "numpy divides a number by an array element by element.",
            "Do not round: the part after the decimal point is what matters here.",
        ),
        check=near_array(_SLICES, abs=0.05),
        misconceptions=(
            Misconception(
                "rounded", lambda answer, facts: answer.array.shape == (4,)
                and np.allclose(answer.array, np.round(answer.array))
                and bool(np.max(np.abs(answer.array - _SLICES)) < 0.6),
                "You rounded. The half after the decimal point is the purpose of the pattern.",
                example=lambda facts: np.ceil(_SLICES),
            ),
            Misconception(
                "inverse", lambda answer, facts: answer.array.shape == (4,)
                and np.allclose(answer.array, 1 / _SLICES, atol=0.01),
                "You divided the wrong way round: these are steps in a slice.", example=lambda facts: 1 / _SLICES,
            ),
        ),
    ),
    Exercise(
        id="01-context",
        title="What a context is",
        question="""
        What does a CRDS context fix? Give the letter of your choice as `context`.

        - `"a"`: the version of the pipeline's code
        - `"b"`: which reference file is used for which exposure
        - `"c"`: the folder in which reference files are stored
        - `"d"`: only the parameters of the steps
        """,
        kind="choice", unit=None, points=1, minutes=2,
        hints=(
            "The pipeline asks CRDS: which flat belongs to *this* header? Who gives the answer?",
            "The name of a context ends in .pmap: a pipeline *mapping*, from headers to reference files.",
        ),
        check=among("b"),
        misconceptions=(
            choice_is(
                "a",
                "The version of the software is another matter: the same jwst gives other numbers with another "
                "context.",
                "version",
            ),
            choice_is(
                "c",
                "The cache is only the place where the files lie. It may hold files of many contexts.",
                "cache",
            ),
            choice_is(
                "d",
                "Step parameters can come from references too, but a context covers all types: flats, darks, masks "
                "and so on.",
                "parameters-only",
            ),
        ),
        choices=("a", "b", "c", "d"),
    ),
    Exercise(
        id="01-silent-default",
        title="A default that changes in silence",
        question="""
        Somebody runs stage 1 with the code's own defaults, because the cache has no parameter reference for `jump`.
        What happens to the cosmic-ray showers? Give the letter as `silent_default`.

        - `"a"`: they are found and flagged, as always
        - `"b"`: the pipeline stops and asks for the missing file
        - `"c"`: they stay in the data, and nothing says so
        - `"d"`: they stay in the data, and so do all other cosmic rays
        """,
        kind="choice", unit=None, points=1, minutes=2,
        hints=(
            "Find the row `jump`, `find_showers` in the table, and compare the code's default with ours.",
            "The pipeline does not stop when there is no parameter reference. It uses the code's default.",
        ),
        check=among("c"),
        misconceptions=(
            choice_is(
                "a",
                "That would be so if the code's default were True. Look at the row `find_showers` again.",
                "default-on",
            ),
            choice_is("b", "A missing parameter reference is no error for the pipeline: it goes on.", "stops"),
            choice_is(
                "d",
                "Showers and single hits are looked for by different code; only the showers are left in.",
                "no-jumps",
            ),
        ),
        choices=("a", "b", "c", "d"),
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
        - `"d"`: everything: both detectors, all sub-bands
        """,
        kind="choice", unit=None, points=1, minutes=1,
        hints=(
            "The comment beside these two lines says: both must be set.",
            "The notebook applies its selection only if *both* are set.",
        ),
        check=among("d"),
        misconceptions=(
            choice_is(
                "a",
                "So one would think. But the notebook's selection works only if both are set.",
                "half-selection",
            ),
            choice_is(
                ["b", "c"],
                "Read the comment: note that both must be set. There is neither an error nor a default sub-band.",
                "error-or-default",
            ),
        ),
        choices=("a", "b", "c", "d"),
    ),
)  # fmt: skip
