"""Identification of FITS files by their headers, never by their names, with reasons for unusable files."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from astropy.io import fits

from mrskit import inventory, products
from mrskit.bands import CROSS_DICHROIC, SETTINGS, is_cross_dichroic
from mrskit.errors import ProductError

# Folder of a workspace in which each kind of product lies; less processed kinds first.
STAGES = {"uncal": "uncal", "rate": "stage1", "cal": "stage2", "s3d": "stage3", "x1d": "stage3"}
OF_EXPOSURE = ("uncal", "rate", "cal")
_NAMES = tuple(f"{name}{packed}" for name in (".fits", ".fit", ".fts") for packed in ("", ".gz"))
_MODES = {"MIR_IMAGE": "the imager", "MIR_TACQ": "target acquisition", "MIR_TACONFIRM": "target acquisition"}
_IDENTITY = ("PROGRAM", "OBSERVTN", "VISIT", "VISITGRP", "SEQ_ID", "ACT_ID")


@dataclass(frozen=True, slots=True)
class Found:
    """An MRS file that can be adopted."""

    path: Path
    kind: str  # uncal, rate, cal, s3d or x1d
    stem: str  # of the exposure as the archive would name it, or of the product of stage 3
    header: fits.Header  # primary, with the pointing of the array's header

    @property
    def name(self) -> str:
        """Name of the file in a workspace."""
        return f"{self.stem}_{self.kind}.fits"

    @property
    def exposure(self) -> str:
        """Stem of the exposure, without the channel number at the end of single-channel spectra."""
        return self.stem.removesuffix("_0").removesuffix("_1")

    @property
    def stage(self) -> str:
        """Folder in a workspace; spectra of single exposures are next to their cal files."""
        return "stage2" if self.kind == "x1d" and "_mirifu" in self.stem else STAGES[self.kind]

    @property
    def observation(self) -> int:
        """Number of the observation."""
        return int(self.header["OBSERVTN"])

    @property
    def setting(self) -> str:
        """Channels and sub-band, e.g. ``12:SHORT``."""
        return f"{str(self.header['CHANNEL']).strip()}:{str(self.header['BAND']).strip()}"

    @property
    def simulated(self) -> bool:
        """Whether the header marks a background."""
        return self.header.get("ORIGIN") == inventory.SIMULATED


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file that is not adopted."""

    path: Path
    why: str


def look(folders: Iterable[Path], skipped: Iterable[Path] = ()) -> tuple[list[Found], list[LeftOut], int]:
    """Return the MRS files in folders (except ``skipped``), the unusable files, and the number of other files."""
    found, left_out, others, skipped = [], [], 0, [path.resolve() for path in skipped]
    paths = (path for folder in folders for path in (inventory.files(folder) if folder.is_dir() else (folder,)))
    for path in dict.fromkeys(paths):
        if any(path.resolve().is_relative_to(folder) for folder in skipped):
            continue
        if not path.name.lower().endswith(_NAMES):
            others += 1
            continue
        try:
            found.append(read(path))
        except ValueError as error:
            left_out.append(LeftOut(path, str(error)))
    return found, left_out, others


def read(path: Path) -> Found:
    """Return the description of an MRS file; ValueError, with the reason, if no reduction can start from the file."""
    try:
        _check_beginning(path)
        size = inventory.unpacked_size(path)
        with warnings.catch_warnings(), fits.open(path, memmap=True, lazy_load_hdus=False) as hdus:
            warnings.simplefilter("ignore")  # of a truncated file: said below
            header, end = hdus[0].header.copy(), max(hdu._data_offset + hdu._data_size for hdu in hdus)
            _check_mode(header)
            kind = _kind(hdus)
        if size < end:
            raise ValueError(f"truncated: {size} bytes of at least {end}")
        if kind == "uncal":
            products.check_uncal(path)
    except ValueError:
        raise
    except ProductError as error:
        raise ValueError(str(error).removeprefix(f"{path.name}: ").split(". ")[0]) from error
    except Exception as error:  # astropy and gzip raise many unrelated classes
        raise ValueError(f"damaged ({type(error).__name__}: {error})".replace("\n", " ")) from error
    return Found(path, kind, _stem(header, kind), pointed(path))


def pointed(path: Path) -> fits.Header:
    """Return the primary header of a FITS file with the pointing from its array's header."""
    header = fits.getheader(path)
    with contextlib.suppress(OSError, IndexError, TypeError, ValueError), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a file that is not whole
        second = fits.getheader(path, 1)
        header.update({name: second[name] for name in ("RA_REF", "DEC_REF") if name in second})
    return header


def _check_beginning(path: Path) -> None:
    if not path.exists():
        raise ValueError("a broken link")
    with inventory.opened(path) as stream:
        head = stream.read(400).lstrip()
    if not head:
        raise ValueError("empty")
    if not head.startswith((b"SIMPLE", b"<")):
        raise ValueError("not a FITS file")
    if head.startswith(b"<"):
        raise ValueError("a web page in place of a FITS file: the archive asked for a login, or had no such file")


def _check_mode(header: fits.Header) -> None:
    """Refuse files that are not from the MRS, or whose setting has no geometry in the pipeline."""
    instrument, mode = header.get("INSTRUME", "nothing"), str(header.get("EXP_TYPE", "missing"))
    if instrument != "MIRI" or header.get("TELESCOP", "JWST") != "JWST":
        raise ValueError(f"not a MIRI file: INSTRUME is {instrument}")
    if mode != "MIR_MRS":
        raise ValueError(f"{_MODES.get(mode, 'not an MRS file')}: EXP_TYPE is {mode}")
    channel, subband = str(header.get("CHANNEL", "")).strip(), str(header.get("BAND", "")).strip()
    if not channel or not subband:
        raise ValueError(f"no {'CHANNEL' if not channel else 'BAND'} in its header")
    if is_cross_dichroic(subband):
        raise ValueError(CROSS_DICHROIC.format(subband))
    if missing := [name for name in _IDENTITY[:2] if not str(header.get(name, "")).strip().isdigit()]:
        raise ValueError(f"no {' and '.join(missing)} in its header")


def _kind(hdus: fits.HDUList) -> str:
    """Return the kind of product from its extensions, shape, unit and completed steps."""
    header = hdus[0].header
    if "EXTRACT1D" in hdus or "COMBINE1D" in hdus:
        return "x1d"
    if "SCI" not in hdus:
        raise ValueError("no array SCI and no spectrum in it")
    sci = hdus["SCI"].header
    axes, unit = sci["NAXIS"], str(sci.get("BUNIT", ""))
    if axes == 3 and str(sci.get("CTYPE3", "")).startswith("WAVE"):
        return "s3d"
    setting = f"{str(header['CHANNEL']).strip()}:{str(header['BAND']).strip()}"
    if setting not in SETTINGS:
        raise ValueError(f"CHANNEL:BAND is {setting}, expected one of {', '.join(SETTINGS)}")
    if problem := products.contradiction(header, SETTINGS[setting]):
        raise ValueError(problem)
    if axes == 4 and "GROUPDQ" not in hdus:
        return "uncal"
    if axes == 2 and header.get("S_OUTLIR") != "COMPLETE":
        if header.get("S_PHOTOM") == "COMPLETE" or unit.startswith("MJy"):
            return "cal"
        if header.get("S_RAMP") == "COMPLETE" or unit == "DN/s":
            return "rate"
    raise ValueError(f"an intermediate product ({axes} axes, {unit or 'no unit'}): 'mrskit reduce' makes its own")


def _stem(header: fits.Header, kind: str) -> str:
    program, observation = int(header["PROGRAM"]), int(header["OBSERVTN"])
    channel, subband = str(header["CHANNEL"]).strip(), str(header["BAND"]).strip()
    setting = next((item for item in SETTINGS.values() if channel in item.channels and item.subband == subband), None)
    single = kind == "x1d" and setting is not None and "_mirifu" in str(header.get("FILENAME", ""))  # of one exposure
    if kind == "s3d" or (kind == "x1d" and not single and f"{channel}:{subband}" not in SETTINGS):
        return f"jw{program:05d}-o{observation:03d}_miri_ch{channel}-{subband.lower()}"
    visit, group, sequence, activity = (str(header.get(name, "")).strip() or "1" for name in _IDENTITY[2:6])
    in_parts = "EXSEGNUM" in header and products.integrations(header) != int(header["NINTS"])
    segment = f"-seg{int(header['EXSEGNUM']):03d}" if in_parts else ""
    number = int(header.get("EXPOSURE", header.get("PATT_NUM", 1)))
    assert setting is not None  # of what is of an exposure, see _kind
    part = f"_{setting.channels.index(channel)}" if channel != setting.channels else ""
    return (f"jw{program:05d}{observation:03d}{int(visit):03d}_{group.zfill(2)}{sequence}{activity.zfill(2)}_"
            f"{number:05d}{segment}_{setting.detector.lower()}{part}")  # fmt: skip
