"""Exercises of lesson 01: readout, the proposal's table, the workspace, references and parameters."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from astropy.io import fits

from mrskit import products
from mrskit.bands import Setting
from mrskit.exercises.checks import among, choice_is, near, value_near
from mrskit.exercises.proposal import TABLE
from mrskit.exercises.record import Exercise, Facts
from mrskit.plan import FRAME_TIME


def _frames(facts: Facts) -> int:
    observation = facts.program.observation("source")
    return observation.groups * observation.integrations + observation.integrations - 1


def _exposures(facts: Facts) -> list[Path]:
    """Return the raw science files of the setting that the lesson runs on."""
    folder = facts.workspace.stage("source", "uncal")
    return products.find(folder, "uncal", Setting(facts.use_ch, facts.use_band))


def _pointings(facts: Facts) -> np.ndarray:
    """Return right ascension and declination of the source exposures of the setting, deg, shape (ndithers, 2)."""
    headers = [fits.getheader(path, "SCI") for path in _exposures(facts)]
    return np.array([(header["RA_REF"], header["DEC_REF"]) for header in headers])


def _dither_distance(facts: Facts, shrink: bool = True) -> float:
    first, second = _pointings(facts)[:2]
    factor = np.cos(np.deg2rad(first[1])) if shrink else 1.0
    return float(3600 * np.hypot((second[0] - first[0]) * factor, second[1] - first[1]))


def _photon_time_here(facts: Facts) -> float:
    return sum(products.read_exposure(path).photon_time for path in _exposures(facts))


def _one_photon_time(facts: Facts) -> float:
    return products.read_exposure(_exposures(facts)[0]).photon_time


EXERCISES: tuple[Exercise, ...] = (
    Exercise(
        id="01-frames",
        title="Frames of one exposure",
        question="How many frame times does one science exposure of program 2732 take (40 groups, 2 integrations, "
        "FASTR1)? Give `frames`, a whole number, with the reset between the integrations.",
        kind="scalar", unit=None, points=1, minutes=2,
        hints=(
            "In FASTR1 a group is one frame.",
            "40 frames, a reset, 40 frames. Does a reset follow the last integration of the exposure?",
        ),
        check=near(_frames),
        misconceptions=(
            value_near(
                lambda facts: _frames(facts) - 1,
                "These are the groups alone. Between two integrations the detector is reset, and that takes one more "
                "frame.",
                "no-reset",
            ),
            value_near(
                lambda facts: _frames(facts) + 1,
                "One reset too many: after the last integration no further frame is counted.",
                "reset-after-each",
            ),
        ),
    ),
    Exercise(
        id="01-slow-group",
        title="FASTR1 and SLOWR1",
        question="How many FASTR1 groups fit into the time of one SLOWR1 group? Give `slow_over_fast` as a number "
        "with two decimals (tolerance 0.05).",
        kind="scalar", unit=None, points=1, minutes=2,
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
                "samples-for-frames", abs=0.05,
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
        id="01-dither-distance",
        title="From dither to dither",
        question="How far apart on the sky are the first two dither positions of your science exposures? Give "
        "`distance` in arcsec (tolerance 0.02 arcsec), from the arrays `ra` and `dec`.",
        kind="quantity", unit="arcsec", points=2, minutes=4,
        hints=(
            "For such small angles the sky is flat: the distance is the hypotenuse of the differences east and north.",
            "A difference in right ascension must be multiplied by cos(dec) to become a distance on the sky; one "
            "degree is 3600 arcsec.",
        ),
        check=near(_dither_distance, abs=0.02),
        misconceptions=(
            value_near(
                lambda facts: _dither_distance(facts, shrink=False),
                "Right ascension is counted along circles that get smaller towards the pole: multiply its difference "
                "by cos(dec).",
                "no-cosine", abs=0.015,
            ),
            value_near(lambda facts: _dither_distance(facts) / 3600, "This is in degrees.", "degrees", rel=0.03),
        ),
        judged_by="products",
    ),
    Exercise(
        id="01-photon-time-here",
        title="Photon time of your own exposures",
        question="For how long do the science exposures of your setting in *your* workspace count photons, all "
        "dithers together? Add up the keyword EFFEXPTM of their primary headers and give `photon_time` in s "
        "(tolerance 0.1 s).",
        kind="quantity", unit="s", points=2, minutes=3,
        hints=(
            "`products.read_exposure(path).photon_time` is the keyword EFFEXPTM of a file; `science_files` holds the "
            "paths.",
            "Sum over `science_files`: one entry for each dither.",
        ),
        check=near(_photon_time_here, abs=0.1),
        misconceptions=(
            value_near(_one_photon_time, "That is one exposure; add up those of all dithers.", "one-dither", abs=0.1),
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
        id="01-context",
        title="What a context is",
        question="What does a CRDS context fix? Give the letter of your choice as `context`.",
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
        question="Somebody runs stage 1 with the code's own defaults because the cache has no parameter reference for "
        "`jump`. What happens to the cosmic-ray showers? Give the letter as `silent_default`.",
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
        question="In the workshop's notebook somebody sets use_ch = \"12\" and leaves use_band empty. What is "
        "reduced? Give the letter as `selection`.",
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
