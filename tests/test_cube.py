"""Cubes as other programs write them: the same sky and wavelengths in every form that the FITS standard knows."""

import gzip
import warnings

import numpy as np
import pytest
from astropy.io import fits

from mrskit.errors import ProductError
from mrskit.fitsfile import ProductWarning
from mrskit.products import read_cube

WAVE = 5.0 + 0.001 * np.arange(20)  # um
AREA = (0.13 / 206264.80625) ** 2  # sr of a spaxel of 0.13 arcsec
LIGHT = 299792458.0  # m/s
SKY = {"CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN", "CRPIX1": 3, "CRPIX2": 2, "CRVAL1": 339.0, "CRVAL2": 34.0,
       "CUNIT1": "deg", "CUNIT2": "deg"}  # fmt: skip
DELTS = {"CDELT1": -0.13 / 3600, "CDELT2": 0.13 / 3600}
LINEAR = DELTS | {"CTYPE3": "WAVE", "CUNIT3": "um", "CRPIX3": 1, "CRVAL3": 5.0, "CDELT3": 0.001}
VALUES = 2.0 + np.arange(20 * 4 * 5).reshape(20, 4, 5) / 100  # MJy/sr


def write(path, data=VALUES, axis=LINEAR, unit="MJy/sr", primary=None, extensions=(), error=0.1):
    """Write a cube as the pipeline does, with what is given changed; a keyword None is left out."""
    sci = fits.ImageHDU(np.asarray(data, dtype=np.float32), name="SCI")
    sci.header.update({key: value for key, value in (SKY | axis | {"BUNIT": unit}).items() if value is not None})
    first = fits.PrimaryHDU()
    first.header.update({"INSTRUME": "MIRI", "EXP_TYPE": "MIR_MRS", "CHANNEL": "1", "BAND": "SHORT"} | (primary or {}))
    errors = [] if error is None else [fits.ImageHDU(np.full(np.shape(data), error, np.float32), name="ERR")]
    fits.HDUList([first, sci, *errors, *extensions]).writeto(path)
    return path


def table(values):
    column = fits.Column(
        "wavelength", f"{len(values)}D", dim=f"(1,{len(values)})", array=np.reshape(values, (1, -1, 1))
    )
    return fits.BinTableHDU.from_columns([column], name="WCS-TABLE")


TABLE = DELTS | {"CTYPE3": "WAVE-TAB", "CUNIT3": "um", "CRPIX3": 1, "CRVAL3": 1, "CDELT3": 1, "PS3_0": "WCS-TABLE",
                 "PS3_1": "wavelength"}  # fmt: skip
FORMS = {
    "CD matrix": {key: LINEAR[key] for key in ("CTYPE3", "CUNIT3", "CRPIX3", "CRVAL3")} | {
        "CD1_1": -0.13 / 3600, "CD2_2": 0.13 / 3600, "CD3_3": 0.001},
    "PC matrix": LINEAR | {"PC1_1": -1, "CDELT1": 0.13 / 3600, "PC3_3": 0.5, "CDELT3": 0.002},
    "metres": LINEAR | {"CUNIT3": "m", "CRVAL3": 5e-6, "CDELT3": 1e-9},
    "Angstrom": LINEAR | {"CUNIT3": "Angstrom", "CRVAL3": 5e4, "CDELT3": 10.0},
    "capitals": LINEAR | {"CUNIT3": "MICRON"},
    "nanometres, reference in the middle": LINEAR | {"CUNIT3": "nm", "CRPIX3": 11, "CRVAL3": 5010.0, "CDELT3": 1.0},
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_a_linear_axis_is_read_in_every_form(tmp_path, form):
    cube = read_cube(write(tmp_path / "a_s3d.fits", axis=FORMS[form]))
    assert cube.wavelength == pytest.approx(WAVE, abs=1e-9)
    assert cube.flux == pytest.approx(VALUES) and cube.band.name == "1A"
    assert cube.spaxel_size == pytest.approx(0.13, rel=1e-4)
    assert cube.wcs.world_to_pixel_values(339.0, 34.0) == pytest.approx((2, 1))


RISING = LIGHT / WAVE * 1e6  # Hz
OTHERS = {  # axis, and the wavelengths in vacuum that it stands for
    "falling": (LINEAR | {"CRVAL3": 5.019, "CDELT3": -0.001}, WAVE),
    "frequency": (LINEAR | {"CTYPE3": "FREQ", "CUNIT3": "THz", "CRVAL3": 60.0, "CDELT3": -0.01},
                  LIGHT / (60e12 - 1e10 * np.arange(20)) * 1e6),
    "optical velocity": (LINEAR | {"CTYPE3": "VOPT", "CUNIT3": "km/s", "CRVAL3": 100.0, "CDELT3": 40.0,
                                   "RESTWAV": 5e-6}, 5.0 * (1 + (100 + 40 * np.arange(20)) / 299792.458)),
    "radio velocity": (LINEAR | {"CTYPE3": "VRAD", "CUNIT3": "m/s", "CRVAL3": 1e5, "CDELT3": 4e4,
                                 "RESTFRQ": LIGHT / 5e-6}, 5.0 / (1 - (100 + 40 * np.arange(20)) / 299792.458)),
    "air": (LINEAR | {"CTYPE3": "AWAV"}, WAVE * 1.00027266),  # n - 1 at 5 um: Greisen et al. 2006, eq. 65
}  # fmt: skip


@pytest.mark.parametrize("form", OTHERS)
def test_other_axes_are_converted_to_increasing_wavelengths_in_vacuum(tmp_path, form):
    axis, expected = OTHERS[form]
    cube = read_cube(write(tmp_path / "a_s3d.fits", axis=axis))
    assert cube.wavelength == pytest.approx(expected, rel=1e-7)
    turned = form == "falling"
    assert cube.flux[0] == pytest.approx(VALUES[-1 if turned else 0])


def test_a_table_of_wavelengths_with_two_channels_is_read(tmp_path):
    values = np.r_[np.linspace(4.9, 7.6, 10), np.linspace(7.61, 11.7, 10)]
    cube = read_cube(write(tmp_path / "a_s3d.fits", axis=TABLE, extensions=[table(values)],
                           primary={"CHANNEL": "12", "BAND": "MULTIPLE"}))  # fmt: skip
    assert cube.wavelength == pytest.approx(values) and cube.band is None and cube.label == "4.90-11.70 um"


REFUSED = {
    "no unit of the axis": ({"axis": LINEAR | {"CUNIT3": None}}, "CUNIT3, the unit of the spectral axis, is missing"),
    "an unknown axis": ({"axis": LINEAR | {"CTYPE3": "LAMBDA"}}, "its axes are .*LAMBDA"),
    "a velocity without a line": ({"axis": LINEAR | {"CTYPE3": "VELO", "CUNIT3": "km/s"}}, "RESTWAV or RESTFRQ"),
    "um written as m": ({"axis": LINEAR | {"CUNIT3": "m"}}, "wavelengths from 5e.06"),
    "a tilted axis": ({"axis": LINEAR | {"PC3_1": 0.1}}, "wavelength changes across the field"),
    "Jy/beam": ({"unit": "Jy/beam"}, "BUNIT: 'Jy / beam' is not a flux density .*beam is not known"),
    "counts": ({"unit": "DN/s"}, "'DN / s' is not a flux density"),
    "an unknown unit": ({"unit": "furlong"}, "astropy does not know the unit 'furlong'"),
    "no unit": ({"unit": None}, "BUNIT, the unit of the values, is missing"),
    "an image": ({"data": VALUES[0], "axis": {}}, "no image with three axes"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_a_cube_does_not_tell_is_refused_by_name(tmp_path, case):
    changes, message = REFUSED[case]
    with pytest.raises(ProductError, match=message):
        read_cube(write(tmp_path / "a_s3d.fits", **changes))


JY = 1e-6 / AREA  # MJy/sr of 1 Jy in a spaxel
UNITS = {
    "MJy/sr": np.ones(20), "MJY/SR": np.ones(20), "Jy": np.full(20, JY), "mJy/spaxel": np.full(20, 1e-3 * JY),
    "mJy/arcsec2": np.full(20, 1e-9 * 206264.80625**2), "Jy arcsec-2": np.full(20, 1e-6 * 206264.80625**2),
    "W m-2 um-1 sr-1": WAVE**2 * 1e-6 / LIGHT * 1e20,  # lambda^2 / c, um2 -> um m
    "erg/s/cm2/A/arcsec2": WAVE**2 * 1e-6 / LIGHT * 1e20 * 10 * 206264.80625**2,
}  # fmt: skip


@pytest.mark.parametrize("unit", UNITS)
def test_values_and_errors_are_converted_to_surface_brightness(tmp_path, unit):
    cube = read_cube(write(tmp_path / "a_s3d.fits", unit=unit))
    assert cube.flux == pytest.approx(VALUES * UNITS[unit][:, None, None], rel=1e-4)
    assert cube.error[:, 1, 1] == pytest.approx(0.1 * UNITS[unit], rel=1e-4)


def test_an_area_that_contradicts_the_wcs_is_said_and_not_used(tmp_path):
    path = write(tmp_path / "a_s3d.fits", axis=LINEAR | {"PIXAR_SR": 2 * AREA}, unit="Jy")
    with pytest.warns(ProductWarning, match="PIXAR_SR is .* the WCS is used"):
        cube = read_cube(path)
    assert cube.pixel_area == pytest.approx(AREA, rel=1e-4) and cube.flux == pytest.approx(VALUES * JY, rel=1e-4)


def test_a_cube_in_the_primary_extension_without_errors_is_read_compressed(tmp_path):
    noise = np.random.default_rng(4).normal(0, 0.5, (400, 4, 5))
    hdu = fits.PrimaryHDU(noise[None].astype(">f8"))  # an axis of length one more, as radio programs write
    hdu.header.update(SKY | LINEAR | {"BUNIT": "MJy/sr", "CTYPE4": "STOKES", "CRVAL4": 1, "CDELT4": 1, "CRPIX4": 1})
    hdu.writeto(tmp_path / "a.fits")
    (tmp_path / "a.fits.gz").write_bytes(gzip.compress((tmp_path / "a.fits").read_bytes()))
    with pytest.warns(ProductWarning, match="the file has no errors"):
        cube = read_cube(tmp_path / "a.fits.gz")
    assert cube.flux.shape == (400, 4, 5) and cube.flux.dtype.isnative and not cube.simulated
    assert np.median(cube.error) == pytest.approx(0.5, rel=0.1)


@pytest.mark.parametrize(
    ("name", "value", "cards"),
    [
        ("VAR", 0.25, {}),
        ("STAT", 0.25, {"BUNIT": "MJy2 / sr2"}),
        ("variance", 0.25, {"BUNIT": "MJy**2 sr**-2"}),
        ("IVAR", 4.0, {}),
        ("UNCERT", 0.25, {"UTYPE": "var"}),
        ("UNCERT", 0.5, {"UTYPE": "std"}),
    ],
)
def test_errors_are_taken_from_variances_too(tmp_path, name, value, cards):
    plane = fits.ImageHDU(np.full(VALUES.shape, value), fits.Header(cards), name=name)
    cube = read_cube(write(tmp_path / "a_s3d.fits", error=None, extensions=[plane]))
    assert cube.error == pytest.approx(np.full(VALUES.shape, 0.5))


def test_a_variance_in_another_unit_than_the_values_is_said_and_not_used(tmp_path):
    plane = fits.ImageHDU(np.ones(VALUES.shape), fits.Header({"BUNIT": "Jy2"}), name="VAR")
    with pytest.warns(ProductWarning) as said:
        read_cube(write(tmp_path / "a_s3d.fits", error=None, extensions=[plane]))
    texts = " ".join(str(item.message) for item in said)
    assert "VAR is not used for the errors: its unit Jy2" in texts and "estimated from the scatter" in texts


def test_a_cube_along_the_slices_and_one_of_nothing_are_read(tmp_path):
    turned = DELTS | {"PC1_1": 0.6, "PC1_2": -0.8, "PC2_1": 0.8, "PC2_2": 0.6}  # ifualign: north is not up
    cube = read_cube(write(tmp_path / "a b#ü%20_s3d.fits", axis=LINEAR | turned))
    assert cube.wavelength == pytest.approx(WAVE) and cube.flux == pytest.approx(VALUES)
    assert cube.spaxel_size == pytest.approx(0.13, rel=1e-4)
    empty = read_cube(write(tmp_path / "b_s3d.fits", data=np.full(VALUES.shape, np.nan)))
    assert np.isnan(empty.flux).all() and empty.band.name == "1A"


def test_samples_that_are_not_to_be_used_are_nan(tmp_path):
    flags = np.zeros(VALUES.shape, np.uint32)
    flags[3, 1, 2], flags[4, 1, 2] = 1, 4
    cube = read_cube(write(tmp_path / "a_s3d.fits", extensions=[fits.ImageHDU(flags, name="DQ")]))
    assert np.argwhere(np.isnan(cube.flux)).tolist() == [[3, 1, 2]]


def test_a_cube_of_another_instrument_is_said_to_be_one(tmp_path):
    path = write(tmp_path / "a_s3d.fits", primary={"INSTRUME": "NIRSPEC", "EXP_TYPE": "NRS_IFU", "CHANNEL": ""})
    with pytest.warns(ProductWarning, match="INSTRUME is NIRSPEC"):
        read_cube(path)


def test_a_truncated_cube_is_refused(tmp_path):
    path = write(tmp_path / "a_s3d.fits", data=np.ones((50, 20, 20)))
    path.write_bytes(path.read_bytes()[:-9000])
    with pytest.raises(ProductError, match="not a readable FITS file"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        read_cube(path)
