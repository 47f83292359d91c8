"""Figures of cosmic-ray showers: their times and places, the flags of the search, and the corrected images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from scipy.ndimage import gaussian_filter, maximum_filter

from mrskit.plotting import style


def by_group(excess: np.ndarray, simulated: bool) -> None:
    """Draw the brightest smoothed excess of each group, DN, shape (ngroups,); nothing if all are NaN."""
    if not np.isfinite(excess).any():
        return
    figure, axis = plt.subplots(figsize=(10, 4))
    axis.plot(np.arange(excess.size), excess, "o-", color=style.BLUE, lw=1.2)
    axis.set(xlabel="Group (counted from 0)", ylabel="Brightest excess (DN)")
    style.title(axis, "Extended excess in each group", simulated)
    style.finish(figure, "03-shower-groups", "The brightest value of each smoothed difference image against the group "
                 "number: nearly the same for most groups, with a few slowly fading peaks, the "
                 "showers.")  # fmt: skip


def images(pictures: Sequence[np.ndarray], titles: Sequence[str], simulated: bool) -> None:
    """Draw smoothed images of the excess that some groups gained, DN, shape (1024, 1032), each on its own scale."""
    if not pictures:
        return
    figure, axes = plt.subplots(1, len(pictures), figsize=(10, 4.6), sharey=True, squeeze=False)
    for axis, picture, title in zip(axes[0], pictures, titles, strict=True):
        top = float(np.nanpercentile(picture, 99.95))
        drawn = axis.imshow(picture, vmin=-top / 4, vmax=top, cmap=style.SEQUENTIAL, aspect="equal")
        if (cut := picture == 0).any():  # where an earlier shower was cut out
            axis.contour(cut, levels=[0.5], colors="white", linewidths=1.0, linestyles="dashed")
        axis.set(title=title, xlabel="Column (pixel)", xticks=(0, 500, 1000))
        figure.colorbar(drawn, ax=axis, label="Excess (DN)", location="bottom", pad=0.02)
    axes[0, 0].set_ylabel("Row (pixel)")
    style.title(figure, "Excess gained in five groups", simulated)
    style.finish(figure, "03-showers", f"{len(pictures)} smoothed images of the excess gained in five groups: "
                 f"{', '.join(titles)}. In each an elongated bright patch, some tens of pixels wide, stands out: a "
                 "cosmic-ray shower.")  # fmt: skip


def search(flags: Mapping[float, np.ndarray], true: np.ndarray, default: float, simulated: bool) -> None:
    """
    Draw the pixels that the search flags, with the outlines of the showers.

    Parameters
    ----------
    flags : mapping of float to ndarray of bool, shape (1024, 1032)
        Threshold, sigma, to the pixels that only the search flags; the ``default`` threshold is marked in its title.
    """
    if not flags:
        return
    figure, axes = plt.subplots(1, len(flags), figsize=(10, 3.25), sharey=True)
    for axis, (threshold, mask) in zip(axes, flags.items(), strict=True):
        seen = maximum_filter(mask, size=5) if mask.mean() < 0.2 else mask  # small patches would not be visible
        axis.imshow(seen, vmin=0, vmax=1, cmap=style.BINARY, aspect="equal")
        axis.contour(true, levels=[0.5], colors=style.BLUE, linewidths=1.5)
        axis.set(xlabel="Column (pixel)", xticks=(0, 500, 1000))
        axis.set_title(f"{threshold:.2f}{' (default)' if threshold == default else ' sigma'}", fontsize=12)
    axes[0].set_ylabel("Row (pixel)")
    style.title(figure, "Orange: flagged only by the search. Blue outlines: the showers", simulated)
    counts = ", ".join(f"{int(mask.sum())} pixels at {threshold:g} sigma" for threshold, mask in flags.items())
    style.finish(figure, "03-search", "Maps of the pixels that only the search for showers flags, with the outlines of "
                 f"the showers: {counts}.")  # fmt: skip


def between(pictures: Mapping[str, np.ndarray], inside: np.ndarray, width: float = 8.0) -> dict[str, np.ndarray]:
    """Return images of the light between the slices (mask ``inside``), smoothed by a Gaussian of ``width`` pixels."""
    if not pictures:
        return {}
    gap = ~maximum_filter(inside, size=(1, 3))
    gap[:, :5] = gap[:, -5:] = False
    found = {}
    for name, picture in pictures.items():
        good = gap & np.isfinite(picture)
        clipped = np.where(good, np.clip(picture, *np.nanpercentile(picture[good], (0.5, 99.9))), 0.0)
        weight = gaussian_filter(good.astype(float), width)
        with np.errstate(invalid="ignore", divide="ignore"):
            found[name] = np.where(weight > 1e-3, gaussian_filter(clipped, width) / weight, np.nan)
    return found


def cures(pictures: Mapping[str, np.ndarray], places: np.ndarray, simulated: bool) -> None:
    """Draw the light after each correction, DN/s, on one scale, with outlines of the showers (``places`` not zero)."""
    if not pictures:
        return
    limit = float(np.nanpercentile(next(iter(pictures.values())), 99.95))
    figure, axes = plt.subplots(1, len(pictures), figsize=(10, 4.0), sharey=True)
    for axis, (name, picture) in zip(axes, pictures.items(), strict=True):
        drawn = axis.imshow(picture, vmin=-limit, vmax=limit, cmap=style.DIVERGING, aspect="equal")
        axis.contour(places > 0, levels=[0.5], colors=style.BLACK, linewidths=1.2)
        axis.set(xlabel="Column (pixel)", xticks=(0, 500, 1000))
        axis.set_title(name, fontsize=12)
    axes[0].set_ylabel("Row (pixel)")
    label = "Light between the slices (DN/s)"
    figure.colorbar(drawn, ax=list(axes), label=label, location="bottom", aspect=40, pad=0.02)
    style.title(figure, "Remaining light of the showers (outlines), by correction", simulated)
    style.finish(figure, "03-showers-cured", f"Images of the light between the slices of one exposure, after "
                 f"{len(pictures)} treatments: {', '.join(pictures)}. Outlines mark the showers: bright patches in the "
                 "first image, fainter or gone in the others.")  # fmt: skip
