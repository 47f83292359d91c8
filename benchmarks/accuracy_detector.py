"""Rows of the accuracy table about the detector: pulls of the count rates, jumps found and missed, background."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from accuracy_rows import Row, row, said
from astropy.io import fits
from astropy.stats import mad_std
from scipy.ndimage import binary_dilation

from mrskit.bands import Band, Setting
from mrskit.plan import FRAME_TIME
from mrskit.products import find, read_exposure as read_header
from mrskit.simulate.disturbances import SETTLING_GROUPS
from mrskit.simulate.instrument import reference_files
from mrskit.simulate.scene import Scene, sky_background
from mrskit.simulate.truth import read_exposure, stem
from mrskit.workspace import Workspace

DO_NOT_USE, SATURATED, JUMP_DET = 1, 2, 4  # flags of jwst's DQ arrays
PULL_MEDIAN, PULL_WIDTH = 0.03, (0.95, 1.08)
COMPLETE, FALSE = 0.95, 0.01  # least share of jumps above 8 sigma that is flagged; largest share of false flags
BACKGROUND_SHARE = {"3C": 0.03, "4A": 0.03}  # relative limit where the sky outshines the dark


def pull_rows(workspace: Workspace, setting: Setting) -> list[Row]:
    """Return median and width of (rate - truth) / error over the lit pixels of every exposure of a setting."""
    rows = []
    for role in ("source", "background"):
        for path in find(workspace.stage(role, "stage1"), "rate", setting):
            truth = read_exposure(workspace, stem(path))
            with fits.open(path) as hdus:
                rate, error, quality = hdus["SCI"].data, hdus["ERR"].data, hdus["DQ"].data
            use = (quality & DO_NOT_USE == 0) & np.isfinite(rate) & (error > 0) & (truth["rate"] > 0)
            pull = (rate - truth["rate"])[use] / error[use]
            errors, typical = truth["errors"], float(np.median(error[use]))
            raw = read_header(path)
            common = 3.0 * np.hypot(errors["pedestal_scatter"], common_slope(errors["output_drift"], raw.groups,
                                                                             raw.integrations))  # fmt: skip
            drift = (abs(errors["pedestal"]) + settled_slope(errors["settling"], raw.groups) + common) / typical
            middle, width = float(np.median(pull)), float(mad_std(pull, ignore_nan=True))
            name = f"{role} dither {read_header(path).dither}"
            note = said(errors, "pedestal", "pedestal_scatter", "output_drift", "settling", "gain", "flat")
            rows.append(row(f"rate pull median, {name}", setting.name, 0.0, middle, sigma=1.25 / np.sqrt(use.sum()),
                            limit=PULL_MEDIAN + drift, relative=False, unit="sigma", injected=note))  # fmt: skip
            side = PULL_WIDTH[1] - 1.0 if width > 1.0 else 1.0 - PULL_WIDTH[0]
            rows.append(row(f"rate pull width, {name}", setting.name, 1.0, width, limit=side + abs(errors["gain"]) / 2,
                            relative=False, unit="sigma", injected=note))  # fmt: skip
    return rows


def jump_rows(workspace: Workspace, setting: Setting) -> list[Row]:
    """Return which jumps Detector1, run again here, finds and invents in the first source exposure of a setting."""
    from mrskit.pipeline.stages import detector1_file

    path = find(workspace.stage("source", "uncal"), "uncal", setting)[0]
    with tempfile.TemporaryDirectory() as folder:
        products = detector1_file(path, Path(folder), save_steps=("jump",))
        with fits.open(products["jump"]) as hdus:
            flags, quality = hdus["GROUPDQ"].data, hdus["PIXELDQ"].data
    truth, files = read_exposure(workspace, stem(path)), reference_files(setting)
    gain, noise = (fits.getdata(files[kind], "SCI") for kind in ("gain", "readnoise"))
    return score_jumps(flags, quality, truth, gain, noise, setting.name)


def score_jumps(
    flags: np.ndarray, quality: np.ndarray, truth: dict, gain: np.ndarray, noise: np.ndarray, band: str
) -> list[Row]:
    """
    Return completeness above 8 sigma, from 5 to 8 sigma, and the share of false flags.

    A jump counts where both groups of its difference are usable and unsaturated; sigma is the root of the variance of
    photons in one group and of the noise of a difference of two reads.

    Parameters
    ----------
    flags : ndarray of shape (nints, ngroups, 1024, 1032)
        GROUPDQ after the jump step.
    quality : ndarray of shape (1024, 1032)
        PIXELDQ.
    truth : dict
        Of the exposure, see `mrskit.simulate.truth.read_exposure`.
    gain, noise : ndarray of shape (1024, 1032)
        Electrons per DN, and DN of a difference of two reads, from the references.
    band : str
        For the rows.
    """
    integration, group, y, x, dn = (np.asarray(part) for part in truth["cosmic_ray_dn"])
    light = np.maximum(truth["rate"] + truth["dark"], 0.0) * FRAME_TIME["FASTR1"]
    sigma = np.sqrt(light[y, x] / gain[y, x] + noise[y, x] ** 2)
    before = np.maximum(group - 1, 0)
    blocked = (flags[integration, group, y, x] | flags[integration, before, y, x]) & (DO_NOT_USE | SATURATED)
    counts = (group > 0) & (blocked == 0) & (quality[y, x] & DO_NOT_USE == 0) & np.isfinite(sigma)
    found, size = flags[integration, group, y, x] & JUMP_DET > 0, dn / sigma
    rows = []
    for label, low, high, limit in (("above 8 sigma", 8.0, np.inf, COMPLETE), ("5 to 8 sigma", 5.0, 8.0, None)):
        chosen = counts & (size >= low) & (size < high)
        share = float(found[chosen].mean()) if chosen.any() else float("nan")
        error = float(np.sqrt(share * (1.0 - share) / max(chosen.sum(), 1)))
        name = f"share of {chosen.sum()} jumps {label} that are flagged"
        allowed, passed = (None, True) if limit is None else (1.0 - limit, share >= limit)
        rows.append(Row(name, band, 1.0, share, share - 1.0, error, allowed, "share", passed, ""))
    return [*rows, *_false_rows(flags, quality, truth, band)]


def _false_rows(flags: np.ndarray, quality: np.ndarray, truth: dict, band: str) -> list[Row]:
    """Return the share of false flags: flagged pixels farther than one pixel from any injected event."""
    events = truth["cosmic_rays"].any(axis=(0, 1))
    for shower in truth["showers"]:
        events = events | (shower.amplitude > 0)
    near = binary_dilation(events, np.ones((3, 3), dtype=bool))
    good = quality & DO_NOT_USE == 0
    flagged = (flags & JUMP_DET > 0).any(axis=(0, 1)) & good
    invented = flagged & ~near
    of_pixels = float(invented.sum() / good.sum())
    of_flags = float(invented.sum() / max(flagged.sum(), 1))
    return [
        row("pixels with a false jump, share of all", band, 0.0, of_pixels, limit=FALSE, relative=False, unit="share"),
        row(
            "pixels with a false jump, share of flagged", band, 0.0, of_flags, limit=None, relative=False, unit="share"
        ),
    ]


def common_slope(drift: float, groups: int, integrations: int) -> float:
    """
    Return the standard deviation, DN/s, of the slope that the drift of the outputs gives all pixels of an exposure.

    Each of the four outputs walks at random, and their mean by half of that; the slope of a walk of n groups scatters
    by the root of 6 (n^2 + 1) / (5 n (n^2 - 1)) of its step. The first and the last group are not used.

    Parameters
    ----------
    drift : float
        Step of the walk, DN per group.
    groups, integrations : int
        Of the exposure.
    """
    used = groups - 2
    slope = np.sqrt(1.2 * (used**2 + 1.0) / (used * (used**2 - 1.0)) / integrations)
    return float(0.5 * drift * slope / FRAME_TIME["FASTR1"])


def settled_slope(settling: float, groups: int) -> float:
    """Return the largest slope, DN/s, that the settling leaves after the groups that rscd flags (1, later 4)."""
    slopes = []
    for flagged, decay in zip((1, 4), SETTLING_GROUPS, strict=True):
        group = np.arange(flagged, groups - 1)
        slopes.append(np.polyfit(group, -settling * np.exp(-group / decay), 1)[0] if group.size > 1 else 0.0)
    return float(max(slopes)) / FRAME_TIME["FASTR1"]


def background_rows(workspace: Workspace, scene: Scene, band: Band, errors: dict[str, float], files: dict) -> list[Row]:
    """Return the row of one band's background: the median of the background exposures' spectra against the sky."""
    spectra = [found for path in sorted(workspace.stage("background", "stage2").glob("*_x1d.fits"))
               if (found := _surface_brightness(path, band)) is not None]  # fmt: skip
    if not spectra:
        return []
    wavelength = spectra[0][0]
    level = np.mean([np.interp(wavelength, wave, flux) for wave, flux, _ in spectra], axis=0)
    sky = sky_background(scene, wavelength)
    error = float(np.median(spectra[0][2])) / np.sqrt(len(spectra))
    step, true = conversion(files, band), float(np.median(sky))
    raw = read_header(find(workspace.stage("background", "uncal"), "uncal", band.setting)[0])
    shared = common_slope(errors.get("output_drift", 0.0), raw.groups, raw.integrations)
    scatter = np.hypot(errors.get("pedestal_scatter", 0.0), shared) * step / np.sqrt(len(spectra))
    sigma = float(np.hypot(1.25 * max(error, mad_std(level - sky, ignore_nan=True)) / np.sqrt(level.size), scatter))
    limit = (
        3.0 * sigma + (abs(errors.get("pedestal", 0.0)) + settled_slope(errors.get("settling", 0.0), raw.groups)) * step
    )
    if band.name in BACKGROUND_SHARE:
        limit = BACKGROUND_SHARE[band.name] * true
    note = said(errors, "pedestal", "pedestal_scatter")
    note += f" (1 DN/s is {step:.0f} MJy/sr)" if note else ""
    return [row("background, band median, MJy/sr", band.name, true, float(np.median(level)), sigma=sigma, limit=limit,
                relative=False, unit="MJy/sr", injected=note)]  # fmt: skip


def conversion(files: dict, band: Band) -> float:
    """Return the median of the photometric conversion of a band, MJy/sr per DN/s, from the reference file."""
    image = fits.getdata(files["photom"], "SCI").astype(float)
    left = band.channel in (1, 4)  # the halves of the detectors
    half = image[:, :516] if left else image[:, 516:]
    return float(np.nanmedian(half[half > 0]))


def _surface_brightness(path: Path, band: Band) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    """Return wavelength, surface brightness and error of an x1d file of a band, ends left out, or None."""
    with fits.open(path) as hdus:
        table = hdus["EXTRACT1D"].data
        names = ("WAVELENGTH", "SURF_BRIGHT", "SB_ERROR")
        wavelength, flux, error = (np.asarray(table[name], dtype=float) for name in names)
    if not band.covers(float(np.nanmedian(wavelength))):
        return None
    good = np.isfinite(flux) & (flux != 0)
    good &= (wavelength > band.wavelength_min) & (wavelength < band.wavelength_max)
    return wavelength[good], flux[good], error[good]
