"""Read spectral cubes from any program, with wavelengths from the WCS and values in astropy's units."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from astropy import units as u
from astropy.io import fits
from astropy.wcs import WCS, FITSFixedWarning
from astropy.wcs.utils import proj_plane_pixel_area, proj_plane_pixel_scales

from mrskit import units
from mrskit.bands import Band, band_of
from mrskit.errors import ProductError
from mrskit.fitsfile import DO_NOT_USE, local_scatter, native, say, say_instrument, whole
from mrskit.inventory import SIMULATED

_ERRORS = {"ERR": 1, "ERROR": 1, "UNCERT": 1, "STDEV": 1, "SIGMA": 1, "VAR": 2, "VARIANCE": 2, "STAT": 2, "IVAR": -2}
# extensions with errors: power of the error in each
_RANGE = (0.1, 1000.0)  # um, allowed wavelengths of a cube


@dataclass(frozen=True, slots=True)
class Cube:
    """A spectral cube (s3d) of one band, or of several."""

    flux: np.ndarray  # (nwave, ny, nx), MJy/sr; NaN where not observed
    error: np.ndarray  # same shape and unit, 1 sigma
    wavelength: np.ndarray  # (nwave,), um, vacuum, observed frame, increasing
    wcs: WCS  # celestial, of the last two axes
    pixel_area: float  # sr, of one spaxel
    band: Band | None  # None: several bands, or no MRS band
    simulated: bool
    path: Path

    @property
    def spaxel_size(self) -> float:
        """Side of a spaxel, arcsec."""
        return float(np.sqrt(self.pixel_area) * 206264.806)

    @property
    def label(self) -> str:
        """Name of the band, or the wavelength range of several bands."""
        return self.band.name if self.band else f"{self.wavelength[0]:.2f}-{self.wavelength[-1]:.2f} um"


def read_cube(path: Path | str) -> Cube:
    """
    Return a cube with its wavelengths and errors, in the kit's units, with a warning for each assumption.

    The wavelength axis may have any form in the FITS standard. Samples with the DQ flag DO_NOT_USE are NaN.
    Missing errors are estimated from the scatter along each spectrum.

    ProductError if the file is missing, damaged or not a cube, or its axes or unit are unknown.
    """
    path = Path(path)
    with whole(path) as hdus, warnings.catch_warnings():
        warnings.simplefilter("ignore", FITSFixedWarning)
        hdu = _science(hdus, path)
        header = dict(hdus[0].header) | dict(hdu.header)
        say_instrument(path, header)
        wcs, spectral = _wcs(hdu.header, hdus, path)
        wavelength = _wavelengths(wcs, spectral, hdu.header[f"NAXIS{spectral + 1}"], path)
        if min(wcs.wcs.lng, wcs.wcs.lat) < 0:
            raise ProductError(f"{path.name}: not an MRS cube: its axes are {', '.join(wcs.wcs.ctype)}; expected two "
                               "on the sky, such as RA---TAN and DEC--TAN", path=path)  # fmt: skip
        celestial = wcs.celestial
        area = _spaxel_area(header, celestial, path)
        planes = np.argsort(wavelength)

        def ordered(array: np.ndarray) -> np.ndarray:
            return native(_in_order(array, wcs, spectral, path)[planes])

        def scaled(data: np.ndarray, about: Mapping) -> np.ndarray:
            values = ordered(data)
            factor = _to_brightness(header | dict(about), wavelength, area, path)
            return values * factor[:, None, None].astype(values.dtype if values.dtype.kind == "f" else float)

        wavelength = wavelength[planes]
        flux, found = scaled(hdu.data, hdu.header), _errors(hdus, header, path)
        error = scaled(*found) if found else np.full_like(flux, np.nan)
        if "DQ" in hdus and hdus["DQ"].shape == hdu.shape:
            flux[(ordered(hdus["DQ"].data).astype(np.uint32) & DO_NOT_USE) > 0] = np.nan
    if np.isfinite(flux).any() and not (error > 0).any():
        say(path, "the file has no errors; they are estimated from the scatter along each spectrum")
        error = local_scatter(flux)
    band = band_of(str(header.get("CHANNEL", "")), str(header.get("BAND", "")), wavelength[0], wavelength[-1])
    simulated = header.get("ORIGIN") == SIMULATED
    return Cube(flux, error, wavelength, celestial, area, band, simulated, path)


def wavelengths(hdus: fits.HDUList, extension: str, path: Path) -> np.ndarray:
    """Return the wavelengths of a cube's planes, um, in the order of the file; see `read_cube` for errors."""
    header = hdus[extension].header
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FITSFixedWarning)
        wcs, spectral = _wcs(header, hdus, path)
        return _wavelengths(wcs, spectral, header[f"NAXIS{spectral + 1}"], path)


def _science(hdus: fits.HDUList, path: Path) -> fits.hdu.image._ImageBaseHDU:
    images = [item for item in hdus if item.is_image and len(item.shape) >= 3]
    if not images:
        raise ProductError(f"{path.name}: not an MRS cube: no image with three axes; expected an s3d file.", path=path)
    return next((item for item in images if item.name == "SCI"), images[0])


def _errors(hdus: fits.HDUList, header: Mapping, path: Path) -> tuple[np.ndarray, Mapping] | None:
    """Return the errors of a cube (roots of variances) in its order, and the header with their unit."""
    for item in (item for item in hdus if item.name in _ERRORS and item.is_image and len(item.shape) >= 3):
        power = {"var": 2, "ivar": -2}.get(str(item.header.get("UTYPE")), _ERRORS[item.name])
        if power == 1:
            return item.data, item.header
        told, unit = (str(about.get("BUNIT", "")).strip() for about in (item.header, header))
        try:
            if told and units.parse(told, path.name) != units.parse(unit, path.name) ** power:
                raise ProductError(f"{told} is not that of the values ({unit}) to the power of {power}")
        except ProductError as error:
            say(path, f"{item.name} is not used for the errors: its unit {error}")
            continue
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(item.data > 0, np.asarray(item.data, dtype=float) ** (1 / power), np.nan), {}
    return None


def _wcs(header: fits.Header, hdus: fits.HDUList, path: Path) -> tuple[WCS, int]:
    """Return the WCS of a cube and the number of its spectral axis, counted from 0."""
    header = header.copy()
    for name, text in header["CUNIT*"].items():
        unit = units.parse(str(text), f"{path.name}, {name}") if text else None
        header[name] = unit.to_string("fits") if unit is not None else ""
    try:
        wcs = WCS(header, hdus)
    except (ValueError, TypeError, KeyError, AssertionError) as error:
        raise ProductError(f"{path.name}: astropy cannot read its coordinates: {error}", path=path) from error
    spectral = wcs.wcs.spec
    if spectral < 0:
        raise ProductError(f"{path.name}: not an MRS cube: its axes are {', '.join(wcs.wcs.ctype)}; expected one of "
                           "WAVE, AWAV, FREQ, VRAD and the like (CTYPE3)", path=path)  # fmt: skip
    matrix = wcs.pixel_scale_matrix
    if any(matrix[spectral, axis] or matrix[axis, spectral] for axis in range(len(matrix)) if axis != spectral):
        raise ProductError(f"{path.name}: the wavelength changes across the field (PC or CD matrix); expected one "
                           "wavelength per plane", path=path)  # fmt: skip
    if not header.get(f"CUNIT{spectral + 1}"):
        raise ProductError(f"{path.name}: CUNIT{spectral + 1}, the unit of the spectral axis, is missing; write it "
                           "into the header, such as um", path=path)  # fmt: skip
    return wcs, spectral


def _wavelengths(wcs: WCS, spectral: int, count: int, path: Path) -> np.ndarray:
    """Return the wavelength in vacuum of every plane, um."""
    wcs, kind = wcs.deepcopy(), wcs.wcs.ctype[spectral]
    try:
        if not kind.startswith("WAVE") and "-TAB" not in kind:
            wcs.wcs.sptr("WAVE-???")  # for AWAV, FREQ, VRAD, VOPT, ... the WCS converts by itself
        points = np.tile(wcs.wcs.crpix - 1, (count, 1))
        points[:, spectral] = np.arange(count)
        values = wcs.wcs_pix2world(points, 0)[:, spectral] * u.Unit(wcs.wcs.cunit[spectral])
        found = values.to_value(u.um, u.spectral())
        if kind.startswith("AWAV-TAB"):
            raise ValueError("a table of wavelengths in air")
    except (ValueError, TypeError, u.UnitsError) as error:
        missing = " (a velocity needs RESTWAV or RESTFRQ)" if kind[0] in "VZ" else ""
        raise ProductError(f"{path.name}: the axis {kind} gives no wavelengths{missing}: {error}", path=path) from error
    good = np.isfinite(found).all() and _RANGE[0] < found.min() and found.max() < _RANGE[1]
    if not good or not (np.all(np.diff(found) > 0) or np.all(np.diff(found) < 0)):
        raise ProductError(f"{path.name}: the axis {kind} gives wavelengths from {np.nanmin(found):.4g} to "
                           f"{np.nanmax(found):.4g} um; expected them in order, between {_RANGE[0]:g} and "
                           f"{_RANGE[1]:g} um", path=path)  # fmt: skip
    return found


def _in_order(array: np.ndarray, wcs: WCS, spectral: int, path: Path) -> np.ndarray:
    """Return an array with axes wavelength, declination and right ascension; other axes must have length one."""
    axes = [array.ndim - 1 - axis for axis in (spectral, wcs.wcs.lat, wcs.wcs.lng)]
    others = [axis for axis in range(array.ndim) if axis not in axes]
    if any(array.shape[axis] > 1 for axis in others):
        raise ProductError(f"{path.name}: the array has shape {array.shape}; expected a cube with three axes, and "
                           "others of length one", path=path)  # fmt: skip
    return np.transpose(array, others + axes).reshape([array.shape[axis] for axis in axes])


def _spaxel_area(header: dict, celestial: WCS, path: Path) -> float:
    """Return the solid angle of a spaxel, sr; if PIXAR_SR is different, use that of the WCS."""
    area = float(proj_plane_pixel_area(celestial)) * float((1 * u.deg**2).to_value(u.sr))
    told = header.get("PIXAR_SR")
    if told and abs(told / area - 1) < 0.01:
        area = float(told)
    elif told:
        say(path, f"PIXAR_SR is {told:.4g} sr, but the WCS gives {area:.4g} sr per spaxel; the WCS is used")
    across, up = proj_plane_pixel_scales(celestial)
    if abs(across / up - 1) > 0.01:
        say(path, f"the spaxels are not square ({across * 3600:.3f} x {up * 3600:.3f} arcsec); use regions, not radii")
    return area


def _to_brightness(header: dict, wavelength: np.ndarray, area: float, path: Path) -> np.ndarray:
    """Return the factors that convert values to MJy/sr, one per plane."""
    where = f"{path.name}, BUNIT"
    if not str(header.get("BUNIT", "")).strip():
        raise ProductError(f"{path.name}: BUNIT, the unit of the values, is missing; write it into the header, such as "
                           "MJy/sr", path=path)  # fmt: skip
    unit = units.parse(str(header["BUNIT"]), where)
    if u.pix in unit.bases:
        unit = unit * u.pix
    if units.flux_unit(unit, where) == u.Jy:  # in each spaxel
        return units.factors(unit, u.Jy, wavelength) / area * 1e-6
    return units.factors(unit, units.BRIGHTNESS, wavelength)
