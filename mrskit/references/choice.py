"""What the active CRDS context says of an exposure: which file of each type, or why none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from mrskit import logs


class State(StrEnum):
    """What the rules say of a type of references for an exposure."""

    CHOSEN = "chosen"
    NOT_APPLICABLE = "not applicable"  # the rules say that none is needed
    NOT_FOUND = "not found"  # there are rules for this type, and none of them fits
    NO_RULE = "no rule"  # the context does not know the type


@dataclass(frozen=True, slots=True)
class Choice:
    """What a context chooses of one type of references."""

    kind: str  # reference type, e.g. dark
    state: State
    name: str = ""  # of the file; empty unless one is chosen
    why: str = ""  # in CRDS's words, where none is found

    @property
    def chosen(self) -> bool:
        """Whether there is a file."""
        return self.state == State.CHOSEN

    @property
    def lacking(self) -> bool:
        """Whether the pipeline stops for want of it, if a step reads this type."""
        return self.state in (State.NOT_FOUND, State.NO_RULE)


def choose(exposure: Path | Mapping[str, object], kinds: Iterable[str]) -> tuple[Choice, ...]:
    """
    Return what the active context chooses for an exposure, of each type of references, in their order.

    Rules that are not in the cache are fetched, if a server may be asked; files are not.

    ``exposure``: a product, whose header is what the rules are asked with, or these keywords; ``kinds``: types of
    references, e.g. ``dark``, ``flat``, ``distortion``.
    crds.CrdsError or OSError or SystemExit if the rules themselves cannot be had; crds has a dozen classes for this.
    """
    import crds

    kinds = list(dict.fromkeys(kinds))
    if not kinds:  # of none CRDS would return all
        return ()
    with logs.silence():
        keywords = exposure if isinstance(exposure, Mapping) else _keywords(exposure)
        found = crds.getrecommendations(keywords, reftypes=kinds, observatory="jwst")
    return tuple(_choice(kind, found.get(kind.lower())) for kind in kinds)


def _choice(kind: str, said: str | None) -> Choice:
    """Return the choice that CRDS spells as a file, ``N/A``, ``NOT FOUND`` with a reason, or leaves out."""
    if said is None or said.upper() in ("N/A", "NOT FOUND N/A"):
        return Choice(kind, State.NOT_APPLICABLE)
    if not said.startswith("NOT FOUND"):
        return Choice(kind, State.CHOSEN, Path(said).name)
    why = said.removeprefix("NOT FOUND").strip()
    return Choice(kind, State.NO_RULE if why.startswith("Unknown reference type") else State.NOT_FOUND, why=why)


def _keywords(exposure: Path) -> Mapping[str, object]:
    from stdatamodels.jwst import datamodels

    with datamodels.open(exposure) as model:
        return model.get_crds_parameters()
