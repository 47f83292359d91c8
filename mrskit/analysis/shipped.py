"""The twelve spectra of the full simulated program: their files and how to read them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from astropy.io import fits

from mrskit.bands import Band
from mrskit.errors import AnalysisError, ProductError
from mrskit.products import SIMULATED, Spectrum, read_spectrum
from mrskit.resources import manifest_folder

FOLDER = "spectra"  # in data_manifest
LIST = "spectra.sha256"
# Artificial spots of version 0.1 of the simulation, um; they are left out of spectra from that version.
INVENTED = (5.03, 6.42, 6.90, 12.00, 13.70, 16.40)
_REACH = 0.004  # of the wavelength, to either side
ARCSEC2 = (180 * 3600 / np.pi) ** 2  # in a steradian


@dataclass(frozen=True, slots=True)
class Field:
    """The spectrum of the whole field in one band, as the pipeline extracts it for an extended source."""

    spectrum: Spectrum  # Jy
    brightness: np.ndarray  # (n,), mean surface brightness, MJy/sr
    area: np.ndarray  # (n,), summed area, arcsec2


def shipped_folder() -> Path:
    """Return the folder of the spectra that come with the kit, whether or not it exists."""
    return manifest_folder() / FOLDER


def spectra_files() -> list[Path]:
    """Return the spectra that come with the kit, in order of wavelength."""
    return sorted(shipped_folder().glob("*1d.fits"), key=lambda path: float(np.median(read_spectrum(path).wavelength)))


def shipped_spectra() -> dict[str, Spectrum]:
    """Return the nucleus (Jy, extracted as a point source) in every band of the kit's shipped spectra."""
    check_digests(shipped_folder())
    found = [_without_spots(path, read_spectrum(path)) for path in spectra_files()]
    return {band_of(item).name: item for item in found}


def _without_spots(path: Path, spectrum: Spectrum) -> Spectrum:
    """Return a spectrum with NaN at the artificial spots if it is from version 0.1 of the simulation."""
    if "mrskit 0.1." not in fits.getheader(path).get("VERSIONS", ""):
        return spectrum
    spots = [abs(spectrum.wavelength / place - 1) < _REACH for place in INVENTED]
    return replace(spectrum, flux=np.where(np.any(spots, axis=0), np.nan, spectrum.flux))


def read_nucleus(path: Path) -> Spectrum:
    """Return the nucleus (Jy) as the pipeline extracts a POINT source, corrected for residual fringes."""
    return read_spectrum(path, "RF_FLUX")


def read_field(path: Path) -> Field:
    """Return the spectrum of the whole field from a file written by ``scripts/ship_spectra.py``."""
    point = read_spectrum(path)
    try:
        table = fits.getdata(path, "EXTRACT1D")
        columns = [np.asarray(table[name], dtype=float) for name in ("FIELD", "FIELD_ERROR", "SURF_BRIGHT", "AREA")]
    except KeyError as error:
        raise ProductError(f"{path.name}: no column {error}; expected a spectrum that scripts/ship_spectra.py has "
                           "written.", path=path) from error  # fmt: skip
    flux, deviation, brightness, area = columns
    spectrum = Spectrum(point.wavelength, flux, deviation, "Jy", point.band, f"{point.label}, field")
    spectrum = _without_spots(path, spectrum)
    return Field(spectrum, brightness, area)


def leak_fraction(path: Path) -> np.ndarray:
    """Return the share of the light at half the wavelength that leaks into band 3A, shape (n,), from a file."""
    return np.asarray(fits.getdata(path, "EXTRACT1D")["LEAK"], dtype=float)


def check_digests(folder: Path) -> None:
    """Compare the spectra of a folder with its list, if any; AnalysisError if a file is missing or different."""
    place = folder / LIST
    lines = place.read_text(encoding="utf-8").split("\n") if place.is_file() else []
    for listed, _, name in (line.partition("  ") for line in lines if line):
        path = folder / name
        if not path.is_file() or digest(path) != listed:
            raise AnalysisError(f"{path} differs from the file in {LIST}. Restore the file with: "
                                f"git checkout -- {path}", path=path)  # fmt: skip


def is_simulated(paths: Sequence[Path]) -> bool:
    """Return whether any of the files has the mark of simulated data."""
    return any(fits.getheader(path).get("ORIGIN") == SIMULATED for path in paths)


def band_of(spectrum: Spectrum) -> Band:
    """Return the band of a spectrum; AnalysisError if it is not from an MRS band."""
    if spectrum.band is None:
        raise AnalysisError(f"{spectrum.label}: not a spectrum of an MRS band; expected CHANNEL and BAND in the "
                            "header, or wavelengths of one band, in um", label=spectrum.label)  # fmt: skip
    return spectrum.band


def digest(path: Path) -> str:
    """Return the SHA-256 checksum of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
