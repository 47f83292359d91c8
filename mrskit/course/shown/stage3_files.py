"""The files of one setting for lesson 05, and the values that the lesson reads from the files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from astropy.io import fits

from mrskit import products
from mrskit.analysis import outliers
from mrskit.bands import Setting
from mrskit.pipeline import associations
from mrskit.products import Cube, Spectrum
from mrskit.workspace import Workspace

KINDS = ("science", "background")
_PART = 0.1  # of a band's wavelengths, in the call of one's own


@dataclass(frozen=True, slots=True)
class OwnCall:
    """The inputs for a call of stage 3 on one exposure."""

    association: str
    steps: dict
    folder: str

    def summary(self) -> list[str]:
        """Return a line for each product: its name, its source type, and its columns without residual fringes."""
        lines = []
        for path in sorted(Path(self.folder).glob("own*1d.fits")):
            with fits.open(path) as table:
                columns = [name for name in table["EXTRACT1D"].columns.names if name.startswith("RF_")]
                lines.append(f"{path.name}: {len(table['EXTRACT1D'].data)} points; {', '.join(columns)}")
        return lines


@dataclass(frozen=True)  # without slots, for its cached property
class Files:
    """The products of a setting in a workspace."""

    workspace: Workspace
    setting: Setting

    @cached_property
    def by_kind(self) -> dict[str, list[Path]]:
        """Possible members of a stage 3 association: role and suffix -> files."""
        space, found = self.workspace, {}
        kinds = "source stage1 rate", "source stage2 cal", "source stage3 crf", "background stage2 cal"
        for role, stage, suffix in map(str.split, kinds):
            found[f"{role.capitalize()} {suffix}"] = products.find(space.stage(role, stage), suffix, self.setting)
        spectra = sorted(space.stage("background", "stage2").glob("*x1d.fits"))
        found["Background x1d"] = [path for path in spectra
                                   if products.read_spectrum(path).band in self.setting.bands]  # fmt: skip
        return found

    def show_kinds(self) -> None:
        """Print the possible members of an association: kind, number and first name."""
        for kind, paths in self.by_kind.items():
            print(f"{kind:<20}{len(paths)} files, e.g. {paths[0].name if paths else '-'}")

    @property
    def cal(self) -> list[Path]:
        """Calibrated science exposures."""
        return self.by_kind["Source cal"]

    @property
    def cubes(self) -> list[Path]:
        """The standard cubes (s3d), bluer band first; the files may be missing."""
        names = [f"Level3_ch{band.channel}-{band.subband.lower()}_s3d.fits" for band in self.setting.bands]
        return [self.workspace.stage("source", "stage3") / name for name in names]

    def read_cubes(self) -> tuple[dict[str, Cube], bool]:
        """Return the standard cubes by band, and whether their data are simulated; print their sampling."""
        cubes = {cube.label: cube for cube in map(products.read_cube, self.cubes)}
        for name, cube in cubes.items():
            print(f"{name}: {cube.flux.shape} planes, rows, columns; spaxels of {cube.spaxel_size:.2f} arcsec")
        return cubes, all(cube.simulated for cube in cubes.values())

    @property
    def spectra(self) -> dict[str, Path]:
        """The extracted spectra (x1d) that exist, by band."""
        paths = [path.with_name(path.name.replace("s3d", "x1d")) for path in self.cubes]
        return {band.name: path for band, path in zip(self.setting.bands, paths, strict=True) if path.is_file()}

    def parts(self, members: Sequence[tuple[str, str]]) -> object:
        """Return the number of members by kind of file and role, (6, 2); the last row counts all other files."""
        if members is ...:
            return ...
        rows = [{path.resolve() for path in paths} for paths in self.by_kind.values()]
        table = np.zeros((len(rows) + 1, len(KINDS)), dtype=int)
        for name, part in members:
            row = next((number for number, paths in enumerate(rows) if Path(name).resolve() in paths), len(rows))
            table[row, KINDS.index(part) if part in KINDS else 0] += 1
        return table

    def one_exposure(self, steps: Mapping[str, Mapping[str, object]]) -> OwnCall:
        """Write the association of the first exposure; return its path and steps for a tenth of the bluer band."""
        folder, blue = self.workspace.stage("source", "stage3") / "own", self.setting.bands[0]
        folder.mkdir(exist_ok=True)
        members = associations.stage3_members(self.cal[:1])
        path = associations.write(folder / "own_asn.json", 3, "own", members)
        middle, half = (blue.wavelength_min + blue.wavelength_max) / 2, blue.wavelength_max - blue.wavelength_min
        part = {"wavemin": middle - _PART / 2 * half, "wavemax": middle + _PART / 2 * half, "output_type": "band"}
        own = {name: dict(values) for name, values in steps.items()}
        return OwnCall(str(path), own | {"cube_build": own.get("cube_build", {}) | part}, str(folder))

    def least_differences(self) -> np.ndarray | None:
        """Return the smallest difference of every pixel over all science exposures, MJy/sr."""
        return outliers.least_difference(_images(self.cal)) if self.cal else None

    def warm(self) -> np.ndarray:
        """Return a mask of the pixels that are above their neighbours in all exposures of the empty field."""
        empty = self.by_kind["Background cal"]
        return outliers.suspects(_images(empty)) if empty else np.zeros((1024, 1032), dtype=bool)

    def background_levels(self) -> dict[str, Spectrum]:
        """Return the clipped mean of every background exposure, MJy/sr."""
        found = {}
        for path in self.by_kind["Background x1d"]:
            spectrum = products.read_spectrum(path)
            level = fits.getdata(path, "EXTRACT1D")["BACKGROUND"].astype(float)
            label = f"dither {fits.getval(path, 'PATT_NUM')} # {spectrum.band.name if spectrum.band else ''}"
            found[label] = replace(spectrum, flux=level, unit="MJy/sr")
        return found

    def tables(self) -> dict[str, np.ndarray]:
        """Return the table of every extracted spectrum, by band."""
        return {name: fits.getdata(path, "EXTRACT1D") for name, path in self.spectra.items()}

    def points(self, small: Mapping[str, Path], name: str) -> dict[str, Spectrum]:
        """Return the comparison spectra whose names begin with a text, by band."""
        found = [products.read_spectrum(path) for label, path in small.items() if label.startswith(name)]
        return {item.band.name: item for item in found if item.band}


def _images(paths: Sequence[Path]) -> np.ndarray:
    return np.array([fits.getdata(path, "SCI") for path in paths], dtype=float)
