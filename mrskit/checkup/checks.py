"""All checks before the course begins; they change nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from mrskit import plan
from mrskit.checkup import computer, data
from mrskit.checkup.computer import Finding
from mrskit.workspace import Workspace


def of_lesson(space: Workspace) -> tuple[Finding, ...]:
    """Return the findings on this computer and a workspace for the lessons, with its present data."""
    card = space.card()
    profile = card.profile or ("program" if card.is_real else "quick")
    return (*_needed(space, profile), *data.raw_files(space), data.crds(space))


def of_computer(root: Path, profile: str = "quick") -> tuple[Finding, ...]:
    """Return all findings on this computer and a workspace for a profile; the workspace need not exist."""
    plan.profile(profile)
    space = Workspace(root.resolve())
    return (
        *_needed(space, profile), computer.locked(), computer.cores(), computer.full_memory(profile),
        data.references(space), *data.raw_counts(space), *computer.viewers(), computer.sandbox(), computer.solutions(),
    )  # fmt: skip


def _needed(space: Workspace, profile: str) -> tuple[Finding, ...]:
    """Return the findings without which the default demo cannot run."""
    found = (computer.python(), *computer.packages(), computer.memory(profile), computer.disk(space, profile))
    return tuple(replace(item, needed=True) for item in found)
