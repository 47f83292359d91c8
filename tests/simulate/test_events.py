"""Cosmic rays and showers: rates, sizes, and what is recorded of them."""

import numpy as np
import pytest

from mrskit.simulate.events import HIT_RATE, SHAPE, STRENGTHS, cosmic_rays, showers

GROUP_TIME = 2.77504


def rng() -> np.random.Generator:
    return np.random.default_rng(5)


def test_hits_come_at_the_stated_rate_and_touch_a_few_pixels_each():
    hits = cosmic_rays(rng(), 2, 40, GROUP_TIME, 4.0)
    expected = HIT_RATE * GROUP_TIME * 80
    assert 3 < hits.dn.size / expected < 20  # pixels per hit, neighbours that receive coupled charge included
    assert np.unique(hits.integration).tolist() == [0, 1]
    assert np.unique(hits.group).size == 40


def test_hits_conserve_the_charge_of_the_tracks():
    hits = cosmic_rays(rng(), 1, 400, GROUP_TIME, 4.0)
    mean = 6000.0 * np.exp(0.5) / 4.0  # DN, mean of the log-normal distribution
    assert hits.dn.sum() / (HIT_RATE * GROUP_TIME * 400) == pytest.approx(mean, rel=0.05)


def test_hits_stay_on_the_light_sensitive_array_and_are_listed_once():
    hits = cosmic_rays(rng(), 1, 40, GROUP_TIME, 4.0)
    assert hits.column.min() >= 4
    assert hits.column.max() < SHAPE[1] - 4
    assert 0 <= hits.row.min() <= hits.row.max() < SHAPE[0]
    keys = np.stack((hits.group, hits.row, hits.column))
    assert np.unique(keys, axis=1).shape[1] == hits.dn.size


def test_the_same_seed_gives_the_same_hits():
    first, second = (cosmic_rays(rng(), 1, 10, GROUP_TIME, 4.0) for _ in range(2))
    np.testing.assert_array_equal(first.dn, second.dn)


def test_short_ramps_have_no_showers_and_long_ones_have_every_strength():
    assert showers(rng(), 1, 10, GROUP_TIME) == ()
    found = showers(rng(), 1, 40, GROUP_TIME)
    assert {item.strength for item in found} == set(STRENGTHS)


def test_a_shower_is_a_patch_of_the_stated_strength_and_size():
    for item in showers(rng(), 1, 40, GROUP_TIME)[:3]:
        assert item.amplitude.max() == pytest.approx(STRENGTHS[item.strength], rel=0.05)
        radius = np.sqrt((item.amplitude > 0).sum() / np.pi)
        assert 10 < radius < 70
        assert 10 <= item.decay <= 30


def test_a_shower_begins_with_its_group_and_all_its_light_arrives():
    item = showers(rng(), 1, 40, GROUP_TIME)[0]
    seconds = [item.seconds(group, GROUP_TIME) for group in range(400)]
    assert not any(seconds[: item.group])
    assert seconds[item.group] == pytest.approx(item.decay * (1 - np.exp(-item.start / item.decay)))
    assert sum(seconds) == pytest.approx(item.decay, rel=1e-6)
