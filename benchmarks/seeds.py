"""
Whether the course can be graded on data of several seeds: what 'mrskit build --check' asks, for each of them.

    python benchmarks/seeds.py [--seeds 1 2 3] [--keep FOLDER] [--json FILE]

Each seed is a whole demo: references, simulated exposures, six solved lessons, which must score 100 %. Then changed
solutions must score less, notebooks as they are shipped must score nothing, and no number that the exercises expect may
stand in them.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

from mrskit.course import index
from mrskit.grading.key import open_key
from mrskit.grading.reports import quality
from mrskit.lessons.demo import run_demo


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--keep", type=Path, help="keep the workspaces in this folder")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as temporary:
        for seed in arguments.seeds:
            start = time.monotonic()
            folder = (arguments.keep or Path(temporary)) / f"seed{seed}"
            card = run_demo(folder, seed=seed, progress=print)
            row = {"seed": seed, "passed": card.passed, "exercises": card.exercises, "problems": problems(folder),
                   "seconds": time.monotonic() - start}  # fmt: skip
            rows.append(row)
            print(f"seed {seed}: {card.passed} of {card.exercises} passed, {row['seconds']:.0f} s", *row["problems"],
                  sep="\n  ")  # fmt: skip
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    return 0 if all(row["passed"] == row["exercises"] and not row["problems"] for row in rows) else 1


def problems(folder: Path) -> list[str]:
    """Return what is wrong with the exercises, by a solved workspace; one sentence for each problem."""
    key = open_key(folder)
    return quality.key_problems(key, index.lessons()) + quality.stripped_problems(key, index.lessons())


if __name__ == "__main__":
    sys.exit(main())
