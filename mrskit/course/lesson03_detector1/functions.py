"""Functions that learners write in lesson 03: reference solutions, typical mistakes, and probe arguments."""

from __future__ import annotations

import numpy as np

from mrskit.analysis import masks
from mrskit.plan import FRAME_TIME

GROUP_TIME = FRAME_TIME["FASTR1"]


def difference_noise(rate, group_time: float, gain: float, read_noise: float):
    """Return the noise, DN, of the difference between two successive groups, from two reads and photons."""
    photons = np.maximum(rate, 0) * group_time  # DN
    return np.sqrt(2 * read_noise**2 + photons / gain)


def one_read(rate, group_time: float, gain: float, read_noise: float):
    """Compute `difference_noise` with the noise of only one read."""
    return np.sqrt(read_noise**2 + np.maximum(rate, 0) * group_time / gain)


def electrons_for_dn(rate, group_time: float, gain: float, read_noise: float):
    """Compute `difference_noise` with the photon noise in electrons."""
    return np.sqrt(2 * read_noise**2 + np.maximum(rate, 0) * group_time * gain)


def sum_of_sigmas(rate, group_time: float, gain: float, read_noise: float):
    """Compute `difference_noise` with noises added instead of variances."""
    return np.sqrt(2) * read_noise + np.sqrt(np.maximum(rate, 0) * group_time / gain)


def noise_probes(seed: int) -> tuple[tuple, ...]:
    """Return rates (DN/s; one negative, one array), group times, gains and read noises."""
    random = np.random.default_rng(seed)
    rates = [0.0, -0.3, *random.uniform(0.1, 200, 3), random.uniform(0, 50, 6)]
    return tuple((rate, GROUP_TIME, float(random.uniform(3, 6)), float(random.uniform(3, 7))) for rate in rates)


def find_jumps(ramp: np.ndarray, noise: float, threshold: float) -> np.ndarray:
    """Return a mask of the groups whose gain differs from the median gain by more than threshold x noise."""
    gained = np.diff(ramp)
    typical = np.nanmedian(gained)
    return np.concatenate(([False], np.abs(gained - typical) > threshold * noise))


def group_before(ramp: np.ndarray, noise: float, threshold: float) -> np.ndarray:
    """Compute `find_jumps` but mark the last group before the jump."""
    return np.roll(find_jumps(ramp, noise, threshold), -1)


def about_mean(ramp: np.ndarray, noise: float, threshold: float) -> np.ndarray:
    """Compute `find_jumps` with the mean gain, which the hit itself increases."""
    gained = np.diff(ramp)
    return np.concatenate(([False], np.abs(gained - np.nanmean(gained)) > threshold * noise))


def about_zero(ramp: np.ndarray, noise: float, threshold: float) -> np.ndarray:
    """Compute `find_jumps` without subtraction of the median gain."""
    return np.concatenate(([False], np.abs(np.diff(ramp)) > threshold * noise))


def jump_probes(seed: int) -> tuple[tuple, ...]:
    """Return ramps of 10 to 20 groups (DN) with no, one, two or negative hits, or NaN; noise; threshold."""
    random = np.random.default_rng(seed)
    found = []
    for events in ((), ((4, 160.0),), ((3, 90.0), (8, 700.0)), ((6, -120.0),), ((2, 2000.0),)):
        groups, noise = int(random.integers(11, 20)), float(random.uniform(5, 8))
        ramp = 9500 + random.uniform(50, 90) * np.arange(groups) + random.uniform(-0.6, 0.6, groups) * noise
        for group, step in events:
            ramp[group:] += step
        found.append((ramp, noise, 4.0))
    with_nan = found[1][0].copy()
    with_nan[[0, -1]] = np.nan
    return (*found, (with_nan, *found[1][1:]), (found[1][0], found[1][1], 100.0))


def scores(found: np.ndarray, true: np.ndarray) -> tuple[float, float]:
    """Return completeness (share of ``true`` that is in ``found``) and false share (of ``found`` not in ``true``)."""
    return masks.completeness(found, true), masks.false_share(found, true)


def swapped_scores(found: np.ndarray, true: np.ndarray) -> tuple[float, float]:
    """Compute `scores` with the two masks exchanged."""
    return scores(true, found)


def false_of_detector(found: np.ndarray, true: np.ndarray) -> tuple[float, float]:
    """Compute `scores` with the false pixels divided by all pixels of the image."""
    return scores(found, true)[0], (found & ~true).mean() if found.any() else np.nan


def agreement(found: np.ndarray, true: np.ndarray) -> tuple[float, float]:
    """Compute `scores` with the share of all pixels in which the masks agree as the completeness."""
    return (found == true).mean() if true.any() else np.nan, scores(found, true)[1]


def score_probes(seed: int) -> tuple[tuple, ...]:
    """Return pairs of masks (12, 12) with some, no and full overlap, nothing found, and nothing true."""
    random = np.random.default_rng(seed)
    found = []
    for _ in range(3):
        true = random.random((12, 12)) < 0.3
        found.append((true & (random.random((12, 12)) < 0.7) | (random.random((12, 12)) < 0.1), true))
    mask, nothing = found[0][1], np.zeros((12, 12), dtype=bool)
    return (*found, (mask, mask), (~mask, mask), (nothing, mask), (mask, nothing))
