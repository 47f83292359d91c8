"""
What a demo costs: seconds, memory of the largest worker, disk; as rows of a Markdown table.

    python benchmarks/whole_program.py FOLDER [--bands all] [--profile quick|program] [--json FILE]

FOLDER must be new: everything is made from nothing but a reference cache. Of the whole program with the profile
``program`` (40 groups x 2, as observed) only the demo's own settings are run, 12/SHORT to the end; a second row
extrapolates to all six settings: six times the data and the stages of that run, the lessons and the report once.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from mrskit.bands import SETTINGS, settings
from mrskit.lessons.demo import run_demo
from mrskit.lessons.timing import Clock

ONCE = ("lessons", "scorecard and report")  # phases that more settings do not repeat


def main() -> int:
    """Run the demo, print the rows, and return 0 if all exercises passed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="new workspace")
    parser.add_argument("--bands", default="")
    parser.add_argument("--profile", default="quick")
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    if chosen.folder.exists():
        parser.error(f"{chosen.folder} is there already: give the name of a new folder")
    bands, clock = settings(chosen.bands) if chosen.bands else (), Clock()
    card = run_demo(chosen.folder, progress=print, bands=bands, profile=chosen.profile, clock=clock)
    words = " ".join(["mrskit demo", *(["--bands", chosen.bands] if bands else []),
                      *(["--profile", chosen.profile] if chosen.profile != "quick" else [])])  # fmt: skip
    rows = [measured(words, chosen.folder, clock)]
    if chosen.profile == "program" and not bands:
        rows.append(extrapolated(rows[0], clock))
    print("| command | time | memory of a worker | disk |\n|---|---|---|---|")
    for row in rows:
        print(f"| {row['command']} | {row['seconds'] / 60:.1f} min | {row['memory'] / 1e9:.1f} GB "
              f"| {row['disk'] / 1e9:.1f} GB |")  # fmt: skip
    print(f"{card.passed} of {card.exercises} exercises passed")
    if chosen.json:
        chosen.json.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    return 0 if card.passed == card.exercises else 1


def measured(words: str, folder: Path, clock: Clock) -> dict[str, object]:
    """Return what the run has cost."""
    blocks = {(info.st_dev, info.st_ino): info.st_blocks * 512 for info in (path.stat() for path in folder.rglob("*"))}
    return {"command": f"`{words}`", "seconds": clock.seconds, "disk": sum(blocks.values()),
            "memory": max(phase.peak_memory for phase in clock.phases)}  # fmt: skip


def extrapolated(row: dict, clock: Clock) -> dict[str, object]:
    """Return what the run would cost for all settings: an estimate from above, as it counts the long ramp six times."""
    repeated = sum(phase.seconds for phase in clock.phases if phase.name not in ONCE)
    return {"command": "the same for all bands (extrapolated)", "memory": row["memory"],
            "seconds": row["seconds"] + (len(SETTINGS) - 1) * repeated,
            "disk": len(SETTINGS) * row["disk"]}  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
