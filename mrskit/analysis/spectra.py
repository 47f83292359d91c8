"""Spectra from apertures on cubes, and conversion of units."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from astropy import units as u

from mrskit.errors import AnalysisError
from mrskit.products import Cube, Spectrum

_SUBDIVISION = 25  # points along each side of a spaxel for its overlap with a circle
_MISSING_LIMIT = 0.02  # share of an aperture that may lack data before a plane counts as unmeasured


def aperture_weights(cube: Cube, ra: float, dec: float, radius: float) -> np.ndarray:
    """
    Return the fraction of each spaxel that lies inside a circle on the sky.

    The overlap is counted on 25 x 25 points per spaxel, so the sum equals the circle's area to better than 0.1 %.

    ``ra``, ``dec``: centre, deg (ICRS); ``radius``: arcsec.
    The result has shape (ny, nx) and values between 0 and 1.
    AnalysisError if the radius is not positive or part of the circle lies outside the cube's array.
    """
    if not radius > 0:
        raise AnalysisError(f"the aperture's radius is {radius} arcsec; expected a positive number", radius=radius)
    x0, y0 = (float(value) for value in cube.wcs.world_to_pixel_values(ra, dec))
    ny, nx = cube.flux.shape[1:]
    reach = radius / cube.spaxel_size
    inside = reach - 0.5 <= x0 <= nx - 0.5 - reach and reach - 0.5 <= y0 <= ny - 0.5 - reach
    if not (np.isfinite(x0) and np.isfinite(y0) and inside):
        raise AnalysisError(
            f"{cube.path.name}: a circle of {radius} arcsec around ({ra:.6f}, {dec:.6f}) has its centre at spaxel "
            f"({x0:.1f}, {y0:.1f}) and does not lie inside the cube of {nx} x {ny} spaxels of {cube.spaxel_size:.3f} "
            "arcsec. Choose a centre or radius inside the field.", centre=(x0, y0), radius=radius,
        )  # fmt: skip
    fine = (np.arange(_SUBDIVISION) + 0.5) / _SUBDIVISION - 0.5
    dx = (np.arange(nx)[:, None] + fine - x0).ravel()
    dy = (np.arange(ny)[:, None] + fine - y0).ravel()
    covered = dx[None, :] ** 2 + dy[:, None] ** 2 <= reach**2
    return covered.reshape(ny, _SUBDIVISION, nx, _SUBDIVISION).mean(axis=(1, 3))


def weighted_sum(cube: Cube, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """
    Return the weighted sum of a cube's spaxels, Jy, and its error.

    A plane that lacks data in more than 2 % of the aperture is NaN. A smaller gap is filled with the aperture's mean.
    The error adds the cube's errors in quadrature. It is too small, because neighbouring spaxels share detector pixels
    (Law et al. 2023, AJ 166, 45, doi:10.3847/1538-3881/acdddc). Fits therefore scale it by the observed scatter.

    ``cube``: MJy/sr; ``weights`` (ny, nx): fraction of each spaxel, see `aperture_weights`.
    Sum and error have shape (nwave,), in Jy; NaN means that the plane is unmeasured.
    """
    rows, columns = np.nonzero(weights)
    share, flux, error = weights[rows, columns], cube.flux[:, rows, columns], cube.error[:, rows, columns]
    usable = np.isfinite(flux)
    covered = (usable * share).sum(axis=1) / share.sum()
    good = covered >= 1.0 - _MISSING_LIMIT
    scale = np.where(good, cube.pixel_area * 1e6 / np.where(good, covered, 1.0), np.nan)  # MJy/sr -> Jy
    total = (np.where(usable, flux, 0.0) * share).sum(axis=1)
    variance = (np.where(usable & np.isfinite(error), error * share, 0.0) ** 2).sum(axis=1)
    return total * scale, np.sqrt(variance) * scale


def aperture_spectrum(
    cube: Cube, ra: float, dec: float, radius: float, background: np.ndarray | None = None
) -> Spectrum:
    """
    Return the spectrum inside a circle on the sky.

    ``ra``, ``dec``: centre, deg (ICRS); ``radius``: arcsec, the same at all wavelengths, without correction for the
    light outside; ``background`` (nwave,): surface brightness to subtract, MJy/sr, for example
    `mrskit.analysis.backgrounds.annulus_background(...).level`.
    The spectrum is in Jy; see `weighted_sum` for gaps and errors.
    AnalysisError if the circle does not lie inside the cube, or the background has a different length.
    """
    weights = aperture_weights(cube, ra, dec, radius)
    flux, error = weighted_sum(cube, weights)
    if background is not None:
        level = np.asarray(background, dtype=float)
        if level.shape != flux.shape:
            raise AnalysisError(f"the background has shape {level.shape}; expected {flux.shape}, one per plane of "
                                f"{cube.path.name}", found=level.shape, expected=flux.shape)  # fmt: skip
        flux = flux - level * weights.sum() * cube.pixel_area * 1e6
    label = f"{cube.label}, {radius:g} arcsec about ({ra:.5f}, {dec:.5f})"
    return Spectrum(cube.wavelength, flux, error, "Jy", cube.band, label)


def spaxel_spectrum(cube: Cube, x: int, y: int) -> Spectrum:
    """Return the spectrum of one spaxel, MJy/sr; AnalysisError if the cube does not have this spaxel."""
    ny, nx = cube.flux.shape[1:]
    if not (0 <= x < nx and 0 <= y < ny):
        raise AnalysisError(f"{cube.path.name} has no spaxel x={x}, y={y}; expected 0 to {nx - 1} and 0 to {ny - 1}",
                            found=(x, y))  # fmt: skip
    return Spectrum(cube.wavelength, cube.flux[:, y, x], cube.error[:, y, x], "MJy/sr", cube.band, f"spaxel ({x}, {y})")


def convert(spectrum: Spectrum, unit: str, solid_angle: float | None = None) -> Spectrum:
    """
    Return a spectrum in a different unit of flux density or, with a solid angle, of surface brightness.

    Units are those of astropy: MJy is 1e6 Jy, mJy is 1e-3 Jy.

    ``unit``: e.g. ``Jy``, ``mJy``, ``MJy/sr``; ``solid_angle``: sr, needed only between flux density and surface
    brightness.
    AnalysisError if a unit is unknown, or the two do not convert.

    Examples
    --------
    1 Jy is 1000 mJy; for a solid angle of 1e-12 sr, it is 1e12 Jy/sr = 1e6 MJy/sr:

    >>> one = Spectrum(np.array([10.0]), np.array([1.0]), np.array([0.1]), "Jy", None, "made")
    >>> float(convert(one, "mJy").flux[0])
    1000.0
    >>> f"{convert(one, 'MJy/sr', solid_angle=1e-12).flux[0]:.0f}"
    '1000000'
    """
    try:
        old, new = u.Unit(spectrum.unit), u.Unit(unit)
        if old.is_equivalent(new):
            factor = old.to(new)
        elif solid_angle is not None and (old * u.sr).is_equivalent(new):
            factor = (old * u.sr).to(new) * solid_angle
        elif solid_angle is not None and old.is_equivalent(new * u.sr):
            factor = old.to(new * u.sr) / solid_angle
        else:
            raise u.UnitConversionError(f"{old} does not convert to {new}")
    except (ValueError, TypeError) as error:
        raise AnalysisError(f"{spectrum.label}: cannot convert the unit {spectrum.unit!r} to {unit!r} ({error}). "
                            "To convert between Jy and MJy/sr, pass solid_angle (sr).",
                            found=spectrum.unit) from error  # fmt: skip
    return replace(spectrum, flux=spectrum.flux * factor, error=spectrum.error * factor, unit=unit)
