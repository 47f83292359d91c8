"""Positions of a star in the MRS fields for the dither patterns in APT."""

from __future__ import annotations

import matplotlib.pyplot as plt
from matplotlib.colors import to_rgb
from matplotlib.patches import Circle, Rectangle

from mrskit.course.shown.lesson01_figures import FIELDS
from mrskit.plotting import style

# Where a source falls in the field of a channel, along and across the slices, arcsec, at four dithers: point-source
# pattern of that channel (positions 1-4, 9-12, 17-20, 25-28), and pattern ALL-EXTENDED (33-36) in channel 1's axes.
# Flight dither table mrsdither-PRDOPSSOC-055 (STScI-MIRI/miricoord).
POINT = {
    1: ((-1.112, 0.599), (0.915, -0.379), (-0.821, 0.332), (1.207, -0.646)),
    2: ((-1.162, 1.544), (0.923, -0.808), (-0.863, 1.128), (1.222, -1.224)),
    3: ((-1.520, 1.879), (1.143, -1.065), (-1.139, 1.291), (1.525, -1.653)),
    4: ((-2.039, 2.244), (1.465, -1.335), (-1.606, 1.266), (1.891, -2.315)),
}
EXTENDED = ((-0.097, 0.464), (0.188, -0.511), (0.188, 0.464), (-0.098, -0.511))
_MIDDLE = {1: 5.3, 2: 8.2, 3: 12.5, 4: 19.3}  # um, of the SHORT bands


def draw() -> None:
    """Draw the positions of a star in each channel's field, for the point-source and the extended-source pattern."""
    figure, axes = plt.subplots(1, 4, figsize=(10, 3.4), layout="constrained")
    for axis, channel in zip(axes, FIELDS, strict=True):
        length, height = FIELDS[channel]
        corner = (-length / 2, -height / 2)
        axis.add_patch(Rectangle(corner, length, height, fill=False, ec=style.BLACK, lw=1.5))
        radius = (0.033 * _MIDDLE[channel] + 0.106) / 2  # of the image of a star: Law et al. 2023, AJ 166, 45
        for places, colour, filled in ((EXTENDED, style.BLUE, 0.0), (POINT[channel], style.RED, 0.35)):
            for place in places:
                axis.add_patch(Circle(place, radius, fc=(*to_rgb(colour), filled), ec=colour, lw=1.8))
        axis.set(
            xlim=(-4.1, 4.1), ylim=(-4.2, 4.2), aspect="equal", xlabel="Along slices (arcsec)", xticks=(-4, -2, 0, 2, 4)
        )
        axis.set_title(f"Channel {channel}")
    axes[0].set_ylabel("Across slices (arcsec)")
    handles = [Circle((0, 0), 1, fc=(*to_rgb(style.RED), 0.35), ec=style.RED),
               Circle((0, 0), 1, fill=False, ec=style.BLUE)]  # fmt: skip
    figure.legend(handles, ["4-point POINT SOURCE, of this channel", "4-point EXTENDED SOURCE, of all channels"],
                  loc="outside lower center", ncols=2)  # fmt: skip
    style.finish(figure, "01-patterns", "One panel a channel: the field as a rectangle, and circles as wide as the "
                 "image of a star at the four dithers of two patterns.")  # fmt: skip
