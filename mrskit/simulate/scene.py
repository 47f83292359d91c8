"""
The surface brightness of a scene after the telescope, at any position and wavelength.

The point-spread function (a sum of Gaussians, mrskit.simulate.psf) and line-spread function (a Gaussian) are
*effective*. They include the pixel and the slice, so that a pixel records the value at its centre. All
components are Gaussians on the sky, so the convolution is exact.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mrskit.bands import resolving_power
from mrskit.simulate import psf
from mrskit.simulate.scene_default import default_scene
from mrskit.simulate.scene_records import Component, Continuum, Line, Scene, Sky, from_json, to_json

__all__ = [
    "Component", "Continuum", "Line", "Scene", "Sky", "continuum_flux", "default_scene", "from_json", "line_width",
    "offsets", "sky_background", "surface_brightness", "to_json",
]  # fmt: skip

SPEED_OF_LIGHT = 299792.458  # km/s
FWHM_PER_SIGMA = psf.FWHM_PER_SIGMA
_JY_PER_ARCSEC2 = 1e-6 * (180.0 * 3600.0 / np.pi) ** 2  # in MJy/sr
_PLANCK, _BOLTZMANN = 6.62607015e-34, 1.380649e-23  # J s, J/K
_REACH = 6.0  # sigma at which a Gaussian is cut: 1.5e-8 of its peak
Spread = list[tuple[float, np.ndarray]]  # for a point: share of the light and sigma, arcsec, of each Gaussian
PARTS = {"all": ("point", "extended", "sky"), "point": ("point",), "extended": ("extended",), "sky": ("sky",)}


def line_width(rest: float, sigma: float, redshift: float, *, smooth: bool = True) -> float:
    """Return an observed line's sigma, um, from its intrinsic sigma (km/s), optionally with instrumental broadening."""
    observed = rest * (1.0 + redshift)
    instrument = observed / resolving_power(observed) / FWHM_PER_SIGMA if smooth else 0.0
    return float(np.hypot(observed * sigma / SPEED_OF_LIGHT, instrument))


def offsets(scene: Scene, ra: np.ndarray, dec: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return offsets east and north of the scene's centre, arcsec, for right ascension and declination in deg."""
    east = ((np.asarray(ra) - scene.ra + 180.0) % 360.0 - 180.0) * np.cos(np.deg2rad(scene.dec)) * 3600.0
    return east, (np.asarray(dec) - scene.dec) * 3600.0


def sky_background(scene: Scene, wavelength: np.ndarray) -> np.ndarray:
    """Return the surface brightness of the sky and the telescope, MJy/sr, at wavelengths in um."""
    terms = scene.sky.zodiacal + scene.sky.thermal
    return sum((factor * _blackbody(wavelength, temperature) for factor, temperature in terms), np.zeros(()))


def continuum_flux(component: Component, wavelength: np.ndarray, redshift: float) -> np.ndarray:
    """Return the flux density of a component without its lines, Jy, at observed wavelengths in um."""
    wavelength = np.asarray(wavelength, dtype=float)
    total = np.zeros_like(wavelength)
    for term in component.continuum:
        if term.kind == "blackbody":
            shape = _blackbody(wavelength, term.parameter) / _blackbody(term.reference, term.parameter)
        elif term.kind == "powerlaw":
            shape = (wavelength / term.reference) ** term.parameter
        else:
            offset = wavelength / term.reference - term.reference / wavelength
            shape = term.parameter**2 / (term.parameter**2 + offset**2)
        total += term.flux * shape
    depth = component.silicate * _silicate(wavelength / (1.0 + redshift))
    if component.carbon_monoxide:
        depth = depth + component.carbon_monoxide * _carbon_monoxide(wavelength / (1.0 + redshift))
    return total * np.exp(-depth)


def surface_brightness(
    scene: Scene, ra: np.ndarray, dec: np.ndarray, wavelength: np.ndarray, *, part: str = "all", smooth: bool = True,
    wings: float = 0.0,
) -> np.ndarray:  # fmt: skip
    """
    Return the surface brightness of a scene, MJy/sr, that a detector pixel or spaxel at these positions records.

    Parameters
    ----------
    ra, dec : ndarray
        ICRS, deg; NaN gives NaN.
    wavelength : ndarray
        Observed, um. The three arrays are broadcast against each other.
    part : str
        ``all``, ``point`` (point components), ``extended`` (the other components) or ``sky``.
    smooth : bool
        False omits both spread functions; point components, which have no surface brightness, are then omitted.
    wings : float
        Scale of the light outside the core of the point-spread function (see mrskit.simulate.psf).

    Returns
    -------
    ndarray
        Surface brightness, in the broadcast shape.
    """
    east, north = offsets(scene, ra, dec)
    east, north, wavelength = np.broadcast_arrays(east, north, np.asarray(wavelength, dtype=float))
    return _light(scene, east, north, wavelength, PARTS[part], wings if smooth else None, 1)[0]


def light_by_extent(scene: Scene, ra: np.ndarray, dec: np.ndarray, wavelength: np.ndarray, wings: float) -> np.ndarray:
    """
    Return all light, MJy/sr, its compact part, and the compact part times the distance from its source.

    The compact fraction of a component is the area of the point-spread function divided by the area of its image.

    Parameters
    ----------
    scene, ra, dec, wavelength, wings
        As for `surface_brightness`; all arrays have the same shape.

    Returns
    -------
    ndarray of shape (4, ...)
        Light, compact light, and the latter times the distances east and north, arcsec.
    """
    return _light(scene, *offsets(scene, ra, dec), wavelength, PARTS["all"], wings, 4)


def _light(
    scene: Scene, east: np.ndarray, north: np.ndarray, wavelength: np.ndarray, parts: tuple[str, ...],
    wings: float | None, count: int,
) -> np.ndarray:  # fmt: skip
    """Return the first ``count`` results of `light_by_extent`; without wings nothing is smoothed."""
    result = np.full((count, wavelength.size), np.nan)
    seen = np.flatnonzero(np.isfinite(wavelength + east + north))
    order = seen[np.argsort(wavelength.ravel()[seen])]
    if order.size:
        x, y, sorted_wavelength = (item.ravel()[order] for item in (east, north, wavelength))
        total = np.zeros((count, order.size))
        box = [(float(item.min()), float(item.max())) for item in (x, y)]
        spread = [(1.0, np.zeros(order.size))] if wings is None else psf.gaussians(sorted_wavelength, wings)
        for component in scene.components:
            if component.kind in parts and (wings is not None or component.major > 0):
                _add(total, component, scene.redshift, x, y, sorted_wavelength, spread, box)
        if "sky" in parts:
            total[0] += sky_background(scene, sorted_wavelength)
        result[:, order] = total
    return result.reshape(count, *wavelength.shape)


def _add(
    total: np.ndarray, item: Component, redshift: float, x: np.ndarray, y: np.ndarray, wave: np.ndarray,
    spread: Spread, box: list[tuple[float, float]],
) -> None:  # fmt: skip
    """Add a component to the light at positions sorted by wavelength; each line is added only within its reach."""
    away = [max(low - at, at - high, 0.0) for at, (low, high) in zip((item.east, item.north), box, strict=True)]
    if np.hypot(away[0], away[1]) > _REACH * np.hypot(item.major, spread[-1][1][-1]):
        return
    for part, flux in _emissions(item, redshift, wave, smooth=bool(spread[0][1][-1])):
        east, north = x[part] - item.east, y[part] - item.north
        light = flux * _profile(item, east, north, [(share, sigma[part]) for share, sigma in spread]) * _JY_PER_ARCSEC2
        total[0, part] += light
        if len(total) > 1:
            area = (psf.fwhm(wave[part]) / FWHM_PER_SIGMA) ** 2
            light *= area / np.sqrt((area + item.major**2) * (area + item.minor**2))
            for row, weight in zip(total[1:], (1.0, east, north), strict=True):
                row[part] += light * weight


def _emissions(item: Component, redshift: float, wave: np.ndarray, smooth: bool) -> Iterator:
    """Yield, for the continuum and each line, the slice of the sorted wavelengths and the flux density there, Jy."""
    if item.continuum:
        narrow = int((wave[-1] - wave[0]) / 2.5e-4) if item.carbon_monoxide else 0
        grid = np.linspace(wave[0], wave[-1], max(4000, narrow))
        yield slice(None), np.interp(wave, grid, continuum_flux(item, grid, redshift))
    for line in item.lines:
        centre = line.rest * (1.0 + redshift) * (1.0 + line.velocity / SPEED_OF_LIGHT)
        sigma = line_width(centre, line.sigma, 0.0, smooth=smooth)
        low, high = np.searchsorted(wave, (centre - _REACH * sigma, centre + _REACH * sigma))
        if high > low:
            yield slice(low, high), _line_flux_density(line.flux, wave[low:high], centre, sigma)


def _line_flux_density(flux: float, wavelength: np.ndarray, centre: float, sigma: float) -> np.ndarray:
    """Return the flux density, Jy, of a Gaussian line; flux in W m-2, wavelengths in um."""
    per_um = flux / (sigma * np.sqrt(2.0 * np.pi)) * np.exp(-0.5 * ((wavelength - centre) / sigma) ** 2)
    return per_um * wavelength**2 / (SPEED_OF_LIGHT * 1e9) * 1e26  # c in um/s: 1 km/s = 1e9 um/s


def _profile(item: Component, east: np.ndarray, north: np.ndarray, spread: Spread) -> np.ndarray:
    """Return the share of a component's light per square arcsec at offsets, arcsec, from its centre."""
    angle = np.deg2rad(item.angle)
    along = (east * np.sin(angle) + north * np.cos(angle)) ** 2
    across = (east * np.cos(angle) - north * np.sin(angle)) ** 2
    total = np.zeros(())
    for share, sigma in spread:
        major, minor = item.major**2 + sigma**2, item.minor**2 + sigma**2
        total = total + share * np.exp(-0.5 * (along / major + across / minor)) / (2.0 * np.pi * np.sqrt(major * minor))
    return total


def _blackbody(wavelength: np.ndarray | float, temperature: float) -> np.ndarray:
    """Return the Planck function, MJy/sr, for wavelengths in um and a temperature in K."""
    frequency = SPEED_OF_LIGHT * 1e9 / np.asarray(wavelength)
    intensity = 2.0 * _PLANCK * frequency**3 / (SPEED_OF_LIGHT * 1e3) ** 2
    return intensity / np.expm1(_PLANCK * frequency / (_BOLTZMANN * temperature)) * 1e20


def _carbon_monoxide(rest: np.ndarray) -> np.ndarray:
    """
    Return the optical depth of the CO fundamental P branch at MRS resolution (strongest line 1); ``rest`` in um.

    The wavenumbers use the molecular constants of 12C16O (nu0 2143.271, B0 1.9225, B1 1.9050, D 6.1e-6 cm^-1). Gas at
    600 K with a sigma of 60 km/s is adopted. Band 1A covers P(14) and beyond, a comb with nearly the fringe period.
    """
    number = np.arange(1.0, 41.0)
    centre = 1e4 / (2143.271 - 3.8275 * number - 0.0175 * number**2 + 2.44e-5 * number**3)
    depth = number * np.exp(-2.766 * number * (number + 1.0) / 600.0)
    narrow = centre * 60.0 / SPEED_OF_LIGHT
    sigma = np.hypot(narrow, centre / resolving_power(centre) / FWHM_PER_SIGMA)
    result, near = np.zeros(np.shape(rest)), np.asarray(rest) < 5.2
    lines = np.exp(-0.5 * ((np.asarray(rest)[near][:, None] - centre) / sigma) ** 2)
    result[near] = lines @ (depth / depth.max() * narrow / sigma)
    return result


def _silicate(rest: np.ndarray) -> np.ndarray:
    """Return the adopted silicate absorption, 1 at 9.7 um, as Gaussians at 9.7 and 18 um (``rest`` in um)."""
    return np.exp(-0.5 * ((rest - 9.7) / 1.0) ** 2) + 0.35 * np.exp(-0.5 * ((rest - 18.0) / 2.2) ** 2)
