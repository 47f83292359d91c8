"""Expected answers of lesson 03, recomputed from the learner's own products or taken from the truth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from astropy.io import fits
from astropy.stats import mad_std

from mrskit import products
from mrskit.bands import Setting
from mrskit.course.lesson02_raw_overview.expected import LONG, light, of_long, raw_file, stem
from mrskit.course.lesson03_detector1.expected_showers import of_ramp, ramp_file
from mrskit.course.shown import pixels, stand_in
from mrskit.errors import missing_file
from mrskit.exercises.checks import evaluate, failed, passed
from mrskit.exercises.record import Answer, Facts, Verdict

ROWS = slice(400, 624)  # rows of the cut through a rate image


def _step(facts: Facts, step: str, extension: str = "SCI") -> np.ndarray:
    """Return an array from the experiment's product after one step."""
    path = facts.workspace.stage("source", "stage1") / "steps" / f"{stem(raw_file(facts))}_{step}.fits"
    if not path.is_file():
        raise missing_file(path, f"the exposure after the step {step}", "Run section 3 of lesson 03 first.")
    return fits.getdata(path, extension)


def _flags(facts: Facts) -> tuple[np.ndarray, np.ndarray]:
    """Return the flags of the groups and of the pixels of the long ramp after the jump step."""
    facts = of_ramp(facts)
    path = facts.workspace.ramp.parent / "without_showers" / f"{stem(ramp_file(facts))}_jump.fits"
    if not path.is_file():
        raise missing_file(path, "the long ramp after the step jump", "Run section 4 of lesson 03 first.")
    return fits.getdata(path, "GROUPDQ"), fits.getdata(path, "PIXELDQ")


def _pixel(facts: Facts, rule: str) -> pixels.Pixel:
    if rule == "saturating":
        return pixels.saturating(fits.getdata(ramp_file(of_ramp(facts)), "SCI"), *evaluate(_flags, facts))
    signal, flags, bad = (_step(facts, "jump", name) for name in ("SCI", "GROUPDQ", "PIXELDQ"))
    return getattr(pixels, rule)(signal, flags, bad)


def linearity_gain(facts: Facts) -> float:
    """Return the increase, percent, of the bright pixel in the last usable group by the linearity step."""
    row, column = _pixel(facts, "bright")
    last = pixels.usable_groups(_step(facts, "jump", "GROUPDQ"))[-1]
    before, after = (float(_step(facts, step)[0, last, row, column]) for step in ("reset", "linearity"))
    return 100 * (after / before - 1)


def pipeline_rate(facts: Facts, rule: str = "bright") -> float:
    """Return the pipeline's count rate, DN/s, for the pixel chosen by a rule in mrskit.course.shown.pixels."""
    return float(_step(facts, "rate")[_pixel(facts, rule)])


def own_pixels(facts: Facts) -> np.ndarray:
    """Return a saturated, a hit and a quiet pixel that the lesson does not show, shape (3, 2): row, column."""
    flags, bad = evaluate(_flags, facts)
    saturated, struck = ((flags[0] & bit > 0).any(axis=0) for bit in (pixels.SATURATED, pixels.JUMP))
    good = bad & pixels.DO_NOT_USE == 0
    masks = (saturated & good, struck & ~saturated & good, ~saturated & ~struck & good)
    places = [np.argwhere(mask) for mask in masks]
    return np.array([place[len(place) // 2] for place in places])


def kinds_of(answer: Answer, facts: Facts) -> list[str]:
    """Return the kinds of the pixels in an answer, in the first integration."""
    flags, bad = evaluate(_flags, facts)
    return pixels.kinds(flags, bad, answer.array.reshape(-1, 2))


def _taken(facts: Facts) -> set[pixels.Pixel]:
    """Return the pixels that the lesson shows."""
    return {_pixel(facts, rule) for rule in ("bright", "saturating", "hit")}


def three_pixels(answer: Answer, facts: Facts) -> Verdict:
    """Return the verdict on a saturated, a hit and a quiet pixel that the lesson does not show."""
    if answer.array.shape != (3, 2):
        return failed(answer, f"Not yet: the shape is {answer.array.shape}, asked for is (3, 2).")
    taken = evaluate(_taken, facts)
    if any(tuple(int(number) for number in pixel) in taken for pixel in answer.array):
        return failed(answer, "Not yet: one of them is a pixel that the lesson looks at. Find others.")
    words = kinds_of(answer, facts)
    right = sum(word == wanted for word, wanted in zip(words, pixels.KINDS, strict=True))
    if right == len(words):
        return passed(answer, "Right: one is saturated, one was hit, one is quiet.")
    return failed(answer, f"Not yet: what happened to them is {', '.join(words)}.")


def transposed(answer: Answer, facts: Facts) -> bool:
    """Return whether the pixels in an answer are right with column and row exchanged."""
    if answer.array.shape != (3, 2):
        return False
    flipped = replace(answer, value=answer.array[:, ::-1])
    return tuple(kinds_of(flipped, facts)) == pixels.KINDS


def pull_width(facts: Facts, error: str = "both", *, robust: bool = True) -> float:
    """
    Return the width of the pulls between two background exposures, reduced without a search for jumps.

    Parameters
    ----------
    error : str
        ``both``: their errors added in quadrature. ``one``: of the first alone. ``sum``: added.
    robust : bool
        False: the standard deviation.
    """
    space, setting = stand_in.of_empty_field(facts.workspace, Setting(facts.use_ch, facts.use_band))
    folder = facts.of(space).workspace.stage("background", "stage1") / "without_jump"
    found = products.find(folder, "rate", setting)
    if len(found) < 2:
        raise missing_file(folder / "*_rate.fits", "two background rate files without a search for jumps",
                           "Run section 6 of lesson 03 first.")  # fmt: skip
    (first, first_error), (second, second_error) = (
        (fits.getdata(path, "SCI"), fits.getdata(path, "ERR")) for path in found[:2]
    )
    total = {"both": np.hypot(first_error, second_error), "one": first_error, "sum": first_error + second_error}[error]
    with np.errstate(invalid="ignore", divide="ignore"):
        pull = (first - second) / total
    pull = pull[np.isfinite(pull)]
    return float(mad_std(pull) if robust else np.std(pull))


def dark_strip(facts: Facts) -> list[int]:
    """Return the first and the last column of the strip between the channels."""
    facts = of_long(facts)
    seen = np.median(light(facts, raw_file(facts, "background", LONG))[ROWS], axis=0)
    lit = seen > 0.3 * np.percentile(seen[430:600], 90)
    return [int(np.flatnonzero(lit[:490])[-1]) + 1, 490 + int(np.flatnonzero(lit[490:])[0]) - 1]
