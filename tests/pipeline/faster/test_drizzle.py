import numpy as np
import pytest
from jwst.cube_build import ifu_cube
from jwst.cube_build.cube_match_sky_driz import cube_wrapper_driz

from mrskit.pipeline.faster import drizzle

SPACING, DEPTH = 0.13, 0.0008  # arcsec, um


def arguments(**changes) -> list:
    """What cube_build passes for 3000 turned pixels of three slices in a cube of 40 x 12 x 14 spaxels."""
    rng = np.random.default_rng(5)
    count = 3000
    x, y, z = (step * np.arange(size) for step, size in ((SPACING, 14), (SPACING, 12), (DEPTH, 40)))
    xi, eta = rng.uniform(-0.2, 2.0, count), rng.uniform(-0.2, 1.7, count)
    wave = rng.uniform(z[0] - 3 * DEPTH, z[-1] + 3 * DEPTH, count)
    corners = []
    for u, v in ((-0.09, -0.1), (0.09, -0.1), (0.09, 0.1), (-0.09, 0.1)):
        corners += [xi + u * np.cos(0.4) - v * np.sin(0.4), eta + u * np.sin(0.4) + v * np.cos(0.4)]
    flux = rng.normal(100.0, 20.0, count)
    slices = rng.integers(101, 104, count).astype(float)
    given = {
        "instrument": 0, "flag_dq_plane": 1, "start_region": 101, "end_region": 103, "overlap_partial": 4,
        "overlap_full": 2, "xcoord": x, "ycoord": y, "zcoord": z, "coord1": xi, "coord2": eta, "wave": wave,
        "flux": flux, "err": np.sqrt(flux), "slice_no": slices,
    }  # fmt: skip
    given |= dict(zip(("xi1", "eta1", "xi2", "eta2", "xi3", "eta3", "xi4", "eta4"), corners, strict=True))
    given |= {
        "dwave": rng.uniform(0.9, 1.1, count) * DEPTH, "cdelt3": np.full(z.size, DEPTH), "cdelt1": SPACING,
        "cdelt2": SPACING, "cdelt3_mean": DEPTH, "linear": 1, "x_det": np.arange(count), "y_det": np.arange(count),
        "debug_cube_index": -1,
    }  # fmt: skip
    return list((given | changes).values())


def test_the_sums_are_those_of_the_pipeline_to_rounding():
    expected, found = cube_wrapper_driz(*arguments()), drizzle.by_planes(cube_wrapper_driz)(*arguments())
    assert expected[3].max() > 3  # several pixels meet in a spaxel
    for of_kit, of_pipeline in zip(found[:3], expected[:3], strict=True):
        np.testing.assert_allclose(of_kit, of_pipeline, rtol=1e-13, atol=1e-13 * np.abs(of_pipeline).max())
    np.testing.assert_array_equal(found[3], expected[3])
    np.testing.assert_array_equal(found[4], expected[4])
    assert [values.dtype for values in found] == [values.dtype for values in expected]


def test_planes_of_unequal_depth_are_treated_alike():
    z = np.cumsum(np.linspace(0.5, 2.0, 40)) * DEPTH
    changed = {"zcoord": z, "cdelt3": np.gradient(z), "linear": 0}
    expected, found = (function(*arguments(**changed)) for function in
                       (cube_wrapper_driz, drizzle.by_planes(cube_wrapper_driz)))  # fmt: skip
    np.testing.assert_allclose(found[1], expected[1], rtol=1e-13)
    np.testing.assert_array_equal(found[3], expected[3])


@pytest.mark.parametrize(
    "change", [{"instrument": 1}, {"debug_cube_index": 7}], ids=["another instrument", "a spaxel to be printed"]
)
def test_what_it_is_not_made_for_goes_to_the_pipeline_unchanged(change):
    calls = []
    given = arguments(**change)
    drizzle.by_planes(lambda *values: calls.append(values) or "as it came")(*given)
    assert len(calls) == 1
    assert all(one is other for one, other in zip(calls[0], given, strict=True))


def test_inside_the_context_the_step_uses_it_and_afterwards_its_own():
    with drizzle.drizzle_by_planes():
        assert ifu_cube.cube_wrapper_driz is not cube_wrapper_driz
    assert ifu_cube.cube_wrapper_driz is cube_wrapper_driz
