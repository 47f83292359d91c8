"""Expected answers of lesson 05, from the learner's cubes and spectra and from the simulated sky."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from astropy.io import fits

from mrskit import products
from mrskit.analysis import bakeoff, outliers, sampling
from mrskit.bands import Band
from mrskit.course import measured_again
from mrskit.course.shown import lesson05_bands
from mrskit.course.shown.stage3_files import Files
from mrskit.course.steps_dictionary import Steps
from mrskit.course.without_truth import error_of
from mrskit.errors import missing_file
from mrskit.exercises.record import Facts
from mrskit.products import Cube

APERTURE = 1.5  # radius of the aperture on the nucleus, FWHM of the PSF at the middle of the redder band
_WINDOW = 0.1  # um on either side of a band's middle


def cube(facts: Facts, which: int) -> Cube:
    """Return the bluer (0) or redder (1) cube of the setting."""
    return measured_again.cube(facts, band(facts, which).name)


def band(facts: Facts, which: int) -> Band:
    """Return the bluer (0) or redder (1) band of the setting."""
    return measured_again.setting(facts).bands[which]


def place(facts: Facts) -> tuple[float, float]:
    """Return the position of the nucleus in the learner's cubes, deg."""
    return measured_again.centre(facts)


def pointing(facts: Facts) -> np.ndarray:
    """Return the offset of the nucleus from its planned coordinates, arcsec east and north."""
    (ra, dec), program = place(facts), facts.program
    return 3600 * np.array([(ra - program.target_ra) * cosine(facts), dec - program.target_dec])


def cosine(facts: Facts) -> float:
    """Return the cosine of the declination."""
    return float(np.cos(np.radians(facts.program.target_dec)))


def middle(facts: Facts, which: int) -> float:
    """Return the middle of a band, um."""
    limits = band(facts, which)
    return (limits.wavelength_min + limits.wavelength_max) / 2


def association(facts: Facts, parts: Mapping[str, int] | None = None) -> np.ndarray:
    """Return the number of members by kind of file and role, (6, 2); by default as in stage 3."""
    chosen = {"Source cal": 0, "Background x1d": 1} if parts is None else parts
    by_kind = files(facts).by_kind
    table = np.zeros((len(by_kind) + 1, 2), dtype=int)
    for row, (kind, paths) in enumerate(by_kind.items()):
        if kind in chosen:
            table[row, chosen[kind]] = len(paths)
    return table


def own_call(facts: Facts, which: int = 0, kind: str = "POINT") -> Steps:
    """Return the steps for one exposure: three steps skipped, the bluer channel (or the redder, 1), POINT."""
    left_out: Steps = {name: {"skip": True} for name in ("master_background", "outlier_detection", "spectral_leak")}
    channel = str(band(facts, which).channel)
    return left_out | {"cube_build": {"channel": channel}, "extract_1d": {"ifu_set_srctype": kind}}


def files(facts: Facts) -> Files:
    """Return the learner's products of the setting."""
    return Files(facts.workspace, measured_again.setting(facts))


def warm_found(facts: Facts, *, reverse: bool = False) -> np.ndarray:
    """Return the percentage of warm pixels flagged by each of two settings, or of flagged pixels that are warm."""
    measured_again.exposures(facts, "source", "stage2", "cal")  # says what is missing
    own = files(facts)
    least, warm = own.least_differences(), own.warm()
    masks = [outliers.flagged(np.asarray(least), *setting) for setting in (((7, 7), 99.8), ((11, 1), 99.5))]
    return np.array([100 * (warm[mask] if reverse else mask[warm]).mean() for mask in masks])


def missed_light(facts: Facts) -> np.ndarray:
    """Return the light outside the pipeline's aperture by the pipeline's correction, percent, bluer and redder band."""
    shares = []
    for which in (0, 1):
        names = [f"{kind}_ch{band(facts, which).channel}-{facts.use_band.lower()}_x1d.fits"
                 for kind in ("uncorrected", "point")]  # fmt: skip
        plain, corrected = (products.read_spectrum(_experiment_file(facts, name)).flux for name in names)
        shares.append(np.nanmedian(plain / corrected))
    return 100 * (1 - np.array(shares))


def background_level(facts: Facts, which: int) -> float:
    """Return the mean surface brightness of a band's background spectra near the middle of the band, MJy/sr."""
    levels = []
    for path in measured_again.backgrounds(facts):
        spectrum = products.read_spectrum(path)
        if spectrum.band == band(facts, which):
            near = abs(spectrum.wavelength - middle(facts, which)) < _WINDOW
            levels.append(np.nanmean(fits.getdata(path, "EXTRACT1D")["BACKGROUND"][near]))
    return float(np.mean(levels))


def spaxel_brightness(facts: Facts) -> float:
    """Return the brightest spaxel in the middle plane of the bluer cube, MJy/sr."""
    flux = cube(facts, 0).flux
    return float(np.nanmax(flux[len(flux) // 2]))


def spaxel_flux(facts: Facts) -> float:
    """Return the flux density of the brightest spaxel, Jy."""
    return spaxel_brightness(facts) * 1e6 * cube(facts, 0).pixel_area


def waves(facts: Facts) -> np.ndarray:
    """Return the waves in one spaxel and in apertures of 0.5, 1, 1.5 and 2 FWHM in the bluer cube, percent, (5,)."""
    found = sampling.compared(cube(facts, 0), place(facts))
    return np.array([sampling.amplitude(item, facts.program.redshift) for item in found.values()])


def dither_gain(facts: Facts) -> float:
    """Return the waves of a spaxel with one dither divided by the waves with all dithers, at the same wavelengths."""
    single = experiment(facts, f"dithers1_{band(facts, 0).name}_s3d.fits")
    return wave_of_spaxel(facts, single) / wave_of_spaxel(facts, sampling.same_planes(cube(facts, 0), single))


def wave_of_spaxel(facts: Facts, from_cube: Cube) -> float:
    """Return the waves in the brightest spaxel of a cube, percent."""
    only = sampling.compared(from_cube, place(facts), sizes=())["one spaxel"]
    return sampling.amplitude(only, facts.program.redshift)


def nucleus_flux(facts: Facts) -> float:
    """Return the simulated flux density in the aperture of the nucleus near the middle of the bluer band, mJy."""
    return float(np.nanmedian(_nucleus(facts)[1]))


@error_of
def nucleus_error(facts: Facts) -> float:
    """Return the error of that median, mJy, from the scatter about a straight line."""
    wavelength, flux = _nucleus(facts)
    x, flux = (item[np.isfinite(flux)] for item in (wavelength - middle(facts, 0), flux))
    return float(1.25 * np.std(flux - np.polyval(np.polyfit(x, flux, 1), x)) / np.sqrt(flux.size))


def _nucleus(facts: Facts) -> tuple[np.ndarray, np.ndarray]:
    """Return wavelength, um, and flux density of the nucleus, mJy, near the middle of the bluer band."""
    blue = cube(facts, 0)
    near = abs(blue.wavelength - middle(facts, 0)) < _WINDOW
    radius = APERTURE * sampling.point_fwhm(middle(facts, 1))
    return blue.wavelength[near], measured_again.true_spectrum(facts, blue, *place(facts), radius).flux[near]


def area_ratio(facts: Facts, *, spaxels_only: bool = False) -> float:
    """Return the ratio of the areas in the redder and the bluer extracted spectrum, or the ratio of spaxels."""
    areas = []
    for which in (0, 1):
        table = fits.getdata(measured_again.spectrum_file(facts, band(facts, which).name), "EXTRACT1D")
        areas.append(np.nanmedian(table["NPIXELS"]) * (1.0 if spaxels_only else cube(facts, which).pixel_area))
    return float(areas[1] / areas[0])


def four_cubes(facts: Facts) -> dict[str, Cube]:
    """Return the redder cube with each background method; see `mrskit.analysis.bakeoff`."""
    red = cube(facts, 1)
    found = [products.read_spectrum(path) for path in measured_again.backgrounds(facts)]
    columns = [fits.getdata(path, "EXTRACT1D")["BACKGROUND"] for path in measured_again.backgrounds(facts)]
    levels = [np.interp(red.wavelength, item.wavelength, column)
              for item, column in zip(found, columns, strict=True) if item.band == red.band]  # fmt: skip
    pixel = experiment(facts, f"pixel_{red.label}_s3d.fits")
    return bakeoff.four_backgrounds(red, pixel, np.mean(levels, axis=0), place(facts))


def method_noise(facts: Facts) -> np.ndarray:
    """Return the noise of one spaxel in the disk with each background method, MJy/sr, (4,)."""
    four = four_cubes(facts)
    region = bakeoff.disk_region(four, place(facts))
    return np.array([bakeoff.noise(item, region).spaxel for item in four.values()])


def method_level(facts: Facts, method: str) -> float:
    """Return the mean brightness of the disk with one background method, MJy/sr."""
    four = four_cubes(facts)
    return bakeoff.level(four[method], bakeoff.disk_region(four, place(facts)))


def background_error() -> np.ndarray:
    """Return the errors of nucleus and galaxy, percent, (2, 3), in 2A, 4A and 4C if the sky is wrong by 1 %."""
    nuclei, galaxy = lesson05_bands.nucleus_and_field()
    found = []
    for name in ("2A", "4A", "4C"):
        radius = 2 * sampling.point_fwhm(float(np.median(nuclei[name].wavelength))) / 206264.806  # rad
        in_aperture = lesson05_bands.SKY[name] * 1e6 * np.pi * radius**2  # Jy
        found.append((in_aperture / np.nanmedian(nuclei[name].flux), lesson05_bands.SKY[name] / galaxy[name]))
    return np.array(found).T


def disk_brightness(facts: Facts) -> float:
    """Return the mean brightness of the simulated disk in the same spaxels and planes, MJy/sr."""
    four = four_cubes(facts)
    own = four["master"]
    region = bakeoff.disk_region(four, place(facts))
    rows, columns = np.nonzero(region)
    return float(np.nanmean(measured_again.true_brightness(facts, own, rows, columns, own.wavelength)))


@error_of
def disk_error(facts: Facts) -> float:
    """Return the error of the mean brightness of the disk, MJy/sr, from the noise of its mean in a plane."""
    own = (four := four_cubes(facts))["master"]
    return bakeoff.noise(own, bakeoff.disk_region(four, place(facts))).mean / np.sqrt(len(own.wavelength))


def experiment(facts: Facts, name: str) -> Cube:
    """Return a cube from the lesson's experiments."""
    return products.read_cube(_experiment_file(facts, name))


def _experiment_file(facts: Facts, name: str) -> Path:
    path = facts.workspace.stage("source", "stage3") / "experiments" / name
    if not path.is_file():
        raise missing_file(path, "a product of the lesson's comparisons", "Run the cells of lesson 05 from the top.")
    return path
