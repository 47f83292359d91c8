"""Figures of stage 2: coordinates, straylight, fringes and calibrated images on the detector."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from mrskit.bands import Setting
from mrskit.plotting import style
from mrskit.plotting.cubes import whiten_gaps


def coordinates(alpha: np.ndarray, beta: np.ndarray, wavelength: np.ndarray, setting: Setting, simulated: bool) -> None:
    """
    Show alpha, beta and wavelength of every detector pixel as three images.

    Parameters
    ----------
    alpha, beta : ndarray of shape (1024, 1032)
        Angle along and across the slices, arcsec; NaN between the slices.
    wavelength : ndarray of shape (1024, 1032)
        um; NaN between the slices.
    setting : Setting
    simulated : bool
        Whether the title says SIMULATED.
    """
    figure, axes = plt.subplots(1, 3, figsize=(13, 4.6), sharey=True)
    panels = (
        (alpha, "Alpha: along the slice", "Alpha (arcsec)", style.DIVERGING),
        (beta, "Beta: across the slices", "Beta (arcsec)", style.DIVERGING),
        (wavelength, "Wavelength", "Wavelength (µm)", style.SEQUENTIAL),
    )
    for axis, (image, name, label, colours) in zip(axes, panels, strict=True):
        low, high = float(np.nanmin(image)), float(np.nanmax(image))
        if colours == style.DIVERGING:
            low, high = -max(-low, high), max(-low, high)
        style.show_image(axis, image, label, limits=(low, high), colours=colours)
        if colours == style.SEQUENTIAL:
            whiten_gaps(axis, image)
        axis.set_title(name)
    for axis in axes[1:]:
        axis.set_ylabel("")
    style.title(figure, f"What the WCS knows, {setting.name}", simulated)
    style.finish(
        figure, "04-coordinates",
        "Three detector images: alpha runs from left to right or back inside each slice, beta is constant in a slice "
        "and jumps between neighbouring ones, wavelength runs along the columns. Between the slices all three are "
        "undefined.",
    )  # fmt: skip


def straylight(before: np.ndarray, after: np.ndarray, row: int, strip: tuple[int, int], simulated: bool) -> None:
    """
    Show a cut along the detector rows before and after the straylight step, and what the step subtracted.

    Parameters
    ----------
    before, after : ndarray of shape (1024, 1032)
        DN/s.
    row : int
        Middle of the 61 rows of which the median is drawn.
    strip : (int, int)
        First and last column of the dark strip between the channels.
    simulated : bool
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(13, 4.6), width_ratios=(1.5, 1))
    rows = slice(max(row - 30, 0), row + 31)
    for image, colour, label in ((before, style.RED, "before"), (after, style.BLUE, "after the step")):
        left.plot(np.nanmedian(image[rows], axis=0), color=colour, lw=1.2, label=label)
    top = 4 * np.nanpercentile(np.nanmedian(before[rows], axis=0), 50)
    left.set(xlabel="Column (pixel)", ylabel="Count rate (DN/s)", ylim=(-0.15 * top, 1.4 * top), xlim=(0, 1031))
    left.axvspan(*strip, color=style.GREY, alpha=0.3, label="dark strip")
    left.axhline(0, color=style.BLACK, lw=0.8)
    left.legend(loc="upper right", ncols=3, frameon=True, framealpha=0.9, edgecolor="none")
    style.title(left, f"Median of rows {rows.start} to {rows.stop - 1}", simulated)
    style.show_image(right, before - after, "Subtracted (DN/s)")
    style.title(right, "What the step took away", simulated)
    style.finish(
        figure, "04-straylight",
        "Left: the light along the detector rows. Before the step the dark strip between the channels and the gaps "
        "between the slices stand above zero, afterwards they lie close to it. Right: the subtracted light is smooth, "
        "spread along the rows.",
    )  # fmt: skip


def fringes(wavenumber: np.ndarray, before: np.ndarray, after: np.ndarray, column: int, simulated: bool) -> None:
    """
    Show one detector column, divided by a smooth curve, before and after the fringe flat.

    Parameters
    ----------
    wavenumber : ndarray of shape (n,)
        1/cm.
    before, after : ndarray of shape (n,)
        Ratio to a smooth curve, dimensionless.
    column : int
    simulated : bool
    """
    figure, (upper, lower) = plt.subplots(2, 1, figsize=(12, 5.6), sharex=True, sharey=True)
    for axis, ratio, colour, label in (
        (upper, before, style.RED, "before: flat-fielded only"),
        (lower, after, style.BLUE, "after the fringe flat"),
    ):
        axis.axhline(1, color=style.BLACK, lw=0.8)
        axis.plot(wavenumber, ratio, color=colour, marker="o", ms=3, lw=1.2)
        axis.set_ylabel("Ratio to smooth")
        axis.text(0.01, 0.95, label, transform=axis.transAxes, va="top", bbox={"facecolor": "white", "lw": 0})
    lower.set_xlabel("Wavenumber (cm$^{-1}$)")
    upper.set_ylim(*(1 + np.array([-1.15, 1.15]) * np.nanpercentile(abs(before - 1), 99)))
    style.title(upper, f"Fringes in column {column}", simulated)
    style.finish(
        figure, "04-fringes",
        "Above: a detector column divided by a smooth curve goes up and down regularly with wavenumber, about every "
        "2.9 per centimetre. Below: after the fringe flat only a small part of that pattern and noise remain.",
    )  # fmt: skip


def science_and_background(cal: np.ndarray, background: np.ndarray, setting: Setting, simulated: bool) -> None:
    """
    Show a calibrated science exposure and a calibrated background exposure with the same colours.

    Parameters
    ----------
    cal, background : ndarray of shape (1024, 1032)
        MJy/sr; NaN outside the slices and in bad pixels.
    setting : Setting
    simulated : bool
    """
    figure, axes = plt.subplots(1, 2, figsize=(13, 5.6), sharey=True)
    limits = (float(np.nanpercentile(background, 5)), float(np.nanpercentile(cal, 99.7)))
    for axis, image, name in ((axes[0], cal, "science"), (axes[1], background, "background")):
        style.show_image(axis, image, "Surface brightness (MJy/sr)", limits=limits, stretch="asinh")
        whiten_gaps(axis, image)
        style.title(axis, f"{setting.name} {name}, dither 1", simulated)
    axes[1].set_ylabel("")
    style.finish(
        figure, "04-cal-images",
        "Two calibrated detector images. Science: bright traces of the nucleus and short dashes of emission lines in "
        "the slices of both channels. Background: smooth, faint, brightening with wavelength. Between the slices "
        "there are no values.",
    )  # fmt: skip


def noise(alone: np.ndarray, subtracted: np.ndarray, simulated: bool) -> None:
    """
    Show the distribution of pixel values in the dark strip with and without pixel-by-pixel background subtraction.

    Parameters
    ----------
    alone, subtracted : ndarray of shape (nrows, ncols)
        DN/s, the same pixels.
    simulated : bool
    """
    figure, axis = plt.subplots(figsize=(9, 4.6))
    spreads = []
    for values, colour, label in (
        (alone, style.BLUE, "science alone"),
        (subtracted, style.RED, "science - background"),
    ):
        values = (np.diff(values, axis=1) / np.sqrt(2)).ravel()  # differences do not see smooth light
        values = values[np.isfinite(values)]
        spread = 1.4826 * np.median(abs(values))
        spreads.append(spread)
        edges = np.linspace(-6, 6, 81) * spreads[0]
        axis.hist(values, edges, histtype="step", color=colour, label=f"{label}: scatter {spread:.4f} DN/s")
    axis.set(xlabel="Difference of neighbouring pixels, over √2 (DN/s)", ylabel="Pixels")
    axis.legend(loc="upper right")
    style.title(axis, f"Dark strip: the noise grows by {spreads[1] / spreads[0]:.2f}", simulated)
    style.finish(
        figure, "04-background-noise",
        "Histogram of differences between neighbouring pixels of the dark strip. With the background exposures "
        "subtracted it is wider: its "
        f"scatter grows by a factor of {spreads[1] / spreads[0]:.2f}.",
    )  # fmt: skip
