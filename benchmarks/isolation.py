"""
Every hostile notebook of tests/grading/run/hostile through every way of isolation, as root and as another user.

    python benchmarks/isolation.py [--ways landlock ...] [--cases fork_bomb ...]   # writes docs/isolation.json
    python benchmarks/isolation.py --table                                         # and that into docs/isolation.md

A notebook is held if its exercise ends as its file says, no secret is in its record, the files beside the workspace are
as before, and none of its processes is left when the kernel has ended. Each is run by a grader of its own, inside an
outer sandbox: without it those of the weakest level would end this program, and more. There the grader can make no
control groups. `grader` is the largest memory of the grader's process, in MB; `kernel` that of what ran the notebook.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RESULT, PAGE = ROOT / "docs" / "isolation.json", ROOT / "docs" / "isolation.md"
BEGIN, END = "<!-- made by benchmarks/isolation.py -->\n", "<!-- until here -->\n"
USERS = {"root": ["--cap-add", "ALL"], "another user": ["--unshare-user", "--uid", "65534", "--gid", "65534"]}
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
    parser.add_argument("--one", nargs=3, metavar=("FOLDER", "WAY", "CASE"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps(run_one(Path(arguments.one[0]), *arguments.one[1:])), flush=True)
        os._exit(0)
    if arguments.table:
        begin, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
        PAGE.write_text(begin + BEGIN + table(json.loads(RESULT.read_text())) + END + rest.partition(END)[2])
        return 0
    found = json.loads(arguments.json.read_text()) if arguments.json.exists() else {}
    for way in arguments.ways:
        for user in arguments.users:
            rows = found.setdefault(f"{way}; {user}", {})
            for name in arguments.cases or sorted(path.stem for path in hostile().HERE.glob("*.py")):
                rows[name] = confined(way, user, name)
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


def confined(way: str, user: str, name: str) -> dict:
    """Run one notebook by a grader in an outer sandbox, under a cap on memory and processes."""
    from mrskit.grading.run.limits import MIB, Limits
    from mrskit.grading.run.sandbox import cgroups

    group = cgroups.make(Limits(memory=3000 * MIB, processes=400))
    if group is None:
        sys.exit("this needs control groups that can be made: run it as root")
    with tempfile.TemporaryDirectory() as folder:
        hidden = ["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp", "--unshare-pid",
                  "--unshare-net", "--unshare-ipc", "--new-session"]  # fmt: skip
        # bubblewrap mounts processes of its own, which the system allows only where those of its parent are seen whole
        around = ["--dev-bind", "/", "/"] if way.startswith("bubblewrap") else hidden
        outer = ["bwrap", *around, "--bind", folder, folder, "--die-with-parent", *USERS[user], sys.executable,
                 __file__, "--one", folder, way, name]  # fmt: skip
        process = subprocess.Popen(["sh", "-c", 'read go; exec "$@"', "sh", *outer], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # fmt: skip
        group.add(process.pid)
        try:
            said, wrong = process.communicate("\n", timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            return {"problem": "the grader did not end"}
        finally:
            group.remove()
    try:
        return json.loads(said.splitlines()[-1])
    except (ValueError, IndexError):
        return {"problem": f"the grader ended ({process.returncode}) {wrong.strip()[-100:]}".strip()}


def run_one(folder: Path, way: str, name: str) -> dict:
    """Run one notebook, and return why it was not held, empty if it was, and what it took."""
    tests = hostile()
    from mrskit.exercises.outcomes import Outcome
    from mrskit.grading.intake import intake, release
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
    ends, own, answer = tests._case(name, key=key.root, decoy=decoy, port=9, socket=folder / "nobody")
    (folder / "handed").mkdir()
    submission = intake.collect(tests._notebook(folder / "handed", own, answer))[0]
    level, nested = LEVELS[way]
    before, start = tests._tree(folder / "class"), time.monotonic()
    limits = replace(tests.LIMITS, cell=10.0, notebook=40.0, memory=2 * tests.LIMITS.memory)
    with Runner(key, limits, backend=Backend(level, nested=nested), preload=tests.PRELOAD) as runner:
        record, timing = runner.run(submission, 7, {})
    given = next(item for item in record.given if item.id == tests.EXERCISE)
    problems = {
        f"it ended as {given.outcome!s}": given.outcome not in ends,
        f"it saw {(given.record or {}).get('value')!r:.80}": given.outcome == Outcome.RECORDED
        and (given.record or {}).get("value") not in ("[Ne III]", "saw []", "forged"),
        "a secret is in its record": any(text in repr(record) for text in (tests.MARK, "SECRET")),
        "files were changed": tests._tree(folder / "class") != before or decoy.with_name("decoy.owned").exists(),
        "processes were left": bool(tests._processes()),
    }  # fmt: skip
    return {"problem": "; ".join(text for text, true in problems.items() if true),
            "grader": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            "kernel": round(timing.peak_memory / 2**20), "seconds": round(time.monotonic() - start, 1)}  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
