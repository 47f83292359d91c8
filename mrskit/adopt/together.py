"""Whether exposures fit together: background marks, fields that do not overlap, cubes larger than the memory."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence

import psutil

from mrskit.adopt import roles
from mrskit.adopt.found import Found
from mrskit.card import AdoptedFile

# Of each channel: side of a spaxel and of the field, arcsec, and planes of a cube of one band (CRDS cubepar, MIRI).
_CUBES = {"1": (0.13, 3.7, 1050), "2": (0.17, 4.8, 1100), "3": (0.20, 6.2, 1020), "4": (0.35, 7.7, 625)}
_BYTES = 45  # a voxel: the five arrays that jwst's cube_build fills at once, and the cube that is made of them
_OVERLAP = 8.0  # arcsec: fields further apart have nothing in common


def look(exposures: Sequence[tuple[Found, str]], adopted: Mapping[str, AdoptedFile]) -> tuple[list[str], list[str]]:
    """Return the problems that prevent a reduction, and warnings; ``adopted`` are files with a known role."""
    source, background = ([item for item, role in exposures if role == name] for name in ("source", "background"))
    both = sorted({item.stem for item in source} & {item.stem for item in background})
    problems = [f"{name} is in Source and in Background: remove one" for name in both]
    problems += _marked(source, background, adopted) + _on_source(source, background)
    notes = _lengths([*source, *background]) + _without_background(source, background)
    for setting, items in _by_setting(source).items():
        needed, width, height = _cube([item.header for item in items], setting)
        free = psutil.virtual_memory().available
        far = max(min((roles.separation(one.header, other.header) for other in items if other is not one), default=0.0)
                  for one in items)  # fmt: skip
        size = f"{setting}: the source exposures span {width:.0f} x {height:.0f} arcsec"
        if needed > free:
            problems.append(f"{size}, and their cube would need {needed / 1e9:.0f} GB of memory; {free / 1e9:.0f} GB "
                            "are free. Remove the exposures of other fields, or move them to Background.")  # fmt: skip
        elif far > _OVERLAP:
            notes.append(f"{size}; some exposures are {far:.0f} arcsec from the others, without overlap")
    return problems, notes


def _by_setting(items: Sequence[Found]) -> dict[str, list[Found]]:
    found: dict[str, list[Found]] = {}
    for item in items:
        found.setdefault(item.setting, []).append(item)
    return dict(sorted(found.items()))


def _marked(source: Sequence[Found], background: Sequence[Found], adopted: Mapping[str, AdoptedFile]) -> list[str]:
    """Report exposures that are marked as background but are in Source, if others are not marked."""
    others = [item for item in (*source, *background) if not item.header.get("BKGDTARG")]
    problems = []
    for item in source:
        decided = adopted.get(item.name)
        if item.header.get("BKGDTARG") and others and not (decided and decided.role == "source"):
            far = max(roles.separation(item.header, other.header) for other in others)
            problems.append(f"{item.name} is marked as background (BKGDTARG), {far:.0f} arcsec away from the others, "
                            "and is in Source: move it to Background")  # fmt: skip
    return problems


def _on_source(source: Sequence[Found], background: Sequence[Found]) -> list[str]:
    """Report background exposures that point at the source: they would subtract the source from itself."""
    close = [(item, min(roles.separation(item.header, other.header) for other in source))
             for item in background if source and not item.header.get("BKGDTARG")
             and {"RA_REF"} <= set(item.header)]  # fmt: skip
    return [f"{item.name} is in Background and points {far:.1f} arcsec from an exposure of the source: its "
            "background would contain the source. Move it to Source"
            for item, far in close if far < _OVERLAP / 2]  # fmt: skip


def _lengths(items: Sequence[Found]) -> list[str]:
    short = [item.name for item in items if item.kind == "uncal" and int(item.header.get("NGROUPS", 2)) == 1]
    text = "has one group" if len(short) == 1 else f"and {len(short) - 1} more have one group"
    return [f"{short[0]} {text}: a count rate needs two groups, so these rates are not slopes"] if short else []


def _without_background(source: Sequence[Found], background: Sequence[Found]) -> list[str]:
    """Report settings that lack a background which other settings have, and missing segments of exposures."""
    without = _by_setting(source).keys() - _by_setting(background).keys() if background else set()
    segments = Counter(item.stem.partition("-seg")[0] for item in source if "-seg" in item.stem)
    total = {item.stem.partition("-seg")[0]: int(item.header.get("EXSEGTOT", 1)) for item in source}
    return [f"{name}: no background exposures, so no background is subtracted; other settings have some"
            for name in sorted(without)] + [f"{name}: {count} of {total[name]} segments are here"
                                            for name, count in segments.items() if count < total[name]]  # fmt: skip


def _cube(headers: Sequence[Mapping], setting: str) -> tuple[float, float, float]:
    """Return the memory of a setting's largest cube, bytes, and the width and height of the field, arcsec."""
    places = [roles.place(header, headers[0]) for header in headers]
    spans = [max(axis) - min(axis) for axis in zip(*places, strict=True)]
    sizes = []
    for channel in setting.partition(":")[0]:
        spaxel, field, planes = _CUBES[channel]
        sides = [span + 1.4 * field for span in spans]  # the field is turned
        sizes.append((math.prod(sides) / spaxel**2 * planes * _BYTES, *sides))
    return max(sizes)
