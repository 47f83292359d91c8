"""What the exercises of lesson 04 compare with: the learner's images of stage 2 measured again."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import binary_closing, binary_dilation, label

from mrskit import products
from mrskit.course import measured_again
from mrskit.course.lesson03_detector1 import expected_showers
from mrskit.course.lesson04_spec2 import functions
from mrskit.exercises.record import Facts
from mrskit.pipeline.steps import shower_search as search

PERIOD = {"12": 2.92, "34": 2.80}  # cm^-1, of the fringes in the left channel
PIXEL, SLICE_PIXEL = (300, 150), (512, 770)
CHANGING = [2, 8, 3, 4, 5, 6]  # steps that change numbers, in their order, as numbered in the lesson's table
_ROWS = slice(450, 570)


def background_count(facts: Facts) -> int:
    """Return the number of background rate files of the setting."""
    return len(measured_again.exposures(facts, "background", "stage1", "rate"))


def member_count(facts: Facts) -> int:
    """Return the members of a stage 2 association with the background exposures and all others for self-calibration."""
    science, background = len(measured_again.exposures(facts, "source", "stage1", "rate")), background_count(facts)
    return 1 + background + (science - 1 + background)


def wavelength(facts: Facts) -> np.ndarray:
    """Return the wavelength of every detector pixel, um."""
    return measured_again.coordinates(facts).wavelength


def slices(facts: Facts) -> np.ndarray:
    """Return the slice number (100 x channel + slice) of every detector pixel, 0 between the slices."""
    return measured_again.coordinates(facts).slice


def line_rows(facts: Facts) -> np.ndarray:
    """Return the median row of the pixels near the ion's line, one number a slice."""
    return _line_places(facts, 0)


def _line_places(facts: Facts, axis: int) -> np.ndarray:
    close = abs(wavelength(facts) - measured_again.lines(facts).ion_rest * (1 + facts.program.redshift)) < 0.002
    number_of = slices(facts)
    numbers = [number for number in np.unique(number_of[close]) if number > 0]
    return np.array([np.median(np.nonzero(close & (number_of == number))[axis]) for number in numbers])


def neighbours(facts: Facts) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the middle pixels (row, column) of two slices side by side on the detector, as the lesson chooses them."""
    row = slices(facts)[512]
    middle = [int(np.flatnonzero(row == number).mean()) for number in dict.fromkeys(row[row > 0])]
    return (512, middle[3]), (512, middle[4])


def sky_distance(facts: Facts, *, shrink: bool = True) -> float:
    """Return how far the two pixels look from each other, arcsec; without the cosine if ``shrink`` is False."""
    sky = measured_again.coordinates(facts)
    first, second = neighbours(facts)
    shrinking = np.cos(np.deg2rad(sky.dec[first])) if shrink else 1.0
    return float(3600 * np.hypot((sky.ra[second] - sky.ra[first]) * shrinking, sky.dec[second] - sky.dec[first]))


def line_columns(facts: Facts) -> np.ndarray:
    """Return the median column of the pixels near the ion's line, one number a slice."""
    return _line_places(facts, 1)


def gaps(facts: Facts) -> np.ndarray:
    """Return which pixels of the left channel lie between two slices, two pixels away from either, rows 100 to 923."""
    between = ~binary_dilation(slices(facts) > 0, np.ones((1, 5)))
    columns, rows = np.arange(1032)[None, :], np.arange(1024)[:, None]
    left = (columns > 20) & (columns < {"12": 485, "34": 450}[facts.use_ch])
    return between & left & (rows >= 100) & (rows < 924)


def scattered(facts: Facts) -> np.ndarray:
    """Return the light between the slices, percent of the light in them, before and after the straylight step."""
    between = gaps(facts)
    inside = (slices(facts) > 0) & (np.arange(1032) < 510) & np.any(between, axis=1)[:, None]
    before = measured_again.image(measured_again.exposures(facts, "source", "stage1", "rate")[0])
    both = before, measured_again.step_image(facts, "straylight")
    return np.array([100 * np.nanmean(image[between]) / np.nanmean(before[inside]) for image in both])


def shower_left(facts: Facts) -> float:
    """Return how much of the brightest shower's light between the slices `clean_showers` leaves, percent."""
    flagged = search.read(expected_showers.search_file(facts))[1.2]
    labels, _ = label(binary_closing(flagged, np.ones((5, 5))))
    patch = labels == np.bincount(labels[labels > 0]).argmax()
    inside = patch & ~binary_dilation(slices(facts) > 0, np.ones((1, 3)))
    after, model = expected_showers.cleaned(facts)
    return float(100 * np.nanmedian(after[inside]) / np.nanmedian((after + model)[inside]))


def fringes_left(facts: Facts) -> np.ndarray:
    """Return the amplitude of the fringes after the fringe flat and after the residual fringes, over that before."""
    return np.array([fringe(facts, step) for step in ("fringe", "residual_fringe")]) / fringe(facts, "flat_field")


def fringe(facts: Facts, step: str) -> float:
    """Return the peak-to-valley amplitude of the fringes in the brightest column, percent, after a step."""
    left = np.nan_to_num(measured_again.step_image(facts, "flat_field")[_ROWS, :500])
    column = int(np.argmax(np.median(left, axis=0)))
    wavenumber = 1e4 / wavelength(facts)[_ROWS, column]
    flux, x = _after(facts, step)[_ROWS, column], np.linspace(-1, 1, 120)
    good = np.isfinite(flux) & np.isfinite(wavenumber)
    ratio = flux / np.polyval(np.polyfit(x[good], flux[good], 4), x)
    return functions.amplitude(wavenumber, ratio, PERIOD[facts.use_ch])


def _after(facts: Facts, step: str) -> np.ndarray:
    if step != "residual_fringe":
        return measured_again.step_image(facts, step)
    rate = measured_again.exposures(facts, "source", "stage1", "rate")[0]
    name = products.product_name(rate, "rate").replace("_rate", "_residual_fringe")
    return measured_again.image(rate.parents[1] / "stage2" / "steps" / "residual" / name)


def photom_factor(facts: Facts, channel: int) -> float:
    """Return the median of cal over the image before photom in one channel, MJy/sr per DN/s."""
    pixels = slices(facts) // 100 == channel
    cal = measured_again.image(measured_again.exposures(facts, "source", "stage2", "cal")[0])
    return float(np.nanmedian(cal[pixels] / measured_again.step_image(facts, "fringe")[pixels]))


def first_channel(facts: Facts) -> int:
    """Return the lower-numbered channel of the setting."""
    return measured_again.setting(facts).bands[0].channel


def missing(facts: Facts, *, inside: bool = True) -> float:
    """Return the percentage of NaN pixels in the first cal image, inside the slices or on the whole detector."""
    cal = measured_again.image(measured_again.exposures(facts, "source", "stage2", "cal")[0])
    chosen = slices(facts) > 0 if inside else np.ones(cal.shape, dtype=bool)
    return float(100 * np.isnan(cal[chosen]).mean())
