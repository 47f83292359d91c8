"""
Cost of Detector1 and Spec2 as exposures, groups and workers grow, on data that are simulated here.

    python benchmarks/scaling.py [--json FILE] [--exposures 1,2,4,6] [--groups 5,10,20,40] [--references DIR]

1. 12/SHORT, 10 groups, source exposures: seconds with one worker and with two. The largest number is also run first
   with workers that do not exist yet: the row "cold" has their start and the import of the pipeline, the others not.
2. One exposure of 5 to 40 groups with one worker: seconds and peak memory of that worker.

Straight lines are fitted: seconds = a + b * exposures, seconds = a + b * groups. Limits: two workers are 1.8 times as
fast as one over both stages (warm); a worker holds at most 1.5 GB at 10 groups, 4 GB at any number of groups.
About ten minutes on two quiet cores. What else runs on the machine is in the figures: run it alone.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import cloudpickle
import numpy as np

from mrskit import bands, plan, workspace
from mrskit.pipeline.step_settings import Options
from mrskit.pipeline.steps.one_exposure import detector1_file, spec2_file
from mrskit.simulate.exposure import simulate
from mrskit.workers import executor, usage

SETTING = "12:SHORT"
QUICK = 10  # groups
DITHERS = 4  # exposures that are simulated; more than that are the same ones again, in folders of their own
SPEED_UP, QUICK_MEMORY, MEMORY = 1.8, 1.5, 4.0  # limits: ratio, GB, GB
STAGES = ("detector1", "spec2")


@dataclass(frozen=True)
class Exposure:
    """One raw file and the folder of its own where its products go."""

    name: str
    raw: Path
    folder: Path


@dataclass(frozen=True)
class Cost:
    """What one stage has cost over some exposures."""

    stage: str
    workers: int
    exposures: int
    groups: int
    cold: bool  # with the start of the workers and their imports
    wall: float  # s
    summed: float  # s, over exposures
    peak_memory: int  # bytes, of the largest worker


def run_stage1(exposure: Exposure) -> None:
    """Ramps to rates; called in a worker."""
    detector1_file(exposure.raw, exposure.folder / "stage1", options=Options(scheduler="none"))


def run_stage2(exposure: Exposure) -> None:
    """Rates to calibrated exposures; called in a worker."""
    [rate] = (exposure.folder / "stage1").glob("*_rate.fits")
    spec2_file(rate, exposure.folder / "stage2", options=Options(scheduler="none"))


def raw_files(folder: Path, groups: int, count: int, references: Path) -> list[Path]:
    """Return simulated source exposures of so many groups, in a workspace of their own."""
    name = f"groups-{groups}"
    plan.PROFILES[name] = plan.Profile(name, groups, 1, DITHERS, 0)
    space = workspace.create(folder / name)
    settings = bands.settings(SETTING)
    return simulate(space, settings, name, references=references, extras=False, dithers={SETTING: (count, 0)})


def costs(raw: list[Path], count: int, groups: int, workers: int, cold: bool) -> list[Cost]:
    """Run both stages on so many exposures with the workers of the open session, and return what each has cost."""
    folder = Path(tempfile.mkdtemp(dir=raw[0].parents[2]))
    batch = [Exposure(f"{index + 1}", raw[index % len(raw)], folder / str(index)) for index in range(count)]
    rows = []
    for stage, function in zip(STAGES, (run_stage1, run_stage2), strict=True):
        start = time.monotonic()
        outcomes = executor.outcomes(function, batch)
        report = usage.report(stage, [outcome.usage for outcome in outcomes], 0, time.monotonic() - start)
        rows.append(Cost(stage, workers, count, groups, cold, report.wall, report.seconds, report.peak_memory))
        print(f"{stage:10s} {workers} workers {count} exposures {groups:2d} groups{' cold' if cold else '':5s} "
              f"{report.wall:7.1f} s {report.peak_memory / 1e9:5.2f} GB", flush=True)  # fmt: skip
    shutil.rmtree(folder)
    return rows


def measure(raw: dict[int, list[Path]], exposures: list[int]) -> list[Cost]:
    """Return the costs of all cases; ``raw`` holds the files by number of groups."""
    cloudpickle.register_pickle_by_value(sys.modules[__name__])  # workers cannot import this file
    rows = []
    for workers in (1, 2):
        with executor.session(most=workers):
            rows += costs(raw[QUICK], max(exposures), QUICK, workers, cold=True)
            for count in sorted(exposures):
                rows += costs(raw[QUICK], count, QUICK, workers, cold=False)
            if workers == 1:
                for groups in sorted(set(raw) - {QUICK}):
                    rows += costs(raw[groups][:1], 1, groups, workers, cold=False)
    return rows


def line(x: list[int], seconds: list[float]) -> dict[str, float] | None:
    """Return intercept and slope of the straight line through some costs, None where there is only one."""
    if len(set(x)) < 2:
        return None
    slope, intercept = np.polyfit(x, seconds, 1)
    return {"a": round(float(intercept), 2), "b": round(float(slope), 3)}


def fits(rows: list[Cost]) -> dict[str, dict[str, float] | None]:
    """Return the straight lines: seconds over exposures for every stage and number of workers, and over groups."""
    found = {}
    warm = [row for row in rows if not row.cold]
    for stage in STAGES:
        for workers in sorted({row.workers for row in warm}):
            chosen = [row for row in warm if (row.stage, row.workers, row.groups) == (stage, workers, QUICK)]
            found[f"{stage}, {workers} workers, per exposure"] = line(
                [row.exposures for row in chosen], [row.wall for row in chosen]
            )
        chosen = [row for row in warm if (row.stage, row.workers, row.exposures) == (stage, 1, 1)]
        found[f"{stage}, 1 worker, per group"] = line([row.groups for row in chosen], [row.wall for row in chosen])
    return found


def speed_up(rows: list[Cost], cold: bool) -> float:
    """Return how much sooner two workers are done than one, over both stages and the largest number of exposures."""
    most = max(row.exposures for row in rows)
    seconds = [
        sum(row.wall for row in rows if (row.workers, row.exposures, row.groups, row.cold) == (n, most, QUICK, cold))
        for n in (1, 2)
    ]
    return seconds[0] / seconds[1]


def judged(rows: list[Cost]) -> list[dict[str, object]]:
    """Return measured values beside their limits; those without a limit say None."""
    quick = max(row.peak_memory for row in rows if row.groups == QUICK) / 1e9
    largest = max(row.peak_memory for row in rows) / 1e9
    warm, cold = speed_up(rows, cold=False), speed_up(rows, cold=True)
    return [
        {"quantity": "two workers over one, warm", "measured": warm, "limit": SPEED_UP, "pass": warm >= SPEED_UP},
        {"quantity": "two workers over one, with start-up", "measured": cold, "limit": None, "pass": True},
        {"quantity": "memory at 10 groups, GB", "measured": quick, "limit": QUICK_MEMORY, "pass": quick < QUICK_MEMORY},
        {"quantity": "memory at any groups, GB", "measured": largest, "limit": MEMORY, "pass": largest < MEMORY},
    ]


def numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--exposures", type=numbers, default=[1, 2, 4, 6])
    parser.add_argument("--groups", type=numbers, default=[5, 10, 20, 40])
    parser.add_argument("--references", type=Path, help="folder of the reference cache (default: made anew)")
    arguments = parser.parse_args()
    if (os.cpu_count() or 1) < 2:
        parser.error("two workers need two cores")
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder, many = Path(name), min(DITHERS, max(arguments.exposures))
        references = arguments.references or folder / "references"
        counts = dict.fromkeys(arguments.groups, 1) | {QUICK: many}
        raw = {groups: raw_files(folder, groups, count, references) for groups, count in counts.items()}
        print(f"simulated {sum(counts.values())} exposures in {time.monotonic() - start:.0f} s", flush=True)
        rows = measure(raw, arguments.exposures)
    lines, table = fits(rows), judged(rows)
    for name, fit in lines.items():
        print(f"{name:38s} " + (f"{fit['a']:6.2f} s + {fit['b']:6.3f} s each" if fit else "one case only"))
    for row in table:
        limit = "" if row["limit"] is None else f"limit {row['limit']:4.1f}  {'ok' if row['pass'] else 'FAIL'}"
        print(f"{row['quantity']:38s} {row['measured']:6.2f}  {limit}")
    total = time.monotonic() - start
    print(f"in {total:.0f} s")
    if arguments.json:
        machine = {"cores": os.cpu_count(), "processor": platform.processor() or platform.machine(), "seconds": total}
        result = {"machine": machine, "costs": [asdict(row) for row in rows], "fits": lines, "limits": table}
        arguments.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    return 0 if all(row["pass"] for row in table) else 1


if __name__ == "__main__":
    sys.exit(main())
