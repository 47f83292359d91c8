"""A picker: a detector image in which one pixel is chosen, and what that pixel sees of sky and spectrum."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from mrskit.pipeline.steps.wcs import DetectorCoordinates
from mrskit.plotting import style
from mrskit.viewers import notebook, panels
from mrskit.viewers.panels import MARK, Control

NEAR = 30  # rows and columns on either side that the close-up shows


def places(
    image: np.ndarray, coordinates: DetectorCoordinates, pixel: tuple[int, int], label: str, name: str, simulated: bool
) -> None:
    """
    Show which wavelength and which place on the sky a pixel (row, column) of a detector image sees.

    The first pixel is shown as a static figure. In a live notebook a figure with sliders follows, in which a click into
    the image chooses another pixel.
    """
    row, column = (int(number) for number in pixel)

    def show(figure: Figure, row: int, column: int) -> None:
        _draw(figure, image, describe(coordinates, row, column), label, row, column, simulated)

    figure = plt.figure(figsize=panels.SIZE)
    show(figure, row, column)
    kind = "simulated " if simulated else ""
    style.finish(figure, name, f"A {kind}detector image with one pixel marked, and a close-up of it. "
                 f"{'; '.join(describe(coordinates, row, column))}.")  # fmt: skip
    rows, columns = image.shape
    notebook.offer(show, (Control("row", "row", 0, rows - 1, row), Control("column", "column", 0, columns - 1, column)))


def describe(coordinates: DetectorCoordinates, row: int, column: int) -> tuple[str, ...]:
    """Return what a pixel sees, in lines: its place on the detector, slice, wavelength, and place on the sky."""
    number = int(coordinates.slice[row, column])
    start = f"row {row}, column {column}"
    if number == 0:
        return start, "between the slices: no wavelength, no place"
    wavelength, alpha, beta, ra, dec = (float(getattr(coordinates, name)[row, column])
                                        for name in ("wavelength", "alpha", "beta", "ra", "dec"))  # fmt: skip
    return (f"{start}: channel {number // 100}, slice {number % 100}", f"wavelength {wavelength:.4f} µm",
            f"alpha {alpha:+.2f} arcsec, beta {beta:+.2f} arcsec",
            f"RA {ra:.6f}°, Dec {dec:.6f}°")  # fmt: skip


def _draw(
    figure: Figure, image: np.ndarray, words: tuple[str, ...], label: str, row: int, column: int, simulated: bool
) -> None:
    figure.clear()
    left, right = figure.subplots(1, 2, width_ratios=(1.25, 1))
    low, high = np.nanpercentile(image, (1, 99))
    style.show_image(left, image, label, limits=(low, high), stretch="asinh")
    left.plot(column, row, **MARK)
    style.title(left, "Pick a pixel", simulated)
    top, first = (max(place - NEAR, 0) for place in (row, column))
    part = image[top : row + NEAR + 1, first : column + NEAR + 1]
    edges = first - 0.5, first + part.shape[1] - 0.5, top - 0.5, top + part.shape[0] - 0.5
    style.show_image(right, part, label, limits=(low, high), stretch="asinh", extent=edges)
    right.plot(column, row, **MARK)
    right.set_title("\n".join(words), fontsize=11)
