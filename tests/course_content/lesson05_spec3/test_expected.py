"""What lesson 05 is compared with is found again in cubes and files made by hand."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS

from mrskit import plan, workspace
from mrskit.analysis import bakeoff
from mrskit.bands import BANDS
from mrskit.course import index, measured_again
from mrskit.course.lesson05_spec3 import expected
from mrskit.course.shown import lesson05_bands
from mrskit.errors import ProductError
from mrskit.exercises.record import Answer
from mrskit.products import Cube
from mrskit.simulate.scene import sky_background
from mrskit.simulate.scene_default import default_scene

PROGRAM = plan.program()
FACTS = SimpleNamespace(use_ch="12", use_band="SHORT", program=PROGRAM)


def made(name, side, step, level):
    """A cube of one brightness, 41 x 41 spaxels of the given side (arcsec) about the target."""
    limits = BANDS[name]
    wavelength = np.arange(limits.wavelength_min, limits.wavelength_max, step)
    wcs = WCS(naxis=2)
    wcs.wcs.ctype = "RA---TAN", "DEC--TAN"
    wcs.wcs.crval = PROGRAM.target_ra, PROGRAM.target_dec
    wcs.wcs.crpix = 21, 21
    wcs.wcs.cdelt = -side / 3600, side / 3600
    flux = np.full((wavelength.size, 41, 41), level)
    return Cube(flux, flux, wavelength, wcs, (side / 206264.806) ** 2, limits, True, Path("made_s3d.fits"))


@pytest.fixture
def cubes(monkeypatch):
    """Cubes of 1A and 2A of uniform brightness, 50 and 80 MJy/sr."""
    both = {"1A": made("1A", 0.13, 0.0008, 50.0), "2A": made("2A", 0.17, 0.0013, 80.0)}
    monkeypatch.setattr(measured_again, "cube", lambda facts, name: both[name])
    monkeypatch.setattr(measured_again, "centre", lambda facts: (PROGRAM.target_ra, PROGRAM.target_dec))
    return both


def test_the_flux_of_a_spaxel_is_brightness_times_solid_angle(cubes):
    cubes["1A"].flux[:, 20, 20] = 1000.0
    assert expected.spaxel_flux(FACTS) == pytest.approx(1000e6 * (0.13 / 206264.806) ** 2)


def test_the_waves_of_a_spaxel_are_those_put_in_and_vanish_in_a_uniform_aperture(cubes):
    cube = cubes["1A"]
    cube.flux[:, 20, 22] = 60 * (1 + 0.03 * np.sin(2 * np.pi * cube.wavelength / 0.084))
    strengths = expected.waves(FACTS)
    assert strengths.shape == (5,)
    assert strengths[0] == pytest.approx(3.0, rel=0.15)
    assert strengths[4] < 0.1


def test_the_gain_by_dithers_is_the_ratio_of_the_waves(cubes, monkeypatch):
    cube, single = cubes["1A"], made("1A", 0.13, 0.0008, 50.0)
    for each, size in ((cube, 0.01), (single, 0.06)):
        each.flux[:, 20, 20] = 60 * (1 + size * np.sin(2 * np.pi * each.wavelength / 0.084))
    monkeypatch.setattr(expected, "experiment", lambda facts, name: single)
    assert expected.dither_gain(FACTS) == pytest.approx(6.0, rel=0.02)


def test_the_methods_are_compared_in_the_order_of_the_lesson(cubes, monkeypatch):
    rng = np.random.default_rng(3)
    red = cubes["2A"]
    shape = (100, 41, 41)
    named = [Cube(80 + rng.normal(0, size, shape), red.flux[:100], red.wavelength[:100], red.wcs, red.pixel_area,
                  red.band, True, red.path) for size in (1, 2, 3, 4)]  # fmt: skip
    monkeypatch.setattr(expected, "four_cubes", lambda facts: dict(zip(bakeoff.METHODS, named, strict=True)))
    assert expected.method_noise(FACTS) == pytest.approx([1, 2, 3, 4], rel=0.05)
    assert expected.method_level(FACTS, "pixel") == pytest.approx(80, abs=0.1)


def test_the_association_wants_every_calibrated_image_and_every_background_spectrum_and_nothing_else(monkeypatch):
    kinds = {"Source rate": 4, "Source cal": 4, "Source crf": 4, "Background cal": 2, "Background x1d": 4}
    monkeypatch.setattr(expected, "files", lambda facts: SimpleNamespace(
        by_kind={kind: [Path(f"{kind}{n}") for n in range(count)] for kind, count in kinds.items()}))  # fmt: skip
    assert expected.association(FACTS).tolist() == [[0, 0], [4, 0], [0, 0], [0, 0], [0, 4], [0, 0]]
    assert expected.association(FACTS, {"Source crf": 0}).sum() == 4


def test_the_pointing_is_an_angle_on_the_sky(monkeypatch):
    place = PROGRAM.target_ra + 0.3 / 3600 / np.cos(np.radians(PROGRAM.target_dec)), PROGRAM.target_dec - 0.1 / 3600
    monkeypatch.setattr(measured_again, "centre", lambda facts: place)
    assert expected.pointing(FACTS) == pytest.approx([0.3, -0.1], abs=1e-4)


def exposures_with_warm_pixels(tmp_path):
    """Four science exposures with a source that moves, two of an empty field, and the same two warm pixels in all."""
    space = workspace.create(tmp_path / "space")
    rng = np.random.default_rng(5)
    for number in range(6):
        role, stem = ("source", "jw02732004001_02101") if number < 4 else ("background", "jw02732005001_02101")
        image = rng.normal(20, 1, (60, 80))
        if role == "source":
            image += 500 * np.exp(-0.5 * ((np.arange(80) - 20 - 7 * number) / 1.5) ** 2)
        image[30, 40] = image[10, 60] = 200
        primary = fits.PrimaryHDU()
        primary.header.update(CHANNEL="12", BAND="SHORT", DETECTOR="MIRIFUSHORT")
        path = space.stage(role, "stage2") / f"{stem}_0000{number + 1}_mirifushort_cal.fits"
        fits.HDUList([primary, fits.ImageHDU(image, name="SCI")]).writeto(path)
    return space


def test_pixels_that_are_warm_in_the_empty_field_are_found_again_in_the_science_exposures(tmp_path):
    facts = SimpleNamespace(use_ch="12", use_band="SHORT", program=PROGRAM,
                            workspace=exposures_with_warm_pixels(tmp_path))  # fmt: skip
    own = expected.files(facts)
    assert np.argwhere(own.warm()).tolist() == [[10, 60], [30, 40]]
    assert expected.warm_found(facts) == pytest.approx([100, 100])
    purity = expected.warm_found(facts, reverse=True)
    assert (purity > 0).all() and (purity < 50).all()  # a percentile flags good pixels as well
    assert own.parts([(str(own.cal[0]), "science"), ("else.fits", "science")]).tolist()[1] == [1, 0]
    assert own.parts([("else.fits", "science")]).tolist()[-1] == [1, 0]


@pytest.mark.parametrize(
    ("channel", "kind", "outcome", "misconception"),
    [("1", "POINT", "passed", None), ("2", "POINT", "failed", "redder"), ("1", "EXTENDED", "failed", "extended"),
     (1, "POINT", "failed", None)],  # the pipeline takes the text alone
)  # fmt: skip
def test_a_dictionary_of_steps_is_judged_by_what_it_asks_for(channel, kind, outcome, misconception):
    steps = {name: {"skip": True} for name in ("master_background", "outlier_detection", "spectral_leak")}
    steps |= {"cube_build": {"channel": channel}, "extract_1d": {"ifu_set_srctype": kind}}
    asked = index.exercise("05-own-call")
    answer = Answer(asked.id, "text", repr(steps), exercise=asked)
    assert asked.check(answer, FACTS).outcome == outcome
    assert next((item.name for item in asked.misconceptions if item.matches(answer, FACTS)), None) == misconception


def test_an_experiment_that_was_not_run_is_named_with_the_remedy(tmp_path):
    facts = SimpleNamespace(workspace=workspace.create(tmp_path / "space"))
    with pytest.raises(ProductError, match="Run the cells of lesson 05"):
        expected.experiment(facts, "pixel_2A_s3d.fits")


def test_the_sky_that_the_lesson_tells_is_the_simulated_one_in_the_middle_of_each_band():
    for name, told in lesson05_bands.SKY.items():
        middle = (BANDS[name].wavelength_min + BANDS[name].wavelength_max) / 2
        assert told == pytest.approx(float(sky_background(default_scene(), np.array([middle]))[0]), rel=0.01)


def test_an_error_of_the_sky_hardly_matters_at_8_um_and_more_for_the_galaxy_than_for_the_nucleus():
    nucleus, galaxy = expected.background_error()
    assert (galaxy > nucleus).all() and nucleus[0] < galaxy[0] < 0.05 and galaxy[2] > 3
    nuclei, _ = lesson05_bands.nucleus_and_field()
    area = np.pi * (2 * (0.033 * 26.15 + 0.106)) ** 2 / 206264.806**2  # sr, 2 FWHM at the middle of 4C
    assert nucleus[2] == pytest.approx(1170e6 * area / np.nanmedian(nuclei["4C"].flux), rel=0.01)
