"""The functions that lessons 05 and 06 ask for, on numbers worked out by hand."""

import numpy as np
import pytest

from mrskit.course.lesson05_spec3 import functions as functions05
from mrskit.course.lesson06_analysis import functions as functions06


def test_clipping_goes_on_until_nothing_is_left_out():
    # Median 10.5. Clipped once, the star of 10000 goes; the one of 60 goes in the next round.
    field = np.array([10.0, 11.0] * 20 + [60.0, 10000.0, np.nan])
    assert functions05.clipped_mean(field, 3.0) == pytest.approx(10.5)
    assert functions05.clipped_once(field, 3.0) == pytest.approx((420 + 60) / 41)
    assert np.isnan(functions05.clipped_mean(np.full(5, np.nan), 3.0))


def test_the_leak_is_the_fraction_of_the_flux_at_half_the_wavelength():
    leak = functions05.spectral_leak(np.array([12.0, 12.4]), np.array([6.0, 6.1, 6.2]), np.array([1.0, 2.0, 4.0]),
                                  np.array([0.01, 0.02]))  # fmt: skip
    assert leak == pytest.approx([0.01, 0.08])


def test_a_velocity_counts_from_the_redshifted_rest_wavelength():
    assert functions06.velocity(10.0, 10.0, 0.0) == 0
    assert functions06.velocity(10.2 * 1.001, 10.0, 0.02) == pytest.approx(299.792458)


def test_the_instrument_is_removed_in_quadrature_and_a_narrower_line_has_no_width():
    # R(8 um) = 4603 - 1024 = 3579: sigma 299792.458 / 3579 / 2.35482 = 35.57 km/s.
    assert functions06.instrument_width(8.0) == pytest.approx(35.571, abs=0.01)
    assert functions06.gas_width(100.0, 8.0) == pytest.approx(np.sqrt(100**2 - 35.571**2), rel=1e-4)
    assert np.isnan(functions06.gas_width(30.0, 8.0)) and functions06.gas_width_zero(30.0, 8.0) == 0


def test_bands_join_when_each_is_divided_by_the_steps_between_it_and_the_anchor():
    levels = np.array([1.0, 2.0, 6.0])  # ratios 2 and 3
    assert functions05.factors(np.array([2.0, 3.0]), 1) * levels == pytest.approx([2.0, 2.0, 2.0])


@pytest.mark.parametrize(
    ("right", "wrong", "probes", "rel", "abs"),
    [(functions05.clipped_mean, functions05.clipped_once, functions05.clipped_mean_probes, 1e-3, 0),
     (functions05.spectral_leak, functions05.leak_without_half, functions05.leak_probes, 1e-3, 0),
     (functions05.clipped_mean, functions05.clipped_about_the_mean, functions05.clipped_mean_probes, 1e-3, 0),
     (functions05.least_difference, functions05.difference_of_mean, functions05.least_difference_probes, 1e-3, 0),
     (functions05.factors, functions05.factors_of_neighbours, functions05.factors_probes, 1e-3, 0),
     (functions06.velocity, functions06.velocity_relativistic, functions06.velocity_probes, 0, 0.1),
     (functions06.velocity, functions06.velocity_by_observed, functions06.velocity_probes, 0, 0.1),
     (functions06.gas_width, functions06.gas_width_zero, functions06.gas_width_probes, 5e-3, 0)],
)  # fmt: skip
@pytest.mark.parametrize("seed", [1, 5028, 77])
def test_the_probes_tell_the_right_function_from_the_one_that_comes_nearest(right, wrong, probes, rel, abs, seed):
    pairs = [(np.asarray(right(*probe)), np.asarray(wrong(*probe))) for probe in probes(seed)]
    assert any(not np.allclose(first, second, rtol=rel, atol=abs, equal_nan=True) for first, second in pairs)
