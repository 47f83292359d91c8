"""Functions that learners write in lesson 06: reference solutions, typical mistakes, and probe arguments."""

from __future__ import annotations

import numpy as np

from mrskit.bands import resolving_power

SPEED_OF_LIGHT = 299792.458  # km/s
FWHM = 2.0 * np.sqrt(2.0 * np.log(2.0))

Probes = tuple[tuple, ...]


def velocity(observed: float | np.ndarray, rest: float, redshift: float) -> float | np.ndarray:
    """Return the velocity relative to the redshifted rest wavelength, km/s."""
    return SPEED_OF_LIGHT * (observed / (rest * (1 + redshift)) - 1)


def velocity_of_the_galaxy(observed: float | np.ndarray, rest: float, redshift: float) -> float | np.ndarray:
    """Forget the redshift."""
    return SPEED_OF_LIGHT * (observed / rest - 1)


def velocity_by_observed(observed: float | np.ndarray, rest: float, redshift: float) -> float | np.ndarray:
    """Divide the shift by the observed wavelength."""
    return SPEED_OF_LIGHT * (1 - rest * (1 + redshift) / observed)


def velocity_in_metres(observed: float | np.ndarray, rest: float, redshift: float) -> float | np.ndarray:
    """Return m/s."""
    return 1e3 * velocity(observed, rest, redshift)


def velocity_undivided(observed: np.ndarray, rest: float, redshift: float) -> np.ndarray:
    """Divide the shift by the rest wavelength."""
    return np.asarray(velocity(observed, rest, redshift)) * (1 + redshift)


def velocity_relativistic(observed: np.ndarray, rest: float, redshift: float) -> np.ndarray:
    """Use the relativistic Doppler formula relative to the redshifted wavelength."""
    ratio = (observed / (rest * (1 + redshift))) ** 2
    return SPEED_OF_LIGHT * (ratio - 1) / (ratio + 1)


def velocity_reversed(observed: float | np.ndarray, rest: float, redshift: float) -> float | np.ndarray:
    """Count motion away from us as negative."""
    return -velocity(observed, rest, redshift)


def velocity_probes(seed: int) -> Probes:
    """Return single wavelengths and an array of wavelengths near some lines."""
    random = np.random.default_rng(seed)
    found = []
    for rest in (5.3402, 7.6524, 12.8135, 17.0348):
        redshift = float(random.uniform(0.005, 0.05))
        found.append((float(rest * (1 + redshift) * (1 + random.uniform(-2e-3, 2e-3))), rest, redshift))
    shifts = random.uniform(-3e-3, 3e-3, 12)
    return (*found, (8.025044 * 1.0225 * (1 + shifts), 8.025044, 0.0225))


def gas_width(observed_sigma: float, wavelength: float) -> float:
    """Return the sigma of the gas, km/s, corrected for the instrument; NaN if the line is narrower."""
    squared = observed_sigma**2 - instrument_width(wavelength) ** 2
    return float(np.sqrt(squared)) if squared >= 0 else np.nan


def instrument_width(wavelength: float) -> float:
    """Return the sigma of the instrument, km/s."""
    return float(SPEED_OF_LIGHT / resolving_power(wavelength) / FWHM)


def gas_width_by_difference(observed_sigma: float, wavelength: float) -> float:
    """Subtract the widths instead of their squares."""
    width = observed_sigma - instrument_width(wavelength)
    return width if width >= 0 else np.nan


def gas_width_by_fwhm(observed_sigma: float, wavelength: float) -> float:
    """Use the instrument's FWHM instead of its sigma."""
    squared = observed_sigma**2 - (FWHM * instrument_width(wavelength)) ** 2
    return float(np.sqrt(squared)) if squared >= 0 else np.nan


def gas_width_zero(observed_sigma: float, wavelength: float) -> float:
    """Return zero for lines narrower than the instrument."""
    return float(np.sqrt(max(observed_sigma**2 - instrument_width(wavelength) ** 2, 0.0)))


def gas_width_probes(seed: int) -> Probes:
    """Return broad and narrow lines at several wavelengths; one line is narrower than the instrument."""
    random = np.random.default_rng(seed)
    found = [(float(random.uniform(120, 400)), wavelength) for wavelength in (5.46, 7.825, 12.555, 17.418)]
    return (*found, (float(random.uniform(15, 25)), 8.2056))
