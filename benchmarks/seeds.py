"""
Whether the solved lessons score 100 % on data of other seeds.

    python benchmarks/seeds.py [--seeds 1 2 3] [--keep FOLDER] [--json FILE]

Each seed is a whole demo: references, simulated exposures, six solved lessons, scorecard.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

from mrskit.lessons.demo import run_demo


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--keep", type=Path, help="keep the workspaces in this folder")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as temporary:
        for seed in arguments.seeds:
            start = time.monotonic()
            card = run_demo((arguments.keep or Path(temporary)) / f"seed{seed}", seed=seed, progress=print)
            row = {
                "seed": seed,
                "passed": card.passed,
                "exercises": card.exercises,
                "seconds": time.monotonic() - start,
            }
            rows.append(row)
            print(f"seed {seed}: {card.passed} of {card.exercises} passed, {row['seconds']:.0f} s")
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    return 0 if all(row["passed"] == row["exercises"] for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
