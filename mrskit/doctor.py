"""Whether this computer can do the course: each line says what was found, what is expected, and what mends it."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
from packaging.requirements import InvalidRequirement, Requirement

import mrskit
from mrskit import plan, preflight, products
from mrskit.bands import SETTINGS
from mrskit.errors import MrskitError
from mrskit.grading.run.sandbox import backends
from mrskit.grading.run.sandbox.mounts import Mounts
from mrskit.lessons import demo
from mrskit.preflight import Finding
from mrskit.references import own_cache
from mrskit.resources import lessons_folder
from mrskit.workspace import ROLES, Workspace, is_foreign

WORKERS = 2  # processes that the demo uses at most, one a core


@dataclass(frozen=True, slots=True)
class Line:
    """A finding, and whether the default demo can do without."""

    finding: Finding
    needed: bool

    @property
    def state(self) -> str:
        """``ok``, ``warning`` or ``missing``: only the last one prevents the default demo."""
        return "ok" if self.finding.ok else "missing" if self.needed else "warning"


def look(root: Path, profile: str = "quick") -> tuple[Line, ...]:
    """
    Return all that was looked at; nothing is changed, nothing raised but for an unknown profile.

    Parameters
    ----------
    root : Path
        Workspace whose data are looked at; it need not exist.
    profile : str
        ``quick`` or ``program``: how long the exposures are that are going to be reduced.

    Raises
    ------
    PlanError
        If there is no such profile.
    """
    plan.profile(profile)
    space = Workspace(root.resolve())
    needed = [preflight.python(), *preflight.packages(), memory(profile), disk(space, profile)]
    wishes = [locked(), cores(), full_memory(profile), references(space), *raw_files(space), *viewers(), sandbox(),
              solutions()]  # fmt: skip
    return (*(Line(item, True) for item in needed), *(Line(item, False) for item in wishes))


def memory(profile: str) -> Finding:
    """Return whether one worker has the memory that the pipeline takes at its peak."""
    return _memory("memory, one worker", demo.WORKER_BYTES[profile], f"peak of a worker, profile {profile}")


def full_memory(profile: str) -> Finding:
    """Return whether there is memory for a worker on each core, two at most."""
    count = min(WORKERS, psutil.cpu_count() or 1)
    return _memory(
        f"memory, {count} worker{'s' if count > 1 else ''}", count * demo.WORKER_BYTES[profile], "all at once"
    )


def disk(space: Workspace, profile: str) -> Finding:
    """Return whether the disk has room for what the demo is going to write."""
    made = any(space.stage("source", "stage3").glob("*_s3d.fits"))
    exposures = 10 if profile == "quick" else 14
    data = exposures * demo.EXPOSURE_BYTES[profile] + 2 * demo.SETTING_BYTES
    needed = (demo.LESSONS_BYTES + (0 if made else data)) / 1e9
    folder = next(path for path in (space.root, *space.root.parents) if path.is_dir())
    free = shutil.disk_usage(folder).free / 1e9
    return Finding("disk", f"{free:.1f} GB free in {folder}", f"{needed:.1f} GB to be written", free >= needed,
                   "Free some space, or name a workspace on another disk: mrskit start --workspace FOLDER")  # fmt: skip


def cores() -> Finding:
    """Return how many cores there are; with one everything works, one exposure at a time."""
    count = psutil.cpu_count() or 1
    return Finding("cores", str(count), "2 or more", count > 1, "One works too; it takes twice the time.")


def locked() -> Finding:
    """Return whether the installed packages are those of the lock with which the course is tested."""
    lock = lessons_folder().parent / "requirements.lock"
    if not lock.is_file():
        return Finding("packages of the lock", "no requirements.lock here", "a checkout of the course", True)
    wrong = [text for text in _differences(lock)]
    found = "all as tested" if not wrong else f"{len(wrong)} differ: {', '.join(wrong[:3])}"
    return Finding("packages of the lock", found, "the versions of requirements.lock", not wrong,
                   f"python -m pip install -r {lock}")  # fmt: skip


def references(space: Workspace) -> Finding:
    """Return whether the reference files for the data of the workspace are all there."""
    card = space.card()
    if is_foreign(space.root) or (os.environ.get("CRDS_PATH") and not space.has_card):
        return preflight.references(space)
    folder = Path(card.references or own_cache.default_folder())
    names = list(card.settings) or ["12:SHORT", "34:SHORT"]
    whole = own_cache.has_settings(folder, [SETTINGS[name] for name in names if name in SETTINGS])
    found = f"{'complete' if whole else 'not there' if not folder.is_dir() else 'incomplete'} for {', '.join(names)}"
    return Finding("CRDS, the kit's own cache", found, f"reference files in {folder}", whole,
                   f"mrskit references --settings {','.join(names)} --out {folder}")  # fmt: skip


def raw_files(space: Workspace) -> Iterator[Finding]:
    """Give, for source and background, the raw files by setting against those of the program (24 and 12)."""
    remedy = preflight.raw_remedy(space, "mrskit start (makes them, 3 minutes)")
    for role in ROLES:
        program = plan.program().observation(role)
        counts = {name: 0 for name in SETTINGS}
        strange = 0
        for path in products.find(space.stage(role, "uncal"), "uncal"):
            try:
                counts[products.read_setting(path).name] += 1
            except MrskitError:
                strange += 1
        total, wanted = sum(counts.values()), len(SETTINGS) * program.dithers
        planned = _planned(space, role)
        found = ", ".join(f"{name} {count} of {program.dithers}" for name, count in counts.items() if count) or "none"
        found += f"; {strange} unreadable" if strange else ""
        whole = not strange and total > 0 and all(counts[name] >= count for name, count in planned.items())
        expected = f"{sum(planned.values())} for the course; {wanted} in the whole program"
        yield Finding(f"{role} raw files", f"{total}: {found}", expected, whole, remedy)


def viewers() -> Iterator[Finding]:
    """Give whether the viewers that are not part of the kit are installed."""
    ds9 = shutil.which("ds9")
    yield Finding("SAOImage DS9", ds9 or "not installed", "wanted by 'mrskit view --ds9'", ds9 is not None,
                  "Install saods9 (Debian, Ubuntu), or https://ds9.si.edu; all lessons work without.")  # fmt: skip
    jdaviz = importlib.util.find_spec("jdaviz") is not None
    found = importlib.metadata.version("jdaviz") if jdaviz else "not installed"
    yield Finding("jdaviz", found, "wanted by 'mrskit view --jdaviz'", jdaviz,
                  "python -m pip install 'mrskit[jdaviz]', best in an environment of its own; not needed.")  # fmt: skip


def sandbox() -> Finding:
    """Return in which isolation the notebooks of others can be graded here; learners do not need it."""
    shown = Mounts((Path(sys.prefix), Path(sys.base_prefix), Path(mrskit.__file__).parents[1]))
    level = backends.best(shown, trust=True).level
    return Finding("sandbox", level, f"for grading the notebooks of others: {', '.join(backends.STRONG)}",
                   level in backends.STRONG, "Install bubblewrap (Linux). Learners do not need it.")  # fmt: skip


def solutions() -> Finding:
    """Return whether the solutions are shipped, which learners may compare with after success."""
    count = len(list((lessons_folder() / "source").glob("*.py")))
    return Finding("solutions for comparison", f"{count} lessons", "the sources of six lessons", count > 0,
                   "Not shipped with this installation; lessons work without.")  # fmt: skip


def _memory(name: str, needed: float, why: str) -> Finding:
    memory = psutil.virtual_memory()
    return Finding(name, f"{memory.available / 1e9:.1f} GB free of {memory.total / 1e9:.1f}",
                   f"{needed / 1e9:.1f} GB ({why})", memory.available >= needed,
                   'Close other programs, or set scheduler = "none" in the lessons.')  # fmt: skip


def _differences(lock: Path) -> Iterator[str]:
    """Give the packages of the lock that are installed in another version, or not at all though mrskit needs them."""
    direct = {Requirement(text).name for text in importlib.metadata.requires("mrskit") or () if "extra ==" not in text}
    for line in lock.read_text(encoding="utf-8").splitlines():
        try:
            wanted = Requirement(line)
        except InvalidRequirement:
            continue  # comments and empty lines
        if wanted.marker is not None and not wanted.marker.evaluate():
            continue
        try:
            version = importlib.metadata.version(wanted.name)
        except importlib.metadata.PackageNotFoundError:
            version = "not installed" if wanted.name in direct else ""
        if version and not wanted.specifier.contains(version, prereleases=True):
            yield f"{wanted.name} {version} (lock: {str(wanted.specifier).removeprefix('==')})"


def _planned(space: Workspace, role: str) -> dict[str, int]:
    """Return the raw files by setting that the course needs: what the workspace says of itself, else the demo's."""
    card = space.card()
    few = card.dithers if space.has_card else demo.DITHERS
    names = card.settings or ["12:SHORT", "34:SHORT"]
    profile = plan.profile(card.profile or "quick")
    usual = profile.source_dithers if role == "source" else profile.background_dithers
    return {name: few[name][list(ROLES).index(role)] if name in few else usual for name in names}
