"""Control groups: the only limit on the total memory of all processes in a notebook, if available."""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from mrskit.grading.run.limits import Limits

ROOT = Path("/sys/fs/cgroup")
_numbers = itertools.count()


@dataclass(frozen=True, slots=True)
class Group:
    """The control group of one notebook: one folder (version 2) or one for each controller (version 1)."""

    memory: Path
    pids: Path

    def add(self, pid: int) -> None:
        """Apply the limits to a process and all its future children."""
        for folder in {self.memory, self.pids}:
            (folder / "cgroup.procs").write_text(str(pid), encoding="ascii")

    def peak(self) -> int:
        """Return the peak memory, bytes; 0 if it is unknown."""
        for name in ("memory.peak", "memory.max_usage_in_bytes"):
            with contextlib.suppress(OSError, ValueError):
                return int((self.memory / name).read_text(encoding="ascii"))
        return 0

    def out_of_memory(self) -> bool:
        """Return whether the system has killed a process of the group because of a lack of memory."""
        return _entry(self.memory / "memory.oom_control", "oom_kill") + _entry(
            self.memory / "memory.events", "oom_kill") > 0  # fmt: skip

    def out_of_processes(self) -> bool:
        """Return whether the limit prevented the start of a process."""
        return _entry(self.pids / "pids.events", "max") > 0

    def processes(self) -> list[int]:
        """Return the processes in the group."""
        with contextlib.suppress(OSError):
            return [int(line) for line in (self.pids / "cgroup.procs").read_text(encoding="ascii").split()]
        return []

    def remove(self) -> None:
        """End all remaining processes in the group, and remove the group."""
        for _ in range(200):
            for pid in self.processes():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            if not _removed({self.memory, self.pids}):
                return
            time.sleep(0.01)


def make(limits: Limits) -> Group | None:
    """Return a new control group with limits on memory and processes; None if this is impossible."""
    for parents in (_second(), _first()):
        if parents is None:
            continue
        _sweep(parents)
        name = f"mrskit-{os.getpid()}-{next(_numbers)}"
        group = Group(*(parent / name for parent in parents))
        try:
            for folder in {group.memory, group.pids}:
                folder.mkdir()
            _write(group, limits)
            return group
        except OSError:
            _removed({group.memory, group.pids})
    return None


def available(limits: Limits) -> bool:
    """Return whether control groups can be created on this machine."""
    group = make(limits)
    if group is not None:
        group.remove()
    return group is not None


def sweep(seconds: float = 1.0) -> None:
    """Remove the groups of ended graders as soon as they are empty, but wait at most this long."""
    end = time.monotonic() + seconds
    for parents in filter(None, (_second(), _first())):
        while _sweep(parents) and time.monotonic() < end:
            time.sleep(0.02)


def _sweep(parents: tuple[Path, Path]) -> bool:
    """Remove the empty groups of ended graders; return whether such graders have other groups."""
    groups = {path for parent in set(parents) for path in parent.glob("mrskit-*-*")}
    return _removed({path for path in groups if not Path(f"/proc/{path.name.split('-')[1]}").exists()})


def _write(group: Group, limits: Limits) -> None:
    slack = 16  # processes of ours: the supervisor and its parent, the reader
    (group.pids / "pids.max").write_text(str(limits.processes + slack), encoding="ascii")
    if (group.memory / "memory.max").exists():
        (group.memory / "memory.max").write_text(str(limits.memory), encoding="ascii")
        (group.memory / "memory.oom.group").write_text("0", encoding="ascii")
        swap = group.memory / "memory.swap.max"
    else:
        (group.memory / "memory.limit_in_bytes").write_text(str(limits.memory), encoding="ascii")
        swap = group.memory / "memory.swappiness"
    with contextlib.suppress(OSError):  # a system without swap
        swap.write_text("0", encoding="ascii")


def _second() -> tuple[Path, Path] | None:
    """Return the parent of version 2 groups, if its children can use the controllers."""
    own = _own("")
    if own is None:
        return None
    folder = ROOT / own.lstrip("/")
    with contextlib.suppress(OSError):
        if {"memory", "pids"} <= set((folder / "cgroup.subtree_control").read_text(encoding="ascii").split()):
            return folder, folder
    return None


def _first() -> tuple[Path, Path] | None:
    """Return the parents of version 1 groups: for each controller, this process's own group or else the root."""
    found = []
    for name in ("memory", "pids"):
        own = ROOT / name / (_own(name) or "/").lstrip("/")
        folder = next((item for item in (own, ROOT / name) if os.access(item, os.W_OK) and item.is_dir()), None)
        if folder is None or not (ROOT / name / "tasks").exists():
            return None
        found.append(folder)
    return found[0], found[1]


def _own(controller: str) -> str | None:
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/cgroup").read_text(encoding="ascii").splitlines():
            _, names, path = line.split(":", 2)
            if controller in names.split(","):
                return path
    return None


def _entry(path: Path, name: str) -> int:
    with contextlib.suppress(OSError, ValueError):
        table = dict(line.split() for line in path.read_text(encoding="ascii").splitlines())
        return int(table.get(name, 0))
    return 0


def _removed(folders: set[Path]) -> bool:
    """Remove groups and subgroups that a confined grader has left; return whether any remain."""
    for folder in [Path(inner) for top in folders for inner, *_ in os.walk(top, topdown=False)]:
        with contextlib.suppress(OSError):
            folder.rmdir()
    return any(folder.exists() for folder in folders)
