"""The files that jwst's assign_wcs reads: distortion, specwcs, regions and wavelengthrange."""

from __future__ import annotations

import math
import shutil
from functools import cache
from pathlib import Path

import asdf
import numpy as np
from astropy import units
from astropy.modeling import Model, models

from mrskit.bands import BANDS, SUBBANDS, Setting
from mrskit.errors import ReferenceCacheError
from mrskit.simulate.references import geometry as own
from mrskit.simulate.references.files import EVERYWHERE, name, save_tree, setting_number
from mrskit.workspace import replacing

INVERSE_DEGREE = 7  # total degree of the fitted inverse surfaces
INVERSE_MARGIN = 8 * own.PLANE_STEP  # arcsec beyond the ends of a slice within which the inverse is fitted
RANGE_MARGIN = 0.03  # relative widening of the wavelengths that decide to which channel a position belongs


def surface(polynomial: own.Surface) -> models.Polynomial2D:
    """Return an astropy model of a slice surface of the kit's own geometry, called as f(row, column)."""
    if not isinstance(polynomial, own.Polynomial):
        raise TypeError(f"a surface of type {type(polynomial).__name__}: expected a Polynomial of the own geometry")
    return models.Polynomial2D(
        own.DEGREE,
        x_domain=(own.ROW_CENTRE - own.ROW_SCALE, own.ROW_CENTRE + own.ROW_SCALE),
        y_domain=(polynomial.column - own.COLUMN_SCALE, polynomial.column + own.COLUMN_SCALE),
        x_window=(-1, 1),
        y_window=(-1, 1),
        **{f"c{i}_{j}": float(c) for (i, j), c in zip(own.TERMS, polynomial.coefficients, strict=True)},
    )


def inverse(item: own.Slice) -> tuple[models.Polynomial2D, models.Polynomial2D]:
    """
    Return the column X(wavelength, alpha) and the row Y(wavelength, alpha) of a slice, fitted to its forward surfaces.

    They agree with the forward surfaces within 0.02 pixel over the slice.
    """
    rows = np.linspace(-2, own.ROWS + 1, 40)
    left, right = own.edges(item, INVERSE_MARGIN, rows)
    column = left[:, None] + (right - left)[:, None] * np.linspace(0, 1, 15)
    row = np.repeat(rows[:, None], 15, axis=1)
    wavelength, alpha = item.wavelength(row, column).ravel(), item.alpha(row, column).ravel()
    return _fit(wavelength, alpha, (column.ravel(), row.ravel()), INVERSE_DEGREE)


def _fit(x: np.ndarray, y: np.ndarray, values: tuple[np.ndarray, ...], degree: int) -> tuple[models.Polynomial2D, ...]:
    """Return one least-squares polynomial of x and y, each mapped onto -1 ... 1, for each set of values."""
    domains = [(float(axis.min()), float(axis.max())) for axis in (x, y)]
    u, v = (2 * (axis - low) / (high - low) - 1 for axis, (low, high) in zip((x, y), domains, strict=True))
    terms = [(i, j) for i in range(degree + 1) for j in range(degree + 1 - i)]
    design = np.stack([u**i * v**j for i, j in terms], axis=1)
    solutions = np.linalg.lstsq(design, np.stack(values, axis=1), rcond=None)[0]
    return tuple(
        models.Polynomial2D(
            degree,
            x_domain=domains[0],
            y_domain=domains[1],
            x_window=(-1, 1),
            y_window=(-1, 1),
            **{f"c{i}_{j}": float(c) for (i, j), c in zip(terms, column, strict=True)},
        )
        for column in solutions.T
    )


def sky_model(sky: own.SkyMap) -> Model:
    """Return alpha, beta -> V2, V3 (arcsec) of a band, with its inverse."""
    forward = [
        models.Polynomial2D(2, **{f"c{i}_{j}": float(c) for (i, j), c in zip(own.SKY_TERMS, values, strict=True)})
        for values in (sky.v2, sky.v3)
    ]
    alpha, beta = (axis.ravel() for axis in np.meshgrid(*2 * [np.linspace(-5, 5, 21)]))
    v2, v3 = (model(alpha, beta) for model in forward)
    result = models.Mapping((0, 1, 0, 1)) | forward[0] & forward[1]
    back = _fit(v2, v3, (alpha, beta), 4)
    result.inverse = models.Mapping((0, 1, 0, 1)) | back[0] & back[1]
    return result


def write_own(geometry: own.Geometry, folder: Path) -> dict[str, str]:
    """Write distortion, specwcs and regions of the kit's own geometry; return reference type -> file name."""
    setting, slices = geometry.setting, geometry.slices
    number = setting_number(setting)
    keys = [f"{band.channel}{setting.subband}" for band in setting.bands]
    sky = [geometry.sky[band.name] for band in setting.bands]
    beta = {
        band.channel: place.beta_zero + place.beta_step * np.arange(30)
        for band, place in zip(setting.bands, sky, strict=True)
    }
    x_models, y_models = zip(*(inverse(item) for item in slices), strict=True)
    distortion = {
        "alpha_model": [surface(item.alpha) for item in slices],
        "beta_model": [models.Const1D(float(beta[item.channel][item.number % 100 - 1])) for item in slices],
        "x_model": list(x_models),
        "y_model": list(y_models),
        "slices": [item.number for item in slices],
        "bzero": {"channel_band": keys, "beta_zero": [place.beta_zero for place in sky]},
        "bdel": {"channel_band": keys, "delta_beta": [place.beta_step for place in sky]},
        "abv2v3_model": {"channel_band": keys, "model": [sky_model(place) for place in sky]},
    }
    specwcs = {"model": [surface(item.wavelength) for item in slices], "slices": distortion["slices"]}
    return {
        "distortion": save_tree(
            distortion, "distortion", number, folder, "DistortionMRSModel", setting, input_units=units.pix,
            output_units=units.arcsec,
        ),
        "specwcs": save_tree(
            specwcs, "specwcs", number, folder, "SpecwcsModel", setting, input_units=units.pix,
            output_units=units.micron,
        ),
    }  # fmt: skip


def write_regions(setting: Setting, labels: np.ndarray, folder: Path) -> dict[str, str]:
    """Write the regions file of a setting from slice numbers of shape (9, 1024, 1032); return type -> file name."""
    return {
        "regions": save_tree({"regions": labels}, "regions", setting_number(setting), folder, "RegionsModel", setting)
    }


def write_wavelength_range(folder: Path) -> dict[str, str]:
    """Write the wavelengths of all twelve bands; return type -> file name."""
    selectors, ranges = [], []
    for band in BANDS.values():
        low, high, *_ = own.coverage(band)
        low, high = low * (1 - RANGE_MARGIN), high * (1 + RANGE_MARGIN)
        selectors.append(f"{band.channel}{band.subband}")
        ranges.append([math.floor(100 * low) / 100, math.ceil(100 * high) / 100])
    tree = {"waverange_selector": selectors, "wavelengthrange": ranges}
    file_name = save_tree(
        tree, "wavelengthrange", EVERYWHERE, folder, "WavelengthrangeModel", wavelength_units=units.micron
    )
    return {"wavelengthrange": file_name}


def copy_flight(setting: Setting | None, source: Path, folder: Path) -> dict[str, str]:
    """
    Copy flight files unchanged: distortion and specwcs of a setting, or (no setting) the wavelengthrange of all.

    Raises
    ------
    ReferenceCacheError
        If ``source`` lacks one of them.
    """
    kinds = ("distortion", "specwcs") if setting else ("wavelengthrange",)
    result = {}
    for kind in kinds:
        result[kind] = name(kind, setting_number(setting) if setting else EVERYWHERE, "asdf")
        with replacing(folder / result[kind]) as temporary:
            shutil.copyfile(flight_file(source, kind, setting), temporary)
    return result


def flight_file(source: Path, kind: str, setting: Setting | None) -> Path:
    """Return the path of a flight file as the miricoord repository names it, e.g. ``jwst_miri_mrs12A_distortion_*``."""
    which = f"{setting.channels}{'ABC'[SUBBANDS.index(setting.subband)]}" if setting else ""
    pattern = f"jwst_miri_mrs{which}_{kind}*.asdf"
    found = sorted(Path(source).glob(pattern))
    if not found:
        raise ReferenceCacheError(
            f"{source}: no file {pattern}; expected the flight {kind} file"
            + (f" of setting {setting.name}" if setting else "")
            + ". Complete the folder, or build without '--geometry'.", path=source, kind=kind,
        )  # fmt: skip
    return found[-1]


@cache
def flight_slices(setting: Setting, source: Path) -> tuple[own.Slice, ...]:
    """Return the slices of a setting with the surfaces of flight files and the slice ends of the kit's table."""
    trees = {}
    for kind in ("distortion", "specwcs"):
        with asdf.open(flight_file(source, kind, setting), lazy_load=False, memmap=False) as file:
            trees[kind] = dict(file.tree)
    pairs = zip(trees["distortion"]["alpha_model"], trees["specwcs"]["model"], strict=True)
    surfaces = dict(zip(trees["distortion"]["slices"], pairs, strict=True))
    return tuple(
        own.Slice(item.number, item.alpha_limits, item.column, *surfaces[item.number])
        for item in own.geometry(setting).slices
    )
