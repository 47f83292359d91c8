"""Comparison of a notebook's product with the key's product of the same exposure: copies, and equal pixels."""

from __future__ import annotations

import filecmp
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from astropy.io.fits import BinTableHDU, HDUList, Header, ImageHDU

MOST = 2_000_000  # pixels that are compared, spread evenly over all planes
_SAME = ("OBSERVTN", "VISIT", "EXPOSURE", "PATT_NUM", "DETECTOR", "CHANNEL", "BAND", "TARGPROP")  # of one exposure
_CLIP = 5.0  # times the spread: cosmic rays and bright pixels do not decide alone


def twin(path: Path, header: Header, links: Mapping[str, str]) -> str:
    """Return the key's product with the same name, else kind and exposure, relative to its root; "" if none."""
    from astropy.io import fits

    kind = f"_{path.stem.rpartition('_')[2]}.fits"
    products = sorted(name for name in links if name.endswith(kind))
    if named := [name for name in products if Path(name).name == path.name]:
        return named[0]
    wanted = [header.get(name) for name in _SAME]
    headers = ((name, fits.getheader(links[name])) for name in products)
    return next((name for name, other in headers if [other.get(key) for key in _SAME] == wanted), "")


def compared(path: Path, hdus: HDUList, key: Path, name: str) -> dict[str, float]:
    """
    Return ``copy`` (1 or 0), ``covered`` and ``agree`` (shares of the key's pixels that exist and agree within the
    noise), and ``likeness`` (correlation with the key's pixels without outliers).
    """
    from astropy.io import fits

    with fits.open(key, memmap=True, lazy_load_hdus=True) as theirs:
        dated = hdus[0].header.get("DATE") == theirs[0].header.get("DATE")
        copy = dated or filecmp.cmp(path, key, shallow=False)
        mine, own, noise = numbers(hdus[name]), numbers(theirs[name]), numbers(theirs, error=True)
        if hdus[name].data.shape != theirs[name].data.shape:  # another grid: the distribution remains
            mine, own = (np.quantile(part[np.isfinite(part)], np.linspace(0, 1, 201)) for part in (mine, own))
            noise = np.full(201, np.nanmedian(noise))
    both = np.isfinite(mine) & np.isfinite(own)
    if not both.any():
        return {"copy": float(copy), "covered": 0.0, "agree": 0.0, "likeness": 0.0}
    near = np.abs(mine - own) <= np.nan_to_num(noise, posinf=0) + 0.1 * np.abs(own)
    return {"copy": float(copy), "covered": float(both.sum() / np.isfinite(own).sum()),
            "agree": float(near[both].mean()), "likeness": _likeness(mine[both], own[both])}  # fmt: skip


def numbers(hdu: ImageHDU | BinTableHDU | HDUList, error: bool = False) -> np.ndarray:
    """Return at most `MOST` pixels of an image or fluxes of a table as one row; with ``error``, a file's errors."""
    if error:
        hdu = hdu["ERR"] if "ERR" in hdu else hdu["EXTRACT1D"]
    data = hdu.data
    if data.dtype.names:
        wanted = "flux_error" if error else "flux"
        data = data[next(name for name in data.dtype.names if name.lower() == wanted)]
    flat = np.asarray(data).reshape(-1)
    return flat[:: max(1, -(-flat.size // MOST))].astype(float)


def _likeness(mine: np.ndarray, own: np.ndarray) -> float:
    """Return the correlation of two rows, clipped at a multiple of their spread; 0 for a constant row."""
    clipped = []
    for part in (mine, own):
        away = part - np.median(part)
        spread = 1.4826 * np.median(np.abs(away))
        clipped.append(np.clip(away, -_CLIP * spread, _CLIP * spread))
    if min(part.std() for part in clipped) == 0:
        return 0.0
    return float(np.nan_to_num(np.corrcoef(*clipped)[0, 1]))
