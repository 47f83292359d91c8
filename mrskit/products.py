"""Pipeline products: names, suffixes, header values by readable names, and readers with units."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from astropy.io import fits

from mrskit.bands import CROSS_DICHROIC, SETTINGS, Setting, is_cross_dichroic
from mrskit.cube import Cube, read_cube
from mrskit.errors import ProductError
from mrskit.fitsfile import primary_header
from mrskit.inventory import SIMULATED, unpacked_size
from mrskit.spectrum import Spectrum, read_spectra, read_spectrum

__all__ = ["SIMULATED", "SUFFIXES", "Cube", "Exposure", "Spectrum", "check_uncal", "find", "origin", "product_name",
           "read_cube", "read_exposure", "read_setting", "read_spectra", "read_spectrum", "uncal_name"]  # fmt: skip

SUFFIXES = ("uncal", "ramp", "rate", "rateints", "cal", "crf", "s3d", "x1d")


@dataclass(frozen=True, slots=True)
class Exposure:
    """The header of one exposure, with the kit's names."""

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
        """Role of the exposure, ``source`` or ``background``."""
        return "background" if self.is_background else "source"


def uncal_name(program: int, observation: int, activity: str, dither: int, setting: Setting) -> str:
    """Return the name of a raw file, e.g. ``jw02732004001_02101_00001_mirifushort_uncal.fits``."""
    return f"jw{program:05d}{observation:03d}001_{activity}_{dither:05d}_{setting.detector.lower()}_uncal.fits"


def product_name(path: Path | str, suffix: str) -> str:
    """Return the name of a different product of the same exposure, e.g. ``..._uncal.fits`` -> ``..._rate.fits``."""
    stem = Path(path).name.removesuffix(".fits")
    head, _, tail = stem.rpartition("_")
    if tail not in SUFFIXES:
        raise ProductError(f"{Path(path).name}: no product suffix; expected one of {', '.join(SUFFIXES)}", path=path)
    return f"{head}_{suffix}.fits"


def find(folder: Path, suffix: str, setting: Setting | None = None) -> list[Path]:
    """Return a folder's products with a suffix and, if given, a setting (read from headers), sorted by name."""
    paths = sorted(folder.glob(f"*_{suffix}.fits"))
    if setting is None:
        return paths
    return [path for path in paths if read_setting(path) == setting]


def origin(root: Path) -> str:
    """Return a text that states whether the raw exposures of a workspace are simulated or observed."""
    made = [primary_header(path).get("ORIGIN") == SIMULATED for path in sorted(root.glob("*/uncal/*_uncal.fits"))]
    if any(primary_header(path).get("SIMREFS") for path in root.glob("Source/stage[123]/*.fits")):
        return "your raw exposures are observations, but SIMULATED references calibrate them: do not measure on them"
    if all(made):
        return "all raw exposures of your workspace are SIMULATED" if made else "your workspace has no raw exposures"
    return (f"{sum(made)} of {len(made)} raw exposures are SIMULATED" if any(made) else
            "your raw exposures are observations")  # fmt: skip


def read_setting(path: Path) -> Setting:
    """Return the setting in the primary header; ProductError if it is missing or the file is not a FITS file."""
    key = _setting_key(path, *_stamp(path))
    if is_cross_dichroic(subband := key.partition(":")[2]):
        raise ProductError(
            f"{path.name}: {CROSS_DICHROIC.format(subband)}. Remove the file from the folder.", path=path
        )
    if key not in SETTINGS:
        raise ProductError(
            f"{path.name}: CHANNEL:BAND is {key!r}, expected one of {', '.join(SETTINGS)}. "
            "The file is not an MRS exposure; remove it from the folder.", path=path,
        )  # fmt: skip
    if problem := contradiction(primary_header(path), SETTINGS[key]):
        raise ProductError(
            f"{path.name}: {problem}. Correct the header, or remove the file from the folder.", path=path
        )
    return SETTINGS[key]


def contradiction(header: Mapping, setting: Setting) -> str:
    """Return why a header contradicts its setting, or an empty text."""
    detector = str(header.get("DETECTOR", "")).strip()
    if detector in ("", setting.detector):
        return ""
    return (f"its header contradicts itself: DETECTOR is {detector}, but channels {setting.channels} are on "
            f"{setting.detector}")  # fmt: skip


def read_exposure(path: Path | str) -> Exposure:
    """Return the header values of an exposure (uncal, rate, cal); ProductError if it is not an MRS exposure."""
    path = Path(path)
    header = primary_header(path)
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
    """Check a raw file and return its exposure; ProductError if it is truncated, foreign or has the wrong shape."""
    exposure = read_exposure(path)
    expected = (exposure.integrations, exposure.groups, 1024, 1032)
    remedy = _again(exposure.simulated)
    try:
        with warnings.catch_warnings(), fits.open(path, memmap=True) as hdus:
            warnings.filterwarnings("ignore", "File may have been truncated")  # reported below, with the remedy
            shape = hdus["SCI"].shape
            names = {hdu.name for hdu in hdus}
            end = max(hdu._data_offset + hdu._data_size for hdu in hdus)
    except (OSError, KeyError, TypeError) as error:
        raise ProductError(f"{path.name}: not a complete uncal file ({error}). {remedy}", path=path) from error
    if shape != expected:
        raise ProductError(f"{path.name}: SCI has shape {shape}, but the header states {expected}. {remedy}", path=path)
    size = unpacked_size(path)
    if size < end:
        raise ProductError(f"{path.name}: truncated to {size} bytes, expected at least {end}. {remedy}", path=path)
    if "ASDF" not in names:  # the pipeline reads its metadata there
        raise ProductError(f"{path.name}: not a complete uncal file without an ASDF extension. {remedy}", path=path)
    return exposure


def _expect(path: Path, header: fits.Header, keyword: str, value: str) -> None:
    if header.get(keyword) != value:
        raise ProductError(f"{path.name}: {keyword} is {header.get(keyword)!r}, expected {value!r}. "
                           "The file is not an MRS exposure; remove it from the "
                           "folder.", path=path, keyword=keyword)  # fmt: skip


def integrations(header: fits.Header) -> int:
    """Return the number of integrations in a file; a segment of a long exposure has only some of them."""
    if "EXSEGNUM" in header and "INTEND" in header:
        return int(header["INTEND"]) - int(header["INTSTART"]) + 1
    return int(header["NINTS"])


def _again(simulated: bool) -> str:
    get = "run 'mrskit simulate' again" if simulated else "get it again with 'mrskit fetch', or 'mrskit adopt' your own"
    return f"Delete the file and {get}."


def _stamp(path: Path) -> tuple[int, int]:
    """Return size and time of a file, or (0, 0) if it does not exist."""
    try:
        status = path.stat()
    except OSError:
        return 0, 0
    return status.st_size, status.st_mtime_ns


@lru_cache(maxsize=4096)  # folders are searched again and again, and reading a header takes milliseconds
def _setting_key(path: Path, _size: int, _modified: int) -> str:
    header = primary_header(path)
    return f"{str(header.get('CHANNEL', '')).strip()}:{str(header.get('BAND', '')).strip()}"
