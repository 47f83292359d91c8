"""Room that the course takes on disk and in memory: one set of figures for all who ask before they begin."""

from __future__ import annotations

# Bytes on disk: of an exposure (raw, truth, rates, cal, crf), of a setting (cubes), of the lessons' experiments.
EXPOSURE = {"quick": 150e6, "program": 400e6}
SETTING, LESSONS = 100e6, 1.3e9
WORKER = {"quick": 1.5e9, "program": 4e9}  # bytes of memory that one worker needs at most


def of_demo(profile: str) -> float:
    """Return the bytes on disk of the default demo's data and products in a profile, without its lessons."""
    exposures = 10 if profile == "quick" else 14
    return exposures * EXPOSURE[profile] + 2 * SETTING
