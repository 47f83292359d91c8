"""The files in folders and zips, or given one by one: first listed, then read file by file within limits."""

from __future__ import annotations

import io
import os
import stat
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, tzinfo
from functools import partial
from pathlib import Path

from mrskit.errors import GradingError
from mrskit.grading.intake import found, zips
from mrskit.grading.intake.found import DEEPEST, JUNK, LARGEST_FILE, LARGEST_TOTAL, NOTEBOOK, OTHER, ZIP, Entry, Refused

LARGEST_ARCHIVE = 20_000_000_000  # bytes of the zip file for a whole class


def find(source: Path | Sequence[Path], stack: ExitStack, zone: tzinfo = UTC) -> Iterator[Entry]:
    """
    Yield all entries in folders, class zips and notebooks. Students' archives stay closed and links are not followed.

    Nothing is read yet; ``stack`` keeps zips open while entries are read. ``zone`` is the time zone for the times in
    zips, which do not state a zone.

    GradingError if a path does not exist, or is not a folder, zip or notebook.
    """
    seen: set[str] = set()
    for number, path in enumerate([source] if isinstance(source, str | Path) else source):
        for entry in _one(Path(path), stack, zone):
            told, count = entry.path, 2
            while told in seen:  # several sources may contain files with the same name
                told, count = f"{Path(path).name}-{count}/{entry.path}", count + 1
            seen.add(told)
            yield replace(entry, path=told, source=number)


def read(entry: Entry) -> bytearray:
    """Return the content of a file. Refused if the file cannot be read or is too large."""
    try:
        with entry.opened() if entry.opened else io.BytesIO() as stream:
            kept = bytearray()
            while len(kept) <= LARGEST_FILE and (block := stream.read(zips.BLOCK)):
                kept += block
    except Refused:
        raise
    except Exception as error:  # whatever a damaged member makes zipfile and zlib raise
        raise Refused("the file is damaged and cannot be read") from error
    if len(kept) > LARGEST_FILE:
        raise Refused(found.too_large("it", LARGEST_FILE) + ". Clear the outputs of the notebook and hand it in again")
    return kept


def start(entry: Entry, most: int) -> bytes:
    """Return the first bytes of a file; empty if it cannot be read."""
    try:
        with entry.opened() if entry.opened else io.BytesIO() as stream:
            return stream.read(most)
    except Exception:  # whatever a damaged member makes zipfile and zlib raise
        return b""


def _one(path: Path, stack: ExitStack, zone: tzinfo) -> Iterator[Entry]:
    if path.is_dir():
        yield from _in_folder(path)
    elif not path.exists():
        raise GradingError(f"{path}: no such file or folder; expected a folder, a zip or notebooks", path=path)
    elif path.suffix.lower() == ".zip":
        try:
            whole = zips.archive(zips.plain(path, LARGEST_ARCHIVE), stack)
            yield from (entry for entry, _ in zips.members(whole, zone))
        except (Refused, zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise GradingError(f"{path}: the zip cannot be opened ({error!s:.80})", path=path) from error
    elif found.kind(path.name) != NOTEBOOK:
        raise GradingError(f"{path}: not a folder, a zip or a notebook (.ipynb)", path=path)
    else:  # its folder names the student
        name = found.as_text("/".join(filter(None, (path.resolve().parent.name, path.name))))
        yield Entry(name, name, NOTEBOOK, "", path.stat().st_mtime, partial(zips.plain, path, LARGEST_FILE))


def _in_folder(root: Path) -> Iterator[Entry]:
    counts: Counter[tuple[object, ...]] = Counter()
    for folder, folders, names, _ in os.fwalk(root, follow_symlinks=False):
        place = Path(folder).relative_to(root).parts
        entries = [*_folders(Path(folder), place, folders, not names),
                   *(_file(Path(folder), place, name) for name in sorted(names))]  # fmt: skip
        folders[:] = sorted(name for name in folders if len(place) + 1 < DEEPEST and found.kind(name) != JUNK)
        yield from found.counted(entries, counts, place)


def _folders(folder: Path, place: tuple[str, ...], folders: list[str], no_files: bool) -> Iterator[Entry]:
    """Yield the folders that have a problem."""
    if place and no_files and not folders and found.kind(place[-1]) != NOTEBOOK:
        yield found.entry("/".join(place), OTHER, "an empty folder", folder=True)
    for name in sorted(folders):
        path = "/".join((*place, name))
        if (folder / name).is_symlink():
            yield found.entry(path, OTHER, found.LINK, folder=True)
        elif found.kind(name) == JUNK:
            yield found.entry(path, JUNK, found.why(name), folder=True)
        elif len(place) + 1 >= DEEPEST:
            yield found.entry(path, OTHER, found.TOO_DEEP, folder=True)
        elif found.kind(name) == NOTEBOOK:
            yield found.entry(path, OTHER, "a folder with the name of a notebook", folder=True)


def _file(folder: Path, place: tuple[str, ...], name: str) -> Entry:
    path = "/".join((*place, name))
    try:
        status = (folder / name).lstat()
    except OSError as error:
        return found.entry(path, found.kind(name), f"the file cannot be examined ({os.strerror(error.errno or 0)})")
    if stat.S_ISLNK(status.st_mode):
        return found.entry(path, found.kind(name), found.LINK)
    if not stat.S_ISREG(status.st_mode):
        return found.entry(path, found.kind(name), "not a regular file")
    most = LARGEST_TOTAL if found.kind(name) == ZIP else LARGEST_FILE
    return replace(found.entry(path, found.kind(name), found.why(name)), modified=status.st_mtime,
                   opened=partial(zips.plain, folder / name, most))  # fmt: skip
