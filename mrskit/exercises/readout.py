"""What the judge knows of the exposure that is read, and the function that plans one (lesson 01)."""

from __future__ import annotations

import numpy as np

from mrskit.exercises.unknown import GROUPS, INTEGRATIONS
from mrskit.plan import FRAME_TIME


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
