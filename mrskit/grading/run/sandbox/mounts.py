"""The files that a notebook may see: only this Python, the kit, the instructor's data and references."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import mrskit
from mrskit import resources
from mrskit.errors import SandboxError
from mrskit.workspace import ROLES, Workspace

SYSTEM = ("/usr", "/bin", "/lib", "/lib64", "/lib32", "/sbin", "/etc/ld.so.cache", "/etc/alternatives",
          "/etc/localtime", "/etc/fonts", "/etc/ssl/certs")  # fmt: skip
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")  # no disk, and nobody's terminal
SECRET = ("truth", "answers", "Notebook", "Plots", "logs")  # of the instructor's workspace: never shown
PACKAGE = Path(mrskit.__file__).resolve().parent
EMPTY = str(PACKAGE / "exercises" / "__init__.py")  # a module with nothing but a title
DATA = (*ROLES.values(), "Ramp")
# What knows answers, can make the truth again, or grades: patterns in the package. What `_SHOWN` names stays in sight.
_HIDDEN = ("answering/judge.py", "classroom", "course/*", "grading/*", "grading/run/*", "simulate")
_SHOWN = ("course/__init__.py", "course/index.py", "course/shown", "grading/__init__.py", "grading/run",
          "grading/run/__init__.py", "grading/run/sandbox")  # fmt: skip  # the sandbox is run from inside


@dataclass(frozen=True, slots=True)
class Mounts:
    """Paths of the host, with the same names inside the sandbox."""

    read_only: tuple[Path, ...]
    hidden: tuple[Path, ...] = ()  # folders within those that are shown empty
    blank: tuple[Path, ...] = ()  # files within those that are shown empty


def needed(key: Workspace) -> Mounts:
    """Return the mounts for a lesson on a key's data; SandboxError if they would reveal a secret."""
    paths = [Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable).resolve().parents[1], PACKAGE,
             resources.manifest_folder(), PACKAGE.parent / "pyproject.toml",
             *(Path(path) for path in sys.path if Path(path).name in ("site-packages", "dist-packages"))]  # fmt: skip
    paths += [key.root / name for name in DATA]  # not the card: it tells the seed
    if references := key.card().references:
        paths.append(Path(references))
    shown = _outermost(path.absolute() for path in paths if path.exists())
    for name in SECRET:
        place = (key.root / name).resolve()
        if inside := [path for path in shown if place.is_relative_to(path.resolve())]:
            raise SandboxError(f"{place} is inside {inside[0]}, which every notebook sees. Move the key to a "
                               "different folder.",
                               path=place, shown=inside[0])  # fmt: skip
    return _covered(shown, PACKAGE)


def _covered(shown: tuple[Path, ...], package: Path) -> Mounts:
    """Return mounts in which the kit keeps its secrets."""
    secret = secret_parts(package)
    blank = tuple(path for path in secret if path.suffix == ".py")
    compiled = {path.parent / "__pycache__" for path in blank}
    empty = (package / "_data" / "lessons", *sorted({*secret, *compiled} - {*blank}))
    return Mounts(shown, tuple(path for path in empty if path.is_dir()), blank)


def seen_of_kit(package: Path = PACKAGE) -> list[Path]:
    """Return the kit's files in a folder that notebooks can read, because records may depend on these files."""
    readable, _ = visible(_covered((package, resources.manifest_folder()), package))
    return [path for path in resources.kit_files(package) if not {path, *path.parents}.isdisjoint(readable)]


def _outermost(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Return the paths that are not inside other paths or the system's own folders."""
    known = sorted(set(paths))
    system = [Path(path) for path in SYSTEM]
    return tuple(path for path in known
                 if not any(path != other and path.is_relative_to(other) for other in known)
                 and not any(path.is_relative_to(other) for other in system))  # fmt: skip


def secret_parts(package: Path = PACKAGE) -> tuple[Path, ...]:
    """Return the kit's folders and modules that notebooks must not see; they appear empty."""
    shown = {package / name for name in _SHOWN}
    found = {path for pattern in _HIDDEN for path in package.glob(pattern) if path.name != "__pycache__"}
    return tuple(sorted(found - shown))


def visible(mounts: Mounts) -> tuple[list[Path], list[Path]]:
    """Return readable paths and folders that can only be listed, for backends that cannot cover hidden parts."""
    secret, readable, listed = {*mounts.hidden, *mounts.blank}, [], []
    waiting = list(mounts.read_only)
    while waiting:
        path = waiting.pop()
        if any(other != path and other.is_relative_to(path) for other in secret):
            listed.append(path)
            waiting += path.iterdir()
        elif path not in secret:
            readable.append(path)
    return sorted(readable), sorted(listed)


def parents(paths: Iterable[Path]) -> list[Path]:
    """Return the folders that must be created around mounts, outer folders first."""
    return sorted({parent for path in paths for parent in path.parents if parent != Path("/")})
