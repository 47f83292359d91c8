"""The kit's own compact geometry of the MRS: per-slice polynomials, slice edges, and maps of the whole detector."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from mrskit.bands import Band, Setting

ROWS, COLUMNS = 1024, 1032
REFERENCE_COLUMNS = 4  # at the left and at the right edge
ROW_CENTRE, ROW_SCALE = 512.0, 512.0  # u = (row - 512) / 512
COLUMN_SCALE = 16.0  # v = (column - middle of the slice) / 16
DEGREE = 4  # total degree of the slice polynomials in u and v
PLANES = 9  # throughput thresholds 10, 20 ... 90 % of a regions file
PIPELINE_PLANE = 7  # the plane (80 %) that jwst's assign_wcs reads
PLANE_STEP = 0.035  # arcsec by which a slice grows at either end from one threshold to the next lower one (adopted)

# Powers (i, j) of u and v in the order of the tables: total degree up to DEGREE.
TERMS = tuple((i, j) for i in range(DEGREE + 1) for j in range(DEGREE + 1 - i))

Surface = Callable[[np.ndarray, np.ndarray], np.ndarray]  # f(row, column); the order of the flight models


@dataclass(frozen=True, slots=True)
class Polynomial:
    """A polynomial surface over one slice, called as ``f(row, column)`` with 0-indexed pixel centres."""

    column: float  # column of the middle of the slice at row 512
    coefficients: np.ndarray  # shape (len(TERMS),)

    def __call__(self, row: np.ndarray, column: np.ndarray) -> np.ndarray:
        """Return the value at every (row, column), shape of the broadcast arguments."""
        powers = np.zeros((DEGREE + 1, DEGREE + 1))
        for (i, j), value in zip(TERMS, self.coefficients, strict=True):
            powers[i, j] = value
        u = (np.asarray(row, float) - ROW_CENTRE) / ROW_SCALE
        v = (np.asarray(column, float) - self.column) / COLUMN_SCALE
        u, v = np.broadcast_arrays(u, v)
        return np.polynomial.polynomial.polyval2d(u, v, powers)


@dataclass(frozen=True, slots=True)
class Slice:
    """One slice image: where it lies and what alpha and wavelength its pixels see."""

    number: int  # as in the regions file: 101 ... 121, 201 ..., 401 ... 412
    alpha_limits: tuple[float, float]  # arcsec, ends of the slice at the 80 % threshold
    column: float  # column of its middle at row 512
    alpha: Surface  # arcsec
    wavelength: Surface  # um

    @property
    def channel(self) -> int:
        """Channel 1 to 4."""
        return self.number // 100


@dataclass(frozen=True, slots=True)
class SkyMap:
    """Place of one band's slices on the sky of the telescope."""

    beta_zero: float  # arcsec, first slice
    beta_step: float  # arcsec from one slice to the next
    v2: np.ndarray  # coefficients of V2(alpha, beta), arcsec, in the order of SKY_TERMS
    v3: np.ndarray  # the same for V3


SKY_TERMS = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (2, 0))  # powers of alpha and beta


@dataclass(frozen=True, slots=True)
class Geometry:
    """Everything about where the light of one setting falls."""

    setting: Setting
    slices: tuple[Slice, ...]
    sky: dict[str, SkyMap]  # band name -> place on the sky


@dataclass(frozen=True, slots=True)
class Maps:
    """What every pixel of the detector sees, each of shape (1024, 1032); NaN (0 for slices) between the slices."""

    slices: np.ndarray  # int16, slice number
    alpha: np.ndarray  # arcsec
    wavelength: np.ndarray  # um
    alpha_step: np.ndarray  # arcsec per pixel along the row, positive


@cache
def table() -> dict:
    """Return the content of ``geometry.json``, which ``scripts/fit_geometry.py`` wrote."""
    return json.loads(table_bytes())


def table_bytes() -> bytes:
    """Return ``geometry.json`` as it is on disk, for digests."""
    return (files("mrskit.simulate.references") / "geometry.json").read_bytes()


@cache
def geometry(setting: Setting) -> Geometry:
    """Return the kit's own geometry of a setting."""
    entry = table()["settings"][setting.name]
    slices = tuple(
        Slice(
            row["slice"],
            tuple(row["alpha_limits"]),
            row["column"],
            Polynomial(row["column"], np.array(row["alpha"])),
            Polynomial(row["column"], np.array(row["wavelength"])),
        )
        for row in entry["slices"]
    )
    sky = {
        name: SkyMap(band["beta_zero"], band["beta_step"], np.array(band["v2"]), np.array(band["v3"]))
        for name, band in entry["bands"].items()
    }
    return Geometry(setting, slices, sky)


def edge(item: Slice, alpha: float, rows: np.ndarray) -> np.ndarray:
    """
    Return the column at which a slice reaches a value of alpha, by Newton's method on its forward surface.

    Parameters
    ----------
    item : Slice
        The slice.
    alpha : float
        arcsec.
    rows : ndarray of shape (n,)
        Rows, 0-indexed.

    Returns
    -------
    ndarray of shape (n,)
        Columns, 0-indexed, exact to 1e-4 pixel.
    """
    columns = np.full(rows.shape, item.column)
    for _ in range(40):
        slope = item.alpha(rows, columns + 0.5) - item.alpha(rows, columns - 0.5)
        step = (item.alpha(rows, columns) - alpha) / slope
        columns = columns - np.clip(step, -10.0, 10.0)
        if np.abs(step).max() < 1e-4:
            break
    return columns


def edges(item: Slice, margin: float, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the left and the right edge of a slice, columns, when either end of it grows by ``margin`` arcsec."""
    one, other = (edge(item, limit, rows) for limit in (item.alpha_limits[0] - margin, item.alpha_limits[1] + margin))
    return np.minimum(one, other), np.maximum(one, other)


def regions(slices: tuple[Slice, ...]) -> np.ndarray:
    """
    Return the slice number of every pixel for nine throughput thresholds.

    A pixel belongs to a slice if its centre lies between the slice's ends. The ends are those of the flight
    apertures at the 80 % threshold, which the pipeline uses; how much a slice grows below it is adopted.

    Parameters
    ----------
    slices : tuple of Slice
        The slices of one detector setting.

    Returns
    -------
    ndarray of shape (9, 1024, 1032)
        int16; 0 between the slices and in the reference columns.
    """
    rows = np.arange(ROWS, dtype=float)
    columns = np.arange(COLUMNS)
    science = (columns >= REFERENCE_COLUMNS) & (columns < COLUMNS - REFERENCE_COLUMNS)
    result = np.zeros((PLANES, ROWS, COLUMNS), np.int16)
    for item in slices:
        for plane in range(PLANES):
            left, right = edges(item, (PIPELINE_PLANE - plane) * PLANE_STEP, rows)
            window = slice(max(int(left.min()), 0), int(right.max()) + 2)
            inside = (columns[window] >= left[:, None]) & (columns[window] <= right[:, None]) & science[window]
            result[plane, :, window][inside] = item.number
    return result


def maps(slices: tuple[Slice, ...], labels: np.ndarray) -> Maps:
    """
    Return alpha and wavelength of every pixel that ``labels`` puts into a slice.

    Parameters
    ----------
    slices : tuple of Slice
        The slices of one detector setting.
    labels : ndarray of shape (1024, 1032)
        Slice numbers, one plane of `regions`.
    """
    alpha, wavelength, step = (np.full((ROWS, COLUMNS), np.nan) for _ in range(3))
    for item in slices:
        row, column = np.nonzero(labels == item.number)
        alpha[row, column] = item.alpha(row, column)
        wavelength[row, column] = item.wavelength(row, column)
        step[row, column] = np.abs(item.alpha(row, column + 0.5) - item.alpha(row, column - 0.5))
    return Maps(labels, alpha, wavelength, step)


@cache
def coverage(band: Band) -> tuple[float, float, float, float]:
    """Return the wavelengths, um, that a band reaches: anywhere (min, max), in all slices' middles (min, max)."""
    ends = np.array([0.0, ROWS - 1.0])
    anywhere, middle = [], []
    for item in (one for one in geometry(band.setting).slices if one.channel == band.channel):
        left, right = edges(item, PIPELINE_PLANE * PLANE_STEP, ends)
        anywhere += [item.wavelength(ends, column) for column in (left, right)]
        middle.append(np.sort(item.wavelength(ends, edge(item, 0.0, ends))))
    low, high = np.array(middle).T
    return float(np.min(anywhere)), float(np.max(anywhere)), float(low.max()), float(high.min())
