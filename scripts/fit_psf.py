"""
Print the numbers of mrskit.simulate.psf.DIFFRACTION: the diffraction pattern of the telescope as circular Gaussians.

    python scripts/fit_psf.py

poppy, which the kit itself does not need, computes the pattern of 18 hexagons of 1.32 m (flat to flat) with gaps of 7
mm behind the shadow of the secondary mirror, without any data file. The light within a radius, averaged over position
angle, is fitted by Gaussians that share a centre. One wavelength is enough: the pattern has one shape in units of
wavelength over diameter. Wavefront errors are left out: at 5 um they move a few percent of the light out of the core.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import least_squares

WAVELENGTH = 10e-6  # m
DIAMETER = 6.5  # m
PIXEL, FIELD = 0.04, 16.0  # arcsec
COMPONENTS = 4


def pattern() -> np.ndarray:
    """Return the diffraction pattern, relative to all light, on a square grid."""
    import astropy.units as u
    import poppy

    system = poppy.OpticalSystem(pupil_diameter=6.7 * u.m, npix=1024)
    mirror = poppy.MultiHexagonAperture(flattoflat=1.32 * u.m, gap=0.007 * u.m, rings=2)
    shadow = poppy.SecondaryObscuration(secondary_radius=0.37 * u.m, n_supports=0)
    system.add_pupil(poppy.CompoundAnalyticOptic([mirror, shadow]))
    system.add_detector(pixelscale=PIXEL, fov_arcsec=FIELD, oversample=1)
    return system.calc_psf(WAVELENGTH, normalize="first")[0].data


def enclosed(image: np.ndarray, radii: np.ndarray) -> np.ndarray:
    """Return the share of the light within radii, in units of wavelength over diameter."""
    unit = WAVELENGTH / DIAMETER * np.degrees(1.0) * 3600.0 / PIXEL  # pixels
    rows, columns = np.indices(image.shape) - (np.array(image.shape)[:, None, None] - 1) / 2
    distance = np.hypot(rows, columns).ravel() / unit
    order = np.argsort(distance)
    return np.interp(radii, distance[order], np.cumsum(image.ravel()[order]))


def fit(radii: np.ndarray, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return shares and sigmas of the Gaussians that fit the light within radii best, of several starts."""

    def parts(p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        share = np.exp(p[COMPONENTS:])
        return share / share.sum(), np.exp(p[:COMPONENTS])

    def misfit(p: np.ndarray) -> np.ndarray:
        share, sigma = parts(p)
        return (share * -np.expm1(-0.5 * (radii[:, None] / sigma) ** 2)).sum(axis=1) - wanted

    rng = np.random.default_rng(0)
    start = np.concatenate((np.log(np.geomspace(0.4, 12.0, COMPONENTS)), -np.arange(COMPONENTS, dtype=float)))
    tried = [least_squares(misfit, start + 0.1 * rng.standard_normal(start.size)) for _ in range(6)]
    best = min(tried, key=lambda item: item.cost)
    share, sigma = parts(best.x)
    order = np.argsort(sigma)
    print(f"largest difference of the enclosed light: {np.abs(best.fun).max():.3f}")
    return share[order], sigma[order]


if __name__ == "__main__":
    grid = np.concatenate((np.linspace(0.05, 5.0, 100), np.geomspace(5.0, 24.0, 40)))
    for share, sigma in zip(*fit(grid, enclosed(pattern(), grid)), strict=True):
        print(f"({share:.3f}, {sigma:.3g}),")
