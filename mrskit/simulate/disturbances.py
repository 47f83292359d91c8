"""Detector effects beyond the references: settling, interference, persistence, brighter-fatter, warm pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mrskit.simulate.events import SHAPE
from mrskit.simulate.imperfections import Departures
from mrskit.simulate.references.tables import EMI_FREQUENCY

FULL_WELL = 52500.0  # DN; JDox, "MIRI Detector Performance": 210 000 electrons
WARM_RATES = (0.2, 5.0)  # DN/s, uniform in the logarithm; adopted
WARM_DRIFT = 0.3  # relative rms of the rate of a warm pixel from exposure to exposure; adopted
# Decay time of the settling after a reset, groups, in the first and later integrations. Except for 0.03 DN/s in a
# ramp of 10 groups it ends within the groups that rscd flags (1 and 4). Adopted: no public file has flight amplitudes.
SETTLING_GROUPS = (0.4, 1.2)
PERSISTENCE_TIME = 60.0  # s, decay time of the signal from the previous exposure; adopted
CLOCK = 1e-5  # s; the unit of the emicorr step of jwst 3.0.0
INTERFERENCE_PERIOD = 1.0 / CLOCK / EMI_FREQUENCY  # clocks


@dataclass(frozen=True, slots=True)
class Disturbances:
    """The disturbances of one exposure."""

    errors: Departures
    group_time: float  # s
    phase: float  # phase of the interference at the first pixel, in periods
    before: np.ndarray | None  # (1024, 1032) DN/s, light in the previous exposure

    def persisting(self, integration: int, group: int, ngroups: int) -> np.ndarray | float:
        """Return the signal that persists from the previous exposure during a group, DN."""
        if self.before is None or not self.errors.persistence:
            return 0.0
        start = (integration * (ngroups + 1) + group) * self.group_time
        left, after = (np.exp(-time / PERSISTENCE_TIME) for time in (start, start + self.group_time))
        seconds = PERSISTENCE_TIME * (left - after)
        return (self.errors.persistence * seconds * self.before).astype(np.float32)

    def spread(self, added: np.ndarray, signal: np.ndarray) -> np.ndarray:
        """Return the charge that a group adds, DN, after full pixels have pushed a share to emptier neighbours."""
        share = self.errors.brighter_fatter / FULL_WELL
        if not share:
            return added
        moved = np.zeros_like(added)
        for axis in (0, 1):
            contrast = np.diff(signal, axis=axis)
            low, high = np.delete(added, -1, axis), np.delete(added, 0, axis)
            flow = share * np.where(contrast > 0, contrast * high, contrast * low)  # from the fuller to the emptier
            moved += np.diff(flow, axis=axis, prepend=0.0, append=0.0)
        return added + moved.astype(np.float32)

    def on_read(self, integration: int, group: int, ngroups: int, sensitive: np.ndarray) -> np.ndarray | float:
        """Return the signal added to a raw read, DN; reference pixels receive only the interference."""
        total: np.ndarray | float = 0.0
        if self.errors.settling:
            decay = np.exp(-group / SETTLING_GROUPS[min(integration, 1)])
            total = sensitive * np.float32(-self.errors.settling * decay)
        return total + self._interference(integration, group, ngroups) if self.errors.interference else total

    def _interference(self, integration: int, group: int, ngroups: int) -> np.ndarray:
        """Return the interference at the time when each pixel is read, DN; the four outputs are read together."""
        frame = round(self.group_time / CLOCK)  # of the full array; the reset between two integrations takes one more
        row = frame // SHAPE[0]  # 271 clocks in FASTR1, 2333 in SLOWR1, where a pixel is sampled nine times
        start = (group + integration * (ngroups + 1)) * frame / INTERFERENCE_PERIOD + self.phase
        rows = np.arange(SHAPE[0])[:, None] * row / INTERFERENCE_PERIOD
        columns = np.arange(SHAPE[1] // 4) * (row // (SHAPE[1] // 4)) / INTERFERENCE_PERIOD
        turn, within = (2.0 * np.pi * part for part in (start % 1.0 + rows, columns))
        wave = np.sin(turn) * np.cos(within) + np.cos(turn) * np.sin(within)  # sine of the sum, without a million sines
        return np.repeat((self.errors.interference * wave).astype(np.float32), 4, axis=1)


def warm_pixels(fraction: float, seed: int, channels: str, known: np.ndarray) -> np.ndarray | None:
    """
    Return the dark, DN/s, of warm pixels that are in neither mask nor dark reference, or None if there are none.

    Parameters
    ----------
    seed : int
        The same seed gives the same pixels of a detector in all exposures.
    known : ndarray of shape (1024, 1032)
        Pixels to leave out: bad pixels and reference pixels.
    """
    if not fraction:
        return None
    rng = np.random.default_rng([seed, 7, int(channels)])
    chosen = (rng.random(SHAPE) < fraction) & ~known
    low, high = np.log(WARM_RATES)
    rates = np.exp(rng.uniform(low, high, SHAPE))
    return np.where(chosen, rates, 0.0).astype(np.float32)


def drifted(warm: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the dark of warm pixels, DN/s, in one exposure."""
    chosen, now = np.nonzero(warm), warm.copy()
    now[chosen] *= np.maximum(1.0 + WARM_DRIFT * rng.standard_normal(len(chosen[0])), 0.0)
    return now
