"""
A class as it is: notebooks run and saved by a JupyterLab server, laid out as a platform would, graded by the command.

    python benchmarks/class_as_it_is.py [KEY] [--layout folders|flat|canvas|moodle|nbgrader|all] [--students 40]

KEY is a solved workspace, by default work/demo; a copy of it is used. Every state of a lesson (solved, half answered,
wrong, with code of the student's own, with a cell that ends the kernel) is opened, run cell by cell and saved through
the contents and kernels of one JupyterLab server, as a browser does it. It is worth what 'mrskit check' told the
student; of the solved states it is everything.

wrong_scores   hand-ins whose points are not those that the student saw
missing        hand-ins without a row
noise          notes on hand-ins in which nothing unusual was done
"""

from __future__ import annotations

import argparse
import csv
import itertools
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Callable
from pathlib import Path

import grading_class
import nbformat
import requests
from websocket import create_connection

from mrskit.course import index
from mrskit.learner import lab
from mrskit.lessons import build
from mrskit.workspace import Workspace, open_workspace

PATIENCE = 600.0  # s for one cell
STATES = ("solved", "half", "wrong", "own code", "ends the kernel")
EXIT = "import os\nos._exit(1)"
LAYOUTS: dict[str, Callable[[str, int, str], str]] = {
    "folders": lambda who, number, lesson: f"{who}/{lesson}.ipynb",
    "flat": lambda who, number, lesson: f"{lesson}_{who}.ipynb",
    "canvas": lambda who, number, lesson: f"{who}_{20_000 + number}_{550_000 + 7 * number}_{lesson}-1.ipynb",
    "moodle": lambda who, number, lesson: f"{who}_{3_000 + number}_assignsubmission_file/{lesson}.ipynb",
    "nbgrader": lambda who, number, lesson: f"submitted/{who}/{lesson}/{lesson}.ipynb",
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("key", type=Path, nargs="?", default=Path("work/demo"))
    parser.add_argument("--layout", choices=[*LAYOUTS, "all"], default="all")
    parser.add_argument("--students", type=int, default=40)
    parser.add_argument("--lessons", default=",".join(name[:2] for name in index.lessons()))
    arguments = parser.parse_args()
    lessons = [index.lesson_name(name) for name in arguments.lessons.split(",")]
    with tempfile.TemporaryDirectory(prefix="class-", dir=arguments.key.resolve().parent) as folder:
        root = Path(folder)
        key = open_workspace(shutil.copytree(arguments.key, root / "key", copy_function=os.link))
        for name in ("answers", "workspace.json"):  # which a lesson writes into: not through a link
            _own_copy(key.root / name)
        subprocess.run([_command(), "key", "--practice", key.root], check=True, stdout=subprocess.DEVNULL)
        states = [(lesson, state) for state in STATES for lesson in lessons][: arguments.students]
        saved = saved_by_jupyterlab(key, states, root / "work")
        chosen = list(LAYOUTS) if arguments.layout == "all" else [arguments.layout]
        found = {layout: graded(root / layout, key, saved, layout, arguments.students) for layout in chosen}
    print(json.dumps(found, indent=1))
    return int(any(item["wrong_scores"] or item["missing"] or item["noise"] for item in found.values()))


def in_state(lesson: str, state: str) -> nbformat.NotebookNode:
    """Return a lesson in a state, not yet run."""
    notebook, blank = build.solved(lesson), build.student(lesson)
    answers = [number for number, cell in enumerate(notebook.cells) if "exercise" in cell.metadata.get("mrskit", {})]
    for count, number in enumerate(answers):
        cell = notebook.cells[number]
        exercise = index.exercise(cell.metadata["mrskit"]["exercise"])
        if state == "half" and count % 2:
            cell.source = blank.cells[number].source
        elif state == "wrong" and count % 3 == 0:
            cell.source = grading_class.spoiled(cell.source, exercise.kind)
    if state == "own code":
        begin = next(cell for cell in notebook.cells if cell.cell_type == "code" and "answers.begin(" in cell.source)
        begin.source = f"import math\n{begin.source}\nhere = space.root"
        notebook.cells.insert(answers[0], nbformat.v4.new_code_cell("use_band = 'LONG'\nprint(here, math.pi)"))
    if state == "ends the kernel":
        notebook.cells.insert(answers[len(answers) // 2], nbformat.v4.new_code_cell(EXIT))
    return notebook


def saved_by_jupyterlab(key: Workspace, states: list[tuple[str, str]], folder: Path) -> dict:
    """Return text and points of each state, run and saved by a JupyterLab server."""
    made = open_workspace(shutil.copytree(key.root, folder, copy_function=os.link))
    for name in ("answers", "workspace.json"):
        _own_copy(made.root / name)
    server = lab.start(made, None)
    try:
        address, _, token = server.page(made, made.root / "Notebook" / "x.ipynb").partition("?token=")
        base = re.match(r"https?://[^/]+", address)[0]
        return {(lesson, state): _saved(base, token, made, lesson, state) for lesson, state in states}
    finally:
        server.stop()


def _saved(base: str, token: str, space: Workspace, lesson: str, state: str) -> tuple[str, float]:
    (space.answers / f"{lesson}.json").unlink(missing_ok=True)
    notebook = in_state(lesson, state)
    for cell in notebook.cells:
        if "parameters" in cell.metadata.get("tags", []):
            cell.source = re.sub(r"^workspace = .*$", 'workspace = ".."', cell.source, flags=re.MULTILINE)
    with requests.Session() as session:
        session.headers["Authorization"] = f"token {token}"
        place = f"Notebook/{lesson}-{STATES.index(state)}.ipynb"
        asked = {"path": place, "name": lesson, "type": "notebook", "kernel": {"name": "python3"}}
        content = {"type": "notebook", "format": "json", "content": json.loads(nbformat.writes(notebook))}
        session.put(f"{base}/api/contents/{place}", json=content).raise_for_status()
        opened = session.post(f"{base}/api/sessions", json=asked).json()
        channels = f"{base.replace('http', 'ws')}/api/kernels/{opened['kernel']['id']}/channels?token={token}"
        end = create_connection(channels, timeout=PATIENCE)
        for number, cell in enumerate((cell for cell in notebook.cells if cell.cell_type == "code"), 1):
            if cell.source != EXIT:  # the student ran it, lost the kernel, and went on
                cell.outputs, cell.execution_count = _run(end, cell.source), number
        end.close()
        content["content"] = json.loads(nbformat.writes(notebook))
        session.put(f"{base}/api/contents/{place}", json=content).raise_for_status()
        text = session.get(f"{base}/api/contents/{place}", params={"content": 1}).json()["content"]
        session.delete(f"{base}/api/sessions/{opened['id']}")
    command = [_command(), "check", space.root / place, "-w", space.root, "--json"]
    told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    mine = next(item for item in told["lessons"] if item["lesson"] == lesson)
    points = sum(item["points"] for item in mine["verdicts"])
    if state in ("solved", "own code", "ends the kernel"):
        points = sum(exercise.points for exercise in index.lesson_exercises(lesson))
    return json.dumps(text, indent=1), points


def _run(end: object, source: str) -> list:
    """Run one cell as a browser does and return its outputs."""
    name = uuid.uuid4().hex
    content = {"code": source, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False}
    header = {"msg_id": name, "msg_type": "execute_request", "username": "", "session": "class", "version": "5.3"}
    request = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"}
    end.send(json.dumps(request))
    outputs = []
    while True:
        message = json.loads(end.recv())
        if message["parent_header"].get("msg_id") != name:
            continue
        kind, content = message["header"]["msg_type"], message["content"]
        if kind == "status" and content["execution_state"] == "idle":
            return outputs
        if kind in ("stream", "display_data", "execute_result", "error"):
            content.pop("transient", None)
            outputs.append(nbformat.from_dict({"output_type": kind} | content))


def graded(folder: Path, key: Workspace, saved: dict, layout: str, students: int) -> dict:
    """Lay hand-ins out, grade them with the command, and compare with what is known."""
    known, chance = {}, random.Random(5)
    for number, (lesson, state) in zip(range(students), itertools.cycle(saved), strict=False):
        text, points = saved[lesson, state]
        who = f"student{number:02d}"
        path = folder / "handed-in" / LAYOUTS[layout](who, number, lesson)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("use_band = 'LONG'", f"use_band = 'LONG'  # {chance.random()}"), encoding="utf-8")
        known[who] = lesson, state, points
    command = [_command(), "grade", folder / "handed-in", "--key", key.root, "--out", folder / "grades"]
    subprocess.run(command, check=False, stdout=subprocess.DEVNULL)
    with (folder / "grades" / "gradebook.csv").open(encoding="utf-8-sig") as stream:
        rows = {re.match(r"student\d\d", row["student"])[0]: row for row in csv.DictReader(stream)}
    wrong, noise = [], []
    for who, (lesson, state, points) in known.items():
        if who not in rows:
            continue
        table = json.loads((folder / "grades" / "students" / rows[who]["student"] / "grade.json").read_text("utf-8"))
        mine = next(item for item in table["lessons"] if item["lesson"] == lesson)
        if mine["score"] != points:
            wrong.append([lesson, state, mine["score"], points])
        if state in ("solved", "half", "wrong"):
            noise += mine["notes"]
    return {"rows": len(rows), "missing": sorted(known.keys() - rows.keys()), "wrong_scores": wrong,
            "noise": sorted(set(noise))}  # fmt: skip


def _own_copy(path: Path) -> None:
    """Let a folder or file of a hard-linked copy be one of its own."""
    for item in [path] if path.is_file() else list(path.rglob("*")):
        data = item.read_bytes()
        item.unlink()
        item.write_bytes(data)


def _command() -> Path:
    return Path(sys.executable).with_name("mrskit")


if __name__ == "__main__":
    sys.exit(main())
