"""One thing that was found among what students handed in: a file, or a folder with which something is the matter."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO

LARGEST_FILE = 100_000_000  # bytes of one notebook, most of it outputs
LARGEST_TOTAL = 1_000_000_000  # bytes of one student's zip, packed or unpacked
MOST_FILES = 5_000  # listed of one folder (with its subfolders) in the two outermost layers
DEEPEST = 8  # folders in each other
NOTEBOOK, ZIP, OTHER, JUNK = "notebook", "zip", "other", "junk"
LINK = "a link; links are not followed"
TOO_DEEP = f"it lies too deep: more than {DEEPEST} folders in each other"
_NOTEBOOK = re.compile(r"(?i)\.ipynb( ?\(\d+\))?(\.(txt|json))*$")
_PACKED = re.compile(r"(?i)\.(tar|gz|tgz|bz2|xz|7z|rar|zst)$")
_JUNK = re.compile(r"__MACOSX|\.ipynb_checkpoints|\._.*|\.DS_Store|Thumbs\.db|desktop\.ini")


class Refused(Exception):
    """Says why a file is not read."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file that was found, or a folder with which something is the matter."""

    path: str  # relative to the source, with slashes, also inside of archives
    outer: str  # as much of it as a platform or the instructor wrote: up to a student's archive
    kind: str  # NOTEBOOK, ZIP, OTHER or JUNK
    problem: str = ""  # why it is not read
    modified: float = 0.0  # s since 1970, of the outer layer; 0 if not known
    opened: Callable[[], IO[bytes]] | None = None
    source: int = 0  # which of the sources that were named


def entry(path: str, kind: str, problem: str = "", folder: bool = False) -> Entry:
    """Return an entry of which nothing is known but its path; nothing is read of it."""
    text = as_text(path)
    return Entry(text, f"{text}/" if folder else text, kind, problem)


def kind(name: str) -> str:
    """Return what a file of a name may be, or a folder: JUNK."""
    if _JUNK.fullmatch(name):
        return JUNK
    return NOTEBOOK if _NOTEBOOK.search(name) else ZIP if name.lower().endswith(".zip") else OTHER


def why(name: str) -> str:
    """Return why a file is not read, empty for notebooks and zips."""
    if kind(name) == JUNK:
        return "a computer has added it"
    if kind(name) != OTHER:
        return ""
    if _PACKED.search(name):
        return "an archive that is not opened; expected a notebook (.ipynb) or a .zip"
    ending = name.rpartition(".")[2][:12] if "." in name[1:] else ""
    return f"a file .{ending}, no notebook (.ipynb)" if ending else "a file without ending, no notebook (.ipynb)"


def as_text(name: str) -> str:
    """Return the name of a file as text that can be written; bytes that are no UTF-8 are read as Latin-1."""
    try:
        name.encode()
    except UnicodeEncodeError:  # surrogates, with which Python spells such bytes
        return os.fsencode(name).decode("latin-1")
    return name


def counted(entries: Sequence[Entry], counts: Counter[tuple[object, ...]], place: tuple[str, ...]) -> Iterator[Entry]:
    """Give entries as long as a folder has not too many notebooks or other files; one that says so is the last."""
    for item in entries:
        key = (item.kind in (NOTEBOOK, ZIP), *place[:2])
        counts[key] += bool(place)
        if counts[key] <= MOST_FILES:
            yield item
        elif counts[key] == MOST_FILES + 1:
            said = f"more than {MOST_FILES} files here; the others are not looked at"
            yield entry("/".join((*place[:2], "...")), OTHER, said)


def too_large(what: str, most: int) -> str:
    """Return the reason why something large is not read."""
    return f"{what} has more than {most / 1e6:.0f} MB, and at most {most / 1e6:.0f} MB are read"
