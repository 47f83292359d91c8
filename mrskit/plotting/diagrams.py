"""Diagrams: the stages of the pipeline with their products, and the contents of a raw file."""

from __future__ import annotations

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch, Polygon, Rectangle

from mrskit.plotting import style

_SCIENCE = (
    ("uncal", "raw ramps, DN", "Source/uncal"),
    ("rate", "slopes, DN/s", "Source/stage1"),
    ("cal", "MJy/sr, with WCS", "Source/stage2"),
    ("s3d, x1d", "cubes, spectra", "Source/stage3"),
)
_BACKGROUND = (
    ("uncal", "raw ramps, DN", "Background/uncal"),
    ("rate", "slopes, DN/s", "Background/stage1"),
    ("cal, x1d", "and a spectrum", "Background/stage2"),
)
_ACTIONS = (
    ("stage 1", "Detector1", "lesson 03", style.BLUE),
    ("stage 2", "Spec2", "lesson 04", style.GREEN),
    ("stage 3", "Spec3", "lesson 05", style.RED),
)
_PITCH, _WIDTH, _HEIGHT = 3.5, 2.15, 1.15


def stages() -> None:
    """Draw the stages of the pipeline, their products and folders, for the science and the background exposures."""
    figure, axis = plt.subplots(figsize=(10, 4.6))
    for number, row in enumerate((_SCIENCE, _BACKGROUND)):
        bottom = 2.5 * (1 - number)
        axis.text(-0.1, bottom + _HEIGHT + 0.24, ("Science", "Background")[number], weight="bold", va="bottom")
        for index, words in enumerate(row):
            _product(axis, index * _PITCH, bottom, *words)
        for index, (stage, pipeline, lesson, colour) in enumerate(_ACTIONS[: len(row) - 1]):
            left = index * _PITCH + _WIDTH
            axis.annotate("", (left + 1.27, bottom + _HEIGHT / 2), (left + 0.08, bottom + _HEIGHT / 2),
                          arrowprops={"arrowstyle": "-|>", "color": colour, "lw": 2.5})  # fmt: skip
            axis.text(left + 0.67, bottom + 0.68, stage, ha="center", va="bottom", fontsize=11, color=colour)
            if number == 0:
                axis.text(left + 0.67, bottom + 0.48, f"{pipeline}\n{lesson}", ha="center", va="top", fontsize=10.5)
    bent = {"arrowstyle": "-|>", "color": style.PURPLE, "lw": 2.5, "connectionstyle": "angle,angleA=0,angleB=90"}
    axis.annotate("", (3 * _PITCH + _WIDTH / 2, 2.0), (2 * _PITCH + _WIDTH + 0.08, _HEIGHT / 2), arrowprops=bent)
    axis.text(2 * _PITCH + _WIDTH + 0.3, 0.42, "the background's spectrum\nis subtracted", fontsize=10.5, va="top")
    axis.text(0, -1.0, "Stages 1 and 2 use one exposure at a time; stage 3 combines all dithers. Folders are in grey.",
              fontsize=11)  # fmt: skip
    axis.set(xlim=(-0.2, 3 * _PITCH + _WIDTH + 0.2), ylim=(-1.2, 4.3))
    axis.axis("off")
    style.finish(figure, "01-stages", "Diagram in two rows. Science: uncal (raw ramps, DN) through stage 1, Detector1, "
                 "to rate (slopes, DN/s), through stage 2, Spec2, to cal (MJy/sr), through stage 3, Spec3, to s3d and "
                 "x1d (cubes and spectra). Background: uncal, rate, cal and x1d; its spectrum goes into stage 3 of the "
                 "science exposures. The folder is under each box.")  # fmt: skip


def raw_file(integrations: int, groups: int) -> None:
    """Draw the arrays of an uncal file: the ramp as a stack of frames, and the reference output next to it."""
    figure, axis = plt.subplots(figsize=(10, 4.4))
    _stack(axis, 0.6, 3.4, style.BLUE, 0.07)
    axis.text(2.3, 0.1, "1032 columns", ha="center", va="top")
    axis.text(0.4, 2.0, "1024 rows", ha="right", va="center", rotation=90)
    axis.annotate("", (4.85, 1.25), (4.1, 0.25), arrowprops={"arrowstyle": "-|>", "lw": 1.5})
    count = f"{integrations} integration{'s' * (integrations > 1)}"
    axis.text(4.75, 0.55, f"{groups} groups,\none after the other\n({count})", va="center")
    axis.text(2.3, 4.95, "SCI", ha="center", weight="bold", fontsize=15)
    axis.text(2.3, 1.75, "four outputs read\nthe columns in turn:\n1 2 3 4 1 2 3 4 ...", ha="center", va="center")
    for left in (0.6, 3.93):
        axis.add_patch(Rectangle((left, 0.25), 0.07, 3.3, fc=style.RED, lw=0))
    axis.annotate("4 + 4 columns of\nreference pixels", (3.97, 3.2), (4.75, 3.6), color=style.RED, va="center",
                  arrowprops={"arrowstyle": "->", "color": style.RED})  # fmt: skip
    _stack(axis, 7.4, 0.85, style.GREEN, 0.07)
    axis.text(7.95, 4.95, "REFOUT", ha="center", weight="bold", fontsize=15)
    axis.text(7.83, 0.1, "258 columns", ha="center", va="top")
    axis.text(9.0, 2.0, "the fifth output:\nno pixels of the sky", va="center")
    axis.set(xlim=(-0.2, 11.2), ylim=(-0.45, 5.5))
    axis.axis("off")
    style.finish(figure, "02-raw-file", f"Drawing of the two arrays of a raw file. SCI: a stack of {groups} frames of "
                 "1024 rows and 1032 columns, with four columns of reference pixels at the left and four at the right; "
                 "four outputs read the columns in turn. REFOUT: a stack of as many frames with 258 columns, read by "
                 "the fifth output.")  # fmt: skip


def _product(axis: Axes, left: float, bottom: float, suffix: str, content: str, folder: str) -> None:
    box = FancyBboxPatch((left, bottom), _WIDTH, _HEIGHT, boxstyle="round,pad=0.06", fc="white", ec=style.BLACK, lw=1.5)
    axis.add_patch(box)
    middle = left + _WIDTH / 2
    axis.text(middle, bottom + 0.8, suffix, ha="center", va="center", weight="bold", fontsize=14)
    axis.text(middle, bottom + 0.32, content, ha="center", va="center", fontsize=11)
    axis.text(middle, bottom - 0.16, folder, ha="center", va="top", fontsize=10.5, color=style.GREY)


def _stack(axis: Axes, left: float, width: float, colour: str, shift: float) -> None:
    """Draw a stack of ten frames."""
    for index in reversed(range(10)):
        x, y = left + index * shift, 0.25 + index * shift * 1.6
        corners = [(x, y), (x + width, y), (x + width, y + 3.3), (x, y + 3.3)]
        axis.add_patch(Polygon(corners, fc="white", ec=colour, lw=1.3))
