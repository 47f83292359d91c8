"""What lesson 06 is compared with agrees with a scene whose lines are known."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from astropy.wcs import WCS

from mrskit import plan
from mrskit.analysis import regions
from mrskit.bands import BANDS
from mrskit.course import measured_again
from mrskit.course.lesson06_analysis import expected as expected06
from mrskit.exercises.record import NotHere
from mrskit.products import Cube
from mrskit.simulate.scene_records import Component, Continuum, Line, Scene, Sky

PROGRAM = plan.program()
FLUX, SIGMA, VELOCITY = 1e-16, 150.0, 40.0  # W m-2, km/s, km/s
KNOT = (0.6, 0.7)  # arcsec


@pytest.fixture
def cube():
    """A noiseless empty cube of band 2A about the [Ne VI] and H2 S(4) lines, 31 x 31 spaxels of 0.17 arcsec."""
    wavelength = np.arange(7.60, 8.40, 0.0013)
    wcs = WCS(naxis=2)
    wcs.wcs.ctype = "RA---TAN", "DEC--TAN"
    wcs.wcs.crval = PROGRAM.target_ra, PROGRAM.target_dec
    wcs.wcs.crpix = 16, 16
    wcs.wcs.cdelt = -0.17 / 3600, 0.17 / 3600
    zeros = np.zeros((wavelength.size, 31, 31))
    return Cube(zeros, zeros + 1.0, wavelength, wcs, (0.17 / 206264.806) ** 2, BANDS["2A"], True, Path("made_s3d.fits"))


@pytest.fixture
def facts(cube, monkeypatch):
    """Facts about a scene with a nucleus, a ring of two pieces that move apart, and a jet knot."""
    nucleus = Component(
        "nucleus", "point", 0, 0, 0, 0, 0, (Continuum("powerlaw", 0.03, 8.0, 0.0),),
        (Line("[Ne VI] 7.652", 7.6524, FLUX, VELOCITY, SIGMA),),
    )  # fmt: skip
    ring = [
        Component(name, "extended", 0, north, 0.3, 0.3, 0, (), (Line("H2 S(4) 8.025", 8.025044, 1e-16, speed, 80.0),))
        for name, north, speed in (("ring 01", 1.4, 120.0), ("ring 02", -1.4, -120.0))
    ]
    knot = Component("jet knot", "extended", *KNOT, 0.15, 0.15, 0, (),
                     (Line("[Ne VI] 7.652", 7.6524, 3e-17, 60.0, 300.0),
                      Line("H2 S(4) 8.025", 8.025044, 3e-16, 80.0, 150.0)))  # fmt: skip
    scene = Scene(
        "made",
        1,
        PROGRAM.target_ra,
        PROGRAM.target_dec,
        PROGRAM.redshift,
        (nucleus, *ring, knot),
        Sky(((5.78e-8, 265.0),), ()),
    )
    monkeypatch.setattr(measured_again, "cube", lambda facts, name: cube)
    exact = {"offset_east": 0.0, "offset_north": 0.0, "wings": 0.0}
    monkeypatch.setattr(measured_again, "_errors", lambda facts: exact)
    monkeypatch.setattr(measured_again, "centre", lambda facts: (PROGRAM.target_ra, PROGRAM.target_dec))
    return SimpleNamespace(program=PROGRAM, use_ch="12", use_band="SHORT", basis="", scene=lambda: scene)


def share_in_aperture(wavelength):
    sigma = (0.033 * wavelength + 0.106) / np.sqrt(8 * np.log(2))
    radius = 1.5 * (0.033 * wavelength + 0.106)
    return 1 - np.exp(-0.5 * (radius / sigma) ** 2)


def test_the_summed_line_is_the_flux_of_the_nucleus_inside_the_aperture(facts):
    # The knot 0.92 arcsec away adds about a percent.
    assert expected06.line_sum(facts) == pytest.approx(FLUX * share_in_aperture(7.82), rel=0.03)


def test_the_fitted_width_has_the_instrument_removed(facts):
    assert expected06.ion_fit(facts).width == pytest.approx(SIGMA, rel=0.04)
    assert expected06.ion_fit(facts).velocity == pytest.approx(VELOCITY, abs=3)


def test_a_line_with_one_width_in_the_nucleus_needs_one_component(facts):
    assert expected06.component_count(facts) == 1


def test_the_knot_is_where_the_scene_has_it_and_its_ion_line_is_twice_as_broad(facts):
    assert expected06.knot_place(facts) == pytest.approx(KNOT)
    assert expected06.width_ratio(facts) == pytest.approx(2.0, rel=0.15)


def test_the_true_velocity_map_has_both_sides_of_the_ring_where_the_line_is_detected_alone(facts, monkeypatch):
    sides = np.zeros((31, 31), dtype=bool)
    sides[5:10, 14:17] = sides[21:26, 14:17] = True  # about 1.4 arcsec south and north
    monkeypatch.setattr(expected06, "detected", lambda facts: sides)
    found = expected06.true_velocity(facts)
    assert np.isnan(found[~sides]).all()
    assert np.nanmedian(found[21:26]) == pytest.approx(120.0, abs=12)
    assert np.nanmedian(found[5:10]) == pytest.approx(-120.0, abs=12)
    shown = expected06.true_maps(facts)
    assert np.isnan(shown.flux[~sides]).all() and (shown.flux[sides] > 0).all()
    assert np.nanmedian(shown.width) == pytest.approx(80.0, abs=25)  # of the ring; the places blend some velocities


def test_the_ellipse_of_the_judge_is_that_of_the_region_file(facts, cube):
    centre = PROGRAM.target_ra, PROGRAM.target_dec
    drawn = regions.ellipse(centre, *expected06.ELLIPSE)
    inside = drawn.to_pixel(cube.wcs).to_mask(mode="center").to_image((31, 31)) > 0
    expected = expected06.ellipse_mask(facts)
    assert 30 < expected.sum() < 40  # pi / 4 x 1.6 x 0.8 arcsec2 in spaxels of 0.17 arcsec
    assert (inside != expected).sum() <= 1
    assert not (expected06.mirrored_mask(facts) & expected).any()


def test_false_positives_are_two_shares_in_percent_and_the_stricter_is_smaller(facts, cube):
    # The cube of the fixture is empty: give it the nucleus and noise.
    spectrum = measured_again.true_spectrum(facts, cube, PROGRAM.target_ra, PROGRAM.target_dec, 0.5)
    per_spaxel = spectrum.flux / (np.pi * 0.25) * 0.17**2 / (cube.pixel_area * 1e9)
    rng = np.random.default_rng(1)
    cube.flux[:] = per_spaxel[:, None, None] + rng.normal(0, 3, cube.flux.shape)
    above_zero, above_ten = expected06.false_positives(facts)
    assert 2 < above_zero < 40 and 0 <= above_ten < above_zero


@pytest.mark.parametrize(("subband", "asked", "words"), [("MEDIUM", expected06.knot_place, "does not emit"),
                                                         ("SHORT", expected06.component_count,
                                                             "aperture")])  # fmt: skip
def test_what_a_setting_cannot_show_is_not_judged_and_the_message_says_why_and_where_to_go(
    facts, subband, asked, words
):
    facts.use_ch, facts.use_band = "34", subband
    with pytest.raises(NotHere, match=rf"{words}.*12:SHORT"):
        asked(facts)


def test_the_scatter_of_a_continuum_is_compared_with_its_errors_after_its_slope_is_gone(facts, cube):
    rng = np.random.default_rng(2)
    slope = 400 * (cube.wavelength - 7.8)
    cube.flux[:] = slope[:, None, None] + rng.normal(0, 3, cube.flux.shape)  # errors are 1
    assert expected06.error_scale(facts) == pytest.approx(3.0, rel=0.15)
    assert expected06.scatter_with_slope(facts) > 2 * expected06.error_scale(facts)


def test_a_velocity_has_the_error_of_the_wavelength_scale_besides_that_of_the_fit(facts, monkeypatch):
    monkeypatch.setattr(expected06, "fit_error", lambda facts: 5.0)
    floor = 9 + 18 * (7.6524 * (1 + PROGRAM.redshift) - 5) / 23
    assert expected06.velocity_error(facts) == pytest.approx(np.hypot(5.0, floor))


def test_the_line_of_the_learner_lies_between_two_of_one_gaussian(facts, monkeypatch):
    monkeypatch.setattr(expected06, "component_count", lambda facts: 2)
    assert expected06.component_counts(facts).tolist() == [1, 2, 1]
