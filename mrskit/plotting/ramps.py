"""Figures of ramps: how the detector is read, and one pixel through the steps of stage 1."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from mrskit.plan import FRAME_TIME
from mrskit.plotting import style

# Bits of the pipeline's GROUPDQ that stage 1 sets: (bit, word, marker, colour).
FLAGS = (
    (2, "saturated", "s", style.PURPLE),
    (4, "jump", "X", style.RED),
    (1, "do not use", "x", style.GREY),
)


def schematic(groups: int, integrations: int, readout: str = "FASTR1", rate: float = 40.0) -> None:
    """
    Draw what a pixel of constant illumination does during one exposure.

    Parameters
    ----------
    groups, integrations : int
        As in the proposal.
    readout : str
        FASTR1 or SLOWR1.
    rate : float
        Signal gained per second, DN/s; an example.
    """
    step = FRAME_TIME[readout]
    figure, axis = plt.subplots(figsize=(11, 4.2))
    for number in range(integrations):
        start = number * (groups + 1) * step
        time = start + step * np.arange(1, groups + 1)
        axis.plot(
            time, rate * (time - start), "o-", ms=4, color=style.COLOURS[number], label=f"integration {number + 1}"
        )
        if number:
            axis.axvspan(start - step, start, color=style.GREY, alpha=0.35, lw=0)
            axis.annotate("one reset frame", (start - step / 2, rate * step), (start + 12 * step, rate * step * 3),
                          arrowprops={"arrowstyle": "->"})  # fmt: skip
    note = {"arrowstyle": "->", "color": style.BLACK}
    axis.annotate("one dot is one group", (step * groups * 0.4, rate * step * groups * 0.4),
                  (step * groups * 0.04, rate * step * groups * 0.8), arrowprops=note)  # fmt: skip
    axis.set(xlabel="Time since the start of the exposure (s)", ylabel="Signal of one pixel (DN)")
    axis.legend(loc=(0.56, 0.72))
    axis.margins(y=0.12)
    style.title(axis, f"One exposure: {groups} groups x {integrations} integrations, {readout} (schematic)", False)
    style.finish(figure, "01-exposure", f"Schematic ramp of one pixel: the signal rises in a straight line through "
                                        f"{groups} "
                 f"groups, drops to zero at one reset frame and rises again, for {integrations} "
                 f"integrations.")  # fmt: skip


def readouts(duration: float = 120.0, rate: float = 40.0) -> None:
    """Draw the same signal, DN, as FASTR1 and SLOWR1 sample it during ``duration`` seconds."""
    figure, axis = plt.subplots(figsize=(11, 3.8))
    for name, offset, marker, colour in (
        ("FASTR1", 0.15, "o", style.BLUE),
        ("SLOWR1", 0.0, "s", style.RED),
    ):
        time = np.arange(FRAME_TIME[name], duration, FRAME_TIME[name])
        signal = rate * (time + offset * duration)
        label = f"{name}: a group every {FRAME_TIME[name]:.3f} s"
        axis.plot(time, signal, marker + "-", ms=5, lw=1, color=colour, label=label)
    axis.set(xlabel="Time since the reset (s)", ylabel="Signal + offset (DN)")
    axis.legend()
    style.title(axis, "Two ways to sample the same ramp (schematic, one shifted upwards)", False)
    style.finish(figure, "01-readouts", f"Two parallel straight ramps over {duration:.0f} s. FASTR1 has a dot every "
                                        f"2.775 s, "
                 "SLOWR1 a dot every 23.89 s.")  # fmt: skip


def steps(
    ramps: dict[str, np.ndarray],
    flags: dict[str, np.ndarray],
    group_time: float,
    pixel: tuple[int, int],
    simulated: bool,
) -> None:
    """
    Draw what each step of stage 1 changed in the ramp of one pixel.

    Parameters
    ----------
    ramps : dict of str to ndarray of shape (ngroups,)
        Signal, DN, after each step, in their order; the first is the raw ramp.
    flags : dict of str to ndarray of shape (ngroups,)
        GROUPDQ after each step (same keys).
    group_time : float
        s.
    pixel : (int, int)
        Row and column.
    simulated : bool
        Whether the exposure is.
    """
    names = list(ramps)
    columns = 4
    rows = -(-len(names) // columns)
    figure, axes = plt.subplots(rows, columns, figsize=(14, 2.9 * rows), squeeze=False)
    time = group_time * np.arange(1, len(ramps[names[0]]) + 1)
    for index, (axis, name) in enumerate(zip(axes.flat, names, strict=False)):
        before = names[index - 1] if index else None
        change = ramps[name] - ramps[before] if before else ramps[name]
        axis.plot(time, change, "o-", ms=4, lw=1.2, color=style.BLUE if before else style.BLACK)
        _mark(axis, time, change, flags[name] & ~flags[before] if before else flags[name])
        axis.set(title=name, xlabel="Time (s)", ylabel="Change (DN)" if before else "Signal (DN)")
        if np.nanmax(change) - np.nanmin(change) < 1e-3:
            axis.set_ylim(change[0] - 1, change[0] + 1)
    for axis in axes.flat[len(names) :]:
        axis.axis("off")
    style.title(figure, f"Pixel (row {pixel[0]}, column {pixel[1]}) through stage 1: what each step changes", simulated)
    style.finish(figure, "03-steps", f"{len(names)} small panels for one pixel. The first shows the raw ramp; each "
                                     f"other one shows "
                 "the change that one step made to each group, in DN, with newly flagged groups marked.")  # fmt: skip


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
    figure, axes = plt.subplots(1, len(ramps), figsize=(4.6 * len(ramps), 4.2), squeeze=False)
    for axis, (label, ramp) in zip(axes[0], ramps.items(), strict=True):
        time = group_time * np.arange(1, len(ramp) + 1)
        axis.plot(time, ramp, "o-", lw=1.2, ms=5, color=style.BLUE)
        _mark(axis, time, ramp, flags[label])
        axis.set(xlabel="Time (s)", ylabel="Signal (DN)")
        axis.set_title(label, fontsize=13)
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
        axis.legend(fontsize=11)
