"""Where the course's own files lie: in the checkout, or inside the installed package."""

from __future__ import annotations

import hashlib
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


@cache
def kit_digest() -> str:
    """Return a digest of the kit's own code: a version number says too little while somebody works on it."""
    whole = hashlib.sha256()
    for path in sorted(_PACKAGE.rglob("*.py")):
        whole.update(path.relative_to(_PACKAGE).as_posix().encode() + b"\0" + path.read_bytes())
    return whole.hexdigest()


def _folder(name: str) -> Path:
    checkout = _ROOT / name
    return checkout if checkout.is_dir() and (_ROOT / "pyproject.toml").is_file() else _PACKAGE / "_data" / name
