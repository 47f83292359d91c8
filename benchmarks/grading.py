"""
Grading a class: the kit in its sandbox against nbgrader, on the same notebook files, in one run.

    python benchmarks/grading.py [KEY] [--json FILE] [--notebooks 40] [--nbgrader FOLDER]
    python benchmarks/grading.py [KEY] [--json FILE] [--notebooks 40] --kill 20
    python benchmarks/grading.py [KEY] [--json FILE] --many 1000 [--whole]

KEY is a solved workspace, by default work/demo; copies of it are used. The notebooks are lessons 01 and 06 in the hands
of students who left an eighth of the exercises and got another eighth wrong. Both sides run the same cells with the
same Python: nbgrader's tests are assert cells behind the answer cells. nbgrader is installed into an environment of its
own (FOLDER, by default in the user's cache folder). In cells of the lesson whose output nobody sees, the kit closes the
figures without drawing them; nbgrader draws them into its notebooks.

ratio_to_nbgrader   seconds of 'nbgrader autograde' over seconds of 'mrskit grade', everything from start to gradebook
isolation           of our runs; nbgrader has none
rejudge_ms          per notebook, of judging records again in a process that has the expected values; its start stands
                    apart (rejudge_start_s), as does the whole command with a changed key (rejudge_command_s)
disagreements       exercises that earn full points on one side only

--kill N kills the grader N times at random moments of one run, then lets it end: gradebook and grades must equal those
of an undisturbed run byte by byte. --many N grades N small notebooks, a quiz of five exercises out of lesson 01: memory
and throughput over the run; with --whole they are all of lesson 01.
What else runs on the machine is in the figures: run it alone.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import grading_class
import grading_nbgrader
import nbformat
import numpy as np
import platformdirs
import psutil

from mrskit.grading.intake import release
from mrskit.grading.judging.judges import JudgeProcess
from mrskit.grading.key import Key, open_key
from mrskit.grading.reports import gradebook
from mrskit.grading.run.store import Store
from mrskit.workers import executor
from mrskit.workspace import Workspace, open_workspace

RATIO, REJUDGE, DRIFT = 3.0, 50.0, 0.10  # limits: times nbgrader, ms a notebook, share
GONE = 20.0  # s after which nothing may be left of a grader that was killed
MOMENTS = (0.02, 0.22)  # of the time of a whole run: when it is killed; starting anew takes about 0.1
EVERY = 20  # notebooks between two looks at the memory
QUIZ = {"01-slow-group", "01-dither-slices", "01-context", "01-silent-default", "01-both-selectors"}
whole_release = release.release


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("key", type=Path, nargs="?", default=Path("work/demo"))
    parser.add_argument("--json", type=Path)
    parser.add_argument("--notebooks", type=int, default=40)
    parser.add_argument("--nbgrader", type=Path, default=Path(platformdirs.user_cache_dir("mrskit")) / "nbgrader")
    parser.add_argument("--kill", type=int, default=0)
    parser.add_argument("--many", type=int, default=0)
    parser.add_argument("--whole", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="grading-", dir=arguments.key.resolve().parent) as folder:
        root = Path(folder)
        keys = [open_workspace(copied(arguments.key, root / name)) for name in ("key", "theirs")]
        found: dict = {}
        if not (arguments.kill or arguments.many):
            found |= against_nbgrader(root, *keys, arguments.notebooks, arguments.nbgrader)
        if arguments.kill:
            found |= killed(root, keys[0], arguments.notebooks, arguments.kill)
        if arguments.many:
            found |= many(root, open_key(keys[0].root), arguments.many, arguments.whole)
    for name, value in found.items():
        print(f"{name:24} {value:.4g}" if isinstance(value, float) else f"{name:24} {value}")
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    return 0 if sound(found) and found.get("kills", 0) == arguments.kill else 1


def sound(found: dict) -> bool:
    """Return whether what was measured keeps the limits."""
    return (
        found.get("ratio_to_nbgrader", RATIO) >= RATIO and found.get("rejudge_ms", 0.0) < REJUDGE
        and not found.get("disagreements", 0) and found.get("equal_after_kills", True) and not found.get("left_over", 0)
        and abs(found.get("throughput_change", 0.0)) <= DRIFT and found.get("memory_growth", 0.0) <= DRIFT
    )  # fmt: skip


def copied(key: Path, target: Path) -> Path:
    """Return a copy of a workspace whose large files are links; nobody writes into a file, all replace them."""
    shutil.copytree(key, target, copy_function=lambda source, to: Path(to).hardlink_to(source))
    return target


def command(students: Path, key: Workspace, out: Path) -> list[str]:
    """Return the command that grades."""
    program = str(Path(sys.executable).with_name("mrskit"))
    return [program, "grade", str(students), "--key", str(key.root), "--out", str(out), "--quiet"]


def against_nbgrader(root: Path, key: Workspace, theirs: Workspace, count: int, place: Path) -> dict:
    """Return what both sides take for the same files, and whether they agree."""
    nbgrader, students = grading_nbgrader.environment(place), root / "students"
    number = count // len(grading_class.LESSONS)
    grading_class.make_class(students, number, dress=lambda book: grading_nbgrader.dressed(book, theirs, hidden=False))
    start = time.monotonic()
    subprocess.run(command(students, key, root / "grades"), check=True, stdout=subprocess.DEVNULL)
    ours = time.monotonic() - start
    print(f"mrskit grade: {ours:.1f} s", flush=True)
    course = root / "course"
    grading_nbgrader.make_course(course, students, theirs, grading_class.LESSONS, nbgrader)
    seconds = grading_nbgrader.autograde(course, nbgrader)
    print(f"nbgrader autograde: {seconds:.1f} s", flush=True)
    mine, others = points(root / "grades"), grading_nbgrader.scores(course)
    differ = sorted(
        name for name in mine if (mine[name][0] == mine[name][1]) != (others.get(name, -1) == mine[name][1])
    )
    for student, name in differ:
        print(f"{student} {name}: {mine[student, name]}, nbgrader {others.get((student, name))}")
    found = {"notebooks": number * len(grading_class.LESSONS), "seconds": ours, "nbgrader_seconds": seconds}
    return found | {"ratio_to_nbgrader": seconds / ours, "isolation": isolation(root / "grades"),
                    "exercises": len(mine), "disagreements": len(differ)} | rejudged(root, students, key)  # fmt: skip


def points(grades: Path) -> dict[tuple[str, str], tuple[float, float]]:
    """Return what we gave, of how many points, by student and exercise."""
    tables = [json.loads(path.read_text()) for path in sorted(grades.glob("students/*/grade.json"))]
    return {(table["student"], row["id"]): (row["points"], row["max"])
            for table in tables for lesson in table["lessons"] for row in lesson["exercises"]}  # fmt: skip


def isolation(grades: Path) -> str:
    """Return the level of isolation in the grades."""
    return ", ".join(sorted({json.loads(path.read_text())["isolation"] for path in grades.glob("students/*/*.json")}))


def rejudged(root: Path, students: Path, key: Workspace) -> dict:
    """Return what it takes to judge the records again."""
    store = Store(root / "grades")
    records = [store.record(path.stem) for path in sorted((root / "grades" / "records").glob("*.json"))]
    with JudgeProcess(open_key(key.root)) as judge:
        start = time.monotonic()
        judge.judge(records)
        cold = time.monotonic() - start
        start = time.monotonic()
        judge.judge(records)
        warm = time.monotonic() - start
    (key.root / "grading.toml").write_text('[points]\n"06-velocity" = 4\n')
    start = time.monotonic()
    subprocess.run(command(students, key, root / "grades"), check=True, stdout=subprocess.DEVNULL)
    (key.root / "grading.toml").unlink()
    return {"rejudge_ms": 1000 * warm / len(records), "rejudge_start_s": cold - warm,
            "rejudge_command_s": time.monotonic() - start}  # fmt: skip


def killed(root: Path, key: Workspace, count: int, times: int) -> dict:
    """Return whether a grader that was killed again and again ends with the same grades, and what it left behind."""
    students, chance = root / "kill" / "students", random.Random(11)
    grading_class.make_class(students, count // len(grading_class.LESSONS), seed=6)
    start = time.monotonic()
    subprocess.run(command(students, key, root / "kill" / "whole"), check=True, stdout=subprocess.DEVNULL)
    usual, left, done = time.monotonic() - start, 0, 0
    while done < times:
        grader = psutil.Popen(command(students, key, root / "kill" / "torn"), stdout=subprocess.DEVNULL)
        try:
            grader.wait(chance.uniform(*MOMENTS) * usual)
            print(f"the grader was through after {done} kills", flush=True)
            break
        except psutil.TimeoutExpired:
            children = grader.children(recursive=True)
            grader.send_signal(signal.SIGKILL)
            grader.wait()
            _, alive = psutil.wait_procs(children, GONE)
            left, done = left + len(alive), done + 1
            print(f"kill {done}: {len(list((root / 'kill' / 'torn' / 'records').glob('*.json')))} records", flush=True)
    subprocess.run(command(students, key, root / "kill" / "torn"), check=True, stdout=subprocess.DEVNULL)
    torn, whole = reports(root / "kill" / "torn"), reports(root / "kill" / "whole")
    return {"kills": done, "equal_after_kills": torn == whole, "left_over": left, "compared_files": len(whole)}


def reports(grades: Path) -> dict[str, bytes]:
    """Return the gradebook and every grade."""
    return {path.relative_to(grades).as_posix(): path.read_bytes()
            for path in [grades / "gradebook.csv", *grades.glob("students/*/grade.json")]}  # fmt: skip


def many(root: Path, key: Key, count: int, whole: bool) -> dict:
    """Return how memory and throughput change over a large class."""
    grading_class.make_class(root / "many" / "students", count, ("01",), seed=7, dress=None if whole else quiz)
    times, memory, most = [], [], 0.0

    @contextmanager
    def announce(name: str, total: int):
        nonlocal most

        def step() -> None:
            if name == "run":
                times.append(time.monotonic())
                if len(times) % EVERY == 0:
                    memory.append(resident())
                    print(f"{len(times)} notebooks, {memory[-1] / 1e6:.1f} MB", flush=True)

        yield step
        most = max(most, resident())

    with executor.session(executor.LOCAL) as workers:
        if not whole:
            workers.client().run(shorten)
            shorten()
        gradebook.grade(root / "many" / "students", key, root / "many" / "grades", announce=announce)
    tenth = max(1, count // 10)
    rates = [tenth / (times[start + tenth] - times[start]) for start in range(tenth, count - tenth, tenth)]
    half = len(rates) // 2
    early, late = np.median(memory[len(memory) // 10 : len(memory) // 5 + 1]), np.median(memory[-len(memory) // 10 :])
    recorded = sum(row[0] > 0 for row in points(root / "many" / "grades").values())
    return {
        "many": count, "notebooks_per_s": float(np.mean(rates)), "solved": recorded,
        "throughput_change": float(np.mean(rates[half:]) / np.mean(rates[:half]) - 1),
        "memory_mb": float(late / 1e6), "memory_growth": float(late / early - 1), "memory_judging_mb": most / 1e6,
    }  # fmt: skip


def quiz(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Return a lesson with a few exercises only, as somebody hands it in."""
    kept = {step.id for step in shortened(grading_class.index.lesson_name("01"))}
    notebook.cells = [cell for cell in notebook.cells if cell.id in kept]
    return notebook


def shortened(lesson: str) -> tuple[release.Step, ...]:
    """Return of a lesson the parameters, the beginning and the exercises that need nothing before them."""
    return tuple(step for step in whole_release(lesson)
                 if step.parameters or "answers.begin(" in step.source or step.exercise in QUIZ)  # fmt: skip


def shorten() -> None:
    """Let notebooks be grafted onto the short lesson, in this process."""
    release.release = shortened


def resident() -> float:
    """Return the memory of this process and its workers, bytes; kernels and what they are forked from left out."""
    own = psutil.Process()
    return sum(item.memory_info().rss for item in (own, *own.children()) if item.is_running())


if __name__ == "__main__":
    sys.exit(main())
