"""
Time and peak memory of making references and simulated exposures, each in a fresh process.

    python benchmarks/speed.py [--json FILE]

Limits (seconds, GB): reference cache of one setting 20; one quick exposure 10; one program exposure 40;
simulation memory 2. Times of a first exposure hold the imports of the pipeline, so two are made and the second counts.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LIMITS = {"references, s": 20.0, "quick exposure, s": 10.0, "program exposure, s": 40.0, "simulation memory, GB": 2.0}

REFERENCES = """
import resource, sys, time
from pathlib import Path
from mrskit import bands
from mrskit.simulate.references import build
import stdatamodels.jwst.datamodels
start = time.monotonic()
build.build(bands.settings("12:SHORT"), Path(sys.argv[1]))
print(time.monotonic() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""

EXPOSURES = """
import resource, sys, time
from pathlib import Path
from mrskit import bands, workspace
from mrskit.simulate import exposure
space, seconds = workspace.create(sys.argv[2]), []
for count in (1, 2):
    start = time.monotonic()
    exposure.simulate(space, bands.settings("12:SHORT"), sys.argv[3], references=Path(sys.argv[1]), extras=False,
                      dithers={"12:SHORT": (count, 0)})
    seconds.append(time.monotonic() - start)
print(seconds[1], resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def measured(code: str, *arguments: str) -> tuple[float, float]:
    """Return the seconds that the code prints last and the peak resident memory, GB, of its process."""
    answer = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)
    if answer.returncode:
        sys.exit(answer.stderr)
    seconds, kilobytes = answer.stdout.split()[-2:]
    return float(seconds), float(kilobytes) * 1024 / 1e9


def measure(folder: Path) -> dict[str, float]:
    """Return the figures that LIMITS names."""
    cache = str(folder / "references")
    figures = {"references, s": measured(REFERENCES, cache)[0]}
    figures["quick exposure, s"], _ = measured(EXPOSURES, cache, str(folder / "quick"), "quick")
    figures["program exposure, s"], figures["simulation memory, GB"] = measured(
        EXPOSURES, cache, str(folder / "program"), "program"
    )
    return figures


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(Path(folder))
    rows = [{"quantity": k, "measured": v, "limit": LIMITS[k], "pass": v <= LIMITS[k]} for k, v in figures.items()]
    for row in rows:
        state = "ok" if row["pass"] else "FAIL"
        print(f"{row['quantity']:24s} {row['measured']:8.2f}  limit {row['limit']:5.1f}  {state}")
    print(f"in {time.monotonic() - start:.0f} s")
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    return 0 if all(row["pass"] for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
