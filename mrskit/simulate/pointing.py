"""The pointing of the telescope: dither offsets, and the attitude that puts the target at a focal-plane position."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mrskit.errors import SimulationError

V2_REF, V3_REF = -503.3406, -318.8640  # arcsec: alpha = beta = 0 of channel 1A, aperture MIRIFU_CHANNEL1A
V3_IDEAL_ANGLE, PARITY = 0.0, -1  # for that aperture
ROLL = 245.0  # deg, adopted: position angle of the V3 axis at the target
BACKGROUND_OFFSET = (150.0, -120.0)  # arcsec east, north: the background field, adopted

# Pattern ALL-EXTENDED_SOURCE, positions 1-4: offsets of the target along the Ideal axes of MIRIFU_CHANNEL1A, arcsec.
# Flight dither table mrsdither-PRDOPSSOC-055 (STScI-MIRI/miricoord); 2-POINT takes the first two.
DITHERS = ((0.13795, -0.44878), (-0.23470, 0.48203), (-0.14302, -0.49074), (0.04942, 0.52403))


@dataclass(frozen=True, slots=True)
class Pointing:
    """One pointing of the telescope, with the names that the header uses."""

    target_ra: float  # deg
    target_dec: float  # deg
    x_offset: float  # arcsec, Ideal
    y_offset: float  # arcsec, Ideal
    ra_ref: float  # deg, sky position of (V2_REF, V3_REF)
    dec_ref: float  # deg
    roll_ref: float  # deg, position angle of V3 at (V2_REF, V3_REF)
    ra_v1: float  # deg
    dec_v1: float  # deg
    pa_v3: float  # deg, position angle of V3 at V1


def pointing(target_ra: float, target_dec: float, dither: int, background: bool = False) -> Pointing:
    """
    Return the pointing that puts a target at one dither position.

    Parameters
    ----------
    target_ra, target_dec : float
        ICRS, deg, of the source; the background field is offset by ``BACKGROUND_OFFSET``.
    dither : int
        1-based position in the pattern.

    Raises
    ------
    SimulationError
        If the pattern has no such position.
    """
    if not 1 <= dither <= len(DITHERS):
        raise SimulationError(f"dither {dither}: the pattern has positions 1 to {len(DITHERS)}", found=dither)
    if background:
        target_ra += BACKGROUND_OFFSET[0] / 3600.0 / np.cos(np.deg2rad(target_dec))
        target_dec += BACKGROUND_OFFSET[1] / 3600.0
    x_offset, y_offset = DITHERS[dither - 1]
    matrix = attitude(V2_REF - x_offset, V3_REF + y_offset, target_ra, target_dec, ROLL)
    ra_ref, dec_ref, roll_ref = to_sky(matrix, V2_REF, V3_REF)
    ra_v1, dec_v1, pa_v3 = to_sky(matrix, 0.0, 0.0)
    return Pointing(target_ra, target_dec, x_offset, y_offset, ra_ref, dec_ref, roll_ref, ra_v1, dec_v1, pa_v3)


def displaced(nominal: Pointing, east: float, north: float, roll: float) -> Pointing:
    """Return the actual pointing for given offsets (arcsec, deg) from the pointing in the header."""
    scale = 3600.0 * np.cos(np.deg2rad(nominal.dec_ref))
    return replace(
        nominal, ra_ref=nominal.ra_ref + east / scale, dec_ref=nominal.dec_ref + north / 3600.0,
        roll_ref=nominal.roll_ref + roll,
    )  # fmt: skip


def attitude(v2: float, v3: float, ra: float, dec: float, roll: float) -> np.ndarray:
    """
    Return the rotation from the telescope's (V1, V2, V3) frame to the sky.

    Parameters
    ----------
    v2, v3 : float
        Position in the focal plane, arcsec.
    ra, dec : float
        Sky position at that place, deg.
    roll : float
        Position angle of the V3 axis at that place, from north to east, deg.

    Returns
    -------
    ndarray of shape (3, 3)
        Columns are the V1, V2 and V3 axes in equatorial coordinates.
    """
    telescope = _triad(v2 / 3600.0, v3 / 3600.0, 0.0)
    sky = _triad(ra, dec, roll)
    return sky @ telescope.T


def to_sky(matrix: np.ndarray, v2: float, v3: float) -> tuple[float, float, float]:
    """Return right ascension, declination and position angle of V3, deg, at a focal-plane position (arcsec)."""
    place, _, upward = (matrix @ column for column in _triad(v2 / 3600.0, v3 / 3600.0, 0.0).T)
    ra = np.rad2deg(np.arctan2(place[1], place[0])) % 360.0
    dec = np.rad2deg(np.arcsin(place[2]))
    _, east, north = _triad(ra, dec, 0.0).T
    roll = np.rad2deg(np.arctan2(upward @ east, upward @ north)) % 360.0
    return float(ra), float(dec), float(roll)


def _triad(longitude: float, latitude: float, turn: float) -> np.ndarray:
    """Return, as columns, a direction and the unit vectors east and north of it, rotated by ``turn`` (deg)."""
    lon, lat, angle = np.deg2rad((longitude, latitude, turn))
    place = np.array((np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)))
    east = np.array((-np.sin(lon), np.cos(lon), 0.0))
    north = np.array((-np.sin(lat) * np.cos(lon), -np.sin(lat) * np.sin(lon), np.cos(lat)))
    upward = np.sin(angle) * east + np.cos(angle) * north
    sideways = np.cos(angle) * east - np.sin(angle) * north
    return np.column_stack((place, sideways, upward))
