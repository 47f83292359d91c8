"""Fringes that lesson 04 looks at: of a point and of an extended source, and a molecule that looks like fringes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from astropy.io import fits

from mrskit import products
from mrskit.bands import Setting
from mrskit.pipeline.step_settings import Options
from mrskit.pipeline.steps import fringes, stages12, wcs
from mrskit.pipeline.steps.one_exposure import spec2_file
from mrskit.workspace import Workspace

ROWS = slice(450, 570)  # where the slices run almost straight
ALONE = Options(scheduler="none")
Wave = tuple[np.ndarray, dict[str, np.ndarray]]  # wavenumber, 1/cm, and by label a ratio to a smooth curve
_COLUMNS = 4  # on either side of the brightest one


def brightest_column(image: np.ndarray, columns: slice = slice(0, 500)) -> int:
    """Return the column with the largest median in rows 450 to 569."""
    return (columns.start or 0) + int(np.argmax(np.median(np.nan_to_num(image[ROWS, columns]), axis=0)))


def ripple(column: np.ndarray) -> np.ndarray:
    """Return rows 450 to 569 of a column divided by a smooth curve: 1 where there are no fringes."""
    part, x = column[ROWS], np.linspace(-1, 1, 120)
    good = np.isfinite(part)
    return part / np.polyval(np.polyfit(x[good], part[good], 4), x)


def of_point(space: Workspace, steps: Mapping[str, Path], pixels: wcs.DetectorCoordinates) -> tuple[Wave, dict]:
    """
    Return the fringes of the nucleus along its brightest column, and its spectra over nine columns (`spectra_of`).

    ``steps`` are the files after ``flat_field``, ``fringe`` and ``photom``.
    """
    images = {step: fits.getdata(steps[step], "SCI").astype(float) for step in ("flat_field", "fringe", "photom")}
    column = brightest_column(images["flat_field"])
    number = int(pixels.slice[510, column])
    residual = fits.getdata(stages12.residual_fringe_file(space, steps["photom"], [number], ALONE), "SCI").astype(float)
    chosen = {"before": images["flat_field"], "fringe flat": images["fringe"], "2-D": residual}
    ratios = {label: ripple(image[:, column]) for label, image in chosen.items()}
    spectra = spectra_of(images["photom"], residual, pixels.wavelength, pixels.slice, column)
    return (1e4 / pixels.wavelength[ROWS, column], ratios), spectra


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


def spectra_of(
    photom: np.ndarray, residual: np.ndarray, wavelength: np.ndarray, slices: np.ndarray, column: int
) -> dict[str, np.ndarray]:
    """
    Return the wavelength (um) and the sums of nine columns inside one slice: plain, corrected in 2-D, and in 1-D.

    ``photom`` and ``residual`` are MJy/sr, before and after the 2-D step; ``column`` is the middle one.
    """
    nine, number = slice(column - _COLUMNS, column + _COLUMNS + 1), slices[510, column]
    inside = slices[:, nine] == number
    plain, two = (np.where(inside, image[:, nine], 0).sum(axis=1) for image in (photom, residual))
    along = np.where(slices[:, column] == number, wavelength[:, column], np.nan)
    good = np.flatnonzero(np.isfinite(along) & (plain > 0) & (two > 0))
    good = good[np.argsort(along[good])]
    one = fringes.correct_1d(plain[good], along[good], int(number) // 100)
    return {"wavelength": along[good], "fringe flat": plain[good], "2-D": two[good], "1-D": one}


def co_lines(redshift: float) -> np.ndarray:
    """Return the observed wavelengths, um, of P(14) to P(28) of CO, from the molecular constants of 12C16O."""
    number = np.arange(14.0, 29.0)
    return 1e4 / (2143.271 - 3.8275 * number - 0.0175 * number**2 + 2.44e-5 * number**3) * (1 + redshift)


def co_masks(wavelength: np.ndarray, redshift: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return which samples lie in a line of CO, which between two lines, and which in the range of these lines."""
    lines = co_lines(redshift)
    near = abs(wavelength[:, None] - lines).min(axis=1)
    there = (wavelength > lines[0] - 0.006) & (wavelength < lines[-1] + 0.006)
    return there & (near < 0.0014), there & (near > 0.0040), there


def flattened(spectra: Mapping[str, np.ndarray], redshift: float) -> dict[str, np.ndarray]:
    """Return each spectrum divided by a parabola through its samples between the lines of CO; NaN outside."""
    wavelength = spectra["wavelength"]
    _, between, there = co_masks(wavelength, redshift)
    if between.sum() < 20:  # the setting does not see CO
        return {name: np.full(wavelength.size, np.nan) for name in spectra if name != "wavelength"}
    x = wavelength - wavelength[between].mean()
    smooth = {name: np.polyval(np.polyfit(x[between], flux[between], 3), x) for name, flux in spectra.items()}
    return {
        name: np.where(there, flux / smooth[name], np.nan) for name, flux in spectra.items() if name != "wavelength"
    }
