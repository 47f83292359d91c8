"""The command from outside, real notebooks in the real sandbox: honest scores, nothing lost when it is killed."""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import psutil
import pytest

from mrskit import workspace
from mrskit.course import index
from mrskit.grading.reports.grades import PRACTICE

pytestmark = pytest.mark.pipeline
COMMAND = Path(sys.executable).with_name("mrskit")
BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory):
    """Lesson 01 of three students who have spoiled a quarter of it, and the exercises that each has spoiled."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(BENCHMARKS))
        import grading_class

        folder = tmp_path_factory.mktemp("class") / "handed-in"
        paths = grading_class.make_class(folder, 3, ("01",))
        sys.modules.pop("grading_class")
    spoiled = {}
    for path in paths:
        cells = (cell.metadata.get("mrskit", {}) for cell in nbformat.read(path, 4).cells)
        spoiled[path.parent.name] = {found["exercise"] for found in cells if "spoiled" in found}
    return folder, spoiled


@pytest.fixture(scope="module")
def key(solved_workspace, tmp_path_factory):
    """A key of our own, as the rules are written into it."""
    root = tmp_path_factory.mktemp("instructor") / "key"
    shutil.copytree(solved_workspace.root, root, copy_function=os.link)
    return workspace.open_workspace(root)


def arguments(handed_in, key, out, *options):
    return [COMMAND, "grade", handed_in, "--key", key.root, "--out", out, *options]


@pytest.fixture(scope="module")
def graded(handed_in, key, tmp_path_factory):
    """The folder of grades after 'mrskit key' and 'mrskit grade', and what the latter said as JSON."""
    subprocess.run([COMMAND, "key", key.root, "--practice"], check=True, capture_output=True)
    out = tmp_path_factory.mktemp("graded") / "grades"
    done = subprocess.run(arguments(handed_in[0], key, out, "--json"), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return out, json.loads(done.stdout)


def test_every_answer_that_was_spoiled_loses_points_and_no_other(graded, handed_in):
    out, said = graded
    assert (said["executed"], said["errors"]) == (3, 0)
    for student, spoiled in handed_in[1].items():
        grade = json.loads((out / "students" / student / "grade.json").read_text())
        rows = {row["id"]: row for lesson in grade["lessons"] for row in lesson["exercises"]}
        assert len(rows) == len(index.lesson_exercises("01"))
        assert {name for name, row in rows.items() if row["points"] < row["max"]} == spoiled, rows
        assert grade["isolation"] == said["isolation"] != ""


def test_no_cell_of_the_release_fails_in_the_sandbox(key):
    from mrskit.grading.reports.quality import as_shipped
    from mrskit.grading.run import run as runs

    failed = []

    class Watched(runs.Runner):
        def _note(self, state, step, seen, submission, out_of_time):
            failed.extend([(submission.lesson, step.source[:60], seen.error)] if seen.error else [])
            return super()._note(state, step, seen, submission, out_of_time)

    with Watched(key, trust=True) as runner:
        for lesson in ("01_setup", "02_raw_overview"):
            runner.run(as_shipped(lesson), 5, {})
    assert failed == []


def test_a_second_time_it_runs_nothing_and_says_so(graded, handed_in, key):
    done = subprocess.run(
        arguments(handed_in[0], key, graded[0], "--quiet", "--export", "nbgrader"),
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "0 of 3 notebooks were run, 0 records judged." in " ".join(done.stdout.split())
    exported = json.loads((graded[0] / "export" / "nbgrader.json").read_text())["grades"]
    totals = {row["student"]: row["score"] for row in csv.DictReader((graded[0] / "gradebook.csv").open(newline=""))}
    assert {item["student"]: f"{item['score']:g}" for item in exported} == totals
    assert "export/nbgrader.json" in done.stdout and "nbgrader_scores.py" in done.stderr


def test_no_answer_of_the_key_nor_its_secret_stands_in_what_students_get(graded, key):
    secret = (key.root / "grading.toml").read_text().split('"')[1]
    for path in (graded[0] / "students").rglob("*.*"):
        text = path.read_text(encoding="utf-8")
        assert secret not in text and "truth/" not in text and str(key.root) not in text


def test_killed_in_the_middle_it_ends_with_the_same_grades_and_leaves_no_process(graded, handed_in, key, tmp_path):
    out = tmp_path / "torn"
    grader = psutil.Popen([*map(str, arguments(handed_in[0], key, out, "--quiet", "--jobs", "1"))])
    end = time.monotonic() + 200
    while not list((out / "records").glob("*.json")) and time.monotonic() < end and grader.is_running():
        time.sleep(0.1)
    children = grader.children(recursive=True)
    grader.send_signal(signal.SIGKILL)
    grader.wait()
    _, left = psutil.wait_procs(children, 20)
    assert children and not left
    kept = len(list((out / "records").glob("*.json")))
    assert 0 < kept < 3
    done = subprocess.run(arguments(handed_in[0], key, out, "--json"), capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["executed"] == 3 - kept
    for name in ("gradebook.csv", *(f"students/{student}/grade.json" for student in handed_in[1])):
        assert (out / name).read_bytes() == (graded[0] / name).read_bytes(), name


def test_the_gradebook_is_a_table_that_adds_up(graded):
    rows = list(csv.DictReader((graded[0] / "gradebook.csv").open(newline="")))
    for row in rows:
        points = [float(value) for name, value in row.items() if name.startswith("01-")]
        assert sum(points) == float(row["score"]) == float(row["01_setup"])
        assert row["note"] == PRACTICE  # the demo's seed is public
