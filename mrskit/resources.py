"""Paths of the course's own files, in the checkout or inside the installed package."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
_ROOT = PACKAGE.parent


def manifest_folder() -> Path:
    """Return the folder ``data_manifest``."""
    return _folder("data_manifest")


def lessons_folder() -> Path:
    """Return the folder ``lessons`` with the student notebooks."""
    return _folder("lessons")


def course_tests_folder() -> Path:
    """Return the folder ``tests/course`` with the course tests."""
    checkout = _ROOT / "tests" / "course"
    return checkout if checkout.is_dir() else PACKAGE / "_data" / "course"


def kit_files(package: Path = PACKAGE) -> list[Path]:
    """Return all files of the kit: those of its package, and the tables of ``data_manifest``."""
    found = {path for folder in (package, manifest_folder()) for path in folder.rglob("*") if path.is_file()}
    return sorted(path for path in found if "__pycache__" not in path.parts)


def _folder(name: str) -> Path:
    checkout = _ROOT / name
    return checkout if checkout.is_dir() and (_ROOT / "pyproject.toml").is_file() else PACKAGE / "_data" / name
