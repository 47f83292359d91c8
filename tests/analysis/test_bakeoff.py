"""Four backgrounds on cubes whose sky, disk and noise are known."""

from dataclasses import replace

import numpy as np
import pytest

from mrskit.analysis import bakeoff
from mrskit.errors import AnalysisError

SKY, DISK, CENTRE = 7.0, 50.0, (339.0, 34.0)


@pytest.fixture
def four(make_cube):
    """A uniform disk under a uniform sky; the master spectrum is right, the pixel images twice as noisy."""
    rng = np.random.default_rng(4)
    wavelength = 5.0 + 0.0008 * np.arange(240)
    shape = (240, 45, 45)
    standard = make_cube(DISK + rng.normal(0, 3.0, shape), 3.0, wavelength)
    pixel = make_cube(DISK + rng.normal(0, 6.0, (200, 45, 45)), 6.0, wavelength[20:220])
    return bakeoff.four_backgrounds(standard, pixel, np.full(240, SKY), CENTRE)


def test_the_four_cubes_share_their_planes(four):
    assert tuple(four) == bakeoff.METHODS
    assert {cube.flux.shape for cube in four.values()} == {(200, 45, 45)}
    assert all(cube.wavelength[0] == pytest.approx(5.016) for cube in four.values())


def test_each_method_leaves_what_it_should_of_a_uniform_disk(four):
    region = bakeoff.disk_region(four, CENTRE)
    levels = {name: bakeoff.level(cube, region) for name, cube in four.items()}
    assert levels["none"] == pytest.approx(DISK + SKY, abs=0.1)
    assert levels["pixel"] == pytest.approx(DISK, abs=0.1)
    assert levels["master"] == pytest.approx(DISK, abs=0.1)
    assert levels["annulus"] == pytest.approx(0.0, abs=0.1)  # the ring lies on the disk


def test_the_noise_of_a_spaxel_is_found_and_that_of_the_mean_is_smaller_by_the_root_of_the_spaxels(four):
    region = bakeoff.disk_region(four, CENTRE)
    noise = {name: bakeoff.noise(cube, region) for name, cube in four.items()}
    assert noise["master"].spaxel == pytest.approx(3.0, rel=0.03)
    assert noise["pixel"].spaxel == pytest.approx(6.0, rel=0.03)
    assert noise["master"].mean == pytest.approx(3.0 / np.sqrt(region.sum()), rel=0.25)


def test_noise_that_all_spaxels_share_stays_in_the_mean(four):
    common = np.random.default_rng(6).normal(0, 2.0, 200)
    shared = replace(four["master"], flux=four["master"].flux + common[:, None, None])
    region = bakeoff.disk_region(four, CENTRE)
    assert bakeoff.noise(shared, region).mean == pytest.approx(2.0, rel=0.25)


def test_cubes_with_other_spaxels_are_refused(four):
    other = replace(four["pixel"], flux=four["pixel"].flux[:, :40])
    with pytest.raises(AnalysisError, match="expected the same"):
        bakeoff.four_backgrounds(four["none"], other, np.zeros(200), CENTRE)
