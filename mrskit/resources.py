"""Where the course's own files lie: in the checkout, or inside the installed package."""

from __future__ import annotations

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


def _folder(name: str) -> Path:
    checkout = _ROOT / name
    return checkout if checkout.is_dir() and (_ROOT / "pyproject.toml").is_file() else _PACKAGE / "_data" / name
