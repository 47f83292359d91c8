"""Figures of lesson 04 that are curves: fringes, a molecule that looks like them, and the throughput with time."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from astropy.io import fits

from mrskit import products
from mrskit.course.shown.fringe_runs import Wave
from mrskit.plotting import style

_COLOURS = {"before": style.BLACK, "fringe flat": style.BLUE, "2-D": style.ORANGE, "1-D": style.GREEN}


def fringes(point: Wave, extended: Wave | None, simulated: bool) -> None:
    """Draw the fringes of a point and of an extended source before and after each correction, a panel for each."""
    shown = {"Point source: the nucleus, channel 1": point}
    if extended is not None:
        shown["Extended source: the background, channel 3"] = extended
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


def molecule(wavelength: np.ndarray, flat: Mapping[str, np.ndarray], lines: np.ndarray, simulated: bool) -> None:
    """Draw a spectrum after each correction of fringes, divided by a smooth curve; ``lines`` are those of CO, um."""
    if not any(np.isfinite(values).any() for values in flat.values()):
        print("This setting does not see CO: it is in band 1A.")
        return
    figure, axes = plt.subplots(len(flat), 1, figsize=(10, 6.4), sharex=True, sharey=True)
    for axis, (name, values) in zip(axes, flat.items(), strict=True):
        axis.vlines(lines, 0.0, 2.0, color=style.GREY, lw=1.0, alpha=0.5)
        axis.axhline(1, color=style.BLACK, lw=0.8)
        axis.plot(wavelength, values, lw=1.2, color=_COLOURS[name])
        axis.set_title(f"{name} alone" if name == "fringe flat" else f"fringe flat and {name}", fontsize=12)
    low, high = np.nanpercentile(np.concatenate(list(flat.values())), (1, 99))
    axes[0].set(ylim=(1 - 1.4 * (1 - low), 1 + 1.6 * (high - 1)), xlim=(lines[0] - 0.01, lines[-1] + 0.01))
    axes[1].set_ylabel("Ratio to smooth")
    axes[-1].set_xlabel("Observed wavelength (µm)")
    style.title(figure, "Lines of CO (grey), band 1A, sum of nine columns", simulated)
    style.finish(figure, "04-molecule", "Three spectra of the nucleus, divided by a smooth curve, with the places of "
                 f"{lines.size} lines of CO marked: after the fringe flat, with the 2-D and with the 1-D correction. "
                 "Each spectrum dips at the marks; how deep depends on the correction.")  # fmt: skip


def throughput(files: Sequence[Path], function: Callable, simulated: bool) -> None:
    """Draw a learner's throughput with the coefficients in the photom references of some cal files, for four years."""
    figure, axis = plt.subplots(figsize=(10, 4.4))
    days, told, start, own = np.linspace(1, 1460, 200), [], 0.0, None
    for path in files:
        header = fits.getheader(path)
        name = header["R_PHOTOM"].removeprefix("crds://")
        reference = next(Path(os.environ["CRDS_PATH"]).rglob(name))
        own = header["EXPMID"] if own is None else own
        for band in products.read_setting(path).bands:
            table = fits.getdata(reference, f"TIMECOEFF_POWERLAW_CH{band.channel}")
            row = table[len(table) // 2]
            start = float(row["t0"])
            curve = np.asarray(function(days, *(float(row[key]) for key in ("year1value", "tsoft", "alpha"))))
            axis.plot(days / 365, curve, label=f"{band.name}, {row['binwave']:.1f} µm")
            told.append(f"{band.name} {curve[np.argmin(abs(days - 730))]:.2f}")
    if own is not None:
        axis.axvline((own - start) / 365, color=style.BLACK, ls="--", lw=1.2)
    axis.set(
        xlabel="Time since the reference date (years)", ylabel="Throughput (relative)", xlim=(0, 4), ylim=(None, 1.03)
    )
    axis.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    style.title(axis, "Loss of throughput, from the reference files of photom", simulated)
    style.finish(figure, "04-throughput", "Relative throughput against time, a falling curve for each band, steepest "
                 f"at long wavelengths. After two years: {', '.join(told)}.")  # fmt: skip
