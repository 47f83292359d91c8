"""Drawings of how the detector is read: frame, group, integration and exposure; two readout patterns."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from mrskit.plan import FRAME_TIME
from mrskit.plotting import style

RATE = 40.0  # DN/s, of the drawn pixel: an example


def exposure(groups: int, integrations: int) -> None:
    """
    Draw one FASTR1 exposure as a pixel of constant illumination sees it, every word of the readout marked.

    Parameters
    ----------
    groups, integrations : int
        As in the proposal.
    """
    step = FRAME_TIME["FASTR1"]
    figure, axis = plt.subplots(figsize=(10, 5.4))
    top = RATE * step * groups
    for number in range(integrations):
        start = number * (groups + 1) * step
        time = start + step * np.arange(1, groups + 1)
        axis.plot(time, RATE * (time - start), "o-", ms=4, lw=1.2, color=style.COLOURS[number])
        _brace(axis, start, time[-1], 1.1 * top, f"integration {number + 1}: {groups} groups")
        if number:
            axis.axvspan(start - step, start, ymax=0.7, color=style.GREY, alpha=0.45, lw=0)
            axis.annotate("reset: 1 frame", (start - step / 2, 0.55 * top), (start + 7 * step, 0.8 * top),
                          arrowprops={"arrowstyle": "->"}, va="center")  # fmt: skip
    frames = groups * integrations + integrations - 1
    _brace(axis, 0, frames * step, 1.32 * top, f"exposure: {frames} frames of {step:.5f} s = {frames * step:.3f} s")
    _slope(axis, step, groups)
    _groups_inset(axis, step)
    axis.set(xlabel="Time since the start of the exposure (s)", ylabel="Signal of one pixel (DN)", ylim=(0, 1.5 * top))
    style.title(axis, "Frame, group, integration, exposure in FASTR1 (a drawing, no data)", False)
    style.finish(figure, "01-exposure", f"Drawing of one pixel's signal against time. It rises in a straight line "
                 f"through {groups} groups, drops to zero at one reset frame and rises again, for {integrations} "
                 f"integrations. Brackets mark each integration and the exposure, {frames} frames long. An inset shows "
                 "that in FASTR1 a group is one frame, 2.775 s after the one before.")  # fmt: skip


def patterns(duration: float = 96.0, hit: float = 40.0) -> None:
    """
    Draw how FASTR1 and SLOWR1 sample the same ramp, with a cosmic ray in it.

    Parameters
    ----------
    duration : float
        Length of the drawing, s.
    hit : float
        Time of the cosmic ray, s.
    """
    figure, axes = plt.subplots(2, 1, figsize=(10, 6.2), sharex=True, sharey=True)
    fine = np.linspace(0, duration, 2000)
    for axis, name, marker, colour in zip(axes, FRAME_TIME, "os", (style.BLUE, style.RED), strict=True):
        step = FRAME_TIME[name]
        time = np.arange(1, int(duration / step) + 1) * step
        axis.plot(fine, _hit_ramp(fine, hit), color=style.GREY, lw=1)
        axis.plot(time, _hit_ramp(time, hit), marker, ms=7, color=colour)
        before = step * np.floor(hit / step)
        axis.axvspan(before, before + step, color=colour, alpha=0.18, lw=0)
        axis.text(before + step + 1, 350, f"hit between these two groups: known to {step:.3g} s", va="center")
        axis.set_ylabel("Signal (DN)")
        axis.set_title(f"{name}: {len(time)} groups in {duration:.0f} s, one every {step:.3f} s")
    axes[1].set_xlabel("Time since the reset (s)")
    style.finish(figure, "01-readouts", f"Drawing of the same ramp with a cosmic ray at {hit:.0f} s in two panels. "
                 f"FASTR1 has a dot every 2.775 s and places the hit to 2.8 s; SLOWR1 has a dot every 23.890 s and "
                 "places it to 24 s.")  # fmt: skip


def samples(time: np.ndarray, signal: np.ndarray) -> None:
    """Draw the groups of an exposure of one pixel: signal, DN, against time, s; both of shape (n,)."""
    figure, axis = plt.subplots(figsize=(10, 3.8))
    axis.plot(time, signal, "o", ms=5, color=style.BLUE)
    axis.set(xlabel="Time since the start of the exposure (s)", ylabel="Signal (DN)")
    axis.set_title("An exposure of one pixel (invented numbers)")
    falls = int((np.diff(signal) < 0).sum())
    style.finish(figure, "01-unknown-exposure", f"Signal of one pixel in {len(time)} groups against time: straight "
                 f"rises, {falls} sudden drops, and one small step upwards.")  # fmt: skip


def _brace(axis: Axes, start: float, end: float, height: float, text: str) -> None:
    arrow = {"arrowstyle": "|-|, widthA=0.4, widthB=0.4", "lw": 1.3, "shrinkA": 0, "shrinkB": 0}
    axis.annotate("", (start, height), (end, height), arrowprops=arrow)
    axis.text((start + end) / 2, height * 1.02, text, ha="center", va="bottom")


def _slope(axis: Axes, step: float, groups: int) -> None:
    """Mark the slope on the first ramp."""
    first, last = 0.3 * groups * step, 0.52 * groups * step
    axis.plot([first, last, last], [RATE * first, RATE * first, RATE * last], color=style.BLACK, lw=1)
    axis.text(last + step, RATE * first, "slope = count rate\n(DN/s)", va="bottom", fontsize=12)


def _groups_inset(axis: Axes, step: float) -> None:
    """Enlarge the first groups: here a group is a frame."""
    inset = axis.inset_axes((0.76, 0.07, 0.2, 0.22))
    time = step * np.arange(1, 5)
    inset.plot(time, RATE * time, "o-", ms=6, lw=1.2, color=style.COLOURS[0])
    inset.annotate("", (time[1], RATE * time[0]), (time[2], RATE * time[0]), arrowprops={"arrowstyle": "<->"})
    inset.text(time[1] + step / 2, RATE * time[0] * 0.85, "2.775 s", ha="center", va="top", fontsize=11)
    inset.set(xticks=[], yticks=[], xlim=(0, 4.6 * step), ylim=(0, RATE * 4.6 * step))
    inset.set_title("one dot = one group\n= one frame", fontsize=11)


def _hit_ramp(time: np.ndarray, hit: float) -> np.ndarray:
    return RATE * time + 900 * (time > hit)
