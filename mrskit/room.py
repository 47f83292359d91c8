"""Disk space and memory that the course needs, for checks before a run."""

from __future__ import annotations

# Bytes on disk per exposure (raw, truth, rates, cal, crf), per setting (cubes), and for the lessons' experiments.
EXPOSURE = {"quick": 150e6, "program": 400e6}
SETTING, LESSONS = 100e6, 1.3e9
WORKER = {"quick": 1.5e9, "program": 4e9}  # largest memory of one worker, bytes


def of_demo(profile: str) -> float:
    """Return the bytes on disk for the default demo's data and products in a profile, without its lessons."""
    exposures = 10 if profile == "quick" else 14
    return exposures * EXPOSURE[profile] + 2 * SETTING
