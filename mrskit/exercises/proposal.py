"""Exercises on the proposal's table: what was observed, how long, and in how many files (part of lesson 01)."""

from __future__ import annotations

import numpy as np

from mrskit.exercises.checks import (
    Check,
    Expected,
    choice_is,
    evaluate,
    failed,
    near_array,
    partial,
    passed,
    text_matches,
)  # fmt: skip
from mrskit.exercises.record import Answer, Exercise, Facts, Misconception, Verdict
from mrskit.plan import FRAME_TIME, Observation, exposure_time, photon_time

_APT = "the time that APT prints, with the reset frame between the integrations"
_PHOTONS = "the time in which photons are counted (EFFEXPTM), without the reset frame"
_ROLES = ("source", "background")


def _both(name: str) -> Expected:
    """Return a function that gives one entry of both observations: (science, background)."""
    return lambda facts: [getattr(facts.program.observation(role), name) for role in _ROLES]


def _times(facts: Facts) -> dict[str, list[float]]:
    return {_APT: _both("exposure_time")(facts), _PHOTONS: _both("photon_time")(facts)}


def _compare_times(answer: Answer, named: dict[str, list[float]]) -> Verdict:
    """Accept both definitions of the exposure time, each cell by itself, and say which it was."""
    value = np.asarray(answer.value, dtype=float)
    if value.shape != (2,):
        return failed(answer, f"Not yet: the shape is {value.shape}, asked for is (2,): science, background.")
    found = [next((name for name, times in named.items() if abs(value[cell] - times[cell]) <= 1.0), None)
             for cell in range(2)]  # fmt: skip
    if None not in found:
        same = found[0] == found[1]
        return passed(
            answer, f"Right: {found[0]}." if same else f"Right: science is {found[0]}; background {found[1]}."
        )
    right = [role for role, name in zip(("science", "background"), found, strict=True) if name]
    if right:
        return partial(answer, 0.5, f"Half of it: {right[0]} is right, the other cell is not yet.")
    return failed(answer, "Not yet: both cells are off by more than 1 s. Count frames, then multiply.")


def _pairs(expected: Expected, message: str, name: str, abs_: float = 1.0) -> Misconception:
    """Return the misconception of learners whose two cells are near this pair, or one of several pairs."""

    def candidates(facts: Facts) -> np.ndarray:
        return np.atleast_2d(evaluate(expected, facts))

    def matches(answer: Answer, facts: Facts) -> bool:
        value = np.asarray(answer.value, dtype=float)
        return value.shape == (2,) and any(np.all(np.abs(value - pair) <= abs_) for pair in candidates(facts))

    return Misconception(name, matches, message, example=lambda facts: list(candidates(facts)[0]))


def _mistaken(**changes: int) -> Expected:
    """Return both times of both observations in which some entries are mistaken: two pairs."""

    def expected(facts: Facts) -> list[list[float]]:
        shapes = [_shape(facts.program.observation(role)) | changes for role in _ROLES]
        return [[count(**shape) for shape in shapes] for count in (exposure_time, photon_time)]

    return expected


def _shape(observation: Observation) -> dict[str, int]:
    return {name: getattr(observation, name) for name in ("groups", "integrations", "dithers")}


def _reset_after_each(facts: Facts) -> list[float]:
    """Return the times of someone who adds one reset to every integration, also to the last."""
    shapes = [_shape(facts.program.observation(role)) for role in _ROLES]
    return [exposure_time(**shape) + FRAME_TIME["FASTR1"] * shape["dithers"] for shape in shapes]


def _same_for_both(facts: Facts) -> list[list[float]]:
    return [[times[0], times[0]] for times in _times(facts).values()]


def _files(science: float, background: float) -> Expected:
    """Return both numbers of raw files, each wrong by a factor."""

    def expected(facts: Facts) -> list[float]:
        right = _both("uncal_count")(facts)
        return [right[0] * science, right[1] * background]

    return expected


def _compare_files(answer: Answer, wanted: list[int]) -> Verdict:
    value = np.asarray(answer.value, dtype=float)
    if value.shape != (2,):
        return failed(answer, f"Not yet: the shape is {value.shape}, asked for is (2,): science, background.")
    right = value == np.asarray(wanted)
    if right.all():
        return passed(answer)
    if right.any():
        return partial(answer, 0.5, f"Half of it: {('science', 'background')[int(right[1])]} is right.")
    return failed(answer, "Not yet: both cells are wrong.")


def _first(answer: Answer) -> float:
    return float(np.ravel(answer.value)[0])


_ALL_CHANNELS = r"(all|1\D{0,5}2\D{0,5}3\D{0,5}4|1 ?(-|to) ?4)"
_ALL_BANDS = r"(all|short.{1,5}medium.{1,7}long|a\W{1,3}b\W{1,3}c)"

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
                "own rows.", example=lambda facts: [10, 10],
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
                "That is the total over all dithers. One exposure has fewer.", example=lambda facts: [8, 4],
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
                "The background has its own, shorter pattern.", example=lambda facts: [4, 4],
            ),
        ),
    ),
    Exercise(
        id="01-exposure-time",
        title="Exposure time of a band",
        question="What is the total exposure time of each single band, all dithers? Give `times`, an array of shape "
        "(2,): science, background, in s (tolerance 1 s). Two definitions are in use; both count, and the answer says "
        "which one is yours.",
        kind="array", unit="s", points=3, minutes=3,
        hints=(
            "Count frames: 40 groups in each of 2 integrations, and one reset frame between two integrations. How many "
            "per exposure?",
            "Multiply the frames of one exposure by 2.77504 s and by the number of dithers, 4 and 2. Each band is "
            "observed once at each dither.",
        ),
        check=Check(_times, _compare_times),
        misconceptions=(
            _pairs(_mistaken(dithers=1), "That is one exposure. A band is observed once at every dither.",
                   "one-dither"),
            _pairs(_same_for_both, "The background has fewer dithers than the science observation, and so less time.",
                   "same-for-both"),
            _pairs(_reset_after_each, "You added a reset after every integration. The extra reset frame stands only "
                   "*between* integrations: 40 + 1 + 40 frames.", "reset-after-each"),
            _pairs(_mistaken(integrations=1), "That is one integration at each dither; each exposure has two.",
                   "one-integration"),
            Misconception(
                "imager", lambda answer, facts: abs(_first(answer) - 599.409) < 1,
                "That is the imager's row: 10 groups, 5 integrations.", example=lambda facts: [599.409, 299.70],
            ),
        ),
    ),
    Exercise(
        id="01-uncal-files",
        title="Raw files",
        question="How many MRS `uncal` files has each observation? Give `files`, an array of shape (2,): science, "
        "background.",
        kind="array", unit=None, points=3, minutes=2,
        hints=(
            "At one dither the grating wheels go through three settings: SHORT, MEDIUM and LONG. In each, both "
            "detectors are read.",
            "One file holds one detector in one setting at one dither, and so two of the twelve bands: bands x dithers "
            "/ 2, with each observation's own number of dithers.",
        ),
        check=Check(_both("uncal_count"), _compare_files),
        misconceptions=(
            _pairs(_files(1, 2), "The background's number is that of the *science* observation, bands x 4 / 2. A slide "
                   "prints this formula also for the background, which is a slip: the background has two dithers.",
                   "formula-of-the-slide", 0.1),
            _pairs(_files(2, 2), "That is one file for each band and dither. But a detector sees two bands at once: "
                   "channels 1 and 2, or 3 and 4, share a file.", "one-band-a-file", 0.1),
            _pairs(_files(1.5, 1.5), "You counted the imager's files as well; they are no MRS data.", "imager", 0.1),
            _pairs(_files(0.5, 0.5), "That is one detector alone, or half of the dithers. Both detectors are read at "
                   "every dither.", "one-detector", 0.1),
        ),
    ),
)  # fmt: skip
