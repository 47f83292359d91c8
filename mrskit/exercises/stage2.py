"""What the exercises of lesson 04 compare with: the learner's images of stage 2 measured again."""

from __future__ import annotations

import numpy as np

from mrskit.exercises import measured
from mrskit.exercises.record import Facts

PERIOD = {"12": 2.92, "34": 2.80}  # cm^-1, of the fringes in the left channel
PIXEL, SLICE_PIXEL = (512, 150), (512, 770)
_ROWS = slice(450, 570)


def background_count(facts: Facts) -> int:
    """Return the number of background rate files of the setting."""
    return len(measured.exposures(facts, "background", "stage1", "rate"))


def member_count(facts: Facts) -> int:
    """Return the members of a stage 2 association with the background exposures and all others for self-calibration."""
    science, background = len(measured.exposures(facts, "source", "stage1", "rate")), background_count(facts)
    return 1 + background + (science - 1 + background)


def wavelength(facts: Facts) -> np.ndarray:
    """Return the wavelength of every detector pixel, um."""
    return measured.coordinates(facts).wavelength


def slices(facts: Facts) -> np.ndarray:
    """Return the slice number (100 x channel + slice) of every detector pixel, 0 between the slices."""
    return measured.coordinates(facts).slice


def line_rows(facts: Facts) -> np.ndarray:
    """Return the median row of the pixels near the ion's line, one number a slice."""
    close = abs(wavelength(facts) - measured.lines(facts).ion_rest * (1 + facts.program.redshift)) < 0.002
    number_of = slices(facts)
    numbers = [number for number in np.unique(number_of[close]) if number > 0]
    return np.array([np.median(np.nonzero(close & (number_of == number))[0]) for number in numbers])


def strip_level(facts: Facts) -> float:
    """Return the light in the dark strip where it is strongest, percent of the brightest column in the same rows."""
    dark = (slices(facts) == 0).all(axis=0)
    strip = np.flatnonzero(dark & (abs(np.arange(dark.size) - 490) < 60))[3:-3]
    rate = measured.image(measured.exposures(facts, "source", "stage1", "rate")[0])
    row = 60 + int(np.nanargmax(np.nanmedian(rate[60:964, strip], axis=1)))
    rows = slice(row - 30, row + 31)
    return float(100 * np.nanmedian(rate[rows, strip]) / np.nanmax(np.nanmedian(rate[rows], axis=0)))


def fringe(facts: Facts, step: str) -> float:
    """Return the peak-to-valley amplitude of the fringes in the brightest column, percent, after a step."""
    left = np.nan_to_num(measured.step_image(facts, "flat_field")[_ROWS, :500])
    column = int(np.argmax(np.median(left, axis=0)))
    phase = 2 * np.pi * 1e4 / wavelength(facts)[_ROWS, column] / PERIOD[facts.use_ch]
    flux, x = measured.step_image(facts, step)[_ROWS, column], np.linspace(-1, 1, 120)
    good = np.isfinite(flux) & np.isfinite(phase)
    ratio = flux / np.polyval(np.polyfit(x[good], flux[good], 4), x)
    waves = np.stack([np.ones_like(phase), np.cos(phase), np.sin(phase)], axis=1)
    _, a, b = np.linalg.lstsq(waves[good], ratio[good], rcond=None)[0]
    return float(200 * np.hypot(a, b))


def photom_factor(facts: Facts, channel: int) -> float:
    """Return the median of cal over the image before photom in one channel, MJy/sr per DN/s."""
    pixels = slices(facts) // 100 == channel
    cal = measured.image(measured.exposures(facts, "source", "stage2", "cal")[0])
    return float(np.nanmedian(cal[pixels] / measured.step_image(facts, "fringe")[pixels]))


def first_channel(facts: Facts) -> int:
    """Return the lower-numbered channel of the setting."""
    return measured.setting(facts).bands[0].channel


def missing(facts: Facts, *, inside: bool = True) -> float:
    """Return the percentage of NaN pixels in the first cal image, inside the slices or on the whole detector."""
    cal = measured.image(measured.exposures(facts, "source", "stage2", "cal")[0])
    chosen = slices(facts) > 0 if inside else np.ones(cal.shape, dtype=bool)
    return float(100 * np.isnan(cal[chosen]).mean())
