"""Fringes, conversion and throughput with time against hand calculations."""

import numpy as np
import pytest
from jwst.photom.time_dependence import powerlaw_correction

from mrskit.bands import BANDS
from mrskit.simulate.references import optics, tables


def spectrum(channel, low, high, count=20000):
    """Transmission at one pixel position as a function of wavenumber, cm^-1."""
    wavenumber = np.linspace(1e4 / high, 1e4 / low, count)
    middle = np.full(count, 512.0)
    return wavenumber, optics.fringes(channel, 1e4 / wavenumber, 0.0, middle, middle + 4)


@pytest.mark.parametrize(("channel", "low", "high"), [(1, 5.0, 5.6), (2, 7.6, 8.7), (3, 11.6, 13.4), (4, 18.0, 20.5)])
def test_fringes_have_a_mean_of_one_and_the_contrast_of_their_channel(channel, low, high):
    _, fringe = spectrum(channel, low, high)
    assert fringe.mean() == pytest.approx(1, abs=0.005)
    contrast = 1 - fringe.min() / fringe.max()
    both = 1 - (1 - tables.FRINGE_CONTRAST[channel]) * (1 - tables.DICHROIC_CONTRAST[channel])
    assert contrast == pytest.approx(both, abs=0.003)


def test_fringes_of_channel_1_are_2_92_wavenumbers_apart():
    wavenumber, fringe = spectrum(1, 5.0, 5.6)
    peaks = np.flatnonzero((fringe[1:-1] > fringe[:-2]) & (fringe[1:-1] > fringe[2:])) + 1
    assert np.diff(wavenumber[peaks]).mean() == pytest.approx(2.92, abs=0.01)


def test_fringes_drift_smoothly_along_a_slice():
    columns = np.arange(480.0, 497)
    fringe = optics.fringes(1, 5.34, 0.19 * (columns - 488), 512.0, columns)
    assert np.abs(np.diff(fringe)).max() < 0.04


@pytest.mark.parametrize("name", BANDS)
def test_the_conversion_is_the_adopted_one_in_the_middle_and_a_third_higher_at_the_ends(name):
    band = BANDS[name]
    middle = (band.wavelength_min + band.wavelength_max) / 2
    low, centre, high = optics.conversion(band, np.array([band.wavelength_min, middle, band.wavelength_max]))
    assert centre == pytest.approx(tables.CONVERSION[name])
    assert low == pytest.approx(high)
    assert high == pytest.approx(1.35 * centre)


def throughput(channel, mjd):
    columns = ("binwave", "alpha", "year1value", "tsoft", "t0")
    table = optics.time_table(channel, np.dtype([(name, "f8") for name in columns]))
    factor = powerlaw_correction(mjd, table["t0"], table["year1value"], table["tsoft"], table["alpha"])
    return table["binwave"], factor


@pytest.mark.parametrize("channel", [1, 2, 3, 4])
def test_the_throughput_is_one_in_july_2022(channel):
    assert throughput(channel, 59763.0)[1] == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize(
    ("channel", "least", "most"), [(1, 0.0, 0.01), (2, 0.0, 0.01), (3, 0.005, 0.11), (4, 0.1, 0.55)]
)
def test_the_loss_a_year_later_is_that_of_its_channel(channel, least, most):
    loss = 1 - throughput(channel, 59763.0 + 365)[1]
    assert loss.min() >= least
    assert loss.max() <= most
