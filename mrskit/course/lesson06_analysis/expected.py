"""Expected answers of lesson 06, from lines in the learner's cubes and in the simulated sky."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mrskit.analysis import selection
from mrskit.analysis.fits import Component, LineFit
from mrskit.analysis.maps import LineMaps, line_map
from mrskit.course import measured_again
from mrskit.course.without_truth import error_of, otherwise
from mrskit.exercises.record import Answer, Facts, NotHere

SPEED_OF_LIGHT = 299792.458  # km/s
WINDOWS = {"12": ((-3000, -1500), (1300, 2600)), "34": ((-2200, -1300), (1300, 2200))}  # km/s, continuum
FACTORS = (1, 10, 100)  # of the errors, in the lesson
KNOT = "jet knot"  # name of the component in the simulated scene
KNOT_RADIUS = 0.3  # arcsec
MINIMUM_SNR = 10.0
ELLIPSE = (0.75, 0.55, 1.6, 0.8, 30.0)  # of the lesson: east, north, length, width (arcsec), position angle (deg)


def ion_place(facts: Facts) -> float:
    """Return the wavelength at which the ion's line is expected, um."""
    return measured_again.lines(facts).ion_rest * (1 + facts.program.redshift)


def continuum_level(facts: Facts) -> float:
    """Return the straight line through the continuum windows at the ion's line, mJy, from the learner's cube."""
    spectrum, place = measured_again.nucleus(facts, measured_again.ion_cube(facts)), ion_place(facts)
    return float(_straight(spectrum.wavelength, spectrum.flux, place, facts.use_ch)[1])


def line_peak(facts: Facts) -> float:
    """Return the peak flux density of the ion's line in the learner's nucleus, mJy."""
    spectrum = measured_again.nucleus(facts, measured_again.ion_cube(facts))
    return float(np.nanmax(spectrum.flux[abs(spectrum.wavelength - ion_place(facts)) < 0.03]))


def line_sum(facts: Facts) -> float:
    """Return the ion's flux within 1000 km/s in the simulated nucleus, W m-2, with the lesson's continuum."""
    spectrum, place = measured_again.true_nucleus(facts, measured_again.ion_cube(facts)), ion_place(facts)
    slope, level = _straight(spectrum.wavelength, spectrum.flux, place, facts.use_ch)
    inside = abs(spectrum.wavelength / place - 1) < 1000 / SPEED_OF_LIGHT
    metres = spectrum.wavelength[inside] * 1e-6
    above = (spectrum.flux[inside] - level - slope * (spectrum.wavelength[inside] - place)) * 1e-29
    return float(np.nansum(above * SPEED_OF_LIGHT * 1e3 * np.diff(metres)[0] / metres**2))


def ion_fit(facts: Facts, components: int = 1) -> LineFit:
    """Return the fit of the ion's line in the simulated nucleus."""
    spectrum, lines = measured_again.true_nucleus(facts, measured_again.ion_cube(facts)), measured_again.lines(facts)
    found = measured_again.fitted(spectrum, lines.ion_rest, facts.program.redshift, components)
    if not found.components:
        raise NotHere(f"{lines.ion} cannot be fitted in the nucleus: {found.message}.")
    return found


line_error = error_of(lambda facts: ion_fit(facts).flux_error)  # of the line's flux, W m-2


def fit_error(facts: Facts) -> float:
    """Return the velocity error of the ion's line in the learner's nucleus from noise alone, km/s."""
    spectrum = measured_again.nucleus(facts, measured_again.ion_cube(facts))
    return measured_again.fitted(spectrum, measured_again.lines(facts).ion_rest, facts.program.redshift).velocity_error


def velocity_error(facts: Facts) -> float:
    """Return the velocity error including the wavelength calibration (9 km/s at 5 um, 27 km/s at 28 um), km/s."""
    return float(np.hypot(fit_error(facts), np.interp(ion_place(facts), (5, 28), (9, 27))))


def error_scale(facts: Facts, *, degree: int = 1) -> float:
    """Return the continuum's scatter about a line (or a level, degree 0), divided by the median error."""
    spectrum = measured_again.nucleus(facts, measured_again.ion_cube(facts))
    speed = (spectrum.wavelength / ion_place(facts) - 1) * SPEED_OF_LIGHT
    use = np.isfinite(spectrum.flux) & np.any([(speed > a) & (speed < b) for a, b in WINDOWS[facts.use_ch]], axis=0)
    x, flux = spectrum.wavelength[use] - ion_place(facts), spectrum.flux[use]
    return float(np.std(flux - np.polyval(np.polyfit(x, flux, degree), x)) / np.median(spectrum.error[use]))


def scatter_with_slope(facts: Facts) -> float:
    """Return the scatter about the mean, divided by the median error."""
    return error_scale(facts, degree=0)


def component_counts(facts: Facts) -> np.ndarray:
    """Return the numbers of Gaussians for the lines A, B and C; A and C are simulated lines with one Gaussian."""
    return np.array([1, component_count(facts), 1])


def seen_count(facts: Facts) -> float:
    """Return the number of Gaussians for the line in the learner's nucleus; NaN if noise may decide."""
    one, two = ion_fit(facts), ion_fit(facts, 2)
    if not one.detected:
        raise NotHere(f"the ion's line in the nucleus is {one.message}.")
    gain = one.bic - two.bic
    chi2 = max(gain + 3 * np.log(one.points), 0.0)  # by how much three more parameters lower it
    return np.nan if abs(gain - 10) < 2 * np.sqrt(chi2) else 1 + (gain > 10)  # the error of such a difference


@otherwise(seen_count)
def component_count(facts: Facts) -> float:
    """Return the number of components with different widths in the ion's line of the simulated nucleus (at most 2)."""
    lines, scene = measured_again.lines(facts), facts.scene()
    if lines.blended:
        raise NotHere(f"in {facts.use_ch}:{facts.use_band} the aperture on the nucleus also contains {lines.ion} from "
                      "the jet knot, and the noise decides whether the line is seen. Run the lesson on "
                      "12:SHORT.")  # fmt: skip
    return min(2, sum(item.name == "nucleus" for item, _ in scene.lines(lines.ion)))


def _broadest(facts: Facts) -> list[Component]:
    """Return the broadest component of the ion's line in the simulated nucleus, by both models where noise decides."""
    count = component_count(facts)
    return [ion_fit(facts, some).components[-1] for some in ((1, 2) if np.isnan(count) else (int(count),))]


def broadest_width(facts: Facts) -> np.ndarray:
    """Return its width, sigma, km/s; both where noise decides."""
    return np.array([part.width for part in _broadest(facts)])


broadest_error = error_of(lambda facts: np.array([part.width_error for part in _broadest(facts)]))


def noise_gains(facts: Facts) -> np.ndarray:
    """Return the BIC gain of two Gaussians over one in the learner's nucleus with increased noise."""
    spectrum, rest = measured_again.nucleus(facts, measured_again.ion_cube(facts)), measured_again.lines(facts).ion_rest
    found = [selection.noisier(spectrum, factor) for factor in FACTORS]
    fits = [[measured_again.fitted(item, rest, facts.program.redshift, n) for n in (1, 2)] for item in found]
    return np.array([one.bic - two.bic for one, two in fits])


def false_positives(facts: Facts) -> np.ndarray:
    """Return the percentages of simulated single Gaussians for which two win by more than 0 and more than 10."""
    spectrum = measured_again.nucleus(facts, measured_again.ion_cube(facts))
    one = measured_again.fitted(spectrum, measured_again.lines(facts).ion_rest, facts.program.redshift)
    gains = selection.bic_gains(spectrum, one, correlated=True)
    return np.array([100 * np.mean(gains > 0), 100 * np.mean(gains > 10)])


def molecule_map(facts: Facts) -> LineMaps:
    """Return the map of the H2 line from the learner's cube."""
    return line_map(
        measured_again.molecule_cube(facts), measured_again.lines(facts).molecule_rest, facts.program.redshift
    )


def detected(facts: Facts, minimum_snr: float = MINIMUM_SNR) -> np.ndarray:
    """Return the spaxels of the learner's cube in which the H2 flux exceeds a multiple of its error."""
    return np.nan_to_num(molecule_map(facts).snr) > minimum_snr


def fitted_everywhere(facts: Facts) -> np.ndarray:
    """Return the spaxels of the learner's cube in which the H2 line was fitted, detected or not."""
    return np.isfinite(molecule_map(facts).snr)


def true_maps(facts: Facts) -> LineMaps:
    """Return flux, velocity and width of H2 in the simulated sky, NaN where the learner's line is not detected."""
    rest, redshift = measured_again.lines(facts).molecule_rest, facts.program.redshift
    place = rest * (1 + redshift)
    low, high = (place * (1 + velocity / SPEED_OF_LIGHT) for velocity in (-1100, 1100))
    truth = line_map(measured_again.true_cube(facts, measured_again.molecule_cube(facts), low, high), rest, redshift)
    seen = detected(facts)
    flux, velocity, width = (np.where(seen, getattr(truth, name), np.nan) for name in ("flux", "velocity", "width"))
    return replace(truth, flux=flux, velocity=velocity, width=width)


def true_velocity(facts: Facts) -> np.ndarray:
    """Return the velocity of H2 in the simulated sky, km/s, where the learner's line is detected; NaN elsewhere."""
    return true_maps(facts).velocity


map_error = error_of(lambda facts: molecule_map(facts).velocity_error)  # of that velocity in each spaxel, km/s


def reversed_sign(answer: Answer, facts: Facts) -> bool:
    """Return whether a map of velocities is right with the opposite sign in most spaxels."""
    off = abs(answer.array.astype(float) + true_velocity(facts))
    return bool(np.mean(off[np.isfinite(off)] < 15.0) > 0.85)


def ellipse_mask(facts: Facts) -> np.ndarray:
    """Return the spaxels of the H2 cube whose centres lie in the lesson's ellipse, from the ellipse's equation."""
    return _inside(facts, *ELLIPSE)


def mirrored_mask(facts: Facts) -> np.ndarray:
    """Return the spaxels in the ellipse mirrored about the nucleus, as if east were to the right."""
    east, north, length, width, angle = ELLIPSE
    return _inside(facts, -east, north, length, width, -angle)


def _inside(facts: Facts, east: float, north: float, length: float, width: float, angle: float) -> np.ndarray:
    cube = measured_again.molecule_cube(facts)
    x0, y0 = cube.wcs.world_to_pixel_values(*measured_again.centre(facts))
    rows, columns = np.indices(cube.flux.shape[1:])
    across, up = (x0 - columns) * cube.spaxel_size - east, (rows - y0) * cube.spaxel_size - north
    turn = np.radians(angle)
    along, aside = across * np.sin(turn) + up * np.cos(turn), across * np.cos(turn) - up * np.sin(turn)
    return (2 * along / length) ** 2 + (2 * aside / width) ** 2 < 1


def broadest_place(facts: Facts) -> np.ndarray:
    """Return the offset of bright, broad ion emission from the nucleus in the learner's cube, arcsec."""
    cube, lines = measured_again.ion_cube(facts), measured_again.lines(facts)
    found = line_map(cube, lines.ion_rest, facts.program.redshift)
    x0, y0 = cube.wcs.world_to_pixel_values(*measured_again.centre(facts))
    rows, columns = np.indices(found.flux.shape)
    place = np.array([x0 - columns, rows - y0]) * cube.spaxel_size
    apart = (np.hypot(*place) > 0.6) & (np.nan_to_num(found.snr) > MINIMUM_SNR) & (found.width > 180)
    if not apart.any():
        raise NotHere(f"no place away from the nucleus has bright {lines.ion} that is broader than 180 km/s.")
    return place.reshape(2, -1)[:, np.argmax(np.where(apart, found.flux, -np.inf))]


@otherwise(broadest_place)
def knot_place(facts: Facts) -> np.ndarray:
    """Return the offset of the simulated jet knot from the nucleus, arcsec east and north."""
    knot, lines = facts.scene().component(KNOT), measured_again.lines(facts)
    if not lines.at_knot:
        raise NotHere(f"the jet knot does not emit {lines.ion}, the ion of {facts.use_ch}:{facts.use_band}. Run "
                      "the lesson on 12:SHORT.")  # fmt: skip
    return np.array([knot.east, knot.north])


def width_ratio(facts: Facts) -> float:
    """Return the width ratio of the ion's line and H2 in an aperture on the simulated jet knot."""
    ion, molecule = knot_fits(facts)
    return float(ion.width / molecule.width) if molecule.width > 0 else np.nan


@error_of
def ratio_error(facts: Facts) -> float:
    """Return the error of the width ratio."""
    ion, molecule = (item.width_error / item.width if item.width > 0 else np.nan for item in knot_fits(facts))
    return float(width_ratio(facts) * np.hypot(ion, molecule))


def knot_fits(facts: Facts) -> list[LineFit]:
    """Return the fits of the ion's line and the H2 line in the aperture on the knot."""
    place, chosen = knot_place(facts) / 3600, measured_again.lines(facts)
    nucleus = measured_again.centre(facts)
    ra, dec = nucleus[0] + place[0] / np.cos(np.radians(nucleus[1])), nucleus[1] + place[1]
    found = []
    for cube, rest in (
        (measured_again.ion_cube(facts), chosen.ion_rest),
        (measured_again.molecule_cube(facts), chosen.molecule_rest),
    ):
        spectrum = measured_again.true_spectrum(facts, cube, ra, dec, KNOT_RADIUS)
        found.append(measured_again.fitted(spectrum, rest, facts.program.redshift))
    return found


def _straight(wavelength: np.ndarray, flux: np.ndarray, place: float, channels: str) -> np.ndarray:
    """Return the slope (per um) and the level at a wavelength of the straight line through the continuum windows."""
    velocity = (wavelength / place - 1) * SPEED_OF_LIGHT
    use = np.isfinite(flux) & np.any([(velocity > a) & (velocity < b) for a, b in WINDOWS[channels]], axis=0)
    return np.polyfit(wavelength[use] - place, flux[use], 1)
