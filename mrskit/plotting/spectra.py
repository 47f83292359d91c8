"""Figures of spectra: backgrounds, apertures, wide ranges, and single lines with their fits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np

from mrskit.analysis.catalogue import SPEED_OF_LIGHT
from mrskit.analysis.fits import LineFit
from mrskit.analysis.lines import LineTable
from mrskit.plotting import style
from mrskit.products import Spectrum


def curves(
    spectra: Mapping[str, Spectrum], title: str, name: str, alt: str, simulated: bool, ylabel: str = "",
    peaks: bool = False,
) -> None:  # fmt: skip
    """
    Show spectra on the same scale; distant parts of the spectrum have separate panels.

    Parameters
    ----------
    spectra : mapping
        Label -> spectrum; labels that agree up to a ``#`` share a colour and a legend entry. The text after the ``#``,
        a band, is the title of the panel.
    title, name, alt : str
        Title, file name without suffix, alternative text.
    ylabel : str, optional
        ``Flux density (UNIT)`` by default.
    peaks : bool
        Whether the scale includes the strongest line, not only most values.
    """
    ranges = _ranges(list(spectra.values()))
    widths = [high - low for low, high in ranges]
    figure, axes = plt.subplots(1, len(ranges), figsize=(12, 4.8), sharey=True, squeeze=False, width_ratios=widths)
    colours: dict[str, str] = {}
    for label, spectrum in spectra.items():
        group = label.partition("#")[0].strip()
        first = group not in colours
        colour = colours.setdefault(group, style.COLOURS[len(colours)])
        middle = float(np.median(spectrum.wavelength))
        axis = axes[0, next(i for i, (low, high) in enumerate(ranges) if low <= middle <= high)]
        axis.plot(spectrum.wavelength, spectrum.flux, color=colour, lw=1.0, label=group if first else None)
        axis.set_title(label.partition("#")[2].strip())
    for axis in axes[0]:
        axis.set_xlabel("Wavelength (µm)")
    axes[0, 0].set_ylabel(ylabel or f"Flux density ({next(iter(spectra.values())).unit})")
    axes[0, 0].set_ylim(*_limits([spectrum.flux for spectrum in spectra.values()], 100.0 if peaks else 99.7))
    axes[0, 0].legend(loc="upper left")
    style.title(figure, title, simulated)
    style.finish(figure, name, alt)


def ratios(
    spectra: Mapping[str, tuple[Spectrum, np.ndarray]], title: str, name: str, alt: str, simulated: bool,
    ylabel: str = "Flux / continuum", limits: tuple[float, float] = (0.8, 1.2),
) -> None:  # fmt: skip
    """
    Show spectra divided by reference curves, such as their continua, one above the other on the same scale.

    Parameters
    ----------
    spectra : mapping
        Label -> (spectrum, divisor of shape (n,) in the same unit).
    limits : (float, float), optional
        Limits of the ordinate.
    """
    figure, axes = plt.subplots(len(spectra), 1, figsize=(12, 2.5 * len(spectra)), sharex=True, sharey=True)
    for axis, colour, (label, (spectrum, level)) in zip(axes, style.COLOURS, spectra.items(), strict=False):
        axis.axhline(1, color=style.BLACK, lw=0.8)
        axis.plot(spectrum.wavelength, spectrum.flux / level, color=colour, lw=1.0)
        axis.text(0.01, 0.93, label, transform=axis.transAxes, va="top", bbox={"facecolor": "white", "lw": 0})
        axis.set(ylabel=ylabel, ylim=limits)
    axes[-1].set_xlabel("Wavelength (µm)")
    style.title(axes[0], title, simulated)
    style.finish(figure, name, alt)


def zoom(
    spectrum: Spectrum, observed: float, line: str, windows: Sequence[tuple[float, float]], simulated: bool, name: str
) -> None:
    """
    Show the part of a spectrum around a line, with the windows (um) for the continuum.

    Parameters
    ----------
    observed : float
        Wavelength of the line, um.
    """
    figure, axis = plt.subplots(figsize=(10, 4.6))
    low, high = min(start for start, _ in windows), max(stop for _, stop in windows)
    use = (spectrum.wavelength > low - 0.01) & (spectrum.wavelength < high + 0.01)
    axis.step(spectrum.wavelength[use], spectrum.flux[use], where="mid", color=style.BLUE)
    for number, window in enumerate(windows):
        axis.axvspan(*window, color=style.ORANGE, alpha=0.3, lw=0, label=None if number else "continuum windows")
    axis.axvline(observed, color=style.BLACK, ls="--", lw=1.2, label=f"{line} at the galaxy's redshift")
    axis.set(xlabel="Wavelength (µm)", ylabel=f"Flux density ({spectrum.unit})")
    axis.legend(loc="upper left")
    style.title(axis, f"{line} in the nucleus", simulated)
    style.finish(
        figure, name,
        f"The emission line {line} on a nearly flat continuum; a window without lines is marked on each side, "
        "for the continuum.",
    )  # fmt: skip


def fitted(spectrum: Spectrum, fits: Mapping[str, LineFit], line: str, simulated: bool, name: str) -> None:
    """
    Show a line with fitted models, the components of the last model, and the residuals of each model.

    Parameters
    ----------
    fits : mapping
        Label -> fit of the same line; the components of the last fit are drawn.
    """
    figure, (upper, lower) = plt.subplots(2, 1, figsize=(11, 6.6), sharex=True, height_ratios=(2.4, 1))
    last = list(fits.values())[-1]
    velocity = SPEED_OF_LIGHT * (spectrum.wavelength / (last.rest * (1 + last.redshift)) - 1)
    use = abs(velocity) < 1500
    fine = np.linspace(-1500, 1500, 601)
    grid = last.rest * (1 + last.redshift) * (1 + fine / SPEED_OF_LIGHT)
    upper.step(velocity[use], spectrum.flux[use], where="mid", color=style.BLACK, lw=1.2, label="spectrum")
    for colour, (label, fit) in zip((style.ORANGE, style.BLUE), fits.items(), strict=False):
        upper.plot(fine, fit.model(grid), color=colour, label=f"{label}: BIC {fit.bic:.0f}")
        rest = spectrum.flux[use] - fit.model(spectrum.wavelength[use])
        lower.step(velocity[use], rest, where="mid", color=colour, lw=1.4)
    for part in last.components:
        curve = last.continuum_model(grid) + part.peak * np.exp(
            -0.5 * ((fine - part.velocity) / part.observed_width) ** 2
        )
        upper.plot(fine, curve, color=style.BLUE, ls=":", lw=1.6)
    lower.axhline(0, color=style.BLACK, lw=0.8)
    upper.set_ylabel(f"Flux density ({spectrum.unit})")
    lower.set(xlabel="Velocity (km/s)", ylabel=f"Residual ({spectrum.unit})")
    upper.legend(loc="upper right")
    style.title(upper, f"{line} in the nucleus", simulated)
    style.finish(figure, name, f"{line} against velocity with the models {' and '.join(fits)}; below, their residuals.")


def profiles(lines: Mapping[str, tuple[Spectrum, LineFit]], title: str, name: str, simulated: bool) -> None:
    """
    Show continuum-subtracted line profiles against velocity, each scaled to the peak of its fit.

    Parameters
    ----------
    lines : mapping
        Label -> (spectrum, fit).
    """
    figure, axis = plt.subplots(figsize=(10, 4.8))
    fine = np.linspace(-1200, 1200, 481)
    words = []
    for colour, (label, (spectrum, fit)) in zip(style.COLOURS, lines.items(), strict=False):
        centre = fit.rest * (1 + fit.redshift)
        velocity = SPEED_OF_LIGHT * (spectrum.wavelength / centre - 1)
        use = abs(velocity) < 1200
        grid = centre * (1 + fine / SPEED_OF_LIGHT)
        model = fit.model(grid) - fit.continuum_model(grid)
        values = spectrum.flux[use] - fit.continuum_model(spectrum.wavelength[use])
        axis.step(velocity[use], values / model.max(), where="mid", color=colour, lw=1.0, alpha=0.7)
        axis.plot(
            fine,
            model / model.max(),
            color=colour,
            lw=2.4,
            label=f"{label}: σ = {fit.width:.0f} ± {fit.width_error:.0f} km/s",
        )
        words.append(f"{label} has σ = {fit.width:.0f} km/s")
    axis.axhline(0, color=style.BLACK, lw=0.8)
    axis.set(xlabel="Velocity (km/s)", ylabel="Flux density / peak")
    axis.legend(loc="upper left")
    style.title(axis, title, simulated)
    style.finish(figure, name, f"{title}: {' and '.join(words)}, corrected for instrumental broadening.")


def measured(
    spectra: Sequence[Spectrum], table: LineTable, title: str, name: str, simulated: bool, count: int = 4
) -> None:
    """Show the most significant lines of a set of spectra against velocity relative to the given redshift."""
    best = sorted(table.detected, key=lambda row: -row.snr)[:count]
    figure, axes = plt.subplots(1, count, figsize=(3.4 * count, 3.9), squeeze=False)
    for axis, row in zip(axes[0], best, strict=False):
        centre = row.rest * (1 + table.given)
        spectrum = next(item for item in spectra if item.wavelength[0] < centre < item.wavelength[-1])
        velocity = SPEED_OF_LIGHT * (spectrum.wavelength / centre - 1)
        use = abs(velocity) < 1200
        axis.step(
            velocity[use], spectrum.flux[use] / np.nanmax(spectrum.flux[use]), where="mid", color=style.BLUE, lw=1.4
        )
        axis.axvline(row.velocity, color=style.RED, ls="--", lw=1.4)
        axis.set(xlabel="Velocity (km/s)", title=row.line)
    axes[0, 0].set_ylabel("Flux density / peak")
    style.title(figure, title, simulated)
    style.finish(
        figure, name,
        f"{title}: the lines {', '.join(row.line for row in best)} against velocity, each with its velocity marked.",
    )  # fmt: skip


def _ranges(spectra: Sequence[Spectrum]) -> list[tuple[float, float]]:
    """Return the wavelength ranges, um, that spectra cover with gaps of less than 0.3 um."""
    found: list[tuple[float, float]] = []
    for low, high in sorted((float(item.wavelength[0]), float(item.wavelength[-1])) for item in spectra):
        if found and low < found[-1][1] + 0.3:
            found[-1] = found[-1][0], max(high, found[-1][1])
        else:
            found.append((low, high))
    return found


def _limits(fluxes: Sequence[np.ndarray], most: float = 99.7) -> tuple[float, float]:
    values = np.concatenate([flux[np.isfinite(flux)] for flux in fluxes])
    low, high = np.percentile(values, (0.5, most))
    return low - 0.1 * (high - low), high + 0.15 * (high - low)
