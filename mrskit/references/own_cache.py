"""The kit's own reference cache: its folder, its content, and its activation in CRDS. Imports neither CRDS nor jwst."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import sys
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from pathlib import Path

import platformdirs

from mrskit import inventory
from mrskit.bands import Setting
from mrskit.errors import ReferenceCacheError

CONTEXT = "jwst_9001.pmap"
SERVER = "https://jwst-serverless.stsci.edu"  # CRDS makes no call to a server whose name contains "serverless"
CARD = "mrskit-references.json"  # record of the cache's content; written last

READOUT = "FASTR1"  # readout mode that the cache supports
WARNING = ("SIMULATED reference files calibrate observed exposures. The products are only for exercises, not "
           "measurements (SIMREFS in their headers). Run 'mrskit references --real WORKSPACE'.")  # fmt: skip

_last: tuple[str, int] | None = None  # cache that this process last used, and the time of its card
_BUILDERS = ("tables.py", "geometry.py", "wcs.py", "detector.py", "optics.py", "mode.py", "mappings.py", "files.py")


def default_folder(geometry: Path | None = None) -> Path:
    """
    Return the folder of the reference cache.

    This is ``$MRSKIT_REFERENCES`` if it is set; otherwise a folder in the user's cache whose name is a digest of
    everything that determines the content: the builder with its tables, the geometry, and the version of jwst.

    ``geometry``: folder of flight distortion files that replace the kit's own geometry.
    """
    if chosen := os.environ.get("MRSKIT_REFERENCES"):
        return Path(chosen)
    return platformdirs.user_cache_path("mrskit") / "crds" / digest(geometry)


def digest(geometry: Path | None = None) -> str:
    """Return a digest (16 hex digits) of builder, tables, geometry and jwst; ReferenceCacheError without geometry."""
    return _digest(Path(geometry).resolve() if geometry else None)


@cache
def _digest(geometry: Path | None) -> str:
    total = hashlib.sha256(importlib.metadata.version("jwst").encode())
    package = files("mrskit.simulate.references")
    for name in (*_BUILDERS, "geometry.json"):
        total.update((package / name).read_bytes())
    total.update((files("mrskit.references") / "flight.py").read_bytes())
    for name in ("psf.py", "imperfections.py"):  # the aperture correction depends on these
        total.update((files("mrskit.simulate") / name).read_bytes())
    total.update(geometry_name(geometry).encode())
    return total.hexdigest()[:16]


def geometry_name(geometry: Path | None) -> str:
    """Return ``own``, or ``flight`` and a digest of a geometry folder; ReferenceCacheError if the folder is missing."""
    if geometry is None:
        return "own"
    if not geometry.is_dir():
        raise ReferenceCacheError(
            f"{geometry}: no such folder; expected the flight distortion, specwcs and wavelengthrange files. "
            "Give the right folder to 'mrskit references --geometry', or omit this option.", path=geometry,
        )  # fmt: skip
    total = hashlib.sha256()
    for path in sorted(geometry.glob("*.asdf")):
        total.update(path.name.encode())
        total.update(path.read_bytes())
    return f"flight {total.hexdigest()[:12]}"


def environment(folder: Path) -> dict[str, str]:
    """Return the environment variables that make CRDS, and so the pipeline, read only this cache."""
    return {"CRDS_PATH": str(Path(folder).resolve()), "CRDS_CONTEXT": CONTEXT, "CRDS_SERVER_URL": SERVER}


def activate(folder: Path) -> None:
    """
    Make CRDS read a cache from now on, by setting the environment of this process and its children.

    Call this function before the first reference file is requested. If CRDS is already loaded, it forgets
    the rules that it has read.

    ReferenceCacheError if the folder is not a CRDS cache.
    """
    switch(environment(require(folder)))


def require(folder: Path) -> Path:
    """Return the full path of a CRDS cache folder; ReferenceCacheError if the folder is not a CRDS cache."""
    if not mapping_folder(Path(folder)).is_dir():
        raise ReferenceCacheError(
            f"{folder}: no reference cache; expected mappings/jwst in it. Run 'mrskit references --out {folder}'.",
            path=folder,
        )
    return Path(folder).resolve()


def switch(variables: dict[str, str]) -> None:
    """Set CRDS's variables in the environment of this process and its children, even if CRDS is already loaded."""
    if "CRDS_READONLY_CACHE" not in variables:
        os.environ.pop("CRDS_READONLY_CACHE", None)
    os.environ.update(variables)
    if client := sys.modules.get("crds.client.api"):
        client.set_crds_server(variables.get("CRDS_SERVER_URL", SERVER))
    forget_rules()


def forget_rules() -> None:
    """Make CRDS read its rules again at the next request; do nothing if CRDS is not loaded."""
    if utils := sys.modules.get("crds.core.utils"):
        utils.clear_function_caches()


def are_foreign_to(exposures: Iterable[Path]) -> bool:
    """Return whether the active cache has the kit's simulated references while an exposure is observed."""
    active = (Path(os.environ.get("CRDS_PATH", ".")) / CARD).is_file()
    return active and any(not inventory.is_ours(path) for path in exposures)


def follow() -> None:
    """Make CRDS read its rules again if the cache has changed or grown since this process last used it."""
    global _last
    folder = Path(os.environ.get("CRDS_PATH", "."))
    card = folder / CARD
    state = (str(folder), card.stat().st_mtime_ns if card.is_file() else 0)
    if _last is not None and _last != state:
        forget_rules()
    _last = state


def has_settings(folder: Path, settings: Iterable[Setting]) -> bool:
    """Return whether one of the kit's caches has every reference file of the settings, complete."""
    card = read_card(folder)
    wanted = [setting.name for setting in settings]
    if card is None or not all(name in card["settings"] for name in wanted):
        return False
    place = reference_folder(folder)
    names = set(card["common"]).union(*(card["settings"][name] for name in wanted))
    return all(_size(place / name) == card["sizes"][name] for name in names)


def read_card(folder: Path) -> dict | None:
    """Return a cache's record (digest, geometry, settings, files and their sizes), or None if there is no record."""
    try:
        return json.loads((Path(folder) / CARD).read_text(encoding="utf-8"))
    except (OSError, json.JSONDecodeError):
        return None


def reference_folder(folder: Path) -> Path:
    """Return the folder in a cache where CRDS looks for MIRI's reference files."""
    return Path(folder) / "references" / "jwst" / "miri"


def mapping_folder(folder: Path) -> Path:
    """Return the folder in a cache where CRDS looks for its rules."""
    return Path(folder) / "mappings" / "jwst"


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None
