"""Ramps: what the detector adds is what it was told to add."""

import numpy as np
import pytest

from mrskit.simulate import detector as parts
from mrskit.simulate.detector import BIAS, GROUP_TIME, SHAPE, Detector, expose
from mrskit.simulate.events import Hits
from mrskit.simulate.imperfections import Departures

QUADRATIC = 1.8e-6  # 1/DN


@pytest.fixture
def ideal() -> Detector:
    """A detector with a bend in its ramps and nothing else: no noise, no dark, no effects of single frames."""
    edge = np.zeros(SHAPE, dtype=bool)
    edge[:, :4] = edge[:, 1028:] = True
    dead = np.zeros(SHAPE, dtype=bool)
    dead[500, 500] = True
    coefficients = np.zeros((3, *SHAPE), dtype=np.float32)
    coefficients[1] = 1.0
    coefficients[2, ~edge] = QUADRATIC
    ones = np.ones(SHAPE, dtype=np.float32)
    return Detector(
        dark=0 * ones, gain=4.0 * ones, read_noise=0 * ones, linearity=coefficients, saturation=57500.0 * ones,
        ceiling=60000.0 * ones, linear_ceiling=(60000.0 + QUADRATIC * 60000.0**2) * ones,
        reset=np.zeros((1, 0, *SHAPE), dtype=np.float32), reference_pixels=edge, dead=dead, bad=dead,
        first_groups=(1, 4),
    )  # fmt: skip


@pytest.fixture
def no_hits(monkeypatch):
    """No cosmic rays."""
    empty = np.zeros(0, dtype=np.int16)
    monkeypatch.setattr(parts, "cosmic_rays", lambda *_: Hits(empty, empty, empty, empty, empty.astype(np.float32)))


def linear(raw: np.ndarray) -> np.ndarray:
    raw = raw.astype(float)
    return raw + QUADRATIC * raw**2


def test_the_linearity_correction_undoes_the_bend_of_the_ramp(ideal, no_hits):
    rate = np.full(SHAPE, 200.0, dtype=np.float32)
    data = expose(rate, ideal, Departures(), 1, 8, np.random.default_rng(1)).data[0]
    straight = linear(data[1:7])[:, 100:900, 100:900]
    slopes = np.diff(straight, axis=0).mean(axis=(1, 2)) / GROUP_TIME
    np.testing.assert_allclose(slopes, 200.0, rtol=2e-3)


def test_the_four_outputs_drift_with_their_reference_pixels_and_not_at_all_when_perfect(ideal, no_hits):
    drifting = Departures(output_drift=3.0)
    none = np.zeros(SHAPE, np.float32)
    data, still = (expose(none, ideal, errors, 1, 20, np.random.default_rng(9)).data[0].astype(float)
                   for errors in (drifting, Departures()))  # fmt: skip
    change = (data - still)[1:-1].reshape(18, SHAPE[0], -1, 4)
    lit, reference = change[:, :, 1:-1].mean(axis=(1, 2)), change[:, :, [0, -1]].mean(axis=(1, 2))
    np.testing.assert_allclose(lit, reference, rtol=0.05, atol=0.3)  # the lit ones are less linear
    assert np.std(np.diff(lit, axis=0)) == pytest.approx(3.0, rel=0.25)
    assert np.ptp(lit[-1]) > 1.0


def test_photon_noise_has_the_variance_of_the_collected_electrons(ideal, no_hits):
    for rate in (0.5, 300.0):  # 5 electrons a group (Poisson) and 3330 (normal)
        image = np.full(SHAPE, rate, dtype=np.float32)
        data = expose(image, ideal, Departures(), 1, 4, np.random.default_rng(2)).data[0]
        step = np.diff(linear(data[1:3]), axis=0)[0, :, 100:900]
        by_output = step.reshape(SHAPE[0], -1, 4)
        variance = by_output.var(axis=(0, 1)).mean()
        assert variance == pytest.approx(rate * GROUP_TIME / 4.0 + 1 / 6, rel=0.03)  # rounding twice: 1/12 each


def test_reference_and_dead_pixels_see_no_light(ideal, no_hits):
    data = expose(np.full(SHAPE, 500.0, np.float32), ideal, Departures(), 1, 6, np.random.default_rng(3)).data[0]
    dark = data[:, 500, [0, 2, 1029, 500]].astype(float)
    assert np.abs(linear(dark[-1, 3:]) - linear(dark[1, 3:])).max() < 40  # the last frame, no 5550 DN
    assert np.abs(dark[:, :3] - BIAS).max() < 100


def test_bright_pixels_saturate_and_are_reported(ideal, no_hits):
    rate = np.zeros(SHAPE, dtype=np.float32)
    rate[100, 100], rate[200, 200] = 5000.0, 1500.0  # 48,000 DN are full: after 10 s, and not within 28 s
    exposed = expose(rate, ideal, Departures(), 1, 10, np.random.default_rng(4))
    assert np.argwhere(exposed.saturated).tolist() == [[100, 100]]
    assert exposed.data[0, -1, 100, 100] <= 60000


def test_a_hit_is_a_step_of_its_size_in_its_group(ideal, monkeypatch):
    one = Hits(*(np.array([value], dtype=np.int16) for value in (0, 5, 300, 400)), np.array([2000.0], np.float32))
    monkeypatch.setattr(parts, "cosmic_rays", lambda *_: one)
    data = expose(np.zeros(SHAPE, np.float32), ideal, Departures(), 1, 10, np.random.default_rng(5)).data[0]
    steps = np.diff(linear(data[:, 300, 400]))
    assert steps[4] == pytest.approx(2000.0, abs=10.0)  # between the reads of groups 4 and 5
    assert np.abs(np.delete(steps, [0, 4, 8])).max() < 10.0  # first and last frame differ by their own effects


def test_the_first_and_the_last_frame_are_off_and_the_others_are_not(ideal, no_hits):
    data = expose(np.zeros(SHAPE, np.float32), ideal, Departures(), 2, 10, np.random.default_rng(6)).data
    level = np.median(data[..., 100:900].astype(float), axis=(2, 3))
    inner = np.median(level[:, 4:9], axis=1)
    assert np.all(level[:, 0] - inner < -10)
    assert np.all(level[:, -1] - inner < -8)
    assert np.abs(level[0, 1:-1] - inner[0]).max() < 10


def test_the_reset_anomaly_is_that_of_the_reference(ideal, no_hits):
    from dataclasses import replace

    anomaly = np.zeros((2, 3, *SHAPE), dtype=np.float32)
    anomaly[0, 1] = 300.0
    detector = replace(ideal, reset=anomaly)
    data = expose(np.zeros(SHAPE, np.float32), detector, Departures(), 1, 6, np.random.default_rng(7)).data[0]
    level = np.median(data[:, :, 100:900].astype(float), axis=(1, 2))
    assert level[1] - level[3] == pytest.approx(300.0, abs=10.0)


def test_the_dark_drifts_by_the_stated_pedestal(ideal, no_hits):
    errors = Departures(pedestal=0.06, pedestal_scatter=0.01)
    drifts = [
        float(expose(np.zeros(SHAPE, np.float32), ideal, errors, 1, 3, np.random.default_rng(seed)).dark.max())
        for seed in range(6)
    ]
    assert np.mean(drifts) == pytest.approx(0.06, abs=0.015)
    assert 0.002 < np.std(drifts) < 0.03
