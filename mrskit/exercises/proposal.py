"""Exercises on the proposal's table: what was observed, how long, and in how many files (part of lesson 01)."""

from __future__ import annotations

import numpy as np

from mrskit.exercises.checks import choice_is, near, near_array, text_matches, value_near
from mrskit.exercises.record import Answer, Exercise, Facts, Misconception
from mrskit.plan import FRAME_TIME, Observation, exposure_time, photon_time

_APT = "the time that APT prints, with the reset frame between the integrations"
_PHOTONS = "the time in which photons are counted (EFFEXPTM), without the reset frame"


def _both(name: str) -> object:
    """Return a function that gives one entry of both observations: (science, background)."""
    return lambda facts: [getattr(facts.program.observation(role), name) for role in ("source", "background")]


def _times(role: str) -> object:
    def expected(facts: Facts) -> dict[str, float]:
        observation = facts.program.observation(role)
        return {_APT: observation.exposure_time, _PHOTONS: observation.photon_time}

    return expected


def _times_only(role: str) -> object:
    return lambda facts: list(_times(role)(facts).values())


def _time_of(role: str, **changes: int) -> object:
    """Return both times of an observation in which some entries are mistaken."""

    def expected(facts: Facts) -> list[float]:
        shape = _shape(facts.program.observation(role)) | changes
        return [exposure_time(**shape), photon_time(**shape)]

    return expected


def _shape(observation: Observation) -> dict[str, int]:
    return {name: getattr(observation, name) for name in ("groups", "integrations", "dithers")}


def _reset_after_each(role: str) -> object:
    """Return the time of someone who adds one reset to every integration, also to the last."""

    def expected(facts: Facts) -> float:
        shape = _shape(facts.program.observation(role))
        return exposure_time(**shape) + FRAME_TIME["FASTR1"] * shape["dithers"]

    return expected


def _uncal(role: str, factor: float = 1.0) -> object:
    return lambda facts: facts.program.observation(role).uncal_count * factor


def _first(answer: Answer) -> float:
    return float(np.ravel(answer.value)[0])


_ALL_CHANNELS = r"(all|1\D{0,5}2\D{0,5}3\D{0,5}4|1 ?(-|to) ?4)"
_ALL_BANDS = r"(all|short.{1,5}medium.{1,7}long|a\W{1,3}b\W{1,3}c)"

_TIME_HINTS = (
    "Count frames: 40 groups in each of 2 integrations, and one reset frame between two integrations. How many per "
    "exposure?",
    "Multiply the frames of one exposure by 2.77504 s and by the number of dithers. Each band is observed once at "
    "each dither.",
)

_FILE_HINTS = (
    "At one dither the grating wheels go through three settings: SHORT, MEDIUM and LONG. In each, both detectors are "
    "read.",
    "One file holds one detector in one setting at one dither, and so two of the twelve bands.",
)


def _time_mistakes(role: str, other: str) -> tuple[Misconception, ...]:
    return (
        value_near(_time_of(role, dithers=1), "That is one exposure. A band is observed once at every "
                                              "dither.", "one-dither", abs=1),
        value_near(_reset_after_each(role), "You added a reset after every integration. The extra reset frame stands "
                                            "only *between* "
                   "integrations: 40 + 1 + 40 frames.", "reset-after-each", abs=1),
        value_near(_time_of(role, integrations=1), "That is one integration at each dither; each exposure has "
                                                   "two.", "one-integration", abs=1),
        value_near(_times_only(other), f"That is the time of the {other} observation: look at its number of "
                                       f"dithers.", "other-target", abs=1),
    )  # fmt: skip


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
        check=text_matches([f'^\\W*{_ALL_CHANNELS}\\W*/', f'/\\W*{_ALL_CHANNELS}\\W*$']),
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
        check=text_matches([f'^\\W*{_ALL_BANDS}\\W*/', f'/\\W*{_ALL_BANDS}\\W*$']),
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
        hints=("Look at the column 'readout'.", "It is one of FASTR1 and SLOWR1, for each of the two observations."),
        check=text_matches(['^\\W*fast ?r1\\W*/', '/\\W*fast ?r1\\W*$']),
        misconceptions=(
            choice_is(
                ["slowr1/slowr1", "slow/slow"],
                "SLOWR1 has 23.9 s between groups; compare with the table.",
                "slow",
            ),
        ),
    ),
    Exercise(
        id="01-groups",
        title="Groups",
        question="How many groups has an integration of the MRS detectors? Give `groups`, an array of shape (2,): "
        "science, background.",
        kind="array", unit=None, points=1, minutes=1,
        hints=(
            "Look at the rows of MRSSHORT and MRSLONG, not at the imager's.",
            "The column is 'groups / integration'.",
        ),
        check=near_array(_both("groups")),
        misconceptions=(
            Misconception(
                "imager", lambda answer, facts: _first(answer) == 10,
                "That is the row of the imager, which takes pictures at the same time. The MRS detectors have their "
                "own rows.",
            ),
        ),
    ),
    Exercise(
        id="01-integrations",
        title="Integrations",
        question="How many integrations has one exposure? Give `integrations`, an array of shape (2,): science, "
        "background.",
        kind="array", unit=None, points=1, minutes=1,
        hints=("The column is 'ints / exposure'.", "Do not mix it up with the total over all dithers."),
        check=near_array(_both("integrations")),
        misconceptions=(
            Misconception(
                "total", lambda answer, facts: _first(answer) == 8,
                "That is the total over all dithers. One exposure has fewer.",
            ),
        ),
    ),
    Exercise(
        id="01-dithers",
        title="Dithers",
        question="At how many dither positions was each target observed? Give `dithers`, an array of shape (2,): "
        "science, background.",
        kind="array", unit=None, points=1, minutes=1,
        hints=("The pattern has the number in its name.", "Science: 4-POINT. Background: 2-POINT."),
        check=near_array(_both("dithers")),
        misconceptions=(
            Misconception(
                "same-for-both", lambda answer, facts: np.array_equal(answer.value, [4, 4]),
                "The background has its own, shorter pattern.",
            ),
        ),
    ),
    Exercise(
        id="01-exposure-time-science",
        title="Exposure time of a band: science",
        question="What is the total exposure time of each single band on NGC 7319, all dithers? Give `time_science` "
        "in s (tolerance 1 s). Two definitions are in use; both count, and the answer says which one is yours.",
        kind="quantity", unit="s", points=2, minutes=3,
        hints=_TIME_HINTS,
        check=near(_times("source"), abs=1.0),
        misconceptions=(
            *_time_mistakes("source", "background"),
            value_near(599.409, "That is the imager's row: 10 groups, 5 integrations.", "imager", abs=1),
        ),
    ),
    Exercise(
        id="01-exposure-time-background",
        title="Exposure time of a band: background",
        question="What is it on the background field? Give `time_background` in s (tolerance 1 s).",
        kind="quantity", unit="s", points=1, minutes=1,
        hints=(
            "Only one number differs from the science observation.",
            "The background has two dithers instead of four.",
        ),
        check=near(_times("background"), abs=1.0),
        misconceptions=_time_mistakes("background", "source"),
    ),
    Exercise(
        id="01-uncal-science",
        title="Raw files: science",
        question="How many MRS `uncal` files has the science observation? Give `files_science`, a whole number.",
        kind="scalar", unit=None, points=2, minutes=2,
        hints=_FILE_HINTS,
        check=near(_uncal("source")),
        misconceptions=(
            value_near(
                _uncal("source", 2),
                "That is one file for each band and dither. But a detector sees two bands at once: channels 1 and 2, "
                "or 3 and 4, share a file.",
                "one-band-a-file",
            ),
            value_near(
                _uncal("source", 1.5),
                "You counted the imager's files as well; they are no MRS data.",
                "imager",
            ),
            value_near(
                _uncal("source", 0.5),
                "That is one detector alone, or half of the dithers. Both detectors are read at all four.",
                "one-detector",
            ),
            value_near(
                12.0,
                "Twelve is the number of bands. Two of them share a file, and each is observed at every dither.",
                "bands",
            ),
        ),
    ),
    Exercise(
        id="01-uncal-background",
        title="Raw files: background",
        question="How many MRS `uncal` files has the background observation? Give `files_background`, a whole number.",
        kind="scalar", unit=None, points=2, minutes=2,
        hints=(
            _FILE_HINTS[0],
            "The same arithmetic as before, with two dithers: 12 bands x 2 dithers / 2 bands in a file.",
        ),
        check=near(_uncal("background")),
        misconceptions=(
            value_near(
                _uncal("source"),
                "That is 12 x 4 / 2, the arithmetic of the *science* observation. The slide prints this formula also "
                "for the background, which is a slip: the background has two dithers.",
                "formula-of-the-slide",
            ),
            value_near(
                _uncal("background", 0.5),
                "That is one detector alone: the long one is read at the same time.",
                "one-detector",
            ),
            value_near(
                _uncal("background", 1.5),
                "You counted the imager's files as well; they are no MRS data.",
                "imager",
            ),
        ),
    ),
)  # fmt: skip
