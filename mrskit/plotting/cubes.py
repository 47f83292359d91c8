"""Figures of cubes: planes, apertures on the sky, and maps of an emission line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from astropy.stats import mad_std
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Circle
from matplotlib.patheffects import withStroke
from matplotlib.ticker import MultipleLocator

from mrskit.analysis.maps import LineMaps
from mrskit.plotting import style
from mrskit.products import Cube

_QUANTITIES = {
    "flux": ("Flux (10⁻⁸ W m⁻² sr⁻¹)", 1e8),
    "velocity": ("Velocity (km/s)", 1.0),
    "width": ("Width σ (km/s)", 1.0),
    "flux_error": ("Error of flux (10⁻⁸ W m⁻² sr⁻¹)", 1e8),
    "velocity_error": ("Error of velocity (km/s)", 1.0),
    "width_error": ("Error of width (km/s)", 1.0),
}
Circles = Mapping[str, tuple[float, float, float]]  # label -> centre east, north and radius, arcsec


def extent(cube: Cube, ra: float, dec: float) -> tuple[float, float, float, float]:
    """
    Return the edges of a cube's planes as offsets from a position, arcsec: left, right (east is left), bottom, top.

    This is correct for cubes with north up, as the course builds them.
    """
    ny, nx = cube.flux.shape[1:]
    x0, y0 = (float(value) for value in cube.wcs.world_to_pixel_values(ra, dec))
    size = cube.spaxel_size
    return (x0 + 0.5) * size, (x0 + 0.5 - nx) * size, -(y0 + 0.5) * size, (ny - 0.5 - y0) * size


def planes(
    cube: Cube, centre: tuple[float, float], wavelengths: Mapping[str, float], name: str, circles: Circles | None = None
) -> None:
    """
    Show planes of a cube: the median of the five planes around each wavelength.

    ``cube``: MJy/sr; ``centre``: right ascension and declination, deg, from which offsets are counted; ``wavelengths``:
    maps panel title to wavelength, um; ``circles``: apertures to draw, label -> (east, north, radius), arcsec.
    """
    figure, axes = _panels(len(wavelengths), cube)
    for axis, (title, wavelength) in zip(axes[0], wavelengths.items(), strict=True):
        index = int(np.argmin(abs(cube.wavelength - wavelength)))
        image = _median(cube.flux[max(index - 2, 0) : index + 3])
        limits = (float(np.nanpercentile(image, 3)), float(np.nanmax(image)))
        words = f"{title}, {wavelength:.3f} µm (MJy/sr)"
        _sky(axis, image, words, extent(cube, *centre), limits=limits, stretch="asinh")
        _draw(axis, circles or {})
    _frame(axes, cube, centre, float(np.median(list(wavelengths.values()))))
    style.title(figure, f"Cube {cube.label}", cube.simulated)
    style.finish(
        figure, name,
        f"Planes of the cube of band {cube.label} on the sky, north up and east left, with offsets in arcsec: "
        f"{', '.join(f'{title} at {value:.3f} µm' for title, value in wavelengths.items())}. "
        f"{'Circles mark ' + ', '.join(circles) + '.' if circles else 'The nucleus is in the middle.'}",
    )  # fmt: skip


def line_maps(
    cube: Cube, centre: tuple[float, float], maps: LineMaps, line: str, name: str,
    quantities: Sequence[str] = ("flux", "velocity", "width"), circles: Circles | None = None, grid: bool = False,
) -> None:  # fmt: skip
    """
    Show maps of a line (flux, velocity, width or their errors) without the spaxels where it is not detected.

    ``centre``: right ascension and declination, deg, from which offsets are counted; ``circles``: apertures to draw,
    label -> (east, north, radius), arcsec; ``grid``: lines every half arcsec to read offsets from.
    """
    figure, axes = _panels(len(quantities), cube)
    for axis, quantity in zip(axes[0], quantities, strict=True):
        label, factor = _QUANTITIES[quantity]
        image = maps.masked(quantity) * factor
        most = 90 if quantity.endswith("error") else 99  # a few errors at the edge are huge
        low, high = np.nanpercentile(image, (1, most)) if np.isfinite(image).any() else (0.0, 1.0)
        edges = extent(cube, *centre)
        if quantity == "velocity":
            _sky(axis, image, label, edges, (-max(-low, high), max(-low, high)), style.DIVERGING)
        else:
            _sky(axis, image, label, edges, (0.0, high), stretch="asinh" if quantity == "flux" else "linear")
        _draw(axis, circles or {})
        if grid:
            for ruler in (axis.xaxis, axis.yaxis):
                ruler.set_major_locator(MultipleLocator(1.0))
                ruler.set_minor_locator(MultipleLocator(0.5))
            axis.grid(which="both", color=style.GREY, lw=0.6, alpha=0.6)
    _frame(axes, cube, centre, maps.rest * (1 + maps.redshift))
    what = ", errors" if all(quantity.endswith("error") for quantity in quantities) else ""
    style.title(figure, f"{line}{what}", cube.simulated)
    style.finish(
        figure, name,
        f"Maps of {line} on the sky, north up and east left, offsets in arcsec: {', '.join(quantities)}; "
        "spaxels where the line is too faint are left out."
        f"{' Circles mark ' + ', '.join(circles) + '.' if circles else ''}",
    )  # fmt: skip


def region_map(
    cube: Cube, centre: tuple[float, float], image: np.ndarray, region: np.ndarray, title: str, name: str
) -> None:
    """Show a line-flux map (ny, nx), W m-2 sr-1, with the border of a region, given as spaxel fractions from 0 to 1."""
    figure, axes = _panels(2, cube)
    label, factor = _QUANTITIES["flux"]
    edges = extent(cube, *centre)
    most = float(np.nanpercentile(image, 99)) * factor
    _sky(axes[0, 0], image * factor, label, edges, limits=(0.0, most), stretch="asinh")
    for colour, width in (("white", 4.5), (style.RED, 2.2)):
        axes[0, 0].contour(region, levels=[0.5], colors=[colour], linewidths=width, extent=edges)
    _sky(axes[0, 1], np.where(region > 0, region, np.nan), "Fraction of each spaxel (0 to 1)", edges, limits=(0.0, 1.0))
    _frame(axes, cube, centre, float(np.median(cube.wavelength)))
    style.title(figure, title, cube.simulated)
    style.finish(figure, name, f"{title}: map of the flux on the sky, north up and east left, with the border of a "
                 "region; next to it the fraction of each spaxel that lies inside.")  # fmt: skip


def against_truth(
    cube: Cube, centre: tuple[float, float], found: LineMaps, truth: LineMaps | None, line: str, name: str
) -> None:
    """
    Show measured and simulated flux, velocity and width of a line, and the differences divided by the errors.

    ``centre``: right ascension and declination, deg, from which offsets are counted; ``found``, ``truth``: the truth is
    NaN where it is not compared, or None if there is no truth.
    """
    if truth is None or not np.isfinite(truth.velocity).any():
        return None
    quantities = ("flux", "velocity", "width")
    figure, axes = _panels(3, cube, rows=3)
    edges, said = extent(cube, *centre), []
    for row, quantity in zip(axes, quantities, strict=True):
        label, factor = _QUANTITIES[quantity]
        true = getattr(truth, quantity) * factor
        measured = np.where(np.isfinite(true), getattr(found, quantity) * factor, np.nan)
        pull = (measured - true) / (getattr(found, f"{quantity}_error") * factor)
        most = float(np.nanpercentile(abs(true), 99))
        signed = quantity == "velocity"
        colours = style.DIVERGING if signed else style.SEQUENTIAL
        for axis, title, image in zip(row, ("measured", "simulated"), (measured, true), strict=False):
            words = f"{title.capitalize()}: {label[0].lower()}{label[1:]}"
            _sky(axis, image, words, edges, limits=(-most if signed else 0.0, most), colours=colours)
        _sky(row[2], pull, "Difference / error (sigma)", edges, limits=(-5.0, 5.0), colours=style.DIVERGING)
        said.append(f"{100 * np.mean(abs(pull[np.isfinite(pull)]) < 1):.0f} percent of the spaxels in {quantity}")
        off = (measured - true)[np.isfinite(pull)]
        error = np.median(getattr(found, f"{quantity}_error")[np.isfinite(pull)]) * factor
        print(f"{label:<32} error per spaxel {error:7.2g}, difference {np.median(off):+7.2g}, "
              f"scatter {mad_std(off):7.2g}")  # fmt: skip
    _frame(axes, cube, centre, found.rest * (1 + found.redshift))
    style.title(figure, f"{line} and the truth", cube.simulated)
    style.finish(figure, name, f"Maps of flux, velocity and width of {line}, one per row: measured, simulated, and the "
                 f"difference divided by the error. Within one error are {', '.join(said)}.")  # fmt: skip
    return None


def whiten_gaps(
    axis: Axes, image: np.ndarray, edges: tuple[float, float, float, float] | None = None, colour: str = "white"
) -> None:
    """Paint NaN pixels white or in a given colour, because the style's grey is too close to the sequential colours."""
    axis.imshow(np.where(np.isnan(image), 1.0, np.nan), cmap=ListedColormap([colour]), extent=edges)


def _panels(count: int, cube: Cube, rows: int = 1) -> tuple[Figure, np.ndarray]:
    """Return a figure with panels in rows, with the height for the cube's field."""
    ny, nx = cube.flux.shape[1:]
    wide = 4.6 if count > 2 else 5.2  # in
    size = wide * count, 1.5 + rows * 0.66 * wide * ny / nx
    return plt.subplots(rows, count, figsize=size, squeeze=False, sharex=True, sharey=True, layout="compressed")


def _median(flux: np.ndarray) -> np.ndarray:
    """Return the median over the first axis, or NaN where all values are missing."""
    seen = np.isfinite(flux).any(axis=0)
    image = np.full(seen.shape, np.nan)
    image[seen] = np.nanmedian(flux[:, seen], axis=0)
    return image


def _sky(
    axis: Axes, image: np.ndarray, label: str, edges: tuple[float, float, float, float],
    limits: tuple[float, float] | None = None, colours: str = style.SEQUENTIAL, stretch: str = "linear",
) -> None:  # fmt: skip
    """Draw an image of the sky with quantity and unit as its title, so that the colour bar needs no label."""
    axis.set(xlabel="East offset (arcsec)", ylabel="North offset (arcsec)")
    axis.set_title(label, fontsize=12)
    style.show_image(axis, image, "", limits, colours, stretch, edges)
    whiten_gaps(axis, image, edges, "#DCDCDC" if colours == style.DIVERGING else "white")
    axis.set_aspect("equal")
    axis.label_outer()


def _frame(axes: np.ndarray, cube: Cube, centre: tuple[float, float], wavelength: float) -> None:
    """Crop all panels to the field with data; draw its outline, the beam width, and north and east."""
    edges, ny, nx = extent(cube, *centre), *cube.flux.shape[1:]
    seen = np.isfinite(cube.flux[:: max(1, len(cube.flux) // 50)]).any(axis=0)
    if not seen.any():
        return
    x, y = np.linspace(edges[0], edges[1], nx + 1), np.linspace(edges[2], edges[3], ny + 1)
    columns, rows = np.flatnonzero(seen.any(axis=0)), np.flatnonzero(seen.any(axis=1))
    left, right, bottom, top = x[columns[0]], x[columns[-1] + 1], y[rows[0]], y[rows[-1] + 1]
    for axis in axes.flat:
        if seen.all():
            axis.plot([left, right, right, left, left], [bottom, bottom, top, top, bottom], color=style.GREY, lw=1)
        else:
            wide = (edges[0] + cube.spaxel_size, edges[1] - cube.spaxel_size,
                    edges[2] - cube.spaxel_size, edges[3] + cube.spaxel_size)  # fmt: skip
            axis.contour(np.pad(seen, 1), levels=[0.5], colors=[style.GREY], linewidths=1, extent=wide)
        axis.set(xlim=(left + 0.2, right - 0.2), ylim=(bottom - 0.2, top + 0.2))
    first, beam = axes.flat[0], (0.033 * wavelength + 0.106) / 2
    first.add_patch(Circle((left - beam - 0.05, bottom + beam + 0.05), beam, fc="none", ec=style.RED, lw=2))
    foot = right + 0.35, bottom + 0.25
    for word, tip in (("N", (foot[0], foot[1] + 0.9)), ("E", (foot[0] + 0.9, foot[1]))):
        first.annotate(word, foot, tip, arrowprops={"arrowstyle": "<-", "color": style.RED, "lw": 1.8}, ha="center",
                       va="center", color=style.BLACK, fontsize=11, fontweight="bold",
                       path_effects=[withStroke(linewidth=2.5, foreground="white")])  # fmt: skip


def _draw(axis: Axes, circles: Circles) -> None:
    for label, (east, north, radius) in circles.items():
        axis.add_patch(Circle((east, north), radius, fill=False, ec="white", lw=3.5))
        axis.add_patch(Circle((east, north), radius, fill=False, ec=style.RED, lw=1.8))
        above = 1 if north > 0 else -1
        axis.annotate(label, (east, north + above * radius), xytext=(0, 5 * above), textcoords="offset points",
                      ha="center", va="bottom" if above > 0 else "top", fontsize=12, fontweight="bold",
                      path_effects=[withStroke(linewidth=3, foreground="white")])  # fmt: skip
