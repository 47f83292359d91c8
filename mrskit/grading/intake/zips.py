"""Zips: list their members within limits, and never unpack them to a visible place."""

from __future__ import annotations

import io
import os
import re
import stat
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from functools import partial
from pathlib import Path

from mrskit.grading.intake import found
from mrskit.grading.intake.found import DEEPEST, JUNK, LARGEST_FILE, LARGEST_TOTAL, NOTEBOOK, OTHER, ZIP, Entry, Refused

LARGEST_DIRECTORY = 16_000_000  # bytes of the list of members
MOST_MEMBERS = 100_000
LONGEST_NAME = 255  # characters in the name of a file or folder, as on disks
LARGEST_RATIO = 200  # unpacked to packed bytes of a member
SMALL = 20_000_000  # bytes: below this size, the ratio is harmless (a line that a loop printed many times)
BLOCK = 1 << 20  # bytes per read
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # compression methods of platforms and operating systems
_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)


def inside(entry: Entry, stack: ExitStack) -> list[Entry]:
    """
    Return the entries in a student's zip, with the time of the zip; faults of the zip become problems of entries.

    ``stack`` keeps the zip open while its members are read.
    """
    try:
        return list(_inside(entry, stack))
    except Exception as error:  # whatever a damaged archive makes zipfile raise
        said = str(error) if isinstance(error, Refused) else "not a zip file, or damaged"
        return [replace(entry, problem=f"{said}; it was not opened", opened=None)]


def _inside(entry: Entry, stack: ExitStack) -> Iterator[Entry]:
    room = LARGEST_TOTAL
    for member, size in members(archive(_on_disk(entry, stack), stack), UTC, of_one=True):
        room -= size if member.opened and member.kind == NOTEBOOK else 0
        problem = member.problem or (found.too_large("its archive", LARGEST_TOTAL) if room < 0 else "")
        problem = problem or ("an archive inside a student's archive, not opened" if member.kind == ZIP else "")
        yield replace(member, path=f"{entry.path}/{member.path}", outer=entry.outer, source=entry.source,
                      modified=entry.modified, problem=problem)  # fmt: skip


class _Sips(io.FileIO):
    """A file with limited reads: zipfile reads the whole list of members at once, whatever its size."""

    def read(self, size: int | None = -1, /) -> bytes:
        wanted = LARGEST_DIRECTORY if size is None or size < 0 else size
        if wanted > LARGEST_DIRECTORY:
            raise Refused("a zip with too many members for a class")
        return super().read(wanted) or b""


def plain(path: Path, most: int) -> _Sips:
    """Open a regular file that is not too large; refuse a link in its place."""
    try:
        stream = _Sips(os.open(path, _FLAGS), closefd=True)
    except OSError as error:
        raise Refused(f"the zip cannot be opened as a plain file ({os.strerror(error.errno or 0)})") from error
    status = os.fstat(stream.fileno())
    if not stat.S_ISREG(status.st_mode) or status.st_size > most:
        stream.close()
        raise Refused(found.too_large("it", most) if stat.S_ISREG(status.st_mode) else "not a regular file")
    return stream


def _on_disk(entry: Entry, stack: ExitStack) -> _Sips:
    """Return a student's zip as an open file; from the zip of a class, return an unnamed copy."""
    assert entry.opened is not None
    stream = stack.enter_context(entry.opened())
    if isinstance(stream, _Sips):
        return stream
    copy = stack.enter_context(tempfile.TemporaryFile(buffering=0))
    size = 0
    while block := stream.read(BLOCK):
        size += copy.write(block)
        if size > LARGEST_TOTAL:
            raise Refused(found.too_large("it", LARGEST_TOTAL))
    return _Sips(copy.fileno(), closefd=False)


def archive(stream: _Sips, stack: ExitStack) -> zipfile.ZipFile:
    """Return an open zip, which ``stack`` closes."""
    return stack.enter_context(zipfile.ZipFile(stack.enter_context(stream)))


def members(archive: zipfile.ZipFile, zone: tzinfo, of_one: bool = False) -> Iterator[tuple[Entry, int]]:
    """Yield the members of a zip (``of_one`` student) with their sizes, and empty folders."""
    if len(archive.infolist()) > MOST_MEMBERS:
        raise Refused(f"a zip with more than {MOST_MEMBERS} files")
    named = [(_parts(member), member) for member in archive.infolist()]
    above = {parts[:depth] for parts, _ in named for depth in range(1, min(len(parts), found.DEEPEST + 1))}
    counts: Counter[tuple[object, ...]] = Counter()
    seen: set[tuple[str, ...]] = set()
    for parts, member in sorted(named, key=lambda item: item[0]):
        if member.is_dir() and (parts in above or not parts):
            continue
        entry = _member(archive, member, parts, zone)
        if parts in seen and not entry.problem:
            entry = replace(entry, problem="its name appears twice in the archive")
        seen.add(parts)
        yield from (
            (kept, member.file_size) for kept in found.counted([entry], counts, (".",) if of_one else parts[:-1])
        )


def _parts(member: zipfile.ZipInfo) -> tuple[str, ...]:
    """Return the parts of a name, including Windows names; no part can leave the folder."""
    named = (part[:LONGEST_NAME] for part in member.filename.replace("\\", "/").split("/"))
    return tuple(part for part in named if part not in ("", ".", ".."))[: DEEPEST + 1]


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, parts: tuple[str, ...], zone: tzinfo) -> Entry:
    junk = any(found.kind(part) == JUNK for part in parts)
    kind = JUNK if junk else OTHER if member.is_dir() else found.kind(parts[-1] if parts else "")
    problem = _problem(member, parts) or (found.why("._junk") if junk else "")
    try:
        modified = datetime(*member.date_time, tzinfo=zone).timestamp()
    except (ValueError, OverflowError):  # a month 0, for instance
        modified = 0.0
    said = problem or found.why(parts[-1])
    return replace(found.entry("/".join(parts) or "unnamed", kind, said, member.is_dir()), modified=modified,
                   opened=None if problem else partial(archive.open, member))  # fmt: skip


def _problem(member: zipfile.ZipInfo, parts: tuple[str, ...]) -> str:
    """Return the reason why a member is not unpacked, or an empty text."""
    name, kind = member.filename.replace("\\", "/"), stat.S_IFMT(member.external_attr >> 16)
    most = LARGEST_TOTAL if found.kind(parts[-1] if parts else "") == ZIP else LARGEST_FILE
    problems = {
        "its name points outside the archive": ".." in name.split("/") or bool(re.match(r"/|[A-Za-z]:/", name)),
        "the file has no name": not parts,
        f"its name has over {LONGEST_NAME} characters in one part": len(max(name.split("/"), key=len)) > LONGEST_NAME,
        "an empty folder": member.is_dir(),
        found.LINK: kind == stat.S_IFLNK,
        "not a regular file": kind not in (0, stat.S_IFREG, stat.S_IFDIR),
        found.TOO_DEEP: len(parts) > found.DEEPEST,
        "the file is encrypted": bool(member.flag_bits & 1),
        "unsupported compression method; expected stored or deflated": member.compress_type not in _METHODS,
        found.too_large("it", most): member.file_size > most,
        "the compression ratio is too high":
            member.file_size > SMALL and member.file_size > LARGEST_RATIO * max(member.compress_size, 1),
    }  # fmt: skip
    return next((text for text, found in problems.items() if found), "")
