"""Events on the detector: cosmic rays with their tracks, and showers of three strengths."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

SHAPE = (1024, 1032)  # rows, columns
HIT_RATE = 22.0  # per s and detector, adopted from NIRSpec's flight rate (Rauscher & Fixsen 2025) scaled to the area
TRACK_LENGTH = 2.5  # pixels, mean of an exponential distribution, adopted
CHARGE = (6000.0, 1.0)  # electrons: median of a hit's total, and the sigma of its natural logarithm; adopted
COUPLING = 0.03  # share of a pixel's charge that appears in each of its four neighbours
MINIMUM_DN = 0.5  # smaller signals are neither simulated nor recorded
SHOWER_INTERVAL = 40.0  # s between showers on one detector, adopted
SHOWER_GROUPS = 20  # ramps with fewer groups get no shower, because the pipeline does not search them
STRENGTHS = {"bright": 4.0, "intermediate": 2.0, "shallow": 0.5}  # DN/s at the brightest place, at the start


@dataclass(frozen=True, slots=True)
class Hits:
    """Cosmic-ray signals, one entry per pixel and group: the step between the previous read and this read."""

    integration: np.ndarray  # (n,)
    group: np.ndarray  # (n,)
    row: np.ndarray  # (n,)
    column: np.ndarray  # (n,)
    dn: np.ndarray  # (n,) DN, before nonlinearity


@dataclass(frozen=True, slots=True)
class Shower:
    """One cosmic-ray shower: extra light that starts between two reads and fades."""

    strength: str  # bright, intermediate or shallow
    integration: int
    group: int  # the first read after the start
    start: float  # s before that read
    decay: float  # s
    amplitude: np.ndarray  # (1024, 1032), DN/s at the start

    def seconds(self, group: int, group_time: float) -> float:
        """
        Return the signal that the shower adds up to the read of ``group``, in seconds of its starting amplitude.

        The signal in DN since the previous read is this value times ``amplitude``; it is zero before the shower.
        """
        if group < self.group:
            return 0.0
        end = self.start + (group - self.group) * group_time
        begin = max(end - group_time, 0.0)
        return float(self.decay * (np.exp(-begin / self.decay) - np.exp(-end / self.decay)))


def cosmic_rays(rng: np.random.Generator, nints: int, ngroups: int, group_time: float, gain: float) -> Hits:
    """Return the cosmic-ray hits of an exposure."""
    number = rng.poisson(HIT_RATE * group_time * nints * ngroups)
    read = rng.integers(0, nints * ngroups, number)
    steps = np.arange(80) / 4.0  # the charge falls along the track every quarter of a pixel
    length = np.minimum(rng.exponential(TRACK_LENGTH, number), steps[-1])
    angle = rng.uniform(0, 2 * np.pi, number)
    share = (steps[None, :] <= length[:, None]).astype(float)
    share *= (rng.lognormal(np.log(CHARGE[0]), CHARGE[1], number) / gain / share.sum(axis=1))[:, None]
    row = np.rint(rng.uniform(0, SHAPE[0], number)[:, None] + steps * np.sin(angle)[:, None]).astype(np.int64)
    column = np.rint(rng.uniform(0, SHAPE[1], number)[:, None] + steps * np.cos(angle)[:, None]).astype(np.int64)
    places, signals = [], []
    for down, right in ((0, 0), (1, 0), (-1, 0), (0, 1), (0, -1)):
        factor = 1.0 - 4.0 * COUPLING if (down, right) == (0, 0) else COUPLING
        y, x = row + down, column + right
        inside = (share > 0) & (y >= 0) & (y < SHAPE[0]) & (x >= 4) & (x < SHAPE[1] - 4)
        index = (np.broadcast_to(read[:, None], y.shape) * SHAPE[0] + y) * SHAPE[1] + x
        places.append(index[inside])
        signals.append((share * factor)[inside])
    return _merged(np.concatenate(places), np.concatenate(signals), ngroups)


def _merged(places: np.ndarray, signals: np.ndarray, ngroups: int) -> Hits:
    """Return the hits with one entry per pixel and read, sorted by read."""
    unique, inverse = np.unique(places, return_inverse=True)
    dn = np.bincount(inverse, weights=signals, minlength=unique.size)
    unique, dn = unique[dn >= MINIMUM_DN], dn[dn >= MINIMUM_DN]
    read, pixel = np.divmod(unique, SHAPE[0] * SHAPE[1])
    row, column = np.divmod(pixel, SHAPE[1])
    integration, group = np.divmod(read, ngroups)
    small = np.int16
    return Hits(
        integration.astype(small), group.astype(small), row.astype(small), column.astype(small), dn.astype(np.float32)
    )


def showers(rng: np.random.Generator, nints: int, ngroups: int, group_time: float) -> tuple[Shower, ...]:
    """
    Return the showers of an exposure: one of each strength, and more with random strength in long exposures.

    Ramps of fewer than ``SHOWER_GROUPS`` groups get no shower. The pipeline needs ten differences to look for showers,
    so it could not flag a shower in a short ramp.
    """
    if ngroups < SHOWER_GROUPS:
        return ()
    names = list(STRENGTHS)
    expected = nints * ngroups * group_time / SHOWER_INTERVAL - len(names)
    names += list(rng.choice(names, rng.poisson(max(expected, 0.0))))
    found = []
    for number, strength in enumerate(names):
        third = number % 3  # the first three lie apart from each other, in time and on the detector
        row = rng.uniform(120, 280) + 310 * third
        group = int(ngroups * (0.25 + 0.2 * third)) + int(rng.integers(-2, 3))
        found.append(_shower(rng, strength, int(rng.integers(nints)), group, row, rng.uniform(120, 900), group_time))
    return tuple(found)


def _shower(
    rng: np.random.Generator, strength: str, integration: int, group: int, row: float, column: float, group_time: float
) -> Shower:
    from scipy.ndimage import gaussian_filter

    radius, ratio, angle = rng.uniform(25, 60), rng.uniform(0.35, 0.7), rng.uniform(0, np.pi)
    y, x = np.indices(SHAPE, dtype=np.float32)
    along = (x - column) * np.cos(angle) + (y - row) * np.sin(angle)
    across = (y - row) * np.cos(angle) - (x - column) * np.sin(angle)
    distance = np.hypot(along / radius, across / (radius * ratio))
    edge = gaussian_filter(rng.standard_normal(SHAPE, dtype=np.float32), 8.0)
    distance += 0.12 * edge / edge.std()  # an irregular outline
    shape = np.clip(1.3 - distance, 0.0, 0.6) / 0.6  # flat inside, falling to zero at about the radius
    shape[:, :4] = shape[:, 1028:] = 0.0
    amplitude = (STRENGTHS[strength] * shape).astype(np.float32)
    start, decay = rng.uniform(0.6, 1.0) * group_time, rng.uniform(10.0, 30.0)
    return Shower(strength, integration, group, float(start), float(decay), amplitude)
