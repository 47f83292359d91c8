"""Three methods to isolate a process from the machine, from the strongest to the weakest."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from mrskit.errors import SandboxError
from mrskit.grading.run.limits import Limits
from mrskit.grading.run.sandbox import cgroups, mounts as seen, syscalls
from mrskit.grading.run.sandbox.mounts import Mounts
from mrskit.grading.run.sandbox.order import SCRATCH, SOCKETS

LEVELS = ("bubblewrap", "landlock", "rlimits")
STRONG = LEVELS[:2]  # enough for code of strangers
USER = 64123  # whom notebooks run as when the grader is root: nobody's number
_PROBE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Backend:
    """One isolation method that works on this machine."""

    level: str  # one of LEVELS
    nested: bool = True  # a process inside can make namespaces for each notebook

    def command(self, argv: Sequence[str], mounts: Mounts, sockets: Path, limits: Limits) -> list[str]:
        """
        Return the command that runs a program in isolation, with its visible files and limits.

        The program inherits open descriptors. It may write to only one folder, which bubblewrap shows as `SOCKETS`.
        """
        return [*(_bubblewrap(mounts, sockets, limits, self.nested) if self.level == "bubblewrap" else ()), *argv]


def best(mounts: Mounts, trust: bool = False) -> Backend:
    """Return the strongest backend that works here; without ``trust``, SandboxError if no strong backend works."""
    for level in LEVELS:
        found = _working(level, mounts)
        if found is not None and (trust or level in STRONG):
            return found
    raise SandboxError(
        "no sandbox works here: bubblewrap and Landlock both fail (root also needs control groups for Landlock). "
        "Install bubblewrap ('apt-get install bubblewrap'; user namespaces must be allowed). Only for notebooks that "
        "you would run yourself, use '--trust': memory and time limits then stop accidents, but not attacks."
    )


@lru_cache(maxsize=8)
def _working(level: str, mounts: Mounts) -> Backend | None:
    if level == "landlock":
        counted = os.geteuid() != 0 or cgroups.available(Limits())  # of root's processes no limit of a user holds
        works = counted and syscalls.landlock_version() >= syscalls.LANDLOCK_NEEDED
        return Backend(level, nested=False) if works else None
    if level == "rlimits":
        return Backend(level, nested=False)
    if shutil.which("bwrap") is None or sys.platform != "linux":
        return None
    probe = ("import os; from mrskit.grading.run.sandbox import syscalls as s; u = os.getuid(), os.getgid(); "
             "s.unshare(s.NAMESPACES); s.own_user(*u); p = os.fork(); "
             "p or s.mount('proc', '/proc', 'proc', 14); os._exit(os.wait()[1] >> 8 if p else 0)")  # fmt: skip
    for nested, code in ((True, probe), (False, "import mrskit")):
        backend = Backend(level, nested)
        if _runs(backend.command([sys.executable, "-P", "-c", code], mounts, Path(os.devnull), Limits())):
            return backend
    return None


def _runs(command: Sequence[str]) -> bool:
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_PROBE_SECONDS,
                              env={"PATH": os.defpath})  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _bubblewrap(mounts: Mounts, sockets: Path, limits: Limits, nested: bool) -> list[str]:
    root = os.geteuid() == 0
    options = ["bwrap", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try",
               "--die-with-parent", "--new-session", "--hostname", "mrskit"]  # fmt: skip
    for name in seen.SYSTEM:
        if Path(name).is_symlink() and Path(name).parent == Path("/"):
            options += ["--symlink", str(Path(name).readlink()), name]
        elif Path(name).exists():
            options += ["--ro-bind", name, name]
    if not nested:
        options.append("--as-pid-1")  # the supervisor; a server leaves it to bubblewrap to reap what others leave
    options += ["--dev", "/dev", *_writable(limits, nested)]
    for folder in seen.parents(mounts.read_only):
        options += ["--perms", "0755", "--dir", str(folder)]
    for path in mounts.read_only:
        options += ["--ro-bind", str(path), str(path)]
    for path in mounts.hidden:
        options += ["--tmpfs", str(path)]
    for path in mounts.blank:
        options += ["--ro-bind", seen.EMPTY, str(path)]
    # A notebook mounts processes of its own, which the system allows only where those of a parent are seen whole; for
    # root bubblewrap would cover parts of them. The server alone, our own code, sees them.
    options += ["--dev-bind" if root and nested else "--proc", *(["/proc"] * (2 if root and nested else 1))]
    if sockets.is_dir():
        options += ["--perms", "0755", "--dir", "/run", "--bind", str(sockets), SOCKETS]
    options += ["--chdir", "/tmp", "--remount-ro", "/", "--cap-drop", "ALL"]
    if not root:
        return [*options, "--unshare-user"]
    added = [item for name in ("SETUID", "SETGID", "SETPCAP") for item in ("--cap-add", f"CAP_{name}")]
    return [*options, *added, "setpriv", "--reuid", str(USER), "--regid", str(USER), "--clear-groups",
            "--bounding-set=-all", "--inh-caps=-all"]  # fmt: skip


def _writable(limits: Limits, nested: bool) -> list[str]:
    """Return the options for folders in memory; the server's folders are small if notebooks have their own."""
    size = 64 * 2**20 if nested else limits.scratch
    made = ["--perms", "0755", "--dir", "/mnt"]
    for folder in ("/tmp", SCRATCH, "/dev/shm"):
        made += ["--size", str(size), "--perms", "1777", "--tmpfs", folder]
    return made
