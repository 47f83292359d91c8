"""Expected values for lessons 04 to 06, measured again in the learner's products or in the simulated sky."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits

from mrskit import products
from mrskit.analysis.fits import LineFit, fit_line
from mrskit.analysis.sampling import centroid, point_fwhm
from mrskit.analysis.spectra import aperture_spectrum, aperture_weights, convert
from mrskit.bands import Setting
from mrskit.course.shown.target_lines import Targets, band_of, targets
from mrskit.course.without_truth import otherwise
from mrskit.errors import missing_file
from mrskit.exercises.record import Facts, TruthMissing
from mrskit.pipeline.steps import wcs
from mrskit.pipeline.steps.wcs import DetectorCoordinates
from mrskit.products import Cube, Spectrum
from mrskit.simulate import scene as sky, truth

APERTURE = 1.5  # radius of the aperture on the nucleus, FWHM of the PSF at the ion's line


def setting(facts: Facts) -> Setting:
    """Return the setting of the lesson."""
    return Setting(facts.use_ch, facts.use_band)


def lines(facts: Facts) -> Targets:
    """Return the two emission lines that the lessons use in the setting."""
    return targets(setting(facts), facts.program.redshift)


def exposures(facts: Facts, role: str, stage: str, suffix: str) -> list[Path]:
    """Return the products of the setting in one stage."""
    folder = facts.workspace.stage(role, stage)
    found = products.find(folder, suffix, setting(facts))
    if not found:
        raise missing_file(folder / f"*_{suffix}.fits", f"products of {setting(facts).name}",
                           f"Run the cells that make them, or 'mrskit reduce {facts.workspace.root}'.")  # fmt: skip
    return found


def image(path: Path) -> np.ndarray:
    """Return the SCI image of a product in native byte order."""
    if not path.is_file():
        raise missing_file(path, "a product of the lesson's experiment", "Run the cells of the lesson from the top.")
    return fits.getdata(path, "SCI").astype(float)


def step_image(facts: Facts, step: str) -> np.ndarray:
    """Return the image of the first exposure after a step of stage 2, DN/s, from the lesson's experiment."""
    first = exposures(facts, "source", "stage1", "rate")[0]
    return image(
        first.parents[1] / "stage2" / "steps" / products.product_name(first, "rate").replace("_rate", f"_{step}")
    )


def coordinates(facts: Facts) -> DetectorCoordinates:
    """Return the coordinates of every pixel of the first science exposure."""
    path = exposures(facts, "source", "stage2", "cal")[0]
    return _coordinates(path, path.stat().st_mtime_ns)


def cube(facts: Facts, name: str) -> Cube:
    """Return the learner's cube of a band."""
    folder = facts.workspace.stage("source", "stage3")
    path = folder / f"Level3_ch{name[0]}-{facts.use_band.lower()}_s3d.fits"
    if not path.is_file():
        raise missing_file(path, f"the cube of band {name}", "Run stage 3 in lesson 05.")
    return _cube(path, path.stat().st_mtime_ns)


def centre(facts: Facts) -> tuple[float, float]:
    """Return right ascension and declination, deg, of the nucleus in the bluer cube of the setting."""
    return centroid(cube(facts, setting(facts).bands[0].name))


def spectrum_file(facts: Facts, name: str) -> Path:
    """Return the extracted spectrum of a band from stage 3."""
    path = facts.workspace.stage("source", "stage3") / f"Level3_ch{name[0]}-{facts.use_band.lower()}_x1d.fits"
    if not path.is_file():
        raise missing_file(path, f"the spectrum of band {name}", "Run stage 3 in lesson 05.")
    return path


def backgrounds(facts: Facts) -> list[Path]:
    """Return the extracted spectra of the background exposures whose band belongs to the setting."""
    folder = facts.workspace.stage("background", "stage2")
    names = {band.name for band in setting(facts).bands}
    found = [path for path in sorted(folder.glob("*x1d.fits")) if _band_name(path) in names]
    if not found:
        raise missing_file(folder / "*x1d.fits", "spectra of the background exposures", "Run stage 2 in lesson 04.")
    return found


def ion_cube(facts: Facts) -> Cube:
    """Return the cube that contains the ion's line."""
    return cube(facts, band_of(lines(facts).ion, setting(facts), facts.program.redshift))


def molecule_cube(facts: Facts) -> Cube:
    """Return the cube that contains the H2 line."""
    return cube(facts, band_of(lines(facts).molecule, setting(facts), facts.program.redshift))


def nucleus(facts: Facts, from_cube: Cube) -> Spectrum:
    """Return the spectrum of the nucleus in the learner's cube, mJy, not corrected for residual fringes."""
    return seen_spectrum(facts, from_cube, *centre(facts), radius(facts))


def radius(facts: Facts) -> float:
    """Return the radius of the aperture on the nucleus in lesson 06, arcsec."""
    return APERTURE * point_fwhm(lines(facts).ion_rest * (1 + facts.program.redshift))


def seen_spectrum(_: Facts, from_cube: Cube, ra: float, dec: float, radius: float) -> Spectrum:
    """Return the spectrum of an aperture in the learner's cube, mJy, not corrected for residual fringes."""
    return convert(aperture_spectrum(from_cube, ra, dec, radius), "mJy")


@otherwise(seen_spectrum)
def true_spectrum(facts: Facts, from_cube: Cube, ra: float, dec: float, radius: float) -> Spectrum:
    """Return an aperture's spectrum without noise, calibration errors and sky, mJy; else the measured spectrum."""
    weights = aperture_weights(from_cube, ra, dec, radius)
    rows, columns = np.nonzero(weights)
    level = simulated_brightness(facts, from_cube, rows, columns, from_cube.wavelength)
    flux = (level * weights[rows, columns]).sum(axis=1) * from_cube.pixel_area * 1e9
    return Spectrum(from_cube.wavelength, flux, np.full(flux.shape, np.nan), "mJy", from_cube.band, "truth")


def true_nucleus(facts: Facts, from_cube: Cube) -> Spectrum:
    """Return the simulated sky in the aperture of the nucleus, mJy; see `true_spectrum`."""
    return true_spectrum(facts, from_cube, *centre(facts), radius(facts))


def true_cube(facts: Facts, from_cube: Cube, low: float, high: float) -> Cube:
    """Return the planes of a cube between two wavelengths (um), with the simulated sky instead of the data."""
    planes = (from_cube.wavelength >= low) & (from_cube.wavelength <= high)
    covered = np.isfinite(from_cube.flux[planes]).any(axis=0)
    rows, columns = np.nonzero(covered)
    wavelength = from_cube.wavelength[planes]
    flux = np.full((planes.sum(), *covered.shape), np.nan)
    flux[:, rows, columns] = true_brightness(facts, from_cube, rows, columns, wavelength)
    error = np.where(covered, np.nanmedian(from_cube.error[planes]), np.nan) * np.ones_like(flux)
    return replace(from_cube, flux=flux, error=error, wavelength=wavelength)


def simulated_brightness(
    facts: Facts, from_cube: Cube, rows: np.ndarray, columns: np.ndarray, wavelength: np.ndarray
) -> np.ndarray:
    """
    Return the simulated sky without its background at spaxels, MJy/sr, shape (nwave, nspaxels).

    The result includes the wings of the point-spread function and uses the true pointing.
    """
    scene, errors = facts.scene(), _errors(facts)
    ra, dec = from_cube.wcs.pixel_to_world_values(columns, rows)
    dec = dec + errors.get("offset_north", 0.0) / 3600
    ra = ra + errors.get("offset_east", 0.0) / 3600 / np.cos(np.radians(dec))
    total = sky.surface_brightness(
        scene, ra[None, :], dec[None, :], wavelength[:, None], wings=errors.get("wings", 0.0)
    )
    return total - sky.sky_background(scene, wavelength)[:, None]


@otherwise(lambda facts, cube, rows, columns, some: cube.flux[np.isin(cube.wavelength, some)][:, rows, columns])
def true_brightness(facts: Facts, cube: Cube, rows: np.ndarray, columns: np.ndarray, some: np.ndarray) -> np.ndarray:
    """Return the simulated sky at some wavelengths of a cube; without a truth, the data of the cube."""
    return simulated_brightness(facts, cube, rows, columns, some)


def fitted(spectrum: Spectrum, rest: float, redshift: float, components: int = 1) -> LineFit:
    """Return the lessons' fit of a line."""
    return fit_line(spectrum.wavelength, spectrum.flux, spectrum.error, rest, redshift, components, unit=spectrum.unit)


def _errors(facts: Facts) -> Mapping[str, Any]:
    """Return the differences between simulated instrument and references, `imperfections.Departures`."""
    told = (truth.read_facts(facts.workspace, path.stem) for path in sorted(facts.workspace.truth.glob("*.npz")))
    found = next((item["errors"] for item in told if item.get("setting") == setting(facts).name), None)
    if found is None:
        raise TruthMissing(f"{facts.workspace.truth}: no truth file for an exposure in {setting(facts).name}.")
    return found


@lru_cache(maxsize=2)
def _coordinates(path: Path, _: int) -> DetectorCoordinates:
    return wcs.detector_coordinates(path)


@lru_cache(maxsize=4)
def _cube(path: Path, _: int) -> Cube:
    return products.read_cube(path)


def _band_name(path: Path) -> str | None:
    band = products.read_spectrum(path).band
    return band.name if band else None
