"""What the judge of lesson 02 compares with: values from the learner's raw files, or from the truth."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from astropy.io import fits
from scipy.ndimage import median_filter

from mrskit import products
from mrskit.bands import Setting
from mrskit.errors import ProductError
from mrskit.exercises.record import Facts

LONG = Setting("34", "SHORT")  # the setting in which the lesson looks at the long detector
ROWS = slice(462, 562)  # central rows, where the slices stand nearly upright
LINE_ROWS = (100, 600)  # rows of the long detector in which the line is looked for: 13.3 to 12.4 um in 3A
HOT = 3.0  # DN/s, signal above which a pixel without light counts as hot
STRONG_HIT = 100.0  # DN: weaker cosmic rays need not be found, but may


def raw_file(facts: Facts, role: str = "source", setting: Setting | None = None) -> Path:
    """
    Return the raw file of the first dither; by default of the setting that the lesson runs on.

    Raises
    ------
    ProductError
        If there is none.
    """
    setting = setting or Setting(facts.use_ch, facts.use_band)
    folder = facts.workspace.stage(role, "uncal")
    found = products.find(folder, "uncal", setting)
    if not found:
        raise ProductError(f"{folder}: no uncal file of {setting.name}; expected at least one. "
                           "Simulate or fetch it first.", path=folder)  # fmt: skip
    return found[0]


def stem(path: Path) -> str:
    """Return the name under which the truth of a raw file is kept."""
    return path.name.removesuffix("_uncal.fits")


def shape(facts: Facts) -> list[int]:
    """Return the shape of the raw ramps: integrations, groups, rows, columns."""
    return list(fits.getdata(raw_file(facts), "SCI").shape)


def wrapped(facts: Facts) -> int:
    """Return in how many pixels the last group of the first integration is below the first."""
    raw = fits.getdata(raw_file(facts), "SCI")
    return int((raw[0, -1] < raw[0, 0]).sum())


def not_wrapped(facts: Facts) -> int:
    """Return the number of all other pixels."""
    return 1024 * 1032 - wrapped(facts)


def nucleus_columns(facts: Facts) -> np.ndarray:
    """Return the columns of the left half that are within a tenth of the brightest one, from the truth."""
    light = np.median(facts.truth(stem(raw_file(facts)))["rate"][ROWS], axis=0)[4:508]
    return 4 + np.flatnonzero(light >= 0.9 * light.max())


def nucleus_column_on_the_right(facts: Facts) -> int:
    """Return the brightest column of the right half, from the truth."""
    light = np.median(facts.truth(stem(raw_file(facts)))["rate"][ROWS], axis=0)
    return 516 + int(np.argmax(light[516:1024]))


def line_rows(facts: Facts) -> list[int]:
    """Return the row of the strongest line along each bright trace of channel 3 (long detector), from the truth."""
    rate = facts.truth(stem(raw_file(facts, setting=LONG)))["rate"]
    light = np.median(rate[ROWS, 516:1024], axis=0)
    return [_line_row(rate, 516 + int(start)) for start in np.flatnonzero(light >= 0.7 * light.max())]


def _line_row(rate: np.ndarray, start: int) -> int:
    """Return the row of the strongest line along the bowed trace that passes a column in the central rows."""
    near = slice(start - 22, start + 8)
    trace = near.start + np.argmax(median_filter(rate[:, near], size=(41, 1)), axis=1)
    along = rate[np.arange(rate.shape[0]), trace]
    first, last = LINE_ROWS
    return first + int(np.argmax((along - median_filter(along, size=61))[first:last]))


def hot_pixels(facts: Facts) -> np.ndarray:
    """Return the mask of the pixels with a dark above HOT, from the truth."""
    return facts.truth(stem(raw_file(facts)))["dark"] > HOT


def hit_pixels(facts: Facts) -> np.ma.MaskedArray:
    """Return the pixels that a strong cosmic ray hit after the first group; weaker and earlier hits do not count."""
    _, group, row, column, dn = facts.truth(stem(raw_file(facts)))["cosmic_ray_dn"]
    strong, any_hit = np.zeros((1024, 1032), dtype=bool), np.zeros((1024, 1032), dtype=bool)
    any_hit[row, column] = True
    chosen = (dn > STRONG_HIT) & (group > 0)
    strong[row[chosen], column[chosen]] = True
    return np.ma.MaskedArray(strong, mask=any_hit & ~strong)
