"""The one-dimensional fringe correction removes a fringe and leaves the continuum."""

import numpy as np
import pytest

from mrskit.errors import PipelineError
from mrskit.pipeline.steps import fringes


def test_a_fringe_of_the_etalon_is_reduced_by_a_factor_of_three_and_the_continuum_stays():
    wavelength = np.arange(4.9, 5.74, 0.0008)
    continuum = 1 + 0.2 * (wavelength - 5.3)
    fringe = 0.03 * np.sin(2 * np.pi * (1e4 / wavelength) / 2.9)  # period 2.9 cm-1
    corrected = fringes.correct_1d(continuum * (1 + fringe), wavelength, channel=1)
    inner = slice(80, -80)
    before, after = np.std(fringe[inner]), np.std((corrected / continuum)[inner])
    assert after < before / 3
    assert abs(np.mean((corrected / continuum)[inner]) - 1) < 0.003


def test_pixels_without_flux_stay_as_they_are():
    wavelength = np.arange(4.9, 5.74, 0.0008)
    flux = np.ones_like(wavelength)
    flux[:20] = np.nan
    flux[30] = -1.0
    corrected = fringes.correct_1d(flux, wavelength, channel=1)
    assert np.isnan(corrected[:20]).all() and corrected[30] == -1.0
    assert np.isfinite(corrected[31:]).all()


def test_a_spectrum_without_positive_flux_is_an_error():
    with pytest.raises(PipelineError, match="0 of 100 pixels are positive"):
        fringes.correct_1d(np.zeros(100), np.linspace(5, 5.1, 100), channel=1)
