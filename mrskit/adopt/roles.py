"""Selection of background exposures: by the user, by the headers, or because they point elsewhere."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping, Sequence

from astropy.coordinates import angular_separation

from mrskit import plan
from mrskit.errors import PlanError

APART = 60.0  # arcsec between two exposures that are not of one field, nor of one mosaic
NONE = "none"  # said in place of observations: all are of the source
_WORDS = re.compile(r"(?<![a-z])(background|backgd|back|bkgr?d?|bgd?|bck|sky|blank|off|offset)(?![a-z])", re.IGNORECASE)


def decide(headers: Sequence[Mapping], backgrounds: Collection[int] | str = ()) -> list[str]:
    """
    Return ``source`` or ``background`` for each exposure of one program.

    Pass primary headers, with RA_REF and DEC_REF if known. Observations in ``backgrounds`` are background regardless of
    their headers; `NONE` means that no exposure is background.

    PlanError if a named observation is missing, or if exposures point at different fields and the background is not
    known.
    """
    numbers = [int(header["OBSERVTN"]) for header in headers]
    if isinstance(backgrounds, str):
        return ["source"] * len(headers)
    if unknown := sorted(set(backgrounds) - set(numbers)):
        raise PlanError(f"no exposure of background observation {', '.join(map(str, unknown))}; found "
                        f"{', '.join(map(str, sorted(set(numbers))))}", found=unknown)  # fmt: skip
    known = plan.program()
    own = {item.number for item in known.observations if item.role == "background"}
    marked = [number in backgrounds or bool(header.get("BKGDTARG", False))
              or (int(header["PROGRAM"]) == known.id and number in own)
              for header, number in zip(headers, numbers, strict=True)]  # fmt: skip
    if not any(marked):
        marked = _by_pointing(headers)
    return ["background" if item else "source" for item in marked]


def fields(headers: Sequence[Mapping]) -> list[list[int]]:
    """Return the indices of exposures by field: each is within `APART` of another exposure in its field."""
    left, found = list(range(len(headers))), []
    while left:
        field = [left.pop(0)]
        for index in field:  # which grows meanwhile
            near = [other for other in left if separation(headers[index], headers[other]) <= APART]
            left = [other for other in left if other not in near]
            field += near
        found.append(sorted(field))
    return found


def separation(one: Mapping, other: Mapping) -> float:
    """Return the angle between two pointings, arcsec, in the frame of a moving target; inf for two moving targets."""
    if "MOVING" in (one.get("TARGTYPE"), other.get("TARGTYPE")):
        return math.hypot(*place(one, other)) if _target(one) == _target(other) else math.inf
    places = [math.radians(value) for value in (*_pointing(one), *_pointing(other))]
    return 0.0 if math.isnan(sum(places)) else math.degrees(angular_separation(*places)) * 3600


def place(header: Mapping, first: Mapping) -> tuple[float, float]:
    """Return the offset from one pointing to another, arcsec east and north, in the frame of a moving target."""
    if "MOVING" in (header.get("TARGTYPE"), first.get("TARGTYPE")):
        (a, b), (c, d) = _offset(header), _offset(first)
        return a - c, b - d
    return _offset({"RA_REF": _pointing(header)[0], "DEC_REF": _pointing(header)[1],
                    "TARG_RA": _pointing(first)[0], "TARG_DEC": _pointing(first)[1]})  # fmt: skip


def name(headers: Sequence[Mapping], field: Sequence[int]) -> str:
    """Return a description of exposures for messages, e.g. ``observation 4 (NGC 7319, 4 exposures)``."""
    numbers = sorted({int(headers[index]["OBSERVTN"]) for index in field})
    count = f"{len(field)} exposure{'s' if len(field) > 1 else ''}"
    return f"observation {', '.join(map(str, numbers))} ({_target(headers[field[0]]) or 'no target name'}, {count})"


def _by_pointing(headers: Sequence[Mapping]) -> list[bool]:
    """Return the background exposures if no header marks them: a different field with a telling name or offset."""
    found = fields(headers)
    told = [field for field in found if all(_is_told(headers[index], headers) for index in field)]
    if len(found) <= 1:
        return [False] * len(headers)
    if len(told) != len(found) - 1:
        names = "; ".join(name(headers, field) for field in found)
        far = max(separation(headers[found[0][0]], headers[field[0]]) for field in found[1:])
        away = f"{far:.0f} arcsec" if math.isfinite(far) else "an unknown distance"
        raise PlanError(
            f"the exposures point at {len(found)} fields, up to {away} apart, and no header marks a background: "
            f"{names}. Use --background OBSERVATION, or '--background none' if all show the source; "
            "--obs selects observations.", fields=found,
        )  # fmt: skip
    return [any(index in field for field in told) for index in range(len(headers))]


def _is_told(header: Mapping, headers: Sequence[Mapping]) -> bool:
    """Return whether the name marks a background, or the exposure points next to the target of other exposures."""
    words = " ".join(str(header.get(key, "")) for key in ("TARGPROP", "TARGNAME", "OBSLABEL")).replace("_", " ")
    if _WORDS.search(words):
        return True
    same = [other for other in headers if _target(other) == _target(header)]
    return math.hypot(*_offset(header)) > APART and any(math.hypot(*_offset(other)) <= APART for other in same)


def _target(header: Mapping) -> str:
    return str(header.get("TARGNAME", "") or header.get("TARGPROP", "")).strip()


def _pointing(header: Mapping) -> tuple[float, float]:
    ra, dec = (header.get(key, header.get(other, math.nan)) for key, other in (("RA_REF", "TARG_RA"),
                                                                               ("DEC_REF", "TARG_DEC")))  # fmt: skip
    return float(ra), float(dec)


def _offset(header: Mapping) -> tuple[float, float]:
    """Return the offset of an exposure from its target, arcsec east and north; 0 if it is not given."""
    ra, dec = _pointing(header)
    target = float(header.get("TARG_RA", math.nan)), float(header.get("TARG_DEC", math.nan))
    east = ((ra - target[0] + 180) % 360 - 180) * math.cos(math.radians(dec))
    return (0.0, 0.0) if math.isnan(east + dec - target[1]) else (3600 * east, 3600 * (dec - target[1]))
