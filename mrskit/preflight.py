"""What can go wrong before the pipeline starts: Python, versions, memory, disk, data and references."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
from dataclasses import dataclass
from pathlib import Path

import psutil
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from mrskit import observed, plan, products
from mrskit.bands import SETTINGS
from mrskit.card import Card
from mrskit.errors import MrskitError
from mrskit.references import context as crds_context
from mrskit.references import own_cache
from mrskit.workspace import ROLES, Workspace, advice, is_foreign

MEMORY = 4.0  # GB: stage 3 of the demo takes up to 3, and the system needs some
DISK = 2.0  # GB: the lessons' data and products
PACKAGES = ("jwst", "numpy", "scipy", "astropy", "matplotlib")  # whose versions decide on the results


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    name: str
    found: str
    expected: str
    ok: bool
    remedy: str = ""  # what to do where it is not


def look(workspace: Workspace, memory: float = MEMORY, disk: float = DISK) -> tuple[Finding, ...]:
    """
    Return all findings about this computer and a workspace; nothing is raised, nothing changed.

    Parameters
    ----------
    workspace : Workspace
        Whose raw files and references are looked at.
    memory, disk : float
        What is needed, GB.
    """
    return (
        python(), *packages(), free_memory(memory), free_disk(workspace.root, disk), *raw_files(workspace),
        references(workspace),
    )  # fmt: skip


def python() -> Finding:
    """Return whether the version of Python is one that mrskit supports."""
    expected = importlib.metadata.metadata("mrskit")["Requires-Python"]
    version = platform.python_version()
    return Finding("Python", version, expected, SpecifierSet(expected).contains(version),
                   "Make a new environment: see the README, 'Install'.")  # fmt: skip


def packages() -> tuple[Finding, ...]:
    """Return whether the packages that decide on the results have the versions that mrskit asks for."""
    wanted = {item.name: item.specifier for item in map(Requirement, importlib.metadata.requires("mrskit") or ())}
    return tuple(_package(name, wanted.get(name, SpecifierSet())) for name in PACKAGES)


def free_memory(needed: float = MEMORY) -> Finding:
    """Return whether enough memory is free, GB."""
    free = psutil.virtual_memory().available / 1e9
    return Finding("memory", f"{free:.1f} GB free", f"{needed:g} GB", free >= needed,
                   "Close other programs, or run with scheduler=\"none\": one exposure at a time.")  # fmt: skip


def free_disk(folder: Path, needed: float = DISK) -> Finding:
    """Return whether the disk of a folder has room, GB."""
    free = shutil.disk_usage(folder).free / 1e9
    return Finding("disk", f"{free:.1f} GB free", f"{needed:g} GB", free >= needed,
                   "Free some space, or put the workspace on another disk.")  # fmt: skip


def raw_files(workspace: Workspace) -> tuple[Finding, ...]:
    """
    Return, for source and background, whether every planned raw file is there, whole and as long as planned.

    Planned is what ``workspace.json`` says of simulated data, else the real program for every setting that is there.
    """
    observations = {item.role for item in observed.of(workspace).observations}
    return tuple(_raw_files(workspace, role) for role in ROLES if role in observations)


def references(workspace: Workspace) -> Finding:
    """Return whether CRDS will find reference files: the workspace's own, else what the environment names."""
    card = workspace.card()
    pinned = card.crds
    named = pinned.path if pinned else not card.is_real and card.references
    folder = named or os.environ.get("CRDS_PATH", "")
    own = bool(folder) and bool(own_cache.read_card(Path(folder)))
    known = os.environ.get("CRDS_CONTEXT", "the server's newest")
    context = own_cache.CONTEXT if own else pinned.context if pinned else known
    there = Path(folder).is_dir() if named else not crds_context.environment_problem()
    problem = "no folder of reference files" if named else crds_context.environment_problem()
    real = f"Run 'mrskit references --real {workspace.root}'."
    remedy = crds_context.references_gone(workspace) or (
        real if is_foreign(workspace.root) else f"Run 'mrskit references'. For real data: {real}")  # fmt: skip
    return Finding("CRDS", f"{context} in {Path(folder).name}" if there else problem, "a folder of reference files",
                   there, remedy)  # fmt: skip


def raw_remedy(workspace: Workspace, simulate: str) -> str:
    """Return what to do where raw files are missing or broken; ``simulate`` says it where nobody's own data are."""
    if not is_foreign(workspace.root):
        return simulate
    again = f"Fetch the missing or broken files: mrskit fetch --out {workspace.root}."
    return again if products.find(workspace.stage("source", "uncal"), "uncal") else advice(workspace.root)


def _package(name: str, wanted: SpecifierSet) -> Finding:
    try:
        version = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        version = "not installed"
    right = version != "not installed" and wanted.contains(version, prereleases=True)
    return Finding(name, version, str(wanted) or "any", right, f"Run: python -m pip install '{name}{wanted}'")


def _raw_files(workspace: Workspace, role: str) -> Finding:
    folder = workspace.stage(role, "uncal")
    name, remedy = f"{role} raw files", raw_remedy(workspace, "Run 'mrskit simulate' again.")
    whole, problems = [], []
    for path in products.find(folder, "uncal"):
        try:
            whole.append(products.check_uncal(path))
        except MrskitError as error:
            problems.append(str(error))
    card = workspace.card()
    settings = card.settings or sorted({exposure.setting.name for exposure in whole}) or ["12:SHORT"]
    expected = sum(_planned(workspace, card, role, setting) for setting in settings)
    length = _length(workspace, card, role)
    short = [item for item in whole if (item.groups, item.integrations) != length]
    problems += [f"{item.path.name}: {item.groups} groups x {item.integrations}" for item in short]
    found = f"{len(whole)} whole files" + (f"; {problems[0]}" if problems else "")
    text = f"{expected} files of {length[0]} groups x {length[1]} integration{'s' if length[1] > 1 else ''}"
    return Finding(name, found, text, len(whole) == expected and not problems, remedy)


def _planned(workspace: Workspace, card: Card, role: str, setting: str) -> int:
    """Return the planned number of exposures of a setting."""
    if setting not in SETTINGS:
        return 0
    if setting in card.dithers:
        return card.dithers[setting][list(ROLES).index(role)]
    if profile := _profile(card):
        return profile.source_dithers if role == "source" else profile.background_dithers
    return observed.of(workspace).observation(role).dithers


def _profile(card: Card) -> plan.Profile | None:
    """Return the profile of simulated data; None for real ones, which are as long as their program says."""
    return plan.profile(card.profile) if card.profile and not card.is_real else None


def _length(workspace: Workspace, card: Card, role: str) -> tuple[int, int]:
    """Return groups and integrations that are planned."""
    item = _profile(card) or observed.of(workspace).observation(role)
    return item.groups, item.integrations
