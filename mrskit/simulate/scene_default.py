"""
The default scene: an imaginary galaxy at the position and redshift of NGC 7319.

All numbers are adopted. The kinds of components follow published work on NGC 7319 (a radio jet with a hotspot 0.95
arcsec from the nucleus, where ionised gas is about twice as broad as molecular gas, sigma 300 and 150 km/s, after
Pereira-Santaella et al. 2022, A&A 665, L11, arXiv:2208.04835); the fluxes are not measurements. Only the lines are
`BRIGHTENED`, on purpose, so that a class sees them in four exposures of 28 s, where nothing saturates. The
long ramp covers the same galaxy with a foreground star that saturates.
The P branch of CO in front of the nucleus is also adopted: a fringe correction may mistake this feature for fringes.
Obscured nuclei show CO absorption (VV 114 E: González-Alfonso et al. 2024, arXiv:2312.04914).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mrskit.plan import program
from mrskit.simulate.scene_records import Component, Continuum, Line, Scene, Sky

BRIGHTENED = 10.0  # factor on all line fluxes below; much brighter lines mislead the 1-D fringe correction
_STAR = (-1.0, 1.0, 1.0)  # east and north of the nucleus, arcsec; Jy at 5 um, falling with the wavelength squared

# Flux of the nuclear lines: name, rest wavelength (um), flux (1e-18 W m-2). Only narrow, or narrow and broad (below).
_CORONAL = (
    ("[Fe VIII] 5.447", 5.446600, 6.0), ("[Mg VII] 5.503", 5.503300, 0.3), ("[Mg V] 5.610", 5.609800, 5.0),
    ("[Ni II] 6.636", 6.636000, 0.8), ("[Ar II] 6.985", 6.985274, 6.0), ("H I 6-5 7.460", 7.459880, 1.5),
    ("[Fe VII] 7.814", 7.814500, 5.0), ("[Ar V] 7.902", 7.901580, 5.0), ("[Ar III] 8.991", 8.991380, 6.0),
    ("[Fe VII] 9.527", 9.526700, 3.0), ("[S IV] 10.510", 10.510490, 10.0), ("H I 7-6 12.372", 12.371936, 1.2),
    ("[Ne II] 12.814", 12.813540, 10.0), ("[Ar V] 13.102", 13.102190, 4.0), ("[Ne III] 15.555", 15.555050, 14.0),
    ("[Fe II] 17.936", 17.936020, 3.0), ("[S III] 18.713", 18.713030, 8.0), ("[Fe VI] 19.553", 19.553000, 2.5),
    ("[Ar III] 21.829", 21.829100, 4.0), ("[Ne V] 24.318", 24.317500, 10.0), ("[O IV] 25.890", 25.890300, 40.0),
    ("[Fe II] 25.988", 25.988390, 4.0),
)  # fmt: skip
_BROADENED = (("[Fe II] 5.340", 5.340169, 10.0), ("[Ne VI] 7.652", 7.652400, 15.0), ("[Ne V] 14.322", 14.321680, 12.0))
_NARROW = (0.0, 110.0, 0.60)  # velocity and sigma, km/s; share of the flux of a line with two components
_BROAD = (-120.0, 300.0, 0.40)
_JET = (
    ("[Fe II] 5.340", 5.340169, 4.0), ("[Ar II] 6.985", 6.985274, 3.0), ("[Ne VI] 7.652", 7.652400, 2.5),
    ("[Ne II] 12.814", 12.813540, 4.0), ("[Ne III] 15.555", 15.555050, 3.0), ("[S III] 18.713", 18.713030, 2.0),
)  # fmt: skip
_SECOND_KNOT = (
    ("[Mg V] 5.610", 5.609800, 1.0), ("[Ne VI] 7.652", 7.652400, 2.0), ("[S IV] 10.510", 10.510490, 2.5),
    ("[Ne V] 14.322", 14.321680, 3.0), ("[Ne III] 15.555", 15.555050, 2.0), ("[Ne V] 24.318", 24.317500, 3.0),
    ("[O IV] 25.890", 25.890300, 8.0),
)  # fmt: skip
# H2 lines: rest wavelength and strength relative to S(3) in equilibrium, for 6 % and 2 % of the gas at 900 K, the
# rest at 330 K.
_H2 = (
    ("H2 S(8) 5.053", 5.053115, 0.03, 0.02), ("H2 S(7) 5.511", 5.511183, 0.25, 0.16),
    ("H2 S(6) 6.109", 6.108561, 0.18, 0.12), ("H2 S(5) 6.910", 6.909509, 0.85, 0.56),
    ("H2 S(4) 8.025", 8.025044, 0.34, 0.25), ("H2 S(3) 9.665", 9.664906, 1.00, 1.00),
    ("H2 S(2) 12.279", 12.278613, 0.29, 0.44), ("H2 S(1) 17.035", 17.034839, 0.47, 0.86),
)  # fmt: skip
# PAH features: observed-frame factor is applied below; rest wavelength (um), peak relative to 7.7, fractional FWHM.
_PAH = ((6.22, 0.55, 0.030), (7.70, 1.00, 0.100), (8.61, 0.40, 0.039), (11.30, 0.60, 0.022), (12.70, 0.35, 0.042),
        (17.04, 0.25, 0.065))  # fmt: skip
# Exponential profile of unit scale length as Gaussians (share of the light, sigma), fitted by least squares, 0 < r < 5.
_EXPONENTIAL = ((0.0101, 0.2139), (0.1034, 0.5758), (0.3979, 1.1526), (0.4886, 2.0981))
_RING_PIECES = 28


def default_scene(seed: int = 2732) -> Scene:
    """
    Return the default scene; seeds vary fluxes by up to 8 %, angles by a few degrees and velocities by a few km/s.
    """
    rng = np.random.default_rng([seed, 1])
    plan = program()
    jet_angle = 40.0 + rng.uniform(-6, 6)
    components = (
        _nucleus(rng),
        *_ring(rng, plan.redshift),
        _jet_knot(rng, jet_angle),
        _second_knot(rng, jet_angle + 180.0),
        *_disk(rng, plan.redshift),
    )
    # Zodiacal light 5.78e-8 B(265 K) within 12 %, telescope within 2 % of the background model of Rigby et al. 2023,
    # PASP 135, 048002, doi:10.1088/1538-3873/acbcf4, fitted between 4.9 and 29 um.
    sky = Sky(
        zodiacal=((5.78e-8, 265.0),),
        thermal=((1.372e-8, 275.8), (3.564e-5, 94.85), (2.269e-2, 50.36)),
    )
    return Scene("NGC 7319 (imaginary)", seed, plan.target_ra, plan.target_dec, plan.redshift, components, sky)


def with_star(scene: Scene) -> Scene:
    """Return a scene with a bright star in the foreground."""
    east, north, flux = _STAR
    star = Component("star", "point", east, north, 0.0, 0.0, 0.0, (Continuum("powerlaw", flux, 5.0, -2.0),))
    return replace(scene, components=(*scene.components, star))


def _vary(rng: np.random.Generator, value: float) -> float:
    return float(value * (1.0 + rng.uniform(-0.08, 0.08)))


def _lines(rng: np.random.Generator, table: tuple, velocity: float, sigma: float, share: float = 1.0) -> list[Line]:
    unit = 1e-18 * BRIGHTENED * share
    return [Line(name, rest, _vary(rng, flux * unit), velocity, sigma) for name, rest, flux in table]


def _nucleus(rng: np.random.Generator) -> Component:
    hot = _vary(rng, 1.0)
    terms = ((0.0066, 5.0, 1100.0), (0.059, 8.0, 450.0), (0.045, 16.0, 180.0), (0.325, 26.0, 95.0))
    continuum = tuple(Continuum("blackbody", hot * flux, where, kelvin) for flux, where, kelvin in terms)
    shift = float(rng.uniform(-8, 8))
    lines = _lines(rng, _CORONAL, shift, 130.0)
    for velocity, sigma, share in (_NARROW, _BROAD):
        lines += _lines(rng, _BROADENED, velocity + shift, sigma, share)
    return Component("nucleus", "point", 0.0, 0.0, 0.0, 0.0, 0.0, continuum, tuple(lines), silicate=0.6,
                     carbon_monoxide=0.1)  # fmt: skip


def _hydrogen(rng: np.random.Generator, flux: float, column: int, velocity: float, sigma: float) -> tuple[Line, ...]:
    """Return the H2 lines of gas with this S(3) flux (W m-2); column 0 is the hotter mix and column 1 the cooler."""
    return tuple(Line(name, rest, flux * shares[column], velocity, sigma) for name, rest, *shares in _H2)


def _ring(rng: np.random.Generator, redshift: float) -> list[Component]:
    """Return the rotating H2 ring: clumps on an inclined circle, each with the rotation velocity at its position."""
    angle = np.deg2rad(140.0 + rng.uniform(-6, 6))
    radius, cosine = 1.0, np.cos(np.deg2rad(45.0))  # arcsec; of the inclination
    speed = _vary(rng, 200.0)  # km/s, along the line of sight at the ends of the major axis
    weights = rng.uniform(0.7, 1.3, _RING_PIECES)
    weights *= _vary(rng, 3.5e-17 * BRIGHTENED) / weights.sum()
    pieces = []
    for number, weight in enumerate(weights):
        phase = 2.0 * np.pi * number / _RING_PIECES
        along, across = radius * np.cos(phase), radius * np.sin(phase) * cosine
        east = along * np.sin(angle) + across * np.cos(angle)
        north = along * np.cos(angle) - across * np.sin(angle)
        velocity = float(speed * np.cos(phase))
        lines = _hydrogen(rng, float(weight), 0, velocity, 80.0)
        neon = (Line("[Ne II] 12.814", 12.813540, float(0.35 * weight), velocity, 80.0),
                Line("[Ar II] 6.985", 6.985274, float(0.15 * weight), velocity, 80.0))  # fmt: skip
        name = f"ring {number + 1:02d}"
        pieces.append(Component(name, "extended", float(east), float(north), 0.17, 0.17, 0.0, (), lines + neon))
    return pieces


def _jet_knot(rng: np.random.Generator, angle: float) -> Component:
    """Return the knot where the jet meets gas; its ionised lines are twice as broad as its H2 lines."""
    east, north = (0.95 * function(np.deg2rad(angle)) for function in (np.sin, np.cos))
    hydrogen = _hydrogen(rng, _vary(rng, 8e-18 * BRIGHTENED), 0, 80.0, 150.0)
    lines = tuple(_lines(rng, _JET, 60.0, 300.0)) + hydrogen
    return Component("jet knot", "extended", float(east), float(north), 0.170, 0.127, float(angle), (), lines)


def _second_knot(rng: np.random.Generator, angle: float) -> Component:
    """Return the fainter opposite knot, outside the field of channels 1 and 2 but inside that of channel 4."""
    east, north = (3.3 * function(np.deg2rad(angle)) for function in (np.sin, np.cos))
    lines = tuple(_lines(rng, _SECOND_KNOT, -70.0, 180.0))
    hydrogen = _hydrogen(rng, _vary(rng, 0.6e-18 * BRIGHTENED), 1, -60.0, 90.0)
    return Component("second knot", "extended", float(east), float(north), 0.20, 0.20, 0.0, (), lines + hydrogen)


def _disk(rng: np.random.Generator, redshift: float) -> list[Component]:
    """Return the disk of stars and PAHs: a flattened exponential with scale length 1.5 arcsec, as four Gaussians."""
    stars, dust = _vary(rng, 0.050), _vary(rng, 0.300)  # Jy at 5.5 um; Jy at the top of the 7.7 um feature
    pieces = []
    for number, (share, sigma) in enumerate(_EXPONENTIAL):
        terms = [Continuum("powerlaw", stars * share, 5.5, -2.0)]
        terms += [Continuum("drude", dust * share * peak, rest * (1 + redshift), width) for rest, peak, width in _PAH]
        name = f"disk {number + 1}"
        pieces.append(Component(name, "extended", 0.0, 0.0, 1.5 * sigma, 1.05 * sigma, 140.0, tuple(terms)))
    return pieces
