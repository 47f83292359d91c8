"""
What each step of each stage costs on one exposure, and what it would cost at least.

    python benchmarks/steps.py [--profile quick|program] [--stock] [--json FILE]

One exposure of the source and one of the background (12/SHORT) go through the three stages in one process, as
'mrskit reduce' runs them; with --stock without the kit's replacements. For each step: seconds, seconds of processor
time, bytes read from and written to files, and the largest resident memory.

The floor of a step is what nobody could save by writing Python better: the arrays that go into it and come out of it,
once through memory at the rate at which numpy copies here, and the time inside its compiled kernels (ramp fit,
drizzle, overlap of a cube, periodogram). "around" is what a stage does outside its steps: opening, reference look-up,
saving. Its floor is the bytes read and written, at the rate at which a file of that size is copied here.
Run it alone: a minute (quick), three (program).
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import importlib
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import psutil

from mrskit import bands, workspace
from mrskit.pipeline import stages
from mrskit.pipeline.ahead import import_pipeline
from mrskit.pipeline.faster import drizzle
from mrskit.pipeline.step_settings import Options
from mrskit.simulate.exposure import simulate

SETTING = bands.SETTINGS["12:SHORT"]
KERNELS = (  # compiled functions, where the pipeline calls them
    ("stcal.ramp_fitting.ols_fit", "ols_slope_fitter"),
    ("astropy.timeseries.periodograms.lombscargle.core", "lombscargle"),
)
OF_STOCK = (  # those that the kit calls otherwise, or not at all
    ("jwst.cube_build.ifu_cube", "cube_wrapper_driz"),
    ("jwst.straylight.straylight", "makemodel_ccode"),
)
STAGES = ("detector1", "spec2", "spec3")


@dataclass
class Cost:
    """What one step has cost, summed over its runs."""

    stage: str
    step: str
    runs: int = 0
    wall: float = 0.0  # s
    processor: float = 0.0  # s
    read: int = 0  # bytes
    written: int = 0
    memory: int = 0  # bytes, largest resident
    arrays: int = 0  # bytes of the arrays that went in and came out
    kernels: float = 0.0  # s inside compiled kernels
    floor: float = 0.0  # s


@dataclass
class Meter:
    """Watches the steps of one stage."""

    stage: str
    rate: float  # bytes/s of a copy in memory
    costs: dict[str, Cost] = field(default_factory=dict)
    inside: list[float] = field(default_factory=lambda: [0.0])  # kernel seconds of the steps that are open

    def watched(self, run: Callable) -> Callable:
        """Return ``Step.run`` that tells this meter what it costs; pipelines are passed through."""

        @functools.wraps(run)
        def measured(step: object, *arguments: object, **keywords: object) -> object:
            if hasattr(step, "step_defs") or getattr(step, "skip", False):
                return run(step, *arguments, **keywords)
            cost = self.costs.setdefault(type(step).__name__, Cost(self.stage, type(step).__name__))
            self.inside.append(0.0)
            with _counted(cost):
                result = run(step, *arguments, **keywords)
            kernels = self.inside.pop()
            moved = _bytes(arguments) + _bytes(result)
            cost.runs, cost.arrays, cost.kernels = cost.runs + 1, cost.arrays + moved, cost.kernels + kernels
            cost.floor += moved / self.rate + kernels
            return result

        return measured

    def timed(self, kernel: Callable) -> Callable:
        """Return a compiled function that adds its processor time to the step that is open."""

        @functools.wraps(kernel, assigned=())
        def measured(*arguments: object, **keywords: object) -> object:
            start = time.process_time()
            try:
                return kernel(*arguments, **keywords)
            finally:
                self.inside[-1] += time.process_time() - start

        return measured


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--profile", choices=("quick", "program"), default="quick")
    parser.add_argument("--stock", action="store_true", help="without the kit's replacements")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        space = workspace.create(Path(folder) / "steps")
        simulate(space, [SETTING], profile=arguments.profile, extras=False, dithers={SETTING.name: (1, 1)})
        memory, disk = memory_rate(), disk_rate(Path(folder))
        start = time.process_time()
        import_pipeline()
        print(f"import {time.process_time() - start:.1f} s of processor time; memory {memory / 1e9:.1f} GB/s, files "
              f"{disk / 1e9:.1f} GB/s; load {os.getloadavg()[0]:.1f}")  # fmt: skip
        rows = [row for stage in STAGES for row in measure(space, stage, arguments.stock, memory, disk)]
    show(rows)
    if arguments.json:
        arguments.json.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n", encoding="utf-8")
    return 0


def measure(space: workspace.Workspace, stage: str, stock: bool, memory: float, disk: float) -> list[Cost]:
    """Run one stage and return the cost of its steps, then that of what is around them."""
    meter, whole = Meter(stage, memory), Cost(stage, "all")
    options = Options(scheduler="none", stock=stock)
    with watching(meter, KERNELS + OF_STOCK if stock else KERNELS), _counted(whole):
        if stage == "spec3":
            stages.spec3(space, SETTING, options=options)
        else:
            for role in ("background", "source"):
                getattr(stages, stage)(space, SETTING, role=role, options=options)
    rows = list(meter.costs.values())
    around = Cost(stage, "around", 1, whole.wall - sum(row.wall for row in rows),
                  whole.processor - sum(row.processor for row in rows), whole.read - sum(row.read for row in rows),
                  whole.written - sum(row.written for row in rows), whole.memory)  # fmt: skip
    around.floor = (around.read + around.written) / disk
    whole.runs, whole.kernels = 1, sum(row.kernels for row in rows)
    whole.arrays, whole.floor = sum(row.arrays for row in rows), around.floor + sum(row.floor for row in rows)
    return [*rows, around, whole]


@contextlib.contextmanager
def watching(meter: Meter, kernels: tuple[tuple[str, str], ...]) -> Iterator[None]:
    """Let a meter see every step and every one of these kernels."""
    step = importlib.import_module("jwst.stpipe.core").JwstStep
    before: list[tuple] = [(step, "run", step.run), (drizzle, "by_planes", drizzle.by_planes)]
    step.run = meter.watched(step.run)
    drizzle.by_planes = lambda original: before[1][2](meter.timed(original))
    for module, name in kernels:
        home = importlib.import_module(module)
        before.append((home, name, getattr(home, name)))
        setattr(home, name, meter.timed(getattr(home, name)))
    try:
        yield
    finally:
        for home, name, original in before:
            setattr(home, name, original)


@contextlib.contextmanager
def _counted(cost: Cost) -> Iterator[None]:
    process = psutil.Process()
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")
    files, wall, processor = process.io_counters(), time.perf_counter(), time.process_time()
    yield
    after = process.io_counters()
    cost.wall += time.perf_counter() - wall
    cost.processor += time.process_time() - processor
    cost.read += after.read_chars - files.read_chars
    cost.written += after.write_chars - files.write_chars
    cost.memory = max(cost.memory, _peak())


def _peak() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) * 1024


def _bytes(found: object) -> int:
    """Return the bytes of the arrays of data models, and of models in sequences and libraries."""
    if isinstance(found, list | tuple):
        return sum(_bytes(item) for item in found)
    instance = getattr(found, "_instance", None)
    if instance is None:
        return sum(_bytes(item) for item in getattr(found, "_models", ()))
    return sum(value.nbytes for value in instance.values() if isinstance(value, np.ndarray))


def memory_rate() -> float:
    """Return at how many bytes a second numpy copies an array that no cache holds, read and written."""
    source = np.ones(2**25)
    target = np.empty_like(source)
    return 2 * source.nbytes / min(_seconds(lambda: np.copyto(target, source)) for _ in range(5))


def disk_rate(folder: Path) -> float:
    """Return at how many bytes a second a file is written and read back here."""
    content, path = os.urandom(2**26), folder / "rate.bin"
    seconds = min(_seconds(lambda: (path.write_bytes(content), path.read_bytes())) for _ in range(3))
    path.unlink()
    return 2 * len(content) / seconds


def _seconds(function: Callable) -> float:
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def show(rows: list[Cost]) -> None:
    """Print the table."""
    print(
        f"{'stage':10s}{'step':26s}{'runs':>5s}{'wall':>7s}{'cpu':>7s}{'floor':>7s}{'x':>6s}{'kernel':>8s}{'read':>7s}"
        f"{'write':>7s}{'memory':>8s}\n{'':41s}{'s':>7s}{'s':>7s}{'s':>7s}{'':6s}{'s':>8s}{'MB':>7s}{'MB':>7s}{'GB':>8s}"
    )
    for row in rows:
        times = row.processor / row.floor if row.floor else float("inf")
        print(f"{row.stage:10s}{row.step:26s}{row.runs:5d}{row.wall:7.2f}{row.processor:7.2f}{row.floor:7.2f}{times:6.1f}"
              f"{row.kernels:8.2f}{row.read / 1e6:7.0f}{row.written / 1e6:7.0f}{row.memory / 1e9:8.2f}")  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
