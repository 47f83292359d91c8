"""Checks of a received file: size, digest, FITS checksums, structure, header."""

from __future__ import annotations

import base64
import binascii
import hashlib
import threading
import warnings
from pathlib import Path

from astropy.io import fits
from astropy.utils.exceptions import AstropyUserWarning

from mrskit.errors import ChecksumError, ProductError
from mrskit.fetch.archive import Remote
from mrskit.fetch.transfer import State
from mrskit.products import Exposure, check_uncal

_ALGORITHMS = {"sha-256": "sha256", "sha-512": "sha512", "md5": "md5", "sha": "sha1"}
READING = threading.Lock()  # reading FITS files changes the filters of warnings, which threads share
REMEDY = "The file was deleted. Run the same command again; if this happens twice, tell the archive."


def arrived(path: Path, remote: Remote, state: State) -> str:
    """Return the SHA-256 of a received file; ChecksumError if its size or digests differ from the announced ones."""
    size = path.stat().st_size
    if state.total and size != state.total:
        raise _differs(remote.name, f"{size} bytes", f"the server says {state.total}")
    found = digest(path, "sha256")
    if remote.sha256 and found != remote.sha256:
        raise _differs(remote.name, f"SHA-256 {found[:12]}", f"the list says {remote.sha256[:12]}")
    algorithm, _, text = state.digest.split(",")[0].strip().partition("=")
    if name := _ALGORITHMS.get(algorithm.lower()):
        mine = found if name == "sha256" else digest(path, name)
        if (theirs := _hexadecimal(text)) and mine != theirs:
            raise _differs(remote.name, f"{algorithm} {mine[:12]}", f"the server says {theirs[:12]}")
    return found


def whole_exposure(path: Path, name: str) -> Exposure:
    """Return the description of a raw exposure; ChecksumError if the file is incomplete or a FITS checksum is wrong."""
    with READING:
        try:
            wrong = _wrong_checksums(path)
        except OSError as error:
            raise _differs(name, f"an incomplete FITS file ({error})", "a raw MRS exposure was expected") from error
        if wrong:
            raise _differs(name, f"wrong FITS checksums ({wrong[0]})", "right ones were expected")
        try:
            return check_uncal(path)
        except ProductError as error:
            raise _differs(name, str(error).split(". ")[0], "a complete raw MRS exposure was expected") from error


def _wrong_checksums(path: Path) -> list[str]:
    """Return astropy's warnings about the checksums in a FITS file; empty if the file has none."""
    header = fits.getheader(path)
    if "CHECKSUM" not in header and "DATASUM" not in header:
        return []
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always", AstropyUserWarning)
        with fits.open(path, checksum=True) as hdus:
            for hdu in hdus:
                _ = hdu.data  # the sums are compared when the data are read
    return [str(item.message).strip() for item in said if "verification failed" in str(item.message)]


def digest(path: Path, algorithm: str) -> str:
    """Return the digest of a file as hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, algorithm).hexdigest()


def _hexadecimal(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).hex()
    except binascii.Error:
        return ""


def _differs(name: str, found: str, expected: str) -> ChecksumError:
    return ChecksumError(f"{name}: {found} arrived, {expected}. {REMEDY}", name=name)
