"""Line maps: truth given back with right errors, the same as lmfit, and fast."""

import time

import numpy as np
import pytest

from mrskit.analysis.fits import fit_line
from mrskit.analysis.maps import line_map
from mrskit.errors import AnalysisError

REST, Z, NOISE = 5.340169, 0.0225, 40.0


@pytest.fixture(scope="module")
def side() -> int:
    return 50


@pytest.fixture
def truth(side):
    """Flux (W m-2 sr-1), velocity and width (km/s) of a rotating disk, each of shape (50, 50)."""
    y, x = np.mgrid[:side, :side]
    centre = (side - 1) / 2
    flux = 3e-6 * np.exp(-((x - centre) ** 2 + (y - centre) ** 2) / 200)
    return flux, 150.0 * (x - centre) / centre, 60.0 + y


@pytest.fixture
def cube(grid, profile, make_cube, truth):
    """A cube of 50 x 50 spaxels with a continuum of 500 MJy/sr, noise of 40 and one row without data."""
    rng = np.random.default_rng(4)
    near = grid[np.abs(grid - 5.46) < 0.05]
    line = profile(near[:, None, None], REST, Z, *truth) / 1e-20
    flux = 500 + 400 * (near - 5.46)[:, None, None] + line + rng.normal(0, NOISE, line.shape)
    flux[:, 0, :] = np.nan
    return make_cube(flux, NOISE, near)


def test_a_line_map_gives_back_the_truth_within_its_errors(cube, truth):
    maps = line_map(cube, REST, Z)
    use = maps.snr > 12
    assert use.sum() > 500
    for name, expected in zip(("flux", "velocity", "width"), truth, strict=True):
        pull = ((getattr(maps, name) - expected) / getattr(maps, f"{name}_error"))[use]
        assert abs(np.mean(pull)) < 0.15, name
        assert 0.9 < np.std(pull) < 1.1, name


def test_a_line_map_equals_lmfit_spaxel_by_spaxel(cube):
    maps = line_map(cube, REST, Z)
    rng = np.random.default_rng(6)
    rows, columns = np.nonzero(maps.snr > 4)
    for i in rng.choice(rows.size, 25, replace=False):
        y, x = rows[i], columns[i]
        fit = fit_line(cube.wavelength, cube.flux[:, y, x], cube.error[:, y, x], REST, Z, unit="MJy/sr", window=1000.0,
                       search=400.0)  # fmt: skip
        for name in ("flux", "velocity", "width"):
            found, error = getattr(fit, name), getattr(fit, f"{name}_error")
            assert abs(getattr(maps, name)[y, x] - found) < 0.02 * error
            assert getattr(maps, f"{name}_error")[y, x] == pytest.approx(error, rel=0.02)


def test_fifty_by_fifty_spaxels_take_less_than_ten_seconds(cube):
    start = time.process_time()
    line_map(cube, REST, Z)
    assert time.process_time() - start < 10.0


def test_spaxels_without_data_are_nan_and_not_detected(cube):
    maps = line_map(cube, REST, Z)
    assert np.isnan(maps.flux[0]).all() and not maps.detected[0].any()
    assert np.isnan(maps.masked("velocity")[~maps.detected]).all()
    assert np.isfinite(maps.masked("velocity")[maps.detected]).all()


def test_noise_alone_is_hardly_ever_detected(grid, make_cube):
    rng = np.random.default_rng(9)
    near = grid[np.abs(grid - 5.46) < 0.03]
    maps = line_map(make_cube(rng.normal(500, NOISE, (near.size, 30, 30)), NOISE, near), REST, Z)
    assert maps.detected.mean() < 0.01


def test_a_line_outside_the_cube_is_refused(cube):
    with pytest.raises(AnalysisError, match=r"does not lie in the cube, which covers 5\.41"):
        line_map(cube, 12.8135, Z)


def test_a_cube_without_data_at_the_line_is_refused(grid, make_cube):
    near = grid[np.abs(grid - 5.46) < 0.03]
    with pytest.raises(AnalysisError, match="no spaxel has data"):
        line_map(make_cube(np.full((near.size, 4, 4), np.nan), 1.0, near), REST, Z)
