import numpy as np
import pytest
from astropy.io import fits

from mrskit import bands, products
from mrskit.errors import ProductError


@pytest.fixture
def uncal(tmp_path):
    """A tiny file with the structure of a raw exposure: one integration, two groups, full frame."""
    return write_uncal(tmp_path / "jw02732004001_02101_00001_mirifushort_uncal.fits")


def write_uncal(path, **changes):
    header = {
        "INSTRUME": "MIRI", "EXP_TYPE": "MIR_MRS", "CHANNEL": "12", "BAND": "SHORT", "OBSERVTN": "004", "PATT_NUM": 2,
        "NGROUPS": 2, "NINTS": 1, "READPATT": "FASTR1", "EFFEXPTM": 5.55, "BKGDTARG": False,
    } | changes  # fmt: skip
    primary = fits.PrimaryHDU()
    for keyword, value in header.items():
        if value is not None:
            primary.header[keyword] = value
    data = np.zeros((1, 2, 1024, 1032), np.uint16)
    metadata = fits.BinTableHDU.from_columns([fits.Column("ASDF_METADATA", "B", array=[0])], name="ASDF")
    fits.HDUList([primary, fits.ImageHDU(data, name="SCI"), metadata]).writeto(path)
    return path


def test_the_name_of_a_raw_file_follows_the_workshop():
    name = products.uncal_name(2732, 4, "02101", 1, bands.SETTINGS["34:SHORT"])
    assert name == "jw02732004001_02101_00001_mirifulong_uncal.fits"


def test_product_name_changes_the_suffix_only():
    assert products.product_name("a/jw1_2_3_mirifushort_uncal.fits", "rate") == "jw1_2_3_mirifushort_rate.fits"


def test_product_name_refuses_a_name_without_a_suffix():
    with pytest.raises(ProductError, match="no product suffix"):
        products.product_name("picture.fits", "rate")


def test_the_header_is_translated_to_our_words(uncal):
    exposure = products.check_uncal(uncal)
    assert (exposure.observation, exposure.dither, exposure.role) == (4, 2, "source")
    assert exposure.setting.name == "12:SHORT"
    assert not exposure.simulated


def test_a_truncated_raw_file_is_refused(uncal):
    with uncal.open("r+b") as file:
        file.truncate(uncal.stat().st_size - 5_000)
    with pytest.raises(ProductError, match=r"(truncated|not a complete uncal).*mrskit fetch"):
        products.check_uncal(uncal)


@pytest.mark.parametrize(
    ("origin", "command", "other"), [("SIMULATED", "simulate", "fetch"), ("STSCI", "fetch", "simulate")]
)
def test_a_broken_raw_file_is_to_come_from_where_it_has_come_from(tmp_path, origin, command, other):
    path = write_uncal(tmp_path / "jw1_uncal.fits", ORIGIN=origin, NGROUPS=3)
    with pytest.raises(ProductError, match=f"mrskit {command}") as caught:
        products.check_uncal(path)
    assert f"mrskit {other}" not in str(caught.value)


def test_a_raw_file_without_its_metadata_is_refused(uncal):
    with fits.open(uncal, mode="update") as hdus:
        del hdus["ASDF"]
    with pytest.raises(ProductError, match=r"not a complete uncal file.*ASDF"):
        products.check_uncal(uncal)


def test_an_empty_file_is_refused(tmp_path):
    path = tmp_path / "x_uncal.fits"
    path.write_bytes(b"")
    with pytest.raises(ProductError, match="not a readable FITS file"):
        products.check_uncal(path)


def test_a_missing_file_is_named_with_what_makes_it(tmp_path):
    with pytest.raises(ProductError, match=r"no such file.*mrskit simulate"):
        products.check_uncal(tmp_path / "x_uncal.fits")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"INSTRUME": "NIRCAM"}, "INSTRUME is 'NIRCAM', expected 'MIRI'"),
        ({"EXP_TYPE": "MIR_IMAGE"}, "EXP_TYPE is 'MIR_IMAGE', expected 'MIR_MRS'"),
        ({"CHANNEL": "1"}, "CHANNEL:BAND is '1:SHORT'"),
        ({"NGROUPS": 3}, r"SCI has shape \(1, 2, 1024, 1032\), but the header states \(1, 3"),
        ({"READPATT": None}, "the header lacks"),
    ],
    ids=["instrument", "mode", "channel", "shape", "keyword"],
)
def test_a_foreign_file_is_refused_with_what_was_found(tmp_path, changes, message):
    with pytest.raises(ProductError, match=message):
        products.check_uncal(write_uncal(tmp_path / "f_uncal.fits", **changes))


def test_find_selects_by_header_and_not_by_name(tmp_path, uncal):
    write_uncal(tmp_path / "jw02732004001_02101_00009_mirifushort_uncal.fits", CHANNEL="34", BAND="LONG")
    assert products.find(tmp_path, "uncal", bands.SETTINGS["12:SHORT"]) == [uncal]
    assert len(products.find(tmp_path, "uncal")) == 2


def test_a_spectrum_is_read_from_any_table_with_wavelength_and_flux(tmp_path):
    wavelength = np.linspace(4.9, 5.7, 5)
    columns = [
        fits.Column("wavelength", "D", unit="um", array=wavelength),
        fits.Column("flux", "D", unit="mJy", array=np.arange(5.0)),
        fits.Column("uncertainty", "D", unit="mJy", array=np.full(5, 0.5)),
    ]
    fits.HDUList([fits.PrimaryHDU(), fits.BinTableHDU.from_columns(columns)]).writeto(tmp_path / "a_s1d.fits")
    spectrum = products.read_spectrum(tmp_path / "a_s1d.fits")
    assert spectrum.band.name == "1A"
    assert spectrum.unit == "mJy"
    assert spectrum.flux.dtype.isnative
    assert np.all(spectrum.error == 0.5)


def test_a_file_without_a_table_is_no_spectrum(uncal):
    with pytest.raises(ProductError, match="no spectrum found"):
        products.read_spectrum(uncal)


def test_a_raw_file_is_no_cube(uncal):
    with pytest.raises(ProductError, match="not an MRS cube"):
        products.read_cube(uncal)
