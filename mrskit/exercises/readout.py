"""An exposure to read, and the function that plans one (lesson 01)."""

from __future__ import annotations

import numpy as np

from mrskit.plan import FRAME_TIME

GROUPS, INTEGRATIONS = 12, 3  # of the exposure that learners read
_RATE, _NOISE, _HIT = 60.0, 6.0, (1, 7, 700.0)  # DN/s; DN; a cosmic ray: integration, group, DN


def unknown_exposure() -> tuple[np.ndarray, np.ndarray]:
    """
    Return time (s) and signal (DN) of every group of one pixel, both of shape (n,), for an invented FASTR1 exposure.

    A reset lies between two integrations; one cosmic ray makes a step.
    """
    step, random = FRAME_TIME["FASTR1"], np.random.default_rng(12)
    time, signal = [], []
    for integration in range(INTEGRATIONS):
        since = step * np.arange(1, GROUPS + 1)
        values = 400 + _RATE * since + random.normal(0, _NOISE, GROUPS)
        if integration == _HIT[0]:
            values[_HIT[1] :] += _HIT[2]
        time.append(integration * (GROUPS + 1) * step + since)
        signal.append(values)
    return np.concatenate(time), np.concatenate(signal)


def frames(groups: int = GROUPS, integrations: int = INTEGRATIONS) -> int:
    """Return the frame times of an exposure, resets between integrations included."""
    return groups * integrations + integrations - 1


def reading(groups: int = 0, integrations: int = 0, total: int = 0) -> list[int]:
    """Return groups, integrations and frames of the exposure that is read, with mistakes added."""
    return [GROUPS + groups, INTEGRATIONS + integrations, frames() + total]


def groups_that_fit_probes(seed: int) -> tuple[tuple, ...]:
    """Return ways to ask for the number of groups: seconds, integrations and dithers, the last too short for one."""
    random = np.random.default_rng(seed)
    found = [(float(random.uniform(200, 3000)), int(random.integers(1, 4)), int(random.integers(2, 5)))
             for _ in range(6)]  # fmt: skip
    return (*found, ((40 * 2 + 1) * FRAME_TIME["FASTR1"] * 4 + 0.01, 2, 4), (10.0, 2, 4))


def groups_that_fit(seconds: float, integrations: int, dithers: int) -> int:
    """Return how many FASTR1 groups an integration can have so that a band takes at most this time, APT's count."""
    each = seconds / dithers / FRAME_TIME["FASTR1"]
    return max(int((each - (integrations - 1)) // integrations), 0)


def without_resets(seconds: float, integrations: int, dithers: int) -> int:
    """Forget the reset frames."""
    return int(seconds / dithers / FRAME_TIME["FASTR1"] // integrations)


def without_dithers(seconds: float, integrations: int, dithers: int) -> int:
    """Forget that a band is observed once at every dither."""
    return max(int((seconds / FRAME_TIME["FASTR1"] - (integrations - 1)) // integrations), 0)


def rounded_up(seconds: float, integrations: int, dithers: int) -> int:
    """Round to the nearest whole number of groups."""
    return max(round((seconds / dithers / FRAME_TIME["FASTR1"] - (integrations - 1)) / integrations), 0)
