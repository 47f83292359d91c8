"""A report on a workspace of real data that a user can send: what the files are, and what the course made of them."""

from __future__ import annotations

import json
import platform
from collections import Counter
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from mrskit import observed, products
from mrskit.adopt import present
from mrskit.answering import judge
from mrskit.checkup import data
from mrskit.errors import MrskitError
from mrskit.fitsfile import primary_header
from mrskit.workspace import ROLES, STAGES, Workspace

_KEYWORDS = ("PROGRAM", "OBSERVTN", "CHANNEL", "BAND", "READPATT", "NGROUPS", "NINTS", "PATTTYPE", "NUMDTHPT",
             "SRCTYAPT", "BKGDTARG", "SDP_VER", "CAL_VER", "CRDS_CTX", "DATE-OBS")  # fmt: skip


def report(space: Workspace) -> str:
    """Return the report as Markdown; it names no user, no folder outside the workspace, and no answer."""
    text = "\n".join(["# mrskit on real data", "", *_computer(), *_program(space), *_files(space), *_course(space), ""])
    return text.replace(str(space.root), "WORKSPACE").replace(str(Path.home()), "~")


def _computer() -> Iterator[str]:
    names = ("mrskit", "jwst", "stdatamodels", "crds", "numpy", "astropy")
    yield f"Python {platform.python_version()} on {platform.system()}; " + ", ".join(
        f"{name} {version(name)}" for name in names)  # fmt: skip


def _program(space: Workspace) -> Iterator[str]:
    yield from ("", "## Program", "")
    try:
        program = observed.of(space)
        yield f"{program.id} {program.target}, redshift {program.redshift}, {products.origin(space.root)}"
        yield from map(str, program.observations)
        yield from observed.differences(space)
    except (MrskitError, KeyError) as error:
        yield f"No plan: {error}"
    found = data.crds(space)
    yield f"CRDS: {found.found}{'' if found.ok else f' (expected {found.expected})'}"
    pinned = space.card().crds
    yield from sorted(pinned.references) if pinned else ("References are not pinned.",)


def _files(space: Workspace) -> Iterator[str]:
    yield from ("", "## Files", "")
    for role in ROLES:
        for stage in STAGES:
            names = Counter(path.stem.rpartition("_")[2] for path in space.stage(role, stage).glob("*.fits"))
            yield f"{role} {stage}: " + (", ".join(f"{count} {kind}" for kind, count in sorted(names.items())) or "-")
        for path in present.exposures(space, role).values():
            header = primary_header(path)
            yield f"{path.name}: " + ", ".join(f"{key} {header[key]}" for key in _KEYWORDS if key in header)


def _course(space: Workspace) -> Iterator[str]:
    yield from ("", "## Lessons", "")
    for lesson in judge.scorecard(space).lessons:
        outcomes = Counter(str(row.outcome) for row in lesson.rows)
        yield f"{lesson.name}: " + ", ".join(f"{count} {outcome}" for outcome, count in outcomes.items())
        yield from (f"- {row.id}: {row.message}" for row in lesson.rows if row.outcome == "unjudged")
    for path in sorted((space.root / "Notebook").glob("*.failed.ipynb")):
        yield f"{path.name}: {_error(path)}"


def _error(path: Path) -> str:
    """Return the error at which a notebook stopped."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    found = [item for cell in cells for item in cell.get("outputs", []) if item["output_type"] == "error"]
    return f"{found[-1]['ename']}: {found[-1]['evalue']}" if found else "no error is kept"
