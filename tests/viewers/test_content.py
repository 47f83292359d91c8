"""A viewer opens each product at the right extension and plane."""

import json

import numpy as np
import pytest
from astropy.io import fits
from typer.testing import CliRunner

from mrskit.cli import app
from mrskit.errors import ProductError
from mrskit.viewers import content, panels


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
    with pytest.raises(ProductError, match="unknown suffix; expected a product with one of uncal"):
        content.read(other)
    with pytest.raises(ProductError, match="2 axes, expected 4"):
        content.read(other.rename(tmp_path / "a_uncal2_uncal.fits"))


def test_a_spectrum_of_any_name_and_unit_is_shown_compressed_too(products, tmp_path):
    spectrum = fits.getdata(products["x1d"], "EXTRACT1D")
    columns = [fits.Column("wavelength", "D", unit="Angstrom", array=spectrum["WAVELENGTH"] * 1e4),
               fits.Column("flux", "D", unit="mJy", array=spectrum["FLUX"]),
               fits.Column("unc", "D", unit="mJy", array=spectrum["FLUX_ERROR"])]  # fmt: skip
    fits.HDUList([fits.PrimaryHDU(), fits.BinTableHDU.from_columns(columns)]).writeto(tmp_path / "b_s1d.fits.gz")
    found = content.read(tmp_path / "b_s1d.fits.gz")
    assert (found.kind, found.unit) == ("spectrum", "mJy") and found.axis[0] == pytest.approx(7.5)
    assert panels.describe(found) == "Spectrum of b_s1d.fits.gz: flux density in mJy against wavelength in µm."


def test_the_axis_of_a_cube_is_that_of_its_wcs(products):
    with fits.open(products["s3d"], mode="update") as hdus:
        header = hdus["SCI"].header
        del header["CDELT3"]
        header["CD3_3"], header["CUNIT3"], header["CRVAL3"] = 1e-8, "m", 7.5e-6
    found = content.read(products["s3d"])
    assert found.axis[[0, 30]] == pytest.approx([7.5, 7.8])
    with fits.open(products["s3d"], mode="update") as hdus:
        del hdus["SCI"].header["CUNIT3"]
    with pytest.raises(ProductError, match="CUNIT3"):
        content.read(products["s3d"])


def test_a_spectrum_and_a_cube_without_any_value_are_shown(products):
    with fits.open(products["x1d"], mode="update") as hdus:
        hdus["EXTRACT1D"].data["FLUX"] = np.nan
    with fits.open(products["s3d"], mode="update") as hdus:
        hdus["SCI"].data[:] = np.nan
    assert content.read(products["x1d"]).limits == content.read(products["s3d"]).limits == (0.0, 1.0)


def test_a_truncated_product_is_refused(products):
    products["s3d"].write_bytes(products["s3d"].read_bytes()[:-9000])
    with pytest.raises(ProductError, match="not a readable FITS file"):
        content.read(products["s3d"])


def test_folders_and_associations_are_listed_by_the_command(products, tmp_path):
    members = [{"expname": "a_cal.fits", "exptype": "science"}, {"expname": "b_x1d.fits", "exptype": "background"}]
    (tmp_path / "a_asn.json").write_text(json.dumps({"products": [{"name": "Level3", "members": members}]}))
    (tmp_path / "b_asn.json").write_text("[]")
    printed = CliRunner().invoke(app, ["view", str(tmp_path), str(tmp_path / "a_asn.json")]).output
    assert "a_s3d.fits" in printed and "spectrum" in printed
    assert "b_x1d.fits" in printed and "background" in printed
    refused = CliRunner().invoke(app, ["view", str(tmp_path / "b_asn.json")])
    assert "not an association" in str(refused.exception) + refused.output and refused.exit_code
    (tmp_path / "empty").mkdir()
    refused = CliRunner().invoke(app, ["view", str(tmp_path / "empty")])
    assert "no products found" in str(refused.exception) + refused.output
