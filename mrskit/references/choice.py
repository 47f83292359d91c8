"""The choice of the active CRDS context for an exposure: the file of each type, or the reason for its absence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from mrskit import logs


class State(StrEnum):
    """The result of the rules for a reference type and an exposure."""

    CHOSEN = "chosen"
    NOT_APPLICABLE = "not applicable"  # by the rules, no file is needed
    NOT_FOUND = "not found"  # there are rules for this type, and none of them fits
    NO_RULE = "no rule"  # the context does not know the type


@dataclass(frozen=True, slots=True)
class Choice:
    """The choice of a context for one reference type."""

    kind: str  # reference type, e.g. dark
    state: State
    name: str = ""  # file name; empty unless a file is chosen
    why: str = ""  # CRDS's reason if no file is found

    @property
    def chosen(self) -> bool:
        """Whether a file is chosen."""
        return self.state == State.CHOSEN

    @property
    def lacking(self) -> bool:
        """Whether the pipeline stops because the file is missing, if a step reads this type."""
        return self.state in (State.NOT_FOUND, State.NO_RULE)


def choose(exposure: Path | Mapping[str, object], kinds: Iterable[str]) -> tuple[Choice, ...]:
    """
    Return the active context's choice for an exposure for each reference type, in order.

    If a server may be used, missing rules are fetched, but not files.

    ``exposure``: a product, whose header keywords go to the rules, or the keywords themselves; ``kinds``: types of
    references, e.g. ``dark``, ``flat``, ``distortion``.
    crds.CrdsError, OSError or SystemExit if the rules are unavailable (crds has a dozen classes for this case).
    """
    import crds

    kinds = list(dict.fromkeys(kinds))
    if not kinds:  # for an empty list CRDS would return all types
        return ()
    with logs.silence():
        keywords = exposure if isinstance(exposure, Mapping) else _keywords(exposure)
        found = crds.getrecommendations(keywords, reftypes=kinds, observatory="jwst")
    return tuple(_choice(kind, found.get(kind.lower())) for kind in kinds)


def _choice(kind: str, said: str | None) -> Choice:
    """Return the choice for CRDS's answer: a file, ``N/A``, ``NOT FOUND`` with a reason, or None."""
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
