"""Figures of lesson 05 with the course's own bands: the spectral leak, and steps between bands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np

from mrskit.analysis import shipped
from mrskit.analysis.whole import leak_excess, steps
from mrskit.plotting import style, whole
from mrskit.products import Spectrum

# Simulated sky and telescope, MJy/sr, in the middle of each band; fitted to Rigby et al. 2023 (PASP 135, 048002)
SKY = {"1A": 0.76, "1B": 1.92, "1C": 4.02, "2A": 7.08, "2B": 11.4, "2C": 16.6, "3A": 23.8, "3B": 36.5, "3C": 67.3,
       "4A": 150.0, "4B": 422.0, "4C": 1170.0}  # fmt: skip


def spectral_leak(
    spectrum: Spectrum, leak: np.ndarray, excess: np.ndarray, simulated: bool, name: str = "05-leak"
) -> None:
    """Show band 3A with and without the leak, and below the leak and any excess above a smooth curve."""
    figure, (upper, lower) = plt.subplots(2, 1, figsize=(11, 7), sharex=True, height_ratios=(3, 2))
    use = np.isfinite(excess)
    wavelength = spectrum.wavelength
    before, bump, curve = (np.where(use, 1e3 * item, np.nan) for item in (spectrum.flux, excess, leak))
    upper.plot(wavelength, before, color=style.ORANGE, label="as extracted")
    upper.plot(wavelength, before - curve, color=style.BLUE, ls="--", label="leak subtracted")
    lower.plot(wavelength, bump, ".", color=style.GREY, label="as extracted, minus a smooth curve")
    lower.plot(wavelength, _smoothed(bump, 15), color=style.ORANGE, label="the same, mean of 15 points")
    lower.plot(wavelength, curve, color=style.RED, ls="--", label="leak of 6.1 µm light")
    for axis in (upper, lower):
        axis.set_ylabel("Flux density (mJy)")
        axis.legend(loc="upper left", fontsize=11)
    lower.set(xlabel="Wavelength (µm)", xlim=(wavelength[use].min(), wavelength[use].max()), ylim=(-2, 5))
    style.title(upper, "The spectral leak in band 3A", simulated)
    style.finish(figure, name, "Spectrum of the nucleus about 12.2 µm before and after subtraction of the leak. Below, "
                 "the spectrum minus a smooth curve has a bump at 12.2 µm, as high and as wide as the predicted leak, "
                 f"at most {np.nanmax(curve):.2f} mJy.")  # fmt: skip


def leak_corrected(leak: Callable, name: str = "05-leak") -> None:
    """Show a learner's function for the leak with the spectra in the course."""
    twelve = shipped.shipped_spectra()
    if not {"1B", "3A"} <= twelve.keys():
        return print("This copy of the course comes without the spectra of all bands.")
    path, a, b = shipped.shipped_folder() / "3A_x1d.fits", twelve["3A"], twelve["1B"]
    light = leak(a.wavelength, b.wavelength, b.flux, shipped.leak_fraction(path))
    if light is not ... and light is not None:
        spectral_leak(a, np.asarray(light), leak_excess(a.wavelength, a.flux), shipped.is_simulated([path]), name)


def nucleus_and_field() -> tuple[dict[str, Spectrum], dict[str, float]]:
    """Return the nucleus (Jy) and the galaxy's mean brightness (MJy/sr) in the course's own bands."""
    nuclei = shipped.shipped_spectra()
    levels = [float(np.nanmedian(shipped.read_field(path).brightness)) for path in shipped.spectra_files()]
    return nuclei, dict(zip(nuclei, levels, strict=True))


def sky_and_galaxy(galaxy: Mapping[str, float], name: str = "05-sky") -> None:
    """Show the brightness of the sky and of the galaxy (mean over the field) in every band."""
    if not galaxy:
        return print("This copy of the course comes without the spectra of all bands.")
    figure, axis = plt.subplots(figsize=(11, 4.4))
    axis.plot(list(galaxy), list(galaxy.values()), "o-", color=style.BLUE, label="the galaxy, mean of the field")
    axis.plot(list(galaxy), [SKY[band] for band in galaxy], "s--", color=style.RED, label="sky and telescope")
    axis.set(xlabel="Band (MRS)", ylabel="Surface brightness (MJy/sr)", yscale="log")
    axis.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axis.legend(loc="upper left")
    style.title(axis, "What the telescope sees in each band", shipped.is_simulated(shipped.spectra_files()))
    style.finish(figure, name, "Surface brightness by band on a logarithmic scale. The galaxy stays between 100 and "
                 "400 MJy/sr. The sky rises from below 1 MJy/sr in 1A to more than 1000 in 4C.")  # fmt: skip


def joins(name: str = "05-joins") -> np.ndarray:
    """Show the steps between the course's own bands; return POINT's flux ratios, redder to bluer band, (11,)."""
    twelve = shipped.shipped_spectra()
    if not twelve:
        print("This copy of the course comes without the spectra of all bands.")
        return np.ones(11)
    fields = [shipped.read_field(path).spectrum for path in shipped.spectra_files()]
    kinds = {"POINT: the nucleus": list(twelve.values()), "EXTENDED: each channel's field": fields}
    whole.joins(kinds, "All bands of the program", name, shipped.is_simulated(shipped.spectra_files()))
    return np.array([ratio for _, ratio in steps(list(twelve.values())).values()])


def stitched(factors: Callable, ratios: np.ndarray, anchor: int = 3, name: str = "05-stitched") -> None:
    """Show the steps between bands before and after a learner's factors, with one band unchanged."""
    found = factors(np.asarray(ratios), anchor)
    twelve = shipped.shipped_spectra()
    if found is ... or found is None or len(twelve) != len(found):
        return None
    scaled = [replace(item, flux=item.flux * factor) for item, factor in zip(twelve.values(), found, strict=True)]
    after = [ratio for _, ratio in steps(scaled).values()]
    borders = [pair.replace(" ", "|") for pair in steps(scaled)]
    figure, axis = plt.subplots(figsize=(11, 4))
    axis.axhline(0, color=style.GREY, lw=1)
    axis.plot(borders, 100 * (np.asarray(ratios) - 1), "o", color=style.ORANGE, label="as extracted")
    axis.plot(borders, 100 * (np.asarray(after) - 1), "D", color=style.BLUE, mfc="none", label="with your factors")
    axis.set(xlabel="Border (bands)", ylabel="Step (%)")
    axis.legend()
    style.title(axis, "Steps of the nucleus from band to band", shipped.is_simulated(shipped.spectra_files()))
    style.finish(figure, name, "Steps of the spectrum of the nucleus at the eleven borders of bands, in percent, "
                 "before and after the bands were scaled.")  # fmt: skip
    print("factors:", ", ".join(f"{band} {factor:.3f}" for band, factor in zip(twelve, found, strict=True)))
    return None


def _smoothed(values: np.ndarray, width: int) -> np.ndarray:
    """Return the running mean of finite points, NaN if fewer than half of the points are finite."""
    good, kernel = np.isfinite(values), np.ones(width)
    count = np.convolve(good, kernel, "same")
    total = np.convolve(np.where(good, values, 0), kernel, "same")
    return np.where(good & (count > width / 2), total / np.maximum(count, 1), np.nan)
