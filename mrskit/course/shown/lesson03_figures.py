"""Figures of lesson 03: one pixel through the steps of stage 1, jumps, and the pulls of the rates."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from astropy.io import fits
from matplotlib.axes import Axes

from mrskit.course.shown.pixels import JUMP, Pixel
from mrskit.course.shown.ramps import Ramp, of_bright
from mrskit.plotting import detector, style
from mrskit.products import read_exposure

# Bits of the pipeline's GROUPDQ that stage 1 sets: (bit, word, marker, colour).
FLAGS = (
    (2, "saturated", "s", style.PURPLE),
    (4, "jump", "X", style.RED),
    (1, "do not use", "x", style.GREY),
)


def through_the_steps(one: Ramp, pixel: Pixel | None = None) -> None:
    """Draw the bright pixel before and after stage 1 with its flags, and the change by each step."""
    if not one:
        return
    time, pixel = one.time, pixel or one.bright
    ramps, flags = ({name: values[0, :, *pixel] for name, values in kept.items()} for kept in (one.after, one.quality))
    names = list(ramps)
    changed = [(before, name) for before, name in pairwise(names) if not np.array_equal(ramps[name], ramps[before])]
    flagged = [name for before, name in pairwise(names) if (flags[name] & ~flags[before]).any()]
    places = ["all steps"] * (3 - len(changed) % 3) + [name for _, name in changed]  # no panel stays empty
    rows: list = [places[start : start + 3] for start in range(0, len(places), 3)]
    figure, axes = plt.subplot_mosaic(rows, figsize=(10, 0.6 + 3.0 * len(rows)))
    first, last = names[0], names[-1]
    whole = axes["all steps"]
    whole.plot(time, ramps[first], "o-", ms=4, lw=1.2, color=style.BLACK, label="before")
    whole.plot(time, ramps[last], "o-", ms=4, lw=1.2, color=style.BLUE, label="after")
    whole.set(title="all steps", ylabel="Signal (DN)")
    _mark(whole, time, ramps[last], flags[last])
    for before, name in changed:
        axis = axes[name]
        axis.plot(time, ramps[name] - ramps[before], "o-", ms=4, lw=1.2, color=style.BLUE)
        axis.set(title=name, ylabel="Change (DN)")
        axis.margins(y=0.2)
    for axis in axes.values():
        axis.locator_params(axis="x", nbins=6)
        axis.set_xlabel("Time (s)")
    style.title(figure, f"A bright pixel (row {pixel[0]}, column {pixel[1]}) through stage 1", one.simulated)
    style.finish(figure, "03-steps-bright", "Small panels for one bright pixel. The first shows its ramp before and "
                 f"after all steps, with its flags, which {', '.join(flagged) or 'no step'} set. The others show in DN "
                 f"what one step changed: {', '.join(name for _, name in changed)}.")  # fmt: skip


def gallery(chosen: Mapping[str, tuple[Ramp, Pixel]], name: str) -> None:
    """Draw raw ramps side by side with flags; maps each panel's title to an exposure and a pixel (row, column)."""
    if not chosen:
        return
    figure, axes = plt.subplots(1, len(chosen), figsize=(10, 3.8), squeeze=False)
    for axis, (label, (ramp, (row, column))) in zip(axes[0], chosen.items(), strict=True):
        signal = ramp.after["raw"][0, :, row, column]
        axis.plot(ramp.time, signal, "o-", lw=1.2, ms=5, color=style.BLUE)
        _mark(axis, ramp.time, signal, ramp.quality["jump"][0, :, row, column])
        axis.set(xlabel="Time (s)")
        axis.set_title(f"{label} ({row}, {column})", fontsize=12)
    axes[0, 0].set_ylabel("Signal (DN)")
    style.title(figure, "Raw ramps of chosen pixels (row, column)", any(ramp.simulated for ramp, _ in chosen.values()))
    style.finish(figure, name, f"Raw ramps of {len(chosen)} pixels: {'; '.join(chosen)}. Flagged groups carry a mark.")


def bend(ramp: Ramp) -> None:
    """Draw the raw and the corrected ramp of the bright pixel minus a line through their first usable groups."""
    if not ramp:
        return
    pixel, time, good = ramp.bright, ramp.time[ramp.usable], ramp.usable
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.2))
    for step, colour, label in (("raw", style.RED, "raw"), ("jump", style.BLUE, "after the correction")):
        signal = ramp.after[step][0, good, *pixel]
        line = np.polyval(np.polyfit(time[:6], signal[:6], 1), time)
        if step == "raw":
            left.plot(time, line, "--", color=style.BLACK, lw=1.5, label="line through the first\nraw groups")
        left.plot(time, signal, "o", ms=4, color=colour, label=label)
        right.plot(time, signal - line, "o-", ms=4, lw=1.2, color=colour, label=label)
    right.axhline(0, color=style.BLACK, ls="--", lw=1.5)
    left.set(xlabel="Time (s)", ylabel="Signal (DN)")
    right.set(xlabel="Time (s)", ylabel="Signal - line of its own (DN)")
    left.legend(fontsize=11)
    style.title(figure, f"A long ramp bends: pixel (row {pixel[0]}, column {pixel[1]})", ramp.simulated)
    style.finish(figure, "03-linearity", "Left: a ramp before and after the correction of linearity, with a straight "
                 "dashed line through the first groups of the raw one. Right: the distance from such a line; the raw "
                 "ramp leaves it more and more, the corrected one stays near it.")  # fmt: skip


def own_pixels(long: Ramp, chosen: Sequence[Pixel]) -> None:
    """Draw the raw ramps of the learner's full, hit and quiet pixel, if these pixels are known."""
    if long and chosen is not ...:
        kinds = ("Your full pixel", "Your hit pixel", "Your quiet pixel")
        gallery({kind: (long, (own[0], own[1])) for kind, own in zip(kinds, chosen, strict=False)}, "03-own-pixels")


def fit(one: Ramp) -> None:
    """Draw the ramp of the bright pixel, the straight line through its usable groups, and the residual."""
    if not one:
        return
    time, usable, ramp = of_bright(one)
    good = np.isin(np.arange(time.size), usable)
    slope, start = np.polyfit(time[good], ramp[good], 1)
    figure, (upper, lower) = plt.subplots(2, 1, figsize=(10, 5.6), sharex=True, height_ratios=(3, 1))
    upper.plot(time[good], ramp[good], "o", color=style.BLUE, label="used")
    upper.plot(time[~good], ramp[~good], "x", color=style.GREY, label="not used")
    upper.plot(time, start + slope * time, "-", color=style.RED, label="straight line")
    upper.set_ylabel("Signal (DN)")
    upper.legend()
    style.title(upper, "A straight line through one ramp", one.simulated)
    lower.plot(time[good], (ramp - start - slope * time)[good], "o", color=style.BLUE)
    lower.axhline(0, color=style.RED, lw=1)
    lower.set(xlabel="Time (s)", ylabel="Residual (DN)")
    style.finish(figure, "03-fit", f"Signal of one pixel against time with a fitted straight line through "
                                   f"{good.sum()} of "
                 f"{good.size} groups; below, the small residuals scatter about zero.")  # fmt: skip


def _mark(axis: Axes, time: np.ndarray, signal: np.ndarray, flags: np.ndarray) -> None:
    """Mark flagged groups and explain the marks in a legend."""
    for bit, word, marker, colour in FLAGS:
        chosen = (flags & bit).astype(bool)
        if chosen.any():
            axis.plot(
                time[chosen], signal[chosen], marker, color=colour, ms=9, ls="none", label=word, mfc="none", mew=2
            )
    if axis.get_legend_handles_labels()[0]:
        axis.legend(fontsize=10)


def differences(one: Ramp, pixel: Pixel, find: Callable | None, threshold: float) -> None:
    """
    Draw the deviation, in sigma, of each group's gain from the pixel's typical gain, and the groups found as hits.

    ``find(ramp, noise, threshold)`` is the learner's search; without it only the pipeline's flags are drawn.
    """
    if not one:
        return
    ramp = one.after["jump"][0, :, *pixel].astype(float)
    good = np.isin(np.arange(ramp.size), one.usable)
    ramp[~good] = np.nan
    gained, noise = np.diff(ramp), _noise_of_alike(one, pixel)
    theirs = one.quality["jump"][0, :, *pixel] & JUMP > 0
    found = theirs if find is None else np.asarray(find(ramp, noise, threshold), dtype=bool)
    figure, axis = plt.subplots(figsize=(10, 4))
    groups, ratio = np.arange(1, gained.size + 1), (gained - np.nanmedian(gained)) / noise
    axis.axhspan(-threshold, threshold, color=style.GREY, alpha=0.2, lw=0, label=f"within {threshold:g} sigma")
    axis.plot(groups, ratio, "o", color=style.BLUE, label="difference")
    for marked, marker, label in ((theirs, "s", "pipeline"), (found, "X", "yours")):
        if label == "pipeline" or find is not None:
            here = marked[1:]
            axis.plot(
                groups[here], ratio[here], marker, color=style.RED, ms=16, mfc="none", mew=2, ls="none", label=label
            )
    axis.set(xlabel="Group (counted from 0)", ylabel="Gain - typical gain (sigma)", xticks=groups[np.isfinite(ratio)])
    axis.set_yscale("symlog", linthresh=threshold)
    axis.set_yticks(ticks := [-4, -2, 0, 2, 4, 10, 30, 100], labels=[f"{value:g}" for value in ticks])
    axis.set_ylim(min(-1.5 * threshold, 1.2 * np.nanmin(ratio)), max(1.5 * threshold, 1.5 * np.nanmax(ratio)))
    axis.minorticks_off()
    axis.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    line = np.polyfit(one.time[good], ramp[good], 1)[0]
    style.title(axis, f"Pixel {pixel}: {line:.2f} DN/s with one line, {one.rate[pixel]:.2f} with the ramp cut",
                one.simulated)  # fmt: skip
    style.finish(figure, "03-differences", f"What each group gained, minus the typical gain, in sigma. All but "
                 f"{int((abs(ratio) > threshold).sum())} of {int(np.isfinite(ratio).sum())} points lie within "
                 f"{threshold:g} sigma of zero.")  # fmt: skip


def _noise_of_alike(one: Ramp, pixel: Pixel) -> float:
    """Return the noise, DN, of a group's gain in pixels with a similar count rate."""
    gained = np.diff(one.after["jump"][0, one.usable].astype(np.float32), axis=0)
    typical = np.median(gained, axis=0)
    alike = gained[:, abs(typical - typical[pixel]) <= 0.1 * abs(typical[pixel])]
    return float(1.4826 * np.median(abs(alike - np.median(alike, axis=0))) * np.sqrt(len(alike) / (len(alike) - 1)))


def pulls_of(files: Sequence[Path]) -> np.ndarray:
    """Return the first two rate images' difference divided by its error, per pixel; NaN for fewer than two images."""
    if len(files) < 2:
        return np.full((1024, 1032), np.nan)
    (first, second), (error, other) = ([fits.getdata(path, name) for path in files[:2]] for name in ("SCI", "ERR"))
    with np.errstate(invalid="ignore", divide="ignore"):
        return (first - second) / np.hypot(error, other)


def pulls(without: np.ndarray, files: Sequence[Path], width: object) -> None:
    """Draw the pulls without and (from ``files``) with a search for jumps, and a normal distribution."""
    searched = pulls_of(files)
    if not (np.isfinite(without).any() or np.isfinite(searched).any()):
        return
    figure, axis = plt.subplots(figsize=(10, 4.2))
    edges = np.linspace(-12, 12, 161)
    told, beyond = f", core {width:.2f}" if isinstance(width, float) else "", []
    for values, colour, label in ((without, style.RED, f"no search{told}"), (searched, style.BLUE, "with search")):
        values = values[np.isfinite(values)]
        if not values.size:
            continue
        values = values - np.median(values)
        beyond.append(f"{label}: {100 * float((abs(values) > 5).mean()):.2f} percent")
        axis.hist(values.clip(-11.9, 11.9), edges.tolist(), histtype="step", lw=1.8, color=colour,
                  label=f"{label},\nstandard deviation {values.std():.2f}")  # fmt: skip
    middle = (edges[1:] + edges[:-1]) / 2
    expected = values.size * np.diff(edges) * np.exp(-(middle**2) / 2) / np.sqrt(2 * np.pi)
    axis.plot(middle, expected, color=style.BLACK, lw=1.2, label="normal, width 1")
    axis.set(
        xlabel="Difference / its error (the last bins hold all beyond)", ylabel="Pixels", yscale="log", ylim=(1, None)
    )
    axis.legend(loc="upper left", bbox_to_anchor=(0.98, 1.0), fontsize=11)
    simulated = any(read_exposure(path).simulated for path in files[:1])
    style.title(axis, "Pulls between two background exposures", simulated)
    style.finish(figure, "03-pulls", f"Histograms of pulls{told} on a logarithmic scale, beside the normal one of "
                 f"width one. More than five from the middle: {'; '.join(beyond)}.")  # fmt: skip


def rates(science: Path, background: Path) -> None:
    """Draw two rate files next to each other, and a small window of both."""
    exposure, images = read_exposure(science), (fits.getdata(science, "SCI"), fits.getdata(background, "SCI"))
    label, simulated = "Count rate (DN/s)", exposure.simulated
    detector.science_and_background(*images, label, exposure.setting, "03-rates", simulated, rows=4)
    named = dict(zip(("Science", "Background"), images, strict=True))
    detector.zooms(named, (600, 720, 20, 200), label, "03-window", "A small window of both rate images. There are no "
                   "tracks of cosmic rays. White pixels have no value.",
                   simulated)  # fmt: skip


def shower_rates(treated: Mapping[str, np.ndarray], patch: np.ndarray, simulated: bool) -> None:
    """Draw the count rates, DN/s, around a shower (mask ``patch``) with no, either, and both corrections."""
    if not treated:
        return
    row, column = (int(np.median(places)) for places in np.nonzero(patch))
    rows, columns = (slice(max(middle - 75, 0), middle + 75) for middle in (row, column))
    extent = (columns.start - 0.5, columns.stop - 0.5, rows.start - 0.5, rows.stop - 0.5)
    high = float(np.nanpercentile(treated["nothing"][rows, columns], 85))  # the patch is fainter than the traces
    figure, axes = plt.subplots(1, len(treated), figsize=(10, 4.2), sharey=True, squeeze=False)
    for axis, (cure, image) in zip(axes[0], treated.items(), strict=True):
        shades = plt.get_cmap(style.SEQUENTIAL).with_extremes(bad="white")
        drawn = axis.imshow(image[rows, columns], vmin=0, vmax=high, cmap=shades, extent=extent, aspect="equal")
        axis.set_title(cure, fontsize=12)
        axis.set_xlabel("Column (pixel)")
        axis.locator_params(nbins=4)
    axes[0, 0].set_ylabel("Row (pixel)")
    figure.colorbar(drawn, ax=list(axes[0]), label="Count rate (DN/s)", location="bottom", aspect=40, pad=0.02)
    style.title(figure, "Rate image about the bright shower, by cure", simulated)
    style.finish(figure, "03-shower-rates", "The count rates about the bright shower, a panel for each cure: without "
                 "one a diffuse patch covers slices and gaps; with a cure it is fainter or gone.")  # fmt: skip
