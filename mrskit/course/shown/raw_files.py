"""The raw files that lesson 02 opens."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from astropy.io import fits
from IPython.display import Markdown
from scipy.ndimage import median_filter

from mrskit import observed, products
from mrskit.bands import Setting
from mrskit.course.shown import stand_in, tables
from mrskit.workspace import Workspace


def pair(space: Workspace, setting: Setting, say: bool = True) -> list[Path]:
    """Return the first science and the first background exposure; without a background, two source exposures."""
    source, background = (products.find(space.stage(role, "uncal"), "uncal", setting)
                          for role in ("source", "background"))  # fmt: skip
    if source and not background and say:
        print(f"No background exposure of {setting.name}: the last dither of the source stands in for it.")
    return [*source[:1], *(background or source[-1:])[:1]]


def of_long(space: Workspace, otherwise: Setting) -> tuple[Setting, list[Path], float, bool]:
    """Return setting, pair of exposures, redshift and whether they are simulated, for the long detector if possible."""
    chosen = stand_in.of_long(space, observed.of(space).redshift)
    chosen = stand_in.ready(space, chosen, "exposures of 34:SHORT, source and background, with [Ne II] at 12.4-13.3 um")
    setting = stand_in.LONG
    if not stand_in.count(chosen, "source", setting):
        print(f"No exposures of {setting.name} here: the figures show {otherwise.name} again.")
        chosen, setting = space, otherwise
    files = pair(chosen, setting)
    return setting, files, observed.of(chosen).redshift, products.read_exposure(files[0]).simulated


def extensions(path: Path) -> Markdown:
    """Return the extensions of a FITS file with their axes in the order of FITS."""

    def axes(header: fits.Header) -> str:
        return " x ".join(str(header[f"NAXIS{axis}"]) for axis in range(1, header["NAXIS"] + 1))

    with fits.open(path) as hdus:
        rows = [(f"`{hdu.name}`", type(hdu).__name__, axes(hdu.header)) for hdu in hdus]
    return tables.table(("extension", "kind", "axes (first: NAXIS1)"), rows)


def along_trace(image: np.ndarray, column: int) -> np.ndarray:
    """
    Return the signal of each row along the bowed trace that passes a column.

    The signal is a sum of seven columns, so that it has no waves where the trace moves to the next column. Before the
    sum, a median over five rows removes hits and bad pixels.
    """
    near = slice(column - 22, column + 8)
    trace = near.start + np.argmax(median_filter(image[:, near], size=(41, 1)), axis=1)
    clean, rows = median_filter(image, size=(5, 1)), np.arange(image.shape[0])
    last = image.shape[1] - 1
    return np.sum([clean[rows, np.clip(trace + offset, 0, last)] for offset in range(-3, 4)], axis=0)
