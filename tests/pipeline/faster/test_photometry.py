import numpy as np
import photutils
import pytest
from photutils.aperture import (
    CircularAnnulus,
    CircularAperture,
    RectangularAperture,
    aperture_photometry as photutils_photometry,
)

from mrskit.pipeline.faster import photometry
from mrskit.pipeline.faster.photometry import aperture_photometry


@pytest.fixture
def image():
    """An image of shape (30, 40) with NaN where the mask hides it and one visible NaN."""
    rng = np.random.default_rng(1)
    data = rng.normal(100.0, 10.0, (30, 40)).astype(np.float32)
    mask = rng.random((30, 40)) < 0.2
    data[mask] = np.nan
    return data, mask


@pytest.mark.parametrize(
    "aperture",
    [
        CircularAperture((18.2, 14.7), r=5.3),
        CircularAperture((1.0, 1.0), r=8.0),
        CircularAnnulus((18.2, 14.7), r_in=7.1, r_out=11.9),
        RectangularAperture((19.5, 14.5), 40.0, 30.0, theta=0.0),
        CircularAperture((200.0, 200.0), r=3.0),
    ],
    ids=["circle", "circle at the edge", "annulus", "whole field", "outside"],
)
@pytest.mark.parametrize("method", ["exact", "subpixel", "center"])
def test_the_sum_is_that_of_photutils_but_for_the_order_of_adding(image, aperture, method):
    data, mask = image
    options = {"mask": mask, "method": method, "subpixels": 10}
    expected = photutils_photometry(data, aperture, **options)["aperture_sum"]
    found = aperture_photometry(data, aperture, **options)["aperture_sum"]
    rounding = 0 if photutils.__version__.startswith("3.0.") else 1e-14
    np.testing.assert_allclose(found, np.asarray(expected), rtol=rounding, atol=0)


def test_a_visible_nan_makes_the_sum_nan_as_in_photutils(image):
    data, mask = image
    data[14, 18], mask[14, 18] = np.nan, False
    found = aperture_photometry(data, CircularAperture((18, 14), r=4), mask=mask, method="exact", subpixels=5)
    assert np.isnan(found["aperture_sum"][0])


def test_inside_the_context_the_extraction_step_uses_it_and_afterwards_its_own():
    from jwst.extract_1d import ifu

    with photometry.fast_aperture_sums():
        assert ifu.aperture_photometry is aperture_photometry
    assert ifu.aperture_photometry is photutils_photometry


def test_what_goes_into_a_history_fits_one_card():
    assert len(photometry.DESCRIPTION) <= 72
