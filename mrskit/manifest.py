"""Read the lists of external files in ``data_manifest``, and compare an archive's files with them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from math import prod
from pathlib import Path

from mrskit import plan
from mrskit.bands import SETTINGS, Setting
from mrskit.errors import ManifestError
from mrskit.products import Exposure
from mrskit.resources import manifest_folder

ATTESTED = "attested"  # the name is public; other names are "expected": composed by the same rule


@dataclass(frozen=True, slots=True)
class RawFile:
    """One raw exposure that a program should have."""

    observation: int
    role: str  # source or background
    setting: Setting
    dither: int
    name: str
    uri: str  # name in the archive
    status: str  # ATTESTED or "expected"
    shape: tuple[int, ...]  # of SCI: integrations, groups, rows, columns
    bytes: int  # size of the samples, without headers and tables


@dataclass(frozen=True, slots=True)
class PublicFile:
    """One public file from a different source."""

    name: str
    url: str
    bytes: int
    sha256: str
    band: str


@dataclass(frozen=True, slots=True)
class Reconciled:
    """The comparison of an archive's exposures with a list, by role, setting and dither."""

    found: dict[str, RawFile]  # name of the archive's file -> listed file
    missing: tuple[RawFile, ...]  # in the list, not in the archive
    extra: tuple[str, ...]  # in the archive, not in the list
    renamed: dict[str, str]  # listed name -> archive's name, if different


def raw_files(path: Path | None = None) -> tuple[RawFile, ...]:
    """Return the raw exposures of a list, by default for program 2732; ManifestError if it is missing or invalid."""
    path = path or manifest_folder() / "uncal_2732.toml"
    table = _read(path)
    try:
        roles = {item.number: item.role for item in plan.program().observations}
        samples = prod(table["sci_shape"]) + prod(table["refout_shape"])
        return tuple(
            RawFile(
                row["observation"], roles[row["observation"]], SETTINGS[row["setting"]], row["dither"], row["name"],
                table["uri"].format(name=row["name"]), row["status"], tuple(table["sci_shape"]),
                samples * table["bytes_a_sample"],
            )
            for row in table["file"]
        )  # fmt: skip
    except KeyError as error:
        raise _lacks(path, error) from error


def spectra(path: Path | None = None) -> tuple[PublicFile, ...]:
    """Return the public spectra of a list, by default for VV 114; ManifestError if it is missing or invalid."""
    path = path or manifest_folder() / "spectra.toml"
    table = _read(path)
    try:
        return tuple(
            PublicFile(
                row["name"], table["url"].format(commit=table["commit"], name=row["name"]), row["bytes"],
                row["sha256"], row["band"],
            )
            for row in table["file"]
        )  # fmt: skip
    except KeyError as error:
        raise _lacks(path, error) from error


def reconcile(listed: Iterable[RawFile], exposures: Iterable[Exposure]) -> Reconciled:
    """
    Compare exposures with a list by observation, setting and dither in their headers; names are not used.

    ``listed``: the list; ``exposures``: read from headers; the name of each path is the archive's name.
    """
    wanted = {(item.observation, item.setting, item.dither): item for item in listed}
    found, extra = {}, []
    for exposure in exposures:
        item = wanted.pop((exposure.observation, exposure.setting, exposure.dither), None)
        if item is None:
            extra.append(exposure.path.name)
        else:
            found[exposure.path.name] = item
    renamed = {item.name: name for name, item in found.items() if item.name != name}
    return Reconciled(found, tuple(wanted.values()), tuple(extra), renamed)


def _read(path: Path) -> dict:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ManifestError(f"{path}: not a list of files ({error}). Install mrskit again.", path=path) from error


def _lacks(path: Path, error: KeyError) -> ManifestError:
    return ManifestError(f"{path}: the entry {error} is missing or unknown. Install mrskit again.", path=path)
