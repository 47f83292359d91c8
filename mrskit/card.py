"""The card of a workspace, ``workspace.json``: the origin, settings and owner of its data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec

from mrskit import entries
from mrskit.errors import WorkspaceError

CARD = "workspace.json"
REAL = "real"  # value of ``data_source``


@dataclass(frozen=True, slots=True)
class Pinned:
    """The CRDS cache and context for reducing real data, written by 'mrskit references --real'."""

    path: str
    context: str
    server: str
    readonly: bool = False
    references: Mapping[str, str] = field(default_factory=dict)  # file name -> SHA-1 from the server's list


@dataclass(frozen=True, slots=True)
class FetchedFile:
    """A raw file from 'mrskit fetch'."""

    url: str
    bytes: int
    sha256: str
    role: str  # source or background
    setting: str
    dither: int


@dataclass(frozen=True, slots=True)
class AdoptedFile:
    """A file that 'mrskit adopt' has added to the workspace."""

    path: str  # original path
    role: str  # source or background
    way: str  # hard link, symbolic link, copy or unpacked


@dataclass(frozen=True, slots=True)
class Card:
    """All entries of ``workspace.json``; entries with default values are not written to the file."""

    # of simulated data
    simulated: bool = False
    profile: str = ""  # quick or program
    seed: int | None = None
    scene: str = ""  # digest
    perfect: bool = False  # the references equal the simulated instrument
    imperfections: Mapping[str, float] = field(default_factory=dict)  # scales that differ from the default
    references: str = ""  # folder of the kit's own reference cache
    versions: Mapping[str, str] = field(default_factory=dict)  # versions of the simulating packages
    # of the demo
    dithers: Mapping[str, tuple[int, int]] = field(default_factory=dict)  # source, background; if fewer than usual
    rate_only: tuple[str, ...] = ()  # settings that end after stage 1
    whole: tuple[str, ...] = ()  # settings with all dithers
    # of real data
    data_source: str = ""  # REAL, else simulated
    program: int | None = None
    fetched: Mapping[str, FetchedFile] = field(default_factory=dict)  # by file name
    simulated_references: bool = False  # 'mrskit reduce --references' selected the kit's own references
    adopted: Mapping[str, AdoptedFile] = field(default_factory=dict)  # by file name
    crds: Pinned | None = None
    redshift: float | None = None  # of the target: a lesson's parameter, or found in its cubes
    # of all
    changes: tuple[str, ...] = ()  # STEP.PARAMETER=VALUE of the last 'mrskit reduce --set'
    settings: tuple[str, ...] = ()  # of the raw files, e.g. 12:SHORT
    learner: bool = False  # a learner's own workspace
    path: str = ""  # path through the course, see mrskit.course.paths; empty: the whole course
    handed_out: bool = False  # its data come from an instructor

    @property
    def is_real(self) -> bool:
        """Whether the data are from the telescope."""
        return self.data_source == REAL

    @property
    def own_references(self) -> str:
        """Folder of the kit's own reference cache if the data are reduced with it; for real data only on request."""
        return self.references if self.simulated_references or not self.is_real else ""


def read(root: Path) -> Card:
    """
    Return the card of a folder, or an empty card if there is no file.

    Raises
    ------
    WorkspaceError
        If the file cannot be read, or an entry has the wrong type.
    """
    return _typed(root, read_table(root))


def read_table(root: Path) -> dict:
    """
    Return the entries of a card as in the file, including entries that this version does not know, for digests.

    Raises
    ------
    WorkspaceError
        If the file exists but cannot be read.
    """
    try:
        table = json.loads((root / CARD).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        raise _unreadable(root, f"cannot be read ({type(error).__name__}: {error})") from error
    if not isinstance(table, dict):
        raise _unreadable(root, f"contains {type(table).__name__}, expected a table of entries")
    return table


def text(card: Card) -> str:
    """Return the text of the file for a card."""
    return _text(_changed(card))


def updated(root: Path, changes: Mapping[str, object]) -> str:
    """
    Return the text of a folder's card with changed entries; entries that this version does not know are unchanged.

    An entry with its default value is left out, unless it is already in the file.
    """
    old, new, usual = read_table(root), _plain(replace(Card(), **dict[str, Any](changes))), _plain(Card())
    table = {name: value for name, value in old.items() if name not in changes or value == new[name]}
    table |= {name: new[name] for name in changes if new[name] != usual[name]}
    _typed(root, table)
    return _text(table)


def _typed(root: Path, table: dict) -> Card:
    try:
        return entries.read(table, Card)
    except ValueError as error:
        raise _unreadable(root, str(error)) from error


def _plain(card: Card) -> dict:
    """Return the entries of a card in JSON form."""
    return json.loads(msgspec.json.encode(card))


def _changed(card: Card) -> dict:
    usual = _plain(Card())
    return {name: value for name, value in _plain(card).items() if value != usual[name]}


def _text(table: dict) -> str:
    return json.dumps(table, indent=2, sort_keys=True) + "\n"


def _unreadable(root: Path, what: str) -> WorkspaceError:
    path = root / CARD
    return WorkspaceError(f"{path}: {what}. Repair it, or move it away and run 'mrskit simulate --out {root}' (or for "
                          f"real data 'mrskit fetch --out {root}'), which writes it again.", path=path)  # fmt: skip
