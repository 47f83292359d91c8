"""Figures of the observation: stages of the pipeline, dithers on the sky."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch, Polygon

from mrskit.plotting import style

# Adopted size of each channel's field in the SHORT setting, arcsec, along and across the slices: median slice length,
# and number of slices times their width, from the public distortion models of the MRS (miricoord flt9).
FIELDS = {1: (3.32, 3.72), 2: (4.12, 4.76), 3: (5.76, 6.24), 4: (7.11, 7.87)}
TILT = 7.0  # deg between V3 and the normal of the slices, adopted from the same models; it differs a little by channel

_STAGES = (
    ("uncal", "raw ramps\nDN", "Stage 1\nDetector1", style.BLUE),
    ("rate", "count rates\nDN/s", "Stage 2\nSpec2", style.GREEN),
    ("cal", "detector images\nMJy/sr", "Stage 3\nSpec3", style.RED),
    ("s3d, x1d", "cubes MJy/sr\nspectra Jy", "analysis\nlesson 06", style.PURPLE),
)


def stages() -> None:
    """Draw the stages of the pipeline and the product between each two."""
    figure, axis = plt.subplots(figsize=(12, 3))
    for index, (suffix, content, action, colour) in enumerate(_STAGES):
        left = 3.4 * index
        box = FancyBboxPatch((left, 0), 1.7, 1.5, boxstyle="round,pad=0.08", fc="white", ec=style.BLACK, lw=1.6)
        axis.add_patch(box)
        axis.text(left + 0.85, 1.18, suffix, ha="center", va="center", weight="bold")
        axis.text(left + 0.85, 0.5, content, ha="center", va="center", fontsize=12)
        arrow = {"arrowstyle": "-|>", "color": colour, "lw": 2.5}
        axis.annotate("", (left + 3.25, 0.75), (left + 1.85, 0.75), arrowprops=arrow)
        axis.text(left + 2.52, 1.3, action, ha="center", va="center", fontsize=12, color=colour)
        axis.text(left + 2.52, 0.42, f"lesson 0{index + 3}" if index < 3 else "", ha="center", fontsize=11)
    axis.text(3.4, -0.45, "one exposure at a time", fontsize=12, color=style.GREY)
    axis.text(8.3, -0.45, "all dithers and the background together", fontsize=12, color=style.GREY)
    axis.set(xlim=(-0.2, 13.6), ylim=(-0.65, 1.75))
    axis.axis("off")
    style.finish(figure, "01-stages", "Diagram: uncal files (raw ramps, DN) go through stage 1 to rate files (DN/s), "
                                      "through "
                 "stage 2 to cal files (MJy/sr), through stage 3 to cubes s3d and spectra x1d, and on to the analysis. "
                 "Stages 1 and 2 treat one exposure at a time, stage 3 all dithers together.")  # fmt: skip


def dithers(
    east: Sequence[float], north: Sequence[float], roll: float, channels: Sequence[int], simulated: bool
) -> None:
    """
    Draw the field of each channel at every dither, about the target.

    Parameters
    ----------
    east, north : sequence of float, shape (ndithers,)
        Centre of the field minus target, arcsec.
    roll : float
        Position angle of the telescope's V3 axis (keyword ROLL_REF), degrees east of north.
    channels : sequence of int
        1 to 4: one panel each.
    simulated : bool
        Whether the pointings come from simulated exposures.
    """
    figure, axes = plt.subplots(1, len(channels), figsize=(5.4 * len(channels), 5), squeeze=False)
    limit = max(max(FIELDS[channel]) for channel in channels) * 0.75 + 0.6
    for axis, channel in zip(axes[0], channels, strict=True):
        _fields(axis, east, north, roll, FIELDS[channel])
        axis.set(xlim=(limit, -limit), ylim=(-limit, limit), aspect="equal")
        axis.set(xlabel="East of the target (arcsec)", ylabel="North of the target (arcsec)")
        style.title(axis, f"Channel {channel}", simulated)
    axes[0, 0].legend(loc="lower left", fontsize=11, ncols=2)
    style.finish(figure, "01-dithers", f"The field of view of channel {' and '.join(map(str, channels))} drawn as a "
                                       f"tilted "
                 f"rectangle at each of the {len(east)} dither positions about the target. The rectangles overlap "
                 f"except at "
                 "their rims, and no two centres coincide.")  # fmt: skip


def _fields(axis: Axes, east: Sequence[float], north: Sequence[float], roll: float, size: tuple[float, float]) -> None:
    angle = np.deg2rad(roll + TILT)
    along = np.array([np.cos(angle), -np.sin(angle)]) * size[0] / 2
    across = np.array([np.sin(angle), np.cos(angle)]) * size[1] / 2
    for index, (x, y) in enumerate(zip(east, north, strict=True)):
        colour = style.COLOURS[index % len(style.COLOURS)]
        corners = [(x, y) + i * along + j * across for i, j in ((1, 1), (1, -1), (-1, -1), (-1, 1))]
        axis.add_patch(Polygon(corners, fill=False, ec=colour, lw=2, ls=("-", "--", "-.", ":")[index % 4]))
        axis.plot(x, y, marker="osD^"[index % 4], color=colour, ls="none", label=f"dither {index + 1}")
    axis.plot(0, 0, marker="*", color=style.BLACK, markersize=15, ls="none", label="target")
