"""
Whether two workspaces hold the same products, for instance of one seed before and after a change of the code.

    git worktree add BEFORE COMMIT && make -C BEFORE demo   # the workspace of the code before
    python benchmarks/same_products.py WORKSPACE_BEFORE WORKSPACE_AFTER

All FITS files are compared bit by bit: every extension's data, and every keyword but dates, checksums and the digest
of the simulator's code. The verdicts of the two scorecards are compared too. Exit code 1 if anything differs or is
missing.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator
from pathlib import Path

from astropy.io import fits

UNSTABLE = {"DATE", "DATE-OBT", "CHECKSUM", "DATASUM", ""}  # keywords that say when a file was written
SCORECARD = "scorecard.json"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before", type=Path, help="workspace")
    parser.add_argument("after", type=Path, help="workspace")
    arguments = parser.parse_args()
    before, after = (_names(root) for root in (arguments.before, arguments.after))
    found = [f"only in {arguments.before}: {name}" for name in sorted(before - after)]
    found += [f"only in {arguments.after}: {name}" for name in sorted(after - before)]
    common = sorted(before & after)
    for name in common:
        found += [f"{name}: {text}" for text in differences(arguments.before / name, arguments.after / name)]
    found += list(_verdicts(arguments.before / SCORECARD, arguments.after / SCORECARD))
    print(*found[:50], sep="\n", end="\n" if found else "")
    print(f"{len(common)} FITS files compared, {len(found)} differences")
    return 1 if found or not common else 0


def differences(before: Path, after: Path) -> Iterator[str]:
    """Give what differs between two FITS files, a line each."""
    with fits.open(before) as old, fits.open(after) as new:
        if [hdu.name for hdu in old] != [hdu.name for hdu in new]:
            yield f"extensions {[hdu.name for hdu in old]} and {[hdu.name for hdu in new]}"
            return
        for one, other in zip(old, new, strict=True):
            if one.name == "ASDF":  # the same metadata once more, with dates in it
                continue
            keys = {*one.header, *other.header} - UNSTABLE
            wrong = sorted(key for key in keys if _stable(one.header.get(key)) != _stable(other.header.get(key)))
            if wrong:
                yield f"{one.name}: keywords {', '.join(wrong[:5])}"
            if _bytes(one.data) != _bytes(other.data):
                yield f"{one.name}: data"


def _stable(value: object) -> str:
    """Return a value of a keyword without the digest of the simulator's code, which any change of a comment changes."""
    return re.sub(r"fingerprint [0-9a-f]+", "", str(value))


def _names(root: Path) -> set[Path]:
    return {path.relative_to(root) for path in root.rglob("*.fits")}


def _rows(path: Path) -> dict[str, tuple]:
    lessons = json.loads(path.read_text(encoding="utf-8"))["lessons"]
    return {row["id"]: (row["outcome"], row["points"]) for lesson in lessons for row in lesson["verdicts"]}


def _bytes(data: object) -> bytes:
    if data is None:
        return b""
    if data.dtype.names:  # a table may hold the headers of what went into a cube, with their dates
        return b"".join(data[name].tobytes() for name in data.dtype.names if name not in UNSTABLE)
    return data.tobytes()


def _verdicts(before: Path, after: Path) -> Iterator[str]:
    """Give the exercises whose outcome or points differ."""
    old, new = _rows(before), _rows(after)
    for name in sorted({*old, *new}):
        if old.get(name) != new.get(name):
            yield f"{name}: {old.get(name)} before, {new.get(name)} after"


if __name__ == "__main__":
    raise SystemExit(main())
