"""Figures of lesson 05: flagged outliers, waves of small apertures, backgrounds compared, the spectral leak."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import MaxNLocator

from mrskit.plotting import style
from mrskit.products import Spectrum

_WORDS = {"none": "none", "pixel": "pixel by pixel", "master": "master", "annulus": "annulus"}


def outliers(
    image: np.ndarray, flagged: np.ndarray, corner: tuple[int, int], simulated: bool, name: str = "05-outliers"
) -> None:
    """
    Show a part of a calibrated image, and the same part with the outliers marked.

    Parameters
    ----------
    image : ndarray of shape (nrows, ncols)
        MJy/sr.
    flagged : ndarray of bool, same shape
    corner : (int, int)
        First row and column of the part, 60 x 100 pixels.
    simulated : bool
    name : str, optional
    """
    row, column = corner
    part = np.s_[row : row + 60, column : column + 100]
    edges = (column - 0.5, column + 99.5, row - 0.5, row + 59.5)
    figure, axes = plt.subplots(1, 2, figsize=(12.5, 4.2), sharey=True)
    limits = tuple(np.nanpercentile(image[part], (2, 98)))
    for axis, title in zip(axes, ("Calibrated image", "Outliers marked"), strict=True):
        style.show_image(axis, image[part], "Surface brightness (MJy/sr)", limits=limits, extent=edges)
        axis.set_title(title)
        axis.label_outer()
    rows, columns = np.nonzero(flagged[part])
    axes[1].plot(columns + column, rows + row, "s", mfc="none", mec=style.RED, mew=1.8, ms=9)
    style.title(figure, "Outlier detection", simulated)
    style.finish(figure, name, "Part of a calibrated image, twice; on the right, squares mark the "
                 f"{len(rows)} pixels that outlier detection flagged in it.")  # fmt: skip


def wave_stack(
    curves: Mapping[str, tuple[np.ndarray, np.ndarray]], title: str, name: str, simulated: bool, offset: float = 0.0
) -> None:
    """
    Show smoothed spectra over their continua one above the other on one scale, each with its amplitude.

    Parameters
    ----------
    curves : mapping
        Label, such as ``one spaxel: 2.1 %`` -> (wavelength in um, ratio), both of shape (n,).
    title, name : str
    simulated : bool
    offset : float, optional
        Distance of the curves; by default what the widest one needs.
    """
    reach = max(np.nanpercentile(abs(ratio - 1), 98) for _, ratio in curves.values())
    step = offset or 1.7 * reach
    figure, axis = plt.subplots(figsize=(12, 1.4 + 0.95 * len(curves)))
    for place, (colour, (label, (wavelength, ratio))) in enumerate(zip(style.COLOURS, curves.items(), strict=False)):
        height = -place * step
        axis.axhline(100 * height, color=style.GREY, lw=0.8)
        axis.plot(wavelength, 100 * (ratio - 1 + height), color=colour, lw=2)
        axis.annotate(label, (1.01, 100 * height), xycoords=("axes fraction", "data"), va="center", color=style.BLACK,
                      fontsize=13)  # fmt: skip
    axis.set(xlabel="Wavelength (µm)", ylabel="Over continuum, shifted (%)")
    axis.yaxis.set_major_locator(MaxNLocator(6))
    style.title(axis, title, simulated)
    style.finish(figure, name, f"{title}. Spectra over their smooth continua, one above the other on the same scale: "
                 f"{'; '.join(curves)}.")  # fmt: skip


def backgrounds(
    levels: Mapping[str, float], spaxel: Mapping[str, float], mean: Mapping[str, float], simulated: bool,
    truth: float | None = None, name: str = "05-four-backgrounds",
) -> None:  # fmt: skip
    """
    Show what four ways to subtract a background leave: brightness of a faint part, and its noise.

    Parameters
    ----------
    levels, spaxel, mean : mapping
        Method -> brightness, noise of a spaxel, noise of the mean over the part; MJy/sr.
    simulated : bool
    truth : float, optional
        The simulated brightness, MJy/sr.
    name : str, optional
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(12.5, 4.4))
    places = np.arange(len(levels))
    labels = [_WORDS.get(method, method) for method in levels]
    bars = left.bar(places, levels.values(), color=style.SKY, edgecolor=style.BLACK, width=0.6)
    left.bar_label(bars, fmt="%.1f", padding=2)
    left.axhline(0, color=style.BLACK, lw=0.8)
    if truth is not None:
        left.axhline(truth, color=style.RED, ls="--", lw=2)
        left.annotate("simulated disk", (1.0, truth), xycoords=("axes fraction", "data"), xytext=(0, 4),
                      textcoords="offset points", ha="right", color=style.BLACK)  # fmt: skip
    left.set(ylabel="Brightness (MJy/sr)", title="What is left of the faint disk")
    left.margins(y=0.15)
    for shift, values, label, colour, hatch in ((-0.2, spaxel, "one spaxel", style.BLUE, ""),
                                                (0.2, mean, "mean over the disk", style.ORANGE, "//")):  # fmt: skip
        bars = right.bar(places + shift, values.values(), 0.38, color=colour, edgecolor=style.BLACK, hatch=hatch,
                         label=label)  # fmt: skip
        right.bar_label(bars, fmt="%.1f", padding=2, fontsize=11)
    right.set(ylabel="Noise of one plane (MJy/sr)", title="What it costs in noise", yscale="log")
    right.set_ylim(1, 4 * max(spaxel.values()))
    right.legend(loc="upper right", ncols=2)
    for axis in (left, right):
        axis.set_xticks(places, labels)
    style.title(figure, "Four backgrounds on the same data", simulated)
    words = "; ".join(f"{method}: level {levels[method]:.1f}, noise of a spaxel {spaxel[method]:.1f}, of the mean "
                      f"{mean[method]:.1f} MJy/sr" for method in levels)  # fmt: skip
    style.finish(figure, name, f"Bar charts of the faint disk with four ways to subtract a background. {words}.")


def spectral_leak(
    spectrum: Spectrum, leak: np.ndarray, excess: np.ndarray, simulated: bool, name: str = "05-leak"
) -> None:
    """
    Show the spectrum of band 3A before and after the correction of the leak; below, its bump and the leak.

    Parameters
    ----------
    spectrum : Spectrum
        Band 3A.
    leak : ndarray of shape (n,)
        Light of half the wavelength, unit of the spectrum.
    excess : ndarray of shape (n,)
        What the spectrum shows above a smooth curve, same unit; the figure is as wide as it has values.
    simulated : bool
    name : str, optional
    """
    figure, (upper, lower) = plt.subplots(2, 1, figsize=(11, 7), sharex=True, height_ratios=(3, 2))
    use = np.isfinite(excess)
    wavelength = spectrum.wavelength
    before, bump, curve = (np.where(use, 1e3 * item, np.nan) for item in (spectrum.flux, excess, leak))
    upper.plot(wavelength, before, color=style.ORANGE, label="as extracted")
    upper.plot(wavelength, before - curve, color=style.BLUE, ls="--", label="leak subtracted")
    lower.plot(wavelength, bump, ".", color=style.GREY, label="as extracted, minus a smooth curve")
    lower.plot(wavelength, _smoothed(bump, 15), color=style.ORANGE, label="the same, mean of 15 points")
    lower.plot(wavelength, curve, color=style.RED, ls="--", label="leak of 6.1 µm light")
    for axis in (upper, lower):
        axis.set_ylabel("Flux density (mJy)")
        axis.legend(loc="upper left", fontsize=11)
    lower.set(xlabel="Wavelength (µm)", xlim=(wavelength[use].min(), wavelength[use].max()), ylim=(-2, 5))
    style.title(upper, "The spectral leak in band 3A", simulated)
    style.finish(figure, name, "Spectrum of the nucleus about 12.2 µm before and after subtraction of the leak. Below, "
                 "the spectrum minus a smooth curve has a bump at 12.2 µm, as high and as wide as the predicted leak, "
                 f"at most {np.nanmax(curve):.2f} mJy.")  # fmt: skip


def _smoothed(values: np.ndarray, width: int) -> np.ndarray:
    """Return the running mean of the points that have a value, NaN where there are fewer than half."""
    good, kernel = np.isfinite(values), np.ones(width)
    count = np.convolve(good, kernel, "same")
    total = np.convolve(np.where(good, values, 0), kernel, "same")
    return np.where(good & (count > width / 2), total / np.maximum(count, 1), np.nan)
