"""What lesson 05 is compared with is found again in cubes made by hand."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from astropy.wcs import WCS

from mrskit import plan
from mrskit.bands import BANDS
from mrskit.exercises import measured, stage3
from mrskit.products import Cube

FACTS = SimpleNamespace(use_ch="12", use_band="SHORT", program=plan.program())


def made(name, side, step, level):
    """A cube of one brightness, 41 x 41 spaxels of the given side (arcsec) about the target."""
    limits = BANDS[name]
    wavelength = np.arange(limits.wavelength_min, limits.wavelength_max, step)
    wcs = WCS(naxis=2)
    wcs.wcs.ctype = "RA---TAN", "DEC--TAN"
    wcs.wcs.crval = FACTS.program.target_ra, FACTS.program.target_dec
    wcs.wcs.crpix = 21, 21
    wcs.wcs.cdelt = -side / 3600, side / 3600
    flux = np.full((wavelength.size, 41, 41), level)
    return Cube(flux, flux, wavelength, wcs, (side / 206264.806) ** 2, limits, True, Path("made_s3d.fits"))


@pytest.fixture
def cubes(monkeypatch):
    """Cubes of 1A and 2A of uniform brightness, 50 and 80 MJy/sr."""
    both = {"1A": made("1A", 0.13, 0.0008, 50.0), "2A": made("2A", 0.17, 0.0013, 80.0)}
    monkeypatch.setattr(measured, "cube", lambda facts, name: both[name])
    return both


def test_a_plane_is_so_many_kilometres_per_second_wide(cubes):
    assert stage3.velocity_step(FACTS, 0) == pytest.approx(299792.458 * 0.0008 / 5.32, rel=1e-3)


def test_the_flux_of_a_spaxel_is_brightness_times_solid_angle(cubes):
    cubes["1A"].flux[:, 20, 20] = 1000.0
    assert stage3.spaxel_flux(FACTS) == pytest.approx(1000e6 * (0.13 / 206264.806) ** 2)


def test_the_scatter_of_a_spaxel_is_that_of_its_noise(cubes):
    cube = cubes["1A"]
    cube.flux[:, 20, 20] = 1000.0 * (1 + np.random.default_rng(3).normal(0, 0.04, cube.wavelength.size))
    assert stage3.spaxel_scatter(FACTS) == pytest.approx(4.0, rel=0.1)


def test_an_annulus_takes_all_of_a_uniform_source_away(cubes):
    assert stage3.annulus_loss(FACTS) == pytest.approx(100.0)


def test_four_science_and_two_background_exposures_make_a_cube_noisier_by_the_root_of_three(monkeypatch):
    counts = {"source": 4, "background": 2}
    monkeypatch.setattr(measured, "exposures", lambda facts, role, *_: [role] * counts[role])
    assert stage3.cube_noise(FACTS) == pytest.approx(np.sqrt(3))
