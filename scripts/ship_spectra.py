"""
Write the spectra that come with the kit from a workspace in which all twelve bands were reduced.

    mrskit demo --bands all --workspace WORKSPACE
    python scripts/ship_spectra.py WORKSPACE

One file a band goes to data_manifest/spectra, with the list of their SHA-256. The nucleus is extracted from every cube
as a point source (aperture that grows with wavelength, annulus background, aperture correction); the spectral leak of
band 3A is left in. The whole field is what stage 3 extracted.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from astropy.io import fits

from mrskit import products, workspace
from mrskit.analysis import shipped
from mrskit.bands import BANDS
from mrskit.kept import records
from mrskit.pipeline.step_settings import Options
from mrskit.pipeline.steps import stage3
from mrskit.simulate.references.mode import leak


def main() -> None:
    """Extract, write and list the spectra of a workspace."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workspace", type=Path, help="workspace with the cubes of stage 3")
    parser.add_argument("--out", type=Path, default=shipped.shipped_folder(), help="folder of the spectra")
    parser.add_argument("--command", default="mrskit demo --bands all", help="the command that made the workspace")
    parser.add_argument("--scheduler", default="local", help="local, none, or the address of a Dask scheduler")
    chosen = parser.parse_args()
    space = workspace.open_workspace(chosen.workspace)
    cubes = sorted(space.stage("source", "stage3").glob("Level3_*_s3d.fits"))
    runs = stage3.point_runs(cubes)
    made = stage3.run(space, runs, Options(scheduler=chosen.scheduler), print)
    facts = provenance(space, chosen.command)
    written = [ship(run.cube, made[run.name], chosen.out, facts) for run in runs]
    print(f"{len(written)} spectra and {write_digests(chosen.out)}")
    if absent := [name for name in BANDS if name not in {path.name[:2] for path in written}]:
        print(f"not in this workspace: {', '.join(absent)}")


def provenance(space: workspace.Workspace, command: str) -> dict[str, str]:
    """Return what the headers say of where the spectra come from."""
    card = space.require_card()
    versions = ", ".join(f"{name} {value}" for name, value in records.versions().items())
    return {"COMMAND": command, "PROFILE": card.profile, "SEED": card.seed, "SCENE": card.scene,
            "VERSIONS": versions, "SETTINGS": json.dumps(card.settings)}  # fmt: skip


def ship(cube: Path, point: Path, folder: Path, facts: dict[str, str]) -> Path:
    """Write the spectrum of one cube and return its path."""
    field = cube.with_name(cube.name.replace("_s3d", "_x1d"))
    spectrum = products.read_spectrum(field)
    name = spectrum.band.name
    fraction = leak(np.asarray(spectrum.wavelength)) if name == "3A" else None
    return write_band(folder / f"{name}_x1d.fits", point, field, facts, fraction)


def write_band(path: Path, point: Path, field: Path, facts: Mapping[str, str], leak: np.ndarray | None = None) -> Path:
    """
    Write the spectrum of one band: the nucleus as a point source, and the whole field; return the path.

    Parameters
    ----------
    path : Path
        Of the new file, ``*_x1d.fits``.
    point, field : Path
        Spectra (x1d) of the same cube, extracted as POINT and as EXTENDED; the columns with the residual fringes
        removed are taken.
    facts : mapping
        Keyword of at most eight characters -> text for the header, such as the command that made the data.
    leak : ndarray of shape (n,), optional
        Of band 3A: fraction of the spectral leak at its wavelengths.
    """
    narrow, wide = (fits.getdata(item, "EXTRACT1D") for item in (point, field))
    origin = fits.getheader(field)
    band = shipped.band_of(products.read_spectrum(field))
    area = wide["NPIXELS"] * _spaxel_area(wide)
    columns = [("WAVELENGTH", "D", "um", wide["WAVELENGTH"]), ("FLUX", "E", "Jy", narrow["RF_FLUX"]),
               ("FLUX_ERROR", "E", "Jy", narrow["FLUX_ERROR"]), ("FIELD", "E", "Jy", wide["RF_FLUX"]),
               ("FIELD_ERROR", "E", "Jy", wide["FLUX_ERROR"]), ("SURF_BRIGHT", "E", "MJy/sr", wide["RF_SURF_BRIGHT"]),
               ("AREA", "E", "arcsec2", area)]  # fmt: skip
    columns += [("LEAK", "E", "", leak)] if leak is not None else []
    table = fits.BinTableHDU.from_columns([fits.Column(name, form, unit, array=values)
                                           for name, form, unit, values in columns], name="EXTRACT1D")  # fmt: skip
    primary = fits.PrimaryHDU()
    header = {"CHANNEL": str(band.channel), "BAND": band.subband, "SRCTYPE": "POINT"}
    header |= {key: origin.get(key, "") for key in ("ORIGIN", "TARGPROP")}
    for key, value in (header | dict(facts)).items():
        primary.header[key] = value
    path.parent.mkdir(parents=True, exist_ok=True)
    fits.HDUList([primary, table]).writeto(path, overwrite=True)
    return path


def write_digests(folder: Path) -> Path:
    """Write the SHA-256 of every spectrum of a folder to its list, in the form that ``sha256sum --check`` reads."""
    lines = [f"{shipped.digest(path)}  {path.name}\n" for path in sorted(folder.glob("*.fits"))]
    place = folder / shipped.LIST
    place.write_text("".join(lines), encoding="utf-8")
    return place


def _spaxel_area(wide: np.ndarray) -> float:
    """Return the area of a spaxel, arcsec2, from a sum (Jy) and a mean (MJy/sr) over as many spaxels."""
    good = (wide["NPIXELS"] > 0) & (wide["SURF_BRIGHT"] != 0)
    solid = wide["FLUX"][good] / (wide["SURF_BRIGHT"][good] * 1e6 * wide["NPIXELS"][good])
    return float(np.nanmedian(solid) * shipped.ARCSEC2)


if __name__ == "__main__":
    main()
