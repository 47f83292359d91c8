"""
The plain script of a reduction: written, run with the jwst pipeline, and its products compared with the workspace's.

    python benchmarks/plain_script.py WORKSPACE

Exits with 1 if a product differs in a bit of its data or in a keyword, or is missing; prints the seconds that the
script takes. Two keywords are not compared: HISTORY, where the workspace tells which functions were replaced, and
R_MRSPT, which depends on whether both channels of a setting are in one run.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from same_products import differences

from mrskit.pipeline import script
from mrskit.workspace import open_workspace

TOLD = re.compile(r"PRIMARY: keywords (HISTORY|R_MRSPT|, )+")
KINDS = ("rate", "rateints", "cal", "crf", "s3d", "x1d")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workspace", type=Path)
    space = open_workspace(parser.parse_args().workspace)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "reduction.py").write_text(script.write(space))
        start = time.monotonic()
        subprocess.run([sys.executable, "reduction.py"], cwd=folder, check=True, stderr=subprocess.DEVNULL)
        print(f"{time.monotonic() - start:.0f} s")
        names = sorted(path.relative_to(space.root) for role in ("Source", "Background") for kind in KINDS
                       for path in space.root.glob(f"{role}/stage?/*_{kind}.fits"))  # fmt: skip
        missing = [str(name) for name in names if not (folder / "reduced" / name).exists()]
        made = [(space.root / name, folder / "reduced" / name) for name in names if str(name) not in missing]
        found = [f"{one.name}: {text}" for one, other in made
                 for text in differences(one, other) if not TOLD.fullmatch(text)]  # fmt: skip
    print(f"{len(names)} products compared, {len(missing)} missing, {len(found)} differences")
    print(*missing, *found, sep="\n")
    return int(bool(missing or found or not names))


if __name__ == "__main__":
    raise SystemExit(main())
