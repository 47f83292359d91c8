"""Functions that learners write in lesson 05: reference solutions, typical mistakes, and probe arguments."""

from __future__ import annotations

import numpy as np
from astropy.stats import sigma_clipped_stats

from mrskit.analysis import outliers

Probes = tuple[tuple, ...]


def clipped_mean(values: np.ndarray, sigma: float) -> float:
    """Return the mean after repeated clipping of values beyond sigma standard deviations from the median."""
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
    """Return fields of 80 spaxels with a star of varying brightness, some with gaps, and one field of only NaN."""
    random = np.random.default_rng(seed)
    found = []
    for number, sigma in enumerate((3.0, 3.0, 2.5, 2.0, 3.0)):
        field = random.normal(random.uniform(5, 50), 3.0, 80)
        field[:6] += random.uniform(10, 3000, 6)
        field[-1 - 2 * number :] = np.nan
        found.append((field, sigma))
    crowded = np.concatenate([random.normal(20, 0.5, 55), random.normal(30, 0.5, 25)])  # mean and median far apart
    return (*found, (crowded, 1.8), (np.full(80, np.nan), 3.0))


def spectral_leak(
    wavelength_3a: np.ndarray, wavelength_1b: np.ndarray, flux_1b: np.ndarray, fraction: np.ndarray
) -> np.ndarray:
    """Return the light at half the wavelength that leaks into 3A."""
    return fraction * np.interp(wavelength_3a, 2 * wavelength_1b, flux_1b)


def leak_without_half(
    wavelength_3a: np.ndarray, wavelength_1b: np.ndarray, flux_1b: np.ndarray, fraction: np.ndarray
) -> np.ndarray:
    """Forget that the light has half the wavelength."""
    return fraction * np.interp(wavelength_3a, wavelength_1b, flux_1b)


def leak_without_fraction(
    wavelength_3a: np.ndarray, wavelength_1b: np.ndarray, flux_1b: np.ndarray, fraction: np.ndarray
) -> np.ndarray:
    """Forget that only a small fraction leaks."""
    return np.interp(wavelength_3a, 2 * wavelength_1b, flux_1b)


def leak_probes(seed: int) -> Probes:
    """Return 1B spectra with lines, and wavelengths in 3A around the leak."""
    random = np.random.default_rng(seed)
    found = []
    for _ in range(4):
        blue = np.linspace(5.7, 6.6, 60)
        flux = random.uniform(0.02, 0.2) * blue + 0.05 * np.exp(-0.5 * ((blue - random.uniform(6.0, 6.2)) / 0.02) ** 2)
        red = np.sort(random.uniform(11.8, 12.7, 30))
        fraction = 0.027 * np.exp(-0.5 * ((red - 12.22) / 0.08) ** 2)
        found.append((red, blue, flux, fraction))
    return tuple(found)


def clipped_about_the_mean(values: np.ndarray, sigma: float) -> float:
    """Clip around the mean instead of the median."""
    left, before = values[np.isfinite(values)], 0
    while left.size and left.size != before:
        before = left.size
        left = left[np.abs(left - np.mean(left)) <= sigma * np.std(left)]
    return float(np.mean(left)) if left.size else np.nan


def least_difference(images: np.ndarray) -> np.ndarray:
    """Return the smaller difference from a neighbour, minimised over all images."""
    return outliers.least_difference(images)


def larger_difference(images: np.ndarray) -> np.ndarray:
    """Keep the larger of the two differences."""
    return _of_neighbours(images, np.maximum).min(axis=0)


def greatest_over_exposures(images: np.ndarray) -> np.ndarray:
    """Keep the largest value over all images."""
    return _of_neighbours(images, np.minimum).max(axis=0)


def difference_of_mean(images: np.ndarray) -> np.ndarray:
    """Average the images first."""
    return outliers.least_difference(images.mean(axis=0)[None])


def _of_neighbours(images: np.ndarray, choose: np.ufunc) -> np.ndarray:
    step = np.abs(np.diff(images, axis=1))
    return np.column_stack([step[:, 0], choose(step[:, :-1], step[:, 1:]), step[:, -1]])


def least_difference_probes(seed: int) -> Probes:
    """Return one-row images with a moving source and a pixel that is always warm."""
    random = np.random.default_rng(seed)
    found = []
    for count in (4, 2, 4, 3):
        images, columns = random.normal(20, 2, (count, 30)), np.arange(30)
        for number in range(count):
            images[number] += 200 * np.exp(-0.5 * ((columns - random.uniform(3, 26)) / 1.2) ** 2)
        images[:, random.integers(2, 28)] += random.uniform(60, 200)
        found.append((images,))
    return tuple(found)


def factors(ratios: np.ndarray, anchor: int) -> np.ndarray:
    """Return the factors that make all bands join."""
    level = np.concatenate([[1.0], np.cumprod(ratios)])
    return level[anchor] / level


def factors_upside_down(ratios: np.ndarray, anchor: int) -> np.ndarray:
    """Multiply instead of dividing."""
    return 1 / factors(ratios, anchor)


def factors_of_neighbours(ratios: np.ndarray, anchor: int) -> np.ndarray:
    """Correct each band only for its own border."""
    level = np.concatenate([[1.0], ratios])
    return level[anchor] / level


def factors_to_the_first(ratios: np.ndarray, anchor: int) -> np.ndarray:
    """Keep the first band."""
    return factors(ratios, 0)


def factors_probes(seed: int) -> Probes:
    """Return flux ratios at borders, for several numbers of bands, and an anchor band that is not the first."""
    random = np.random.default_rng(seed)
    return tuple((random.uniform(0.9, 1.15, count), int(random.integers(1, count))) for count in (11, 5, 11, 3))
