"""Imperfections: scales, what they change, and that the pipeline's own means find them."""

import numpy as np
import pytest

from mrskit.bands import SETTINGS
from mrskit.errors import SimulationError
from mrskit.simulate import disturbances, imperfections
from mrskit.simulate.disturbances import Disturbances
from mrskit.simulate.events import SHAPE
from mrskit.simulate.imperfections import DEFAULT, PERFECT, Departures, Imperfections, departures
from mrskit.simulate.pointing import displaced, pointing

SETTING = SETTINGS["34:SHORT"]
SENSITIVE = np.pad(np.ones((SHAPE[0], SHAPE[1] - 8), dtype=bool), ((0, 0), (4, 4)))


def acting(**sizes) -> Disturbances:
    return Disturbances(Departures(**sizes), 2.77504, 0.3, None)


def test_sizes_are_proportional_to_their_scales_and_zero_when_perfect():
    once = departures(SETTING, 1, Imperfections(*[1.0] * 16)).as_dict()
    half = departures(SETTING, 1, Imperfections(*[0.5] * 16)).as_dict()
    assert all(once.values())
    assert half == pytest.approx({name: value / 2 for name, value in once.items()})
    none = departures(SETTING, 1, PERFECT).as_dict()
    assert none.pop("wings") == DEFAULT.wings  # what the aperture correction is for
    assert set(none.values()) == {0.0}


def test_scales_are_read_from_texts():
    read = imperfections.parse(["warm-pixels=0.5", "wings = 2"])
    assert read.changed() == {"warm_pixels": 0.5, "wings": 2.0}
    assert imperfections.parse([]) == DEFAULT
    assert imperfections.parse(["gain=1"], PERFECT).gain == 1.0


@pytest.mark.parametrize(
    ("text", "said"),
    [("warm_pixel=1", "did you mean warm_pixels"), ("wings", "Expected NAME=SCALE"), ("wings=3", "from 0"),
     ("wings=", "the scale is missing"), ("wings=nan", "from 0"), ("wings=-1", "from 0"), ("=1", "with a name of")],
)  # fmt: skip
def test_a_wrong_scale_is_told(text, said):
    with pytest.raises(SimulationError, match=said):
        imperfections.parse([text])


def test_the_visit_points_elsewhere_by_the_same_in_all_settings():
    scales = Imperfections(pointing=1.0)
    first, other = (departures(SETTINGS[name], 7, scales) for name in ("12:SHORT", "34:LONG"))
    assert (first.offset_east, first.offset_north, first.roll) == (other.offset_east, other.offset_north, other.roll)
    assert np.hypot(first.offset_east, first.offset_north) == pytest.approx(0.2)
    nominal = pointing(339.0, 33.976, 1)
    there = displaced(nominal, 0.2, -0.1, 0.05)
    assert (there.dec_ref - nominal.dec_ref) * 3600 == pytest.approx(-0.1)
    assert (there.ra_ref - nominal.ra_ref) * 3600 * np.cos(np.deg2rad(33.976)) == pytest.approx(0.2, rel=1e-3)


def test_warm_pixels_are_few_unknown_and_the_same_in_every_exposure():
    known = np.zeros(SHAPE, dtype=bool)
    known[:, :500] = True
    warm = disturbances.warm_pixels(0.002, 5, "12", known)
    assert warm is not None
    assert not warm[known].any()
    assert np.mean(warm[~known] > 0) == pytest.approx(0.002, rel=0.1)
    assert warm[warm > 0].min() >= 0.2
    assert warm.max() <= 5.0
    np.testing.assert_array_equal(warm, disturbances.warm_pixels(0.002, 5, "12", known))
    assert (warm != disturbances.warm_pixels(0.002, 5, "34", known)).any()
    now = disturbances.drifted(warm, np.random.default_rng(6))
    assert np.std(now[warm > 0] / warm[warm > 0]) == pytest.approx(0.3, rel=0.1)
    assert not now[warm == 0].any()


@pytest.mark.parametrize(("group_time", "row_clocks", "samples"), [(2.77504, 271, 1), (23.88992, 2333, 9)])
def test_the_emicorr_step_finds_the_interference_and_takes_it_out(group_time, row_clocks, samples):
    from mrskit.pipeline.faster import interference as emicorr  # to the last bit as jwst's own function, but sooner

    extra = Disturbances(Departures(interference=4.0), group_time, 0.3, None)
    rng, part = np.random.default_rng(3), (..., slice(0, 32))  # eight pixels of each output: the fit is slow
    ramps = rng.normal(0.0, 4.2, (2, 6, SHAPE[0], 32)) + 30.0 * np.arange(6)[:, None, None]
    wave = np.stack([[extra.on_read(one, group, 6, SENSITIVE)[part] for group in range(6)] for one in range(2)])
    reference = np.sin(2.0 * np.pi * (np.arange(64) + 0.5) / 64)
    cleaned = emicorr.emicorr_refwave(
        (ramps + wave).astype(np.float32), np.zeros((SHAPE[0], 32), np.uint32), reference, samples, row_clocks,
        SHAPE[0] * row_clocks, disturbances.INTERFERENCE_PERIOD,
    )  # fmt: skip
    left = np.diff(cleaned - ramps, axis=1)
    assert left.std() < 0.05 * np.diff(wave, axis=1).std()
    noise_of = [np.diff(data, axis=1).std() / np.sqrt(2.0) for data in (ramps + wave, cleaned)]
    assert noise_of == pytest.approx([noise_of[0], 4.2], rel=0.02) and noise_of[0] > 4.4
    noise = np.hypot(4.2, wave.std()) / 4.2
    assert noise == pytest.approx(1.2, abs=0.02)  # of a read: 20 %, as the documentation of the step says


def test_settling_decays_and_spares_the_reference_pixels():
    reads = [acting(settling=12.0).on_read(1, group, 10, SENSITIVE) for group in range(4)]
    np.testing.assert_allclose([read[5, 500] for read in reads], -12.0 * np.exp(-np.arange(4) / 1.2), rtol=1e-6)
    assert not reads[0][:, :4].any()
    left = [
        acting(settling=12.0).on_read(number, skipped, 10, SENSITIVE)[5, 500] for number, skipped in ((0, 1), (1, 4))
    ]
    assert np.all(np.abs(left) < 1.0)  # in the first group that rscd leaves, of 12 DN


def test_what_persists_is_the_share_of_the_exposure_before_and_fades():
    before = np.full(SHAPE, 100.0)
    extra = Disturbances(Departures(persistence=0.003), 2.77504, 0.0, before)
    added = [extra.persisting(0, group, 30)[0, 0] for group in range(30)]
    assert sum(added) == pytest.approx(0.3 * 60.0 * (1 - np.exp(-30 * 2.77504 / 60.0)), rel=1e-5)
    assert added[0] / 2.77504 == pytest.approx(0.3, rel=0.03)
    assert acting().persisting(0, 0, 10) == 0.0


def test_a_full_pixel_pushes_charge_to_its_neighbours_and_none_is_lost():
    added, signal = np.full(SHAPE, 10.0, np.float32), np.zeros(SHAPE, np.float32)
    added[300, 400], signal[300, 400] = 1000.0, 50000.0
    pushed = acting(brighter_fatter=0.02).spread(added, signal)
    assert pushed.sum(dtype=float) == pytest.approx(added.sum(dtype=float))
    assert pushed[300, 400] == pytest.approx(1000.0 * (1 - 4 * 0.02 * 50000 / 52500), rel=1e-5)
    assert pushed[300, 401] == pytest.approx(10.0 + 1000.0 * 0.02 * 50000 / 52500, rel=1e-5)
    assert pushed[301, 401] == 10.0
    assert acting().spread(added, signal) is added
