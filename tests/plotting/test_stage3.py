"""The figures of stage 3 and of the whole range have units, alternative text, and say SIMULATED."""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
from astropy.wcs import WCS

from mrskit.analysis.maps import LineMaps
from mrskit.bands import BANDS
from mrskit.course.shown import lesson05_bands, lesson05_figures, lesson06_figures
from mrskit.plotting import cubes, style, whole
from mrskit.products import Cube, Spectrum


@pytest.fixture
def seen(monkeypatch):
    """The figures that are finished, with name and alternative text; closed at the end."""
    figures = []
    monkeypatch.setattr(style, "finish", lambda figure, name, alt: figures.append((figure, name, alt)))
    yield figures
    plt.close("all")


@pytest.fixture
def bands():
    """A rising spectrum in each of the twelve bands, one point of it without light."""
    found = []
    for band in BANDS.values():
        wavelength = np.linspace(band.wavelength_min, band.wavelength_max, 200)
        flux = 0.01 * wavelength
        flux[7] = -0.1
        found.append(Spectrum(wavelength, flux, np.full(200, 1e-3), "Jy", band, band.name))
    return found


def check(figures, count):
    assert len(figures) == count
    for figure, name, alt in figures:
        titles = [axis.get_title(loc=place) for axis in figure.axes for place in ("left", "center")]
        assert "SIMULATED" in (figure.get_suptitle() or "") + "".join(titles), name
        labels = [text for axis in figure.axes for text in (axis.get_xlabel(), axis.get_ylabel()) if text]
        assert labels and all(label.endswith(")") for label in labels), labels
        assert len(alt) > 40, name


def test_the_figures_of_stage_3_have_units_and_alternative_text(seen, bands):
    lesson05_figures.wave_panels({1: bands[0], "radius 1 FWHM": bands[0]}, 0.0225, "1A", "05-waves", True)
    numbers = {"none": 130.0, "pixel": 121.0, "master": 120.5, "annulus": -140.0}
    positive = {name: abs(value) / 3 for name, value in numbers.items()}
    lesson05_figures.background_bars(numbers, positive, positive, True, truth=120.0)
    excess = np.where(bands[6].wavelength < 12.5, 0.01 * bands[6].flux, np.nan)
    lesson05_bands.spectral_leak(bands[6], 0.01 * bands[6].flux, excess, True)
    lesson06_figures.gains(
        {"independent noise": np.linspace(-12, 5, 90), "correlated noise": np.linspace(-12, 40, 90)}, 300, True
    )
    lesson05_bands.sky_and_galaxy(lesson05_bands.nucleus_and_field()[1])
    check(seen, 5)


def test_the_whole_range_has_three_rows_with_lines_and_pah_features_named(seen, bands):
    whole.whole_range(bands, {"[Ne III] 15.555": 15.905, "far": 99.0}, 0.0225, "All", "06-all", True)
    whole.joins({"POINT": bands, "EXTENDED": bands}, "Joins", "05-joins", True)
    check(seen, 2)
    figure = seen[0][0]
    words = {text.get_text() for axis in figure.axes for text in axis.texts}
    assert len(figure.axes) == 3
    assert {"[Ne III] 15.555", "PAH 7.7", "PAH 17", "1A", "4C"} <= words and "far" not in words
    zooms = {axis.get_title(loc="left")[:5] for axis in seen[1][0].axes if axis.get_xlim()[1] - axis.get_xlim()[0] < 1}
    assert zooms == {"1C|2A", "2C|3A", "3C|4A"}


def test_a_part_of_the_bands_has_only_the_rows_that_it_needs(seen, bands):
    whole.whole_range(bands[:1] + bands[3:4], {}, 0.0225, "Two bands", "06-two", True)
    assert len(seen[0][0].axes) == 1


def test_the_share_of_false_components_is_said_in_words(seen):
    lesson06_figures.gains({"independent noise": np.array([0.0, 20.0, 0.0, 0.0])}, 300, True)
    assert "25.0 percent lie above 10" in seen[0][2]


def test_maps_against_the_truth_and_with_a_region_have_units_and_say_how_well_they_agree(seen):
    wcs = WCS(naxis=2)
    wcs.wcs.ctype = "RA---TAN", "DEC--TAN"
    wcs.wcs.crval, wcs.wcs.crpix, wcs.wcs.cdelt = (339.0, 34.0), (6, 6), (-0.17 / 3600, 0.17 / 3600)
    flux = np.ones((3, 11, 12))
    cube = Cube(flux, flux, np.array([8.0, 8.1, 8.2]), wcs, 6.8e-13, BANDS["2A"], True, Path("made_s3d.fits"))
    truth = np.linspace(-100, 100, 132).reshape(11, 12)
    off = np.where(np.arange(12) < 9, 5.0, 30.0)  # three quarters within the error of 10 km/s
    error, rest = np.full((11, 12), 10.0), (truth > -101, 8.025, 0.0225, BANDS["2A"])
    true = LineMaps(truth + 200, error, truth, error, abs(truth), error, truth, truth, *rest)
    found = LineMaps(truth + 200, error, truth + off, error, abs(truth) + 30.0, error, truth, truth, *rest)
    cubes.against_truth(cube, (339.0, 34.0), found, true, "H2 S(4) 8.025", "06-truth")
    region = np.zeros((11, 12))
    region[4:7, 4:8] = 1.0
    cubes.region_map(cube, (339.0, 34.0), truth * 1e-9, region, "A region", "06-region-map")
    check(seen, 2)
    assert "100 percent of the spaxels in flux, 75 percent of the spaxels in velocity, 0 percent" in seen[0][2]
