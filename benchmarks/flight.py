"""
The kit on the flight geometry of the MRS: references, simulation, reduction, and the table of accuracy.

    python benchmarks/flight.py GEOMETRY [--out FOLDER] [--settings 12:SHORT] [--profile quick] [--json FILE]

GEOMETRY is a folder with the distortion, specwcs and wavelengthrange files of the flight solution (FLT9, from
STScI-MIRI/miricoord). The exposures are simulated with it and reduced with it, so the table says whether the kit's code
works on real geometry as it does on its own; the limits are those of accuracy.py. The exit code is 1 when a row fails.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

import accuracy

from mrskit import bands, workspace
from mrskit.pipeline import stages
from mrskit.simulate.exposure import simulate
from mrskit.simulate.references.build import build


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("geometry", type=Path)
    parser.add_argument("--out", type=Path, help="keep references and workspace here (default: a temporary folder)")
    parser.add_argument("--settings", default="12:SHORT")
    parser.add_argument("--profile", default="quick")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    start, chosen = time.monotonic(), bands.settings(arguments.settings)
    with tempfile.TemporaryDirectory() as name:
        folder = arguments.out or Path(name)
        references = build(chosen, folder / "crds", arguments.geometry, print)
        space = workspace.create(folder / "flight")
        simulate(space, chosen, arguments.profile, references=references, extras=False, progress=print)
        stages.reduce(space, chosen, progress=print)
        options = ["--json", str(arguments.json)] if arguments.json else []
        code = accuracy.main([str(space.root), "--settings", arguments.settings, *options])
    print(f"in {time.monotonic() - start:.0f} s")
    return code


if __name__ == "__main__":
    sys.exit(main())
