"""Images in lesson 04: coordinates, steps, straylight and calibrated exposures."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from astropy.stats import mad_std
from matplotlib.axes import Axes
from matplotlib.colors import AsinhNorm, Normalize
from scipy.ndimage import binary_dilation

from mrskit import observed, products
from mrskit.bands import Setting
from mrskit.course.shown.target_lines import targets
from mrskit.pipeline.steps.wcs import DetectorCoordinates
from mrskit.plotting import style
from mrskit.workspace import Workspace


def coordinates(alpha: np.ndarray, beta: np.ndarray, wavelength: np.ndarray, setting: Setting, simulated: bool) -> None:
    """Show alpha, beta (arcsec) and wavelength (um) of every pixel as three images; NaN between the slices."""
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


def neighbours(slices: np.ndarray) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the middle pixels (row, column) of two neighbouring slices on the detector, and print them."""
    row = slices[512]
    middles = [int(np.flatnonzero(row == number).mean()) for number in dict.fromkeys(row[row > 0])]
    first, second = (512, middles[3]), (512, middles[4])
    print(f"first {first}: slice {slices[first]}; second {second}: slice {slices[second]}")
    return first, second


def gaps(slices: np.ndarray, channels: str) -> tuple[np.ndarray, np.ndarray]:
    """Return masks of the left channel's pixels: at least two pixels from every slice, and inside the slices."""
    middle = np.zeros(slices.shape, dtype=bool)
    middle[100:924, 21 : {"12": 485, "34": 450}[channels]] = True
    between = middle & ~binary_dilation(slices > 0, np.ones((1, 5)))
    return between, (slices > 0) & (np.arange(slices.shape[1]) < 510) & between.any(axis=1)[:, None]


def strip(space: Workspace, steps: Mapping[str, Path]) -> None:
    """Show a drawing of the cross in the imager, and cubes of one exposure without and with the straylight step."""
    if not steps:
        return print("No rate images here: this figure is left out.")
    without = min((space.stage("source", "stage2") / "own").glob("*_s3d.fits"))
    cubes = [products.read_cube(path) for path in (without, steps["s3d"])]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # outside the field there is no value
        planes = [np.nanmedian(np.where(cube.flux.any(axis=0), cube.flux, np.nan), axis=0) for cube in cubes]
    half = np.array(planes[0].shape[::-1]) * cubes[0].spaxel_size / 2  # of the field, arcsec
    limits = (float(np.nanpercentile(planes[1], 2)), float(np.nanpercentile(planes[0], 99.5)))
    taken = (0.0, float(np.nanpercentile(planes[0] - planes[1], 99)))
    figure, axes = plt.subplots(1, 4, figsize=(13.5, 4.4))
    _panel(axes[0], 100 * _cross(), "Imager (drawn)", "Light (% of the peak)", (0.0, 2.0))
    titles = ("MRS: without the step", "MRS: with the step", "What the step removed")
    images = (*planes, planes[0] - planes[1])
    for axis, image, name, (low, high) in zip(axes[1:], images, titles, (limits, limits, taken), strict=True):
        norm = AsinhNorm((high - low) / 100, low, high) if name != titles[2] else Normalize(low, high)
        drawn = axis.imshow(image, norm=norm, cmap=mpl.colormaps[style.SEQUENTIAL].with_extremes(bad="white"),
                            extent=(half[0], -half[0], -half[1], half[1]), aspect="equal")  # fmt: skip
        axis.set(xlabel="East of the middle (arcsec)", title=name)
        _round(figure.colorbar(drawn, ax=axis, label="Brightness (MJy/sr)", location="bottom", pad=0.02), norm)
    axes[1].set_ylabel("North of the middle (arcsec)")
    style.title(figure, f"One exposure, band {cubes[0].label}, median of all planes", cubes[0].simulated)
    style.finish(figure, "04-strip", "Four images. In the imager, drawn, a star has bright arms along its row and its "
                 "column. Three maps of one exposure of the MRS: without the straylight step straight strips run "
                 "across the field, one of them through the nucleus; with the step they are nearly gone; the "
                 "difference shows the strips alone.")  # fmt: skip


def _cross() -> np.ndarray:
    """Return a model star in the imager with a peak of 1 and arms of 1 percent along row and column."""
    y, x = np.mgrid[-100:101, -100:101]
    near = np.exp(-np.minimum(abs(x), abs(y)) / 4.0) * np.exp(-np.maximum(abs(x), abs(y)) / 80.0)
    return np.exp(-(np.hypot(x, y) ** 2) / 20.0) + 0.01 * near


def line_slices(space: Workspace, setting: Setting, pixels: DetectorCoordinates) -> tuple[float, list[int]]:
    """Return the expected wavelength of the ion's line, um, and the slices that see it, and print them."""
    redshift = observed.of(space).redshift
    lines = targets(setting, redshift)
    place = lines.ion_rest * (1 + np.nan_to_num(redshift))
    numbers = [int(n) for n in np.unique(pixels.slice[abs(pixels.wavelength - place) < 0.002]) if n > 0]
    print(f"{lines.ion} µm is expected at {place:.4f} µm (z = {redshift}), slices {numbers[:1]} to {numbers[-1:]}")
    return place, numbers


def straylight(before: np.ndarray | None, after: np.ndarray | None, slices: np.ndarray, simulated: bool) -> None:
    """Show a cut along the rows before and after the straylight step; ``slices`` is 0 where no light should be."""
    if before is None or after is None:
        return print("No rate images here: this figure is left out.")
    part = slice(450, 570)
    dark = np.flatnonzero(~(slices[part] > 0).any(axis=0))
    dark = dark[(dark > 4) & (dark < 1027)]
    figure, axis = plt.subplots(figsize=(10, 4.6))
    axis.plot(np.nanmedian(before[part], axis=0), color=style.GREY, lw=0.8, alpha=0.6, label="slices, before")
    groups = np.split(dark, np.flatnonzero(np.diff(dark) > 1) + 1)
    middle = [group.mean() for group in groups]
    highest = 0.0
    for image, colour, label in ((before, style.RED, "gaps, before"), (after, style.BLUE, "gaps, after the step")):
        level = [np.nanmedian(image[part][:, group]) for group in groups]
        axis.plot(middle, level, "o-", ms=6, lw=1.5, color=colour, label=label)
        highest = max(highest, *level)
    axis.set(xlabel="Column (pixel)", ylabel="Count rate (DN/s)", ylim=(-0.3 * highest, 2.5 * highest), xlim=(0, 1031))
    axis.axhline(0, color=style.BLACK, lw=0.8)
    axis.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=3)
    style.title(figure, "Straylight along the rows: median of rows 450 to 569", simulated)
    style.finish(
        figure, "04-straylight",
        "The light along the detector rows. Before the step the gaps between the slices and the dark strip between the "
        "channels stand well above zero, highest near the bright slices; afterwards they lie close to it.",
    )  # fmt: skip


def science_and_background(cal: np.ndarray, background: np.ndarray, setting: Setting, simulated: bool) -> None:
    """Show a calibrated science and a calibrated background exposure, MJy/sr, each on its own scale."""
    figure, axes = plt.subplots(1, 2, figsize=(10, 5.6), sharey=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # between the channels there is nothing to average
        smooth = np.nanmean(background.reshape(16, 64, 43, 24), axis=(1, 3))
    limits = (float(np.nanpercentile(cal, 5)), float(np.nanpercentile(cal, 99.7)))
    _panel(axes[0], cal, "Science", "Surface brightness (MJy/sr)", limits, stretch="asinh")
    limits = (0.0, float(np.nanpercentile(smooth, 98)))
    whole = (slice(0, 1024), slice(0, background.shape[1]))
    _panel(axes[1], smooth, "Background, mean of 64 x 24 pixels", "Surface brightness (MJy/sr)", limits, window=whole)
    style.title(figure, f"Calibrated images, {setting.name}, dither 1, each on its own scale", simulated)
    style.finish(
        figure, "04-cal-images",
        "Two calibrated detector images, each on its own scale. Science: bright traces of the nucleus and blobs of "
        "emission lines in the slices of both channels. Background: smooth, faint, brighter in the right channel and "
        "towards long wavelengths. Between the channels there are no values.",
    )  # fmt: skip


def noise(rate: np.ndarray, background: np.ndarray, slices: np.ndarray, simulated: bool) -> None:
    """Show the scatter of a rate and of the rate minus the background in the dark strip (``slices`` is 0)."""
    dark = (slices == 0).all(axis=0) & (abs(np.arange(slices.shape[1]) - 490) < 60)  # no slice in any row
    columns = np.flatnonzero(dark)[3:-3]
    alone, subtracted = rate[:, columns], (rate - background)[:, columns]
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
    axis.set(xlabel="Difference of neighbouring pixels / √2 (DN/s)", ylabel="Pixels")
    axis.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    style.title(axis, f"Dark strip: the noise increases by a factor of {spreads[1] / spreads[0]:.2f}", simulated)
    style.finish(
        figure, "04-background-noise",
        "Histogram of differences between neighbouring pixels of the dark strip. With the background exposures "
        "subtracted it is wider: its "
        f"scatter grows by a factor of {spreads[1] / spreads[0]:.2f}.",
    )  # fmt: skip


def _panel(
    axis: Axes, image: np.ndarray, name: str, label: str, limits: tuple[float, float],
    colours: str = style.SEQUENTIAL, stretch: str = "linear", window: tuple[slice, slice] | None = None,
) -> None:  # fmt: skip
    """Draw a detector image, or a window of it, with its colour bar below; gaps between the slices are white."""
    norm = Normalize(*limits) if stretch == "linear" else AsinhNorm((limits[1] - limits[0]) / 30, *limits)
    axis.set_facecolor("white")
    extent = None
    if window is not None:
        rows, columns = window
        extent = (columns.start - 0.5, columns.stop - 0.5, rows.start - 0.5, rows.stop - 0.5)
    shades = mpl.colormaps[colours].with_extremes(bad="white")
    drawn = axis.imshow(image, norm=norm, cmap=shades, extent=extent)
    axis.set_xlabel("Column (pixel)")
    axis.locator_params(axis="x", nbins=4)
    place = axis.get_subplotspec()
    axis.set_ylabel("Row (pixel)" if place is None or place.is_first_col() else "")
    axis.set_title(name)
    bar = axis.figure.colorbar(drawn, ax=axis, label=label, location="bottom", pad=0.02)
    _round(bar, norm)


def _round(bar: mpl.colorbar.Colorbar, norm: Normalize) -> None:
    """Put round numbers on a colour bar, even if its scale is stretched."""
    if not isinstance(norm, AsinhNorm):
        bar.ax.locator_params(nbins=4)
        return
    ticks = style.round_ticks(norm, 0.2)
    bar.set_ticks(ticks, labels=[f"{value:g}" for value in ticks])
    bar.minorticks_off()
