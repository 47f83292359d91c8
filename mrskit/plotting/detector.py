"""Figures of detector images before calibration: raw differences, profiles, masks, showers, count rates."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from scipy.ndimage import maximum_filter

from mrskit.bands import Setting
from mrskit.plotting import style

Window = tuple[int, int, int, int]  # first row, last row + 1, first column, last column + 1


def science_and_background(
    science: np.ndarray, background: np.ndarray, label: str, setting: Setting, name: str, simulated: bool
) -> None:
    """
    Draw the science and the background exposure side by side on the same scale.

    Parameters
    ----------
    science, background : ndarray of shape (1024, 1032)
        In the unit that ``label`` names.
    label : str
        For the colour bar, e.g. ``Count rate (DN/s)``.
    setting : Setting
        For the title.
    name : str
        File name of the figure.
    simulated : bool
        Whether the exposures are.
    """
    both = np.concatenate((science, background), axis=1)
    limits = tuple(np.nanpercentile(both, (1, 99)))
    figure, axes = plt.subplots(1, 2, figsize=(10, 5), sharey=True)
    for axis, image, word in zip(axes, (science, background), ("Science", "Background"), strict=True):
        style.show_image(axis, image, label, limits=limits, stretch="asinh")
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


def zooms(images: dict[str, np.ndarray], window: Window, label: str, name: str, alt: str, simulated: bool) -> None:
    """
    Draw the same window of several images side by side on one scale.

    Parameters
    ----------
    images : dict of str to ndarray of shape (1024, 1032)
        Title to image, in the unit that ``label`` names.
    window : (int, int, int, int)
        First row, last row + 1, first column, last column + 1.
    label, name, alt : str
        For the colour bar; file name of the figure; alternative text.
    simulated : bool
        Whether the exposures are.
    """
    parts = {title: image[window[0] : window[1], window[2] : window[3]] for title, image in images.items()}
    limits = tuple(np.nanpercentile(np.concatenate([part.ravel() for part in parts.values()]), (1, 99.5)))
    figure, axes = plt.subplots(1, len(parts), figsize=(10, 4.6), sharey=True, squeeze=False)
    for axis, (title, part) in zip(axes[0], parts.items(), strict=True):
        style.show_image(axis, part, label, limits=limits, stretch="asinh", extent=_extent(window))
        style.title(axis, title, simulated)
    style.finish(figure, name, alt)


def profile(
    position: np.ndarray, signal: np.ndarray, axis_label: str, label: str, title: str, name: str, simulated: bool,
    marks: dict[str, float] | None = None,
) -> None:  # fmt: skip
    """
    Draw a cut through a detector image, with named places marked.

    Parameters
    ----------
    position, signal : ndarray of shape (n,)
        Column or row number, and the signal there.
    axis_label, label : str
        ``Column (pixel)`` or ``Row (pixel)``; quantity and unit of the signal.
    title, name : str
        Of the figure; its file name.
    simulated : bool
        Whether the exposure is.
    marks : dict of str to float, optional
        Names of places to mark, and where.
    """
    figure, axis = plt.subplots(figsize=(10, 4.2))
    axis.plot(position, signal, lw=1.2, color=style.BLUE)
    for index, (word, place) in enumerate((marks or {}).items()):
        axis.axvline(place, color=style.RED, ls="--", lw=1.5)
        axis.text(place, 0.95 - 0.09 * (index % 3), f" {word}", color=style.RED, transform=axis.get_xaxis_transform())
    axis.set(xlabel=axis_label, ylabel=label, xlim=(position[0], position[-1]))
    style.title(axis, title, simulated)
    where = f" Marked: {', '.join(f'{word} at {place:.0f}' for word, place in marks.items())}." if marks else ""
    peak = position[int(np.nanargmax(signal))]
    style.finish(figure, name, f"{label} against {axis_label}; the highest value is at {peak:.0f}.{where}")


def masks(
    image: np.ndarray, found: dict[str, np.ndarray], window: Window, label: str, name: str, simulated: bool
) -> None:
    """
    Draw a window of an image, and beside it masks of the same window.

    Parameters
    ----------
    image : ndarray of shape (1024, 1032)
        In the unit that ``label`` names.
    found : dict of str to ndarray of bool, shape (1024, 1032)
        Title to mask.
    window : (int, int, int, int)
        First row, last row + 1, first column, last column + 1.
    label, name : str
        For the colour bar; file name of the figure.
    simulated : bool
        Whether the exposure is.
    """
    part = (slice(*window[:2]), slice(*window[2:]))
    rows = -(-(1 + len(found)) // 2)
    figure, axes = plt.subplots(rows, 2, figsize=(10, 4.2 * rows), sharex=True, sharey=True, squeeze=False)
    style.show_image(axes[0, 0], image[part], label, stretch="asinh", extent=_extent(window))
    style.title(axes[0, 0], "Image", simulated)
    for axis, (title, mask) in zip(axes.flat[1:], found.items(), strict=False):
        enlarged = maximum_filter(mask[part], size=2)  # single pixels would hardly be seen
        style.show_image(axis, enlarged, "Marked", (0, 1), style.BINARY, extent=_extent(window))
        axis.set_title(title)
    for axis in axes.flat[1 + len(found) :]:
        axis.axis("off")
    counts = ", ".join(f"{title} marks {int(mask[part].sum())} pixels" for title, mask in found.items())
    style.finish(figure, name, f"A window of the detector with bright pixels, and masks of the same window: {counts}.")


def output_drift(level: np.ndarray, simulated: bool) -> None:
    """
    Draw how the reference pixels of the four data outputs drift from group to group.

    Parameters
    ----------
    level : ndarray of shape (ngroups, 4)
        Mean of the reference pixels of each output, DN.
    simulated : bool
        Whether the exposure is.
    """
    figure, axis = plt.subplots(figsize=(10, 4))
    for output in range(4):
        change = level[:, output] - level[0, output]
        axis.plot(change, "osD^"[output] + "-", lw=1.2, color=style.COLOURS[output], label=f"output {output + 1}")
    axis.set(xlabel="Group (counted from 0)", ylabel="Change since group 0 (DN)")
    axis.legend(ncols=4)
    style.title(axis, "Reference pixels, which see no light", simulated)
    style.finish(figure, "02-output-drift", "Mean level of the reference pixels against the group number, one curve "
                 "for each of the four outputs: each wanders up and down by a few DN in its own way.")  # fmt: skip


def illumination(
    rate: np.ndarray, rows: tuple[int, int], limits: tuple[float, float], setting: Setting, simulated: bool
) -> None:
    """
    Draw a rate image and, below it, the median over some rows: slices, gaps and the dark strip.

    Parameters
    ----------
    rate : ndarray of shape (1024, 1032)
        Count rate, DN/s.
    rows : (int, int)
        First row and last row + 1 of the cut.
    limits : (float, float)
        DN/s, for colours and curve.
    setting : Setting
        For the title.
    simulated : bool
        Whether the exposure is.
    """
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


def _extent(window: Window) -> tuple[float, float, float, float]:
    """Return the extent of a window for imshow, so that the axes count pixels of the detector."""
    return window[2] - 0.5, window[3] - 0.5, window[0] - 0.5, window[1] - 0.5
