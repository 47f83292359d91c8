"""What a workspace holds, in one digest, by the records of the pipeline: no large file is read."""

from __future__ import annotations

from pathlib import Path

from mrskit.kept import digests, records
from mrskit.workspace import Workspace

DATA = ("Source", "Background", "Ramp")  # folders whose records say what the lessons read and make


def product_records(workspace: Workspace) -> list[Path]:
    """Return the records of all runs of the pipeline in a workspace."""
    return sorted(path for name in DATA for path in (workspace.root / name).glob(f"**/{records.FOLDER}/*.json"))


def products_digest(workspace: Workspace) -> str:
    """Return a digest of the raw files and products of a workspace, of their content by the records of the pipeline."""
    known = set()
    for path in product_records(workspace):
        record = records.read(path)
        for entry in (*record.inputs, *record.outputs) if record else ():
            file = workspace.root / entry.name
            known.add((entry.name, entry.sha256, file.stat().st_size if file.is_file() else None))
    return digests.of_values(sorted(known, key=repr))
