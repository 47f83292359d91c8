"""Association files, which list the exposures that stages 2 and 3 process together."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mrskit.errors import PipelineError
from mrskit.logs import silence
from mrskit.workspace import write_text

TYPES = ("science", "background", "selfcal")


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an association and its part in it."""

    path: Path
    kind: str  # science, background or selfcal


def stage2_members(science: Path, background: Sequence[Path] = (), selfcal: Sequence[Path] = ()) -> tuple[Member, ...]:
    """
    Return the members of a stage 2 association: one science exposure and the exposures that correct it.

    ``science``: the rate file to calibrate; ``background``: rate files of empty sky in the same setting, for the
    pixel background; ``selfcal``: other rate files of the same detector, for the self-calibration of bad pixels.
    """
    others = [path for path in selfcal if path != science]
    return (
        Member(science, "science"),
        *(Member(path, "background") for path in background),
        *(Member(path, "selfcal") for path in others),
    )


def stage3_members(science: Sequence[Path], background: Sequence[Path] = ()) -> tuple[Member, ...]:
    """Return the members of a stage 3 association (exposures, background x1d); PipelineError without exposures."""
    if not science:
        raise PipelineError("a stage 3 association needs at least one cal file of the source, found none. "
                            "Run stage 2 of the source first.")  # fmt: skip
    return (*(Member(path, "science") for path in science), *(Member(path, "background") for path in background))


def write(path: Path, stage: int, product: str, members: Sequence[Member]) -> Path:
    """
    Write an association file (JSON) for jwst and return its path.

    Member names are relative to the file, so the workspace can be moved.

    ``path``: file to write; each product has its own file, so that its keyword ASNTABLE leads to its
    members; ``stage``: 2 or 3; ``product``: first part of the products' names.
    PipelineError if a stage 2 association does not have exactly one science member, or a kind is unknown.
    """
    wrong = [member.kind for member in members if member.kind not in TYPES]
    science = [member.path for member in members if member.kind == "science"]
    if wrong or (stage == 2 and len(science) != 1):
        raise PipelineError(
            f"{path.name}: found {len(science)} science members and the unknown kinds {wrong}; expected one science "
            f"member, and the kinds {', '.join(TYPES)}.", path=path,
        )  # fmt: skip
    items = [(os.path.relpath(member.path, path.parent), member.kind) for member in members]
    with silence():  # jwst warns about every member name with a folder in it
        text = _association(stage, product, items).dump()[1]
    write_text(path, text + "\n")
    return path


def _association(stage: int, product: str, items: list[tuple[str, str]]):
    from jwst.associations.asn_from_list import asn_from_list
    from jwst.associations.lib.rules_level2_base import DMSLevel2bBase
    from jwst.associations.lib.rules_level3_base import DMS_Level3_Base

    if stage == 3:
        association = asn_from_list(items, rule=DMS_Level3_Base, product_name=product, with_exptype=True)
    else:
        # The level 2 rule makes a product from every item, so start with the science exposure, then add the others.
        first, others = items[0], items[1:]
        association = asn_from_list([first[0]], rule=DMSLevel2bBase, product_name_func=lambda *_: product)
        association["products"][0]["members"] += [{"expname": item, "exptype": kind} for item, kind in others]
    association["asn_pool"] = "none"
    return association
