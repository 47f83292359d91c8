"""Collect the spectra of one target from files and folders."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import combinations, islice
from pathlib import Path

import numpy as np
from astropy import units as u

from mrskit import inventory
from mrskit.analysis.regions import read_regions, region_spectrum
from mrskit.errors import AnalysisError, ProductError
from mrskit.fitsfile import say
from mrskit.products import SUFFIXES, Spectrum, primary_header, read_cube, read_spectra
from mrskit.spectrum import TEXT
from mrskit.workspace import Workspace

_FITS = r"\.(fits|fit|fts)"
_EXTRACTED = re.compile(rf"1d{_FITS}(\.gz)?$", re.IGNORECASE)  # x1d, s1d, c1d
_CUBES = re.compile(rf"_s3d{_FITS}(\.gz)?$", re.IGNORECASE)
_OTHER = re.compile(
    rf"(?<!_)(?<!{')(?<!'.join(SUFFIXES)})({_FITS}|{'|'.join(map(re.escape, TEXT))})(\.gz)?$", re.IGNORECASE
)


def collect(paths: Iterable[Path], target: str | None = None, column: str | None = None) -> tuple[Spectrum, ...]:
    """
    Return the spectra of one target from files and folders, with a warning for each file that is left out.

    In a folder, the function uses the files ``*_x1d.fits`` and ``*_s1d.fits``, otherwise other tables (FITS, CSV,
    ECSV), otherwise the files in subfolders. In a workspace, the function uses the stage 3 folder. Damaged files and
    backgrounds (BKGDTARG) are skipped.

    ``target``: name (TARGNAME) or observation, or both, of the target to use if there are several; ``column``: of the
    flux, see `mrskit.products.read_spectra`.
    AnalysisError if there are no spectra, spectra of several targets, or several at the same wavelengths; ProductError
    if a single file is named and cannot be read.
    """
    files = [file for path in paths for file in (_files(path, _EXTRACTED, _OTHER) if not path.is_file() else [path])]
    found: list[Spectrum] = []
    damaged, backgrounds = [], 0
    for path in files:
        try:
            parts = read_spectra(path, column)
        except ProductError as problem:
            if len(files) == 1:
                raise
            damaged.append(str(problem))
            say(path, f"skipped: {problem}")
            continue
        if len(files) > 1 and not path.name.removesuffix(".gz").lower().endswith(TEXT) and (
            primary_header(path).get("BKGDTARG") is True):  # fmt: skip
            backgrounds += 1
            say(path, "skipped: it is a background (BKGDTARG)")
            continue
        found += parts
    if not found and backgrounds:
        raise AnalysisError(f"no spectrum of a source: {backgrounds} of {len(files)} files are backgrounds (BKGDTARG). "
                            "To measure a background, name only its file.", found=files)  # fmt: skip
    if not found:
        raise AnalysisError(f"none of {len(files)} files is a readable spectrum: {' '.join(damaged)}", found=files)
    return _of_one_target(found, target)


def in_regions(paths: Iterable[Path], region_file: Path) -> dict[str, list[Spectrum]]:
    """Return the spectra, one per cube, inside each region of a DS9 file, by the region's name."""
    files = [file for path in paths for file in (_files(path, _CUBES) if not path.is_file() else [path])]
    cubes = [read_cube(file) for file in files]
    found: dict[str, list[Spectrum]] = {}
    for cube in cubes:
        for name, region in read_regions(region_file, cube).items():
            found.setdefault(name, []).append(region_spectrum(cube, region))
    return found


def _files(folder: Path, *kinds: re.Pattern[str]) -> list[Path]:
    """Return a folder's files of the first kind that exists, or those of the first subfolder level that has any."""
    if not folder.is_dir():
        raise AnalysisError(f"{folder}: no such file or folder. Give the folder of the spectra, such as "
                            "WORKSPACE/Source/stage3.", path=folder)  # fmt: skip
    products = Workspace(folder).stage("source", "stage3")
    level, seen = [products if products.is_dir() else folder], 0
    while level:
        inside = sorted(path for place in level for path in place.iterdir() if not path.name.startswith("."))
        files = [path for path in inside if path.is_file()]
        level = [path for path in inside if path.is_dir()]
        seen += len(files)
        for kind in kinds:
            if found := [path for path in files if kind.search(path.name)]:
                below = [path for place in level for path in islice(inventory.files(place), inventory.MOST)
                         if kinds[0].search(path.name)]  # fmt: skip
                if below:
                    say(folder, f"{len(below)} more in subfolders are not used, such as "
                        f"{below[0].relative_to(folder)}. Name their folder to use them")  # fmt: skip
                return found
    what = "no cubes; expected files *_s3d.fits" if _CUBES in kinds else (
        "no spectra; expected files *_x1d.fits or *_s1d.fits, or tables as FITS, CSV or ECSV")  # fmt: skip
    raise AnalysisError(f"{folder}: {what}, in this folder or its subfolders; found {seen} other files. Give the "
                        "folder of stage 3, such as WORKSPACE/Source/stage3.", path=folder)  # fmt: skip


def _of_one_target(spectra: Sequence[Spectrum], target: str | None) -> tuple[Spectrum, ...]:
    groups = sorted({(item.target, item.observation) for item in spectra})
    if target is not None:
        wanted = _plain(target)
        groups = [group for group in groups if wanted in {_plain(text) for text in
                  (group[0], " ".join(group), group[1], f"o{group[1]}", group[1].lstrip("0"))}] or groups  # fmt: skip
        spectra = [item for item in spectra if (item.target, item.observation) in groups]
    clash = _clash(spectra)
    if len({name for name, _ in groups}) > 1 or (len(groups) > 1 and clash):
        listed = ", ".join(f"'{' '.join(group).strip()}'" for group in groups)
        raise AnalysisError(f"spectra of {len(groups)} targets or observations: {listed}. Choose one, such as "
                            f"--target '{' '.join(groups[-1]).strip()}'.", targets=groups)  # fmt: skip
    if clash:
        raise AnalysisError(f"{clash[0].label} and {clash[1].label} cover the same wavelengths"
                            f"{'' if clash[0].target else ', and do not name their targets (TARGNAME)'}. Name the "
                            "files to use instead of the folder.", spectra=clash)  # fmt: skip
    return tuple(spectra)


def _clash(spectra: Sequence[Spectrum]) -> tuple[Spectrum, Spectrum] | None:
    """Return two spectra of the same kind that overlap more than neighbouring bands do."""
    for one, other in combinations(spectra, 2):
        ends = [(np.min(item.wavelength), np.max(item.wavelength)) for item in (one, other)]
        common = min(high for _, high in ends) - max(low for low, _ in ends)
        if common > 0.5 * min(high - low for low, high in ends) and u.Unit(one.unit).is_equivalent(u.Unit(other.unit)):
            return one, other
    return None


def _plain(text: str) -> str:
    return re.sub(r"\W|_", "", text).lower()
