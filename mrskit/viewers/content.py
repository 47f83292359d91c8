"""Content for a viewer: the product's extension, its first plane, and colour limits."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from astropy.io import fits

from mrskit.cube import wavelengths
from mrskit.errors import ProductError, missing_file
from mrskit.fitsfile import whole
from mrskit.products import SIMULATED, read_spectrum

# Suffix of a product -> (kind, extension, unit of the values). Kinds: ramp, image, cube, spectrum.
PRODUCTS = {
    "uncal": ("ramp", "SCI", "DN"),
    "ramp": ("ramp", "SCI", "DN"),
    "rate": ("image", "SCI", "DN/s"),
    "rateints": ("cube", "SCI", "DN/s"),
    "cal": ("image", "SCI", "MJy/sr"),
    "crf": ("image", "SCI", "MJy/sr"),
    "s3d": ("cube", "SCI", "MJy/sr"),
    "x1d": ("spectrum", "EXTRACT1D", "Jy"),
    "s1d": ("spectrum", "EXTRACT1D", "Jy"),
    "c1d": ("spectrum", "EXTRACT1D", "Jy"),
}


@dataclass(frozen=True, slots=True, eq=False)
class Content:
    """One product, ready for display."""

    path: Path
    kind: str  # ramp, image, cube or spectrum
    extension: str
    data: np.ndarray  # (nints, ngroups, nrows, ncols), (nrows, ncols), (nplanes, ny, nx) or (n,); NaN: no value
    axis: np.ndarray  # values on the third axis or the spectrum's axis: group number, integration number, or um
    axis_name: str  # group, integration or wavelength
    plane: int  # index of the first view on that axis: last good group, brightest plane
    limits: tuple[float, float]  # limits of the colours, in the unit of the data
    unit: str
    simulated: bool

    @property
    def title(self) -> str:
        """Name of the file, with the word SIMULATED for simulated data."""
        return f"{self.path.name} (SIMULATED)" if self.simulated else self.path.name


def read(path: Path | str) -> Content:
    """Return a product's content for a viewer, by the suffix of its name; ProductError if it is not a product."""
    path = Path(path)
    kind_of(path)
    suffix = _suffix(path)
    kind, extension, unit = PRODUCTS[suffix]
    with whole(path) as hdus:
        simulated = hdus[0].header.get("ORIGIN") == SIMULATED
        try:
            if kind == "spectrum":
                spectrum = read_spectrum(path)
                data, axis, unit = spectrum.flux.astype(float), spectrum.wavelength, spectrum.unit
            else:
                hdu = hdus[extension if extension in hdus else 0]
                data, axis = _values(hdu, kind)
                unit = str(hdu.header.get("BUNIT", unit)) if suffix == "s3d" else unit
                axis = wavelengths(hdus, hdu.name, path) if suffix == "s3d" else axis
        except (KeyError, TypeError, ValueError) as error:
            raise ProductError(f"{path.name}: no {extension} data to show ({error}). Make or fetch the file again.",
                               path=path) from error  # fmt: skip
    name = {"uncal": "group", "ramp": "group", "rateints": "integration"}.get(suffix, "wavelength")
    plane, limits = _first_view(kind, data, name)
    return Content(path, kind, extension, data, axis, name, plane, limits, unit, simulated)


def kind_of(path: Path) -> str:
    """Return the kind of a product, by the suffix of its name; ProductError if it is not a product."""
    if not path.is_file():
        raise missing_file(path, "a product of the pipeline", "Look for it with 'ls WORKSPACE/*/*'.")
    if _suffix(path) not in PRODUCTS:
        raise ProductError(f"{path.name}: unknown suffix; expected a product with one of {', '.join(PRODUCTS)}.",
                           path=path)  # fmt: skip
    return PRODUCTS[_suffix(path)][0]


def _suffix(path: Path) -> str:
    """Return the suffix before ``.fits`` or ``.fits.gz``, such as ``x1d``."""
    return path.name.removesuffix(".gz").removesuffix(".fits").rpartition("_")[2]


def image(content: Content, plane: int | None = None, integration: int = 0) -> np.ndarray:
    """Return one plane of a ramp or cube, or the image itself, shape (nrows, ncols), in the unit of the content."""
    plane = content.plane if plane is None else plane
    if content.kind == "ramp":
        return content.data[integration, plane]
    return content.data[plane] if content.kind == "cube" else content.data


def limits_of(content: Content, plane: int) -> tuple[float, float]:
    """Return the colour limits for a plane; each wavelength has separate limits, because lines outshine the rest."""
    if content.kind == "cube" and content.axis_name == "wavelength":
        return _limits(content.data[plane], 99.8)
    return content.limits


def _values(hdu: fits.hdu.base.ExtensionHDU, kind: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the data of an extension, in native byte order, and the numbers of its planes."""
    data = np.asarray(hdu.data, dtype=np.float32)
    dimensions = {"ramp": 4, "image": 2, "cube": 3}[kind]
    if kind == "cube" and data.ndim == 4 and data.shape[0] == 1:
        data = data[0]
    if data.ndim != dimensions:
        raise ValueError(f"{data.ndim} axes, expected {dimensions}")
    return data, np.arange(data.shape[-3] if kind != "image" else 1)


def _first_view(kind: str, data: np.ndarray, axis_name: str) -> tuple[int, tuple[float, float]]:
    """Return the plane and the limits that show nucleus, slices and lines."""
    if kind == "spectrum":
        return 0, _limits(data, 100.0)
    if kind == "ramp":
        plane = max(data.shape[1] - 2, 0)  # MIRI's last group is slightly off
        return plane, _limits(data[0, plane], 99.0)
    if kind == "cube" and axis_name == "wavelength":
        seen = np.where(np.isfinite(data), data, 0)
        peak = np.percentile(seen.reshape(len(data), -1), 80, axis=1)  # a percentile: not one bright spot
        margin = len(data) // 20  # the ends of a band are noisy
        plane = margin + int(np.argmax(peak[margin : len(data) - margin or None]))
        return plane, _limits(data[plane], 99.8)
    return 0, _limits(data if kind == "image" else data[0], 99.0)


def _limits(values: np.ndarray, high: float) -> tuple[float, float]:
    good = values[np.isfinite(values)]
    if not good.size:
        return 0.0, 1.0
    low, top = (float(value) for value in np.percentile(good, (1, high)))
    return (low, top) if top > low else (low - 0.5, low + 0.5)
