"""Products in a notebook's scratch folder, compared with the key's own products by header and values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from astropy.io import fits

from mrskit.exercises.outcomes import Outcome
from mrskit.grading.key import Key
from mrskit.grading.records import ProductFacts, Record
from mrskit.grading.rules import Wanted
from mrskit.grading.verdicts import Judged, ProductVerdict

DETECTOR = (1024, 1032)
# Steps that a product with a given suffix needs, with their effects.
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
# Shares of the key's pixels that must be there and agree within the noise, and how well all must follow them. On the
# course's data other options give at least 0.9 of the last two, another dither at most 0.57 and 0.77.
LEAST = {"covered": 0.5, "agree": 0.7, "likeness": 0.8}
_LONGEST = 100  # maximum characters from a file in a message


def judge_products(record: Record, key: Key) -> tuple[tuple[ProductVerdict, ...], tuple[Judged, ...]]:
    """
    Return the results for each product of a record, and the verdicts on products that the rules require.

    A product is sound if it is readable and has the shape, keywords and completed steps of its kind. It must come from
    the same pipeline version as the key's product, must not be a copy, and its pixels must agree within the noise.
    """
    found = tuple(ProductVerdict(item.path[:200], item.kind, tuple(_problems(item, key))) for item in record.products)
    wanted = (item for item in key.rules.products if item.lesson == record.lesson)
    sound = [item for item, verdict in zip(record.products, found, strict=True) if not verdict.problems]
    return found, tuple(_count(item, record.products, sound) for item in wanted)


def _count(wanted: Wanted, made: Sequence[ProductFacts], good: Sequence[ProductFacts]) -> Judged:
    mine = [item for item in made if item.kind == wanted.kind]
    sound = len({item.header.get("key", item.path) for item in good if item in mine})  # an exposure counts once
    said = f"{len(mine)} {wanted.kind} files were made, {sound} of them sound; expected {wanted.count}."
    share = min(sound / wanted.count, 1.0)
    outcome = Outcome.PASSED if share == 1 else Outcome.PARTIAL if share else Outcome.FAILED
    return Judged(wanted.id, wanted.title, outcome, share * wanted.points, wanted.points, said)


def _problems(item: ProductFacts, key: Key) -> list[str]:
    if item.problem:
        return [f"the file cannot be read ({item.problem[:_LONGEST]})"]
    own = _own(key.root, str(item.header.get("key", item.path)), item.kind)
    header, found = item.header, []
    if item.kind in _DIMENSIONS and not _shape_fits(item, own):
        found.append(f"its shape is {item.shape}, expected {_expected_shape(item.kind, own)}")
    if header.get("TELESCOP") != "JWST" or header.get("INSTRUME") != "MIRI":
        found.append("its header does not contain JWST and MIRI")
    undone = [words for keyword, words in STEPS.get(item.kind, {}).items() if header.get(keyword) != "COMPLETE"]
    if undone:
        found.append(f"these steps were not done: {', '.join(undone)}")
    if own and header.get("CAL_VER") != own.get("CAL_VER"):
        found.append(f"made by version {str(header.get('CAL_VER'))[:_LONGEST]} of the pipeline, expected "
                     f"{own.get('CAL_VER')}")  # fmt: skip
    return found + _pixel_problems(item, bool(own))


def _pixel_problems(item: ProductFacts, known: bool) -> list[str]:
    values = item.values
    if values.get("finite", 1.0) <= 0.0:
        return ["all elements are NaN"]
    if "likeness" not in values:
        return ["the key has no such product for this exposure"] if known else []
    if values.get("copy", 0.0):
        return ["a copy of the key's product"]
    subtracted = any(
        item.header.get(step) == "COMPLETE" for step in ("S_BKDSUB", "S_MSBSUB")
    )  # in this case, levels differ
    low = [name for name, least in LEAST.items() if not values.get(name, 0.0) >= least]
    return ["its pixels do not match this exposure"] if set(low) - ({"agree"} if subtracted else set()) else []


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
    """Return version and shape of the key's product with that name, else the version of the first of its kind."""
    same = root / path
    known = ".." not in Path(path).parts and same.is_file()
    candidates = [same] if known else sorted(root.glob(f"Source/stage*/*_{kind}.fits"))
    if not candidates:
        return {}
    with fits.open(candidates[0]) as file:
        facts = {"CAL_VER": file[0].header.get("CAL_VER")}
        return facts | ({"shape": file["SCI"].shape} if "SCI" in file and known else {})
