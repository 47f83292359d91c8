"""Fringes that lesson 04 looks at: of a point and of an extended source, and lines that look like fringes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from astropy.io import fits

from mrskit import products
from mrskit.bands import Setting
from mrskit.pipeline.step_settings import Options
from mrskit.pipeline.steps import stages12, wcs
from mrskit.pipeline.steps.one_exposure import spec2_file
from mrskit.workspace import Workspace

ROWS = slice(450, 570)  # where the slices run almost straight
ALONE = Options(scheduler="none")
Wave = tuple[np.ndarray, dict[str, np.ndarray]]  # wavenumber, 1/cm, and by label a ratio to a smooth curve


def brightest_column(image: np.ndarray, columns: slice = slice(0, 500)) -> int:
    """Return the column with the largest median in rows 450 to 569."""
    return (columns.start or 0) + int(np.argmax(np.median(np.nan_to_num(image[ROWS, columns]), axis=0)))


def ripple(column: np.ndarray) -> np.ndarray:
    """Return rows 450 to 569 of a column divided by a smooth curve: 1 where there are no fringes."""
    part, x = column[ROWS], np.linspace(-1, 1, 120)
    good = np.isfinite(part)
    return part / np.polyval(np.polyfit(x[good], part[good], 4), x)


def of_point(space: Workspace, steps: Mapping[str, Path], pixels: wcs.DetectorCoordinates) -> Wave:
    """Return the fringes of the nucleus along its brightest column, before any correction and after each."""
    images = {step: fits.getdata(steps[step], "SCI").astype(float) for step in ("flat_field", "fringe")}
    column = brightest_column(images["flat_field"])
    number = int(pixels.slice[510, column])
    residual = fits.getdata(stages12.residual_fringe_file(space, steps["photom"], [number], ALONE), "SCI").astype(float)
    chosen = {"before": images["flat_field"], "fringe flat": images["fringe"], "2-D": residual}
    return 1e4 / pixels.wavelength[ROWS, column], {label: ripple(image[:, column]) for label, image in chosen.items()}


def of_extended(space: Workspace) -> tuple[Wave, Path] | None:
    """Return the fringes of the background in channel 3 before and after the fringe flat, and its cal file."""
    rates = products.find(space.stage("background", "stage1"), "rate", Setting("34", "SHORT"))
    if not rates:
        return None
    folder = space.stage("background", "stage2") / "steps"
    made = spec2_file(rates[0], folder, {"cube_build": {"skip": True}, "extract_1d": {"skip": True}},
                      save_steps=("flat_field", "fringe"), options=ALONE)  # fmt: skip
    before, after = (fits.getdata(made[step], "SCI").astype(float) for step in ("flat_field", "fringe"))
    column = brightest_column(before, slice(540, 1000))
    wavelength = wcs.detector_coordinates(made["cal"]).wavelength[ROWS, column]
    return (1e4 / wavelength, {"before": ripple(before[:, column]), "fringe flat": ripple(after[:, column])}), made[
        "cal"
    ]


def regular_lines(spacing: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """
    Return a made-up spectrum of band 1A with lines at equal steps of wavenumber, 1/cm, and without any fringes.

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
