import numpy as np
import pytest
from stcal.jump import jump, twopoint_difference
from stcal.outlier_detection.utils import medfilt as stcal_medfilt

from mrskit.pipeline.faster import medians


@pytest.fixture
def image():
    """An image of shape (150, 90), more than two strips, with scattered NaN, a hole wider than a window, infinities."""
    rng = np.random.default_rng(3)
    values = rng.normal(size=(150, 90))
    values[rng.random(values.shape) < 0.3] = np.nan
    values[60:75, 20:40] = np.nan
    values[values > 2.5] = np.inf
    return values


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kernel", [(7, 7), (3, 5), (1, 1)])
def test_the_running_median_is_that_of_stcal_to_the_last_bit(image, dtype, kernel):
    expected = stcal_medfilt(image.astype(dtype), kernel)
    found = medians.medfilt(image.astype(dtype), kernel)
    assert found.dtype == expected.dtype
    np.testing.assert_array_equal(found, expected)


@pytest.mark.filterwarnings("ignore:All-NaN")
@pytest.mark.parametrize("shape", [(1, 9, 70, 50), (2, 39, 70, 50), (2, 8, 90)])
def test_the_median_of_differences_is_that_of_numpy_to_the_last_bit(shape):
    rng = np.random.default_rng(4)
    values = rng.normal(size=shape).astype(np.float32)
    values[rng.random(shape) < 0.4] = np.nan
    values[..., 5] = np.nan
    with medians.medians_of_differences():
        found = twopoint_difference.np.nanmedian(values, axis=(0, 1))
        out = np.empty(shape[2:], dtype=np.float32)
        jump.np.nanmedian(values, axis=(0, 1), out=out)
    expected = np.nanmedian(values, axis=(0, 1))
    assert found.dtype == expected.dtype
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(out, expected)


def test_other_medians_of_the_jump_step_stay_those_of_numpy():
    values = np.array([[3.0, np.nan, 1.0], [2.0, 8.0, 9.0]])
    with medians.medians_of_differences():
        assert twopoint_difference.np.nanmedian(values) == 3.0
        np.testing.assert_array_equal(twopoint_difference.np.nanmedian(values, axis=1), [2.0, 8.0])
        assert twopoint_difference.np.diff is np.diff


def test_after_the_context_both_steps_have_their_own_medians():
    from jwst.outlier_detection import ifu

    with medians.median_in_strips(), medians.medians_of_differences():
        assert ifu.medfilt is medians.medfilt
    assert ifu.medfilt is stcal_medfilt
    assert twopoint_difference.np is np
    assert jump.np is np
