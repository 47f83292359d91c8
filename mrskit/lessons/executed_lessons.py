"""Find executed lessons that need not be run again, from a record of their inputs and outputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import nbformat

from mrskit.card import read_table
from mrskit.kept import digests, records
from mrskit.kept.records import product_records, products_digest
from mrskit.lessons import build
from mrskit.lessons.index import notebook_path, read_notebook
from mrskit.workspace import Workspace


def why_stale(workspace: Workspace, name: str, solved: bool, parameters: Mapping[str, object]) -> str | None:
    """
    Return why a lesson must be run again, or None if its notebook, answers and figures are up to date.

    They are up to date if the lesson, its parameters, the kit, the workspace's card and all its products are
    unchanged, and so are the files that the lesson has written.
    """
    record = records.read(_place(workspace, name))
    return records.why_stale(record, _recipe(workspace, name, solved, parameters), (), workspace.root, workspace.root)


def write(workspace: Workspace, name: str, solved: bool, parameters: Mapping[str, object], seconds: float) -> None:
    """Write the record of a lesson that has just been run, when no other lesson changes the workspace any more."""
    outputs = [path for path in _outputs(workspace, name) if path.is_file()]
    records.write(
        _place(workspace, name),
        records.Record(
            recipe=records.normal(_recipe(workspace, name, solved, parameters)), inputs=(), references=(),
            outputs=tuple(records.stamp(path, workspace.root) for path in outputs), seconds=round(seconds, 2),
            peak_memory=0,
        ),
    )  # fmt: skip


def pipeline_seconds(workspace: Workspace, since: float) -> float:
    """Return the total seconds of pipeline runs whose records are newer than a time (as from `time.time`)."""
    found = (records.read(path) for path in product_records(workspace) if path.stat().st_mtime >= since)
    return sum(record.seconds for record in found if record is not None)


def _place(workspace: Workspace, name: str) -> Path:
    return records.path_of(workspace.root / "Notebook", name)


def _outputs(workspace: Workspace, name: str) -> Iterator[Path]:
    yield workspace.root / "Notebook" / f"{name}.ipynb"
    yield workspace.answers / f"{name}.json"
    yield from sorted(workspace.plots.glob(f"{name[:2]}[-_]*.png"))


def _recipe(workspace: Workspace, name: str, solved: bool, parameters: Mapping[str, object]) -> dict:
    notebook = build.solved(name) if solved else read_notebook(notebook_path(name))
    return {
        "lesson": name,
        "notebook": digests.of_text(nbformat.writes(notebook)),
        "solved": solved,
        "parameters": dict(parameters),
        "card": read_table(workspace.root),
        "products": products_digest(workspace),
        "versions": records.versions(),
        "kit": digests.of_kit(),
    }
