"""Executed lessons that need not be run again: a record beside them says what they were made of, and what they gave."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import nbformat

import mrskit
from mrskit.lessons import build
from mrskit.lessons.index import notebook_path, read_notebook
from mrskit.pipeline import records
from mrskit.workspace import CARD, Workspace

DATA = ("Source", "Background", "Ramp")  # folders whose records say what the lessons read and make


def why_stale(workspace: Workspace, name: str, solved: bool, parameters: Mapping[str, object]) -> str | None:
    """
    Return why a lesson has to be run again, None if its notebook, answers and figures are as good as new.

    They are if the lesson, its parameters, the kit, the workspace's card and all products of the workspace are what
    they were, and nobody has touched what the lesson has written.
    """
    record = records.read(_place(workspace, name))
    return records.why_stale(record, _recipe(workspace, name, solved, parameters), (), workspace.root, workspace.root)


def write(workspace: Workspace, name: str, solved: bool, parameters: Mapping[str, object], seconds: float) -> None:
    """Write the record of a lesson that has just been run, once nothing in the workspace changes any more."""
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
    """Return the seconds of all runs of the pipeline whose records are younger than a time (as of `time.time`)."""
    found = (records.read(path) for path in _product_records(workspace) if path.stat().st_mtime >= since)
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
        "notebook": hashlib.sha256(nbformat.writes(notebook).encode()).hexdigest(),
        "solved": solved,
        "parameters": dict(parameters),
        "card": workspace.card() if (workspace.root / CARD).is_file() else {},
        "products": products_digest(workspace),
        "versions": records.versions(),
        "kit": kit_digest(),
    }


def _product_records(workspace: Workspace) -> list[Path]:
    return sorted(path for name in DATA for path in (workspace.root / name).glob(f"**/{records.FOLDER}/*.json"))


def products_digest(workspace: Workspace) -> str:
    """Return a digest of the raw files and products of a workspace, of their content by the records of the pipeline."""
    known = set()
    for path in _product_records(workspace):
        record = records.read(path)
        for entry in (*record.inputs, *record.outputs) if record else ():
            file = workspace.root / entry.name
            known.add((entry.name, entry.sha256, file.stat().st_size if file.is_file() else None))
    return hashlib.sha256(repr(sorted(known, key=repr)).encode()).hexdigest()


@cache
def kit_digest() -> str:
    """Return a digest of the kit's own code: a version number says too little while somebody works on it."""
    folder = Path(mrskit.__file__).parent
    whole = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        whole.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return whole.hexdigest()
