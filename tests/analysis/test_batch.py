"""Many spectra fitted at once: one and two Gaussians, the same as lmfit, the truth within the errors."""

import numpy as np
import pytest

from mrskit.analysis.batch import fit_spectra
from mrskit.analysis.fits import fit_line
from mrskit.analysis.gaussians import instrument_sigma

REST, Z, NOISE = 5.340169, 0.0225, 0.5
CENTRE = REST * (1 + Z)
VELOCITY = np.arange(-1000.0, 1001.0, 44.0)  # km/s
INSTRUMENT = instrument_sigma(CENTRE)


def gaussian(flux, velocity, sigma):
    return flux / (np.sqrt(2 * np.pi) * sigma) * np.exp(-0.5 * ((VELOCITY - velocity) / sigma) ** 2)


@pytest.fixture
def spectra():
    """Two hundred spectra with a narrow line, a broad blue-shifted one under it, and noise of 0.5."""
    line = gaussian(6000, 20, 90) + gaussian(6000, -120, 300)
    return 10 + line + np.random.default_rng(3).normal(0, NOISE, (200, VELOCITY.size))


def test_two_gaussians_give_back_the_truth_within_their_errors(spectra):
    fit = fit_spectra(VELOCITY, spectra, np.full(spectra.shape, NOISE), INSTRUMENT, components=2)
    order = np.where(fit.values[:, 2] < fit.values[:, 5], 0, 3)[:, None]
    for offset, (name, narrow, broad) in enumerate((("flux", 6000, 6000), ("velocity", 20, -120), ("sigma", 90, 300))):
        for shift, expected in ((order, narrow), (3 - order, broad)):
            value = np.take_along_axis(fit.values, shift + offset, axis=1)[:, 0]
            error = np.take_along_axis(fit.errors, shift + offset, axis=1)[:, 0]
            pull = (value - expected) / error
            assert abs(np.mean(pull)) < 0.3, name
            assert 0.8 < np.std(pull) < 1.2, name


def test_two_gaussians_equal_those_of_lmfit(spectra):
    fit = fit_spectra(VELOCITY, spectra[:5], np.full((5, VELOCITY.size), NOISE), INSTRUMENT, 500.0, 2)
    wavelength = CENTRE * (1 + VELOCITY / 299792.458)
    for i in range(5):
        reference = fit_line(wavelength, spectra[i], np.full(VELOCITY.size, NOISE), REST, Z, 2, window=1000.0)
        widths = sorted((fit.values[i, 2], fit.values[i, 5]))
        assert widths == pytest.approx([part.observed_width for part in reference.components], rel=2e-3)
        assert fit.bic[i] == pytest.approx(reference.bic, abs=0.01)


def test_the_bic_is_that_of_lmfit_for_one_gaussian():
    flux = 3 + gaussian(2000, -40, 120) + np.random.default_rng(5).normal(0, NOISE, VELOCITY.size)
    fit = fit_spectra(VELOCITY, flux[None], np.full((1, VELOCITY.size), NOISE), INSTRUMENT)
    wavelength = CENTRE * (1 + VELOCITY / 299792.458)
    assert fit.bic[0] == pytest.approx(
        fit_line(wavelength, flux, np.full(VELOCITY.size, NOISE), REST, Z, window=1000.0).bic, abs=0.01
    )


def test_points_without_a_value_or_an_error_do_not_count(spectra):
    data, error = spectra.copy(), np.full(spectra.shape, NOISE)
    data[:, 3], error[:, 7], error[:, 8] = np.nan, 0.0, np.nan
    fit = fit_spectra(VELOCITY, data, error, INSTRUMENT)
    assert (fit.points == VELOCITY.size - 3).all()
    assert np.isfinite(fit.values).all()


def test_velocities_and_widths_stay_inside_their_borders():
    noise = np.random.default_rng(8).normal(0, NOISE, (300, VELOCITY.size))
    fit = fit_spectra(VELOCITY, noise, np.full(noise.shape, NOISE), INSTRUMENT, search=250.0, components=2)
    assert np.abs(fit.values[:, [1, 4]]).max() <= 250.0
    assert fit.values[:, [2, 5]].min() >= 0.8 * INSTRUMENT - 1e-9
    assert fit.values[:, [0, 3]].min() >= 0.0
