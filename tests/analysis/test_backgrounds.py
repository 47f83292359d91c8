"""Backgrounds of cubes."""

import numpy as np
import pytest

from mrskit.analysis import backgrounds
from mrskit.errors import AnalysisError


@pytest.fixture
def cube(make_cube):
    """Sky of 10 to 20 MJy/sr with noise of 1 and a source of 500 in the middle."""
    rng = np.random.default_rng(12)
    sky = np.linspace(10.0, 20.0, 40)
    flux = sky[:, None, None] + rng.normal(0, 1.0, (40, 25, 21))
    flux[:, 10:15, 8:13] += 500.0
    return make_cube(flux, 1.0, np.linspace(5.0, 5.1, 40))


def test_the_clipped_background_is_the_sky_within_its_error(cube):
    found = backgrounds.background_spectrum(cube)
    pull = (found.level - np.linspace(10.0, 20.0, 40)) / found.error
    assert abs(np.mean(pull)) < 0.5 and 0.7 < np.std(pull) < 1.4
    assert (found.spaxels <= 25 * 21 - 25).all()


def test_without_clipping_the_source_gets_into_the_background(cube):
    # 25 of 525 spaxels with 500 more: 23.8 on average.
    assert np.median(backgrounds.background_spectrum(cube, clip=1e3).level) == pytest.approx(15 + 23.8, abs=0.3)


def test_a_mask_chooses_the_spaxels(cube):
    mask = np.zeros((25, 21), dtype=bool)
    mask[11:14, 9:12] = True
    assert np.median(backgrounds.background_spectrum(cube, mask).level) == pytest.approx(515.0, abs=1.0)


def test_an_annulus_keeps_away_from_the_source(cube):
    found = backgrounds.annulus_background(cube, 339.0, 34.0, 0.8, 1.3)
    assert found.level == pytest.approx(np.linspace(10.0, 20.0, 40), abs=0.5)
    mask = backgrounds.annulus_mask(cube, 339.0, 34.0, 0.8, 1.3)
    # Area pi (1.3^2 - 0.8^2) over 0.13^2.
    assert mask.sum() == pytest.approx(195, rel=0.05)


def test_subtracting_takes_the_background_off_and_adds_its_error(cube):
    found = backgrounds.background_spectrum(cube)
    clean = backgrounds.subtract(cube, found)
    left = clean.flux[:, :8]
    assert abs(np.median(left)) < 4 * 1.2533 / np.sqrt(left.size)  # error of a median
    assert np.std(left) == pytest.approx(1.0, rel=0.05)
    assert clean.error[0, 0, 0] == pytest.approx(np.hypot(1.0, found.error[0]))


def test_unusable_requests_are_named(cube):
    with pytest.raises(AnalysisError, match="at least 5 spaxels"):
        backgrounds.background_spectrum(cube, np.zeros((25, 21), dtype=bool))
    with pytest.raises(AnalysisError, match="0 <= inner < outer"):
        backgrounds.annulus_background(cube, 339.0, 34.0, 1.0, 0.5)
    other = backgrounds.Background(np.zeros(3), np.zeros(3), np.zeros(3), np.zeros(3))
    with pytest.raises(AnalysisError, match="expected the same"):
        backgrounds.subtract(cube, other)
