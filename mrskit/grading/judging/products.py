"""Products that a notebook made in its scratch, judged by header and value against the key's own products."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from astropy.io import fits

from mrskit.exercises.outcomes import Outcome
from mrskit.grading.key import Key
from mrskit.grading.records import ProductFacts, Record
from mrskit.grading.rules import Wanted
from mrskit.grading.verdicts import Judged, ProductVerdict

DETECTOR = (1024, 1032)
# Steps without which a product is not what its suffix says, and what they do.
STEPS = {
    "rate": {"S_DQINIT": "bad pixels", "S_SATURA": "saturation", "S_LINEAR": "linearity", "S_DARK": "dark",
             "S_JUMP": "jump detection", "S_RAMP": "slope fit"},
    "cal": {"S_WCS": "world coordinates", "S_STRAY": "straylight", "S_FLAT": "flat field", "S_FRINGE": "fringe flat",
            "S_PHOTOM": "flux calibration"},
    "s3d": {"S_PHOTOM": "flux calibration", "S_IFUCUB": "cube building"},
    "x1d": {"S_EXTR1D": "extraction"},
}  # fmt: skip
STEPS["rateints"] = STEPS["rate"]
_DIMENSIONS = {"rate": 2, "rateints": 3, "cal": 2, "s3d": 3}
_MOST_OFF = 10.0  # times the median of the key's own product
_LONGEST = 100  # characters of anything from a file that a message shows


def judge_products(record: Record, key: Key) -> tuple[tuple[ProductVerdict, ...], tuple[Judged, ...]]:
    """
    Return what is to be said about each product of a record, and the verdicts on those that the rules ask for.

    A product is sound if it could be read, has the shape and the keywords of its kind, all steps that its kind needs
    are complete, it was made by the version of the pipeline that made the key's, and its values are of their order.
    """
    found = tuple(ProductVerdict(item.path[:200], item.kind, tuple(_problems(item, key))) for item in record.products)
    wanted = (item for item in key.rules.products if item.lesson == record.lesson)
    return found, tuple(_count(item, found) for item in wanted)


def _count(wanted: Wanted, found: tuple[ProductVerdict, ...]) -> Judged:
    mine = [item for item in found if item.kind == wanted.kind]
    sound = sum(not item.problems for item in mine)
    title = f"Products of the kind {wanted.kind}"
    said = f"{len(mine)} {wanted.kind} files were made, {sound} of them sound; asked for are {wanted.count}."
    share = min(sound / wanted.count, 1.0)
    outcome = Outcome.PASSED if share == 1 else Outcome.PARTIAL if share else Outcome.FAILED
    return Judged(wanted.id, title, outcome, share * wanted.points, wanted.points, said)


def _problems(item: ProductFacts, key: Key) -> list[str]:
    if item.problem:
        return [f"it cannot be read ({item.problem[:_LONGEST]})"]
    own = _own(key.root, item.path, item.kind)
    header, found = item.header, []
    if item.kind in _DIMENSIONS and not _shape_fits(item, own):
        found.append(f"its shape is {item.shape}, expected {_expected_shape(item.kind, own)}")
    if header.get("TELESCOP") != "JWST" or header.get("INSTRUME") != "MIRI":
        found.append("its header does not say JWST and MIRI")
    undone = [words for keyword, words in STEPS.get(item.kind, {}).items() if header.get(keyword) != "COMPLETE"]
    if undone:
        found.append(f"these steps were not done: {', '.join(undone)}")
    if own and header.get("CAL_VER") != own.get("CAL_VER"):
        found.append(f"made by version {str(header.get('CAL_VER'))[:_LONGEST]} of the pipeline, expected "
                     f"{own.get('CAL_VER')}")  # fmt: skip
    return found + _value_problems(item.values, own)


def _value_problems(values: Mapping[str, float], own: Mapping) -> list[str]:
    found = []
    if values.get("finite", 1.0) <= 0.0:
        found.append("no element has a value")
    median, wanted = values.get("median"), own.get("median")
    if median is not None and wanted and not 1 / _MOST_OFF < median / wanted < _MOST_OFF:
        found.append("its values are not of the order of magnitude that such data have")
    return found


def _shape_fits(item: ProductFacts, own: Mapping) -> bool:
    shape = tuple(item.shape)
    if len(shape) != _DIMENSIONS[item.kind]:
        return False
    if item.kind == "s3d":  # other parameters may give other planes and margins
        wanted = own.get("shape")
        return wanted is None or all(0.5 <= mine / theirs <= 2 for mine, theirs in zip(shape, wanted, strict=True))
    return shape[-2:] == DETECTOR


def _expected_shape(kind: str, own: Mapping) -> str:
    if kind == "s3d":
        return f"about {own['shape']}" if own.get("shape") else "three axes"
    return str(DETECTOR if _DIMENSIONS[kind] == 2 else ("integrations", *DETECTOR))


@lru_cache(maxsize=256)
def _own(root: Path, path: str, kind: str) -> Mapping:
    """Return version, shape and median of the key's product of that name, else of the first of its kind."""
    import numpy as np

    same = root / path
    pattern = f"Source/stage*/*_{kind}.fits"
    candidates = [same] if ".." not in Path(path).parts and same.is_file() else sorted(root.glob(pattern))
    if not candidates:
        return {}
    with fits.open(candidates[0]) as file:
        facts = {"CAL_VER": file[0].header.get("CAL_VER")}
        if "SCI" in file and same in candidates:
            data = file["SCI"].data
            median = float(np.nanmedian(data))
            facts |= {"shape": data.shape} | ({"median": median} if math.isfinite(median) else {})
    return facts
