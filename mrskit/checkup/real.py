"""A report on a workspace of real data for users to send: the files and their results in the course."""

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
from mrskit.workspace import ROLES, STAGES, Workspace, open_workspace, write_text

_KEYWORDS = ("OBSERVTN", "CHANNEL", "BAND", "READPATT", "NGROUPS", "NINTS", "PATTTYPE", "NUMDTHPT", "SRCTYAPT",
             "BKGDTARG", "SDP_VER", "CAL_VER", "CRDS_CTX", "DATE-OBS")  # fmt: skip


def write(root: Path) -> Path:
    """Write the report and return its path; it contains no user name, answer, or folder outside the workspace."""
    space = open_workspace(root)
    text = "\n".join(_lines(space)).replace(str(space.root), "WORKSPACE").replace(str(Path.home()), "~")
    write_text(space.root / "real.txt", f"{text}\n")
    return space.root / "real.txt"


def _lines(space: Workspace) -> Iterator[str]:
    names = ("mrskit", "jwst", "stdatamodels", "crds", "numpy", "astropy")
    yield f"Python {platform.python_version()}, {platform.system()}, {', '.join(f'{x} {version(x)}' for x in names)}"
    try:
        program = observed.of(space)
        yield f"program {program.id} {program.target}, redshift {program.redshift}; {products.origin(space.root)}"
        yield from (*map(str, program.observations), *observed.differences(space))
    except (MrskitError, KeyError) as error:
        yield f"no plan: {error}"
    pinned = space.card().crds
    yield f"CRDS: {data.crds(space).found}; pinned: {', '.join(sorted(pinned.references)) if pinned else 'nothing'}"
    for role in ROLES:
        for stage in STAGES:
            kinds = Counter(path.stem.rpartition("_")[2] for path in space.stage(role, stage).glob("*.fits"))
            yield f"{role} {stage}: {dict(sorted(kinds.items()))}"
        for path in present.exposures(space, role).values():
            header = primary_header(path)
            yield f"{path.name}: {', '.join(f'{key} {header[key]}' for key in _KEYWORDS if key in header)}"
    for lesson in judge.scorecard(space).lessons:
        yield f"{lesson.name}: {dict(Counter(str(row.outcome) for row in lesson.rows))}"
        yield from (f"  {row.id}: {row.message}" for row in lesson.rows if row.outcome == "unjudged")
    for path in sorted((space.root / "Notebook").glob("*.failed.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        errors = [item for cell in cells for item in cell.get("outputs", []) if item["output_type"] == "error"]
        yield from (f"{path.name}: {item['ename']}: {item['evalue']}" for item in errors)
