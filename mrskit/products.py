"""Files of the pipeline: names, suffixes, header keywords in our words, and readers that give units."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from astropy.io import fits
from astropy.wcs import WCS

from mrskit.bands import BANDS, CROSS_DICHROIC, SETTINGS, SUBBANDS, Band, Setting, is_cross_dichroic
from mrskit.errors import ProductError, missing_file
from mrskit.inventory import SIMULATED, unpacked_size

SUFFIXES = ("uncal", "ramp", "rate", "rateints", "cal", "crf", "s3d", "x1d")


@dataclass(frozen=True, slots=True)
class Exposure:
    """What the header of one exposure says, in the words of the kit."""

    path: Path
    observation: int
    dither: int  # 1-based position in the pattern
    setting: Setting
    is_background: bool
    groups: int
    integrations: int
    readout: str
    photon_time: float  # s, keyword EFFEXPTM
    simulated: bool

    @property
    def role(self) -> str:
        """``source`` or ``background``."""
        return "background" if self.is_background else "source"


@dataclass(frozen=True, slots=True)
class Cube:
    """A spectral cube (s3d) of one band."""

    flux: np.ndarray  # (nwave, ny, nx), MJy/sr; NaN where nothing was observed
    error: np.ndarray  # same shape and unit, 1 sigma
    wavelength: np.ndarray  # (nwave,), um, vacuum, observed frame
    wcs: WCS  # celestial, of the last two axes
    pixel_area: float  # sr, of one spaxel
    band: Band
    simulated: bool
    path: Path

    @property
    def spaxel_size(self) -> float:
        """Side of a spaxel, arcsec."""
        return float(np.sqrt(self.pixel_area) * 206264.806)


@dataclass(frozen=True, slots=True)
class Spectrum:
    """An extracted spectrum (x1d, s1d, or the kit's own aperture) of one band."""

    wavelength: np.ndarray  # (n,), um, observed frame
    flux: np.ndarray  # (n,), Jy unless unit says otherwise; NaN where there is none
    error: np.ndarray  # (n,), same unit, 1 sigma
    unit: str
    band: Band | None
    label: str


def uncal_name(program: int, observation: int, activity: str, dither: int, setting: Setting) -> str:
    """Return the name of a raw file, e.g. ``jw02732004001_02101_00001_mirifushort_uncal.fits``."""
    return f"jw{program:05d}{observation:03d}001_{activity}_{dither:05d}_{setting.detector.lower()}_uncal.fits"


def product_name(path: Path | str, suffix: str) -> str:
    """Return the name of another product of the same exposure, e.g. ``..._uncal.fits`` -> ``..._rate.fits``."""
    stem = Path(path).name.removesuffix(".fits")
    head, _, tail = stem.rpartition("_")
    if tail not in SUFFIXES:
        raise ProductError(f"{Path(path).name}: no product suffix; expected one of {', '.join(SUFFIXES)}", path=path)
    return f"{head}_{suffix}.fits"


def find(folder: Path, suffix: str, setting: Setting | None = None) -> list[Path]:
    """
    Return the products of a suffix in a folder, sorted by name; of one setting if given.

    The setting is read from the headers (CHANNEL, BAND), never from the name.
    """
    paths = sorted(folder.glob(f"*_{suffix}.fits"))
    if setting is None:
        return paths
    return [path for path in paths if read_setting(path) == setting]


def origin(root: Path) -> str:
    """Return a sentence on the raw exposures of a workspace: simulated or observed, as their headers say."""
    made = [_primary_header(path).get("ORIGIN") == SIMULATED for path in sorted(root.glob("*/uncal/*_uncal.fits"))]
    if any(_primary_header(path).get("SIMREFS") for path in root.glob("Source/stage[123]/*.fits")):
        return "your raw exposures are observations, calibrated with SIMULATED references: no measurements"
    if all(made):
        return "all raw exposures of your workspace are SIMULATED" if made else "your workspace has no raw exposures"
    return (f"{sum(made)} of {len(made)} raw exposures are SIMULATED" if any(made) else
            "your raw exposures are observations")  # fmt: skip


def read_setting(path: Path) -> Setting:
    """
    Return the detector setting that the primary header states.

    Raises
    ------
    ProductError
        If the file is no FITS file or states no MRS setting.
    """
    key = _setting_key(path, *_stamp(path))
    if is_cross_dichroic(subband := key.partition(":")[2]):
        raise ProductError(f"{path.name}: {CROSS_DICHROIC.format(subband)}. Take it out of the folder.", path=path)
    if key not in SETTINGS:
        raise ProductError(
            f"{path.name}: CHANNEL:BAND is {key!r}, expected one of {', '.join(SETTINGS)}. "
            "It is no MRS exposure; take it out of the folder.", path=path,
        )  # fmt: skip
    return SETTINGS[key]


def read_exposure(path: Path | str) -> Exposure:
    """
    Return what the headers of an MRS exposure (uncal, rate, cal) say.

    Raises
    ------
    ProductError
        If the file is missing, no FITS file, or not an MRS exposure.
    """
    path = Path(path)
    header = _primary_header(path)
    _expect(path, header, "INSTRUME", "MIRI")
    _expect(path, header, "EXP_TYPE", "MIR_MRS")
    setting = read_setting(path)
    try:
        return Exposure(
            path, int(header["OBSERVTN"]), int(header.get("PATT_NUM", 1)), setting, bool(header.get("BKGDTARG", False)),
            int(header["NGROUPS"]), integrations(header), header["READPATT"], float(header["EFFEXPTM"]),
            header.get("ORIGIN") == SIMULATED,
        )  # fmt: skip
    except KeyError as error:
        raise ProductError(f"{path.name}: the header lacks {error}; expected a complete MRS exposure. "
                           f"{_again(header.get('ORIGIN') == SIMULATED)}", path=path) from error  # fmt: skip


def check_uncal(path: Path) -> Exposure:
    """
    Return the exposure of a raw file after checking that the file is whole and an MRS exposure.

    Raises
    ------
    ProductError
        If the file is missing, truncated, foreign, or its SCI array has not the shape that the header states.
    """
    exposure = read_exposure(path)
    expected = (exposure.integrations, exposure.groups, 1024, 1032)
    remedy = _again(exposure.simulated)
    try:
        with warnings.catch_warnings(), fits.open(path, memmap=True) as hdus:
            warnings.filterwarnings("ignore", "File may have been truncated")  # said below, with the remedy
            shape = hdus["SCI"].shape
            names = {hdu.name for hdu in hdus}
            end = max(hdu._data_offset + hdu._data_size for hdu in hdus)
    except (OSError, KeyError, TypeError) as error:
        raise ProductError(f"{path.name}: not a whole uncal file ({error}). {remedy}", path=path) from error
    if shape != expected:
        raise ProductError(f"{path.name}: SCI has shape {shape}, the header says {expected}. {remedy}", path=path)
    size = unpacked_size(path)
    if size < end:
        raise ProductError(f"{path.name}: truncated, {size} bytes of at least {end}. {remedy}", path=path)
    if "ASDF" not in names:  # the pipeline reads its metadata there
        raise ProductError(f"{path.name}: not a whole uncal file, no ASDF extension. {remedy}", path=path)
    return exposure


def read_cube(path: Path | str) -> Cube:
    """
    Return the cube of an ``s3d`` file with its wavelengths and errors.

    Raises
    ------
    ProductError
        If the file is missing or no MRS cube of one band.
    """
    path = Path(path)
    header = _primary_header(path)
    try:
        with fits.open(path, memmap=False) as hdus:
            sci, flux, error = hdus["SCI"].header, hdus["SCI"].data, hdus["ERR"].data
            channel = int(str(header.get("CHANNEL", sci.get("CHANNEL"))))
            subband = str(header.get("BAND", sci.get("BAND"))).strip()
            found = BANDS[f"{channel}{'ABC'[SUBBANDS.index(subband)]}"]
            plane = np.arange(flux.shape[0])
            wavelength = sci["CRVAL3"] + (plane + 1 - sci["CRPIX3"]) * sci["CDELT3"]
            return Cube(
                _native(flux), _native(error), wavelength, WCS(sci, naxis=2), float(sci["PIXAR_SR"]), found,
                header.get("ORIGIN") == SIMULATED, path,
            )  # fmt: skip
    except (KeyError, ValueError, OSError, AttributeError) as error:
        raise ProductError(f"{path.name}: not an MRS cube of one band ({error!r}); expected an s3d file of stage 3 "
                           "with output_type 'band'.", path=path) from error  # fmt: skip


def read_spectrum(path: Path | str) -> Spectrum:
    """
    Return the spectrum of an ``x1d`` or ``s1d`` file, in the file's own flux unit.

    Accepts the pipeline's table (EXTRACT1D) and public tables with columns wavelength, flux and an uncertainty.

    Raises
    ------
    ProductError
        If the file is missing or holds no such table.
    """
    path = Path(path)
    header = _primary_header(path)
    try:
        with fits.open(path, memmap=False) as hdus:
            table = next(hdu for hdu in hdus if isinstance(hdu, fits.BinTableHDU) and _column(hdu, "wavelength"))
            columns = {name: _column(table, name) for name in ("wavelength", "flux", "flux_error")}
            columns["flux_error"] = columns["flux_error"] or _column(table, "uncertainty") or _column(table, "error")
            wavelength, flux = (_native(table.data[columns[name]]) for name in ("wavelength", "flux"))
            name = columns["flux_error"]
            sigma = _native(table.data[name]) if name else np.full_like(flux, np.nan)
            unit = table.columns[columns["flux"]].unit or "Jy"
    except (StopIteration, KeyError, OSError, TypeError) as error:
        raise ProductError(f"{path.name}: no spectrum found ({error!r}); expected a table with the columns "
                           "wavelength and flux.", path=path) from error  # fmt: skip
    return Spectrum(wavelength, flux, sigma, unit, _spectrum_band(header, wavelength), path.stem)


def _spectrum_band(header: fits.Header, wavelength: np.ndarray) -> Band | None:
    channel, subband = str(header.get("CHANNEL", "")).strip(), str(header.get("BAND", "")).strip()
    if channel in "1234" and len(channel) == 1 and subband in SUBBANDS:
        return BANDS[f"{channel}{'ABC'[SUBBANDS.index(subband)]}"]
    middle = float(np.nanmedian(wavelength))
    candidates = [band for band in BANDS.values() if band.covers(middle)]
    return min(candidates, key=lambda b: abs((b.wavelength_min + b.wavelength_max) / 2 - middle), default=None)


def _column(hdu: fits.BinTableHDU, name: str) -> str | None:
    return next((column for column in hdu.columns.names if column.lower() == name), None)


def _native(array: np.ndarray) -> np.ndarray:
    """Return a copy in native byte order: arrays from FITS are big-endian, compiled code wants native."""
    return np.asarray(array).astype(array.dtype.newbyteorder("="))


def _expect(path: Path, header: fits.Header, keyword: str, value: str) -> None:
    if header.get(keyword) != value:
        raise ProductError(f"{path.name}: {keyword} is {header.get(keyword)!r}, expected {value!r}. "
                           "It is no MRS exposure; take it out of the folder.", path=path, keyword=keyword)  # fmt: skip


def integrations(header: fits.Header) -> int:
    """Return how many integrations a file holds: a segment of a long exposure has a part of them."""
    if "EXSEGNUM" in header and "INTEND" in header:
        return int(header["INTEND"]) - int(header["INTSTART"]) + 1
    return int(header["NINTS"])


def _again(simulated: bool) -> str:
    get = "run 'mrskit simulate' again" if simulated else "get it again with 'mrskit fetch', or 'mrskit adopt' your own"
    return f"Delete it and {get}."


def _stamp(path: Path) -> tuple[int, int]:
    """Return size and time of a file, (0, 0) where there is none."""
    try:
        status = path.stat()
    except OSError:
        return 0, 0
    return status.st_size, status.st_mtime_ns


@lru_cache(maxsize=4096)  # folders are searched again and again, and reading a header takes milliseconds
def _setting_key(path: Path, _size: int, _modified: int) -> str:
    header = _primary_header(path)
    return f"{str(header.get('CHANNEL', '')).strip()}:{str(header.get('BAND', '')).strip()}"


def _primary_header(path: Path) -> fits.Header:
    if not path.is_file():
        raise missing_file(path, "a FITS file", "Look for its name: 'mrskit fetch' and 'mrskit "
                           "simulate' write raw files, 'mrskit reduce' writes products.")  # fmt: skip
    try:
        return fits.getheader(path)
    except OSError as error:
        raise ProductError(f"{path.name}: not a readable FITS file ({error}). Delete it and make or fetch it again.",
                           path=path) from error  # fmt: skip
