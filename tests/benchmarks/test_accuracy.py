"""The accuracy table: its rows are right on cubes and flags whose errors are known; on the suite's data they pass."""

import importlib
import json
import sys
from pathlib import Path

import numpy as np
import pytest
from astropy.wcs import WCS

from mrskit.bands import BANDS
from mrskit.products import Cube
from mrskit.simulate.scene import default_scene, sky_background, surface_brightness

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture
def module(monkeypatch):
    """Imports a module of the folder benchmarks, as its scripts do."""
    monkeypatch.syspath_prepend(str(FOLDER))
    yield importlib.import_module
    for name in ("accuracy", "accuracy_rows", "accuracy_detector"):
        sys.modules.pop(name, None)


@pytest.fixture(scope="module")
def scene():
    return default_scene()


@pytest.fixture
def nuclear_cube(scene):
    """A 1A cube of the scene without sky or noise, 21 x 21 spaxels of 0.13 arcsec, errors of 50 MJy/sr."""
    wavelength = np.arange(5.30, 5.62, 0.0008)
    wcs = WCS(naxis=2)
    wcs.wcs.ctype = "RA---TAN", "DEC--TAN"
    wcs.wcs.crval, wcs.wcs.crpix = (scene.ra, scene.dec), (11.3, 10.8)
    wcs.wcs.cdelt = -0.13 / 3600, 0.13 / 3600
    x, y = np.meshgrid(np.arange(21), np.arange(21))
    ra, dec = wcs.pixel_to_world_values(x, y)
    planes = wavelength[:, None, None]
    flux = surface_brightness(scene, ra, dec, planes) - sky_background(scene, planes)
    return Cube(
        flux, np.full(flux.shape, 50.0), wavelength, wcs, (0.13 / 206264.806) ** 2, BANDS["1A"], True, Path("x")
    )


def rows_of(module, cube, scene, factor=1.0, shift=0.0):
    """The nuclear rows of a cube made brighter by a factor and redder by a shift (um)."""
    rows = module("accuracy_rows")

    def correct(flux, wavelength, channel):
        return factor * np.interp(wavelength - shift, wavelength, flux)

    return rows.nuclear_rows(rows.nucleus(cube, scene, correct), scene, rows.DEFAULT, False, {"photometry": 0.01})


def test_a_cube_that_is_the_truth_has_no_deviation(module, nuclear_cube, scene):
    rows = rows_of(module, nuclear_cube, scene)
    names = {row.quantity.split(",")[0] for row in rows}
    assert {"nuclear continuum", "residual fringe rms", "[Fe II] 5.340 flux", "[Fe VIII] 5.447 centroid"} <= names
    assert all(row.passed for row in rows)
    assert all(abs(row.deviation) < 1e-6 for row in rows if row.unit != "at least")


def test_a_cube_ten_per_cent_too_bright_fails_in_the_continuum_and_not_in_the_lines(module, nuclear_cube, scene):
    rows = {row.quantity: row for row in rows_of(module, nuclear_cube, scene, factor=1.1)}
    assert not rows["nuclear continuum, Jy"].passed
    assert rows["nuclear continuum, Jy"].deviation == pytest.approx(0.1, abs=1e-3)
    assert rows["nuclear continuum, Jy"].injected == "photometry +1.0 %"
    assert rows["[Fe VIII] 5.447 flux, W m-2"].deviation == pytest.approx(0.1, abs=1e-3)
    assert rows["[Fe VIII] 5.447 flux, W m-2"].passed


def test_a_wavelength_error_of_25_km_per_second_fails_in_the_centroid(module, nuclear_cube, scene):
    shift = 25.0 / 299792.458 * 5.5692
    row = next(row for row in rows_of(module, nuclear_cube, scene, shift=shift) if "centroid" in row.quantity)
    assert row.deviation == pytest.approx(25.0, abs=0.5)
    assert not row.passed


def test_rows_have_the_keys_of_the_report_and_are_json(module, nuclear_cube, scene):
    rows = json.loads(json.dumps([row.as_dict() for row in rows_of(module, nuclear_cube, scene)], allow_nan=False))
    keys = {"quantity", "band", "truth", "measured", "deviation", "limit", "pass"}
    assert all(keys <= set(row) for row in rows)
    assert all(isinstance(row["pass"], bool) for row in rows)


@pytest.fixture
def hits():
    """Flags, quality, truth, gain and noise of a 5 x 40 x 40 exposure: 3 large jumps, one missed; one false flag."""
    flags = np.zeros((1, 5, 40, 40), dtype=np.uint8)
    flags[0, 0] = 1  # the first group is not used
    y, x, group = np.array([5, 15, 25, 35, 30]), np.array([5, 15, 25, 35, 10]), np.array([2, 3, 4, 1, 3])
    dn = np.array([100.0, 100.0, 100.0, 100.0, 60.0])
    flags[0, 2, 5, 5] = flags[0, 3, 15, 15] = 4
    flags[0, 3, 15, 16] = 4  # a neighbour: not false
    flags[0, 2, 20, 30] = 4  # false
    truth = {"rate": np.zeros((40, 40)), "dark": np.zeros((40, 40)), "showers": (),
             "cosmic_rays": np.zeros((1, 5, 40, 40), dtype=bool),
             "cosmic_ray_dn": (np.zeros(5, dtype=int), group, y, x, dn)}  # fmt: skip
    truth["cosmic_rays"][0, group, y, x] = True
    return flags, np.zeros((40, 40), dtype=np.uint32), truth, np.full((40, 40), 4.0), np.full((40, 40), 10.0)


def test_jumps_count_only_where_both_groups_are_usable(module, hits):
    # Sigma is 10 DN: jumps of 10 sigma in groups 2, 3 and 4; that in group 1 follows an unusable group; one of 6 sigma.
    rows = module("accuracy_detector").score_jumps(*hits, "12:SHORT")
    high, low, of_pixels, of_flags = rows
    assert high.quantity.startswith("share of 3 jumps above 8 sigma")
    assert high.measured == pytest.approx(2 / 3) and not high.passed
    assert low.quantity.startswith("share of 1 jumps 5 to 8 sigma") and low.measured == 0.0
    assert low.limit is None and low.passed
    assert of_pixels.measured == pytest.approx(1 / 1600) and of_pixels.passed
    assert of_flags.measured == pytest.approx(1 / 4)


def test_the_shared_slope_is_that_of_four_outputs_that_walk_at_random(module):
    rng = np.random.default_rng(3)
    groups = rng.normal(0, 0.15, (8000, 8, 4)).cumsum(axis=1).mean(axis=2)
    slopes = np.polynomial.polynomial.polyfit(np.arange(8) * 2.77504, groups.T, 1)[1]
    assert module("accuracy_detector").common_slope(0.15, 10, 1) == pytest.approx(np.std(slopes), rel=0.05)


def test_the_settling_leaves_little_after_the_flagged_groups(module):
    left = module("accuracy_detector").settled_slope
    assert 0.02 < left(12.0, 10) < 0.05 and left(0.0, 10) == 0.0
