"""The files in a folder: raw exposures from the kit, raw exposures from elsewhere, and other files."""

from __future__ import annotations

import gzip
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BufferedReader
from itertools import islice
from pathlib import Path

SIMULATED = "SIMULATED"  # value of the keyword ORIGIN in all files from the kit
MOST = 20_000  # largest number of files to read, in case the folder is a home folder
_MARK = f"ORIGIN  = '{SIMULATED}".encode()
_HEAD = 100_000  # bytes that contain the primary header of any raw exposure


@dataclass(frozen=True, slots=True)
class Inventory:
    """The files in a folder and all its subfolders."""

    root: Path
    ours: tuple[Path, ...]  # raw exposures (uncal) that the kit has simulated
    foreign: tuple[Path, ...]  # raw exposures of any other origin, also those that cannot be read
    kinds: dict[str, int]  # other FITS files: suffix, e.g. rate -> number
    others: int  # files that are not FITS files

    @property
    def is_empty(self) -> bool:
        """Whether the folder has no files."""
        return not (self.ours or self.foreign or self.kinds or self.others)

    def places(self, paths: Iterable[Path]) -> str:
        """Return the folders of files, e.g. ``work/Source/uncal and work/mastDownload``, without deeper folders."""
        return " and ".join(sorted({str(self._place(path)) for path in paths}))

    def _place(self, path: Path) -> Path:
        parts = path.parent.relative_to(self.root).parts
        return self.root.joinpath(*parts[: 2 if parts[1:2] == ("uncal",) else 1])


def look(root: Path, ignored: Iterable[str] = ()) -> Inventory:
    """Return the files below a folder, at most `MOST`, without the ``ignored`` names directly in ``root``."""
    raw: list[Path] = []
    kinds: Counter[str] = Counter()
    others, skipped = 0, {root / name for name in ignored}
    for path in islice(files(root), MOST):
        name = path.name.lower().removesuffix(".gz")
        if name.endswith("_uncal.fits"):
            raw.append(path)
        elif name.endswith(".fits"):
            kinds[Path(name).stem.rpartition("_")[2]] += 1
        elif path not in skipped:
            others += 1
    ours = tuple(path for path in raw if is_ours(path))
    foreign = tuple(path for path in raw if path not in set(ours))
    return Inventory(root, ours, foreign, dict(kinds), others)


def is_ours(path: Path) -> bool:
    """Return whether a FITS file has the kit's mark of simulated data; False if it cannot be read."""
    try:
        with opened(path) as stream:
            return _MARK in stream.read(_HEAD)
    except (OSError, EOFError):
        return False


def is_packed(path: Path) -> bool:
    """Return whether a file is gzip-compressed, whatever its name, because browsers unpack or rename files."""
    with path.open("rb") as stream:
        return stream.read(2) == b"\x1f\x8b"


def opened(path: Path) -> gzip.GzipFile | BufferedReader:
    """Return the content of a file, compressed or not, as a stream."""
    return gzip.open(path) if is_packed(path) else path.open("rb")


def unpacked_size(path: Path) -> int:
    """Return the uncompressed size of a file, bytes; OSError, EOFError or zlib.error if it is damaged."""
    if not is_packed(path):
        return path.stat().st_size
    with opened(path) as stream:
        return sum(len(piece) for piece in iter(lambda: stream.read(1 << 20), b""))


def files(root: Path) -> Iterator[Path]:
    """Yield all files below a folder, also through links; an unreadable folder is yielded like a file."""
    seen: set[tuple[int, int]] = set()  # device and inode
    closed: list[OSError] = []
    for folder, folders, names in os.walk(root, followlinks=True, onerror=closed.append):
        status = Path(folder).stat()
        if (status.st_dev, status.st_ino) in seen:  # a circular link
            folders.clear()
            continue
        seen.add((status.st_dev, status.st_ino))
        folders.sort()
        yield from (Path(folder, name) for name in sorted(names))
    yield from (Path(error.filename) for error in closed)
