"""
What a reduction costs, measured here, and what it would cost elsewhere: for whoever plans a cluster or a class.

    python benchmarks/cost.py [--json FILE] [--profiles quick,program] [--exposures 4,2] [--references DIR]

1. Exposures of 12/SHORT are simulated in each profile and reduced by one worker, one after the other: seconds and peak
   memory of each run, bytes of raw files and products, by stage and role.
2. From these the whole program 2732 is put together: 24 source and 12 background exposures, six settings with two
   channels each in stage 3, stage after stage, on 1, 8 and 64 cores (the longest runs first, one run a core).
3. And a class: 200 learners who each reduce 12/SHORT with 4 source and 2 background exposures, as many at a time as
   there are cores.

The other five settings are assumed to cost what 12/SHORT does, and cores to be as fast as those here. What else runs on
the machine is in the figures: run it alone. About fifteen minutes; with --profiles quick --exposures 1,1 two.
"""

from __future__ import annotations

import argparse
import heapq
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from mrskit import bands, plan, workspace
from mrskit.pipeline import stages
from mrskit.pipeline.ahead import import_pipeline
from mrskit.pipeline.step_settings import Options
from mrskit.simulate.exposure import simulate
from mrskit.workers import executor, usage

SETTING = bands.SETTINGS["12:SHORT"]
CORES = (1, 8, 64)
LEARNERS = 200
COURSE = (4, 2)  # source and background exposures that a learner reduces
PROGRAM = {"source": 24, "background": 12}  # raw files of program 2732
CHANNELS, SETTINGS = 2, 6  # runs of stage 3 in a setting; settings of the program
STAGES = ("detector1", "spec2", "spec3")


@dataclass(frozen=True)
class Cost:
    """One kind of run, as it was measured."""

    profile: str
    stage: str
    role: str
    runs: int
    seconds: float  # mean of a run
    memory: int  # bytes, peak of the worker
    written: int  # bytes that a run leaves, mean


@dataclass(frozen=True)
class Measured:
    """Everything that was measured of one profile."""

    profile: str
    raw: int  # bytes of one raw file
    start: float  # s, until a worker has imported the pipeline
    costs: tuple[Cost, ...]

    def of(self, stage: str, role: str = "source") -> Cost:
        """Return the cost of a kind of run."""
        return next(cost for cost in self.costs if (cost.stage, cost.role) == (stage, role))


def makespan(seconds: Iterable[float], cores: int) -> float:
    """Return the time until all runs are done, s, when each core takes the longest run that is left."""
    busy = [0.0] * cores
    for one in sorted(seconds, reverse=True):
        heapq.heapreplace(busy, busy[0] + one)
    return max(busy)


def runs(measured: Measured, stage: str, source: int, background: int, settings: int) -> list[float]:
    """Return the seconds of all runs of one stage."""
    if stage == "spec3":
        return [measured.of(stage).seconds] * (CHANNELS * settings)
    counts = {"source": source, "background": background}
    return [measured.of(stage, role).seconds for role, count in counts.items() for _ in range(count)]


def program(measured: Measured, cores: int) -> dict[str, float]:
    """Return time, core hours, memory and disk of the whole program on some cores."""
    each = [runs(measured, stage, PROGRAM["source"], PROGRAM["background"], SETTINGS) for stage in STAGES]
    wall = measured.start + sum(makespan(seconds, cores) for seconds in each)
    return {
        "cores": cores, "minutes": wall / 60, "core hours": sum(map(sum, each)) / 3600,
        "memory, GB": max(cost.memory for cost in measured.costs) * min(cores, max(map(len, each))) / 1e9,
        "disk, GB": disk(measured, PROGRAM["source"], PROGRAM["background"], SETTINGS) / 1e9,
    }  # fmt: skip


def course(measured: Measured, cores: int, learners: int = LEARNERS) -> dict[str, float]:
    """Return time, memory and disk of a class on some cores: each learner's runs one after the other on one core."""
    one = measured.start + sum(sum(runs(measured, stage, *COURSE, 1)) for stage in STAGES)
    peak = max(cost.memory for cost in measured.costs)
    return {
        "cores": cores, "minutes a learner": one / 60, "minutes": makespan([one] * learners, cores) / 60,
        "core hours": one * learners / 3600, "memory, GB": peak * min(cores, learners) / 1e9,
        "disk, GB": disk(measured, *COURSE, 1) * learners / 1e9,
    }  # fmt: skip


def disk(measured: Measured, source: int, background: int, settings: int) -> float:
    """Return the bytes of raw files and products."""
    total = measured.raw * (source + background) + measured.of("spec3").written * CHANNELS * settings
    for stage in ("detector1", "spec2"):
        total += measured.of(stage).written * source + measured.of(stage, "background").written * background
    return total


def measure(profile: str, exposures: tuple[int, int], folder: Path, references: Path) -> Measured:
    """Return what one profile costs, reduced by one worker in a workspace of its own."""
    space = workspace.create(folder / profile)
    simulate(space, [SETTING], profile, references=references, extras=False, dithers={SETTING.name: exposures})
    raw = max(path.stat().st_size for path in space.stage("source", "uncal").iterdir())
    start = started()
    costs = []
    with executor.session(most=1) as workers:
        workers.start(import_pipeline)
        for stage, role in (("detector1", "source"), ("detector1", "background"), ("spec2", "background"),
                            ("spec2", "source"), ("spec3", "source")):  # fmt: skip
            with usage.collected() as reports:
                if stage == "spec3":
                    stages.spec3(space, SETTING, Options())
                else:
                    getattr(stages, stage)(space, SETTING, role, Options())
            [report] = usage.by_stage(reports)
            made = space.stage(role, f"stage{STAGES.index(stage) + 1}").rglob("*.fits")
            written = sum(path.stat().st_size for path in made) // report.done
            costs.append(
                Cost(profile, stage, role, report.done, report.seconds / report.done, report.peak_memory, written)
            )
    return Measured(profile, raw, start, tuple(costs))


def started() -> float:
    """Return the seconds that a fresh process takes to import the pipeline."""
    begin = time.monotonic()
    subprocess.run([sys.executable, "-c", "import jwst.pipeline"], check=True, capture_output=True)
    return time.monotonic() - begin


def show(measured: Measured) -> None:
    """Print the tables of one profile."""
    length = plan.profile(measured.profile)
    print(f"\n{measured.profile}: {length.groups} groups x {length.integrations}, raw file {measured.raw / 1e6:.0f} MB,"
          f" import of the pipeline {measured.start:.0f} s")  # fmt: skip
    print("stage      role         runs  s a run  peak GB  MB written a run")
    for cost in measured.costs:
        print(f"{cost.stage:10s} {cost.role:11s} {cost.runs:5d} {cost.seconds:8.1f} {cost.memory / 1e9:8.2f} "
              f"{cost.written / 1e6:17.0f}")  # fmt: skip
    for name, function in (("program 2732, 36 exposures", program), (f"class of {LEARNERS}", course)):
        rows = [function(measured, cores) for cores in CORES]
        print(f"{name}:\n" + "".join(f"{key:>18s}" for key in rows[0]))
        for row in rows:
            print("".join(f"{value:18.0f}" if key == "cores" else f"{value:18.1f}" for key, value in row.items()))


def pair(text: str) -> tuple[int, int]:
    source, background = map(int, text.split(","))
    return source, background


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--profiles", type=lambda text: text.split(","), default=["quick", "program"])
    parser.add_argument("--exposures", type=pair, default=COURSE, help="source,background exposures to measure")
    parser.add_argument("--references", type=Path, help="folder of the reference cache (default: the user's)")
    arguments = parser.parse_args()
    results = []
    with tempfile.TemporaryDirectory() as name:
        references = arguments.references or Path(name) / "references"
        for profile in arguments.profiles:
            results.append(measure(profile, arguments.exposures, Path(name), references))
            show(results[-1])
    if arguments.json:
        machine = {"cores": os.cpu_count(), "processor": platform.processor() or platform.machine()}
        tables = [asdict(item) | {"program": [program(item, cores) for cores in CORES],
                                  "class": [course(item, cores) for cores in CORES]} for item in results]  # fmt: skip
        arguments.json.write_text(json.dumps({"machine": machine, "profiles": tables}, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
