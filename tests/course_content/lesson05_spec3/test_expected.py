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
from mrskit.course import measured_again
from mrskit.course.lesson05_spec3 import expected
from mrskit.errors import ProductError
from mrskit.products import Cube

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


def write_exposure(path, quality, image):
    path.parent.mkdir(parents=True, exist_ok=True)
    units = [fits.PrimaryHDU(), fits.ImageHDU(image, name="SCI"), fits.ImageHDU(quality, name="DQ")]
    fits.HDUList(units).writeto(path)
    return path


def test_outliers_are_the_pixels_with_their_flag_whatever_other_flags_they_have(tmp_path, monkeypatch):
    space = workspace.create(tmp_path / "space")
    quality = np.array([[0, 16, 1], [17, 1 << 29, 15]], dtype=np.uint32)
    image = np.array([[1.0, np.nan, np.nan], [np.nan, 2.0, 3.0]])
    cal = space.stage("source", "stage2") / "jw01_mirifushort_cal.fits"
    write_exposure(space.stage("source", "stage3") / "jw01_mirifushort_a3001_crf.fits", quality, image)
    monkeypatch.setattr(measured_again, "exposures", lambda *_: [cal])
    facts = SimpleNamespace(workspace=space)
    assert expected.outliers(facts).tolist() == [[False, True, False], [True, False, False]]
    assert expected.unusable(facts).sum() == 3


def test_an_experiment_that_was_not_run_is_named_with_the_remedy(tmp_path):
    facts = SimpleNamespace(workspace=workspace.create(tmp_path / "space"))
    with pytest.raises(ProductError, match="Run the cells of lesson 05"):
        expected.experiment(facts, "pixel_2A_s3d.fits")
