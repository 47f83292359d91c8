"""The exposures that are in a workspace now, and the products of removed exposures."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from mrskit import products
from mrskit.adopt.found import OF_EXPOSURE, STAGES
from mrskit.errors import PipelineError
from mrskit.kept import records
from mrskit.kept.records import product_records
from mrskit.workspace import ROLES, Workspace

ASIDE = "SetAside"  # folder of a workspace


def exposures(workspace: Workspace, role: str) -> dict[str, Path]:
    """
    Return the first file for the reduction of each exposure: the raw file, else an adopted product.

    If there are no raw files at all, the kit's own rate or cal files can also be first files.
    """
    found = {stem(path): path for path in products.find(workspace.stage(role, "uncal"), "uncal")}
    others = [path for kind in OF_EXPOSURE[1:] for path in products.find(workspace.stage(role, STAGES[kind]), kind)
              if stem(path) not in found]  # fmt: skip
    made: set[Path] = set()
    if others and found:
        made = {workspace.root / entry.name for path in product_records(workspace) if (record := records.read(path))
                for entry in record.outputs}  # fmt: skip
    for path in (path for path in others if path not in made):
        found.setdefault(stem(path), path)
    return found


def stem(path: Path) -> str:
    """Return the name of a product's exposure, without suffix."""
    return products.product_name(path, "uncal").removesuffix("_uncal.fits")


def spectra(cal: Path) -> list[Path]:
    """Return the spectra that were made from a cal file and are next to it."""
    return sorted(cal.parent.glob(f"{stem(cal)}*_x1d.fits"))


def require_spectra(cals: Iterable[Path]) -> None:
    """Check that the cal files for a master background have spectra; PipelineError if one has none."""
    if bare := [path for path in cals if not spectra(path)]:
        raise PipelineError(
            f"{bare[0].parent}: found no x1d spectra for {len(bare)} background exposures that start from cal files, "
            f"such as {bare[0].name}. Adopt their x1d or rate files too, or run again with --no-master-background: "
            "then no background is subtracted in stage 3.", path=bare[0])  # fmt: skip


def set_aside(workspace: Workspace) -> tuple[Path, list[Path]]:
    """Move the products of removed exposures out of the way; return the folder and the moved files."""
    folder = workspace.root / ASIDE / datetime.now().strftime("%Y-%m-%dT%H-%M-%S")
    moved: list[Path] = []
    first = {path for role in ROLES for path in exposures(workspace, role).values()}
    while gone := [(path, record) for path in product_records(workspace) if (record := records.read(path))
                   and first.isdisjoint(workspace.root / entry.name for entry in record.outputs)
                   and not all(os.path.lexists(workspace.root / entry.name) for entry in record.inputs)]:  # fmt: skip
        for place, record in gone:
            for file in (*(workspace.root / entry.name for entry in record.outputs), place):
                target = folder / file.relative_to(workspace.root)
                target.parent.mkdir(parents=True, exist_ok=True)
                if file.is_file():
                    moved.append(file.replace(target))
    return folder, [path for path in moved if path.suffix == ".fits"]
