"""What the judge of lesson 03 compares with: values recomputed from the learner's own products, or from the truth."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from astropy.io import fits

from mrskit.errors import missing_file
from mrskit.exercises import pixels
from mrskit.exercises.raw import LONG, raw_file, stem
from mrskit.exercises.record import Facts
from mrskit.plan import FRAME_TIME

ROWS = slice(400, 624)  # rows of the cut through a rate image
SEEN = 0.3  # share of a shower's bright part that must be flagged for it to count as found


def _ramp_file(facts: Facts) -> Path:
    """Return the long ramp; where there is none (real data), the first science exposure, as the lesson does."""
    return next(iter(sorted(facts.workspace.ramp.glob("*_uncal.fits"))), None) or raw_file(facts)


def _step(facts: Facts, step: str, extension: str = "SCI") -> np.ndarray:
    """Return an array of the experiment's product after one step."""
    path = facts.workspace.stage("source", "stage1") / "steps" / f"{stem(raw_file(facts))}_{step}.fits"
    if not path.is_file():
        raise missing_file(path, f"the exposure after the step {step}", "Run section 3 of lesson 03 first.")
    return fits.getdata(path, extension)


def _pixel(facts: Facts, rule: str) -> pixels.Pixel:
    signal = fits.getdata(raw_file(facts), "SCI") if rule == "saturating" else _step(facts, "jump")
    return getattr(pixels, rule)(signal, _step(facts, "jump", "GROUPDQ"), _step(facts, "jump", "PIXELDQ"))


def _ramp(facts: Facts, rule: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the usable groups of a pixel's ramp, and their signal, DN, after the jump step."""
    row, column = _pixel(facts, rule)
    groups = pixels.usable_groups(_step(facts, "jump", "GROUPDQ"))
    return groups, _step(facts, "jump")[0, groups, row, column]


def linearity_gain(facts: Facts) -> float:
    """Return by how many percent the linearity step raises the bright pixel in the last usable group."""
    row, column = _pixel(facts, "bright")
    last = pixels.usable_groups(_step(facts, "jump", "GROUPDQ"))[-1]
    before, after = (float(_step(facts, step)[0, last, row, column]) for step in ("reset", "linearity"))
    return 100 * (after / before - 1)


def pipeline_rate(facts: Facts, rule: str = "bright") -> float:
    """Return the pipeline's count rate, DN/s, of the pixel that a rule of mrskit.exercises.pixels chooses."""
    return float(_step(facts, "rate")[_pixel(facts, rule)])


def line_through_all(facts: Facts) -> float:
    """Return the slope, DN/s, of a line through all usable groups of the hit pixel."""
    groups, signal = _ramp(facts, "hit")
    return float(np.polyfit(groups * FRAME_TIME["FASTR1"], signal, 1)[0])


def first_saturated(facts: Facts) -> int:
    """Return the first group of the saturating pixel that is flagged as saturated."""
    row, column = _pixel(facts, "saturating")
    return int(np.argmax(_step(facts, "jump", "GROUPDQ")[0, :, row, column] & pixels.SATURATED > 0))


def hit_group(facts: Facts) -> int:
    """Return the group before which the hit pixel got its largest hit, from the truth."""
    integration, group, row, column, dn = facts.truth(stem(raw_file(facts)))["cosmic_ray_dn"]
    y, x = _pixel(facts, "hit")
    here = (integration == 0) & (row == y) & (column == x)
    return int(group[here][np.argmax(dn[here])]) if here.any() else -1


def shower_groups(facts: Facts) -> list[int]:
    """Return the groups of the long ramp that first see a bright shower, from the truth."""
    return [shower.group for shower in _showers(facts) if shower.strength == "bright"]


def fainter_shower_groups(facts: Facts) -> list[int]:
    """Return the groups of the long ramp that first see another shower, from the truth."""
    return [shower.group for shower in _showers(facts) if shower.strength != "bright"]


def _showers(facts: Facts) -> tuple:
    return facts.truth(stem(_ramp_file(facts)))["showers"]


def jump_map(facts: Facts, experiment: str) -> np.ndarray:
    """Return which pixels of the long ramp's rate image carry the flag of a jump in one experiment."""
    path = facts.workspace.ramp.parent / experiment / f"{stem(_ramp_file(facts))}_rate.fits"
    if not path.is_file():
        raise missing_file(path, "the long ramp's count rates", "Run section 6 of lesson 03 first.")
    return fits.getdata(path, "DQ") & pixels.JUMP > 0


def shower_pixels(facts: Facts) -> int:
    """Return how many pixels are flagged only with the search for showers."""
    return int((jump_map(facts, "with_showers") & ~jump_map(facts, "without_showers")).sum())


def showers_found(facts: Facts) -> str:
    """Return the letter for the strengths of which a good part is flagged only with the search for showers."""
    more = jump_map(facts, "with_showers") & ~jump_map(facts, "without_showers")
    found = {
        shower.strength
        for shower in _showers(facts)
        if more[shower.amplitude > 0.5 * shower.amplitude.max()].mean() > SEEN
    }
    strongest_first = [strength in found for strength in ("bright", "intermediate", "shallow")]
    return "abcd"[strongest_first.index(False) if False in strongest_first else 3]


def dark_strip(facts: Facts) -> list[int]:
    """Return first and last column of the strip between the channels, from the light that really fell."""
    path = raw_file(facts, "background", LONG)
    light = np.median(facts.truth(stem(path))["rate"][ROWS], axis=0)
    lit = light > 0.3 * np.percentile(light[430:600], 90)
    return [int(np.flatnonzero(lit[:490])[-1]) + 1, 490 + int(np.flatnonzero(lit[490:])[0]) - 1]
