"""Apertures, units, continuum."""

import numpy as np
import pytest

from mrskit.analysis import spectra
from mrskit.bands import BANDS
from mrskit.errors import AnalysisError
from mrskit.products import Spectrum

AREA = (0.13 / 206264.80625) ** 2  # sr of a spaxel


@pytest.fixture
def flat_cube(make_cube):
    """Ten planes of 25 x 21 spaxels of 2 MJy/sr with errors of 0.1."""
    return make_cube(np.full((10, 25, 21), 2.0), 0.1, np.linspace(5.0, 5.1, 10))


def band_spectrum(name, low, high, flux, unit="Jy"):
    wavelength = np.arange(low, high, 0.001)
    values = np.full(wavelength.size, float(flux))
    return Spectrum(wavelength, values, 0.01 * values, unit, BANDS[name], name)


def test_aperture_weights_add_up_to_the_area_of_the_circle(flat_cube):
    weights = spectra.aperture_weights(flat_cube, 339.0, 34.0, 0.7)
    assert weights.sum() == pytest.approx(np.pi * (0.7 / 0.13) ** 2, rel=1e-3)
    assert weights.min() == 0.0 and weights.max() == 1.0


def test_the_aperture_is_centred_on_the_position_asked_for(flat_cube):
    # 0.26 arcsec north is two spaxels up in y.
    weights = spectra.aperture_weights(flat_cube, 339.0, 34.0 + 0.26 / 3600, 0.4)
    y, x = np.mgrid[:25, :21]
    assert (weights * y).sum() / weights.sum() == pytest.approx(14.0, abs=0.01)
    assert (weights * x).sum() / weights.sum() == pytest.approx(10.0, abs=0.01)


def test_an_aperture_spectrum_is_surface_brightness_times_area(flat_cube):
    found = spectra.aperture_spectrum(flat_cube, 339.0, 34.0, 0.7)
    area = np.pi * (0.7 / 206264.80625) ** 2  # sr
    assert found.unit == "Jy"
    assert found.flux == pytest.approx(np.full(10, 2.0 * area * 1e6), rel=1e-3)


def test_the_error_of_an_aperture_adds_its_spaxels_in_quadrature(flat_cube):
    weights = spectra.aperture_weights(flat_cube, 339.0, 34.0, 0.7)
    expected = 0.1 * np.sqrt((weights**2).sum()) * AREA * 1e6
    assert spectra.aperture_spectrum(flat_cube, 339.0, 34.0, 0.7).error[0] == pytest.approx(expected)


def test_a_background_is_taken_off_over_the_area_of_the_aperture(flat_cube):
    found = spectra.aperture_spectrum(flat_cube, 339.0, 34.0, 0.7, background=np.full(10, 2.0))
    assert np.abs(found.flux).max() < 1e-16


def test_a_background_of_another_length_is_refused(flat_cube):
    with pytest.raises(AnalysisError, match=r"shape \(3,\); expected \(10,\)"):
        spectra.aperture_spectrum(flat_cube, 339.0, 34.0, 0.7, background=np.zeros(3))


def test_a_plane_with_one_small_gap_is_filled_and_one_with_a_large_gap_is_nan(flat_cube):
    flux = flat_cube.flux
    flux[3, 12, 10] = np.nan  # one of 91 spaxels: 1.1 %
    flux[4, 10:13, 10] = np.nan  # three: 3.3 %
    found = spectra.aperture_spectrum(flat_cube, 339.0, 34.0, 0.7).flux
    assert found[3] == pytest.approx(found[0])
    assert np.isnan(found[4])


@pytest.mark.parametrize(("radius", "message"), [(0.0, "positive"), (np.nan, "positive"), (1.5, "does not lie inside")])
def test_an_aperture_that_makes_no_sense_is_refused(flat_cube, radius, message):
    with pytest.raises(AnalysisError, match=message):
        spectra.aperture_weights(flat_cube, 339.0, 34.0, radius)


def test_an_aperture_away_from_the_field_is_refused(flat_cube):
    with pytest.raises(AnalysisError, match="Choose a centre or radius inside the field"):
        spectra.aperture_weights(flat_cube, 338.9, 34.0, 0.5)


def test_a_spaxel_spectrum_is_the_column_of_the_cube(flat_cube):
    flat_cube.flux[:, 5, 7] = 9.0
    assert (spectra.spaxel_spectrum(flat_cube, 7, 5).flux == 9.0).all()
    with pytest.raises(AnalysisError, match="no spaxel x=21"):
        spectra.spaxel_spectrum(flat_cube, 21, 5)


def test_convert_knows_astropys_prefixes_and_a_solid_angle():
    one = band_spectrum("1A", 5.0, 5.01, 2.0)
    assert spectra.convert(one, "mJy").flux[0] == pytest.approx(2000.0)
    assert spectra.convert(one, "MJy").flux[0] == pytest.approx(2e-6)
    assert spectra.convert(one, "MJy/sr", AREA).flux[0] == pytest.approx(2e-6 / AREA)
    back = spectra.convert(spectra.convert(one, "MJy/sr", AREA), "Jy", AREA)
    assert (back.flux[0], back.error[0]) == pytest.approx((2.0, 0.02))


@pytest.mark.parametrize("unit", ["MJy/sr", "m", "nonsense"])
def test_convert_refuses_what_does_not_convert(unit):
    with pytest.raises(AnalysisError, match="cannot convert the unit"):
        spectra.convert(band_spectrum("1A", 5.0, 5.01, 2.0), unit)
