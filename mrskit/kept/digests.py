"""Detection of changes: digests of plain values, of files by content or metadata, and of the kit."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from pathlib import Path

from mrskit.resources import PACKAGE, kit_files


def of_text(text: str) -> str:
    """Return the digest of a text: 64 hexadecimal digits, like all digests in this module."""
    return hashlib.sha256(text.encode()).hexdigest()


def of_values(values: object) -> str:
    """Return the digest of plain values, regardless of the order of keys."""
    return of_text(repr(_ordered(values)))


def of_file(path: Path) -> str:
    """Return the digest of a file's content; the file is read again only if its size or time changed."""
    status = path.stat()
    return _content(path, status.st_size, status.st_mtime_ns)


def of_files(paths: Iterable[Path], base: Path) -> str:
    """Return a digest of files by content and of their names relative to a folder."""
    return of_text("".join(f"{os.path.relpath(path, base)}\0{of_file(path)}\n" for path in sorted(paths)))


def of_looks(roots: Iterable[Path]) -> str:
    """Return a digest of all files in folders by name, size and time, without reading; a copy counts as new."""
    return of_values(sorted(_looks(path, root) for root in roots for path in _files(root)))


@cache
def of_kit(package: Path = PACKAGE) -> str:
    """Return a digest of the kit itself, because a version number is not enough during development."""
    return of_files(kit_files(package), package)


def _ordered(values: object) -> object:
    if isinstance(values, Mapping):
        return {key: _ordered(values[key]) for key in sorted(values)}
    if isinstance(values, list | tuple):
        return (list if isinstance(values, list) else tuple)(map(_ordered, values))
    return values


@lru_cache(maxsize=4096)
def _content(path: Path, _size: int, _modified: int) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _files(root: Path) -> Iterable[Path]:
    if root.is_file():
        return [root]
    return (Path(folder) / name for folder, _, names in os.walk(root) for name in names)


def _looks(path: Path, root: Path) -> tuple[str, int, int]:
    try:
        status = path.stat()
    except OSError:  # gone between the listing and here
        return str(path.relative_to(root.parent)), -1, -1
    return str(path.relative_to(root.parent)), status.st_size, status.st_mtime_ns
