"""Read extracted spectra from any program, as FITS, CSV or ECSV tables in any unit that astropy supports."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from astropy import units as u
from astropy.io import fits
from astropy.table import Table

from mrskit import inventory, units
from mrskit.bands import BANDS, Band, band_of
from mrskit.errors import ProductError, missing_file
from mrskit.fitsfile import DO_NOT_USE, local_scatter, native, say, say_instrument, whole

TEXT = (".csv", ".ecsv", ".txt", ".dat")  # tables that are not FITS files
_WAVELENGTHS = ("wavelength", "wavelengths", "wave", "lambda", "lam", "wl", "frequency", "freq")
_FLUXES = ("flux", "flux_density", "fnu", "f_nu", "flam", "f_lambda", "rf_flux", "surf_bright", "surface_brightness",
           "intensity")  # fmt: skip
_ERRORS = ("error", "err", "uncertainty", "unc", "sigma", "stdev", "std", "fluxerr", "e_flux")
_VARIANCES = {"variance": 2, "var": 2, "flux_var": 2, "flux_variance": 2, "ivar": -2}  # power of the error


@dataclass(frozen=True, slots=True)
class Spectrum:
    """An extracted spectrum (x1d, s1d, or the kit's own aperture) of one band, or of several."""

    wavelength: np.ndarray  # (n,), um, observed frame
    flux: np.ndarray  # (n,), in ``unit``, by default Jy; NaN for missing values
    error: np.ndarray  # (n,), same unit, 1 sigma
    unit: str
    band: Band | None  # None: several bands, or no MRS band
    label: str
    target: str = ""  # TARGNAME, else TARGPROP
    observation: str = ""  # OBSERVTN

    def band_at(self, wavelength: float) -> str | None:
        """Return the name of the band at a wavelength, um, or two names such as ``1A/1B`` where bands overlap."""
        if self.band is not None:
            return self.band.name
        low, high = self.wavelength.min(), self.wavelength.max()
        inside = [item for item in BANDS.values() if item.covers(wavelength)]
        whole = [item for item in inside
                 if min(high, item.wavelength_max) - max(low, item.wavelength_min) > 0.5 * item.width]  # fmt: skip
        return "/".join(item.name for item in whole or inside) or None


@dataclass(frozen=True, slots=True)
class _Column:
    values: np.ndarray
    unit: str
    name: str  # as in the file


def read_spectrum(path: Path | str, column: str | None = None) -> Spectrum:
    """Return a file's bands as one sorted spectrum; ProductError as for `read_spectra`, or if the units differ."""
    parts = read_spectra(path, column)
    if len(parts) == 1:
        return parts[0]
    if len({part.unit for part in parts}) > 1:
        raise ProductError(f"{Path(path).name}: {len(parts)} spectra in the units {', '.join(p.unit for p in parts)}; "
                           "expected one unit. Read them with read_spectra.", path=path)  # fmt: skip
    columns = [np.concatenate([getattr(part, name) for part in parts]) for name in ("wavelength", "flux", "error")]
    order = np.argsort(columns[0], kind="stable")
    return replace(parts[0], wavelength=columns[0][order], flux=columns[1][order], error=columns[2][order], band=None)


def read_spectra(path: Path | str, column: str | None = None) -> tuple[Spectrum, ...]:
    """
    Return the spectra in a file: one per extension, per row with a whole spectrum, and per separate band.

    Wavelengths are converted to um and sorted, and fluxes per wavelength to Jy or MJy/sr; other fluxes keep their unit.
    Rows without a wavelength are dropped, and samples with the DQ flag DO_NOT_USE are NaN. Missing errors
    are estimated from the scatter. A warning (`mrskit.fitsfile.ProductWarning`) states each assumption.

    ``path``: FITS, CSV or ECSV, each also with ``.gz``; ``column``: flux column, e.g. ``RF_FLUX`` (residual fringes
    removed); by default FLUX or a similar name.
    ProductError if the file is missing or damaged, has no spectrum, or its unit is not a flux density.
    """
    path = Path(path)
    found: list[Spectrum] = []
    for number, (columns, header) in enumerate(_tables(path)):
        for row in _rows(columns):
            found += _pieces(_spectrum(row, header, path, column, number))
    if not found:
        raise ProductError(f"{path.name}: no spectrum found; expected a table with the columns wavelength and flux.",
                           path=path)  # fmt: skip
    return tuple(found)


def _tables(path: Path) -> list[tuple[dict[str, _Column], dict]]:
    """Return a file's tables with wavelengths, by lower-case column names without units, and their headers."""
    if path.name.removesuffix(".gz").lower().endswith(TEXT):
        if not path.is_file():
            raise missing_file(path, "a table with the columns wavelength and flux", "Check its name.")
        try:
            table = Table.read(path, format="ascii.ecsv") if ".ecsv" in path.name.lower() else _text(path)
        except (ValueError, OSError, EOFError, UnicodeDecodeError, StopIteration, IndexError) as error:
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise ProductError(f"{path.name}: not a readable table ({reason}).", path=path) from error
        header = {str(key).upper(): value for key, value in table.meta.items()}
        if words := [item.name for item in table.itercols() if item.dtype.kind not in "fiu"]:
            say(path, f"columns that are not numbers are left out: {', '.join(words)}")
        made = [_Column(np.ma.filled(np.ma.asarray(item.data, dtype=float), np.nan), str(item.unit or ""), item.name)
                for item in table.itercols() if item.dtype.kind in "fiu"]  # fmt: skip
        tables = [(_named(made), header)]
    else:
        with whole(path) as hdus:
            tables = [(_named([_Column(native(hdu.data[item.name]), item.unit or "", item.name) for item in hdu.columns
                               if hdu.data[item.name].dtype.kind in "fiu"]), dict(hdus[0].header) | dict(hdu.header))
                      for hdu in hdus if isinstance(hdu, fits.BinTableHDU) and hdu.data is not None]  # fmt: skip
    found = [(columns, header) for columns, header in tables if any(name in columns for name in _WAVELENGTHS)]
    if tables and not found:
        raise ProductError(f"{path.name}: no spectrum found: no column wavelength; it has "
                           f"{', '.join(item.name for item in tables[0][0].values()) or 'no column of numbers'}",
                           path=path)  # fmt: skip
    return found


def _text(path: Path) -> Table:
    """Read a text table, optionally with semicolons and decimal commas, an unnamed index, or units below the names."""
    with inventory.opened(path) as stream:
        lines = [line for line in stream.read().decode("utf-8-sig").splitlines() if line.strip()]
    rows = [line for line in lines if not line.lstrip().startswith("#")]
    delimiter = max(",;\t", key=(rows or [""])[0].count)
    if not rows[1:]:
        raise ValueError("no rows of values")
    if delimiter not in rows[0] or _numbers(rows[0].split(delimiter)):
        return Table.read(lines, format="ascii")
    if delimiter == ";":
        rows = [rows[0], *(re.sub(r"(?<=\d),(?=\d)", ".", row) for row in rows[1:])]
    names = [name.strip().strip("\"'") or f"column {number}" for number, name in enumerate(rows[0].split(delimiter), 1)]
    below = [text.strip().strip("\"'") for text in rows[1].split(delimiter)]
    given = [] if _numbers(below) else below
    table = Table.read(rows[1 + bool(given) :], format="ascii.no_header", delimiter=delimiter, names=names)
    for name, unit in zip(names, given, strict=False):
        table[name].unit = u.Unit(unit, parse_strict="silent")  # an unknown unit is reported later
    return table


def _numbers(cells: list[str]) -> bool:
    """Return whether any of the cells is a number."""
    return any(re.fullmatch(r"[\s\"']*[+-]?[\d.]+[\d.,eE+-]*[\s\"']*", cell) for cell in cells)


def _named(columns: list[_Column]) -> dict[str, _Column]:
    """Return columns by name, without a unit in the name such as ``flux (mJy)``, ``flux [mJy]`` or ``flux_mJy``."""
    found = {}
    for item in columns:
        item = replace(item, name=item.name.lstrip("\ufeff"))  # mark of UTF-8 that Excel writes
        name, unit = item.name.strip().lower(), item.unit
        if bracketed := re.fullmatch(r"(.+?)[\s_]*[(\[](.+)[)\]]", item.name.strip()):
            name, unit = bracketed[1].lower(), unit or bracketed[2]
        elif name not in _WAVELENGTHS + _FLUXES and (tail := re.fullmatch(r"([a-z_]+)_([a-zµ]+)", name)) and not unit:
            known = tail[1] in _WAVELENGTHS + _FLUXES + _ERRORS and tail[2] not in (*_ERRORS, *_VARIANCES)
            name, unit = (tail[1], item.name.strip()[tail.start(2) :]) if known else (name, unit)
        found[name.replace(" ", "_")] = _Column(item.values, unit, item.name)
    return found


def _rows(columns: dict[str, _Column]) -> list[dict[str, _Column]]:
    """Return the table itself, or one table per row if each row has a whole spectrum."""
    place = next(columns[name] for name in _WAVELENGTHS if name in columns)
    if place.values.ndim == 1:
        return [columns]
    return [{name: replace(item, values=item.values[row].ravel()) for name, item in columns.items()
             if item.values[row].size == place.values[row].size} for row in range(len(place.values))]  # fmt: skip


def _spectrum(columns: dict[str, _Column], header: Mapping, path: Path, column: str | None, number: int) -> Spectrum:
    """Return a table as one spectrum, with the rows in order."""
    say_instrument(path, header)
    place = next(columns[name] for name in _WAVELENGTHS if name in columns)
    name = _flux_name(columns, path, column)
    with np.errstate(divide="ignore", invalid="ignore"):
        wavelength = _wavelength(place, path)
        kept = np.isfinite(wavelength) & (wavelength > 0)
        if not kept.any():
            raise ProductError(f"{path.name}: no spectrum found: none of {kept.size} rows has a wavelength", path=path)
        wavelength = wavelength[kept]
        flux, unit = _flux(columns[name], wavelength, kept, "", path)
        base = name.replace("rf_flux", "flux").replace("surf_bright", "sb")
        names = (f"{base}_error", f"{base}_err", f"{name}_error", f"{name}_err", f"{base}_uncertainty", *_ERRORS)
        sigma = next((columns[item] for item in names if item in columns), _of_variance(columns, path))
        error = np.full_like(flux, np.nan)
        if sigma is not None:
            sigma = replace(sigma, unit=sigma.unit or columns[name].unit)
            error, _ = _flux(sigma, wavelength, kept, unit, path)
    if "dq" in columns:
        flux = np.where((columns["dq"].values[kept].astype(np.int64) & DO_NOT_USE) > 0, np.nan, flux)
    flux = np.where((flux == 0) & (error == 0), np.nan, flux)  # nothing was extracted
    label = path.stem.removesuffix(".fits") if number == 0 else f"{path.stem.removesuffix('.fits')}, table {number + 1}"
    band = band_of(str(header.get("CHANNEL", "")), str(header.get("BAND", "")), wavelength.min(), wavelength.max())
    target = str(header.get("TARGNAME") or header.get("TARGPROP") or header.get("OBJECT") or "").strip()
    return Spectrum(wavelength, flux, error, unit, band, label, target, str(header.get("OBSERVTN") or "").strip())


def _of_variance(columns: dict[str, _Column], path: Path) -> _Column | None:
    """Return the errors from a column of variances or inverse variances, or None if there is no such column."""
    for item, power in ((columns[name], power) for name, power in _VARIANCES.items() if name in columns):
        unit = units.parse(item.unit, f"{path.name}, column {item.name}") ** (1 / power) if item.unit else ""
        values = np.asarray(item.values, dtype=float)
        return replace(item, values=np.where(values > 0, values ** (1 / power), np.nan), unit=str(unit))
    return None


def _flux_name(columns: dict[str, _Column], path: Path, column: str | None) -> str:
    wanted = _FLUXES if column is None else (column.lower(),)
    there = [name for name in wanted if name in columns]
    filled = [name for name in there if np.any(np.isfinite(columns[name].values) & (columns[name].values != 0))]
    if not there:
        raise ProductError(f"{path.name}: no spectrum found: no column {column or 'flux'}; it has "
                           f"{', '.join(item.name for item in columns.values())}"
                           + (". For a cube (s3d) also give a region: --region FILE.reg" if len(columns) == 1 else ""),
                           path=path)  # fmt: skip
    chosen = (filled or there)[0]
    if column is None and (chosen != there[0] or chosen in ("rf_flux", "surf_bright")):
        say(path, f"the flux is from the column {columns[chosen].name}")
    return chosen


def _wavelength(place: _Column, path: Path) -> np.ndarray:
    """Return wavelengths, um."""
    values = np.asarray(place.values, dtype=float)
    if not place.unit:
        middle = float(np.median(values[np.isfinite(values) & (values > 0)] if np.any(values > 0) else [0.0]))
        if not 4 < middle < 30 or place.name.lower().startswith("f"):  # MRS wavelengths can only be in um
            raise ProductError(f"{path.name}: the column {place.name} has no unit and a median of {middle:g}; expected "
                               "um. Write the unit into the file (TUNITn).", path=path)  # fmt: skip
        return values
    unit = units.parse(place.unit, f"{path.name}, column {place.name}")
    if not unit.is_equivalent(u.um, u.spectral()):
        raise ProductError(f"{path.name}: the unit of {place.name} is '{unit}'; expected a wavelength unit, e.g. um",
                           path=path)  # fmt: skip
    return unit.to(u.um, values, u.spectral())


def _flux(item: _Column, wavelength: np.ndarray, kept: np.ndarray, wanted: str, path: Path) -> tuple[np.ndarray, str]:
    """Return values and their unit: the wanted unit, Jy or MJy/sr for values per wavelength, else the file's unit."""
    values = np.asarray(item.values, dtype=float)[kept]
    where = f"{path.name}, column {item.name}"
    if not item.unit:
        if item.name.strip().lower() in ("flam", "f_lambda"):
            raise ProductError(f"{where}: the flux per wavelength has no unit. Write the unit into the file, e.g. W "
                               "m-2 um-1.", path=path)  # fmt: skip
        if not wanted:
            say(path, f"the column {item.name} has no unit; Jy is assumed")
        return values, wanted or "Jy"
    unit = units.parse(item.unit, where)
    target = u.Unit(wanted) if wanted else units.flux_unit(unit, where)
    if not wanted and unit.is_equivalent(target):
        return values, item.unit if u.Unit(item.unit, parse_strict="silent") == unit else unit.to_string()
    return values * units.factors(unit, target, wavelength), target.to_string().replace(" ", "")


def _pieces(whole: Spectrum) -> list[Spectrum]:
    """Return the parts of a spectrum with increasing wavelength and no large gap; missing errors are estimated."""
    step = np.diff(whole.wavelength)
    order = np.arange(step.size + 1) if np.median(step) >= 0 else np.arange(step.size, -1, -1)
    if (np.diff(whole.wavelength[order]) < 0).sum() > len(BANDS):  # not sorted at all
        order = np.argsort(whole.wavelength, kind="stable")
    wavelength = whole.wavelength[order]
    step = np.diff(wavelength)
    breaks = np.flatnonzero((step < 0) | (step > np.maximum(0.02 * wavelength[:-1], 10 * np.median(step)))) + 1
    found = []
    for rows in np.split(order, breaks):
        part = replace(whole, wavelength=whole.wavelength[rows], flux=whole.flux[rows], error=whole.error[rows])
        if breaks.size:
            part = replace(part, band=band_of("", "", part.wavelength[0], part.wavelength[-1]))
        found.append(_with_errors(part))
    return found


def _with_errors(part: Spectrum) -> Spectrum:
    there = np.isfinite(part.flux)
    known = there & np.isfinite(part.error) & (part.error > 0)
    if not there.any() or known.sum() > 0.5 * there.sum():
        return part
    say(Path(part.label), f"{there.sum() - known.sum()} of {there.sum()} samples have no error; errors are estimated "
        "from the scatter")  # fmt: skip
    return replace(part, error=local_scatter(part.flux))
