"""Tests of the criterion for one or two Gaussians on simulated lines with only one component."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from astropy.stats import mad_std

from mrskit.analysis.batch import fit_spectra
from mrskit.analysis.catalogue import SPEED_OF_LIGHT
from mrskit.analysis.fits import LineFit, fit_line
from mrskit.analysis.gaussians import instrument_sigma
from mrskit.products import Spectrum

TRIALS = 1000
SEED = 7319
CORRELATED = np.array([0.25, 0.5, 0.25])  # weights of three neighbouring planes, roughly as in drizzling


def bic_gains(
    spectrum: Spectrum, fit: LineFit, trials: int = TRIALS, seed: int = SEED, correlated: bool = False
) -> np.ndarray:
    """
    Return the BIC gain of two Gaussians over one for simulated spectra whose line is one Gaussian.

    The line and continuum are from a fit with one Gaussian, and the noise has the scatter of the spectrum (`noise_of`).

    Parameters
    ----------
    spectrum : Spectrum
        Spectrum for the wavelengths within 1500 km/s and the noise (differences of neighbours far from the line).
    fit : LineFit
        Fit with one component, in the unit of the spectrum.
    correlated : bool
        Whether neighbouring points have correlated noise, as in a drizzled cube; the standard deviation is the same.

    Returns
    -------
    ndarray of shape (trials,)
        BIC of one Gaussian minus BIC of two: positive if the BIC prefers two.
    """
    made, velocity, sigma = _made(spectrum, fit, trials, seed, correlated)
    instrument = instrument_sigma(fit.rest * (1 + fit.redshift))
    error = np.full(made.shape, sigma)
    one, two = (fit_spectra(velocity, made, error, instrument, 500.0, count) for count in (1, 2))
    return one.bic - two.bic


def false_lines(spectrum: Spectrum, fit: LineFit) -> tuple[np.ndarray, np.ndarray]:
    """
    Return two simulated spectra of a single Gaussian with correlated noise, similar to a given spectrum.

    With its errors, two Gaussians fit the first slightly better by chance (at most 9 in BIC), and not the second.
    """
    gains = bic_gains(spectrum, fit, correlated=True)
    made = _made(spectrum, fit, TRIALS, SEED, True)[0]
    near = np.abs(SPEED_OF_LIGHT * (spectrum.wavelength / (fit.rest * (1 + fit.redshift)) - 1)) < 1500
    found = []
    for wanted, low, high in ((4.0, 0.5, 9.0), (-8.0, -np.inf, -0.5)):
        flux = spectrum.flux.copy()
        for draw in np.argsort(np.abs(gains - wanted))[:100]:  # as many draws of the noise
            flux[near] = made[draw]
            one, two = (fit_line(spectrum.wavelength, flux, spectrum.error, fit.rest, fit.redshift, count,
                                 unit=spectrum.unit).bic for count in (1, 2))  # fmt: skip
            if low < one - two < high:
                break
        found.append(flux)
    return found[0], found[1]


def noisier(spectrum: Spectrum, factor: float) -> Spectrum:
    """Add noise to a spectrum, identical each time, so that its errors increase by a factor."""
    noise = np.random.default_rng(SEED).normal(size=spectrum.flux.size) * np.sqrt(factor**2 - 1)
    return replace(spectrum, flux=spectrum.flux + noise * spectrum.error, error=factor * spectrum.error)


def _made(
    spectrum: Spectrum, fit: LineFit, trials: int, seed: int, correlated: bool
) -> tuple[np.ndarray, np.ndarray, float]:  # fmt: skip
    """Return simulated fluxes within 1500 km/s, (trials, n), their velocities and the sigma of the noise."""
    velocity = SPEED_OF_LIGHT * (spectrum.wavelength / (fit.rest * (1 + fit.redshift)) - 1)
    use = np.abs(velocity) < 1500
    velocity, wavelength = velocity[use], spectrum.wavelength[use]
    sigma = noise_of(spectrum.flux[use], velocity)
    draws = np.random.default_rng(seed).normal(0, 1, (trials, velocity.size))
    if correlated:
        draws = sum(
            weight * np.roll(draws, shift, axis=1) for shift, weight in zip((-1, 0, 1), CORRELATED, strict=True)
        )
        draws /= np.sqrt((CORRELATED**2).sum())
    return fit.model(wavelength) + sigma * draws, velocity, sigma


def noise_of(flux: np.ndarray, velocity: np.ndarray) -> float:
    """
    Return the standard deviation of the noise from differences of neighbouring points beyond 800 km/s.

    Examples
    --------
    Noise of 2 Jy on a rising continuum; the line in the middle is not used:

    >>> velocity = np.linspace(-1500.0, 1500.0, 20001)  # km/s
    >>> flux = 50.0 + velocity / 100.0 + 80.0 * np.exp(-0.5 * (velocity / 150.0) ** 2)
    >>> flux += np.random.default_rng(1).normal(0.0, 2.0, velocity.size)
    >>> f"{noise_of(flux, velocity):.1f} Jy"
    '2.0 Jy'
    """
    far = np.abs(velocity) > 800
    steps = np.diff(flux)[far[1:] & far[:-1]]
    return float(mad_std(steps, ignore_nan=True) / np.sqrt(2))
