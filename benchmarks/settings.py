"""
Whether the solved lessons run, and what they score, on every setting of a workspace that holds the whole program.

    mrskit demo --bands all --workspace WORKSPACE
    python benchmarks/settings.py WORKSPACE [--settings 12:MEDIUM 34:LONG] [--lessons 03 04 05 06] [--json FILE]

Each setting gets a copy of the workspace (hard links, without answers). Prints one row a setting and lesson: seconds,
exercises passed, and what the judge says of the others.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

from mrskit.answering import judge
from mrskit.bands import SETTINGS, Setting
from mrskit.errors import MrskitError
from mrskit.lessons.several_lessons import run_lessons
from mrskit.workspace import Workspace, create, open_workspace

LEFT_OUT = shutil.ignore_patterns("answers", "Notebook", "Plots", "report*", "scorecard.json")


def main() -> int:
    """Run the lessons and return 0 if all exercises that can be judged passed on all settings."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--settings", nargs="+", default=[name for name in SETTINGS if name != "12:SHORT"])
    parser.add_argument("--lessons", nargs="+", default=["03", "04", "05", "06"])
    parser.add_argument("--keep", type=Path, help="keep the copies in this folder, and use those that are there")
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    original, rows = open_workspace(chosen.workspace), []
    with tempfile.TemporaryDirectory(dir=original.root.parent) as temporary:
        for name in chosen.settings:
            root = (chosen.keep or Path(temporary)) / name.replace(":", "-").lower()
            if not root.is_dir():  # kept from a run before
                shutil.copytree(original.root, root, copy_function=os.link, ignore=LEFT_OUT)
            space = create(root)
            for lesson in chosen.lessons:
                rows.append(measure(space, SETTINGS[name], lesson))
                print(sentence(rows[-1]), flush=True)
    if chosen.json:
        chosen.json.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    return 0 if not any(row["missed"] or row["problem"] for row in rows) else 1


def measure(space: Workspace, setting: Setting, lesson: str) -> dict[str, object]:
    """Return the row of one lesson on one setting."""
    start, problem = time.monotonic(), ""
    try:
        run_lessons(space, True, (lesson,), parameters={"use_ch": setting.channels, "use_band": setting.subband})
    except MrskitError as error:
        problem = str(error)
    (score,) = judge.scorecard(space, (lesson,)).lessons
    unjudged = [row.id for row in score.rows if row.outcome == "unjudged"]
    missed = {row.id: row.message for row in score.rows if row.outcome not in ("passed", "unjudged")}
    return {"setting": setting.name, "lesson": lesson, "seconds": round(time.monotonic() - start, 1),
            "passed": score.passed, "exercises": score.exercises, "unjudged": unjudged, "missed": missed,
            "problem": problem}  # fmt: skip


def sentence(row: dict) -> str:
    """Return a row as text."""
    lines = [f"{row['setting']:<10} lesson {row['lesson']}  {row['seconds']:6.1f} s  "
             f"{row['passed']} of {row['exercises']} passed"
             f"{', not judged there: ' + ', '.join(row['unjudged']) if row['unjudged'] else ''}"]  # fmt: skip
    lines += [row["problem"]] if row["problem"] else []
    return "\n".join(lines + [f"    {name}: {message}" for name, message in row["missed"].items()])


if __name__ == "__main__":
    sys.exit(main())
