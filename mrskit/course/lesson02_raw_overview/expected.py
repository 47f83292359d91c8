"""What the judge of lesson 02 compares with: values from the learner's raw files, or from the truth."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from astropy.io import fits
from astropy.stats import sigma_clipped_stats
from scipy.ndimage import median_filter

from mrskit import products
from mrskit.bands import Setting
from mrskit.errors import ProductError
from mrskit.exercises.record import Facts
from mrskit.plan import FRAME_TIME

LONG = Setting("34", "SHORT")  # the setting in which the lesson looks at the long detector
ROWS = slice(462, 562)  # central rows, where the slices stand nearly upright
LINE_ROWS = (100, 600)  # rows of the long detector in which the line is looked for: 13.3 to 12.4 um in 3A
DARK_STRIP = slice(480, 512)  # columns between the channels of the long detector: no slices
TRACK_WINDOW = (600, 720, 20, 200)  # rows and columns of the short detector that are searched for tracks by eye
ROW_TIME = 271e-5  # s: the readout of a row, 258 samples of four pixels and 13 more of 10 us each
HOT = 3.0  # DN/s, signal above which a pixel without light counts as hot
STRONG_HIT = 100.0  # DN: weaker cosmic rays need not be found, but may


def species(element: str, stage: str) -> str:
    """Return a regular expression for one species alone such as ``[Ne III]``, perhaps with its wavelength."""
    unit = r"\W*+(um|μm|microns?|micromet(er|re)s?)"  # as NFKC spells it
    wavelength = rf"((at|λ)?+\W*+(\d\d?[.,]\d{{1,6}}({unit})?|\d\d?{unit}))?"
    return rf"\W*+(the |it is )?+\W*+{element}\W*+{stage}\W*+(line)?+\W*+{wavelength}\W*+(line)?+\W*+"


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


def hit_pixels(facts: Facts, role: str = "source", first: bool = False) -> np.ma.MaskedArray:
    """
    Return the pixels that a strong cosmic ray hit after the first group; weaker and earlier hits do not count.

    With ``first`` those of later integrations do not count either.
    """
    integration, group, row, column, dn = facts.truth(stem(raw_file(facts, role)))["cosmic_ray_dn"]
    strong, any_hit = np.zeros((1024, 1032), dtype=bool), np.zeros((1024, 1032), dtype=bool)
    any_hit[row, column] = True
    chosen = (dn > STRONG_HIT) & (group > 0) & ((integration == 0) | (not first))
    strong[row[chosen], column[chosen]] = True
    return np.ma.MaskedArray(strong, mask=any_hit & ~strong)


def tracks(facts: Facts) -> np.ma.MaskedArray:
    """Return the strong hits of the background's first integration; outside the learners' window nothing counts."""
    hit = hit_pixels(facts, "background", first=True)
    outside = np.ones(hit.shape, dtype=bool)
    outside[TRACK_WINDOW[0] : TRACK_WINDOW[1], TRACK_WINDOW[2] : TRACK_WINDOW[3]] = False
    return np.ma.MaskedArray(hit.data & ~outside, mask=hit.mask | outside)


def interference(facts: Facts) -> float:
    """Return the frequency of the strongest band pattern of the background exposure, Hz, above 2 Hz."""
    ramp = fits.getdata(raw_file(facts, "background"), "SCI")[0]
    level = np.median(ramp[-1].astype(float) - ramp[0], axis=1)
    frequency = np.fft.rfftfreq(16 * level.size, d=ROW_TIME)
    power = np.abs(np.fft.rfft(level - level.mean(), 16 * level.size))
    return float(frequency[np.argmax(np.where(frequency > 2, power, 0))])


def swapped(mask: np.ndarray) -> np.ndarray:
    """Return the marks of someone who exchanged rows and columns, where they belong; both shapes are cut alike."""
    found = np.zeros_like(mask)
    found[:1024, :1024] = mask[:1024, :1024].T
    return found


def sky_glow(facts: Facts) -> np.ndarray:
    """Return the rate of channels 4 and 3 above that of the dark strip on the background exposure, DN/s."""
    dark = _clipped_rate(facts, DARK_STRIP)
    return np.array([_clipped_rate(facts, columns) - dark for columns in (slice(4, 460), slice(516, 1024))])


def with_dark(facts: Facts) -> np.ndarray:
    """Return the same rates when nothing is subtracted, DN/s."""
    return sky_glow(facts) + _clipped_rate(facts, DARK_STRIP)


def _clipped_rate(facts: Facts, columns: slice) -> float:
    """Return the clipped mean of the rate between group 3 and the last but one, DN/s; the first groups settle."""
    ramp = fits.getdata(raw_file(facts, "background", LONG), "SCI")[0]
    seconds = (len(ramp) - 2 - 3) * FRAME_TIME["FASTR1"]
    rate = (ramp[-2, ROWS, columns].astype(float) - ramp[3, ROWS, columns]) / seconds
    return float(sigma_clipped_stats(rate)[0])


def robust_z(frame: np.ndarray) -> np.ndarray:
    """Return each pixel's distance from the median in robust standard deviations; NaN where there is no scatter."""
    distance = frame - np.nanmedian(frame)
    scatter = 1.4826 * np.nanmedian(np.abs(distance))  # the question's factor: mad_std's is not within rounding of it
    return distance / scatter if scatter > 0 else np.full(frame.shape, np.nan)


def plain_z(frame: np.ndarray) -> np.ndarray:
    """Use mean and standard deviation."""
    scatter = np.nanstd(frame)
    return (frame - np.nanmean(frame)) / scatter if scatter > 0 else np.full(frame.shape, np.nan)


def bare_mad(frame: np.ndarray) -> np.ndarray:
    """Leave out the factor that makes the median deviation a standard deviation."""
    return 1.4826 * robust_z(frame)


def robust_z_probes(seed: int) -> tuple[tuple, ...]:
    """Return small frames with noise, hot pixels and pixels without a value; the last one is flat."""
    random = np.random.default_rng(seed)
    found = []
    for number in range(6):
        frame = random.normal(random.uniform(-20, 80), random.uniform(2, 15), (8, 9))
        frame.flat[: 5 + number] += random.uniform(200, 20_000)
        frame[7, 8 - number :] = np.nan
        found.append((frame,))
    return (*found, (np.full((8, 9), 7.0),))
