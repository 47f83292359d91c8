"""Figures of lesson 04: coordinates, straylight, fringes and calibrated images on the detector."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from astropy.stats import mad_std
from matplotlib.axes import Axes
from matplotlib.colors import AsinhNorm, Normalize

from mrskit.bands import Setting
from mrskit.plotting import style


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
    figure, axes = plt.subplots(1, 3, figsize=(10, 4.6), sharey=True)
    panels = (
        (alpha, "Alpha: along the slice", "Alpha (arcsec)", style.DIVERGING),
        (beta, "Beta: across slices", "Beta (arcsec)", style.DIVERGING),
        (wavelength, "Wavelength", "Wavelength (µm)", style.SEQUENTIAL),
    )
    for axis, (image, name, label, colours) in zip(axes, panels, strict=True):
        low, high = float(np.nanmin(image)), float(np.nanmax(image))
        if colours == style.DIVERGING:
            low, high = -max(-low, high), max(-low, high)
        _panel(axis, image, name, label, (low, high), colours)
    style.title(figure, f"What the WCS knows, {setting.name}", simulated)
    style.finish(
        figure, "04-coordinates",
        "Three detector images: alpha runs from left to right or back inside each slice, beta is constant in a slice "
        "and jumps between neighbouring ones, wavelength runs along the columns. Between the slices all three are "
        "undefined.",
    )  # fmt: skip


def before_after(
    before: np.ndarray, after: np.ndarray, step: str, units: tuple[str, str], operation: str, simulated: bool
) -> None:
    """
    Show the image before and after a step, and what the step did: their difference or their ratio.

    Parameters
    ----------
    before, after : ndarray of shape (1024, 1032)
        In the unit that ``units`` names.
    step : str
        Name of the step.
    units : (str, str)
        Unit before and after.
    operation : str
        ``difference`` (before - after) or ``ratio`` (after / before).
    simulated : bool
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        change = before - after if operation == "difference" else np.where(before == 0, np.nan, after / before)
    words = {"difference": f"Before - after ({units[0]})", "ratio": "After / before"}
    if operation == "ratio" and units[0] != units[1]:
        words["ratio"] = f"After / before ({units[1]} per {units[0]})"
    figure, axes = plt.subplots(1, 3, figsize=(10, 4.6), sharey=True)
    limits = (float(np.nanpercentile(before, 2)), float(np.nanpercentile(before, 99)))
    same = units[0] == units[1]
    later = limits if same else (float(np.nanpercentile(after, 2)), float(np.nanpercentile(after, 99)))
    _panel(axes[0], before, "Before", f"Signal ({units[0]})", limits, stretch="asinh")
    _panel(axes[1], after, "After", f"Signal ({units[1]})", later, stretch="asinh")
    low, high = (float(value) for value in np.nanpercentile(change, (1, 99)))
    _panel(axes[2], change, "What it did", words[operation], (low, high))
    style.title(figure, f"The step {step}", simulated)
    style.finish(
        figure, f"04-step-{step.replace('_', '-')}",
        f"The detector image before and after the step {step}, and the {operation} of the two, which runs from "
        f"{low:.3g} to {high:.3g} (first and 99th percentile).",
    )  # fmt: skip


def straylight(before: np.ndarray, after: np.ndarray, rows: tuple[int, int], gaps: np.ndarray, simulated: bool) -> None:
    """
    Show a cut along the detector rows before and after the straylight step, with the places where no light should be.

    Parameters
    ----------
    before, after : ndarray of shape (1024, 1032)
        DN/s.
    rows : (int, int)
        First row and last row + 1 of those of which the median is drawn.
    gaps : ndarray of shape (n,)
        Columns that see no slice.
    simulated : bool
    """
    figure, axis = plt.subplots(figsize=(10, 4.6))
    part = slice(*rows)
    axis.plot(np.nanmedian(before[part], axis=0), color=style.GREY, lw=0.8, alpha=0.6, label="slices, before")
    groups = np.split(gaps, np.flatnonzero(np.diff(gaps) > 1) + 1)
    middle = [group.mean() for group in groups]
    highest = 0.0
    for image, colour, label in ((before, style.RED, "gaps, before"), (after, style.BLUE, "gaps, after the step")):
        level = [np.nanmedian(image[part][:, group]) for group in groups]
        axis.plot(middle, level, "o-", ms=6, lw=1.5, color=colour, label=label)
        highest = max(highest, *level)
    axis.set(xlabel="Column (pixel)", ylabel="Count rate (DN/s)", ylim=(-0.3 * highest, 2.5 * highest), xlim=(0, 1031))
    axis.axhline(0, color=style.BLACK, lw=0.8)
    axis.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=3)
    style.title(figure, f"Straylight along the rows: median of rows {rows[0]} to {rows[1] - 1}", simulated)
    style.finish(
        figure, "04-straylight",
        "The light along the detector rows. Before the step the gaps between the slices and the dark strip between the "
        "channels stand well above zero, highest near the bright slices; afterwards they lie close to it.",
    )  # fmt: skip


def fringes(wavenumber: np.ndarray, ratios: Mapping[str, np.ndarray], column: int, simulated: bool) -> None:
    """
    Show one detector column, divided by a smooth curve, before and after each correction of fringes.

    Parameters
    ----------
    wavenumber : ndarray of shape (n,)
        1/cm.
    ratios : mapping of str to ndarray of shape (n,)
        Label to ratio to a smooth curve, dimensionless; the first is the one before.
    column : int
    simulated : bool
    """
    figure, axes = plt.subplots(len(ratios), 1, figsize=(10, 1.7 * len(ratios) + 0.8), sharex=True, sharey=True)
    first = next(iter(ratios.values()))
    for axis, (label, ratio), colour in zip(axes, ratios.items(), style.COLOURS[3:4] + style.COLOURS, strict=False):
        axis.axhline(1, color=style.BLACK, lw=0.8)
        axis.plot(wavenumber, ratio, color=colour, marker="o", ms=3, lw=1.2)
        axis.set_title(label, fontsize=12)
    axes[-1].set_xlabel("Wavenumber (cm$^{-1}$)")
    figure.supylabel("Ratio to a smooth curve", fontsize=13)
    axes[0].set_ylim(*(1 + np.array([-1.2, 1.2]) * np.nanpercentile(abs(first - 1), 99)))
    style.title(figure, f"Fringes in column {column}", simulated)
    scatter = ", ".join(f"{label} {100 * float(np.nanstd(ratio)):.1f} percent" for label, ratio in ratios.items())
    style.finish(
        figure, "04-fringes",
        "A detector column divided by a smooth curve goes up and down regularly with wavenumber, about every 2.9 per "
        f"centimetre; each correction leaves less of that. Scatter: {scatter}.",
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
    figure, axes = plt.subplots(1, 2, figsize=(10, 5.6), sharey=True)
    limits = (float(np.nanpercentile(background, 5)), float(np.nanpercentile(cal, 99.7)))
    for axis, image, name in ((axes[0], cal, "Science"), (axes[1], background, "Background")):
        _panel(axis, image, name, "Surface brightness (MJy/sr)", limits, stretch="asinh")
    style.title(figure, f"Calibrated images, {setting.name}, dither 1", simulated)
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
    figure, axis = plt.subplots(figsize=(10, 4.2))
    spreads = []
    for values, colour, label in (
        (alone, style.BLUE, "science alone"),
        (subtracted, style.RED, "science - background"),
    ):
        values = (np.diff(values, axis=1) / np.sqrt(2)).ravel()  # differences do not see smooth light
        values = values[np.isfinite(values)]
        spread = mad_std(values)
        spreads.append(spread)
        edges = np.linspace(-6, 6, 81) * spreads[0]
        axis.hist(values, edges, histtype="step", lw=2, color=colour, label=f"{label}:\nscatter {spread:.4f} DN/s")
    axis.set(xlabel="Difference of neighbouring pixels, over √2 (DN/s)", ylabel="Pixels")
    axis.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    style.title(axis, f"Dark strip: the noise grows by {spreads[1] / spreads[0]:.2f}", simulated)
    style.finish(
        figure, "04-background-noise",
        "Histogram of differences between neighbouring pixels of the dark strip. With the background exposures "
        "subtracted it is wider: its "
        f"scatter grows by a factor of {spreads[1] / spreads[0]:.2f}.",
    )  # fmt: skip


def _panel(
    axis: Axes, image: np.ndarray, name: str, label: str, limits: tuple[float, float],
    colours: str = style.SEQUENTIAL, stretch: str = "linear",
) -> None:  # fmt: skip
    """Draw a detector image with its colour bar below; gaps between the slices are white."""
    norm = Normalize(*limits) if stretch == "linear" else AsinhNorm((limits[1] - limits[0]) / 30, *limits)
    axis.set_facecolor("white")
    drawn = axis.imshow(image, norm=norm, cmap=mpl.colormaps[colours].with_extremes(bad="white"))
    axis.set(xlabel="Column (pixel)", xticks=(0, 500, 1000))
    place = axis.get_subplotspec()
    axis.set_ylabel("Row (pixel)" if place is None or place.is_first_col() else "")
    axis.set_title(name)
    bar = axis.figure.colorbar(drawn, ax=axis, label=label, location="bottom", pad=0.02)
    if stretch == "asinh":
        ticks = [float(f"{value:.2g}") for value in norm.inverse(np.linspace(0, 1, 5)[1:-1])]
        bar.set_ticks(ticks, labels=[f"{value:g}" for value in ticks])
        bar.minorticks_off()
    else:
        bar.ax.locator_params(nbins=4)
