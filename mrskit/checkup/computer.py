"""This computer: Python, packages, memory, disk, and the programs that are not part of the kit."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet

import mrskit
from mrskit import room
from mrskit.resources import lessons_folder
from mrskit.workspace import Workspace

PACKAGES = ("jwst", "numpy", "scipy", "astropy", "matplotlib")  # whose versions decide on the results
WORKERS = 2  # processes that the demo uses at most, one a core


@dataclass(frozen=True, slots=True)
class Finding:
    """A line of the checkup."""

    name: str
    found: str
    expected: str
    ok: bool
    remedy: str = ""  # what to do where it is not
    needed: bool = False  # without it the default demo cannot run

    @property
    def state(self) -> str:
        """``ok``, ``warning`` or ``missing``: only ``missing`` prevents the default demo."""
        return "ok" if self.ok else "missing" if self.needed else "warning"


def python() -> Finding:
    """Return whether mrskit supports the version of Python."""
    expected = importlib.metadata.metadata("mrskit")["Requires-Python"]
    version = platform.python_version()
    return Finding("Python", version, expected, SpecifierSet(expected).contains(version),
                   "Make a new environment: see the README, 'Start'.")  # fmt: skip


def packages() -> tuple[Finding, ...]:
    """Return whether the packages that affect results have the required versions."""
    wanted = {item.name: item.specifier for item in map(Requirement, importlib.metadata.requires("mrskit") or ())}
    return tuple(_package(name, wanted.get(name, SpecifierSet())) for name in PACKAGES)


def locked() -> Finding:
    """Return whether the installed packages have the versions in the lock file, with which we test the course."""
    lock = lessons_folder().parent / "requirements.lock"
    if not lock.is_file():
        return Finding("packages of the lock", "no requirements.lock here", "a checkout of the course", True)
    wrong = list(_differences(lock))
    found = "all as tested" if not wrong else f"{len(wrong)} differ: {', '.join(wrong[:3])}"
    return Finding("packages of the lock", found, "the versions of requirements.lock", not wrong,
                   f"python -m pip install -r {lock}")  # fmt: skip


def memory(profile: str) -> Finding:
    """Return whether the memory is enough for one worker at its peak."""
    return _memory("memory, one worker", room.WORKER[profile], f"peak of a worker, profile {profile}")


def full_memory(profile: str) -> Finding:
    """Return whether the memory is enough for a worker on each core, at most two."""
    count = min(WORKERS, psutil.cpu_count() or 1)
    return _memory(f"memory, {count} worker{'s' if count > 1 else ''}", count * room.WORKER[profile], "all at once")


def disk(space: Workspace, profile: str) -> Finding:
    """Return whether the disk has enough space for the demo."""
    made = any(space.stage("source", "stage3").glob("*_s3d.fits"))
    needed = (room.LESSONS + (0 if made else room.of_demo(profile))) / 1e9
    folder = next(path for path in (space.root, *space.root.parents) if path.is_dir())
    free = shutil.disk_usage(folder).free / 1e9
    return Finding("disk", f"{free:.1f} GB free in {folder}", f"{needed:.1f} GB to be written", free >= needed,
                   "Free some space, or use a workspace on another disk: mrskit start --workspace FOLDER")  # fmt: skip


def cores() -> Finding:
    """Return the number of cores; with one core, the exposures are processed one at a time."""
    count = psutil.cpu_count() or 1
    return Finding(
        "cores", str(count), "2 or more", count > 1, "One core also works; the demo then takes twice as long."
    )


def viewers() -> Iterator[Finding]:
    """Return whether the viewers that are not part of the kit are installed."""
    ds9 = shutil.which("ds9")
    yield Finding("SAOImage DS9", ds9 or "not installed", "wanted by 'mrskit view --ds9'", ds9 is not None,
                  "Install saods9 (Debian, Ubuntu), or https://ds9.si.edu; all lessons work without it.")  # fmt: skip
    jdaviz = importlib.util.find_spec("jdaviz") is not None
    found = importlib.metadata.version("jdaviz") if jdaviz else "not installed"
    yield Finding("jdaviz", found, "wanted by 'mrskit view --jdaviz'", jdaviz,
                  "python -m pip install 'mrskit[jdaviz]', best in an environment of its own; not needed.")  # fmt: skip


def sandbox() -> Finding:
    """Return the isolation level for grading notebooks on this computer; learners do not need it."""
    from mrskit.grading.run.sandbox import backends
    from mrskit.grading.run.sandbox.mounts import Mounts

    shown = Mounts((Path(sys.prefix), Path(sys.base_prefix), Path(mrskit.__file__).parents[1]))
    level = backends.best(shown, trust=True).level
    return Finding("sandbox", level, f"for grading the notebooks of others: {', '.join(backends.STRONG)}",
                   level in backends.STRONG, "Install bubblewrap (Linux). Learners do not need it.")  # fmt: skip


def solutions() -> Finding:
    """Return whether this installation contains the solutions, which learners may see after success."""
    count = len(list((lessons_folder() / "source").glob("*.py")))
    return Finding("solutions for comparison", f"{count} lessons", "the sources of six lessons", count > 0,
                   "Not shipped with this installation; lessons work without them.")  # fmt: skip


def _package(name: str, wanted: SpecifierSet) -> Finding:
    try:
        version = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        version = "not installed"
    right = version != "not installed" and wanted.contains(version, prereleases=True)
    return Finding(name, version, str(wanted) or "any", right, f"Run: python -m pip install '{name}{wanted}'")


def _memory(name: str, needed: float, why: str) -> Finding:
    memory = psutil.virtual_memory()
    return Finding(name, f"{memory.available / 1e9:.1f} GB free of {memory.total / 1e9:.1f}",
                   f"{needed / 1e9:.1f} GB ({why})", memory.available >= needed,
                   'Close other programs, or set scheduler = "none" in the lessons.')  # fmt: skip


def _differences(lock: Path) -> Iterator[str]:
    """Return the packages whose version differs from the lock file, and missing packages that mrskit needs."""
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
