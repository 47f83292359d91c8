"""
Every hostile notebook of tests/grading/run/hostile through every way of isolation, as root and as another user.

    python benchmarks/isolation.py [--ways landlock ...] [--cases fork_bomb ...]   # writes docs/isolation.json
    python benchmarks/isolation.py --table                                         # and that into docs/isolation.md

A notebook is held if its exercise ends as its file says, no secret is in its record, the files beside the workspace are
as before, and none of its processes is left when the kernel has ended. The graders run inside an outer sandbox: without
it notebooks of the weakest level would end this program, and more. `grader` is the largest
memory of the grader's process, in MB; `kernel` that of what ran the notebook. Interrupted, it goes on: what the file
says was held is not run again unless it is named. Delete the file when the code has changed.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import select
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

    from mrskit.grading.run.run import Runner

ROOT = Path(__file__).resolve().parents[1]
RESULT, PAGE = ROOT / "docs" / "isolation.json", ROOT / "docs" / "isolation.md"
BEGIN, END = "<!-- made by benchmarks/isolation.py -->\n", "<!-- until here -->\n"
USERS = {"root": 0, "another user": 64124}  # numbers
LEVELS = {"bubblewrap": ("bubblewrap", True), "bubblewrap, one for each notebook": ("bubblewrap", False),
          "landlock": ("landlock", False), "rlimits": ("rlimits", False)}  # fmt: skip
PATIENCE = 120.0  # s for one notebook


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ways", nargs="*", choices=LEVELS, default=list(LEVELS))
    parser.add_argument("--users", nargs="*", choices=USERS, default=list(USERS))
    parser.add_argument("--cases", nargs="*")
    parser.add_argument("--json", type=Path, default=RESULT)
    parser.add_argument("--table", action="store_true")
    parser.add_argument("--inside", nargs="+", metavar="FOLDER WAY CASE", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.inside:
        run_all(Path(arguments.inside[0]), arguments.inside[1], arguments.inside[2:])
        os._exit(0)
    if arguments.table:
        begin, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
        PAGE.write_text(begin + BEGIN + table(json.loads(RESULT.read_text())) + END + rest.partition(END)[2])
        return 0
    found = json.loads(arguments.json.read_text()) if arguments.json.exists() else {}
    for way in arguments.ways:
        for user in arguments.users:
            rows = found.setdefault(f"{way}; {user}", {})
            missing = [name for name in hostile().CASES if rows.get(name, {}).get("problem", "not run") != ""]
            for name, row in confined(way, user, arguments.cases or missing):
                rows[name] = row
                print(f"{way}; {user}; {name}: {rows[name]}", flush=True)
                arguments.json.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return 0


def table(found: dict) -> str:
    """Return the rows of docs/isolation.md: what was held, what was not, and the grader's memory."""
    lines = ["| way; the grader is | held | not held | grader, at most |", "|---|---|---|---|"]
    for way, rows in sorted(found.items()):
        broken = [f"`{name}`" for name, row in sorted(rows.items()) if row["problem"]]
        memory = max((row.get("grader", 0) for row in rows.values()), default=0)
        lines.append(
            f"| {way} | {len(rows) - len(broken)} of {len(rows)} | {', '.join(broken) or 'none'} | {memory} MB |"
        )
    return "\n".join(lines) + "\n"


def hostile():
    """Return the module of the tests that reads the hostile files."""
    sys.path[:0] = [str(ROOT / "tests" / "grading" / "run"), str(ROOT / "tests")]
    import test_hostile

    return test_hostile


def confined(way: str, user: str, names: list[str]) -> Iterator[tuple[str, dict]]:
    """Run notebooks by graders in an outer sandbox, under a cap; a new one follows on whatever was not held."""
    waiting = list(names)
    while waiting:
        with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile("w+") as wrong:
            os.chown(folder, USERS[user], USERS[user])
            with started(outer(way, user, folder, waiting), wrong) as process:
                row: dict = {"problem": ""}
                while waiting and not row["problem"]:
                    name = waiting.pop(0)
                    if not select.select([process.stdout], [], [], PATIENCE)[0]:
                        row = {"problem": "the grader did not end"}
                    elif line := process.stdout.readline():
                        row = json.loads(line)
                    else:
                        wrong.seek(0)
                        row = {"problem": f"the grader ended ({process.wait()}) {wrong.read().strip()[-100:]}".strip()}
                    row["problem"] = re.sub(r"/\w\S*", "(a path)", row["problem"])
                    yield name, row


def outer(way: str, user: str, folder: str, names: list[str]) -> list[str]:
    """Return the command that runs a grader in an outer sandbox."""
    # bubblewrap mounts processes of its own, which the system allows only where those of its parent are seen whole
    around = ["--dev-bind", "/", "/"] if way.startswith("bubblewrap") else [
        "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--perms", "1777", "--tmpfs", "/tmp",
        "--unshare-pid", "--unshare-net", "--unshare-ipc", "--new-session"]  # fmt: skip
    if way == "landlock":  # whose grader, if it is root, has to count processes
        around += ["--bind", "/sys/fs/cgroup", "/sys/fs/cgroup"]
    return ["bwrap", *around, *opened(Path(sys.base_prefix)), "--bind", folder, folder, "--setenv", "HOME", folder,
            "--die-with-parent", "--cap-add", "ALL", *become(USERS[user]), sys.executable, __file__, "--inside",
            folder, way, *names]  # fmt: skip


@contextmanager
def started(command: list[str], wrong: IO[str]) -> Iterator[subprocess.Popen]:
    """Give a program that runs under a cap on memory and processes, and end all that it has started."""
    from mrskit.grading.run.limits import MIB, Limits
    from mrskit.grading.run.sandbox import cgroups

    group = cgroups.make(Limits(memory=3000 * MIB, processes=120))
    if group is None:
        sys.exit("this needs control groups that can be made: run it as root")
    process = subprocess.Popen(["sh", "-c", 'read go; exec "$@"', "sh", *command], stdin=subprocess.PIPE, bufsize=0,
                               stdout=subprocess.PIPE, stderr=wrong)  # fmt: skip
    group.add(process.pid)
    try:
        process.stdin.write(b"\n")
        yield process
    finally:
        process.kill()
        group.remove()
        process.wait()


def opened(shown: Path) -> list[str]:
    """Return the options that show a folder to a user who may not enter those around it."""
    closed = next((path for path in reversed(shown.parents) if not path.stat().st_mode & 1), None)
    if closed is None:
        return []
    between = [path for path in reversed(shown.parents) if path.is_relative_to(closed) and path != closed]
    made = [word for path in between for word in ("--perms", "0755", "--dir", str(path))]
    return ["--perms", "0755", "--tmpfs", str(closed), *made, "--ro-bind", str(shown), str(shown)]


def become(user: int) -> list[str]:
    """Return the command that goes on as another user of the machine, without any privilege; nothing for root."""
    number = str(user)
    return ["setpriv", "--reuid", number, "--regid", number, "--clear-groups", "--bounding-set=-all"] * (user != 0)


def run_all(folder: Path, way: str, names: list[str]) -> None:
    """Run notebooks, and print for each why it was not held, empty if it was, and what it took."""
    tests = hostile()
    from mrskit.grading.intake import release
    from mrskit.grading.run.run import Runner
    from mrskit.grading.run.sandbox.backends import Backend
    from mrskit.workspace import create

    whole = release.release("06_analysis")
    kept = tuple(step for step in whole
                 if step.parameters or tests.BEGIN in step.source or step.exercise == tests.EXERCISE)  # fmt: skip
    release.release = lambda lesson: kept
    os.environ["KIT_SECRET"] = "of the grader"
    key, decoy = create(folder / "class" / "key"), folder / "class" / "decoy"
    for path in (key.stage("source", "uncal") / "data_uncal.fits", key.root / "workspace.json", decoy,
                 key.truth / "scene.json", key.answers / "06_analysis.json"):  # fmt: skip
        path.parent.mkdir(exist_ok=True)
        path.write_text("{}" if path.name == "workspace.json" else tests.MARK, encoding="utf-8")
    (folder / "handed").mkdir()
    level, nested = LEVELS[way]
    server = socket.socket(socket.AF_UNIX)  # nobody's: a notebook that reaches it says so
    server.bind(str(folder / "nobody"))
    server.listen()
    limits = replace(tests.LIMITS, cell=10.0, notebook=40.0, memory=2 * tests.LIMITS.memory)
    with Runner(key, limits, backend=Backend(level, nested=nested), preload=tests.PRELOAD) as runner:
        for name in names:
            print(json.dumps(run_one(runner, folder, decoy, name, tests)), flush=True)


def run_one(runner: Runner, folder: Path, decoy: Path, name: str, tests: ModuleType) -> dict:
    """Run one notebook, and return why it was not held, and what it took."""
    from mrskit.exercises.outcomes import Outcome
    from mrskit.grading.intake import intake

    key = folder / "class" / "key"
    ends, own, answer = tests._case(name, key=key, decoy=decoy, port=9, socket=folder / "nobody")
    submission = intake.collect(tests._notebook(folder / "handed", own, answer))[0]
    before, start = tests._tree(folder / "class"), time.monotonic()
    tests._forget_peak()
    record, timing = runner.run(submission, 7, {})
    given = next(item for item in record.given if item.id == tests.EXERCISE)
    value = (given.record or {}).get("value")
    problems = {
        f"it ended as {given.outcome!s}": given.outcome not in ends,
        f"it saw {value!r:.80}": given.outcome == Outcome.RECORDED and value not in ("[Ne III]", "saw []", "forged"),
        "a secret is in its record": any(text in repr(record) for text in (tests.MARK, "SECRET")),
        "files were changed": tests._tree(folder / "class") != before or decoy.with_name("decoy.owned").exists(),
        "processes were left": bool(tests._processes()),
    }
    return {"problem": "; ".join(text for text, true in problems.items() if true),
            "grader": tests._memory("VmHWM") // 2**20, "kernel": round(timing.peak_memory / 2**20),
            "seconds": round(time.monotonic() - start, 1)}  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
