"""Functions that learners write in lesson 04: fringe amplitude, calibration of a pixel, throughput."""

from __future__ import annotations

import numpy as np


def amplitude(wavenumber: np.ndarray, ratio: np.ndarray, period: float) -> float:
    """Return the amplitude of fringes with a period (1/cm), crest to trough, percent, by linear least squares."""
    phase = 2 * np.pi * np.asarray(wavenumber) / period
    waves = np.stack([np.ones_like(phase), np.cos(phase), np.sin(phase)], axis=1)
    good = np.isfinite(ratio) & np.isfinite(phase)
    _, cosine, sine = np.linalg.lstsq(waves[good], np.asarray(ratio)[good], rcond=None)[0]
    return float(200 * np.hypot(cosine, sine))


def half_amplitude(wavenumber: np.ndarray, ratio: np.ndarray, period: float) -> float:
    """Compute `amplitude` about the mean, which is half as large."""
    return amplitude(wavenumber, ratio, period) / 2


def cosine_alone(wavenumber: np.ndarray, ratio: np.ndarray, period: float) -> float:
    """Compute `amplitude` without the sine, which depends on the phase of the wave."""
    phase = 2 * np.pi * np.asarray(wavenumber) / period
    good = np.isfinite(ratio)
    waves = np.stack([np.ones_like(phase), np.cos(phase)], axis=1)[good]
    return float(200 * abs(np.linalg.lstsq(waves, ratio[good], rcond=None)[0][1]))


def fraction(wavenumber: np.ndarray, ratio: np.ndarray, period: float) -> float:
    """Compute `amplitude` as a fraction."""
    return amplitude(wavenumber, ratio, period) / 100


def largest_minus_smallest(wavenumber: np.ndarray, ratio: np.ndarray, period: float) -> float:
    """Return the range of the ratio, percent, which noise increases."""
    return float(100 * (np.nanmax(ratio) - np.nanmin(ratio)))


def fringe_probes(seed: int) -> tuple[tuple, ...]:
    """Return wavenumbers (1/cm), noisy ratios with fringes (one with NaN), and periods (one of them wrong)."""
    random = np.random.default_rng(seed)
    found = []
    for size in (0.1, 0.02, 0.15, 0.05):
        start = random.uniform(1200, 1900)
        wavenumber = np.linspace(start, start + random.uniform(28, 40), 90)
        period = float(random.uniform(2.7, 3.0))
        ratio = 1 + size * np.cos(2 * np.pi * wavenumber / period + random.uniform(0, 6)) + random.normal(0, 0.01, 90)
        found.append((wavenumber, ratio, period))
    with_nan = found[0][1].copy()
    with_nan[random.integers(0, 90, 9)] = np.nan
    return (*found, (found[0][0], with_nan, found[0][2]), (found[0][0], found[0][1], found[0][2] * 1.7))


def calibrate(rate, straylight, flat, fringe, factor):
    """Return the surface brightness, MJy/sr: subtract the stray light first, then divide by the factors."""
    return (rate - straylight) / flat / fringe * factor


def subtract_late(rate, straylight, flat, fringe, factor):
    """Compute `calibrate` with the stray light subtracted after the division."""
    return (rate / flat / fringe - straylight) * factor


def multiply(rate, straylight, flat, fringe, factor):
    """Compute `calibrate` with multiplication by flat and fringe flat."""
    return (rate - straylight) * flat * fringe * factor


def divide_by_factor(rate, straylight, flat, fringe, factor):
    """Compute `calibrate` with division by the conversion factor."""
    return (rate - straylight) / flat / fringe / factor


def calibrate_probes(seed: int) -> tuple[tuple, ...]:
    """Return count rates and stray light (DN/s; numbers and arrays, one with NaN), flats, fringe flats and factors."""
    random = np.random.default_rng(seed)
    found = []
    for shape in ((), (), (5,), (3, 4)):
        rate, stray = random.uniform(0.1, 30, shape), random.uniform(0.01, 0.5, shape)
        flat, fringe = random.uniform(0.9, 1.1, shape), random.uniform(0.8, 1.2, shape)
        found.append((rate, stray, flat, fringe, float(random.uniform(200, 800))))
    with_nan = (np.where(np.arange(5) == 2, np.nan, found[2][0]), *found[2][1:])
    return (*found, with_nan)


def throughput(days, year1value: float, tsoft: float, alpha: float):
    """Return the throughput some days after t0: a power law with ``year1value`` after 365 days, at most 1."""
    return np.minimum(unbounded(days, year1value, tsoft, alpha), 1.0)


def unbounded(days, year1value: float, tsoft: float, alpha: float):
    """Compute `throughput` without the upper limit of 1."""
    return year1value * ((np.asarray(days) + tsoft) / (365 + tsoft)) ** alpha


def correction(days, year1value: float, tsoft: float, alpha: float):
    """The inverse of `throughput`, which is the factor for the flux."""
    return 1 / throughput(days, year1value, tsoft, alpha)


def without_softening(days, year1value: float, tsoft: float, alpha: float):
    """Compute `throughput` with tsoft only in the numerator."""
    return np.minimum(year1value * ((np.asarray(days) + tsoft) / 365) ** alpha, 1.0)


def throughput_probes(seed: int) -> tuple[tuple, ...]:
    """Return days (numbers and an array), values after a year, softening times (d) and exponents."""
    random = np.random.default_rng(seed)
    days = (10.0, 365.0, 900.0, np.sort(random.uniform(0, 1500, 6)))
    return tuple((one, float(random.uniform(0.6, 0.95)), float(random.uniform(20, 90)), float(random.uniform(-0.3,
                 -0.1))) for one in days)  # fmt: skip
