"""Bands joined to one spectrum."""

import numpy as np
import pytest

from mrskit.analysis import joined
from mrskit.bands import BANDS
from mrskit.errors import AnalysisError
from mrskit.products import Spectrum


def band_spectrum(name, low, high, flux, unit="Jy"):
    wavelength = np.arange(low, high, 0.001)
    values = np.full(wavelength.size, float(flux))
    return Spectrum(wavelength, values, 0.01 * values, unit, BANDS[name], name)


def test_full_spectrum_meets_in_the_middle_of_the_overlap():
    whole = joined.full_spectrum([band_spectrum("1B", 5.66, 6.63, 2000.0, "mJy"), band_spectrum("1A", 4.9, 5.74, 1.0)])
    assert whole.unit == "mJy"
    assert (np.diff(whole.wavelength) > 0).all()
    # The overlap is 5.66 to 5.74: 1A up to 5.70, 1B from there.
    assert whole.flux[whole.wavelength < 5.699] == pytest.approx(1000.0)
    assert whole.flux[whole.wavelength > 5.701] == pytest.approx(2000.0)


def test_band_steps_are_ratios_of_red_to_blue():
    parts = [
        band_spectrum("1A", 4.9, 5.74, 1.0),
        band_spectrum("1B", 5.66, 6.63, 1.05),
        band_spectrum("2A", 7.5, 8.7, 2.0),
    ]
    assert joined.band_steps(parts) == pytest.approx({"1A/1B": 1.05})


def test_nothing_cannot_be_joined():
    with pytest.raises(AnalysisError, match="no spectrum given"):
        joined.full_spectrum([])
