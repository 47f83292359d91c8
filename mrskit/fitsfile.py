"""Open FITS files from any program, check that they are complete, and read headers and arrays."""

from __future__ import annotations

import warnings
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from astropy.io import fits
from astropy.utils.exceptions import AstropyUserWarning

from mrskit.errors import ProductError, missing_file

DO_NOT_USE = 1  # bit of a DQ array


class ProductWarning(UserWarning):
    """A warning about an assumption by a reader, if a file is ambiguous."""


def say(path: Path, text: str) -> None:
    """Warn about an assumption by a reader."""
    warnings.warn(f"{path.name}: {text}", ProductWarning, stacklevel=4)


def say_instrument(path: Path, header: Mapping[str, object]) -> None:
    """Warn if data are not from the MRS."""
    found = header.get("INSTRUME") or "MIRI", header.get("EXP_TYPE") or "MIR_MRS"
    if found != ("MIRI", "MIR_MRS"):
        say(path, f"not MRS data: INSTRUME is {found[0]}, EXP_TYPE {found[1]}. The kit's resolving power and line list "
            "are those of the MRS (4.9-28 um)")  # fmt: skip


@contextmanager
def whole(path: Path) -> Iterator[fits.HDUList]:
    """Open and read a FITS file, compressed or not; ProductError if it is missing, truncated or not a FITS file."""
    _require(path)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("error", "File may have been truncated", AstropyUserWarning)
            with fits.open(path, memmap=False) as hdus:
                len(hdus)  # reads the headers of all extensions
                yield hdus
    except (OSError, EOFError, zlib.error, fits.VerifyError, AstropyUserWarning, ValueError, TypeError) as error:
        raise _unreadable(path, error) from error


def primary_header(path: Path) -> fits.Header:
    """Return the primary header of a file; see `whole` for errors."""
    _require(path)
    try:
        return fits.getheader(path)
    except (OSError, EOFError, zlib.error) as error:
        raise _unreadable(path, error) from error


def _require(path: Path) -> None:
    if not path.is_file():
        raise missing_file(path, "a FITS file", "Check its name: 'mrskit fetch' and 'mrskit "
                           "simulate' write raw files, 'mrskit reduce' writes products.")  # fmt: skip


def _unreadable(path: Path, error: Exception) -> ProductError:
    return ProductError(f"{path.name}: not a readable FITS file ({error}). Delete it and make or fetch it again.",
                        path=path)  # fmt: skip


def native(array: np.ndarray) -> np.ndarray:
    """Return a copy in native byte order, because FITS arrays are big-endian but compiled code needs native order."""
    return np.asarray(array).astype(array.dtype.newbyteorder("="))


def local_scatter(flux: np.ndarray, block: int = 100) -> np.ndarray:
    """
    Return the robust noise along an array's first axis, in blocks of 100 samples, with the shape of the array.

    It is the scatter of each sample around the mean of its two neighbours, so that a continuum has no effect.

    Examples
    --------
    >>> noisy = np.linspace(0.0, 9.0, 1000) + np.random.default_rng(1).normal(0.0, 2.0, 1000)
    >>> round(float(np.mean(local_scatter(noisy))))
    2
    """
    about = np.full(flux.shape, np.nan)
    about[1:-1] = abs(flux[1:-1] - (flux[:-2] + flux[2:]) / 2)
    found = np.empty(flux.shape)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "All-NaN slice|Mean of empty")
        for part in np.array_split(np.arange(len(flux)), max(1, len(flux) // block)):
            found[part] = 1.4826 * np.nanmedian(about[part], axis=0) / np.sqrt(1.5)
    return found
