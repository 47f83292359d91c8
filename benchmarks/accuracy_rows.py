"""
Rows of the accuracy table that compare the nuclear spectrum of each band with the truth.

The nucleus is measured in an aperture on the cube, with the 1-D residual-fringe correction; the truth is the scene
through the telescope, at the centres of the same spaxels with the same weights. Both go through the same functions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from astropy.stats import mad_std

from mrskit.analysis.catalogue import SPEED_OF_LIGHT, find_line, neighbours
from mrskit.analysis.fits import LineFit, fit_line
from mrskit.analysis.spectra import aperture_weights, weighted_sum
from mrskit.products import Cube
from mrskit.simulate.scene import Scene, sky_background, surface_brightness

RADIUS = {1: 0.6, 2: 0.8, 3: 1.1, 4: 1.6}  # arcsec, of the nuclear aperture in each channel: about two FWHM
EDGE = 25  # planes left out at each end of a band
CLEAR = 1300.0  # km/s about any line of the scene that does not count as continuum
BRIGHT = 150.0  # signal-to-noise ratio of a line from which the tight limits hold without the 3 sigma clause
FAINTEST = 25.0  # lines below are not in the table


@dataclass(frozen=True, slots=True)
class Limits:
    """Largest deviations: relative, but for the centroid (km/s) and the rate's pull."""

    continuum: float
    flux: float
    centroid: float
    width: float
    fringe: float


# Three times the stated errors: 3 % of a band's conversion and 1 % of the setting's; 6.4 km/s of the band's part of the
# wavelength scale at 5 um; of a line's flux 5 % more, for what fringes are left under it.
DEFAULT = Limits(continuum=0.095, flux=0.145, centroid=22.0, width=0.10, fringe=0.015)
PERFECT = Limits(continuum=0.01, flux=0.02, centroid=3.0, width=0.03, fringe=0.015)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; deviation, sigma and limit in the unit given."""

    quantity: str
    band: str
    truth: float
    measured: float
    deviation: float
    sigma: float | None  # of the measurement, 1 sigma
    limit: float | None  # None: reported without a limit
    unit: str
    passed: bool
    injected: str  # errors of the references that reach this quantity

    def as_dict(self) -> dict:
        """Return the row for JSON; the key of the verdict is ``pass``."""
        names = ("quantity", "band", "truth", "measured", "deviation", "limit", "sigma", "unit", "injected")
        return {name: _plain(getattr(self, name)) for name in names} | {"pass": bool(self.passed)}


@dataclass(frozen=True, slots=True)
class Nucleus:
    """The nuclear spectrum of one band, measured and true, Jy."""

    wavelength: np.ndarray
    measured: np.ndarray
    error: np.ndarray
    truth: np.ndarray
    band: str


def row(
    quantity: str, band: str, truth: float, measured: float, *, limit: float | None, sigma: float | None = None,
    relative: bool = True, unit: str = "relative", injected: str = "",
) -> Row:  # fmt: skip
    """Return a row; a deviation that is not finite fails unless the row has no limit."""
    deviation = measured / truth - 1.0 if relative else measured - truth
    passed = limit is None or bool(abs(deviation) <= limit)
    return Row(quantity, band, truth, measured, deviation, sigma, limit, unit, passed, injected)


def nucleus(
    cube: Cube, scene: Scene, correct: Callable[..., np.ndarray] | None = None, wings: float = 0.0
) -> Nucleus:  # fmt: skip
    """Return the nuclear spectrum of a cube and the true one; correct takes flux, wavelength and channel."""
    if correct is None:
        from mrskit.pipeline.steps.fringes import correct_1d as correct

    weights = aperture_weights(cube, scene.ra, scene.dec, RADIUS[cube.band.channel])
    flux, error = weighted_sum(cube, weights)
    measured = correct(flux, cube.wavelength, cube.band.channel)
    return Nucleus(cube.wavelength, measured, error, true_spectrum(cube, scene, weights, wings), cube.band.name)


def true_spectrum(cube: Cube, scene: Scene, weights: np.ndarray, wings: float = 0.0) -> np.ndarray:
    """Return the scene without sky, sampled at the spaxels' centres and summed with weights, Jy."""
    rows, columns = np.nonzero(weights)
    ra, dec = cube.wcs.pixel_to_world_values(columns, rows)
    light = surface_brightness(scene, ra[None, :], dec[None, :], cube.wavelength[:, None], wings=wings)
    light = light - sky_background(scene, cube.wavelength)[:, None]
    return light @ weights[rows, columns] * cube.pixel_area * 1e6


def nuclear_rows(spectrum: Nucleus, scene: Scene, limits: Limits, perfect: bool, errors: dict[str, float]) -> list[Row]:
    """Return the rows of continuum, residual fringes and nuclear lines of one band."""
    rows = [*continuum_rows(spectrum, scene, limits, errors)]
    best = 0.0
    for name, components in nuclear_lines(scene, spectrum).items():
        pair = fits(spectrum, name, components, scene.redshift)
        if pair is not None and pair[0].snr >= FAINTEST:
            best = max(best, pair[0].snr)
            rows += line_rows(pair, name, components, spectrum.band, limits, perfect, errors)
    if spectrum.band in ("1A", "2A"):
        rows.append(Row("signal-to-noise of the best line", spectrum.band, BRIGHT, best, best - BRIGHT, None, BRIGHT,
                        "at least", best >= BRIGHT, ""))  # fmt: skip
    return rows


def continuum_rows(spectrum: Nucleus, scene: Scene, limits: Limits, errors: dict[str, float]) -> list[Row]:
    """Return the rows of the continuum's level and of its residual fringes, in the parts without lines."""
    use = clear(spectrum.wavelength, scene) & np.isfinite(spectrum.measured) & (spectrum.truth > 0)
    use[:EDGE] = use[-EDGE:] = False
    ratio, true = spectrum.measured[use] / spectrum.truth[use], float(np.median(spectrum.truth[use]))
    sigma = float(1.25 * mad_std(ratio, ignore_nan=True) / np.sqrt(use.sum()))
    limit = {"4C": 0.10}.get(spectrum.band, 0.05) if spectrum.band not in ("1A", "2A") else limits.continuum
    noise = float(np.median(spectrum.error[use] / spectrum.truth[use]))
    # What is left of the scatter about a running median, when the noise is taken off in quadrature.
    rms = float(np.sqrt(max(mad_std(ratio / running_median(ratio, 101), ignore_nan=True) ** 2 - noise**2, 0.0)))
    rms_sigma = float(noise * (2.0 / use.sum()) ** 0.25)
    note = said(errors, "photometry", "flat", "straylight", "fringe_phase")
    return [
        row("nuclear continuum, Jy", spectrum.band, true, true * float(np.median(ratio)), sigma=sigma,
            limit=max(limit, 3.0 * sigma), injected=note),
        row("residual fringe rms", spectrum.band, 0.0, rms, sigma=rms_sigma, relative=False,
            limit=max(limits.fringe, 3.0 * rms_sigma), injected=said(errors, "fringe_phase", "flat")),
    ]  # fmt: skip


def clear(wavelength: np.ndarray, scene: Scene) -> np.ndarray:
    """Return where no line of the scene lies, bool of the shape of the wavelengths (um)."""
    free = np.ones(wavelength.shape, dtype=bool)
    for rest in {line.rest for component in scene.components for line in component.lines}:
        free &= np.abs(wavelength / (rest * (1.0 + scene.redshift)) - 1.0) * SPEED_OF_LIGHT > CLEAR
    return free


def nuclear_lines(scene: Scene, spectrum: Nucleus) -> dict[str, int]:
    """Return name and number of components of the nucleus' lines that lie well inside a spectrum."""
    counts: dict[str, int] = {}
    low, high = spectrum.wavelength[EDGE], spectrum.wavelength[-EDGE - 1]
    for line in scene.component("nucleus").lines:
        centre = line.rest * (1.0 + scene.redshift)
        if low < centre * (1.0 - 0.004) and centre * (1.0 + 0.004) < high:
            counts[line.name] = counts.get(line.name, 0) + 1
    return counts


def fits(spectrum: Nucleus, name: str, components: int, redshift: float) -> tuple[LineFit, LineFit] | None:
    """Return the fits of measured and true spectrum to one line, or None when the line is not detected."""
    line = find_line(name)
    blends = [other.rest for other in neighbours(line, 500.0)]
    exclude = [other.rest for other in neighbours(line, 1850.0, 500.0)]
    found, true = (
        fit_line(spectrum.wavelength, flux, spectrum.error, line.rest, redshift, components, blends=blends,
                 exclude=exclude)
        for flux in (spectrum.measured, spectrum.truth)
    )  # fmt: skip
    return (found, true) if found.detected and true.flux > 0 else None


def line_rows(
    pair: tuple[LineFit, LineFit], name: str, components: int, band: str, limits: Limits, perfect: bool,
    errors: dict[str, float],
) -> list[Row]:  # fmt: skip
    """Return the rows of one line: flux, and for a line of one component centroid and width."""
    found, true = pair
    strict = perfect and found.snr >= BRIGHT

    def largest(limit: float, sigma: float) -> float:
        return limit if strict else max(limit, 3.0 * sigma)

    sigma = found.flux_error / true.flux
    total = ", both components" if components == 2 else ""
    reach = said(errors, "photometry", "flat", "straylight", "fringe_phase")
    rows = [row(f"{name} flux{total}, W m-2", band, true.flux, found.flux, sigma=sigma,
                limit=largest(limits.flux, sigma), injected=reach)]  # fmt: skip
    if components == 1:
        sigma = found.velocity_error
        rows.append(row(f"{name} centroid, km/s", band, true.velocity, found.velocity, sigma=sigma, unit="km/s",
                        limit=largest(limits.centroid, sigma), relative=False,
                        injected=said(errors, "wavelength", "fringe_phase")))  # fmt: skip
        sigma = found.width_error / true.width
        rows.append(row(f"{name} width, km/s", band, true.width, found.width, sigma=sigma,
                        limit=largest(limits.width, sigma), injected=said(errors, "fringe_phase")))  # fmt: skip
    return rows


def running_median(values: np.ndarray, length: int) -> np.ndarray:
    """Return the running median, ends mirrored."""
    from scipy.ndimage import median_filter

    return median_filter(values, size=length, mode="reflect")


UNITS = {"photometry": "%", "flat": "%", "gain": "%", "straylight": "%", "fringe_phase": "rad", "wavelength": "km/s",
         "pedestal": "DN/s", "pedestal_scatter": "DN/s", "output_drift": "DN a group", "settling": "DN",
         "bands": "%", "wings": "x", "dispersion": "x 9-27 km/s"}  # fmt: skip


def said(errors: dict[str, float], *names: str) -> str:
    """Return the injected errors of these names in words; empty when all are zero."""
    parts = []
    for name in names:
        value = errors.get(name, 0.0)
        if value:
            size = f"{100 * value:+.1f} %" if UNITS[name] == "%" else f"{value:+g} {UNITS[name]}"
            parts.append(f"{name.replace('_', ' ')} {size}")
    return ", ".join(parts)


def _plain(value: object) -> object:
    return None if isinstance(value, float) and not np.isfinite(value) else value
