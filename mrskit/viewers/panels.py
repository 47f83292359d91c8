"""
The figures of the viewers: for each kind of product, one function draws the figure for given control positions.

Widgets, windows and static figures call the same functions, so that all three show the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backend_bases import MouseEvent
from matplotlib.figure import Figure, SubFigure

from mrskit.plotting import style
from mrskit.viewers.content import Content, image, limits_of

QUANTITY = {"DN": "Signal", "DN/s": "Count rate", "MJy/sr": "Surface brightness", "Jy": "Flux density"}
SIZE = (10.0, 4.6)  # inches
MARK = {"marker": "+", "ms": 14, "mew": 2, "color": style.RED, "ls": "none"}


@dataclass(frozen=True, slots=True)
class Control:
    """One slider of a viewer."""

    name: str  # keyword of `draw`
    label: str
    low: int
    high: int
    value: int  # initial value


def controls(content: Content) -> tuple[Control, ...]:
    """Return the sliders of a product: plane, integration, and the pixel whose ramp or spectrum is drawn."""
    if content.kind not in ("ramp", "cube"):
        return ()
    rows, columns = content.data.shape[-2:]
    row, column = _brightest(content)
    found = [Control("plane", content.axis_name, 0, len(content.axis) - 1, content.plane)]
    if content.kind == "ramp" and len(content.data) > 1:
        found.append(Control("integration", "integration", 0, len(content.data) - 1, 0))
    return (*found, Control("row", "row", 0, rows - 1, row), Control("column", "column", 0, columns - 1, column))


def first_view(content: Content) -> tuple[Figure, str]:
    """Return the first figure of a viewer and its alternative text."""
    first, figure = {control.name: control.value for control in controls(content)}, plt.figure(figsize=SIZE)
    draw(figure, content, **first)
    return figure, describe(content, first.get("row", 0), first.get("column", 0))


def draw(
    figure: Figure, content: Content, plane: int | None = None, row: int = 0, column: int = 0, integration: int = 0
) -> None:
    """Draw a product again into a figure: a plane, and next to it the ramp or spectrum of a pixel or spaxel."""
    figure.clear()
    if content.kind == "spectrum":
        axis = figure.subplots()
        axis.plot(content.axis, content.data, lw=1.2)
        axis.set(xlabel="Wavelength (µm)", ylabel=_label(content))
        style.title(axis, content.path.name, content.simulated)
        return
    plane = content.plane if plane is None else plane
    if content.kind == "image":
        axis = figure.subplots()
        _picture(axis, content, image(content))
        style.title(axis, content.path.name, content.simulated)
        return
    left, right = figure.subplots(1, 2, width_ratios=(1.25, 1))
    _picture(left, content, image(content, plane, integration), plane)
    left.set_title(_where(content, plane))
    left.plot(column, row, **MARK)
    _along(right, content, plane, row, column, integration)
    style.title(figure, content.path.name, content.simulated)


def draw_blink(
    figure: Figure, images: Mapping[str, np.ndarray], frame: int, window: tuple[int, int, int, int], label: str
) -> None:
    """
    Draw one of several images with the same scale and window, so that changing the image blinks them.

    ``images`` (nrows, ncols): title to image; ``frame``: number of the image to draw; ``window``: first row, last row +
    1, first column, last column + 1; ``label``: quantity and unit.
    """
    figure.clear()
    top, bottom, left, right = window
    parts = [picture[top:bottom, left:right] for picture in images.values()]
    low, high = np.nanpercentile(np.concatenate([part.ravel() for part in parts]), (1, 99.5))
    axis = figure.subplots()
    extent = (left - 0.5, right - 0.5, top - 0.5, bottom - 0.5)
    style.show_image(axis, parts[frame], label, limits=(low, high), stretch="asinh", extent=extent)
    axis.set_title(f"{frame + 1} of {len(parts)}: {list(images)[frame]}")


def clicked(event: MouseEvent, view: Figure | SubFigure) -> tuple[int, int] | None:
    """Return row and column of the pixel that was clicked in the first axes of a figure, or None."""
    if not view.axes or event.inaxes is not view.axes[0] or event.xdata is None or event.ydata is None:
        return None
    return round(event.ydata), round(event.xdata)


def describe(content: Content, row: int = 0, column: int = 0) -> str:
    """Return the alternative text of the static figure of a product."""
    unit = f"{_quantity(content).lower()} in {content.unit}"
    simulated = "Simulated data. " if content.simulated else ""
    if content.kind == "spectrum":
        return f"{simulated}Spectrum of {content.path.name}: {unit} against wavelength in µm."
    shape = " x ".join(str(n) for n in content.data.shape[-2:])
    if content.kind == "image":
        return f"{simulated}Image of {content.path.name}, {shape} pixels, {unit}."
    along = {"group": "ramp", "wavelength": "spectrum"}.get(content.axis_name, "values")
    return (f"{simulated}Left, {_where(content, content.plane)} of {content.path.name}, {shape} pixels, {unit}. "
            f"Right, the {along} of the marked pixel in row {row}, column {column}.")  # fmt: skip


def _picture(axis: Axes, content: Content, values: np.ndarray, plane: int = 0) -> None:
    stretch = "linear" if content.kind == "ramp" else "asinh"
    style.show_image(axis, values, _label(content), limits=limits_of(content, plane), stretch=stretch)
    if content.axis_name == "wavelength" and content.kind == "cube":
        axis.set(xlabel="Column (spaxel)", ylabel="Row (spaxel)", aspect="equal")


def _along(axis: Axes, content: Content, plane: int, row: int, column: int, integration: int) -> None:
    """Draw the ramp of a pixel or the spectrum of a spaxel, and mark the plane of the image."""
    data = content.data[integration] if content.kind == "ramp" else content.data
    wavelength = content.axis_name == "wavelength"
    axis.plot(content.axis, data[:, row, column], "-" if wavelength else "o-", lw=1.2)
    axis.axvline(content.axis[plane], color=style.RED, ls="--", lw=1.5)
    name = "Wavelength (µm)" if wavelength else f"{content.axis_name.capitalize()} (counted from 0)"
    axis.set(xlabel=name, ylabel=_label(content))
    axis.yaxis.tick_right()  # the label of the colour bar is between the panels
    axis.yaxis.set_label_position("right")
    axis.spines[["left", "right"]].set_visible([False, True])
    axis.set_title(f"{'Spaxel' if wavelength else 'Pixel'}: row {row}, column {column}")


def _where(content: Content, plane: int) -> str:
    value = content.axis[plane]
    return f"{value:.4f} µm" if content.axis_name == "wavelength" else f"{content.axis_name.capitalize()} {value}"


def _label(content: Content) -> str:
    return f"{_quantity(content)} ({content.unit})"


def _quantity(content: Content) -> str:
    """Return the quantity for a unit, including units from other programs."""
    other = "Surface brightness" if re.search("sr|arcsec", content.unit) else "Flux density"
    return QUANTITY.get(content.unit, other)


def _brightest(content: Content) -> tuple[int, int]:
    """Return the first pixel of a viewer: the brightest spaxel or, in a ramp, a pixel on the brightest trace."""
    if content.kind == "cube":
        values = np.where(np.isfinite(content.data[content.plane]), content.data[content.plane], -np.inf)
        row, column = np.unravel_index(np.argmax(values), values.shape)
        return int(row), int(column)
    gained = content.data[0, content.plane] - content.data[0, 0]
    middle = gained.shape[0] // 2
    light = np.median(gained[max(middle - 50, 0) : middle + 50], axis=0)  # a median avoids hot pixels and cosmic rays
    return middle, int(np.argmax(light))
