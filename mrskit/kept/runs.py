"""The common parts of all pipeline runs: locks, temporary folders, and records that prevent repetition."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from mrskit.kept import lock, records
from mrskit.workers import usage


class Run(Protocol):
    """A run with stored products."""

    @property
    def folder(self) -> Path:
        """Folder of the products."""

    @property
    def root(self) -> Path:
        """Folder of the workspace; file names in records are relative to this folder."""

    @property
    def name(self) -> str:
        """The name of the record."""

    @property
    def inputs(self) -> Sequence[Path]:
        """All input files of the run."""

    @property
    def recipe(self) -> dict:
        """The conditions that must be equal for the products to be up to date."""


def why_stale(run: Run) -> str | None:
    """Return why a run is needed, or None if its products are up to date. Does not import the pipeline."""
    place = records.path_of(run.folder, run.name)
    record = records.read(place)
    references = Path(os.environ.get("CRDS_PATH", "."))
    reason = records.why_stale(record, run.recipe, run.inputs, run.root, references)
    if reason is None and record and (renewed := records.renewed(record, run.root, references)) != record:
        with contextlib.suppress(OSError):  # a workspace that cannot be written to
            records.write(place, renewed)
    return reason


@contextmanager
def alone(run: Run) -> Iterator[None]:
    """Lock a run against other processes, which wait and then find the finished products."""
    with lock.held(records.path_of(run.folder, run.name).with_suffix(".lock")):
        yield


@contextmanager
def beside(run: Run, label: str) -> Iterator[Path]:
    """Yield an empty folder next to the products, removed at the end; an old folder of a killed worker is reused."""
    folder = run.folder / f".writing-{label}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def write_record(run: Run, made: Sequence[Path], used: usage.Usage, references: Sequence[records.Stamp]) -> None:
    """Write the record of a finished run with its reference files."""
    records.write(
        records.path_of(run.folder, run.name),
        records.Record(
            recipe=records.normal(run.recipe),
            inputs=tuple(records.stamp(path, run.root) for path in run.inputs),
            references=tuple(references),
            outputs=tuple(records.stamp(path, run.root) for path in made),
            seconds=round(used.seconds, 2),
            peak_memory=used.peak_memory,
        ),
    )
