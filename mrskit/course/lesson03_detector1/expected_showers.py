"""Expected answers of lesson 03 on showers in the long ramp, from the truth and from the products."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from astropy.io import fits

from mrskit.course.lesson02_raw_overview.expected import raw_file, stem
from mrskit.course.shown import ramps, stand_in
from mrskit.errors import missing_file
from mrskit.exercises.record import Answer, Facts
from mrskit.pipeline.steps import shower_search as search
from mrskit.products import read_setting

BRIGHT = 0.5  # of its brightest place: a shower's bright part
EDGE = 0.05  # of its brightest place: what is fainter counts as outside
LEVEL = 1.2  # sigma, threshold of the search that marks the bright shower


def of_ramp(facts: Facts) -> Facts:
    """Return the facts of the workspace with the long ramp; for real data, of the kit's exposures with their truth."""
    return facts.of(stand_in.of_ramp(facts.workspace))


def ramp_file(facts: Facts) -> Path:
    """Return the long ramp or, if there is none, the first science exposure, as in the lesson."""
    return next(iter(sorted(facts.workspace.ramp.glob("*_uncal.fits"))), None) or raw_file(facts)


def showers(facts: Facts) -> list:
    """Return the showers of the long ramp from bottom to top (mrskit.simulate.events.Shower)."""
    facts = of_ramp(facts)
    found = facts.truth(stem(ramp_file(facts)))["showers"]
    return sorted(found, key=lambda item: np.average(np.arange(item.amplitude.shape[0]), weights=item.amplitude.sum(1)))


def bright_parts(facts: Facts) -> list[np.ndarray]:
    """Return masks, from bottom to top, of the pixels that get at least half of a shower's peak light."""
    return [item.amplitude > BRIGHT * item.amplitude.max() for item in showers(facts)]


def region(facts: Facts) -> np.ma.MaskedArray:
    """Return the bright parts of all showers; their faint edges are masked, because both answers are right there."""
    bright = np.any(bright_parts(facts), axis=0)
    light = np.any([item.amplitude > EDGE * item.amplitude.max() for item in showers(facts)], axis=0)
    return np.ma.MaskedArray(bright, mask=light & ~bright)


def groups(facts: Facts, *, brightest: bool = True) -> list[int]:
    """Return the first groups of the brightest shower, or those of all other showers."""
    return [item.group for item in showers(facts) if (item.strength == "bright") == brightest]


def some_marked(answer: Answer, facts: Facts) -> bool:
    """Return whether a region holds one or two showers, but not all."""
    mask = answer.array.astype(bool)
    if mask.shape != bright_parts(facts)[0].shape or mask.mean() > 0.2:
        return False
    held = [mask[part].mean() > 0.5 for part in bright_parts(facts)]
    return 0 < sum(held) < len(held)


def first_alone(facts: Facts) -> np.ndarray:
    """Return the region that contains only the lowest shower."""
    return bright_parts(facts)[0]


def everything(facts: Facts) -> np.ndarray:
    """Return a region that covers the whole detector."""
    return np.ones_like(bright_parts(facts)[0])


def search_file(facts: Facts) -> Path:
    """Return the result of the search at several thresholds."""
    facts = of_ramp(facts)
    path = facts.workspace.ramp.parent / "search" / f"{stem(ramp_file(facts))}_showers.npz"
    if not path.is_file():
        raise missing_file(path, "the search for showers", "Run section 7 of lesson 03 first.")
    return path


def cleaned(facts: Facts) -> tuple[np.ndarray, np.ndarray]:
    """Return the long ramp's image after `clean_showers` in the straylight step, and the subtracted image, DN/s."""
    images, facts = [], of_ramp(facts)
    for suffix in ("straylight", "shower_model"):
        folder = facts.workspace.ramp.parent / "without_showers" / "cleaned"
        path = folder / f"{stem(ramp_file(facts))}_{suffix}.fits"
        if not path.is_file():
            raise missing_file(path, "the ramp after clean_showers", "Run section 7 of lesson 03 first.")
        images.append(fits.getdata(path, "SCI").astype(float))
    return images[0], images[1]


def shower_left(facts: Facts) -> float:
    """Return the percentage of the brightest shower's light between the slices that `clean_showers` leaves."""
    facts = of_ramp(facts)
    slices = ramps.slices(facts.workspace, read_setting(ramp_file(facts)))
    inside = ramps.core(search.read(search_file(facts))[LEVEL], slices)
    after, model = cleaned(facts)
    return float(100 * np.nanmedian(after[inside]) / np.nanmedian((after + model)[inside]))
