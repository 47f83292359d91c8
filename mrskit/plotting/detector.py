"""Figures of detector images before calibration: raw differences, profiles, masks, showers, count rates."""

from __future__ import annotations

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import Patch
from matplotlib.ticker import MultipleLocator
from scipy.ndimage import maximum_filter

from mrskit.bands import Setting
from mrskit.plotting import style

Window = tuple[int, int, int, int]  # first row, last row + 1, first column, last column + 1


def science_and_background(
    science: np.ndarray, background: np.ndarray, label: str, setting: Setting, name: str, simulated: bool,
    rows: int = 1,
) -> None:  # fmt: skip
    """Draw science and background exposure side by side on the same scale, medians of so many rows."""
    parts = [_medians(image, rows) for image in (science, background)]
    limits = tuple(np.nanpercentile(np.concatenate(parts, axis=1), (1, 99)))
    extent = _extent((0, science.shape[0], 0, science.shape[1]))
    figure, axes = plt.subplots(1, 2, figsize=(10, 5), sharey=True)
    for axis, image, word in zip(axes, parts, ("Science", "Background"), strict=True):
        style.show_image(axis, image, label, limits=limits, stretch="asinh", extent=extent)
        style.title(axis, f"{word}, {setting.name}", simulated)
    style.finish(
        figure, name, f"Detector images of {setting.name}, science left and background right, same colours: {label}. "
                      f"The "
        "science image has bowed vertical bands, the slices, bright traces of the nucleus in some of them, and short "
        "bright "
        "dashes, the emission lines. In the background image the bands are faint or not seen. Both have isolated "
        "bright "
        "pixels.",
    )  # fmt: skip


def zooms(
    images: dict[str, np.ndarray], window: Window, label: str, name: str, alt: str, simulated: bool, rows: int = 1
) -> None:
    """Draw the same window (rows, columns) of several images side by side on one scale, medians of so many rows."""
    parts = {title: _medians(image[slice(*window[:2]), slice(*window[2:])], rows) for title, image in images.items()}
    limits = tuple(np.nanpercentile(np.concatenate([part.ravel() for part in parts.values()]), (1, 99.5)))
    figure, axes = plt.subplots(1, len(parts), figsize=(10, 4.6), sharey=True, squeeze=False)
    for axis, (title, part) in zip(axes[0], parts.items(), strict=True):
        style.show_image(axis, part, label, limits=limits, stretch="asinh", extent=_extent(window))
        style.title(axis, title, simulated)
        if window[3] - window[2] <= 200:  # pixels are read off
            axis.xaxis.set_major_locator(MultipleLocator(20))
            axis.xaxis.set_minor_locator(MultipleLocator(10))
            axis.yaxis.set_minor_locator(MultipleLocator(10))
    style.finish(figure, name, alt)


def profile(
    position: np.ndarray, signal: np.ndarray, axis_label: str, label: str, title: str, name: str, simulated: bool,
    marks: dict[str, float] | None = None,
) -> None:  # fmt: skip
    """Draw a cut through a detector image: signal against column or row, both of shape (n,), with places marked."""
    figure, axis = plt.subplots(figsize=(10, 4.2))
    axis.plot(position, signal, lw=1.2, color=style.BLUE)
    for index, (word, place) in enumerate((marks or {}).items()):
        axis.axvline(place, color=style.RED, ls="--", lw=1.5)
        side = "left" if place < 0.6 * position[-1] else "right"  # of the text: it stays inside the axes
        axis.text(place, 0.95 - 0.09 * (index % 3), f" {word} ", color=style.RED, ha=side,
                  transform=axis.get_xaxis_transform())  # fmt: skip
    axis.set(xlabel=axis_label, ylabel=label, xlim=(position[0], position[-1]))
    style.title(axis, title, simulated)
    where = f" Marked: {', '.join(f'{word} at {place:.0f}' for word, place in marks.items())}." if marks else ""
    style.finish(figure, name, f"{title}: {label} against {axis_label}, peaks above a lower level.{where}")


def compared(
    image: np.ndarray, mine: np.ndarray, truth: np.ndarray, window: Window, label: str, name: str, simulated: bool
) -> None:
    """Draw a window (rows, columns) of an image, and beside it a mask, and what of it is true."""
    part = (slice(*window[:2]), slice(*window[2:]))
    limits = np.nanpercentile(image[part], (1, 99.5))
    mine, truth = (maximum_filter(mask[part].astype(bool), size=2) for mask in (mine, truth))  # single pixels are small
    kinds = {"yours and true": mine & truth, "true, not yours": truth & ~mine, "yours, not true": mine & ~truth}
    colours = mpl.colors.ListedColormap(["#F2F2F2", style.BLUE, style.RED, style.ORANGE])
    figure, axes = plt.subplots(1, 3, figsize=(13, 4.4), sharex=True, sharey=True, width_ratios=(1.15, 1, 1))
    style.show_image(axes[0], image[part], "", tuple(limits), stretch="asinh", extent=_extent(window))
    style.title(axes[0], label, simulated)
    for axis, value, title in ((axes[1], 1 * mine, "Yours"), (axes[2], sum(number * mask for number, mask in
                               enumerate(kinds.values(), 1)), "Yours beside the truth")):  # fmt: skip
        axis.imshow(value, cmap=colours, vmin=-0.5, vmax=3.5, extent=_extent(window))
        axis.set(title=title, xlabel="Column (pixel)")
    handles = [Patch(color=colours(number), label=word) for number, word in enumerate(kinds, 1)]
    figure.legend(handles=handles, loc="outside lower right", ncols=3)
    counts = ", ".join(f"{int(mask.sum())} pixels {word}" for word, mask in kinds.items())
    style.finish(figure, name, f"A window of the detector, your mask, and your mask beside the truth: {counts}.")


def illumination(
    rate: np.ndarray, rows: tuple[int, int], limits: tuple[float, float], setting: Setting, simulated: bool
) -> None:
    """Draw a rate image, DN/s, and below it the median over some rows: slices, gaps and the dark strip."""
    figure, (above, below) = plt.subplots(2, 1, figsize=(12, 9), height_ratios=(2.2, 1), sharex=True)
    style.show_image(above, rate, "Count rate (DN/s)", limits)
    above.axhspan(*rows, fill=False, ec=style.RED, lw=1.5)
    style.title(above, f"Rate image of the background, {setting.name}", simulated)
    below.plot(np.nanmedian(rate[slice(*rows)], axis=0), lw=1, color=style.BLUE)
    below.set(xlabel="Column (pixel)", ylabel=f"Median of rows\n{rows[0]}-{rows[1] - 1} (DN/s)", ylim=limits)
    style.finish(figure, "03-illumination", "Above: a rate image with bowed bright vertical bands, the slices, dark "
                                            "gaps between "
                 "them and a wider dark strip in the middle. Below: the median over the marked rows, a comb of "
                 "plateaus.")  # fmt: skip


def _medians(image: np.ndarray, rows: int) -> np.ndarray:
    """Return the medians of so many rows each; their number must divide the image's."""
    return image if rows == 1 else np.nanmedian(image.reshape(-1, rows, image.shape[1]), axis=1)


def _extent(window: Window) -> tuple[float, float, float, float]:
    """Return the extent of a window for imshow, so that the axes count pixels of the detector."""
    return window[2] - 0.5, window[3] - 0.5, window[0] - 0.5, window[1] - 0.5
