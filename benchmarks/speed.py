"""
Processor time and peak memory of making references and simulated exposures, each in a fresh process.

    python benchmarks/speed.py [--json FILE] [--repeats 3] [--profiles quick,program] [--against CHECKOUT ...]

Limits (seconds, GB): reference cache of one setting 20; one quick exposure 10; one program exposure 40;
simulation memory 2. A first exposure holds the imports of the pipeline, so two are made and the second counts. With
--against, other checkouts are measured too, in turn with this one, and the ratios of the medians are printed.
Processor time depends little on what else runs, but not nothing: compare only what was measured in turn.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

LIMITS = {"references, s": 20.0, "quick exposure, s": 10.0, "program exposure, s": 40.0, "simulation memory, GB": 2.0}
HERE = Path(__file__).resolve().parent.parent

REFERENCES = """
import resource, sys, time
from pathlib import Path
from mrskit import bands
from mrskit.simulate.references import build
import stdatamodels.jwst.datamodels
start = time.process_time()
build.build(bands.settings("12:SHORT"), Path(sys.argv[1]))
print(time.process_time() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""

EXPOSURES = """
import resource, sys, time
from pathlib import Path
from mrskit import bands, workspace
from mrskit.simulate import exposure
space, seconds = workspace.create(sys.argv[2]), []
for count in (1, 2):
    start = time.process_time()
    exposure.simulate(space, bands.settings("12:SHORT"), sys.argv[3], references=Path(sys.argv[1]), extras=False,
                      dithers={"12:SHORT": (count, 0)})
    seconds.append(time.process_time() - start)
print(seconds[1], resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def measured(checkout: Path, code: str, *arguments: str) -> tuple[float, float]:
    """Return the seconds that the code prints last and the peak resident memory, GB, of its process."""
    one = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    answer = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False,
                            cwd=checkout, env=one)  # fmt: skip
    if answer.returncode:
        sys.exit(answer.stderr)
    seconds, kilobytes = answer.stdout.split()[-2:]
    return float(seconds), float(kilobytes) * 1024 / 1e9


def measure(checkout: Path, folder: Path, profiles: list[str]) -> dict[str, float]:
    """Return the figures that LIMITS names."""
    cache = str(folder / "references")
    figures = {"references, s": measured(checkout, REFERENCES, cache)[0]}
    for profile in profiles:
        made = measured(checkout, EXPOSURES, cache, str(folder / profile), profile)
        figures[f"{profile} exposure, s"], figures["simulation memory, GB"] = made
    return figures


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--profiles", type=lambda text: text.split(","), default=["quick", "program"])
    parser.add_argument("--against", type=Path, nargs="*", default=[], help="other checkouts of the kit")
    arguments = parser.parse_args()
    checkouts = [HERE, *(path.resolve() for path in arguments.against)]
    found: dict[Path, list[dict[str, float]]] = {checkout: [] for checkout in checkouts}
    for _ in range(arguments.repeats):
        for checkout in checkouts:
            with tempfile.TemporaryDirectory() as folder:
                found[checkout].append(measure(checkout, Path(folder), arguments.profiles))
    rows = []
    for name in found[HERE][0]:
        values = {str(checkout): [item[name] for item in items] for checkout, items in found.items()}
        own = statistics.median(values[str(HERE)])
        rows.append({"quantity": name, "measured": values, "limit": LIMITS[name], "pass": own <= LIMITS[name]})
        print(f"{name:24s} limit {LIMITS[name]:5.1f}  {'ok' if rows[-1]['pass'] else 'FAIL'}")
        for place, numbers in values.items():
            ratio = own / statistics.median(numbers)
            print(f"    {place}: {', '.join(f'{item:.2f}' for item in numbers)}; this one takes {ratio:.2f} of it")
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    return 0 if all(row["pass"] for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
