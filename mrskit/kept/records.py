"""Records of runs, so that products with unchanged inputs, settings, references and versions are not made again."""

from __future__ import annotations

import importlib.metadata
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path

from mrskit.kept import digests
from mrskit.workspace import Workspace, write_text

FOLDER = ".records"  # beside the products
SCHEMA = 1
DATA = ("Source", "Background", "Ramp")  # folders whose records say what the lessons read and make


@dataclass(frozen=True, slots=True)
class Stamp:
    """The state of a file: its content's digest, and the size and time for a quick comparison."""

    name: str  # relative to the root that the reader knows
    size: int  # bytes
    modified: int  # ns
    sha256: str


@dataclass(frozen=True, slots=True)
class Record:
    """The inputs, recipe and outputs of one run."""

    recipe: dict  # stage, steps, context, versions, replacements: whatever must be equal, as JSON
    inputs: tuple[Stamp, ...]
    references: tuple[Stamp, ...]
    outputs: tuple[Stamp, ...]
    seconds: float
    peak_memory: int  # bytes: largest resident memory of its process during the run


def path_of(folder: Path, name: str) -> Path:
    """Return the path of a run's record, e.g. ``stage1/.records/NAME.json``."""
    return folder / FOLDER / f"{name}.json"


def versions() -> dict[str, str]:
    """Return the versions of the packages that affect values in a product; reads metadata, imports nothing."""
    return {name: _version(name) for name in ("jwst", "stcal", "mrskit", "numpy", "scipy")}


_version = cache(importlib.metadata.version)


def normal(recipe: Mapping) -> dict:
    """Return a recipe after conversion to JSON and back, so that recipes can be compared."""
    return json.loads(json.dumps(recipe, sort_keys=True, default=str))


def stamp(path: Path, root: Path) -> Stamp:
    """Return the stamp of a file, with its name relative to a root."""
    status = path.stat()
    return Stamp(_name(path, root), status.st_size, status.st_mtime_ns, digests.of_file(path))


def write(path: Path, record: Record) -> None:
    """Write a record next to its products, after the products."""
    write_text(path, json.dumps({"schema": SCHEMA} | asdict(record), indent=1, sort_keys=True) + "\n")


def read(path: Path) -> Record | None:
    """Return a record, or None if this version of the kit cannot read one."""
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
        if table.pop("schema") != SCHEMA:
            return None
        for name in ("inputs", "references", "outputs"):
            table[name] = tuple(Stamp(**row) for row in table[name])
        return Record(**table)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def why_stale(
    record: Record | None, recipe: Mapping, inputs: Iterable[Path], root: Path, references: Path
) -> str | None:
    """
    Return why the products of a record must be made again, or None if they are up to date.

    ``recipe``, ``inputs``: the settings and files of a run now; ``root``: base folder for the names of inputs and
    outputs; ``references``: base folder for the names of reference files.
    """
    if record is None:
        return "not made yet"
    new = normal(recipe)
    changed = [key for key in sorted(new.keys() | record.recipe.keys()) if new.get(key) != record.recipe.get(key)]
    if changed:
        return f"changed: {', '.join(changed)}"
    names = {_name(path, root) for path in inputs}
    if names != {entry.name for entry in record.inputs}:
        return "other inputs"
    for what, entries, place in (("input", record.inputs, root), ("reference", record.references, references),
                                 ("product", record.outputs, root)):  # fmt: skip
        for entry in entries:
            if not _same(place / entry.name, entry):
                return f"{what} {Path(entry.name).name} is missing or changed"
    return None


def renewed(record: Record, root: Path, references: Path) -> Record:
    """Return an up-to-date record with the present file times, so that a copied workspace is not read again."""

    def now(entries: tuple[Stamp, ...], place: Path) -> tuple[Stamp, ...]:
        return tuple(replace(entry, modified=(place / entry.name).stat().st_mtime_ns) for entry in entries)

    return replace(record, inputs=now(record.inputs, root), outputs=now(record.outputs, root),
                   references=now(record.references, references))  # fmt: skip


def product_records(workspace: Workspace) -> list[Path]:
    """Return the records of all runs of the pipeline in a workspace."""
    return sorted(path for name in DATA for path in (workspace.root / name).glob(f"**/{FOLDER}/*.json"))


def products_digest(workspace: Workspace) -> str:
    """Return a digest of a workspace's raw files and products, with contents from the pipeline's records."""
    known = set()
    for path in product_records(workspace):
        record = read(path)
        for entry in (*record.inputs, *record.outputs) if record else ():
            file = workspace.root / entry.name
            known.add((entry.name, entry.sha256, file.stat().st_size if file.is_file() else None))
    return digests.of_values(sorted(known, key=repr))


def _name(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()


def _same(path: Path, entry: Stamp) -> bool:
    try:
        status = path.stat()
    except OSError:
        return False
    if status.st_size != entry.size:
        return False
    return status.st_mtime_ns == entry.modified or digests.of_file(path) == entry.sha256
