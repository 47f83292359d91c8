"""Pointing: the target falls where the dither table says, by our rotation, by the pipeline's and by pysiaf's."""

import numpy as np
import pytest

from mrskit.errors import SimulationError
from mrskit.simulate.pointing import DITHERS, ROLL, V2_REF, V3_REF, attitude, pointing, to_sky

RA, DEC = 339.014833, 33.975750


def separation(ra: float, dec: float) -> float:
    """Distance to the target, milliarcsec."""
    return float(np.hypot((ra - RA) * np.cos(np.deg2rad(DEC)), dec - DEC) * 3.6e6)


def test_an_attitude_puts_the_target_where_it_was_told_to():
    matrix = attitude(-504.0, -318.0, RA, DEC, 33.0)
    ra, dec, roll = to_sky(matrix, -504.0, -318.0)
    assert separation(ra, dec) < 1e-3
    assert roll == pytest.approx(33.0, abs=1e-9)
    np.testing.assert_allclose(matrix @ matrix.T, np.eye(3), atol=1e-14)


@pytest.mark.parametrize("dither", [1, 2, 3, 4])
def test_the_pipeline_finds_the_target_at_its_dither_position(dither):
    from jwst.assign_wcs.pointing import v23tosky

    from mrskit.simulate.optics import _as_model

    x_offset, y_offset = DITHERS[dither - 1]
    ra, dec = v23tosky(_as_model(pointing(RA, DEC, dither)))(V2_REF - x_offset, V3_REF + y_offset)
    assert separation(ra, dec) < 1e-3


def test_our_rotations_agree_with_pysiaf():
    rotations = pytest.importorskip("pysiaf.utils.rotations", reason="pysiaf is in the extra 'dev'")
    found = pointing(RA, DEC, 3)
    matrix = rotations.attitude(V2_REF - DITHERS[2][0], V3_REF + DITHERS[2][1], RA, DEC, ROLL)
    ra, dec = rotations.pointing(matrix, V2_REF, V3_REF)
    assert (found.ra_ref, found.dec_ref) == pytest.approx((ra, dec), abs=1e-10)
    assert found.roll_ref == pytest.approx(rotations.posangle(matrix, V2_REF, V3_REF) % 360, abs=1e-8)
    assert found.pa_v3 == pytest.approx(rotations.posangle(matrix, 0.0, 0.0) % 360, abs=1e-8)


def test_the_first_two_positions_lie_five_and_a_half_slices_of_channel_one_apart():
    step = np.subtract(DITHERS[1], DITHERS[0])
    assert np.hypot(*step) == pytest.approx(np.hypot(5.5 * 0.17721, 0.285), abs=0.03)  # beta, alpha in arcsec


def test_the_background_field_is_three_arcmin_away_and_keeps_the_dithers():
    source, sky = pointing(RA, DEC, 2), pointing(RA, DEC, 2, background=True)
    assert separation(sky.target_ra, sky.target_dec) / 1e3 == pytest.approx(np.hypot(150, 120), rel=1e-3)
    assert (sky.x_offset, sky.y_offset) == (source.x_offset, source.y_offset)


@pytest.mark.parametrize("dither", [0, 5])
def test_a_position_that_the_pattern_lacks_is_refused(dither):
    with pytest.raises(SimulationError, match="positions 1 to 4"):
        pointing(RA, DEC, dither)
