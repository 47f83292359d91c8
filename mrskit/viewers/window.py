"""Viewer in a matplotlib window for the command line, or a picture file if there is no display."""

from __future__ import annotations

from pathlib import Path

import matplotlib.pyplot as plt
from matplotlib.backend_bases import MouseEvent
from matplotlib.figure import Figure
from matplotlib.widgets import Slider

from mrskit.plotting import style
from mrskit.viewers import panels
from mrskit.viewers.content import Content, read

SIZE = (12.0, 6.5)  # inches


def use_browser(open_it: bool = True) -> None:
    """Show later windows as browser pages on this computer, served until Ctrl-C; open them, or print the address."""
    plt.switch_backend("webagg")
    plt.rcParams["webagg.open_in_browser"] = open_it


def has_window() -> bool:
    """Return whether matplotlib can open windows here, i.e. has a display and a graphical backend."""
    figure = plt.figure()
    found = figure.canvas.manager is not None and figure.canvas.required_interactive_framework is not None
    plt.close(figure)
    return found


def open_window(path: Path | str, block: bool = True) -> tuple[Figure, dict[str, Slider]]:
    """Show a product in a window with sliders; a click on the image selects the pixel or spaxel to plot."""
    content = read(path)
    style.apply()
    figure = plt.figure(figsize=SIZE, num=content.title, layout="constrained")
    heights = (8, 1 + len(panels.controls(content)))
    view, below = figure.subfigures(2, 1, squeeze=False, height_ratios=heights)[:, 0]
    sliders = _sliders(below, content)

    def redraw(_: object = None) -> None:
        panels.draw(view, content, **{name: int(slider.val) for name, slider in sliders.items()})
        figure.canvas.draw_idle()

    def click(event: MouseEvent) -> None:
        pixel = panels.clicked(event, view)
        if pixel and "row" in sliders:
            sliders["row"].set_val(pixel[0])
            sliders["column"].set_val(pixel[1])

    for slider in sliders.values():
        slider.on_changed(redraw)
    figure.canvas.mpl_connect("button_press_event", click)
    redraw()
    if block:
        plt.show()
    return figure, sliders


def save(path: Path | str, picture: Path) -> Path:
    """Write the first view of a product as a picture and return its path."""
    content = read(path)
    style.apply()
    figure, alt = panels.first_view(content)
    figure.savefig(picture, dpi=130, metadata={"Description": alt})
    plt.close(figure)
    return picture


def _sliders(below: Figure, content: Content) -> dict[str, Slider]:
    if not (wanted := panels.controls(content)):
        return {}
    axes = below.subplots(len(wanted), 1, squeeze=False)[:, 0]
    return {
        control.name: Slider(axis, control.label, control.low, control.high, valinit=control.value, valstep=1)
        for axis, control in zip(axes, wanted, strict=True)
    }
