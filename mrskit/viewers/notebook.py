"""Viewers for notebooks: widgets in a live notebook, and the same view as a static figure elsewhere."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.backend_bases import MouseEvent
from matplotlib.figure import Figure

from mrskit.errors import ViewerError
from mrskit.pipeline.steps.wcs import DetectorCoordinates
from mrskit.plotting import detector, style
from mrskit.viewers import panels
from mrskit.viewers.content import read
from mrskit.viewers.panels import Control

if TYPE_CHECKING:
    from ipywidgets import IntSlider

SWITCH = "MRSKIT_VIEWER"  # environment variable that overrides is_live and is_clickable
CHOICES = ("live", "sliders", "static")  # clickable figures, only sliders, no widgets
NEAR = 30  # rows and columns on either side in the close-up
LIVE_SIZE = (8.4, 4.2)  # inches, the width of a JupyterLab cell next to the file browser

Draw = Callable[..., None]


def is_live() -> bool:
    """
    Return whether a user can move widgets, i.e. the notebook's front end can answer requests for input.

    JupyterLab and similar front ends state this with every cell. papermill and nbconvert, which run notebooks without
    a user, state the contrary. The environment variable ``MRSKIT_VIEWER`` overrides both.

    ViewerError if ``MRSKIT_VIEWER`` is not ``live``, ``sliders`` or ``static``.
    """
    wish = _wish()
    if wish:
        return wish != "static"
    from IPython import get_ipython

    kernel = getattr(get_ipython(), "kernel", None)
    return bool(getattr(kernel, "_allow_stdin", False))


def is_clickable() -> bool:
    """
    Return whether figures can be clickable widgets, which needs the JavaScript of ipympl in the front end.

    JupyterLab and Notebook 7 have it in the kit's environment. VS Code would fetch it from the network, so it has
    only sliders. ``MRSKIT_VIEWER`` (``live`` or ``sliders``) overrides this choice.
    """
    return _wish() == "live" or (_wish() == "" and "VSCODE_PID" not in os.environ)


def slices(path: Path | str, name: str | None = None) -> None:
    """
    Show a product: a slider for groups or wavelengths, an image, and the ramp or spectrum of one pixel.

    The first view is a static figure. In a live notebook a figure with sliders follows, where a click on the image
    selects the pixel.

    ``path``: uncal, rate, cal, s3d or x1d file; ``name``: file name of the static figure in ``Plots/``, by default from
    the name of the product.
    ProductError if the file is missing or not a product.
    """
    content = read(path)
    sliders = panels.controls(content)
    figure, alt = panels.first_view(content)
    style.finish(figure, name or f"view-{content.path.stem}", alt)
    offer(lambda figure, **values: panels.draw(figure, content, **values), sliders)


def offer(draw: Draw, sliders: Sequence[Control]) -> None:
    """Show sliders under a figure in a live notebook; ``draw`` gets the figure and the slider values by name."""
    if sliders and is_live():
        _widgets(draw, sliders)


def blink(
    images: Mapping[str, np.ndarray], window: Sequence[int], label: str, name: str, alt: str, simulated: bool
) -> None:
    """Show linked images of the same window (rows, columns) side by side and, in a live notebook, blinking."""
    top, bottom, left, right = (int(number) for number in window)
    detector.zooms(dict(images), (top, bottom, left, right), label, name, alt, simulated)
    if not is_live():
        return
    rows, columns = next(iter(images.values())).shape
    height, width = bottom - top, right - left
    titled = {f"{title} (SIMULATED)" if simulated else title: image for title, image in images.items()}

    def show(figure: Figure, frame: int, row: int, column: int) -> None:
        panels.draw_blink(figure, titled, frame, (row, row + height, column, column + width), label)

    sliders = (
        Control("frame", "blink", 0, len(images) - 1, 0),
        Control("row", "first row", 0, max(rows - height, 0), top),
        Control("column", "first column", 0, max(columns - width, 0), left),
    )
    _widgets(show, sliders, play="frame")


def places(
    image: np.ndarray, coordinates: DetectorCoordinates, pixel: tuple[int, int], label: str, name: str, simulated: bool
) -> None:
    """
    Show the wavelength and sky position of a pixel (row, column) in a detector image.

    The first pixel is shown in a static figure. In a live notebook a figure with sliders follows, where a click on
    the image selects a different pixel.
    """
    row, column = (int(number) for number in pixel)

    def show(figure: Figure, row: int, column: int) -> None:
        _draw_pixel(figure, image, describe(coordinates, row, column), label, row, column, simulated)

    figure = plt.figure(figsize=panels.SIZE)
    show(figure, row, column)
    kind = "simulated " if simulated else ""
    style.finish(figure, name, f"A {kind}detector image with one pixel marked, and a close-up of it. "
                 f"{'; '.join(describe(coordinates, row, column))}.")  # fmt: skip
    rows, columns = image.shape
    offer(show, (Control("row", "row", 0, rows - 1, row), Control("column", "column", 0, columns - 1, column)))


def describe(coordinates: DetectorCoordinates, row: int, column: int) -> tuple[str, ...]:
    """Return lines that describe a pixel: detector position, slice, wavelength, and sky position."""
    number = int(coordinates.slice[row, column])
    start = f"row {row}, column {column}"
    if number == 0:
        return start, "between the slices: no wavelength, no sky position"
    wavelength, alpha, beta, ra, dec = (float(getattr(coordinates, name)[row, column])
                                        for name in ("wavelength", "alpha", "beta", "ra", "dec"))  # fmt: skip
    return (f"{start}: channel {number // 100}, slice {number % 100}", f"wavelength {wavelength:.4f} µm",
            f"alpha {alpha:+.2f} arcsec, beta {beta:+.2f} arcsec",
            f"RA {ra:.6f}°, Dec {dec:.6f}°")  # fmt: skip


def _draw_pixel(
    figure: Figure, image: np.ndarray, words: tuple[str, ...], label: str, row: int, column: int, simulated: bool
) -> None:
    figure.clear()
    left, right = figure.subplots(1, 2, width_ratios=(1.25, 1))
    low, high = np.nanpercentile(image, (1, 99))
    style.show_image(left, image, label, limits=(low, high), stretch="asinh")
    left.plot(column, row, **panels.MARK)
    style.title(left, "Pick a pixel", simulated)
    top, first = (max(place - NEAR, 0) for place in (row, column))
    part = image[top : row + NEAR + 1, first : column + NEAR + 1]
    edges = first - 0.5, first + part.shape[1] - 0.5, top - 0.5, top + part.shape[0] - 0.5
    style.show_image(right, part, label, limits=(low, high), stretch="asinh", extent=edges)
    right.plot(column, row, **panels.MARK)
    right.set_title("\n".join(words), fontsize=11)


def _widgets(draw: Draw, sliders: Sequence[Control], play: str = "") -> None:
    """Show sliders under a figure and redraw it when one moves; ``play`` names a slider that runs by itself."""
    import ipywidgets
    from IPython.display import display

    boxes = {
        control.name: ipywidgets.IntSlider(
            value=control.value, min=control.low, max=control.high, description=control.label,
            continuous_update=False,
        )
        for control in sliders
    }  # fmt: skip
    extra = []
    if play:
        box = boxes[play]
        extra = [ipywidgets.Play(min=box.min, max=box.max, interval=700, repeat=True)]
        ipywidgets.jslink((extra[0], "value"), (box, "value"))
    lock = threading.RLock()  # a kernel may handle widget messages in a separate thread
    figure = _clickable(lock) if is_clickable() else Figure(figsize=LIVE_SIZE)
    output, clickable = ipywidgets.Output(), is_clickable()

    def redraw(_: object = None) -> None:
        with lock:
            draw(figure, **{name: box.value for name, box in boxes.items()})
        if clickable:
            figure.canvas.draw_idle()
            return
        with output:
            output.clear_output(wait=True)
            display(figure)

    for box in boxes.values():
        box.observe(redraw, "value")
    figure.canvas.mpl_connect("button_press_event", lambda event: choose_pixel(event, boxes))
    redraw()
    display(ipywidgets.VBox([*extra, *boxes.values(), figure.canvas if clickable else output]))


def _clickable(lock: threading.RLock) -> Figure:
    """Return a figure with a widget as its canvas, for any backend; the lock is held while it is rendered."""
    from ipympl.backend_nbagg import Canvas, FigureManager

    figure = Figure(figsize=LIVE_SIZE)
    canvas = Canvas(figure)
    FigureManager(canvas, 0)
    canvas.header_visible, canvas.footer_visible, canvas.resizable = False, False, False
    canvas.toolbar_position = "bottom"
    render = canvas.draw

    def draw() -> None:
        with lock:
            render()

    canvas.draw = draw
    return figure


def _wish() -> str:
    wish = os.environ.get(SWITCH, "")
    if wish and wish not in CHOICES:
        raise ViewerError(f"{SWITCH} is {wish!r}; expected one of {', '.join(CHOICES)}", found=wish)
    return wish


def choose_pixel(event: MouseEvent, boxes: Mapping[str, IntSlider]) -> None:
    """Set the row and column sliders to the pixel of a click in the first axes of a viewer."""
    pixel = panels.clicked(event, event.canvas.figure)
    if pixel and "row" in boxes:
        boxes["column"].value, boxes["row"].value = pixel[1], pixel[0]
