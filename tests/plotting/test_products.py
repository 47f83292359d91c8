"""The figures of lessons 04 to 06 have units, alternative text, and say SIMULATED."""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
from astropy.wcs import WCS

from mrskit.analysis.fits import fit_line
from mrskit.analysis.lines import measure_lines
from mrskit.analysis.maps import line_map
from mrskit.bands import BANDS, SETTINGS
from mrskit.course.shown import lesson04_curves, lesson04_figures
from mrskit.plotting import cubes, showers, spectra, style
from mrskit.products import Cube, Spectrum

REST, REDSHIFT = 7.6524, 0.0225  # [Ne VI]
WITHOUT_UNIT = ("Ratio to smooth", "Flux / continuum", "Flux density / peak", "Pixels")


@pytest.fixture
def seen(monkeypatch):
    """The figures that are finished, with name and alternative text; closed at the end."""
    figures = []
    monkeypatch.setattr(style, "finish", lambda figure, name, alt: figures.append((figure, name, alt)))
    yield figures
    plt.close("all")


@pytest.fixture
def cube():
    """A 2A cube of 12 x 11 spaxels of 0.17 arcsec; a line and the target are at spaxel (4, 5)."""
    wavelength = np.arange(7.5, 8.3, 0.0013)
    velocity = 299792.458 * (wavelength / (REST * (1 + REDSHIFT)) - 1)
    line = np.exp(-0.5 * (velocity / 130) ** 2)
    y, x = np.indices((11, 12))
    light = np.exp(-0.5 * ((x - 4) ** 2 + (y - 5) ** 2) / 4)
    flux = 200 + 1000 * line[:, None, None] * light + np.random.default_rng(1).normal(0, 5, (wavelength.size, 11, 12))
    wcs = WCS(naxis=2)
    wcs.wcs.ctype = "RA---TAN", "DEC--TAN"
    wcs.wcs.crval, wcs.wcs.crpix, wcs.wcs.cdelt = (339.0, 34.0), (5, 6), (-0.17 / 3600, 0.17 / 3600)
    error = np.full(flux.shape, 5.0)
    return Cube(flux, error, wavelength, wcs, (0.17 / 206264.806) ** 2, BANDS["2A"], True, Path("made_s3d.fits"))


@pytest.fixture
def spectrum(cube):
    """The spectrum of the brightest spaxel, as if it were in Jy."""
    return Spectrum(cube.wavelength, cube.flux[:, 5, 4], cube.error[:, 5, 4], "Jy", cube.band, "made")


def check(figures):
    for figure, name, alt in figures:
        title = (figure.get_suptitle() or "") + "".join(
            axis.get_title(loc=place) for axis in figure.axes for place in ("left", "center")
        )
        labels = [text for axis in figure.axes for text in (axis.get_xlabel(), axis.get_ylabel()) if text]
        assert "SIMULATED" in title, name
        assert len(alt) > 40, name
        assert labels, name
        for label in labels:
            assert label.endswith(")") or label in WITHOUT_UNIT, (name, label)


def test_offsets_count_from_the_given_place_and_east_is_left(cube):
    left, right, bottom, top = cubes.extent(cube, 339.0, 34.0)
    assert (left, right, bottom, top) == pytest.approx((4.5 * 0.17, -7.5 * 0.17, -5.5 * 0.17, 5.5 * 0.17), abs=1e-6)


def test_figures_of_stage_2_have_units_and_alternative_text(seen):
    rng = np.random.default_rng(2)
    image, setting = rng.normal(1, 0.1, (1024, 1032)), SETTINGS["12:SHORT"]
    lesson04_figures.coordinates(image, image, image, setting, True)
    slices = np.zeros(image.shape, dtype=int)
    slices[:, 20:470], slices[:, 520:1000] = 101, 201
    lesson04_figures.straylight(image, image - 0.1, slices, True)
    wave = np.linspace(1900, 1940, 120), {"before": image[:120, 0], "fringe flat": image[:120, 1]}
    lesson04_curves.fringes(wave, wave, True)
    lesson04_curves.lines_alone((2.9, 8.0), True)
    places = np.zeros(image.shape)
    places[100:120, 100:140] = 1
    showers.cures(showers.between({"nothing": image, "both": image - 0.1}, places > 0), places, True)
    lesson04_figures.science_and_background(image, image, setting, True)
    lesson04_figures.noise(image, image - 1, slices, True)
    assert len(seen) == 7
    check(seen)


def test_the_noise_figure_states_the_factor_by_which_the_scatter_grows(seen):
    rng = np.random.default_rng(4)
    alone = rng.normal(0, 1, (1024, 1032))
    lesson04_figures.noise(alone, -0.5 * alone, np.zeros(alone.shape), True)
    assert "by a factor of 1.50" in seen[0][2]


def test_figures_of_cubes_have_units_and_alternative_text(seen, cube):
    cubes.planes(cube, (339.0, 34.0), {"Line": 7.8246, "Continuum": 7.9}, "05-planes", {"nucleus": (0.0, 0.0, 0.5)})
    cubes.line_maps(cube, (339.0, 34.0), line_map(cube, REST, REDSHIFT), "[Ne VI] 7.652", "06-map")
    assert len(seen) == 2
    check(seen)


def test_figures_of_spectra_have_units_and_alternative_text(seen, spectrum):
    alt = "A spectrum with one line in the middle of it, for the test."
    one, two = (fit_line(spectrum.wavelength, spectrum.flux, spectrum.error, REST, REDSHIFT, n) for n in (1, 2))
    spectra.curves({"sky # 1": spectrum, "sky # 2": spectrum}, "Sky", "05-sky", alt, True)
    spectra.ratios({"a": (spectrum, spectrum.flux), "b": (spectrum, spectrum.flux)}, "Ratios", "05-ratios", alt, True)
    spectra.zoom(spectrum, 7.8246, "[Ne VI]", [(7.7, 7.75), (7.9, 7.95)], True, "06-zoom")
    spectra.fitted(spectrum, {"one": one, "two": two}, "[Ne VI]", True, "06-fits")
    spectra.profiles({"ion": (spectrum, one), "again": (spectrum, two)}, "Profiles", "06-profiles", True)
    spectra.measured([spectrum], measure_lines([spectrum], REDSHIFT), "Lines", "06-lines", True)
    assert len(seen) == 6
    check(seen)


def test_bands_of_one_kind_share_a_colour_and_one_entry_of_the_legend(seen, spectrum):
    spectra.curves({"sky # 1A": spectrum, "sky # 2A": spectrum, "nucleus": spectrum}, "Sky", "05-sky", "x" * 50, True)
    axis = seen[0][0].axes[0]
    assert len({line.get_color() for line in axis.get_lines()}) == 2
    assert [text.get_text() for text in axis.get_legend().get_texts()] == ["sky", "nucleus"]
