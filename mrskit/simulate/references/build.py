"""Build the reference cache setting by setting, so that it is always consistent, even with several builders."""

from __future__ import annotations

import json
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path

from mrskit.bands import Setting
from mrskit.errors import ReferenceCacheError
from mrskit.kept import lock
from mrskit.references import own_cache
from mrskit.workspace import require_space, write_text

SETTING_BYTES, SHARED_BYTES = 45e6, 110e6  # disk space for one setting and for one detector


def build(
    settings: Iterable[Setting],
    folder: Path | None = None,
    geometry: Path | None = None,
    progress: Callable[[str], None] | None = None,
) -> Path:
    """
    Add missing settings to a reference cache and return its folder.

    A new cache is written under a temporary name and renamed. An existing cache grows file by file, and the rules come
    last, so that it is always consistent. If several processes build the same folder, one works and the others wait.

    Parameters
    ----------
    settings : iterable of Setting
        Settings that the cache must support.
    folder : Path, optional
        The cache; by default `own_cache.default_folder`.
    geometry : Path, optional
        Folder of flight distortion, specwcs and wavelengthrange files, used unchanged instead of the kit's geometry.
    progress : callable, optional
        Called with one line for each setting.

    Raises
    ------
    ReferenceCacheError
        If the folder contains other files or a cache from a different builder, or ``geometry`` lacks a file.
    DiskSpaceError
        If the disk is too full.
    """
    wanted = list(dict.fromkeys(settings))
    geometry = Path(geometry).resolve() if geometry else None
    folder = Path(folder or own_cache.default_folder(geometry)).resolve()
    if own_cache.has_settings(folder, wanted) and _same_geometry(folder, geometry):
        return folder
    if geometry is not None:
        _check_geometry(geometry, wanted)
    with lock.held(folder.parent / f".{folder.name}.lock"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # from the models' schemas; a file that cannot be written still fails
        if folder.is_dir() and any(folder.iterdir()):
            _check_owner(folder, geometry)
            _extend(folder, wanted, geometry, progress)
        else:
            _create(folder, wanted, geometry, progress)
    own_cache.forget_rules()
    return folder


def _create(folder: Path, wanted: list[Setting], geometry: Path | None, progress: Callable | None) -> None:
    """Build a cache in a temporary folder next to ``folder``, then rename it; remove leftovers of killed builders."""
    for stale in folder.parent.glob(f".building-{folder.name}-*"):
        shutil.rmtree(stale, ignore_errors=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".building-{folder.name}-", dir=folder.parent))
    try:
        _extend(temporary, wanted, geometry, progress)
        temporary.chmod(0o755)
        temporary.replace(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _extend(folder: Path, wanted: list[Setting], geometry: Path | None, progress: Callable | None) -> None:
    """Write the files of the missing settings, then the rules, then the card."""
    import crds

    from mrskit.simulate.references import mappings

    card = own_cache.read_card(folder) or _new_card(geometry)
    missing = [setting for setting in wanted if not own_cache.has_settings(folder, [setting])]
    require_space(folder, SETTING_BYTES * len(missing) + SHARED_BYTES, "the reference cache")
    place = own_cache.reference_folder(folder)
    place.mkdir(parents=True, exist_ok=True)
    for setting in missing:
        if progress:
            progress(f"reference files of {setting.name}")
        shared, own = _write_files(setting, place, card, geometry)
        card["common"] = sorted({*card["common"], *shared.values()})
        card["types"][setting.name] = shared | own
        card["settings"][setting.name] = sorted(own.values())
        card["sizes"] |= {name: (place / name).stat().st_size for name in (*shared.values(), *own.values())}
    mappings.write(folder, card["types"], crds.__version__)
    write_text(folder / own_cache.CARD, json.dumps(card, indent=1, sort_keys=True) + "\n")


def _new_card(geometry: Path | None) -> dict:
    return {
        "kit": "mrskit",
        "digest": own_cache.digest(geometry),
        "geometry": own_cache.geometry_name(geometry),
        "common": [],
        "settings": {},
        "types": {},
        "sizes": {},
    }


def _write_files(setting: Setting, place: Path, card: dict, source: Path | None) -> tuple[dict, dict]:
    """Write one setting's files; return the mappings from type to file name for shared files and for its own."""
    from mrskit.simulate.references import detector, geometry as own_geometry, mode, optics, wcs

    def wavelength_range() -> dict[str, str]:
        return wcs.copy_flight(None, source, place) if source else wcs.write_wavelength_range(place)

    shared: dict[str, str] = {}
    for types, write in (
        (mode.TYPES, lambda: mode.write(place)),
        (("wavelengthrange",), wavelength_range),
        (detector.TYPES, lambda: detector.write(setting, place)),
    ):
        shared |= _known(card, setting, place, types) or write()
    geometry = own_geometry.geometry(setting)
    slices = wcs.flight_slices(setting, source) if source else geometry.slices
    labels = own_geometry.regions(slices)
    own = wcs.copy_flight(setting, source, place) if source else wcs.write_own(geometry, place)
    own |= wcs.write_regions(setting, labels, place)
    own |= optics.write(setting, own_geometry.maps(slices, labels[0]), place)
    return shared, own


def _known(card: dict, setting: Setting, place: Path, types: tuple[str, ...]) -> dict[str, str] | None:
    """Return the shared files of these types from an earlier setting, or None if they are missing or damaged."""
    for name, entries in card["types"].items():
        same = name.startswith(setting.channels)
        files = {kind: entries[kind] for kind in types}
        for_all = all("_9001." in file for file in files.values())
        if (same or for_all) and all(_whole(place / file, card) for file in files.values()):
            return files
    return None


def _whole(path: Path, card: dict) -> bool:
    return path.is_file() and path.stat().st_size == card["sizes"].get(path.name)


def _check_geometry(geometry: Path, wanted: list[Setting]) -> None:
    """Check, before any work, that a folder has the flight files of all settings."""
    from mrskit.simulate.references import wcs

    own_cache.geometry_name(geometry)
    wcs.flight_file(geometry, "wavelengthrange", None)
    for setting in wanted:
        for kind in ("distortion", "specwcs"):
            wcs.flight_file(geometry, kind, setting)


def _same_geometry(folder: Path, geometry: Path | None) -> bool:
    card = own_cache.read_card(folder) or {}
    return card.get("geometry") == own_cache.geometry_name(geometry)


def _check_owner(folder: Path, geometry: Path | None) -> None:
    """Check that a folder, unless empty, is a cache that this builder may extend."""
    card = own_cache.read_card(folder)
    remedy = f"Choose another folder, or delete it and run 'mrskit references --out {folder}' again."
    if card is None:
        raise ReferenceCacheError(
            f"{folder}: this folder is not an mrskit reference cache; expected {own_cache.CARD} in it. {remedy}",
            path=folder,
        )
    expected = own_cache.digest(geometry)
    if card["digest"] != expected:
        raise ReferenceCacheError(
            f"{folder}: this reference cache has a different builder, geometry or jwst version ({card['digest']}, "
            f"{card['geometry']} geometry); expected {expected}. {remedy}", path=folder, found=card["digest"],
        )  # fmt: skip
