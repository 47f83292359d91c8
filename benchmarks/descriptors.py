"""
What a notebook can get hold of that it has not opened itself, at every level of isolation that works here.

    python benchmarks/descriptors.py [--levels bubblewrap landlock rlimits]

Lesson 01 is handed in with a cell that tries everything that is open in its kernel, and the controlling terminal. The
kernel is started for this notebook alone, and in bubblewrap also by the process that keeps what lessons import ready.
Prints one row a level; the exit code is 1 if a notebook saw anything, or did not answer.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import nbformat

from mrskit.grading.intake import intake
from mrskit.grading.run.limits import Limits
from mrskit.grading.run.run import Runner
from mrskit.grading.run.sandbox import backends, mounts, syscalls
from mrskit.grading.run.sandbox.backends import Backend
from mrskit.lessons import build
from mrskit.workspace import Workspace, create

ATTACK = Path(__file__).resolve().parents[1] / "tests/grading/run/hostile/inherited_descriptors.py"
LESSON, EXERCISE = "01_setup", "01-channels"
NOTHING = "saw []"


def main() -> int:
    """Run the notebook at each level and return 0 if none saw anything."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--levels", nargs="+", choices=backends.LEVELS, default=list(backends.LEVELS))
    chosen, sound = parser.parse_args(), True
    with tempfile.TemporaryDirectory(prefix="descriptors-") as folder:
        space = create(Path(folder) / "key")
        notebook = hand_in(Path(folder) / "handed-in")
        for level in chosen.levels:
            found = list(working(level, space))
            if not found:
                print(f"{level:12} does not work here")
            for backend in found:
                said = seen(backend, space, notebook)
                sound &= said == NOTHING
                print(f"{level:12} {'from a server' if backend.nested else 'of its own':14} {said}", flush=True)
    return 0 if sound else 1


def hand_in(folder: Path) -> Path:
    """Write lesson 01 with the attack in the place of an answer that is a text, and return its path."""
    notebook = build.student(LESSON)
    for cell in notebook.cells:
        if cell.metadata.get("mrskit", {}).get("exercise") == EXERCISE:
            attack = ATTACK.read_text(encoding="utf-8").partition("# %% answer\n")[2]
            cell.source = attack.replace("06-identify", EXERCISE)
    path = folder / "mallory" / f"{LESSON}.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(nbformat.writes(notebook), encoding="utf-8")
    return path


def working(level: str, space: Workspace) -> Iterator[Backend]:
    """Give the ways of starting a kernel at a level that work here."""
    if level == "bubblewrap":
        best = backends.best(mounts.needed(space), trust=True)
        if best.level == level:
            yield from {best, Backend(level, nested=False)}
    elif level == "rlimits" or syscalls.landlock_version() >= syscalls.LANDLOCK_NEEDED:
        yield Backend(level, nested=False)


def seen(backend: Backend, space: Workspace, notebook: Path) -> str:
    """Return what the notebook says that it could get hold of, or how its answer ended."""
    with Runner(space, Limits(), backend=backend) as runner:
        record, _ = runner.run(intake.collect(notebook)[0], 7, {})
    given = {item.id: item for item in record.given}[EXERCISE]
    return str(given.record["value"]) if given.record else f"{given.outcome}: {'; '.join(record.notes)}"


if __name__ == "__main__":
    sys.exit(main())
