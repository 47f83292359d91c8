"""The other side of benchmarks/grading.py: the same notebook files as an assignment of nbgrader, its asserts hidden."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import sys
import time
import venv
from pathlib import Path

import nbformat
import numpy as np

from mrskit.answering.recorded import answers_file
from mrskit.course import index
from mrskit.exercises.codec import decode
from mrskit.exercises.probes import SEED
from mrskit.lessons import build
from mrskit.workspace import Workspace

VERSION = "0.9.6"
ASSIGNMENT = "mrs"
TEST = "# The instructor's tests run here."
_GIVEN = re.compile(r'answers\.give\("[^"]+", (\w+)')
_CONFIG = """\
c = get_config()
c.CourseDirectory.course_id = "mrs"
c.ExecutePreprocessor.timeout = 900
c.ClearSolutions.enforce_metadata = False
"""
_SCORES = """
SELECT student_id, grade_cell_name, auto_score FROM (
  SELECT submitted_assignment.student_id AS student_id, base_cell.name AS grade_cell_name, grade.auto_score
  FROM grade JOIN submitted_notebook ON grade.notebook_id = submitted_notebook.id
  JOIN submitted_assignment ON submitted_notebook.assignment_id = submitted_assignment.id
  JOIN base_cell ON grade.cell_id = base_cell.id)
"""


def environment(folder: Path) -> Path:
    """Return nbgrader in an environment of its own, which is made if it is not there."""
    command = folder / "bin" / "nbgrader"
    if not command.is_file():
        print(f"Installing nbgrader {VERSION} in {folder}", flush=True)
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run(
            [folder / "bin" / "python", "-m", "pip", "install", "--quiet", f"nbgrader=={VERSION}"], check=True
        )
    said = subprocess.run([command, "--version"], capture_output=True, text=True, check=True).stdout
    if VERSION not in said:
        raise SystemExit(f"{command} is not nbgrader {VERSION}: {said}")
    return command


def dressed(notebook: nbformat.NotebookNode, key: Workspace, hidden: bool) -> nbformat.NotebookNode:
    """
    Return a lesson as an assignment of nbgrader: answer cells as they are, a test cell behind each.

    Parameters
    ----------
    notebook : NotebookNode
        Changed in place.
    key : Workspace
        Its own answers are the expected values; its folder becomes the workspace of the lesson.
    hidden : bool
        With the asserts; without, as students have it.
    """
    cells = []
    for cell in notebook.cells:
        cells.append(cell)
        if "parameters" in cell.metadata.get("tags", []):
            cell.source = re.sub(r"^workspace = .*$", f"workspace = {str(key.root)!r}", cell.source, flags=re.MULTILINE)
        name = cell.metadata.get("mrskit", {}).get("exercise")
        if name is not None:
            cell.metadata["nbgrader"] = _metadata(name, solution=True)
            source = f"{TEST}\n{tests(name, cell.source, key)}" if hidden else TEST
            test = nbformat.v4.new_code_cell(source, id=f"t{cell.id[:11]}")
            test.metadata["nbgrader"] = _metadata(f"test-{name}", points=index.exercise(name).points)
            cells.append(test)
    notebook.cells = cells
    return notebook


def tests(name: str, source: str, key: Workspace) -> str:
    """Return asserts that an answer equals the key's own, within a part in a thousand."""
    variable = _GIVEN.search(source)[1]
    answer = decode(json.loads(answers_file(key, index.lesson_of(name)).read_text())["answers"][name])
    if answer.value is None:
        raise SystemExit(f"{key.root} has no answer for {name}: it is no solved workspace")
    if answer.kind == "code":
        wanted = json.dumps([call.value for call in answer.value.calls])
        return (
            "from mrskit.course import index\nfrom mrskit.exercises import probes\n"
            "from mrskit.exercises.record import Output\nimport json\n"
            f"wanted = json.loads('{wanted}')\n"
            f"got = probes.run({variable}, index.exercise('{name}').probes({SEED}))\n"
            "assert not any(probes.difference(a, Output(b), 1e-3, 1e-9) for a, b in zip(got, wanted, strict=True))"
        )
    if answer.kind in ("choice", "text"):
        return f"assert str({variable}) == {answer.value!r}"
    if answer.kind == "region":
        bits = np.packbits(answer.value).tobytes().hex()
        return f"import numpy as np\nassert np.packbits(np.asarray({variable}, dtype=bool)).tobytes().hex() == '{bits}'"
    numbers = json.dumps(np.asarray(answer.value, dtype=float).tolist())
    return (
        f"import json\nimport numpy as np\nwanted = json.loads('{numbers}')\n"
        f"assert np.shape({variable}) == np.shape(wanted)\n"
        f"assert np.allclose(np.asarray({variable}, dtype=float), wanted, rtol=1e-3, atol=0, equal_nan=True)"
    )


def make_course(root: Path, students: Path, key: Workspace, lessons: tuple[str, ...], nbgrader: Path) -> None:
    """Make the course: the assignment in nbgrader's database, and the same files of the students handed in."""
    (root / "source" / ASSIGNMENT).mkdir(parents=True)
    (root / "nbgrader_config.py").write_text(_CONFIG)
    for lesson in lessons:
        name = index.lesson_name(lesson)
        notebook = dressed(build.solved(name), key, hidden=True)
        (root / "source" / ASSIGNMENT / f"{name}.ipynb").write_text(nbformat.writes(notebook))
    for path in sorted(students.glob("*/*.ipynb")):
        target = root / "submitted" / path.parent.name / ASSIGNMENT / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        os.link(path, target)
    _run([nbgrader, "generate_assignment", ASSIGNMENT, "--log-level=ERROR"], root)


def autograde(root: Path, nbgrader: Path) -> float:
    """Return the seconds in which nbgrader autogrades all that was handed in."""
    start = time.monotonic()
    _run([nbgrader, "autograde", ASSIGNMENT, "--log-level=ERROR"], root)
    return time.monotonic() - start


def scores(root: Path) -> dict[tuple[str, str], float]:
    """Return the points that nbgrader gave by student and exercise."""
    with sqlite3.connect(root / "gradebook.db") as database:
        rows = database.execute(_SCORES).fetchall()
    return {(student, name.removeprefix("test-")): points or 0.0 for student, name, points in rows}


def _metadata(name: str, solution: bool = False, points: float | None = None) -> dict:
    common = {"grade_id": name, "schema_version": 3, "task": False, "solution": solution, "cell_type": "code"}
    graded = {"grade": False, "locked": False} if points is None else {"grade": True, "locked": True, "points": points}
    return common | graded


def _run(command: list, root: Path) -> None:
    """Run nbgrader in a course; its kernels are this Python, in which lessons record their answers only."""
    kernels = root / "jupyter" / "kernels" / "python3"
    kernels.mkdir(parents=True, exist_ok=True)
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    (kernels / "kernel.json").write_text(json.dumps({"argv": argv, "display_name": "Python 3", "language": "python"}))
    path = f"{Path(command[0]).parent}{os.pathsep}{os.environ['PATH']}"
    surroundings = os.environ | {"JUPYTER_PATH": str(root / "jupyter"), "MRSKIT_MODE": "grade", "PATH": path}
    done = subprocess.run([str(part) for part in command], cwd=root, env=surroundings, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"nbgrader failed:\n{done.stderr[-3000:]}")
