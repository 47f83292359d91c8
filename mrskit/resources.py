"""Where the course's own files lie: in the checkout, or inside the installed package."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_ROOT = _PACKAGE.parent


def manifest_folder() -> Path:
    """Return the folder ``data_manifest``."""
    return _folder("data_manifest")


def lessons_folder() -> Path:
    """Return the folder ``lessons`` with the student notebooks."""
    return _folder("lessons")


def course_tests_folder() -> Path:
    """Return the folder of the course tests, ``tests/course``."""
    checkout = _ROOT / "tests" / "course"
    return checkout if checkout.is_dir() else _PACKAGE / "_data" / "course"


def kit_files(package: Path = _PACKAGE) -> list[Path]:
    """Return all files of the kit: those of its package, and the tables of ``data_manifest``."""
    found = {path for folder in (package, manifest_folder()) for path in folder.rglob("*") if path.is_file()}
    return sorted(path for path in found if "__pycache__" not in path.parts)


def files_digest(paths: Iterable[Path], base: Path = _PACKAGE) -> str:
    """Return a digest of files, and of their names as seen from a folder."""
    whole = hashlib.sha256()
    for path in sorted(paths):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        whole.update(f"{os.path.relpath(path, base)}\0{content}\n".encode())
    return whole.hexdigest()


@cache
def kit_digest(package: Path = _PACKAGE) -> str:
    """Return a digest of the kit itself: a version number says too little while somebody works on it."""
    return files_digest(kit_files(package), package)


def _folder(name: str) -> Path:
    checkout = _ROOT / name
    return checkout if checkout.is_dir() and (_ROOT / "pyproject.toml").is_file() else _PACKAGE / "_data" / name
