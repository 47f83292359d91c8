"""Prepare DS9 region files for the reader of the package ``regions``."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from astropy.utils.exceptions import AstropyUserWarning

from mrskit.errors import AnalysisError
from mrskit.products import Cube

if TYPE_CHECKING:
    from regions import SkyRegion

_FRAMES = ("image", "icrs", "fk5", "j2000", "fk4", "b1950", "galactic", "ecliptic", "physical")
_BACKGROUND = re.compile(r"\bbackground\b(?!\s*=\s*0)|\bsource\s*=\s*0", re.IGNORECASE)
_DRAWN = re.compile(r"#\s*([a-z]+)\s*\(", re.IGNORECASE)  # DS9 saves vectors and rulers as comments
_SIZE = re.compile(r"(?<![\w.:])(\d*\.?\d+(?:e[+-]?\d+)?)(\"|'|d|r|p|i)(?=\s*[,)\s])", re.IGNORECASE)
_ARCSEC = {'"': 1.0, "'": 60.0, "d": 3600.0, "r": 206264.806}
_REMEDY = "Save it from DS9 with Region > Save, format ds9, coordinate system icrs."


def parse(path: Path, cube: Cube | None) -> tuple[list[SkyRegion], list[str]]:
    """Return a file's regions on the sky and descriptions of the parts left out; AnalysisError without regions."""
    from regions import PixelRegion, Regions

    left_out: list[str] = []
    try:
        text = path.read_text(encoding="utf-8-sig")
        prepared = "\n".join(_prepared(text, cube, path, left_out))
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always", AstropyUserWarning)
            found = list(Regions.parse(prepared, format="ds9"))
    except (OSError, ValueError, IndexError, KeyError, TypeError) as error:
        raise AnalysisError(f"{path}: not a DS9 region file ({error}). {_REMEDY}", path=path) from error
    messages = [str(item.message) for item in said if not re.search("ignored|duplicate metadata", str(item.message))]
    left_out += [text.split('"')[1] if text.endswith("skipping.") else text for text in messages]
    drawn = [item for item in found if type(item).__name__.startswith(("Line", "Text"))]
    left_out += [type(item).__name__[:4].lower() for item in drawn]
    found = [item for item in found if item not in drawn]
    if not found:
        what = f"no supported region, only {'; '.join(left_out)}" if left_out else "no region: the file is empty"
        raise AnalysisError(f"{path}: {what}. Expected circles, ellipses, boxes, polygons, annuli or points. {_REMEDY}",
                            path=path)  # fmt: skip
    if cube is None and any(isinstance(item, PixelRegion) for item in found):
        raise AnalysisError(f"{path}: image coordinates, but no cube was given for them. {_REMEDY}", path=path)
    return [
        item.to_sky(cube.wcs) if cube is not None and isinstance(item, PixelRegion) else item for item in found
    ], left_out


def _prepared(text: str, cube: Cube | None, path: Path, left_out: list[str]) -> Iterator[str]:
    """Yield the statements of a file, one per line, with sizes in a unit that suits their coordinate system."""
    frame, all_background = "", False
    for line in re.split(r"[\r\n]+|;(?![^{]*})|\|\|(?=\s*[+-]?\s*[a-z]+\s*\()", text):
        statement = line.strip()
        shape, _, about = re.sub(r"\{.*?\}", "", statement).partition("#")
        marked = (all_background and not re.search(r"\bsource\s*=\s*1", about)) or _BACKGROUND.search(about)
        word = re.findall(r"^[+-]?\s*([a-z0-9]*)", statement, re.IGNORECASE)[0].lower()
        if drawn := _DRAWN.match(statement):
            joined = "the joining of a composite region (each part is used as a separate region)"
            left_out.append(joined if drawn[1].lower() == "composite" else drawn[1].lower())
        elif marked and "(" in shape:
            left_out.append(f"{shape.strip()}, which is marked as background (no background is subtracted)")
        elif word == "global":
            all_background = bool(_BACKGROUND.search(statement))
            yield statement
        elif word in _FRAMES:
            frame = word
            yield "image" if frame == "physical" else word
            if rest := statement[len(word) :].strip(" ;"):
                yield _sized(rest, frame, cube)
        elif word in ("circle", "ellipse", "box", "annulus", "polygon", "point") and not frame:
            raise AnalysisError(f"{path}: no coordinate system before '{statement}' (CIAO writes its "
                                f"physical coordinates so); expected a line such as icrs. {_REMEDY}",
                                path=path)  # fmt: skip
        else:
            frame = frame if "(" in statement or word in ("", "global") else word  # a frame that is not supported
            yield statement if not word or statement.startswith("#") else _sized(statement, frame, cube)


def _sized(statement: str, frame: str, cube: Cube | None) -> str:
    """Return a shape with sizes in arcsec for sky coordinates, and in spaxels for image coordinates."""
    shape, mark, rest = statement.partition("#")
    scale = cube.spaxel_size if cube is not None else 1.0
    image = frame in ("image", "physical")

    def size(found: re.Match) -> str:
        value, unit = float(found[1]), found[2].lower()
        if unit in "pi":
            if not image and cube is None:
                raise ValueError(f"a size in pixels, {found[0]}, but no cube was given")
            return found[1] if image else f'{value * scale:.9g}"'
        return f"{value * _ARCSEC[unit] / scale:.9g}" if image and cube is not None else found[0]

    return _SIZE.sub(size, shape) + mark + rest
