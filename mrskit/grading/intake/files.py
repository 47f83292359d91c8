"""Notebooks in a folder, in a zip or named one by one: read under caps, nothing unpacked to disk, no link followed."""

from __future__ import annotations

import os
import stat
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path, PurePosixPath

from mrskit.errors import GradingError
from mrskit.grading.intake import own_files

LARGEST_FILE = 100_000_000  # bytes of one notebook, most of it outputs
LARGEST_ARCHIVE = 20_000_000_000  # bytes of the zip of a whole class
LARGEST_TOTAL = 1_000_000_000  # bytes of all notebooks of one student's zip, unpacked
MOST_FILES = 20_000  # in a folder or zip, notebooks or not
DEEPEST = 8  # folders in each other
LARGEST_RATIO = 200  # unpacked to packed bytes of a member of a zip
SMALL = 20_000_000  # bytes: below, the ratio does no harm (one line that a loop has printed many times)
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # as platforms and computers pack
_ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar")
_IGNORED = ("__MACOSX", ".ipynb_checkpoints")  # folders that computers add by themselves


@dataclass(frozen=True, slots=True)
class Found:
    """One notebook, or what stood in its place."""

    path: str  # relative to the source, with slashes
    data: bytes = b""
    modified: float = 0.0  # s since 1970; in a zip, which knows no time zones, its local time read as UTC
    problem: str = ""  # why there are no data


def find(source: Path | Sequence[Path]) -> Iterator[Found]:
    """
    Give the notebooks of a source, one at a time and in no order; what cannot be read has its problem noted.

    Parameters
    ----------
    source : Path or sequence of Path
        A folder (searched with its subfolders, zips in it included), a zip, a notebook, or several of these.

    Raises
    ------
    GradingError
        If a path does not exist, is neither folder, zip nor notebook, or holds more files than a class hands in.
    """
    if isinstance(source, str | Path):
        yield from _one(Path(source), "")
    else:
        yield from _distinct(item for path in source for item in _one(Path(path), Path(path).parent.name))


def _one(path: Path, parent: str) -> Iterator[Found]:
    """Give the notebooks of one path; of a single file ``parent`` is the folder that may name the student."""
    if path.is_dir():
        yield from _in_folder(path)
    elif not path.exists():
        raise GradingError(f"{path}: no such file or folder; expected a folder, a zip or notebooks", path=path)
    elif path.suffix == ".zip":
        yield from _in_zip(path, "", LARGEST_ARCHIVE)
    elif path.suffix != ".ipynb":
        raise GradingError(f"{path}: neither a folder, a zip nor a notebook (.ipynb)", path=path)
    else:
        name = f"{parent}/{path.name}" if parent else path.name
        yield _read(_as_text(name), lambda: os.open(path, _FLAGS))


def _distinct(found: Iterator[Found]) -> Iterator[Found]:
    """Give files with different paths: several folders may hold files of the same name."""
    seen: set[str] = set()
    for item in found:
        path, number = item.path, 2
        while path in seen:
            head, _, name = item.path.rpartition("/")
            path, number = f"{head}-{number}/{name}" if head else f"{number}/{name}", number + 1
        seen.add(path)
        yield Found(path, item.data, item.modified, item.problem)


def beside(root: Path, notebook: str) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Give name and reader of each plain file beside a notebook in a folder; no more is read than shows what it has."""
    folder = (root / notebook).parent
    if not root.is_dir() or not folder.is_dir() or folder.is_symlink():
        return
    with os.scandir(folder) as entries:
        for number, entry in enumerate(entries):
            if entry.is_file(follow_symlinks=False) and number < MOST_FILES:
                yield entry.name, partial(_start, entry.path)


def _start(path: str) -> bytes:
    with os.fdopen(os.open(path, _FLAGS), "rb") as stream:
        return stream.read(own_files.LARGEST + 1)


_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)


def _in_folder(root: Path) -> Iterator[Found]:
    count = 0
    for folder, folders, names, descriptor in os.fwalk(root, follow_symlinks=False):
        place = PurePosixPath(Path(folder).relative_to(root).as_posix())
        folders[:] = sorted(name for name in folders if name not in _IGNORED and len(place.parts) < DEEPEST)
        count += len(names)
        if count > MOST_FILES:
            raise GradingError(f"{root}: more than {MOST_FILES} files; expected the submissions of one class. Give the "
                               "folder that holds them and nothing else.", path=root)  # fmt: skip
        for name in sorted(names):
            path = _as_text((place / name).as_posix())
            if name.endswith(".zip") and not _is_link(name, descriptor):
                yield from _in_zip(Path(folder) / name, f"{path.removesuffix('.zip')}/", LARGEST_TOTAL)
            elif _wanted(path):
                yield _read(path, partial(os.open, name, _FLAGS, dir_fd=descriptor))


def _as_text(name: str) -> str:
    """Return the name of a file as text that can be written; bytes that are no UTF-8 are read as Latin-1."""
    try:
        name.encode()
    except UnicodeEncodeError:  # surrogates, with which Python spells such bytes
        return os.fsencode(name).decode("latin-1")
    return name


def _is_link(name: str, folder: int) -> bool:
    return not stat.S_ISREG(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)


def _wanted(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return path.endswith(".ipynb") and not parts[-1].startswith("._") and not any(part in _IGNORED for part in parts)


def _read(path: str, opened: Callable[[], int]) -> Found:
    """Return a regular file that is not too large; whatever else stands there is a problem."""
    try:
        descriptor = opened()
    except OSError as error:
        return Found(path, problem=f"it cannot be opened as a plain file ({os.strerror(error.errno or 0)}); links are "
                                   "not followed")  # fmt: skip
    with os.fdopen(descriptor, "rb") as stream:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return Found(path, problem="it is no regular file")
        data = stream.read(LARGEST_FILE + 1)
    if len(data) > LARGEST_FILE:
        return Found(path, problem=f"it has {status.st_size / 1e6:.1f} MB; at most {LARGEST_FILE / 1e6:.0f} MB are "
                                   "read. Clear its outputs and hand it in again")  # fmt: skip
    return Found(path, data, status.st_mtime)


def _in_zip(path: Path, prefix: str, most: int) -> Iterator[Found]:
    """Give the notebooks of a zip, ``most`` bytes of them unpacked; ``prefix`` stands before their names."""
    try:
        with os.fdopen(os.open(path, _FLAGS), "rb") as stream:
            if os.fstat(stream.fileno()).st_size > most:
                yield Found(_as_text(f"{prefix}{path.name}"), problem=f"an archive of more than {most / 1e9:.0f} GB")
                return
            with zipfile.ZipFile(stream) as archive:
                yield from _members(archive, prefix, path.name, most)
    except Exception as error:  # whatever a damaged archive makes zipfile raise
        yield Found(_as_text(f"{prefix}{path.name}"), problem=f"no readable zip ({error!s:.80})")


def _members(archive: zipfile.ZipFile, prefix: str, name: str, most: int) -> Iterator[Found]:
    entries = archive.infolist()
    if len(entries) > MOST_FILES:
        yield Found(f"{prefix}{_as_text(name)}", problem=f"{len(entries)} members; at most {MOST_FILES} are read")
        return
    total, seen = 0, set()
    for entry in sorted(entries, key=lambda entry: entry.filename):
        path = f"{prefix}{entry.filename}"
        if entry.filename.lower().endswith(_ARCHIVES):
            yield Found(path, problem="an archive in an archive; it is not opened")
        if not _wanted(entry.filename):
            continue
        problem = _problem(entry) or ("its name stands twice in the archive" if path in seen else "")
        seen.add(path)
        if not problem and total > most:
            problem = f"the archive unpacks to more than {most / 1e9:.0f} GB"
        found = Found(_harmless(path), problem=problem) if problem else _unpacked(archive, entry, path)
        total += len(found.data)
        yield found


def _problem(entry: zipfile.ZipInfo) -> str:
    """Return why a member is not unpacked, or an empty text."""
    parts = PurePosixPath(entry.filename).parts
    mode = entry.external_attr >> 16
    problems = {
        "its name leads out of the archive":
            ".." in parts or entry.filename.startswith("/") or "\\" in entry.filename or ":" in entry.filename,
        "it lies too deep": len(parts) > DEEPEST,
        "it is no regular file": entry.is_dir() or (stat.S_IFMT(mode) not in (0, stat.S_IFREG)),
        "it is encrypted": bool(entry.flag_bits & 1),
        "it is packed in a way that is not read; expected stored or deflated": entry.compress_type not in _METHODS,
        f"it unpacks to {entry.file_size / 1e6:.1f} MB; at most {LARGEST_FILE / 1e6:.0f} MB are read":
            entry.file_size > LARGEST_FILE,
        "it is packed beyond all measure":
            entry.file_size > SMALL and entry.file_size > LARGEST_RATIO * max(entry.compress_size, 1),
    }  # fmt: skip
    return next((text for text, found in problems.items() if found), "")


def _harmless(path: str) -> str:
    """Return a path whose parts cannot lead anywhere, to be printed."""
    parts = path.replace("\\", "/").replace(":", "_").split("/")
    return "/".join(part for part in parts if part not in ("", ".", ".."))


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: str) -> Found:
    try:
        with archive.open(entry) as stream:
            data = stream.read(LARGEST_FILE + 1)  # whatever size the archive states
    except Exception as error:  # whatever a damaged member makes zipfile and zlib raise
        return Found(path, problem=f"it cannot be unpacked ({error!s:.80})")
    if len(data) > LARGEST_FILE:
        return Found(path, problem=f"it unpacks to more than {LARGEST_FILE / 1e6:.0f} MB")
    try:
        return Found(path, data, datetime(*entry.date_time, tzinfo=UTC).timestamp())
    except ValueError:  # a month 0, for instance
        return Found(path, data)
