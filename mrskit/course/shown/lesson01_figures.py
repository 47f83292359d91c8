"""Figures of lesson 01: readout of the detector, field of the target, dithers and their sampling."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from astropy.io import fits
from matplotlib.axes import Axes
from matplotlib.patches import Ellipse, Polygon

from mrskit.course.shown.quintet import GALAXIES
from mrskit.plan import FRAME_TIME, Program
from mrskit.plotting import style

# Adopted size of each channel's field in the SHORT setting, arcsec, along and across the slices: median slice length,
# and number of slices times their width, from the public distortion models of the MRS (miricoord flt9).
FIELDS = {1: (3.32, 3.72), 2: (4.12, 4.76), 3: (5.76, 6.24), 4: (7.11, 7.87)}
SLICE_WIDTH = {1: 0.17721, 2: 0.27972, 3: 0.38981, 4: 0.65604}  # arcsec, from the same models
TILT = 7.0  # deg between V3 and the normal of the slices, adopted from the same models; it differs a little by channel

RATE = 40.0  # DN/s, of the drawn pixel: an example
_GROUP = 300.0  # arcsec from NGC 7319: what is farther away is not on the chart
_FOREGROUND = 1000.0  # km/s: what is slower does not belong to the group
_LINES = ("-", "--", "-.", ":")


def field(roll: float, simulated: bool, program: Program) -> None:
    """Draw a finder chart of the course's group, and the fields of the MRS on a target; roll: ROLL_REF, degrees."""
    target = GALAXIES["NGC 7319"][:2]
    here = np.hypot(*_offset((program.target_ra, program.target_dec), target)) < _GROUP
    figure, (wide, near) = plt.subplots(1, 2, figsize=(10, 5.3), width_ratios=(1.3, 1))
    for name, (ra, dec, major, minor, angle, velocity) in GALAXIES.items():
        east, north = _offset((ra, dec), target)
        colour = style.ORANGE if velocity < _FOREGROUND else style.SKY
        wide.add_patch(Ellipse((east, north), 60 * minor, 60 * major, angle=angle, fc=colour, alpha=0.35, lw=0))
        wide.plot(east, north, "+", color=style.BLACK, ms=9)
        shift = {"NGC 7318A": (36, 30), "NGC 7318B": (8, -62), "NGC 7319": (-4, -44), "NGC 7320": (0, -40)}.get(
            name, (0, 10)
        )
        wide.annotate(f"{name}\n{velocity} km/s", (east, north), shift, textcoords="offset points", fontsize=11,
                      ha="center")  # fmt: skip
    if here:
        _field(wide, _offset(target, target), roll, FIELDS[4], style.RED)
        wide.annotate("field of the MRS", (0, 0), (-12, 52), textcoords="offset points", color=style.RED,
                      weight="bold", arrowprops={"arrowstyle": "-", "color": style.RED})  # fmt: skip
    wide.plot((90, 30), (-165, -165), color=style.BLACK, lw=2)
    wide.text(60, -160, "1 arcmin", ha="center", va="bottom", fontsize=11)
    wide.set(xlim=(110, -210), ylim=(-180, 90), aspect="equal")
    for channel, colour in zip(FIELDS, style.COLOURS, strict=False):
        _field(near, (0, 0), roll, FIELDS[channel], colour, f"channel {channel}")
    near.plot(0, 0, "*", ms=14, color=style.BLACK, ls="none", label="nucleus" if here else program.target or "target")
    near.set(xlim=(7.2, -7.2), ylim=(-7.2, 9.6), aspect="equal", xticks=(-6, -4, -2, 0, 2, 4, 6))
    near.legend(loc="upper left", fontsize=11, ncols=2)
    style.title(near, "The four fields", simulated)
    for axis in (wide, near):
        axis.set(xlabel="East (arcsec)", ylabel="North (arcsec)")
    wide.set_title("Finder chart, from catalogue positions" if here else "The course's group (not your target)")
    square = "A tiny square, the field of the MRS, lies on NGC 7319 in the north-east. " if here else ""
    style.finish(figure, "01-field", "Left: finder chart of Stephan's Quintet, north up and east left, the galaxies as "
                 f"ellipses with names and velocities. {square}The foreground galaxy NGC 7320 in the south has another "
                 "colour. Right: the fields of channels 1 to 4 on the target, nested squares of 3 to 8 arcsec, "
                 "turned.")  # fmt: skip


def dithers(
    east: Sequence[float], north: Sequence[float], roll: float, channels: Sequence[int], simulated: bool
) -> None:
    """
    Draw the field of each channel at every dither; offsets east and north in arcsec, one value per dither.

    ``roll`` is the position angle of the telescope's V3 axis (keyword ROLL_REF), degrees east of north.
    """
    columns = min(len(channels), 2)
    rows = -(-len(channels) // columns)
    figure, axes = plt.subplots(rows, columns, figsize=(10, 5.0 * rows), squeeze=False, sharex=True, sharey=True)
    limit = max(max(FIELDS[channel]) for channel in channels) * 0.66 + 0.6
    for axis, channel in zip(axes.flat, channels, strict=False):
        _slices(axis, (east[0], north[0]), roll, channel)
        for index, place in enumerate(zip(east, north, strict=True)):
            colour = style.COLOURS[index]
            _field(axis, place, roll, FIELDS[channel], colour, ls=_LINES[index % 4])
            axis.plot(*place, marker="osD^"[index % 4], color=colour, ls="none", label=f"dither {index + 1}")
        axis.plot(0, 0, marker="*", color=style.BLACK, markersize=14, ls="none", label="target")
        axis.set(xlim=(limit, -limit), ylim=(-limit, limit), aspect="equal")
        style.title(axis, f"Channel {channel}", simulated)
    for axis in axes[-1]:
        axis.set_xlabel("East of the target (arcsec)")
    for axis in axes[:, 0]:
        axis.set_ylabel("North of the target (arcsec)")
    axes[0, 0].legend(loc="lower left", fontsize=11, ncols=2)
    style.finish(figure, "01-dithers", f"The field of view of channels {', '.join(map(str, channels))}, one panel "
                 f"each, drawn as a tilted rectangle at each of the {len(east)} dither positions about the target, "
                 "with the slices of the first position as thin lines. The rectangles overlap except at their rims, "
                 "and no two centres coincide. The fields grow from channel 1 to 4.")  # fmt: skip


def pointings(files: Sequence[Path]) -> tuple[Sequence[float], Sequence[float], float]:
    """Return the pointings of exposures, arcsec east and north of the target, and the roll of the first, degrees."""
    primary, headers = fits.getheader(files[0]), [fits.getheader(path, "SCI") for path in files]
    target = primary["TARG_RA"], primary["TARG_DEC"]
    east, north = zip(*(_offset((item["RA_REF"], item["DEC_REF"]), target) for item in headers), strict=True)
    return east, north, headers[0]["ROLL_REF"]


def half_slices(step: float) -> None:
    """
    Draw, for each channel, the slices of two dithers that are ``step`` arcsec apart across the slices.

    The slices of the second dither end in the middle of the first dither's slices.
    """
    figure, axis = plt.subplots(figsize=(10, 4.2))
    for channel, width in SLICE_WIDTH.items():
        for number, (shift, colour) in enumerate(((0.0, style.BLUE), (step, style.RED))):
            bottom = -channel + 0.34 * number
            edges = shift + width * (np.arange(-40, 40) + 0.5)
            edges = edges[np.abs(edges) < 1.45]
            axis.hlines([bottom, bottom + 0.3], -1.5, 1.5, color=colour, lw=1)
            axis.vlines(edges, bottom, bottom + 0.3, color=colour, lw=2 if number else 1.4)
        axis.text(1.55, 0.32 - channel, f"{step / width:.2f} slices", va="center")
    axis.set(xlabel="Across the slices (arcsec)", xlim=(-1.5, 2.05), ylim=(-4.2, -0.1), xticks=(-1, 0, 1),
             yticks=[0.32 - channel for channel in SLICE_WIDTH],
             yticklabels=[f"channel {channel}" for channel in SLICE_WIDTH])  # fmt: skip
    axis.set_title(f"Slices of dither 1 (blue, below) and dither 2 (orange, above): {step:.3f} arcsec apart")
    style.finish(figure, "01-half-slices", "For each channel two rows of slice edges, those of dithers 1 and 2. In all "
                 "four channels the edges of one row lie in the middle of the other's slices: the step is a whole "
                 "number of slices and a half.")  # fmt: skip


def _offset(place: tuple[float, float], target: tuple[float, float]) -> tuple[float, float]:
    """Return east and north of the target, arcsec."""
    east = 3600 * (place[0] - target[0]) * np.cos(np.deg2rad(target[1]))
    return float(east), float(3600 * (place[1] - target[1]))


def _axes_of(roll: float) -> tuple[np.ndarray, np.ndarray]:
    """Return unit vectors (east, north) along and across the slices."""
    angle = np.deg2rad(roll + TILT)
    return np.array([np.cos(angle), -np.sin(angle)]), np.array([np.sin(angle), np.cos(angle)])


def _field(
    axis: Axes, centre: Sequence[float], roll: float, size: tuple[float, float], colour: str, label: str = "",
    ls: str = "-",
) -> None:  # fmt: skip
    along, across = _axes_of(roll)
    signs = ((1, 1), (1, -1), (-1, -1), (-1, 1))
    corners = [np.array(centre) + i * along * size[0] / 2 + j * across * size[1] / 2 for i, j in signs]
    axis.add_patch(Polygon(corners, fill=False, ec=colour, lw=2, ls=ls, label=label))


def _slices(axis: Axes, centre: Sequence[float], roll: float, channel: int) -> None:
    """Draw the slice edges of one pointing as thin lines."""
    along, across = _axes_of(roll)
    length, height = FIELDS[channel]
    for edge in np.arange(-height / 2, height / 2 + 1e-6, SLICE_WIDTH[channel]):
        ends = np.array([np.array(centre) + edge * across + side * along * length / 2 for side in (-1, 1)])
        axis.plot(*ends.T, color=style.GREY, lw=0.5, alpha=0.7)


def exposure(groups: int, integrations: int) -> None:
    """Draw one FASTR1 exposure of a pixel under constant light, with labels for all terms of the readout."""
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
    """Draw the same ramp of ``duration`` s in FASTR1 and SLOWR1, with a cosmic ray at ``hit`` s."""
    figure, axes = plt.subplots(2, 1, figsize=(10, 6.2), sharex=True, sharey=True)
    fine = np.linspace(0, duration, 2000)
    for axis, name, marker, colour in zip(axes, FRAME_TIME, "os", (style.BLUE, style.RED), strict=True):
        step = FRAME_TIME[name]
        time = np.arange(1, int(duration / step) + 1) * step
        axis.plot(fine, _hit_ramp(fine, hit), color=style.GREY, lw=1)
        axis.plot(time, _hit_ramp(time, hit), marker, ms=7, color=colour)
        before = step * np.floor(hit / step)
        axis.axvspan(before, before + step, color=colour, alpha=0.18, lw=0)
        axis.text(before + step + 1, 350, "hit between these two groups", va="center")
        axis.set_ylabel("Signal (DN)")
        axis.set_title(f"{name}: {len(time)} groups in {duration:.0f} s, one every {step:.3f} s")
    axes[1].set_xlabel("Time since the reset (s)")
    style.finish(figure, "01-readouts", f"Drawing of the same ramp with a cosmic ray at {hit:.0f} s in two panels. "
                 "FASTR1 has many dots and a narrow shaded interval about the hit; SLOWR1 has few dots and a wide "
                 "one.")  # fmt: skip


def samples(time: np.ndarray, signal: np.ndarray) -> None:
    """Draw the groups of one pixel's exposure: signal (DN) against time (s), both of shape (n,)."""
    figure, axis = plt.subplots(figsize=(10, 3.8))
    axis.plot(time, signal, "o", ms=5, color=style.BLUE)
    axis.set(xlabel="Time since the start of the exposure (s)", ylabel="Signal (DN)")
    axis.set_title("An exposure of one pixel (invented numbers)")
    style.finish(figure, "01-unknown-exposure", "Signal of one pixel, a dot for each group, against time: straight "
                 "rises with sudden drops between, and one step upwards.")  # fmt: skip


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
    """Draw an enlarged view of the first groups; here a group is a frame."""
    inset = axis.inset_axes((0.8, 0.03, 0.18, 0.17))
    time = step * np.arange(1, 5)
    inset.plot(time, RATE * time, "o-", ms=6, lw=1.2, color=style.COLOURS[0])
    inset.annotate("", (time[1], RATE * time[0]), (time[2], RATE * time[0]), arrowprops={"arrowstyle": "<->"})
    inset.text(time[2] + 0.1 * step, RATE * time[0], "2.775 s", va="center", fontsize=11)
    inset.set(xticks=[], yticks=[], xlim=(0, 4.6 * step), ylim=(0, RATE * 4.6 * step))
    inset.set_title("one dot = one group\n= one frame", fontsize=11, loc="right")


def _hit_ramp(time: np.ndarray, hit: float) -> np.ndarray:
    return RATE * time + 900 * (time > hit)
