"""The card of a workspace, ``workspace.json``: how its data were made, where they come from, whose they are."""

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
    """The CRDS cache and context that real data are reduced with; written by 'mrskit references --real'."""

    path: str
    context: str
    server: str
    readonly: bool = False
    references: Mapping[str, str] = field(default_factory=dict)  # file name -> SHA-1 as the server lists it


@dataclass(frozen=True, slots=True)
class FetchedFile:
    """A raw file that 'mrskit fetch' has transferred."""

    url: str
    bytes: int
    sha256: str
    role: str  # source or background
    setting: str
    dither: int


@dataclass(frozen=True, slots=True)
class AdoptedFile:
    """A file that 'mrskit adopt' has laid out."""

    path: str  # where it lay
    role: str  # source or background
    way: str  # hard link, symbolic link, copy or unpacked


@dataclass(frozen=True, slots=True)
class Card:
    """All entries of ``workspace.json``; one with its default value is not in the file, a folder without has none."""

    # of simulated data
    simulated: bool = False
    profile: str = ""  # quick or program
    seed: int | None = None
    scene: str = ""  # digest
    perfect: bool = False  # the references equal the simulated instrument
    imperfections: Mapping[str, float] = field(default_factory=dict)  # scales that are not the default ones
    references: str = ""  # folder of the kit's own reference cache
    versions: Mapping[str, str] = field(default_factory=dict)  # of what has simulated
    # of the demo
    dithers: Mapping[str, tuple[int, int]] = field(default_factory=dict)  # source, background; where fewer than usual
    rate_only: tuple[str, ...] = ()  # settings that end after stage 1
    whole: tuple[str, ...] = ()  # settings with all dithers
    # of real data
    data_source: str = ""  # REAL, else simulated
    program: int | None = None
    fetched: Mapping[str, FetchedFile] = field(default_factory=dict)  # by file name
    simulated_references: bool = False  # 'mrskit reduce --references' has asked for the kit's own references
    adopted: Mapping[str, AdoptedFile] = field(default_factory=dict)  # by file name
    crds: Pinned | None = None
    redshift: float | None = None  # of the target: a lesson's parameter, or found in its cubes
    # of all
    changes: tuple[str, ...] = ()  # STEP.PARAMETER=VALUE of the last 'mrskit reduce --set'
    settings: tuple[str, ...] = ()  # of the raw files, e.g. 12:SHORT
    learner: bool = False  # a learner's own workspace
    path: str = ""  # through the course, see mrskit.course.paths; empty: all of it
    handed_out: bool = False  # its data come from an instructor

    @property
    def is_real(self) -> bool:
        """Whether the data are the telescope's."""
        return self.data_source == REAL

    @property
    def own_references(self) -> str:
        """Folder of the kit's own reference cache if the data are reduced with it; of real data only if asked for."""
        return self.references if self.simulated_references or not self.is_real else ""


def read(root: Path) -> Card:
    """
    Return the card of a folder, an empty one where there is none.

    Raises
    ------
    WorkspaceError
        If the file cannot be read, or an entry is of another kind.
    """
    return _typed(root, read_table(root))


def read_table(root: Path) -> dict:
    """
    Return the entries of a card as they stand in the file, also those that this version does not know: for digests.

    Raises
    ------
    WorkspaceError
        If the file is there and cannot be read.
    """
    try:
        table = json.loads((root / CARD).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        raise _unreadable(root, f"cannot be read ({type(error).__name__}: {error})") from error
    if not isinstance(table, dict):
        raise _unreadable(root, f"holds {type(table).__name__}, expected a table of entries")
    return table


def text(card: Card) -> str:
    """Return the text of the file for a card."""
    return _text(_changed(card))


def updated(root: Path, changes: Mapping[str, object]) -> str:
    """
    Return the text of the file of a folder with changed entries; what this version does not know stays as it is.

    An entry that gets its default value is left out, unless it stands in the file with it.
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
    """Return the entries of a card as JSON gives them back."""
    return json.loads(msgspec.json.encode(card))


def _changed(card: Card) -> dict:
    usual = _plain(Card())
    return {name: value for name, value in _plain(card).items() if value != usual[name]}


def _text(table: dict) -> str:
    return json.dumps(table, indent=2, sort_keys=True) + "\n"


def _unreadable(root: Path, what: str) -> WorkspaceError:
    path = root / CARD
    return WorkspaceError(f"{path}: {what}. Mend it, or move it away and run 'mrskit simulate --out {root}' again, of "
                          f"real data 'mrskit fetch --out {root}': both write it anew.", path=path)  # fmt: skip
