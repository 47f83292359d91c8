"""
The calls of the observatory's MRS notebook against the kit, in one run, on one simulated data set (12/SHORT, 4 + 2).

    python benchmarks/stock_vs_kit.py [--profile quick|program] [--json FILE] [--keep DIR]

(a) benchmarks/stock_flow.py: the pipeline as it is, one exposure after the other; (b) 'mrskit reduce'. Each is a fresh
process; its seconds hold the import of the pipeline, and for the kit the start of its workers. Then all rate, cal, s3d
and x1d products of the two are compared: the largest |a - b| / max(|b|, error), and how many pixels differ in NaN or
data quality. Last, (c): the kit in one process, and which part of its time is not spent in calls of the pipeline.

Limits: (a) / (b) at least 5 (quick) or 3.5 (program); difference at most 1e-6, no pixel differs in NaN or quality;
a worker holds at most 1.5 GB (quick) or 4 GB (program); (c) at most 3 %.
A quarter of an hour (quick) or three quarters (program) on two quiet cores: what else runs is in the figures.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from astropy.io import fits

from mrskit import bands, workspace
from mrskit.simulate.exposure import simulate

STAGES = ("detector1", "spec2", "spec3")
RATIO, MEMORY = {"quick": 5.0, "program": 3.5}, {"quick": 1.5, "program": 4.0}  # GB
DIFFERENCE, OVERHEAD = 1e-6, 0.03
SUFFIXES = ("rate", "cal", "s3d", "x1d")

# Runs the kit in one process and prints the seconds of all of it and of the calls of the pipeline alone.
IN_ONE_PROCESS = """
import sys, time
import jwst.pipeline, photutils.aperture
from mrskit import bands, workspace
from mrskit.pipeline import parameters, stages, tasks
from mrskit.pipeline.step_settings import Options
inside = []
class Timed:
    def __init__(self, pipeline):
        self.pipeline = pipeline
    def __getattr__(self, name):
        return getattr(self.pipeline, name)
    def call(self, *arguments, **keywords):
        start = time.monotonic()
        result = self.pipeline.call(*arguments, **keywords)
        inside.append(time.monotonic() - start)
        return result
original = parameters.pipeline_class
tasks.parameters.pipeline_class = lambda stage: Timed(original(stage))
start = time.monotonic()
stages.reduce(workspace.open_workspace(sys.argv[1]), [bands.SETTINGS["12:SHORT"]], Options(scheduler="none"))
print(time.monotonic() - start, sum(inside))
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--profile", choices=("quick", "program"), default="quick")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--keep", type=Path, help="keep data and products in this folder")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        figures = measure(arguments.keep or Path(temporary), arguments.profile)
    show(figures)
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return 0 if figures["pass"] else 1


def measure(folder: Path, profile: str) -> dict:
    """Return all figures of one run."""
    raw = workspace.create(folder / "raw")
    simulate(raw, bands.settings("12:SHORT"), profile=profile, extras=False)
    stock, kit, single = (copied(raw, folder / name) for name in ("stock", "kit", "single"))
    of_stock, of_kit = run_stock(stock), run_kit(kit)
    ratio = {stage: of_stock["stages"][stage]["seconds"] / of_kit["stages"][stage]["seconds"] for stage in STAGES}
    figures = {
        "profile": profile, "cores": os.cpu_count(), "load_before": os.getloadavg()[0], "stock": of_stock,
        "kit": of_kit, "ratio": ratio, "ratio_total": of_stock["seconds"] / of_kit["seconds"],
        "memory": max(cost["peak_memory"] for cost in of_kit["stages"].values()) / 1e9,
        "overhead": overhead(single), **differences(kit, stock),
    }  # fmt: skip
    figures["pass"] = (
        figures["ratio_total"] >= RATIO[profile] and figures["max_relative_difference"] <= DIFFERENCE
        and figures["differing_nan"] == figures["differing_dq"] == 0 and figures["missing"] == []
        and figures["memory"] <= MEMORY[profile] and figures["overhead"] <= OVERHEAD
    )  # fmt: skip
    return figures


def copied(original: workspace.Workspace, root: Path) -> workspace.Workspace:
    """Return a workspace with the same raw files (hard links: nobody writes into them)."""
    shutil.copytree(original.root, root, copy_function=os.link)
    (root / "workspace.json").unlink()
    shutil.copy(original.root / "workspace.json", root)
    return workspace.create(root)


def run_stock(space: workspace.Workspace) -> dict:
    """Run the notebook's calls in a process of their own and return its figures."""
    result = space.root / "stock.json"
    _process([str(Path(__file__).with_name("stock_flow.py")), str(space.root), "--json", str(result)])
    return json.loads(result.read_text())


def run_kit(space: workspace.Workspace) -> dict:
    """Run 'mrskit reduce' in a process of its own and return its figures in the shape of `run_stock`."""
    start = time.monotonic()
    code = "from mrskit.cli import main; main()"
    answer = _process(["-c", code, "reduce", str(space.root), "--settings", "12:SHORT", "--json", "--quiet"])
    seconds = time.monotonic() - start
    stages = {
        row["stage"]: {"seconds": row["wall"], "peak_memory": row["peak_memory"]}
        for row in json.loads(answer)["stages"]
    }
    return {"stages": stages, "seconds": seconds}


def overhead(space: workspace.Workspace) -> float:
    """Return the time of the kit in one process outside the pipeline's calls, as a fraction of the time inside."""
    total, inside = (float(word) for word in _process(["-c", IN_ONE_PROCESS, str(space.root)]).split()[-2:])
    return total / inside - 1


def _process(arguments: list[str]) -> str:
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    answer = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False, env=environment)
    if answer.returncode:
        sys.exit(answer.stderr[-3000:])
    return answer.stdout


def differences(kit: workspace.Workspace, stock: workspace.Workspace) -> dict:
    """Return how far the products of two workspaces differ, over all files of the suffixes compared."""
    found = {"files": 0, "max_relative_difference": 0.0, "differing_nan": 0, "differing_dq": 0, "missing": []}
    for path in sorted(stock.root.glob("*/stage?/*.fits")):
        if not path.stem.endswith(SUFFIXES):
            continue
        other = kit.root / path.relative_to(stock.root)
        if not other.is_file():
            found["missing"].append(str(path.relative_to(stock.root)))
            continue
        found["files"] += 1
        largest, nan, dq = compare(other, path)
        found["max_relative_difference"] = max(found["max_relative_difference"], largest)
        found["differing_nan"] += nan
        found["differing_dq"] += dq
    return found


def compare(path: Path, reference: Path) -> tuple[float, int, int]:
    """Return the largest relative difference of two files, and the numbers of values that differ in NaN and DQ."""
    with fits.open(path) as one, fits.open(reference) as other:
        if "EXTRACT1D" in one:
            parts = [relative(one[k].data["FLUX"], other[k].data["FLUX"], other[k].data["FLUX_ERROR"])
                     for k in range(len(other)) if other[k].name == "EXTRACT1D"]  # fmt: skip
            quality = [np.sum(one[k].data["DQ"] != other[k].data["DQ"]) for k in range(len(other))
                       if other[k].name == "EXTRACT1D"]  # fmt: skip
        else:
            parts = [relative(one["SCI"].data, other["SCI"].data, other["ERR"].data)]
            quality = [np.sum(one["DQ"].data != other["DQ"].data)]
    return max(part[0] for part in parts), sum(part[1] for part in parts), int(sum(quality))


def relative(values: np.ndarray, reference: np.ndarray, error: np.ndarray) -> tuple[float, int]:
    """Return max |a - b| / max(|b|, error) over values that are finite in both, and how many are NaN in one only."""
    both = np.isfinite(values) & np.isfinite(reference)
    scale = np.fmax(np.abs(reference[both]), error[both]).astype(float)
    difference = np.abs(values[both].astype(float) - reference[both])
    scaled = np.divide(difference, scale, out=np.where(difference > 0, np.inf, 0.0), where=scale > 0)
    return float(scaled.max(initial=0.0)), int(np.sum(np.isfinite(values) != np.isfinite(reference)))


def show(figures: dict) -> None:
    """Print the table."""
    stock, kit = figures["stock"], figures["kit"]
    print(f"profile {figures['profile']}, {figures['cores']} cores, load before {figures['load_before']:.1f}")
    print(f"{'':10s} {'stock, s':>9s} {'GB':>5s} {'kit, s':>9s} {'GB':>5s} {'ratio':>6s}")
    for stage in STAGES:
        a, b = stock["stages"][stage], kit["stages"][stage]
        print(f"{stage:10s} {a['seconds']:9.1f} {a['peak_memory'] / 1e9:5.2f} {b['seconds']:9.1f} "
              f"{b['peak_memory'] / 1e9:5.2f} {figures['ratio'][stage]:6.1f}")  # fmt: skip
    print(f"{'all':10s} {stock['seconds']:9.1f} {'':5s} {kit['seconds']:9.1f} {'':5s} {figures['ratio_total']:6.1f}"
          f"   limit {RATIO[figures['profile']]}")  # fmt: skip
    print(f"{figures['files']} products: largest relative difference {figures['max_relative_difference']:.1e} "
          f"(limit {DIFFERENCE:.0e}); differing NaN {figures['differing_nan']}, DQ {figures['differing_dq']}; "
          f"missing {figures['missing'] or 'none'}")  # fmt: skip
    print(f"peak memory of a worker {figures['memory']:.2f} GB, limit {MEMORY[figures['profile']]}")
    print(f"time outside the pipeline's calls {figures['overhead']:.1%}, limit {OVERHEAD:.0%}")
    print("ok" if figures["pass"] else "FAIL")


if __name__ == "__main__":
    sys.exit(main())
