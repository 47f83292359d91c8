"""Curves in lesson 04: fringes, lines that look like fringes, and the throughput with time."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from astropy.io import fits

from mrskit import products
from mrskit.course.shown.fringe_runs import Wave, regular_lines
from mrskit.exercises.outcomes import Outcome
from mrskit.exercises.record import Verdict
from mrskit.pipeline.steps.fringes import correct_1d
from mrskit.plotting import style
from mrskit.references.context import selected

_COLOURS = {"before": style.BLACK, "fringe flat": style.BLUE, "2-D": style.ORANGE, "1-D": style.GREEN}


def fringes(point: Wave, extended: Wave | None, simulated: bool) -> None:
    """Draw the fringes of a point and an extended source before and after each correction, in two panels."""
    if not point[1]:
        return print("No rate images here: this figure is left out.")
    shown = {"Point source: the nucleus, channel 1": point}
    if extended is not None:
        shown["Extended source: the disk of the galaxy, channel 2"] = extended
    figure, axes = plt.subplots(len(shown), 1, figsize=(10, 1 + 3.2 * len(shown)), sharey=True, squeeze=False)
    told = []
    for axis, (name, (wavenumber, ratios)) in zip(axes[:, 0], shown.items(), strict=True):
        for label, ratio in ratios.items():
            axis.plot(wavenumber, ratio, "o-", ms=2.5, lw=1.2, color=_COLOURS[label], label=label)
            told.append(f"{name}, {label}: {100 * float(np.nanstd(ratio)):.1f} percent")
        axis.set(xlabel="Wavenumber (cm$^{-1}$)", ylabel="Ratio to smooth")
        axis.set_title(name, fontsize=12)
        axis.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    largest = max(np.nanpercentile(abs(ratios["before"] - 1), 99) for _, ratios in shown.values())
    axes[0, 0].set_ylim(1 - 1.3 * largest, 1 + 1.3 * largest)
    style.title(figure, "Fringes before and after each correction", simulated)
    style.finish(figure, "04-fringes", "Detector columns divided by a smooth curve rise and fall regularly with "
                 f"wavenumber. Each correction leaves less. Scatter: {'; '.join(told)}.")  # fmt: skip


def lines_alone(spacings: Sequence[float], simulated: bool) -> None:
    """Draw simulated spectra with lines at each spacing (1/cm) but no fringes, before and after the 1-D correction."""
    figure, axes = plt.subplots(len(spacings), 1, figsize=(10, 1 + 1.9 * len(spacings)), sharex=True, sharey=True)
    for axis, spacing in zip(axes, spacings, strict=True):
        wavelength, _, flux = regular_lines(spacing)
        axis.plot(wavelength, flux, lw=1.2, color=style.BLACK, label="as it is")
        axis.plot(wavelength, correct_1d(flux, wavelength, 1), lw=1.2, color=_COLOURS["1-D"], label="1-D correction")
        axis.set_title(f"A line every {spacing:g} cm$^{{-1}}$", fontsize=12)
    axes[0].set(xlim=(5.20, 5.32), ylim=(0.93, 1.02))
    axes[0].legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    axes[len(spacings) // 2].set_ylabel("Flux (continuum = 1)")
    axes[-1].set_xlabel("Wavelength (µm)")
    style.title(figure, "Lines without any fringes, made up", simulated)
    style.finish(figure, "04-lines-alone", "Made-up spectra with regular absorption lines and no fringes, before and "
                 f"after the 1-D correction, for lines every {', '.join(f'{one:g}' for one in spacings)} per "
                 "centimetre. Where the lines stand as close as fringes, the correction fills them.")  # fmt: skip


def throughput(files: Sequence[Path], function: Callable, verdict: Verdict, simulated: bool) -> None:
    """Draw a learner's right throughput over four years with the coefficients in exposures' photom references."""
    if not files or verdict.outcome != Outcome.PASSED:
        return print("This figure needs rate images and your function.")
    figure, axis = plt.subplots(figsize=(10, 4.4))
    days, told, start, own = np.linspace(1, 1460, 200), [], 0.0, None
    for path in files:
        reference = next(Path(os.environ["CRDS_PATH"]).rglob(selected(path, ("photom",))["photom"]))
        own = fits.getval(path, "EXPMID") if own is None else own
        for band in products.read_setting(path).bands:
            table = fits.getdata(reference, f"TIMECOEFF_POWERLAW_CH{band.channel}")
            row = table[len(table) // 2]
            start = float(row["t0"])
            curve = np.asarray(function(days, *(float(row[key]) for key in ("year1value", "tsoft", "alpha"))))
            axis.plot(days / 365, curve, label=f"channel {band.channel}, {row['binwave']:.1f} µm")
            told.append(f"channel {band.channel} {curve[np.argmin(abs(days - 730))]:.2f}")
    if own is not None:
        axis.axvline((own - start) / 365, color=style.BLACK, ls="--", lw=1.2)
    axis.set(
        xlabel="Time since the reference date (years)", ylabel="Throughput (relative)", xlim=(0, 4), ylim=(None, 1.03)
    )
    axis.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    style.title(axis, "Loss of throughput, from the reference files of photom", simulated)
    style.finish(figure, "04-throughput", "Relative throughput against time, a falling curve for each band, steepest "
                 f"at long wavelengths. After two years: {', '.join(told)}.")  # fmt: skip
