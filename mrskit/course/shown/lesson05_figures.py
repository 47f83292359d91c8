"""Figures of lesson 05: warm pixels, waves of small apertures, backgrounds compared, three extractions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from astropy.io import fits
from matplotlib.ticker import MaxNLocator
from scipy.ndimage import uniform_filter1d

from mrskit import products
from mrskit.analysis import bakeoff
from mrskit.analysis.sampling import amplitude, waves
from mrskit.bands import Setting
from mrskit.course.shown import target_lines
from mrskit.course.shown.stage3_files import Files
from mrskit.plotting import cubes as cube_plots, style
from mrskit.plotting.spectra import curves
from mrskit.products import Cube, Spectrum

_WORDS = {"none": "none", "pixel": "pixel by pixel", "master": "master", "annulus": "annulus"}


def warm_pixels(files: Files, masks: Mapping[str, np.ndarray], warm: np.ndarray, name: str = "05-outliers") -> None:
    """Show a warm pixel in every exposure, and the flags around it with each setting."""
    if not masks or not warm.any():
        return print("No calibrated exposures, or none of an empty field: this figure is left out.")
    for label, mask in masks.items():
        found, pure = 100 * mask[warm].mean(), 100 * warm[mask].mean()
        print(f"{label:<24}{mask.sum()} flags; {found:3.0f} % of the {warm.sum()} warm pixels are flagged; "
              f"{pure:3.0f} % of the flags are on them")  # fmt: skip
    images = [fits.getdata(path, "SCI") for path in files.cal]
    row, column = _shown_pixel(images, list(masks.values()), warm)
    top, left = max(row - 12, 0), max(column - 12, 0)
    part, edges = np.s_[top : top + 25, left : left + 25], (left - 0.5, left + 24.5, top - 0.5, top + 24.5)
    figure, [axes] = plt.subplots(1, len(images), figsize=(3.2 * len(images), 4.4), sharey=True, squeeze=False)
    limits = tuple(np.nanpercentile([image[part] for image in images], (2, 99)))
    for number, (axis, image) in enumerate(zip(axes, images, strict=True), start=1):
        last = number == len(images)
        drawn = style.show_image(axis, image[part], "MJy/sr" if last else "", limits, extent=edges)
        if not last and drawn.colorbar:
            drawn.colorbar.remove()
        axis.set_title(f"dither {number}")
        axis.set_aspect("equal")
        axis.label_outer()
        for (label, mask), marker, colour in zip(masks.items(), ("s", "o", "D"), (style.RED, style.SKY, style.ORANGE),
                                                 strict=False):  # fmt: skip
            rows, columns = np.nonzero(mask[part])
            axis.plot(columns + left, rows + top, marker, mfc="none", mec=colour, mew=1.8, label=label,
                      ms=12 if marker == "s" else 8)  # fmt: skip
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower left", ncols=3)
    style.title(figure, "A warm pixel in all exposures", products.read_exposure(files.cal[0]).simulated)
    style.finish(figure, name, f"25 x 25 pixels about the warm pixel in row {row}, column {column}, in each exposure. "
                 f"Markers show what each setting flags: {', '.join(masks)}.")  # fmt: skip


def _shown_pixel(images: Sequence[np.ndarray], masks: Sequence[np.ndarray], warm: np.ndarray) -> tuple[int, int]:
    """Return a clear warm pixel flagged by the last but not by the first setting, if there is such a pixel."""
    usable = warm & np.isfinite(images).all(axis=0)
    usable[:20], usable[-20:], usable[:, :20], usable[:, -20:] = False, False, False, False
    chosen = next((mask for mask in (usable & masks[-1] & ~masks[0], usable & masks[0], usable) if mask.any()), warm)
    if not chosen.any():
        return 512, 300
    level = np.where(chosen, np.min(images, axis=0), -np.inf)
    row, column = np.unravel_index(np.argsort(level.ravel())[-max(1, chosen.sum() // 4)], level.shape)
    return int(row), int(column)


def wave_panels(
    spectra: Mapping[object, Spectrum], redshift: float, title: str, name: str, simulated: bool
) -> None:  # fmt: skip
    """Show the differences of spectra (by label or dithers) from smooth continua, in panels with the same scale."""
    if not spectra:
        return print("There is nothing to compare here: this figure is left out.")
    figure, axes = plt.subplots(len(spectra), 1, figsize=(11, 1.2 + 1.25 * len(spectra)), sharex=True, sharey=True,
                                squeeze=False)  # fmt: skip
    reach = max(np.nanmax(abs(waves(item, redshift) - 1)) for item in spectra.values())
    most = float(np.clip(np.ceil(105 * reach), 4, 15))  # percent
    for axis, colour, (label, item) in zip(axes[:, 0], style.COLOURS, spectra.items(), strict=False):
        axis.axhspan(-1, 1, color="#E8E8E8", lw=0)
        axis.plot(item.wavelength, 100 * (waves(item, redshift) - 1), color=colour, lw=1.8)
        words = f"{label} dither{'s' * (label > 1)}" if isinstance(label, int) else str(label)
        axis.text(1.01, 0.5, f"{words}\n± {amplitude(item, redshift):.1f} %", transform=axis.transAxes, va="center")
        axis.set(ylim=(-most, most))
        axis.yaxis.set_major_locator(MaxNLocator(3, symmetric=True))
    axes[len(axes) // 2, 0].set_ylabel("Deviation from the continuum (%)")
    axes[-1, 0].set_xlabel("Wavelength (µm)")
    style.title(figure, title, simulated)
    style.finish(figure, name, f"{title}: deviation of each spectrum from its smooth continuum, in percent, in panels "
                 "of the same scale; grey is one percent.")  # fmt: skip


def planes(cubes: Mapping[str, Cube], setting: Setting, centre: tuple[float, float], redshift: float) -> None:
    """Show the nucleus in the continuum and in the setting's lines."""
    shown, wavelengths = target_lines.views(setting, redshift)
    cube_plots.planes(cubes[shown], centre, wavelengths, "05-cube-planes")


def background(levels: Mapping[str, Spectrum], simulated: bool) -> None:
    """Show the spectra of the empty field, averaged over 25 planes."""
    if not levels:
        return print("No spectra of background exposures here.")
    smooth = {name: replace(item, flux=uniform_filter1d(item.flux, 25)) for name, item in levels.items()}
    bands = sorted({name.partition("# ")[2] for name in levels})
    curves(smooth, f"The empty field in {' and '.join(bands)}, averages over 25 planes", "05-background",
           f"Surface brightness of the empty field in the bands {', '.join(bands)} against wavelength, one curve an "
           "exposure.", simulated, ylabel="Surface brightness (MJy/sr)")  # fmt: skip


def four_cubes(
    red: Cube, small: Mapping[str, Path], levels: Mapping[str, Spectrum], centre: tuple[float, float], master: bool
) -> tuple[dict[str, Cube], np.ndarray | None]:  # fmt: skip
    """Return a cube with each of four backgrounds, and a region of the faint disk; nothing without a master."""
    path = small.get(f"pixel_{red.label}")
    own = [item for item in levels.values() if item.band == red.band]
    if path is None or not own or not master:
        print("This needs cal files and the master background: it is left out.")
        return {}, None
    level = np.mean([np.interp(red.wavelength, item.wavelength, item.flux) for item in own], axis=0)
    four = bakeoff.four_backgrounds(red, products.read_cube(path), level, centre)
    return four, bakeoff.disk_region(four, centre)


def backgrounds(
    four: Mapping[str, Cube], region: np.ndarray | None, simulated: bool, truth: float | None = None
) -> None:  # fmt: skip
    """Print and show a region's brightness and noise with four backgrounds (method -> cube); truth in MJy/sr."""
    if not four or region is None:
        return print("This figure is left out.")
    level = {name: bakeoff.level(item, region) for name, item in four.items()}
    noise = {name: bakeoff.noise(item, region) for name, item in four.items()}
    for name in four:
        bias = f"bias {level[name] - float(truth):+7.1f}, " if truth is not None else ""
        print(f"{name:<8} level {level[name]:7.1f}, {bias}noise of a spaxel {noise[name].spaxel:5.1f}, "
              f"of the mean {noise[name].mean:4.1f} MJy/sr")  # fmt: skip
    spaxel, mean = ({name: getattr(item, part) for name, item in noise.items()} for part in ("spaxel", "mean"))
    background_bars(level, spaxel, mean, simulated, None if truth is None else float(truth))


def background_bars(
    levels: Mapping[str, float], spaxel: Mapping[str, float], mean: Mapping[str, float], simulated: bool,
    truth: float | None = None, name: str = "05-four-backgrounds",
) -> None:  # fmt: skip
    """Show brightness, noise of a spaxel and noise of the mean in a faint part, MJy/sr, by background method."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(12.5, 4.4))
    places = np.arange(len(levels))
    labels = [_WORDS.get(method, method) for method in levels]
    bars = left.bar(places, levels.values(), color=style.SKY, edgecolor=style.BLACK, width=0.6)
    left.bar_label(bars, fmt="%.1f", padding=2)
    left.axhline(0, color=style.BLACK, lw=0.8)
    if truth is not None:
        left.axhline(truth, color=style.RED, ls="--", lw=2)
        left.annotate("simulated disk", (1.0, truth), xycoords=("axes fraction", "data"), xytext=(0, 4),
                      textcoords="offset points", ha="right", color=style.BLACK)  # fmt: skip
    left.set(ylabel="Brightness (MJy/sr)", title="What is left of the faint disk")
    left.margins(y=0.15)
    for shift, values, label, colour, hatch in ((-0.2, spaxel, "one spaxel", style.BLUE, ""),
                                                (0.2, mean, "mean over the disk", style.ORANGE, "//")):  # fmt: skip
        bars = right.bar(places + shift, values.values(), 0.38, color=colour, edgecolor=style.BLACK, hatch=hatch,
                         label=label)  # fmt: skip
        right.bar_label(bars, fmt="%.1f", padding=2, fontsize=11)
    right.set(ylabel="Noise of one plane (MJy/sr)", title="What it costs in noise", yscale="log")
    right.set_ylim(1, 4 * max(spaxel.values()))
    right.legend(loc="upper right", ncols=2)
    for axis in (left, right):
        axis.set_xticks(places, labels)
    style.title(figure, "Four backgrounds on the same data", simulated)
    words = "; ".join(f"{method}: level {levels[method]:.1f}, noise of a spaxel {spaxel[method]:.1f}, of the mean "
                      f"{mean[method]:.1f} MJy/sr" for method in levels)  # fmt: skip
    style.finish(figure, name, f"Bar charts of the faint disk with four ways to subtract a background. {words}.")


def source_type(files: Files) -> None:
    """Print the header keywords that decide how spectra are extracted."""
    for path in files.cal[:1]:
        header = fits.getheader(path)
        for name in ("SRCTYAPT", "PATTTYPE", "PATTSIZE", "BKGDTARG", "TSOVISIT"):
            print(f"{name:<10}{header.get(name, '(not there)')}")
        found = fits.getheader(path, "SCI").get("SRCTYPE", "(not there)")
        print(f"{'SRCTYPE':<10}{found}  (SCI header, after stage 2)")


def extractions(
    files: Files, points: Mapping[str, Spectrum], own: Mapping[str, Spectrum], simulated: bool
) -> None:  # fmt: skip
    """Show three extractions of the same cubes."""
    fields = {name: products.read_spectrum(path) for name, path in files.spectra.items()}
    groups = {"EXTENDED: the field": fields, "POINT: growing aperture, corrected": points, "your aperture": own}
    shown = {f"{label} # {name}": item for label, group in groups.items() for name, item in group.items()}
    curves(shown, "Three extractions of the same cubes", "05-extractions",
           "Spectra of both bands: the sum of the field lies far above the other two.", simulated)  # fmt: skip
