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
    peaks = np.array([*tables.FRINGE_CONTRAST[channel], tables.DICHROIC_CONTRAST[channel]])
    assert contrast == pytest.approx(1 - np.prod(1 - peaks), abs=0.003)


def test_fringes_of_channel_1_are_2_92_wavenumbers_apart():
    wavenumber, fringe = spectrum(1, 5.0, 5.6)
    peaks = np.flatnonzero((fringe[1:-1] > fringe[:-2]) & (fringe[1:-1] > fringe[2:])) + 1
    assert np.diff(wavenumber[peaks]).mean() == pytest.approx(2.92, abs=0.01)


def test_the_fringes_of_the_two_cavities_beat():
    """Two periods of 2.92 and 3.11 cm^-1 are in step again every 47 cm^-1."""
    wavenumber, fringe = spectrum(1, 5.0, 5.6)
    width = int(2.92 / np.diff(wavenumber)[0]) + 1
    depth = np.array([np.ptp(fringe[i : i + width]) for i in range(0, fringe.size - width, width)])
    assert depth.max() / depth.min() == pytest.approx((0.15 + 0.06) / (0.15 - 0.06), rel=0.15)
    strongest = wavenumber[np.flatnonzero(depth > 0.97 * depth.max()) * width + width // 2]
    beats = np.round((strongest - strongest[0]) / 47.2)
    assert len(set(beats)) >= 4
    np.testing.assert_allclose(strongest - strongest[0], 47.2 * beats, atol=12.0)


def test_a_phase_moves_the_fringes_and_a_contrast_deepens_them():
    wavenumber = np.linspace(1800.0, 1830.0, 20000)
    place = (1, 1e4 / wavenumber, 0.0, 512.0, 516.0)
    plain, ahead, deep = (optics.fringes(*place, *change) for change in ((), (2 * np.pi,), (0.0, 1.2)))
    np.testing.assert_allclose(ahead, plain, atol=1e-9)
    assert np.ptp(deep) / np.ptp(plain) == pytest.approx(1.2, rel=0.03)


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
