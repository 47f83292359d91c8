"""Ramps of lesson 03: an exposure after each step of stage 1, and the long ramp with its showers."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
from astropy.io import fits
from scipy.ndimage import binary_closing, binary_dilation, label, uniform_filter

from mrskit import products
from mrskit.analysis import masks
from mrskit.bands import Setting
from mrskit.course.shown import pixels, stand_in
from mrskit.errors import AnalysisError
from mrskit.pipeline import stages as pipeline
from mrskit.pipeline.step_settings import Options
from mrskit.pipeline.steps import shower_search, stages12, wcs
from mrskit.pipeline.steps.one_exposure import detector1_file
from mrskit.workspace import Workspace

ALONE = Options(scheduler="none")  # one exposure needs no helper processes
WITHOUT_SEARCH = {"jump": {"find_showers": False}}
STEPS = ("dq_init", "emicorr", "saturation", "reset", "linearity", "rscd", "dark_current", "jump")
_SEVERAL = 5  # groups over which a shower is added up


@dataclass(frozen=True)
class Ramp:
    """An exposure as raw data and after steps of stage 1; without files it is empty, and False."""

    after: dict[str, np.ndarray]  # step -> DN, shape (nints, ngroups, nrows, ncols); "raw" is the first
    quality: dict[str, np.ndarray]  # step -> GROUPDQ, same shape
    products: dict[str, Path]  # suffix -> file
    bad: np.ndarray  # PIXELDQ, shape (nrows, ncols)
    rate: np.ndarray  # DN/s, shape (nrows, ncols)
    time: np.ndarray  # s since the reset, shape (ngroups,)
    simulated: bool
    path: Path | None = None  # the raw file

    def __bool__(self) -> bool:
        return bool(self.after)

    @property
    def space(self) -> Workspace:
        """The workspace that contains the raw file."""
        return Workspace(self.path.parents[2]) if self.path else Workspace(Path())

    @cached_property
    def slices(self) -> np.ndarray:
        """The slice of each detector pixel, see `slices`."""
        return slices(self.space, products.read_setting(self.path)) if self.path else np.zeros((0, 0), int)

    @cached_property
    def usable(self) -> np.ndarray:
        """Numbers of the groups that stage 1 uses."""
        return pixels.usable_groups(self.quality["jump"])

    @cached_property
    def bright(self) -> pixels.Pixel:
        """The brightest pixel (row, column) that is neither full nor hit."""
        return pixels.bright(self.after["jump"], self.quality["jump"], self.bad)

    @cached_property
    def hit(self) -> pixels.Pixel:
        """A bright pixel (row, column) with one visible hit."""
        return pixels.hit(self.after["jump"], self.quality["jump"], self.bad)

    @cached_property
    def full(self) -> pixels.Pixel:
        """A pixel (row, column) that fills up as early as possible."""
        return pixels.saturating(self.after["raw"], self.quality["jump"], self.bad)


def first_exposure(space: Workspace, setting: Setting) -> Ramp:
    """Return the ramps of the first science exposure after each step of stage 1; empty without a raw file."""
    return after_each_step(_first(space, setting), space.stage("source", "stage1") / "steps", STEPS)


def after_each_step(path: Path | None, folder: Path, kept: Sequence[str], steps: Mapping | None = None) -> Ramp:
    """
    Run stage 1 on a raw file and return the ramp after each named step; empty without a file.

    Parameters
    ----------
    folder : Path
        Where the products go; what is there and up to date is not made again.
    kept : sequence of str
        Steps, ``jump`` among them.
    """
    if path is None:
        return Ramp({}, {}, {}, np.zeros((0, 0), int), np.zeros((0, 0)), np.zeros(0), False)
    made = detector1_file(path, folder, steps=dict(steps or {}), save_steps=kept, options=ALONE)
    after = {"raw": fits.getdata(path, "SCI").astype(np.float32)}
    after |= {step: fits.getdata(made[step], "SCI") for step in kept}
    quality = {step: fits.getdata(made[step], "GROUPDQ") for step in kept}
    quality = {"raw": np.zeros_like(quality["jump"])} | quality
    time = fits.getval(path, "TGROUP") * np.arange(1, after["raw"].shape[1] + 1)
    bad, rate = fits.getdata(made["jump"], "PIXELDQ"), fits.getdata(made["rate"], "SCI")
    return Ramp(after, quality, made, bad, rate, time, products.read_exposure(path).simulated, path)


def kinds(one: Ramp, long: Ramp) -> dict[str, tuple[Ramp, pixels.Pixel]]:
    """Return a bright, a full and a hit pixel, each with its ramp; print a message if no pixel fills up."""
    if not one or not long:
        return {}
    try:
        full = {"Saturating": (long, long.full)}
    except AnalysisError:
        print("No pixel fills up in your exposures.")
        full = {}
    return {"Bright": (one, one.bright), **full, "Hit": hit(one, long)}


def hit(one: Ramp, long: Ramp) -> tuple[Ramp, pixels.Pixel]:
    """Return a ramp and its pixel with a visible hit, from the exposure or else from the long ramp."""
    if not one:
        return one, (0, 0)
    try:
        return one, one.hit
    except AnalysisError:
        print("No pixel of your exposure was hit visibly: the long ramp stands in.")
        return long, long.hit


def of_bright(one: Ramp) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return time (s), usable groups and corrected ramp (DN) of the bright pixel; empty arrays without a pixel."""
    return (one.time, one.usable, one.after["jump"][0, :, *one.bright]) if one else (one.time, one.time, one.time)


def long_ramp(space: Workspace, setting: Setting) -> Ramp:
    """Return the long ramp after the jump step without the search for showers; for real data, the kit's own ramp."""
    otherwise = _first(space, setting)
    space = stand_in.ready(space, stand_in.of_ramp(space), "long ramp with known showers")
    path = next(iter(sorted(space.ramp.glob("*_uncal.fits"))), otherwise)
    with stand_in.references(space) if path else contextlib.nullcontext():
        return after_each_step(path, space.ramp.parent / "without_showers", ("jump",), WITHOUT_SEARCH)


def smoothed_gain(long: Ramp) -> tuple[np.ndarray, np.ndarray]:
    """
    Return each group's gain above a typical group, smoothed over 19 pixels, and its maximum per group, DN.

    The function clips single hits and leaves out bright pixels, whose noise hides faint patches. For a short ramp there
    are no images, and the brightness is NaN. It is also NaN in the disturbed first and last groups.
    """
    excess = np.full(long.time.size, np.nan)
    if not has_showers(long):
        return np.zeros((0, 0, 0)), excess
    gained = np.nan_to_num(np.diff(long.after["jump"][0], axis=0))
    typical = np.median(gained, axis=0)
    gained = np.clip(gained - typical, -20, 20)
    gained[:, typical > 30] = 0
    smooth = uniform_filter(uniform_filter(gained, (1, 19, 19)), (1, 19, 19))
    # what rises or falls over the whole detector is no shower
    smooth -= np.median(smooth[:, ::8, ::8], axis=(1, 2))[:, None, None]
    excess[4:-1] = np.percentile(smooth[3:-1, ::3, ::3], 99.95, axis=(1, 2))
    return smooth, excess


def brightest(patches: np.ndarray, count: int = 3) -> list[np.ndarray]:
    """Return, from bottom to top, the five-group sums with the brightest patches, without earlier patches."""
    total = np.cumsum(patches, axis=0)
    rest = (total[_SEVERAL:] - total[:-_SEVERAL])[3:-1].copy()
    found = []
    for _ in range(count if rest.size else 0):
        index, row, column = np.unravel_index(np.argmax(rest), rest.shape)
        found.append((row, rest[index].copy()))
        rest[:, max(row - 150, 0) : row + 150, max(column - 150, 0) : column + 150] = 0
    return [image for _, image in sorted(found, key=lambda item: item[0])]


def has_showers(long: Ramp) -> bool:
    """Return whether a ramp is long enough to search for showers; print a message if not."""
    if long and long.time.size < 20:
        print(f"Your longest ramp has {long.time.size} groups. Showers need 20 or more: this section has none to show.")
    return bool(long) and long.time.size >= 20


def shower_parts(images: Sequence[np.ndarray], true: np.ma.MaskedArray | None) -> tuple[list[np.ndarray], np.ndarray]:
    """
    Return the bright part of each shower, from bottom to top, and a mask of all showers with their faint edges.

    The showers come from the truth (with masked edges) or, without a truth, from the images of `brightest`.
    """
    if true is None:
        found = [masks.peak_patch(image) for image in images]
        return found, np.any(found, axis=0)
    labels, count = label(np.ma.getdata(true))
    found = sorted((labels == number for number in range(1, count + 1)), key=lambda part: np.nonzero(part)[0].mean())
    return found, np.ma.getdata(true) | np.ma.getmaskarray(true)


def searched(
    long: Ramp, images: Sequence[np.ndarray], true: np.ma.MaskedArray | None
) -> tuple[dict[float, np.ndarray], list[np.ndarray], np.ndarray]:
    """Search for showers at several thresholds; return the flags for each, and the showers as `shower_parts`."""
    if not images:
        return {}, [], np.zeros((0, 0))
    with stand_in.references(long.space):
        found = shower_search.read(stages12.jump_file(long.space, long.products["jump"], ALONE)["showers"])
    return found, *shower_parts(images, true)


def slices(space: Workspace, setting: Setting) -> np.ndarray:
    """Return the slice number (100 x channel + slice) of each detector pixel in a setting, 0 between the slices."""
    if found := products.find(space.stage("source", "stage2"), "cal", setting):
        return _slices(found[0], found[0].stat().st_mtime_ns)
    rate = min((space.ramp.parent / "without_showers").glob("*_rate.fits"))
    with stand_in.references(space):
        return _slices(rate, rate.stat().st_mtime_ns)


def core(flagged: np.ndarray, number: np.ndarray) -> np.ndarray:
    """Return the pixels between the slices in the largest patch that a search flagged."""
    return largest(flagged) & ~binary_dilation(number > 0, np.ones((1, 3)))


def largest(flagged: np.ndarray) -> np.ndarray:
    """Return the largest connected patch of a mask."""
    labels, _ = label(binary_closing(flagged, np.ones((5, 5))))
    return labels == np.bincount(labels[labels > 0]).argmax()


def treated(long: Ramp, search: Mapping[float, np.ndarray]) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
    """
    Return the long ramp's image, DN/s, after the straylight step with no, either, and both shower corrections.

    Also return the brightest shower's pixels between the slices, and the slice of each pixel, 0 between slices.
    """
    if not search:
        return {}, np.zeros((0, 0), bool), np.zeros((0, 0))
    with stand_in.references(long.space):
        rates = [long.products["rate"], stages12.jump_file(long.space, long.products["jump"], ALONE)["rate"]]
        files = stages12.clean_showers_files(long.space, rates, ALONE)
    images, models = ([fits.getdata(item[name], "SCI") for item in files] for name in ("straylight", "shower_model"))
    number = long.slices
    cures = {"nothing": images[0] + models[0], "find_showers": images[1] + models[1], "clean_showers": images[0],
             "both": images[1]}  # fmt: skip
    return cures, core(search[1.2], number), number


def _first(space: Workspace, setting: Setting) -> Path | None:
    return next(iter(products.find(space.stage("source", "uncal"), "uncal", setting)), None)


@lru_cache(maxsize=2)
def _slices(path: Path, _: int) -> np.ndarray:
    return wcs.detector_coordinates(path).slice


def stage_one(
    space: Workspace, setting: Setting, stages: Mapping[str, str], scheduler: str, start_from: str = ""
) -> None:  # fmt: skip
    """Run stage 1 on the raw exposures of a setting and of 34:SHORT, and on the kit's; not with ``start_from``."""
    if start_from:
        return
    wanted = [(space, role, one) for role, chosen in stages.items() if "1" in chosen
              for one in dict.fromkeys((setting, stand_in.LONG))]  # fmt: skip
    kits = (stand_in.of_empty_field(space, setting), (stand_in.of_long(space), stand_in.LONG))
    wanted += [(stand_in.ready(space, kit), "background", one) for kit, one in kits if kit != space]
    for place, role, one in wanted:
        if stand_in.count(place, role, one):
            with stand_in.references(place):
                made = pipeline.detector1(place, one, role=role, options=Options(scheduler=scheduler))
            print(f"{role:<12}{one.name:<10}{len(made)} rate files{'' if place == space else ', SIMULATED by the kit'}")


def rate_files(space: Workspace, setting: Setting) -> dict[str, list[Path]]:
    """Return the rate files of the source, of the empty field and of 34:SHORT; the last two may come from the kit."""
    (empty, one), long = stand_in.of_empty_field(space, setting), stand_in.of_long(space)
    return {"source": products.find(space.stage("source", "stage1"), "rate", setting),
            "background": products.find(empty.stage("background", "stage1"), "rate", one),
            "long": products.find(long.stage("background", "stage1"), "rate", stand_in.LONG)}  # fmt: skip
