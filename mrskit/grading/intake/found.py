"""One entry in a submission: a file, or a folder that has a problem."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO

LARGEST_FILE = 100_000_000  # bytes of one notebook, mostly outputs
LARGEST_TOTAL = 1_000_000_000  # bytes of one student's zip, packed or unpacked
MOST_FILES = 5_000  # listed of one folder (with its subfolders) in the two outermost layers
DEEPEST = 8  # folders in each other
NOTEBOOK, ZIP, OTHER, JUNK = "notebook", "zip", "other", "junk"
LINK = "a link; links are not followed"
TOO_DEEP = f"nested too deeply: more than {DEEPEST} levels of folders"
_NOTEBOOK = re.compile(r"(?i)\.ipynb( ?\(\d+\))?(\.(txt|json))*$")
_PACKED = re.compile(r"(?i)\.(tar|gz|tgz|bz2|xz|7z|rar|zst)$")
_JUNK = re.compile(r"__MACOSX|\.ipynb_checkpoints|\._.*|\.DS_Store|Thumbs\.db|desktop\.ini")


class Refused(Exception):
    """The reason why a file is not read."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file that was found, or a folder that has a problem."""

    path: str  # relative to the source, with slashes, also inside of archives
    outer: str  # the part that a platform or the instructor wrote: up to a student's archive
    kind: str  # NOTEBOOK, ZIP, OTHER or JUNK
    problem: str = ""  # why it is not read
    modified: float = 0.0  # s since 1970, of the outer layer; 0 if not known
    opened: Callable[[], IO[bytes]] | None = None
    source: int = 0  # index of its source


def entry(path: str, kind: str, problem: str = "", folder: bool = False) -> Entry:
    """Return an entry of which only the path is known; the file is not read."""
    text = as_text(path)
    return Entry(text, f"{text}/" if folder else text, kind, problem)


def kind(name: str) -> str:
    """Return the kind of a file or folder by its name; JUNK for folders."""
    if _JUNK.fullmatch(name):
        return JUNK
    return NOTEBOOK if _NOTEBOOK.search(name) else ZIP if name.lower().endswith(".zip") else OTHER


def why(name: str) -> str:
    """Return the reason why a file is not read; empty for notebooks and zips."""
    if kind(name) == JUNK:
        return "a file added by the operating system"
    if kind(name) != OTHER:
        return ""
    if _PACKED.search(name):
        return "an archive that is not opened; expected a notebook (.ipynb) or a .zip"
    ending = name.rpartition(".")[2][:12] if "." in name[1:] else ""
    return f"a .{ending} file, not a notebook (.ipynb)" if ending else "a file without ending, not a notebook (.ipynb)"


def as_text(name: str) -> str:
    """Return the name of a file as printable text; bytes that are not UTF-8 are read as Latin-1."""
    try:
        name.encode()
    except UnicodeEncodeError:  # surrogates, with which Python spells such bytes
        return os.fsencode(name).decode("latin-1")
    return name


def counted(entries: Sequence[Entry], counts: Counter[tuple[object, ...]], place: tuple[str, ...]) -> Iterator[Entry]:
    """Yield entries until a folder has too many notebooks or other files; the last entry then reports this problem."""
    for item in entries:
        key = (item.kind in (NOTEBOOK, ZIP), *place[:2])
        counts[key] += bool(place)
        if counts[key] <= MOST_FILES:
            yield item
        elif counts[key] == MOST_FILES + 1:
            said = f"more than {MOST_FILES} files in this folder; the rest are not examined"
            yield entry("/".join((*place[:2], "...")), OTHER, said)


def too_large(what: str, most: int) -> str:
    """Return the reason why a large file is not read."""
    return f"{what} is larger than the limit of {most / 1e6:.0f} MB"
