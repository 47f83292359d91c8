"""Everything that is looked at before the course begins; nothing is changed by looking."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from mrskit import plan
from mrskit.checkup import computer, data
from mrskit.checkup.computer import Finding
from mrskit.workspace import Workspace


def of_lesson(space: Workspace) -> tuple[Finding, ...]:
    """Return what the lessons need on this computer and of a workspace, as its data are."""
    card = space.card()
    profile = card.profile or ("program" if card.is_real else "quick")
    return (*_needed(space, profile), *data.raw_files(space), data.crds(space))


def of_computer(root: Path, profile: str = "quick") -> tuple[Finding, ...]:
    """Return all that there is to say about this computer and a workspace, which need not exist, for a profile."""
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
