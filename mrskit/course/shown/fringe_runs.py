"""Fringes in lesson 04: from a point source and an extended source, and lines that look like fringes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from astropy.io import fits

from mrskit.pipeline.step_settings import Options
from mrskit.pipeline.steps import stages12, wcs
from mrskit.pipeline.steps.one_exposure import spec2_file
from mrskit.workspace import Workspace

ROWS = slice(450, 570)  # where the slices run almost straight
_QUIET = slice(60, 180)  # no bright line of channel 2 falls there
STEPS = ("straylight", "flat_field", "fringe", "photom")  # after which lesson 04 looks at the image
ALONE = Options(scheduler="none")
Wave = tuple[np.ndarray, dict[str, np.ndarray]]  # wavenumber, 1/cm, and by label a ratio to a smooth curve


def each_step(space: Workspace, rates: Sequence[Path]) -> dict[str, Path]:
    """Return the first exposure's files after each step of stage 2, and a cube; empty without rate images."""
    folder = space.stage("source", "stage2") / "steps"
    return spec2_file(rates[0], folder, {"cube_build": {"skip": False}}, STEPS, ALONE) if rates else {}


def brightest_column(image: np.ndarray, columns: slice = slice(0, 500)) -> int:
    """Return the column with the largest median in rows 450 to 569."""
    return (columns.start or 0) + int(np.argmax(np.median(np.nan_to_num(image[ROWS, columns]), axis=0)))


def ripple(column: np.ndarray, rows: slice = ROWS) -> np.ndarray:
    """Return 120 rows of a column divided by a smooth curve; the result is 1 without fringes."""
    part, x = column[rows], np.linspace(-1, 1, 120)
    good = np.isfinite(part)
    return part / np.polyval(np.polyfit(x[good], part[good], 4), x)


def of_point(space: Workspace, steps: Mapping[str, Path], pixels: wcs.DetectorCoordinates) -> Wave:
    """Return the fringes along the nucleus's brightest column before and after each correction, if possible."""
    if not steps:
        return np.array([]), {}
    images = {step: fits.getdata(steps[step], "SCI").astype(float) for step in ("flat_field", "fringe")}
    column = brightest_column(images["flat_field"])
    number = int(pixels.slice[510, column])
    residual = fits.getdata(stages12.residual_fringe_file(space, steps["photom"], [number], ALONE), "SCI").astype(float)
    chosen = {"before": images["flat_field"], "fringe flat": images["fringe"], "2-D": residual}
    return 1e4 / pixels.wavelength[ROWS, column], {label: ripple(image[:, column]) for label, image in chosen.items()}


def of_extended(space: Workspace, pixels: wcs.DetectorCoordinates) -> Wave | None:
    """Return the fringes of the galaxy's disk in channel 2 of the long ramp before and after the fringe flat."""
    rates = sorted((space.ramp.parent / "without_showers").glob("*_rate.fits"))
    if not rates:
        return None
    folder = space.ramp.parent / "without_showers" / "steps"
    made = spec2_file(rates[0], folder, save_steps=("flat_field", "fringe"), options=ALONE)
    before, after = (fits.getdata(made[step], "SCI").astype(float) for step in ("flat_field", "fringe"))
    column = _disk(before, pixels.slice)
    beside = slice(column - 3, column + 4)  # seven columns: the tilt of the wavelengths hardly smears their fringes
    ratios = {label: ripple(np.nanmean(image[:, beside], axis=1), _QUIET)
              for label, image in (("before", before), ("fringe flat", after))}  # fmt: skip
    return 1e4 / pixels.wavelength[_QUIET, column], ratios


def _disk(image: np.ndarray, slices: np.ndarray) -> int:
    """Return the middle of seven bright columns in the right half that lie inside one slice."""
    number = slices[_QUIET]
    inside = [column for column in range(520, 1000)
              if number[0, column] > 0 and (number[:, column - 4 : column + 5] == number[0, column]).all()]  # fmt: skip
    light = [np.nanmedian(image[_QUIET, column - 3 : column + 4]) for column in inside]
    return inside[int(np.argsort(light)[int(0.7 * len(light))])]


def regular_lines(spacing: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """
    Return a simulated spectrum of band 1A without fringes but with lines at equal steps in wavenumber, 1/cm.

    Returns
    -------
    (ndarray, ndarray, ndarray)
        Wavelength, um; the pattern, 1 in the middle of a line and 0 between two; the flux, arbitrary unit: a continuum
        of 1 with lines 5 percent deep and noise of 0.3 percent.
    """
    wavelength = np.arange(4.90, 5.74, 0.0008)
    phase = (1e4 / wavelength - 1900) / spacing
    pattern = np.exp(-0.5 * ((phase - np.round(phase)) * spacing / 0.45) ** 2)
    return wavelength, pattern, (1 - 0.05 * pattern) * np.random.default_rng(3).normal(1, 0.003, wavelength.size)
