"""Figures of lesson 03: one pixel through the steps of stage 1, jumps, and the pulls of the rates."""

from __future__ import annotations

from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from mrskit.plotting import style

# Bits of the pipeline's GROUPDQ that stage 1 sets: (bit, word, marker, colour).
FLAGS = (
    (2, "saturated", "s", style.PURPLE),
    (4, "jump", "X", style.RED),
    (1, "do not use", "x", style.GREY),
)


def steps(
    ramps: dict[str, np.ndarray], flags: dict[str, np.ndarray], group_time: float, kind: str, pixel: tuple[int, int],
    simulated: bool,
) -> None:  # fmt: skip
    """
    Draw the ramp of one pixel before and after stage 1, and what each step changed in it.

    Parameters
    ----------
    ramps : dict of str to ndarray of shape (ngroups,)
        Signal, DN, after each step, in their order; the first is the raw ramp. At most nine.
    flags : dict of str to ndarray of shape (ngroups,)
        GROUPDQ after each step (same keys).
    group_time : float
        s.
    kind : str
        What is special about the pixel, e.g. ``saturated``.
    pixel : (int, int)
        Row and column.
    simulated : bool
        Whether the exposure is.
    """
    names = list(ramps)
    figure, axes = plt.subplots(3, 3, figsize=(10, 8.4), sharex=True)
    time = group_time * np.arange(1, len(ramps[names[0]]) + 1)
    first, last = names[0], names[-1]
    axes[0, 0].plot(time, ramps[first], "o-", ms=4, lw=1.2, color=style.BLACK, label="before")
    axes[0, 0].plot(time, ramps[last], "o-", ms=4, lw=1.2, color=style.BLUE, label="after")
    axes[0, 0].set_title("all steps")
    axes[0, 0].set_ylabel("Signal (DN)")
    axes[0, 0].legend(fontsize=10)
    for axis, before, name in zip(axes.flat[1:], names, names[1:], strict=False):
        _change(axis, time, ramps[name] - ramps[before], flags[name] & ~flags[before])
        axis.set_title(name)
    for axis in axes.flat[len(names) :]:
        axis.axis("off")
    for axis in axes[:, 0][1:]:
        axis.set_ylabel("Change (DN)")
    for axis in axes[-1]:
        axis.set_xlabel("Time (s)")
    style.title(figure, f"A {kind} pixel (row {pixel[0]}, column {pixel[1]}) through stage 1", simulated)
    changed = [name for before, name in pairwise(names) if not np.array_equal(ramps[name], ramps[before])]
    flagged = [name for before, name in pairwise(names) if (flags[name] & ~flags[before]).any()]
    style.finish(figure, f"03-steps-{kind}", f"Small panels for one {kind} pixel. The first shows its ramp before and "
                 "after all steps, the others what each step changed, in DN, with newly flagged groups marked. "
                 f"Numbers are changed by {', '.join(changed)}; flags are set by {', '.join(flagged)}.")  # fmt: skip


def _change(axis: Axes, time: np.ndarray, change: np.ndarray, new: np.ndarray) -> None:
    """Draw what a step changed; a step that changed nothing gets a line at zero and a word."""
    axis.plot(time, change, "o-", ms=4, lw=1.2, color=style.BLUE)
    _mark(axis, time, change, new)
    if np.nanmax(change) - np.nanmin(change) < 1e-3:
        axis.set_ylim(change[0] - 1, change[0] + 1)
        axis.text(0.5, 0.08, "changes no number", ha="center", color=style.GREY, fontsize=11, transform=axis.transAxes)
    axis.margins(y=0.2)


def gallery(
    ramps: dict[str, np.ndarray], flags: dict[str, np.ndarray], group_time: float, name: str, simulated: bool
) -> None:
    """
    Draw some pixels' ramps side by side, flagged groups marked.

    Parameters
    ----------
    ramps : dict of str to ndarray of shape (ngroups,)
        Panel title to signal, DN.
    flags : dict of str to ndarray of shape (ngroups,)
        Panel title to GROUPDQ.
    group_time : float
        s.
    name : str
        File name of the figure.
    simulated : bool
        Whether the exposure is.
    """
    figure, axes = plt.subplots(1, len(ramps), figsize=(10, 3.8), squeeze=False)
    for axis, (label, ramp) in zip(axes[0], ramps.items(), strict=True):
        time = group_time * np.arange(1, len(ramp) + 1)
        axis.plot(time, ramp, "o-", lw=1.2, ms=5, color=style.BLUE)
        _mark(axis, time, ramp, flags[label])
        axis.set(xlabel="Time (s)")
        axis.set_title(label, fontsize=13)
    axes[0, 0].set_ylabel("Signal (DN)")
    style.title(figure, "Ramps of chosen pixels", simulated)
    style.finish(figure, name, f"Ramps of {len(ramps)} pixels: {'; '.join(ramps)}. Flagged groups carry a mark.")


def fit(time: np.ndarray, ramp: np.ndarray, good: np.ndarray, simulated: bool) -> None:
    """
    Draw a ramp, the straight line through its good groups, and what is left.

    Parameters
    ----------
    time, ramp : ndarray of shape (ngroups,)
        s and DN.
    good : ndarray of bool, shape (ngroups,)
        Groups that the line is fitted to.
    simulated : bool
        Whether the exposure is.
    """
    slope, start = np.polyfit(time[good], ramp[good], 1)
    figure, (upper, lower) = plt.subplots(2, 1, figsize=(10, 5.6), sharex=True, height_ratios=(3, 1))
    upper.plot(time[good], ramp[good], "o", color=style.BLUE, label="used")
    upper.plot(time[~good], ramp[~good], "x", color=style.GREY, label="not used")
    upper.plot(time, start + slope * time, "-", color=style.RED, label="straight line")
    upper.set_ylabel("Signal (DN)")
    upper.legend()
    style.title(upper, "A straight line through one ramp", simulated)
    lower.plot(time[good], (ramp - start - slope * time)[good], "o", color=style.BLUE)
    lower.axhline(0, color=style.RED, lw=1)
    lower.set(xlabel="Time (s)", ylabel="Residual (DN)")
    style.finish(figure, "03-fit", f"Signal of one pixel against time with a fitted straight line through "
                                   f"{good.sum()} of "
                 f"{good.size} groups; below, the small residuals scatter about zero.")  # fmt: skip


def _mark(axis: Axes, time: np.ndarray, signal: np.ndarray, flags: np.ndarray) -> None:
    """Mark flagged groups and name the marks in a legend."""
    for bit, word, marker, colour in FLAGS:
        chosen = (flags & bit).astype(bool)
        if chosen.any():
            axis.plot(
                time[chosen], signal[chosen], marker, color=colour, ms=9, ls="none", label=word, mfc="none", mew=2
            )
    if axis.get_legend_handles_labels()[0]:
        axis.legend(fontsize=10)


def differences(
    gained: np.ndarray, noise: float, threshold: float, found: np.ndarray, pixel: tuple[int, int], simulated: bool
) -> None:
    """
    Draw by how many sigma each group's gain differs from the typical gain of the pixel.

    Parameters
    ----------
    gained : ndarray of shape (ngroups - 1,)
        What each group but the first gained, DN; NaN where a group is not used.
    noise, threshold : float
        DN; sigma above which a group counts as hit.
    found : ndarray of bool, shape (ngroups,)
        Groups that a search found.
    pixel : (int, int)
        Row and column.
    simulated : bool
        Whether the exposure is.
    """
    figure, axis = plt.subplots(figsize=(10, 4))
    groups = np.arange(1, gained.size + 1)
    ratio = (gained - np.nanmedian(gained)) / noise
    axis.axhspan(-threshold, threshold, color=style.GREY, alpha=0.2, lw=0, label=f"within {threshold:g} sigma")
    axis.plot(groups, ratio, "o", color=style.BLUE, label="difference")
    marked = np.asarray(found, dtype=bool)[1:]
    if marked.any():
        axis.plot(groups[marked], ratio[marked], "X", color=style.RED, ms=14, mfc="none", mew=2, label="found")
    axis.set(xlabel="Group (counted from 0)", ylabel="Gain - typical gain (sigma)", xticks=groups[np.isfinite(ratio)])
    axis.set_yscale("symlog", linthresh=threshold)
    axis.set_yticks(ticks := [-4, -2, 0, 2, 4, 10, 30, 100], labels=[f"{value:g}" for value in ticks])
    axis.set_ylim(min(-1.5 * threshold, 1.2 * np.nanmin(ratio)), max(1.5 * threshold, 1.5 * np.nanmax(ratio)))
    axis.minorticks_off()
    axis.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    style.title(axis, f"Differences of groups, pixel (row {pixel[0]}, column {pixel[1]})", simulated)
    style.finish(figure, "03-differences", f"What each group gained, minus the typical gain, in sigma. All but "
                 f"{int(marked.sum())} of {int(np.isfinite(ratio).sum())} points lie within "
                 f"{threshold:g} sigma of zero.")  # fmt: skip


def pulls(pull: np.ndarray, width: float | None, simulated: bool) -> None:
    """
    Draw the distribution of pulls beside a normal distribution of width one.

    Parameters
    ----------
    pull : ndarray
        Differences divided by their errors; NaN is left out.
    width : float or None
        Of the distribution, if it is to be told.
    simulated : bool
        Whether the exposures are.
    """
    figure, axis = plt.subplots(figsize=(10, 4.2))
    values = pull[np.isfinite(pull)]
    values = values - np.median(values)
    edges = np.linspace(-6, 6, 121)
    told = "" if width is None else f", width {width:.2f}"
    axis.hist(values, edges.tolist(), histtype="stepfilled", color=style.SKY, alpha=0.6, label=f"pulls{told}")
    middle = (edges[1:] + edges[:-1]) / 2
    expected = values.size * np.diff(edges) * np.exp(-(middle**2) / 2) / np.sqrt(2 * np.pi)
    axis.plot(middle, expected, color=style.RED, label="normal distribution, width 1")
    axis.set(xlabel="Difference / its error", ylabel="Pixels", yscale="log", ylim=(1, None))
    axis.legend(loc="upper left", bbox_to_anchor=(0.98, 1.0))
    style.title(axis, "Pulls between two background exposures", simulated)
    beyond = 100 * float((abs(values) > 5).mean())
    style.finish(figure, "03-pulls", f"Histogram of pulls{told} on a logarithmic scale, beside the normal distribution "
                 f"of width one; {beyond:.2f} percent lie more than five away from the "
                 "middle.")  # fmt: skip
