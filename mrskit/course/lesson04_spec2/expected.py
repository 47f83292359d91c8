"""Expected answers of lesson 04, measured again in the learner's images from stage 2."""

from __future__ import annotations

import json
from pathlib import PurePosixPath

import numpy as np
from scipy.ndimage import binary_dilation

from mrskit import products
from mrskit.course import measured_again, without_truth
from mrskit.course.lesson04_spec2 import functions
from mrskit.course.shown import fringe_runs
from mrskit.exercises.checks import Check, failed, passed
from mrskit.exercises.record import Answer, Facts, Verdict
from mrskit.pipeline.steps import fringes

PERIOD = {"12": 2.92, "34": 2.80}  # cm^-1, of the fringes in the left channel
PIXEL = (300, 150)
SPACINGS = (2.9, 6.0, 20.0)  # 1/cm, of the lines in the lesson's made-up spectra
CHANGING = [2, 8, 3, 4, 5, 6]  # steps that change numbers, in their order, as numbered in the lesson's table


def background_count(facts: Facts) -> int:
    """Return the number of background rate files of the setting."""
    return len(measured_again.exposures(facts, "background", "stage1", "rate"))


def _parsed(answer: Answer) -> list[dict]:
    """Return the products of an association given as text; empty if the text is not an association."""
    try:
        found = json.loads(str(answer.value))["products"]
        named = all("name" in item and all(isinstance(one["expname"], str) and isinstance(one["exptype"], str)
                                           for one in item["members"]) for item in found)  # fmt: skip
    except (ValueError, TypeError, KeyError, RecursionError):
        return []
    return found if named else []


def roles(answer: Answer) -> list[str]:
    """Return the roles of all members in an association."""
    return [one["exptype"] for item in _parsed(answer) for one in item["members"]]


def products_of(answer: Answer) -> int:
    """Return the number of products in an association."""
    return len(_parsed(answer))


def members(facts: Facts) -> dict[str, set[str]]:
    """Return, by role, the names of the files that the association of the first science exposure needs."""
    science = [path.name for path in measured_again.exposures(facts, "source", "stage1", "rate")]
    alone = without_truth.without_background(facts)
    empty = [] if alone else [path.name for path in measured_again.exposures(facts, "background", "stage1", "rate")]
    return {"science": {science[0]}, "background": set(empty), "selfcal": set(science[1:]), "all": {*science, *empty}}


def _compared(answer: Answer, wanted: dict[str, set[str]]) -> Verdict:
    found = _parsed(answer)
    if len(found) != 1:
        return failed(answer, "Not yet: expected an association with one product. Hand in what `asn_from_list` gave.")
    if "/" in str(found[0]["name"]):
        return failed(answer, "Not yet: the name of the product holds a folder, where the products would then go.")
    given = {role: {PurePosixPath(one["expname"]).name for one in found[0]["members"] if one["exptype"] == role}
             for role in ("science", "background", "selfcal")}  # fmt: skip
    right = (given["science"] == wanted["science"], given["background"] == wanted["background"],
             wanted["selfcal"] <= given["selfcal"] <= wanted["all"])  # fmt: skip
    if all(right) and {one["exptype"] for one in found[0]["members"]} <= given.keys():
        return passed(answer, "Right: one science exposure, all backgrounds, all others for self-calibration.")
    wrong = [role for role, good in zip(given, right, strict=True) if not good]
    return failed(answer, f"Not yet: look again at the members with the role {', '.join(wrong) or 'that is new'}.")


ASSOCIATION = Check(members, _compared)


def example(facts: Facts, *, science: int = 1, products: int = 1, background: str = "background") -> str:
    """Return an association as text, with given numbers of science members and products, and the backgrounds' role."""
    wanted = members(facts)
    rows = [{"expname": name, "exptype": "science"} for name in sorted(wanted["science"] | wanted["selfcal"])[:science]]
    rows += [{"expname": name, "exptype": background} for name in sorted(wanted["background"])]
    rows += [{"expname": name, "exptype": "selfcal"} for name in sorted(wanted["selfcal"])]
    return json.dumps({"products": [{"name": "own", "members": rows}] * products})


def wavelength(facts: Facts) -> np.ndarray:
    """Return the wavelength of every detector pixel, um."""
    return measured_again.coordinates(facts).wavelength


def slices(facts: Facts) -> np.ndarray:
    """Return the slice number (100 x channel + slice) of every detector pixel, 0 between the slices."""
    return measured_again.coordinates(facts).slice


def line_rows(facts: Facts) -> np.ndarray:
    """Return the median row of the pixels near the ion's line, one number per slice."""
    return _line_places(facts, 0)


def _line_places(facts: Facts, axis: int) -> np.ndarray:
    close = abs(wavelength(facts) - measured_again.lines(facts).ion_rest * (1 + facts.program.redshift)) < 0.002
    number_of = slices(facts)
    numbers = [number for number in np.unique(number_of[close]) if number > 0]
    return np.array([np.median(np.nonzero(close & (number_of == number))[axis]) for number in numbers])


def neighbours(facts: Facts) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the middle pixels (row, column) of two neighbouring slices on the detector, as in the lesson."""
    row = slices(facts)[512]
    middle = [int(np.flatnonzero(row == number).mean()) for number in dict.fromkeys(row[row > 0])]
    return (512, middle[3]), (512, middle[4])


def sky_distance(facts: Facts, *, shrink: bool = True) -> float:
    """Return the distance on the sky between the two pixels, arcsec; without the cosine if ``shrink`` is False."""
    sky = measured_again.coordinates(facts)
    first, second = neighbours(facts)
    shrinking = np.cos(np.deg2rad(sky.dec[first])) if shrink else 1.0
    return float(3600 * np.hypot((sky.ra[second] - sky.ra[first]) * shrinking, sky.dec[second] - sky.dec[first]))


def line_columns(facts: Facts) -> np.ndarray:
    """Return the median column of the pixels near the ion's line, one number per slice."""
    return _line_places(facts, 1)


def gaps(facts: Facts) -> np.ndarray:
    """Return a mask of the left channel's pixels at least two pixels from every slice, in rows 100 to 923."""
    between = ~binary_dilation(slices(facts) > 0, np.ones((1, 5)))
    columns, rows = np.arange(1032)[None, :], np.arange(1024)[:, None]
    left = (columns > 20) & (columns < {"12": 485, "34": 450}[facts.use_ch])
    return between & left & (rows >= 100) & (rows < 924)


def scattered(facts: Facts) -> np.ndarray:
    """Return the light between the slices before and after the straylight step, percent of the light in the slices."""
    between = gaps(facts)
    inside = (slices(facts) > 0) & (np.arange(1032) < 510) & np.any(between, axis=1)[:, None]
    before = measured_again.image(measured_again.exposures(facts, "source", "stage1", "rate")[0])
    both = before, measured_again.step_image(facts, "straylight")
    return np.array([100 * np.nanmean(image[between]) / np.nanmean(before[inside]) for image in both])


def fringes_left(facts: Facts) -> np.ndarray:
    """Return the fringe amplitudes after the fringe flat and after the 2-D step, divided by the amplitude before."""
    return np.array([fringe(facts, step) for step in ("fringe", "residual_fringe")]) / fringe(facts, "flat_field")


def fringe(facts: Facts, step: str) -> float:
    """Return the peak-to-valley amplitude of the fringes in the brightest column, percent, after a step."""
    column = fringe_runs.brightest_column(measured_again.step_image(facts, "flat_field"))
    wavenumber = 1e4 / wavelength(facts)[fringe_runs.ROWS, column]
    ratio = fringe_runs.ripple(_after(facts, step)[:, column])
    return functions.amplitude(wavenumber, ratio, PERIOD[facts.use_ch])


def lines_left(facts: Facts) -> np.ndarray:
    """Return the share of the regular lines' depth that the 1-D correction leaves, for each spacing in the lesson."""
    left = []
    for spacing in SPACINGS:
        along, pattern, flux = fringe_runs.regular_lines(spacing)
        before, after = (np.polyfit(pattern, one, 1)[0] for one in (flux, fringes.correct_1d(flux, along, 1)))
        left.append(after / before)
    return np.array(left)


def _after(facts: Facts, step: str) -> np.ndarray:
    if step != "residual_fringe":
        return measured_again.step_image(facts, step)
    rate = measured_again.exposures(facts, "source", "stage1", "rate")[0]
    name = products.product_name(rate, "rate").replace("_rate", "_residual_fringe")
    return measured_again.image(rate.parents[1] / "stage2" / "steps" / "residual" / name)


def photom_factor(facts: Facts, channel: int) -> float:
    """Return the median of cal divided by the image before photom in one channel, MJy/sr per DN/s."""
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
