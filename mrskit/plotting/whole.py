"""Figures of the full MRS range: twelve bands with lines and PAH features, and the steps between bands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from mrskit.analysis.features import PAH, span
from mrskit.analysis.whole import steps
from mrskit.plotting import style
from mrskit.products import Spectrum

_ROWS = ((4.8, 8.75), (8.65, 15.5), (15.4, 28.8))  # um


def whole_range(
    spectra: Sequence[Spectrum], lines: Mapping[str, float], redshift: float, title: str, name: str, simulated: bool,
    named: bool = True,
) -> None:  # fmt: skip
    """
    Show bands on a logarithmic scale in rows, with lines and PAH features marked.

    Parameters
    ----------
    spectra : sequence of Spectrum
        One band each, in Jy.
    lines : mapping
        Name -> observed wavelength, um.
    named : bool
        Whether the PAH features are named, not only shaded.
    """
    rows = [row for row in _ROWS if any(row[0] < np.median(item.wavelength) < row[1] for item in spectra)]
    figure, axes = plt.subplots(len(rows), 1, figsize=(11.5, 1 + 4.2 * len(rows)), squeeze=False)
    marked: list[str] = []
    for axis, row in zip(axes[:, 0], rows, strict=True):
        inside = [item for item in spectra if item.wavelength[-1] > row[0] and item.wavelength[0] < row[1]]
        for number, item in enumerate(sorted(inside, key=lambda item: item.wavelength[0])):
            use = (item.flux > 0) & (item.wavelength > row[0]) & (item.wavelength < row[1])
            flux = np.where(use, 1e3 * item.flux, np.nan)
            axis.plot(item.wavelength, flux, color=(style.BLUE, style.RED)[number % 2], lw=1.2)
            _name(axis, item, row)
        _frame(axis, inside, row)
        _features(axis, redshift, named)
        marked += _lines(axis, inside, lines)
    axes[-1, 0].set_xlabel("Observed wavelength (µm)")
    style.title(figure, title, simulated)
    style.finish(figure, name, f"{title}: flux density on a logarithmic scale against wavelength, {len(spectra)} bands "
                 f"in {len(rows)} rows; broad features are shaded. Lines marked: {', '.join(marked)}.")  # fmt: skip


def joins(kinds: Mapping[str, Sequence[Spectrum]], title: str, name: str, simulated: bool) -> None:
    """
    Show the steps between bands, one panel per kind of extraction, with the step at every channel boundary.

    Parameters
    ----------
    kinds : mapping
        Name of the extraction -> spectra of the bands, Jy, in order of wavelength.
    """
    figure, axes = plt.subplots(2 * len(kinds), 3, figsize=(12, 6.2 * len(kinds)), height_ratios=(3, 2) * len(kinds))
    said = []
    for number, (label, spectra) in enumerate(kinds.items()):
        for axis in axes[2 * number]:
            axis.remove()
        axis = figure.add_subplot(axes[0, 0].get_gridspec()[2 * number, :])
        _bands(axis, spectra)
        values = np.concatenate([item.flux[item.flux > 0] for item in spectra])  # lines may leave the panel
        axis.set(yscale="log", ylabel="Flux density (Jy)", ylim=np.nanpercentile(values, (0.3, 97.5)) * (0.7, 3.0))
        axis.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
        axis.yaxis.set_minor_formatter("")
        axis.set_title(label, fontsize=13)
        said.append(f"{label}: {_borders(axis, axes[2 * number + 1], spectra)}")
    axes[-1, 1].set_xlabel("Wavelength (µm)")
    style.title(figure, title, simulated)
    style.finish(figure, name, f"{title}: spectra of all bands, neighbouring bands in two colours. Steps from channel "
                 f"to channel: {'; '.join(said)}.")  # fmt: skip


def _bands(axis: Axes, spectra: Sequence[Spectrum]) -> None:
    for number, item in enumerate(sorted(spectra, key=lambda item: item.wavelength[0])):
        flux = np.where(item.flux > 0, item.flux, np.nan)
        axis.plot(item.wavelength, flux, color=(style.BLUE, style.RED)[number % 2], lw=1.0)


def _borders(axis: Axes, zooms: Sequence[Axes], spectra: Sequence[Spectrum]) -> str:
    """Mark the channel boundaries, show each on a linear scale with its step, and return a text on the steps."""
    words = []
    found = {pair: step for pair, step in steps(spectra).items() if pair[0] != pair.split()[1][0]}
    for zoom, (pair, (place, ratio)) in zip(zooms, found.items(), strict=False):
        blue, red = pair.split()
        axis.axvline(place, color=style.GREY, lw=1.0, ls=":")
        near = [item.flux[abs(item.wavelength - place) < 0.25] for item in spectra]
        level = float(np.nanmedian(np.concatenate(near)))
        _bands(zoom, spectra)
        zoom.set(xlim=(place - 0.25, place + 0.25), ylim=(0.7 * level, 1.35 * level))
        zoom.locator_params(nbins=4)
        zoom.set_title(f"{blue}|{red}: × {ratio:.2f}", fontsize=12)
        words.append(f"{blue} to {red} by a factor of {ratio:.2f}")
    return ", ".join(words)


def _frame(axis: Axes, inside: Sequence[Spectrum], row: tuple[float, float]) -> None:
    values = np.concatenate([1e3 * item.flux[(item.flux > 0) & (item.wavelength > row[0]) & (item.wavelength < row[1])]
                             for item in inside])  # fmt: skip
    low, high = np.percentile(values, (0.5, 99.9))
    axis.set(yscale="log", ylabel="Flux density (mJy)", ylim=(low * 0.75, high * (high / low) ** 0.65))
    axis.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axis.yaxis.set_minor_formatter("")
    edges = [(item.wavelength[0], item.wavelength[-1]) for item in inside]
    axis.set_xlim(max(row[0], min(low for low, _ in edges)), min(row[1], max(high for _, high in edges)))


def _name(axis: Axes, item: Spectrum, row: tuple[float, float]) -> None:
    middle = float(np.median(item.wavelength))
    if item.band is not None and row[0] < middle < row[1]:
        axis.annotate(item.band.name, (middle, 0.02), xycoords=("data", "axes fraction"), ha="center", fontsize=12,
                      fontweight="bold")  # fmt: skip


def _features(axis: Axes, redshift: float, named: bool) -> None:
    low, high = axis.get_xlim()
    for feature in PAH:
        first, last = span(feature, redshift)
        if low < (first + last) / 2 < high:
            axis.axvspan(first, last, color=style.ORANGE, alpha=0.2, lw=0)
            words = feature.name if named else feature.name.removeprefix("PAH ")
            axis.annotate(words, ((first + last) / 2, 0.10), xycoords=("data", "axes fraction"), ha="center",
                          fontsize=12, bbox={"facecolor": "white", "alpha": 0.7, "lw": 0, "pad": 1})  # fmt: skip


def _lines(axis: Axes, inside: Sequence[Spectrum], lines: Mapping[str, float]) -> list[str]:
    """Mark the lines inside the axis above the spectrum, and move names that would overlap."""
    low, high = axis.get_xlim()
    covered = [(item.wavelength[0], item.wavelength[-1]) for item in inside]
    found = sorted((value, name) for name, value in lines.items()
                   if low < value < high and any(first < value < last for first, last in covered))  # fmt: skip
    place = -np.inf
    for value, name in found:
        place = max(value, place + 0.019 * (high - low))
        near = [1e3 * np.nanmax(item.flux[abs(item.wavelength - value) < 0.02], initial=0.0) for item in inside]
        axis.annotate(name, (value, 1.08 * max(near)), xytext=(place, 0.985), textcoords=("data", "axes fraction"),
                      rotation=90, ha="center", va="top", fontsize=11,
                      arrowprops={"arrowstyle": "-", "lw": 0.7, "color": style.GREY})  # fmt: skip
    return [name for _, name in found]
