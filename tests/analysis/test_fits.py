"""Line fits: they give back flux, velocity and width of known lines, and say so when there is none."""

import numpy as np
import pytest

from mrskit.analysis.fits import fit_line
from mrskit.errors import AnalysisError

REST, Z = 5.340169, 0.0225
NOISE = 2e-4  # Jy


@pytest.fixture
def spectrum(grid, profile):
    """A 20 mJy continuum with a line of 4e-17 W m-2 at +40 km/s, sigma 120 km/s, with noise of 0.2 mJy: Jy."""
    rng = np.random.default_rng(3)
    line = profile(grid, REST, Z, 4e-17, 40.0, 120.0) / 1e-26
    return grid, 0.02 + 0.004 * (grid - 5.46) + line + rng.normal(0, NOISE, grid.size), np.full(grid.size, NOISE)


def test_a_noiseless_line_is_given_back_exactly(grid, profile):
    flux = 0.02 + profile(grid, REST, Z, 4e-17, 40.0, 120.0) / 1e-26
    fit = fit_line(grid, flux, np.full(grid.size, 1e-5), REST, Z)
    assert (fit.flux, fit.velocity, fit.width) == pytest.approx((4e-17, 40.0, 120.0), rel=2e-4)
    assert fit.continuum == pytest.approx(0.02, rel=1e-5)


def test_a_noisy_line_is_given_back_within_its_errors(spectrum):
    fit = fit_line(*spectrum, REST, Z)
    assert fit.detected and fit.snr > 50
    assert abs(fit.flux - 4e-17) < 3 * fit.flux_error
    assert abs(fit.velocity - 40.0) < 3 * fit.velocity_error
    assert abs(fit.width - 120.0) < 3 * fit.width_error


def test_errors_are_the_scatter_of_repeated_measurements(grid, profile):
    rng = np.random.default_rng(5)
    clean = 0.02 + profile(grid, REST, Z, 2e-17, 0.0, 100.0) / 1e-26
    near = np.abs(grid / REST / (1 + Z) - 1) < 0.006
    error = np.full(near.sum(), NOISE)
    fits = [fit_line(grid[near], clean[near] + rng.normal(0, NOISE, near.sum()), error, REST, Z) for _ in range(60)]
    for name, truth in (("flux", 2e-17), ("velocity", 0.0), ("width", 100.0)):
        pull = [(getattr(fit, name) - truth) / getattr(fit, f"{name}_error") for fit in fits]
        # With 60 draws the standard deviation of a unit Gaussian has an error of 0.09.
        assert 0.7 < np.std(pull) < 1.3
        assert abs(np.mean(pull)) < 0.45


def test_errors_are_scaled_up_when_the_given_ones_are_too_small(spectrum):
    wavelength, flux, error = spectrum
    right, small, large = (fit_line(wavelength, flux, error * factor, REST, Z) for factor in (1.0, 0.1, 3.0))
    assert small.flux_error == pytest.approx(right.flux_error, rel=0.1)
    assert small.reduced_chi2 == pytest.approx(100, rel=0.3)
    assert large.flux_error == pytest.approx(3 * right.flux_error, rel=0.1)


def test_without_errors_the_scatter_of_the_points_gives_them(spectrum):
    wavelength, flux, error = spectrum
    with_errors, without = fit_line(wavelength, flux, error, REST, Z), fit_line(wavelength, flux, None, REST, Z)
    assert without.flux == pytest.approx(with_errors.flux, rel=1e-3)
    assert without.flux_error == pytest.approx(with_errors.flux_error, rel=0.25)
    assert np.isnan(without.reduced_chi2)


def test_surface_brightness_gives_flux_per_steradian(grid, profile):
    flux = 500 + profile(grid, REST, Z, 3e-6, 0.0, 100.0) / 1e-20
    fit = fit_line(grid, flux, np.full(grid.size, 1.0), REST, Z, unit="MJy/sr")
    assert fit.flux == pytest.approx(3e-6, rel=1e-3)


@pytest.mark.parametrize(("unit", "factor"), [("mJy", 1e3), ("MJy", 1e-6), ("uJy", 1e6)])
def test_the_flux_does_not_hang_on_the_unit(spectrum, unit, factor):
    wavelength, flux, error = spectrum
    expected = fit_line(wavelength, flux, error, REST, Z)
    found = fit_line(wavelength, flux * factor, error * factor, REST, Z, unit=unit)
    assert (found.flux, found.flux_error) == pytest.approx((expected.flux, expected.flux_error), rel=1e-5)


def test_two_components_are_taken_apart_and_the_narrower_comes_first(grid, profile):
    rng = np.random.default_rng(8)
    narrow = profile(grid, REST, Z, 2.6e-17, 0.0, 60.0)
    broad = profile(grid, REST, Z, 1.4e-17, -120.0, 300.0)
    flux = 0.02 + (narrow + broad) / 1e-26 + rng.normal(0, 3e-5, grid.size)
    error = np.full(grid.size, 3e-5)
    one, two = (fit_line(grid, flux, error, REST, Z, components=n) for n in (1, 2))
    assert two.bic < one.bic - 10
    first, second = two.components
    assert abs(first.width - 60.0) < 4 * first.width_error < 20
    assert abs(second.width - 300.0) < 4 * second.width_error < 80
    assert abs(second.velocity + 120.0) < 4 * second.velocity_error < 60
    assert two.flux == pytest.approx(4e-17, rel=0.02)
    assert two.velocity == pytest.approx(-120.0 * 0.35, abs=6.0)


def test_a_shared_velocity_is_shared(grid, profile):
    flux = 0.02 + (profile(grid, REST, Z, 2e-17, 30.0, 60.0) + profile(grid, REST, Z, 2e-17, 30.0, 250.0)) / 1e-26
    fit = fit_line(grid, flux, np.full(grid.size, 1e-5), REST, Z, components=2, shared_velocity=True)
    assert fit.components[0].velocity == fit.components[1].velocity == pytest.approx(30.0, abs=0.1)


def test_the_bic_prefers_one_component_for_a_line_with_one(spectrum):
    one, two = (fit_line(*spectrum, REST, Z, components=n) for n in (1, 2))
    assert one.bic < two.bic


def test_a_blend_partner_takes_its_own_flux(grid, profile):
    # [Mg VII] 5.5033 with half the flux of H2 S(7), 429 km/s to its blue.
    rng = np.random.default_rng(2)
    lines = profile(grid, 5.511183, Z, 2e-17, 20.0, 150.0) + profile(grid, 5.503300, Z, 1e-17, 60.0, 200.0)
    flux = 0.02 + lines / 1e-26 + rng.normal(0, NOISE / 4, grid.size)
    error = np.full(grid.size, NOISE / 4)
    alone = fit_line(grid, flux, error, 5.511183, Z)
    both = fit_line(grid, flux, error, 5.511183, Z, blends=(5.503300,))
    assert both.bic < alone.bic - 10
    assert abs(both.flux - 2e-17) < 4 * both.flux_error
    partner = both.blends[0]
    assert abs(partner.flux - 1e-17) < 4 * partner.flux_error
    assert abs(partner.velocity - 60.0) < 4 * partner.velocity_error


def test_the_model_of_a_fit_runs_through_the_data(grid, profile):
    lines = profile(grid, 5.511183, Z, 2e-17, 20.0, 150.0) + profile(grid, 5.503300, Z, 1e-17, 60.0, 100.0)
    flux = 0.02 + lines / 1e-26
    fit = fit_line(grid, flux, np.full(grid.size, 1e-5), 5.511183, Z, blends=(5.503300,))
    near = np.abs(grid / 5.511183 / (1 + Z) - 1) < 0.004
    assert np.abs(fit.model(grid[near]) - flux[near]).max() < 1e-4 * flux.max()


def test_a_line_narrower_than_the_instrument_has_width_zero_and_an_upper_limit(grid, profile):
    rng = np.random.default_rng(1)
    flux = 0.02 + profile(grid, REST, Z, 1e-17, 0.0, 1.0) / 1e-26 + rng.normal(0, NOISE, grid.size)
    fit = fit_line(grid, flux, np.full(grid.size, NOISE), REST, Z)
    assert fit.detected
    assert fit.width - 2 * fit.width_error < 1.0 < fit.width + 3 * fit.width_error


def test_noise_alone_is_no_detection(grid):
    rng = np.random.default_rng(11)
    near = np.abs(grid / REST / (1 + Z) - 1) < 0.006
    error = np.full(near.sum(), NOISE)
    fits = [fit_line(grid[near], 0.02 + rng.normal(0, error), error, REST, Z) for _ in range(40)]
    assert sum(fit.detected for fit in fits) == 0
    assert all(fit.message.startswith(("not detected", "the fit")) for fit in fits)


def test_an_absorption_line_is_no_detection(grid, profile):
    flux = 0.02 - profile(grid, REST, Z, 1e-17, 0.0, 80.0) / 1e-26
    assert not fit_line(grid, flux, np.full(grid.size, 1e-5), REST, Z).detected


def test_a_constant_spectrum_is_no_detection_and_no_exception(grid):
    assert not fit_line(grid, np.zeros(grid.size), None, REST, Z).detected


def test_gaps_are_left_out(spectrum):
    wavelength, flux, error = spectrum
    flux = flux.copy()
    flux[::7] = np.nan
    fit = fit_line(wavelength, flux, error, REST, Z)
    assert abs(fit.flux - 4e-17) < 3 * fit.flux_error


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"unit": "um"}, "unit 'um' is not a flux density"),
        ({"unit": "foo"}, "unit 'foo' is not a flux density"),
        ({"components": 3}, "expected 1 or 2 Gaussians"),
        ({"redshift": -2.0}, "a redshift above -1"),
        ({"rest": 12.8135}, "Is the line in this band"),
    ],
)
def test_unusable_input_is_named(spectrum, change, message):
    arguments = {"rest": REST, "redshift": Z} | change
    with pytest.raises(AnalysisError, match=message):
        fit_line(*spectrum, **arguments)


def test_arrays_of_different_length_are_refused(grid):
    with pytest.raises(AnalysisError, match="expected three arrays of the same length"):
        fit_line(grid, np.ones(5), None, REST, Z)
