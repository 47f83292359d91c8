"""The short functions that lesson 05 asks for: references, plausible wrong ones, and what they are tried on."""

from __future__ import annotations

import numpy as np
from astropy.stats import sigma_clipped_stats

Probes = tuple[tuple, ...]


def clipped_mean(values: np.ndarray, sigma: float) -> float:
    """Return the mean after leaving out, in turn, what lies beyond sigma standard deviations from the median."""
    left = values[np.isfinite(values)]
    return float(sigma_clipped_stats(left, sigma=sigma, maxiters=None)[0]) if left.size else np.nan


def clipped_once(values: np.ndarray, sigma: float) -> float:
    """Clip a single time."""
    left = values[np.isfinite(values)]
    if not left.size:
        return np.nan
    return float(np.mean(left[np.abs(left - np.median(left)) <= sigma * np.std(left)]))


def plain_mean(values: np.ndarray, sigma: float) -> float:
    """Do not clip at all."""
    left = values[np.isfinite(values)]
    return float(np.mean(left)) if left.size else np.nan


def plain_median(values: np.ndarray, sigma: float) -> float:
    """Take the median."""
    left = values[np.isfinite(values)]
    return float(np.median(left)) if left.size else np.nan


def clipped_mean_probes(seed: int) -> Probes:
    """Return fields of 80 spaxels with a star of several brightnesses, some with gaps, and one without a value."""
    random = np.random.default_rng(seed)
    found = []
    for number, sigma in enumerate((3.0, 3.0, 2.5, 2.0, 3.0)):
        field = random.normal(random.uniform(5, 50), 3.0, 80)
        field[:6] += random.uniform(10, 3000, 6)
        field[-1 - 2 * number :] = np.nan
        found.append((field, sigma))
    return (*found, (np.full(80, np.nan), 3.0))


def spectral_leak(
    wavelength_3a: np.ndarray, wavelength_1b: np.ndarray, flux_1b: np.ndarray, fraction: np.ndarray
) -> np.ndarray:
    """Return the light of half the wavelength that leaks into 3A."""
    return fraction * np.interp(wavelength_3a, 2 * wavelength_1b, flux_1b)


def leak_without_half(
    wavelength_3a: np.ndarray, wavelength_1b: np.ndarray, flux_1b: np.ndarray, fraction: np.ndarray
) -> np.ndarray:
    """Forget that the light has half the wavelength."""
    return fraction * np.interp(wavelength_3a, wavelength_1b, flux_1b)


def leak_without_fraction(
    wavelength_3a: np.ndarray, wavelength_1b: np.ndarray, flux_1b: np.ndarray, fraction: np.ndarray
) -> np.ndarray:
    """Forget that only a small part leaks."""
    return np.interp(wavelength_3a, 2 * wavelength_1b, flux_1b)


def leak_probes(seed: int) -> Probes:
    """Return spectra of 1B with lines, and places in 3A about the leak."""
    random = np.random.default_rng(seed)
    found = []
    for _ in range(4):
        blue = np.linspace(5.7, 6.6, 60)
        flux = random.uniform(0.02, 0.2) * blue + 0.05 * np.exp(-0.5 * ((blue - random.uniform(6.0, 6.2)) / 0.02) ** 2)
        red = np.sort(random.uniform(11.8, 12.7, 30))
        fraction = 0.027 * np.exp(-0.5 * ((red - 12.22) / 0.08) ** 2)
        found.append((red, blue, flux, fraction))
    return tuple(found)
