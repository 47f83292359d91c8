"""
A point source and what stages 2 and 3 make of it: width, light in apertures, straylight, fringes.

    python benchmarks/point_source.py FOLDER [--settings 12:SHORT,34:LONG|all] [--show width,light,straylight,fringes]

A source of constant flux density and nothing else, without noise (the fringes with that of a quick exposure), goes
through the pipeline from the rate files on: about two minutes a setting and reduction. Tables:

width       full width at half maximum of a Gaussian fitted to the core of the cube, beside 0.033 um + 0.106 arcsec (Law
            et al. 2023, AJ 166, 45); fails when one is off by more than 5 %
light       share of the light within 1, 1.5, 2 and 3 FWHM in the cube, beside what the aperture correction is made of,
            and the flux of the pipeline's spectrum; fails when that is off the prediction by more than 2 %
straylight  what the cross-artifact adds to the light in the cube before and after the step, relative to the source
fringes     rms of the waves of 2.3 to 3.6 cm-1 in the pipeline's spectrum: after the flat, after the 1-D correction,
            after the 2-D step, and of an instrument whose fringes are those of the flat

Exits with 1 if a table fails.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import light
import numpy as np
from rich.console import Console
from rich.table import Table
from scipy.ndimage import median_filter
from scipy.optimize import curve_fit

from mrskit.bands import Setting, settings
from mrskit.products import read_cube
from mrskit.simulate import psf
from mrskit.simulate.imperfections import DEFAULT, PERFECT, parse
from mrskit.simulate.references import mode
from mrskit.simulate.references.tables import APERTURE

LIMIT = 0.05  # of the width
LARGEST = 0.02  # of the flux
PLANES = 20  # on both sides of a wavelength
SIZES = (1.0, 1.5, 2.0, 3.0)  # FWHM
FINE = 10  # parts of a spaxel's side in an aperture
WINDOW = 101  # planes of the running median
PERIODS, STEP = (2.3, 3.6), 0.05  # cm-1: of the waves that count as fringes; of the grid
EDGE = 40  # planes left out at both ends
STEP_OFF = {"straylight": {"skip": True}}
TWO_D = {"residual_fringe": {"skip": False}}


def fitted(image: np.ndarray, spaxel: float, expected: float) -> tuple[float, float, float]:
    """Return FWHM (arcsec), column and row of a Gaussian with an offset, fitted near the peak."""
    row, column = np.unravel_index(np.nanargmax(image), image.shape)
    y, x = np.indices(image.shape)
    near = np.isfinite(image) & (np.hypot(x - column, y - row) * spaxel < 1.2 * expected)

    def model(place, peak, x0, y0, wide, high, offset):
        return peak * np.exp(-0.5 * (((place[0] - x0) / wide) ** 2 + ((place[1] - y0) / high) ** 2)) + offset

    sigma = expected / psf.FWHM_PER_SIGMA / spaxel
    start = (image[row, column], column, row, sigma, sigma, 0.0)
    found, _ = curve_fit(model, (x[near], y[near]), image[near], p0=start)
    return float(np.sqrt(abs(found[3] * found[4])) * psf.FWHM_PER_SIGMA * spaxel), found[1], found[2]


def planes(path: Path):
    """Return cube, wavelength (um) and mean image at three wavelengths of a cube."""
    cube = read_cube(path)
    for share in (1 / 6, 1 / 2, 5 / 6):
        middle = int(share * len(cube.wavelength))
        with np.errstate(all="ignore"):
            yield cube, cube.wavelength[middle], np.nanmean(cube.flux[middle - PLANES : middle + PLANES], axis=0)


def inside(image: np.ndarray, column: float, row: float, radius: float) -> float:
    """Return the sum of an image within a radius, spaxels."""
    fine = np.kron(np.nan_to_num(image), np.ones((FINE, FINE))) / FINE**2
    y, x = (np.indices(fine.shape) + 0.5) / FINE - 0.5
    return float(fine[np.hypot(x - column, y - row) < radius].sum())


def of_kind(products: list[Path], kind: str) -> list[Path]:
    return sorted(path for path in products if path.stem.endswith(kind))


def width_and_light(products: list[Path], scales, tables: dict[str, Table]) -> bool:
    """Fill the tables of widths and of light in apertures; return whether a width is off."""
    off = False
    for path in of_kind(products, "_s3d"):
        for cube, wavelength, image in planes(path):
            expected = float(psf.fwhm(wavelength))
            found, column, row = fitted(image, cube.spaxel_size, expected)
            off |= abs(found / expected - 1.0) > LIMIT
            name, at = cube.band.name, f"{wavelength:.2f}"
            tables["width"].add_row(name, at, f"{found:.3f}", f"{expected:.3f}", f"{found / expected:.3f}")
            shares = []
            for size in SIZES:
                radius = size * expected
                total = inside(image, column, row, radius / cube.spaxel_size) * cube.pixel_area * 1e6 / light.FLUX
                shares.append(
                    f"{total:.3f} / {psf.enclosed(np.array(radius), np.array([wavelength]), scales.wings)[0]:.3f}"
                )
            tables["light"].add_row(name, at, *shares)
    return off


def spectra(products: list[Path]) -> dict[str, np.ndarray]:
    """Return the tables of the spectra by band."""
    from astropy.io import fits

    result = {}
    for path in of_kind(products, "_x1d"):
        with fits.open(path) as file:
            result[f"{file[0].header['CHANNEL']}{'ABC'['SML'.index(file[0].header['BAND'][0])]}"] = file[1].data.copy()
    return result


def fluxes(products: list[Path], wings: float, table: Table) -> bool:
    """Fill the table of fluxes; return whether one is not what the table of aperture corrections predicts."""
    off = False
    for band, rows in spectra(products).items():
        use = np.abs(rows["WAVELENGTH"] - 12.22) > 0.3  # without the spectral leak
        ratio = float(np.nanmedian(rows["FLUX"][use])) / light.FLUX
        middle = np.array([np.median(rows["WAVELENGTH"])])
        used, needed = (mode.aperture_correction(APERTURE, middle, item)[0] for item in (DEFAULT.wings, wings))
        off |= abs(ratio / (used / needed) - 1.0) > LARGEST
        table.add_row(band, f"{ratio:.3f}", f"{used / needed:.3f}", f"{ratio / used:.3f}", f"{1.0 / needed:.3f}")
    return off


def stray(before: list[Path], after: list[Path], clean: list[Path], table: Table) -> None:
    """Fill the table of straylight: its light in the whole cube and in the brightest spaxel's strip of it."""
    for paths in zip(*(of_kind(item, "_s3d") for item in (before, after, clean)), strict=True):
        cubes = [read_cube(path) for path in paths]
        with np.errstate(all="ignore"):
            images = [np.nanmean(cube.flux, axis=0) * cube.pixel_area * 1e6 / light.FLUX for cube in cubes]
        row = [f"{100 * np.nansum(image - images[2]):.2f} %" for image in images[:2]]
        table.add_row(
            cubes[0].band.name, *row, f"{100 * np.nanmax(images[0] - images[2]) / np.nanmax(images[2]):.2f} %"
        )


def waves(rows: np.ndarray, column: str) -> float:
    """Return the rms, relative, of the waves in a spectrum that have a period like the detector's fringes."""
    number, flux = 1e4 / rows["WAVELENGTH"][::-1], np.asarray(rows[column], float)[::-1]
    ratio = (flux / median_filter(flux, WINDOW, mode="reflect") - 1.0)[EDGE:-EDGE]
    grid = np.arange(number[EDGE], number[-EDGE], STEP)
    power = np.abs(np.fft.rfft(np.interp(grid, number[EDGE:-EDGE], ratio))) ** 2
    frequency = np.fft.rfftfreq(grid.size, STEP)
    like = (frequency > 1.0 / PERIODS[1]) & (frequency < 1.0 / PERIODS[0])
    return float(np.sqrt(2.0 * power[like].sum()) / grid.size)


def fringes(one: list[Path], two: list[Path], flat: list[Path], table: Table) -> None:
    """Fill the table of fringes; ``flat``: without an error of the fringe flat."""
    corrected, without = spectra(two), spectra(flat)
    for band, rows in spectra(one).items():
        shown = ((rows, "FLUX"), (rows, "RF_FLUX"), (corrected[band], "FLUX"), (without[band], "FLUX"))
        table.add_row(band, *(f"{100 * waves(*item):.2f} %" for item in shown))


def run(folder: Path, setting: Setting, shown: list[str], knobs: list[str], tables: dict[str, Table]) -> bool:
    """Reduce what the tables need and fill them; return whether one fails."""
    scales, bad, place = parse(["wings=1", *knobs], PERFECT), False, folder / setting.name.replace(":", "-")
    source = light.point()
    if shown != ["fringes"]:
        plain = light.reduced(place / "plain", setting, scales, source)
    if "width" in shown or "light" in shown:
        bad |= width_and_light(plain, scales, tables)
        bad |= fluxes(plain, scales.wings, tables["flux"])
    if "straylight" in shown:
        off = parse(["straylight=1"], scales)
        before = light.reduced(place / "before", setting, off, source, STEP_OFF)
        stray(before, light.reduced(place / "after", setting, off, source), plain, tables["straylight"])
    if "fringes" in shown:
        off = parse(["fringes=1"], scales)
        made = [light.reduced(place / name, setting, knob, source, steps, noise=True) for name, knob, steps in (
            ("one", off, {}), ("two", off, TWO_D), ("flat", scales, {}))]  # fmt: skip
        fringes(*made, tables["fringes"])
    return bad


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--settings", default="12:SHORT")
    parser.add_argument("--show", type=lambda text: text.split(","), default=["width", "light"])
    parser.add_argument("--imperfection", action="append", default=[], metavar="NAME=SCALE")
    asked = parser.parse_args()
    tables = {
        "width": Table("band", "um", "FWHM, arcsec", "0.033 um + 0.106", "ratio"),
        "light": Table("band", "um", *(f"{size:g} FWHM: found / predicted" for size in SIZES)),
        "flux": Table("band", "spectrum / true flux", "predicted", "without correction", "predicted"),
        "straylight": Table("band", "in the cube before the step", "after", "brightest spaxel of it / peak"),
        "fringes": Table("band", "rms after the flat", "1-D", "2-D", "flat without error"),
    }
    failed = [run(asked.folder, item, asked.show, asked.imperfection, tables) for item in settings(asked.settings)]
    for table in tables.values():
        if table.row_count:
            Console().print(table)
    return int(any(failed))


if __name__ == "__main__":
    raise SystemExit(main())
