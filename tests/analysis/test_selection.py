"""How often two Gaussians win by chance."""

import dataclasses

import numpy as np
import pytest

from mrskit.analysis.fits import fit_line
from mrskit.analysis.selection import bic_gains, false_lines, noise_of
from mrskit.bands import BANDS
from mrskit.products import Spectrum

REST, Z = 5.340169, 0.0225


@pytest.fixture
def spectrum(profile):
    """A line of one Gaussian on a continuum of 30 mJy, noise of 0.2 mJy."""
    wavelength = np.arange(5.40, 5.52, 0.0008)
    line = profile(wavelength, REST, Z, 8e-17, 0.0, 120.0) / 1e-29
    flux = 30 + line + np.random.default_rng(2).normal(0, 0.2, wavelength.size)
    return Spectrum(wavelength, flux, np.full(flux.shape, 0.2), "mJy", BANDS["1A"], "made")


@pytest.fixture
def one(spectrum):
    return fit_line(spectrum.wavelength, spectrum.flux, spectrum.error, REST, Z, unit="mJy")


def test_the_noise_is_found_from_neighbouring_points(spectrum):
    velocity = 299792.458 * (spectrum.wavelength / (REST * (1 + Z)) - 1)
    assert noise_of(spectrum.flux, velocity) == pytest.approx(0.2, rel=0.25)


def test_with_independent_noise_a_gain_of_ten_hardly_ever_comes_by_chance(spectrum, one):
    gains = bic_gains(spectrum, one, trials=300)
    # Three parameters that buy nothing cost 3 ln n.
    assert np.median(gains) == pytest.approx(-3 * np.log(np.sum(abs(spectrum.wavelength / 5.46032 - 1) < 0.005)), abs=4)
    assert np.mean(gains > 10) < 0.01


def test_correlated_noise_makes_false_components_more_frequent(spectrum, one):
    independent, correlated = (bic_gains(spectrum, one, trials=300, correlated=flag) for flag in (False, True))
    assert np.mean(correlated > 0) > 4 * np.mean(independent > 0) + 0.03


def test_one_seed_gives_the_same_gains_and_another_seed_others(spectrum, one):
    assert np.array_equal(bic_gains(spectrum, one, 20, seed=1), bic_gains(spectrum, one, 20, seed=1))
    assert not np.array_equal(bic_gains(spectrum, one, 20, seed=1), bic_gains(spectrum, one, 20, seed=2))


@pytest.mark.parametrize("steep", [1.0, 8.0])
def test_the_criterion_is_right_for_both_false_lines_also_with_errors_that_grow_with_the_light(spectrum, one, steep):
    share = spectrum.flux / np.nanmax(spectrum.flux)
    some = dataclasses.replace(spectrum, error=spectrum.error * (1 + (steep - 1) * share**2))
    gains = []
    for flux in false_lines(some, one):
        fits = [fit_line(some.wavelength, flux, some.error, one.rest, one.redshift, count, unit=some.unit)
                for count in (1, 2)]  # fmt: skip
        gains.append(fits[0].bic - fits[1].bic)
    assert 0 < gains[0] < 9 and gains[1] < 0
