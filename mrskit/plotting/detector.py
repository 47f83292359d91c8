"""Figures of detector images: raw differences, profiles, masks and count rates."""

from __future__ import annotations

import warnings
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from astropy.io import fits
from matplotlib.patches import Patch
from matplotlib.ticker import MultipleLocator
from scipy.ndimage import maximum_filter

from mrskit.bands import Setting
from mrskit.plotting import style
from mrskit.products import read_exposure

Window = tuple[int, int, int, int]  # first row, last row + 1, first column, last column + 1


def science_and_background(
    science: np.ndarray, background: np.ndarray, label: str, setting: Setting, name: str, simulated: bool,
    rows: int = 1,
) -> None:  # fmt: skip
    """Draw the science and background exposures (1024, 1032) on the same scale, as medians of ``rows`` rows."""
    parts = [_medians(image, rows) for image in (science, background)]
    limits = tuple(np.nanpercentile(np.concatenate(parts, axis=1), (1, 99)))
    extent = _extent((0, science.shape[0], 0, science.shape[1]))
    figure, axes = plt.subplots(1, 2, figsize=(10, 5), sharey=True)
    for axis, image, word, bar in zip(axes, parts, ("Science", "Background"), ("", label), strict=True):
        style.show_image(axis, image, bar, limits=limits, stretch="asinh", extent=extent)
        style.title(axis, f"{word}, {setting.name}", simulated)
    axes[1].set_ylabel("")
    style.finish(
        figure, name, f"Detector images of {setting.name}, science left and background right, same colours: {label}. "
                      f"The "
        "science image has bowed vertical bands, the slices, bright traces of the nucleus in some of them, and short "
        "bright "
        "dashes, the emission lines. In the background image the bands are faint or invisible. Both have isolated "
        "bright "
        "pixels.",
    )  # fmt: skip


def zooms(
    images: dict[str, np.ndarray], window: Window, label: str, name: str, alt: str, simulated: bool, rows: int = 1
) -> None:
    """Draw the same window of several images (title to image, in the unit of ``label``) side by side on one scale."""
    parts = {title: _medians(image[slice(*window[:2]), slice(*window[2:])], rows) for title, image in images.items()}
    limits = tuple(np.nanpercentile(np.concatenate([part.ravel() for part in parts.values()]), (1, 99.5)))
    figure, axes = plt.subplots(1, len(parts), figsize=(10, 4.6), sharey=True, squeeze=False)
    for axis, (title, part) in zip(axes[0], parts.items(), strict=True):
        style.show_image(
            axis, part, label if axis is axes[0, -1] else "", limits, stretch="asinh", extent=_extent(window)
        )
        style.title(axis, title, simulated)
        axis.set_ylabel("Row (pixel)" if axis is axes[0, 0] else "")
        if window[3] - window[2] <= 200:  # for reading off pixels
            axis.xaxis.set_major_locator(MultipleLocator(20))
            axis.xaxis.set_minor_locator(MultipleLocator(10))
            axis.yaxis.set_minor_locator(MultipleLocator(10))
    style.finish(figure, name, alt)


def profile(
    signal: np.ndarray, along: str, label: str, title: str, name: str, simulated: bool,
    marks: dict[str, float] | None = None,
) -> None:  # fmt: skip
    """Draw a cut along ``Column`` or ``Row`` through a detector image, with named places marked."""
    figure, axis = plt.subplots(figsize=(10, 4.2))
    axis.plot(signal, lw=1.2, color=style.BLUE)
    for index, (word, place) in enumerate((marks or {}).items()):
        axis.axvline(place, color=style.RED, ls="--", lw=1.5)
        side = "left" if place < 0.6 * signal.size else "right"  # side of the text, so that it stays inside the axes
        axis.text(place, 0.95 - 0.09 * (index % 3), f" {word} ", color=style.RED, ha=side,
                  transform=axis.get_xaxis_transform())  # fmt: skip
    axis.set(xlabel=f"{along} (pixel)", ylabel=label, xlim=(0, signal.size - 1))
    style.title(axis, title, simulated)
    where = f" Marked: {', '.join(f'{word} at {place:.0f}' for word, place in marks.items())}." if marks else ""
    style.finish(figure, name, f"{title}: {label} against {along.lower()}, peaks above a lower level.{where}")


def compared(
    image: np.ndarray, mine: np.ndarray, true: np.ma.MaskedArray | None, window: Window, label: str, name: str,
    simulated: bool,
) -> None:  # fmt: skip
    """Draw a window of an image, a mask, and the mask compared with the truth; draw nothing if the truth is unknown."""
    if true is None:
        return
    part, truth = (slice(*window[:2]), slice(*window[2:])), np.ma.filled(true, False)
    limits = np.nanpercentile(image[part], (1, 99.5))
    mine, truth = (maximum_filter(mask[part].astype(bool), size=2) for mask in (mine, truth))  # single pixels are small
    kinds = {"yours and true": mine & truth, "true, not yours": truth & ~mine, "yours, not true": mine & ~truth}
    colours = mpl.colors.ListedColormap(["#F2F2F2", style.BLUE, style.RED, style.ORANGE])
    figure, axes = plt.subplots(1, 3, figsize=(13, 4.4), sharex=True, sharey=True, width_ratios=(1.15, 1, 1))
    style.show_image(axes[0], image[part], "", tuple(limits), stretch="asinh", extent=_extent(window))
    style.title(axes[0], label, simulated)
    for axis, value, title in ((axes[1], 1 * mine, "Yours"), (axes[2], sum(number * mask for number, mask in
                               enumerate(kinds.values(), 1)), "Yours and the truth")):  # fmt: skip
        axis.imshow(value, cmap=colours, vmin=-0.5, vmax=3.5, extent=_extent(window))
        axis.set(title=title, xlabel="Column (pixel)")
    handles = [Patch(color=colours(number), label=word) for number, word in enumerate(kinds, 1)]
    figure.legend(handles=handles, loc="outside lower right", ncols=3)
    counts = ", ".join(f"{int(mask.sum())} pixels {word}" for word, mask in kinds.items())
    style.finish(figure, name, f"A window of the detector, your mask, and your mask compared with the truth: {counts}.")


def illumination(path: Path, rows: tuple[int, int]) -> np.ndarray:
    """
    Draw a rate file and, below it, the median over some rows (first, last + 1), DN/s; return the median.

    The typical rate of illuminated columns next to the strip in the middle sets the scale.
    """
    rate, exposure = fits.getdata(path, "SCI"), read_exposure(path)
    cut = np.nanmedian(rate[slice(*rows)], axis=0)
    limits = tuple(np.percentile(cut[430:600], 90) * np.array([-0.2, 1.7]))
    figure, (above, below) = plt.subplots(2, 1, figsize=(10, 7.8), height_ratios=(2, 1), sharex=True)
    seen = _medians(rate, 8)  # single pixels are noisy
    style.show_image(above, seen, "Count rate (DN/s)", limits, extent=_extent((0, rate.shape[0], 0, rate.shape[1])))
    above.set_xlabel(" ")
    above.axhspan(*rows, fill=False, ec=style.RED, lw=1.5)
    style.title(above, f"Rate image of the background, {exposure.setting.name}", exposure.simulated)
    below.plot(cut, lw=1, color=style.BLUE)
    below.set(xlabel="Column (pixel)", ylabel=f"Median of rows\n{rows[0]}-{rows[1] - 1} (DN/s)", ylim=limits)
    style.finish(figure, "03-illumination", "Above: a rate image with bowed bright vertical bands, the slices, dark "
                                            "gaps between "
                 "them and a wider dark strip in the middle. Below: the median over the marked rows, a comb of "
                 "plateaus.")  # fmt: skip
    return cut


def _medians(image: np.ndarray, rows: int) -> np.ndarray:
    """Return medians over blocks of ``rows`` rows, which must divide the number of rows of the image."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # for pixels without any value
        return image if rows == 1 else np.nanmedian(image.reshape(-1, rows, image.shape[1]), axis=1)


def _extent(window: Window) -> tuple[float, float, float, float]:
    """Return the extent of a window for imshow, so that the axes show detector pixels."""
    return window[2] - 0.5, window[3] - 0.5, window[0] - 0.5, window[1] - 0.5
