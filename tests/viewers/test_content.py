"""A viewer opens each product at the right extension and plane."""

import numpy as np
import pytest
from astropy.io import fits

from mrskit.errors import ProductError
from mrskit.viewers import content


@pytest.mark.parametrize(("suffix", "kind", "extension", "unit"), [
    ("uncal", "ramp", "SCI", "DN"), ("rate", "image", "SCI", "DN/s"), ("s3d", "cube", "SCI", "MJy/sr"),
    ("x1d", "spectrum", "EXTRACT1D", "Jy"),
])  # fmt: skip
def test_the_suffix_says_what_a_product_is(products, suffix, kind, extension, unit):
    found = content.read(products[suffix])
    assert (found.kind, found.extension, found.unit) == (kind, extension, unit)
    assert found.title.endswith("(SIMULATED)")


def test_a_ramp_is_shown_from_its_last_but_one_group(products):
    found = content.read(products["uncal"])
    assert found.data.shape == (2, 6, 40, 30) and found.plane == 4 and found.axis_name == "group"
    assert np.median(content.image(found)[:, 9]) == pytest.approx(9900, abs=10)


def test_a_cube_is_shown_at_its_brightest_plane_in_its_wavelengths(products):
    found = content.read(products["s3d"])
    assert found.plane == 30 and found.axis[found.plane] == pytest.approx(7.8)


def test_limits_leave_out_hot_pixels_and_what_has_no_value(products):
    with fits.open(products["rate"], mode="update") as hdus:
        hdus["SCI"].data[0, 0], hdus["SCI"].data[1, 1] = 1e6, np.nan
    low, high = content.read(products["rate"]).limits
    assert -4 < low < 0 < high < 4


def test_what_is_no_product_is_refused_with_a_reason(products, tmp_path):
    with pytest.raises(ProductError, match="no such file"):
        content.read(tmp_path / "b_rate.fits")
    other = products["rate"].rename(tmp_path / "a_flat.fits")
    with pytest.raises(ProductError, match="ends in none of uncal"):
        content.read(other)
    with pytest.raises(ProductError, match="2 axes, expected 4"):
        content.read(other.rename(tmp_path / "a_uncal2_uncal.fits"))
