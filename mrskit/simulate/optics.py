"""From sky to count rates: wavelength and position of every pixel, conversion, fringes, straylight, leak."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from mrskit.bands import Setting
from mrskit.errors import ReferenceCacheError
from mrskit.simulate import psf
from mrskit.simulate.imperfections import DISPERSION, Departures, slice_errors
from mrskit.simulate.instrument import read_reference
from mrskit.simulate.pointing import V2_REF, V3_REF, Pointing
from mrskit.simulate.scene import SPEED_OF_LIGHT, light_by_extent, offsets, surface_brightness
from mrskit.simulate.scene_records import Scene

SHAPE = (1024, 1032)  # rows, columns of both detectors
HALVES = ((0, 516), (516, 1024))  # columns of the two halves that the cross-artifact model of jwst works on
_FFT_LENGTH = 2100  # at least 2 x 1032 - 1, and a product of small primes
_STRAY_ROUNDS = 7  # scattered light scatters again; each round is about a fifth of the one before


@dataclass(frozen=True, slots=True)
class Optics:
    """The optical effects in one setting. Arrays of shape (n,) cover the n pixels in slices."""

    setting: Setting
    pixels: np.ndarray  # (n,) flat indices of the pixels in slices
    v2: np.ndarray  # (n,) arcsec
    v3: np.ndarray  # (n,) arcsec
    wavelength: np.ndarray  # (n,) um, of the light that the pixel receives
    conversion: np.ndarray  # (n,) DN/s per MJy/sr, without fringes and flat
    fringe: np.ndarray  # (n,) transmission for extended light
    alpha: np.ndarray  # (n,) arcsec, along the slice
    leak: np.ndarray | None  # (n,) share of the light at half the wavelength, or None
    flat: np.ndarray  # (1024, 1032)
    kernels: tuple[np.ndarray, np.ndarray] | None  # cross-artifact, transforms (1024, nfrequency) of the two halves
    errors: Departures


def load_optics(setting: Setting, files: dict[str, Path], errors: Departures, model, seed: int) -> Optics:
    """
    Return the optics of a setting from its reference files and their errors.

    Parameters
    ----------
    files : dict
        Reference type to path, from ``instrument.reference_files``.
    model : IFUImageModel
        A model with the full header of an exposure of the setting; the wavelength solution is assigned to it, and the
        time-dependent throughput is that of its mid-time (the exposures of one setting lie hours apart).
    seed : int
        Seed of the errors from pixel to pixel, slice to slice and band to band.
    """
    from jwst.assign_wcs import AssignWcsStep

    solved = AssignWcsStep.call(model)
    rows, columns = np.indices(SHAPE, dtype=float)
    transform = solved.meta.wcs.get_transform
    v2, v3, wavelength = (item.ravel() for item in transform("detector", "v2v3")(columns, rows))
    alpha = transform("detector", "alpha_beta")(columns, rows)[0].ravel()
    factor = _time_factor(files["photom"], setting, wavelength, float(model.meta.exposure.mid_time))
    throughput = factor / read_reference(files["photom"]).ravel().astype(float)
    with np.errstate(invalid="ignore"):
        pixels = np.flatnonzero(np.isfinite(wavelength + throughput) & (wavelength > 0))
    rng = np.random.default_rng([seed, 3, *setting.name.encode()])
    flat_error = 1.0 + errors.flat * rng.standard_normal(SHAPE, dtype=np.float32)
    velocity, throughput_error = _slice_errors(setting, files, wavelength, errors, seed)
    return Optics(
        setting=setting, pixels=pixels, v2=v2[pixels], v3=v3[pixels],
        wavelength=wavelength[pixels] * (1.0 + (errors.wavelength + velocity[pixels]) / SPEED_OF_LIGHT),
        conversion=throughput[pixels] * (1.0 + errors.photometry + throughput_error[pixels]),
        fringe=np.nan_to_num(read_reference(files["fringe"]).ravel()[pixels].astype(float), nan=1.0),
        alpha=alpha[pixels],
        leak=_leak(setting, files, wavelength[pixels]),
        flat=np.nan_to_num(read_reference(files["flat"]), nan=1.0) * flat_error,
        kernels=_kernels(setting, files, errors.straylight), errors=errors,
    )  # fmt: skip


def light_rate(scene: Scene, optics: Optics, pointing: Pointing) -> np.ndarray:
    """
    Return the count rate from light, DN/s, including fringes, flat and straylight but no dark.

    Returns
    -------
    ndarray of shape (1024, 1032)
        float32; zero in reference pixels.
    """
    ra, dec = sky_positions(optics, pointing)
    wings = optics.errors.wings
    light, *compact = light_by_extent(scene, ra, dec, optics.wavelength, wings)
    if optics.leak is not None:
        chosen = np.flatnonzero(optics.leak > 1e-6)
        half = surface_brightness(scene, ra[chosen], dec[chosen], optics.wavelength[chosen] / 2.0, wings=wings)
        light[chosen] += optics.leak[chosen] * half
    image = np.zeros(SHAPE, dtype=np.float32)
    light += compact[0] * _excess(optics, offsets(scene, ra, dec), *compact)
    image.ravel()[optics.pixels] = light * optics.fringe * optics.conversion
    image *= optics.flat
    if optics.kernels is not None:
        image = with_straylight(image, optics.kernels)
    image[:, :4] = image[:, 1028:] = 0.0
    return image


def _excess(
    optics: Optics, sky: tuple[np.ndarray, np.ndarray], compact: np.ndarray, east: np.ndarray, north: np.ndarray
) -> np.ndarray:
    """
    Return, for every pixel, the relative difference between the fringes of compact and extended light.

    The phase depends on the position along the slice in the image of the source. ``east`` and ``north`` are the
    distances from the source's centre, arcsec, times the compact light.
    """
    from mrskit.simulate.references.optics import fringes

    errors, result = optics.errors, np.zeros(compact.size)
    if errors.fringe_phase == errors.fringe_slope == errors.fringe_contrast == 0.0:
        return result
    row, column = np.divmod(optics.pixels, SHAPE[1])
    for band, half in zip(optics.setting.bands, _halves(optics.setting, column), strict=True):
        here = np.flatnonzero(half & (compact > 0))
        terms = np.stack((np.ones(half.sum()), sky[0][half], sky[1][half]))[:, ::100]  # the slices are nearly straight
        _, by_east, by_north = np.linalg.lstsq(terms.T, optics.alpha[half][::100], rcond=None)[0]
        along = (by_east * east[here] + by_north * north[here]) / compact[here] / psf.fwhm(optics.wavelength[here])
        place = (band.channel, optics.wavelength[here], optics.alpha[here], row[here], column[here])
        phase = errors.fringe_phase + errors.fringe_slope * np.clip(along, -2.0, 2.0)
        result[here] = fringes(*place, phase, 1.0 + errors.fringe_contrast) / fringes(*place) - 1.0
    return result


def _halves(setting: Setting, column: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return masks of the columns that belong to the first and to the second band of a setting."""
    left = column < 512
    return (left, ~left) if setting.channels == "12" else (~left, left)


def sky_positions(optics: Optics, pointing: Pointing) -> tuple[np.ndarray, np.ndarray]:
    """Return right ascension and declination, deg, of the pixels in slices, using the pipeline's own rotation."""
    from jwst.assign_wcs.pointing import v23tosky

    return v23tosky(_as_model(pointing))(optics.v2, optics.v3)


def with_straylight(image: np.ndarray, kernels: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """
    Add every pixel's cross-artifact to an image, so that the pipeline's subtraction gives back the clean image.

    The pipeline computes the artifact from the recorded image, which contains the artifact. The sum over repeated
    scattering is therefore continued until a term is below 1e-4 of the first.

    Parameters
    ----------
    image : ndarray of shape (1024, 1032)
        Count rate without straylight, DN/s, not negative.
    kernels : tuple of two ndarrays
        Transforms from ``kernel_transform``, for the sources in the left and the right half.
    """
    from scipy import fft

    total, source = image.copy(), image
    for _ in range(_STRAY_ROUNDS):
        spectrum = 0.0
        for (first, last), kernel in zip(HALVES, kernels, strict=True):
            half = np.zeros((SHAPE[0], _FFT_LENGTH), dtype=np.float32)
            half[:, first:last] = source[:, first:last]
            spectrum = spectrum + fft.rfft(half, axis=1) * kernel
        source = fft.irfft(spectrum, n=_FFT_LENGTH, axis=1)[:, : SHAPE[1]]
        source[:, :4] = source[:, 1028:] = 0.0
        total += source
    return total


def kernel_transform(table: np.ndarray, scale: float = 1.0) -> np.ndarray:
    """
    Return the Fourier transform of each row's cross-artifact kernel.

    The kernel is that of the straylight step: a Lorentzian, two Gaussians at +-GAU_XOFF and two twice as wide at
    twice the distance, all centred on the emitting pixel.

    Parameters
    ----------
    table : structured array of 1024 rows
        Columns LOR_FWHM, LOR_SCALE, GAU_FWHM, GAU_XOFF, GAU_SCALE1, GAU_SCALE2, as in the MRSXARTCORR reference.
    scale : float
        Factor on the whole kernel.
    """
    from scipy import fft

    names = {name.upper(): name for name in table.dtype.names or ()}
    column = {name: np.asarray(table[names[name]], dtype=np.float32)[:, None] for name in names if name != "YROW"}
    distance = np.arange(_FFT_LENGTH, dtype=np.float32)
    distance = np.where(distance > _FFT_LENGTH // 2, distance - _FFT_LENGTH, distance)[None, :]
    half_width = column["LOR_FWHM"] / 2
    sigma = column["GAU_FWHM"] / (2 * np.sqrt(2 * np.log(2))).astype(np.float32)
    kernel = column["LOR_SCALE"] * half_width**2 / (half_width**2 + distance**2)
    for name, times in (("GAU_SCALE1", 1), ("GAU_SCALE2", 2)):
        if np.any(column[name] != 0):
            for side in (-1, 1):
                place = (distance - side * times * column["GAU_XOFF"]) / (times * sigma)
                kernel += column[name] * np.exp(-0.5 * place**2)
    return fft.rfft(kernel * np.float32(scale), axis=1)


def _kernels(setting: Setting, files: dict[str, Path], error: float) -> tuple[np.ndarray, np.ndarray] | None:
    if "mrsxartcorr" not in files:
        return None
    left, right = setting.bands if setting.channels == "12" else setting.bands[::-1]
    tables = [read_reference(files["mrsxartcorr"], f"CH{band.name}") for band in (left, right)]
    return kernel_transform(tables[0], 1.0 + error), kernel_transform(tables[1], 1.0 + error)


def _slice_errors(
    setting: Setting, files: dict[str, Path], wavelength: np.ndarray, errors: Departures, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return every pixel's wavelength error, km/s, and relative conversion error, drawn per band and per slice."""
    velocity, conversion = np.zeros(wavelength.size), np.zeros(wavelength.size)
    if errors.dispersion == errors.bands == 0.0:
        return velocity, conversion
    from stdatamodels.jwst.datamodels import RegionsModel

    with RegionsModel(files["regions"]) as model:
        labels = np.asarray(model.regions[7]).ravel()  # the plane that the pipeline uses
    growth = np.interp(np.nan_to_num(wavelength), (5.0, 28.0), np.array(DISPERSION) / DISPERSION[0])
    for band in setting.bands:
        of_slices, of_band = slice_errors(band, seed, errors)
        chosen = np.flatnonzero(labels // 100 == band.channel)
        velocity[chosen] = growth[chosen] * np.array(of_slices)[labels[chosen] % 100]
        conversion[chosen] = of_band
    return velocity, conversion


def _leak(setting: Setting, files: dict[str, Path], wavelength: np.ndarray) -> np.ndarray | None:
    """Return the share of the light at half the wavelength that band 3A also records (second order of its grating)."""
    if setting.name != "34:SHORT" or "mrsptcorr" not in files:
        return None
    table = read_reference(files["mrsptcorr"], "LEAKCOR")
    return np.where(wavelength < 15.0, np.interp(wavelength, table["wavelength"], table["frac_leak"]), 0.0)


def _time_factor(path: Path, setting: Setting, wavelength: np.ndarray, mid_time: float) -> np.ndarray:
    """Return every pixel's throughput relative to the conversion's date, as the photom step computes it."""
    from jwst.photom.time_dependence import powerlaw_correction
    from scipy.interpolate import RegularGridInterpolator

    factor, column = np.ones(wavelength.size), np.tile(np.arange(SHAPE[1]), SHAPE[0])
    for band, half in zip(setting.bands, _halves(setting, column), strict=True):
        try:
            table = read_reference(path, f"TIMECOEFF_POWERLAW_CH{band.channel}")
        except ReferenceCacheError:
            return factor  # an old kind of file: the step corrects nothing either
        loss = [table[name] for name in ("t0", "year1value", "tsoft", "alpha")]
        grid = powerlaw_correction(mid_time, *loss, bounded=True)
        along = RegularGridInterpolator([table["binwave"]], grid, bounds_error=False, fill_value=None)
        chosen = np.flatnonzero(half & np.isfinite(wavelength))
        factor[chosen] = along(wavelength[chosen])
    return factor


def _as_model(pointing: Pointing) -> SimpleNamespace:
    """Return an object with the metadata that the pipeline's rotation reads from a model."""
    wcs = SimpleNamespace(
        v2_ref=V2_REF, v3_ref=V3_REF, ra_ref=pointing.ra_ref, dec_ref=pointing.dec_ref, roll_ref=pointing.roll_ref
    )
    return SimpleNamespace(meta=SimpleNamespace(wcsinfo=wcs))
