"""
Notebooks that attack the grader, each in tests/grading/hostile as a file of its own, end as honest ones would.

A file says what it does and how the exercise 06-identify may end. Its cells marked ``own`` run before the answer; where
it has no cell marked ``answer``, the exercise is answered honestly. Nothing here runs without caps on memory, processes
and time.
"""

import os
import socket
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest

from mrskit.exercises.outcomes import RUN, Outcome
from mrskit.grading.intake import intake, release
from mrskit.grading.run.limits import MIB, Limits
from mrskit.grading.run.run import Runner
from mrskit.grading.run.sandbox import backends, mounts
from mrskit.lessons.index import notebook_path, read_notebook
from mrskit.workspace import create

HERE = Path(__file__).parent / "hostile"
CASES = sorted(path.stem for path in HERE.glob("*.py"))
BEGIN = "space = answers.begin("
EXERCISE, HONEST = "06-identify", 'answers.give("06-identify", "[Ne III]")'
LIMITS = Limits(
    memory=700 * MIB, processes=48, files=256, file_size=32 * MIB, scratch=64 * MIB, cpu=20, cell=2.0, notebook=8.0,
    cell_output=12 * MIB, output=24 * MIB,
)  # fmt: skip
PRELOAD = ("ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.zmqshell", "mrskit.answers", "mrskit.plotting.style",
           "mrskit.course.shown.target_lines", "mrskit.grading.run.sandbox.supervisor", "astropy.io.fits")  # fmt: skip
MARK = "kept as it was"
MEMORY = 200 * MIB  # that a notebook may cost the grader's own process


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """An instructor's workspace with a raw file, secrets and decoys beside it."""
    root = tmp_path_factory.mktemp("class")
    key = create(root / "key")
    secrets = [key.truth / "scene.json", key.answers / "06_analysis.json", root / "decoy"]
    for path in (key.stage("source", "uncal") / "data_uncal.fits", key.root / "workspace.json", *secrets):
        path.parent.mkdir(exist_ok=True)
        path.write_text("{}" if path.name == "workspace.json" else MARK, encoding="utf-8")
    return key


@pytest.fixture(scope="module", autouse=True)
def short_release():
    """Of the lesson only what an attack needs: its parameters, its beginning, one exercise."""
    whole = release.release("06_analysis")
    kept = tuple(step for step in whole if step.parameters or BEGIN in step.source or step.exercise == EXERCISE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(release, "release", lambda lesson: kept)
        yield


@pytest.fixture(scope="module")
def runner(course):
    """Warm kernels in bubblewrap, with caps that hold for all processes of a notebook."""
    os.environ["KIT_SECRET"] = "of the grader"
    backend = backends.best(mounts.needed(course), trust=True)
    if backend.level != "bubblewrap" or not backend.nested:
        pytest.skip("hostile notebooks need bubblewrap with user namespaces: install bubblewrap")
    with Runner(course, LIMITS, backend=backend, preload=PRELOAD) as running:
        if not running.memory_by_group:
            pytest.skip("hostile notebooks need control groups that can be made: run as root, or in a delegated scope")
        honest = intake.collect(_notebook(course.root.parent, "", HONEST))[0]
        seconds = [running.run(honest, 1, {})[1].seconds for _ in range(2)][1]  # the first has imported everything
        slow = max(1.0, 4 * seconds / LIMITS.cell)  # a busy machine
        running.limits = replace(LIMITS, cell=slow * LIMITS.cell, notebook=slow * LIMITS.notebook)
        yield running
    del os.environ["KIT_SECRET"]


@pytest.fixture(scope="module")
def outside(tmp_path_factory):
    """Servers on TCP and on a Unix socket that count who calls."""
    calls = []
    servers = [socket.create_server(("127.0.0.1", 0)), socket.socket(socket.AF_UNIX)]
    path = tmp_path_factory.mktemp("outside") / "socket"
    servers[1].bind(str(path))
    servers[1].listen()

    def answer(server):
        while True:
            try:
                calls.append(server.accept())
            except OSError:
                return

    for server in servers:
        threading.Thread(target=answer, args=(server,), daemon=True).start()
    yield servers[0].getsockname()[1], path, calls
    for server in servers:
        server.close()


def _notebook(folder, own, answer):
    """Write lesson 06 with a cell behind its beginning, and with an answer to its first exercise."""
    notebook = read_notebook(notebook_path("06_analysis"))
    kept = {step.id for step in release.release("06_analysis")}
    notebook.cells = [cell for cell in notebook.cells if cell.id in kept]
    place = next(i for i, cell in enumerate(notebook.cells) if EXERCISE in str(cell.metadata))
    notebook.cells[place].source = answer
    begin = next(i for i, cell in enumerate(notebook.cells) if BEGIN in cell.source and cell.cell_type == "code")
    if own:
        notebook.cells.insert(begin + 1, nbformat.v4.new_code_cell(own))
    path = folder / "mallory.ipynb"
    path.write_text(nbformat.writes(notebook), encoding="utf-8")
    return path


def _case(name, **words):
    """Return how a case may end, its own cell and its answer."""
    text = (HERE / f"{name}.py").read_text(encoding="utf-8")
    for word, value in words.items():
        text = text.replace(f"{{{word}}}", str(value))
    head, *cells = text.split("\n# %% ")
    parts = dict(cell.split("\n", 1) for cell in cells)
    ends = head.partition("# Ends: ")[2].strip().split(", ")
    return ends, parts.get("own", "").strip(), parts.get("answer", HONEST).strip()


def _memory(name):
    """Return the memory of this process, bytes: VmRSS now, VmHWM at most since `_forget_peak`."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(1024 * int(line.split()[1]) for line in lines if line.startswith(name))


def _forget_peak():
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _processes():
    listed = subprocess.run(["ps", "-eo", "stat,args"], capture_output=True, text=True, check=True).stdout
    return [line for line in listed.splitlines() if "mrskit-hostile" in line and not line.startswith("Z")]


def _tree(folder):
    return {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in sorted(folder.rglob("*")) if path.is_file()}


def test_there_are_notebooks_for_every_known_attack():
    assert len(CASES) >= 25
    for name in CASES:
        ends, own, answer = _case(name)
        assert set(ends) <= set(RUN), name
        assert own or answer != HONEST


def test_notebooks_that_run_at_once_see_neither_files_nor_processes_of_each_other(runner, tmp_path):
    leave = (
        "import time, subprocess\nfor place in ('/tmp/mine', '/dev/shm/mine', 'mine'):\n    open(place, 'x').close()\n"
    )
    look = ("import glob, os\ntime.sleep(1)\n"
            "seen = [pid for pid in os.listdir('/proc') if pid.isdigit() and int(pid) > 20]\n"
            "seen += glob.glob('/tmp/*.ipynb') + os.listdir('/run')[1:]\n"
            f"answers.give('{EXERCISE}', 'saw ' + repr(seen))")  # fmt: skip
    submission = intake.collect(_notebook(tmp_path, leave, look))[0]
    with ThreadPoolExecutor(3) as pool:
        records = [record for record, _ in pool.map(lambda seed: runner.run(submission, seed, {}), range(3))]
    for record in records:
        given = {item.id: item for item in record.given}[EXERCISE]
        assert given.outcome == Outcome.RECORDED, (given, record.notes)
        assert given.record["value"] == "saw []"


@pytest.mark.parametrize("name", CASES)
def test_a_hostile_notebook_ends_honestly_and_changes_nothing(name, course, runner, outside, tmp_path):
    port, path, calls = outside
    decoy = course.root.parent / "decoy"
    ends, own, answer = _case(name, key=course.root, decoy=decoy, port=port, socket=path)
    submission = intake.collect(_notebook(tmp_path, own, answer))[0]
    before = _tree(course.root.parent)
    _forget_peak()
    memory, start = _memory("VmRSS"), time.monotonic()
    record, timing = runner.run(submission, 7, {})
    seconds = time.monotonic() - start
    assert _memory("VmHWM") - memory < MEMORY
    given = {item.id: item for item in record.given}[EXERCISE]
    assert given.outcome in ends, (given, record.notes)
    assert seconds < runner.limits.notebook + 2
    assert timing.seconds <= seconds + 0.1
    assert _tree(course.root.parent) == before
    assert not decoy.with_name("decoy.owned").exists()
    assert calls == []
    assert _processes() == []
    if given.outcome == Outcome.RECORDED:
        # A thread of an earlier cell hands in like the cell itself: whatever comes last is the learner's own answer.
        assert given.record["value"] in ("[Ne III]", "saw []", *(["forged"] if name == "thread_answers" else [])), given
    shown = repr(record)
    assert all(text not in shown for text in (MARK, "SECRET", "\\x1b", "\\x00", "\\u202e"))
    assert len(record.products) <= 64
    assert all(item.problem for item in record.products)
    assert all(item.pictures == () for item in record.shown)
