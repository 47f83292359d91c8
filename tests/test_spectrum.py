"""Spectra as people have them: columns, units, flags, padding, several in a file, text tables."""

import gzip

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table

from mrskit.errors import ProductError
from mrskit.fitsfile import ProductWarning
from mrskit.products import read_spectra, read_spectrum

WAVE = np.linspace(4.91, 5.73, 400)  # um
FLUX = 0.02 + 0.001 * np.sin(40 * WAVE)  # Jy
ERROR = np.full(400, 1e-4)
LIGHT = 299792458.0


def hdu(columns, name="EXTRACT1D", **header):
    """A table from name -> (values, unit)."""
    made = [fits.Column(key, "D" if np.asarray(values).dtype.kind == "f" else "J", unit=unit, array=values)
            for key, (values, unit) in columns.items()]  # fmt: skip
    table = fits.BinTableHDU.from_columns(made, name=name)
    table.header.update(header)
    return table


def write(path, *tables, **header):
    primary = fits.PrimaryHDU()
    primary.header.update(header)
    fits.HDUList([primary, *tables]).writeto(path)
    return path


def plain(wave=WAVE, flux=FLUX, error=ERROR, unit="Jy", names=("WAVELENGTH", "FLUX", "FLUX_ERROR"), wave_unit="um"):
    return hdu({names[0]: (wave, wave_unit), names[1]: (flux, unit), names[2]: (error, unit)})


PER_UM = LIGHT / (WAVE * 1e-6) ** 2 * 1e-26 * 1e-6  # W m-2 um-1 of 1 Jy
FORMS = {
    "older names": plain(names=("WAVELENGTH", "FLUX", "ERROR")),
    "small letters": plain(names=("wave", "flux_density", "unc")),
    "Angstrom": plain(wave=WAVE * 1e4, wave_unit="Angstrom"),
    "metres, falling": plain(WAVE[::-1] * 1e-6, FLUX[::-1], wave_unit="m"),
    "frequency": plain(wave=LIGHT / WAVE * 1e-6, wave_unit="THz"),
    "mJy": plain(flux=FLUX * 1e3, error=ERROR * 1e3, unit="mJy"),
    "W m-2 um-1": plain(flux=FLUX * PER_UM, error=ERROR * PER_UM, unit="W m-2 um-1"),
    "erg s-1 cm-2 A-1": plain(flux=FLUX * PER_UM * 0.1, error=ERROR * PER_UM * 0.1, unit="erg s-1 cm-2 A-1"),
    "an error in another unit": hdu({"WAVELENGTH": (WAVE, "um"), "FLUX": (FLUX, "Jy"),
                                     "FLUX_ERROR": (ERROR * 1e6, "uJy")}),
    "an error without a unit": hdu({"WAVELENGTH": (WAVE, "um"), "FLUX": (FLUX * PER_UM, "W m-2 um-1"),
                                    "FLUX_ERROR": (ERROR * PER_UM, None)}),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_columns_and_units_of_every_kind_give_the_same_spectrum(tmp_path, form):
    found = read_spectrum(write(tmp_path / "a_x1d.fits", FORMS[form]))
    factor = 1e3 if found.unit == "mJy" else 1.0
    assert found.wavelength == pytest.approx(WAVE) and found.band.name == "1A"
    assert found.flux == pytest.approx(FLUX * factor) and found.error == pytest.approx(ERROR * factor)


def test_flagged_and_padding_rows_do_not_count(tmp_path):
    wave, flux, flags = np.r_[WAVE, np.nan, 0.0, 0.0], np.r_[FLUX, 9.0, 9.0, np.nan], np.zeros(403, int)
    flags[7], flags[8] = 513, 2  # DO_NOT_USE + NON_SCIENCE; saturated alone
    table = hdu({"WAVELENGTH": (wave, "um"), "FLUX": (flux, "Jy"), "FLUX_ERROR": (np.full(403, 1e-4), "Jy"),
                 "DQ": (flags, None)})  # fmt: skip
    found = read_spectrum(write(tmp_path / "a_x1d.fits", table))
    assert found.wavelength == pytest.approx(WAVE)
    assert np.flatnonzero(np.isnan(found.flux)).tolist() == [7]


@pytest.mark.parametrize("error", [np.zeros(400), np.full(400, np.nan), None], ids=["zero", "NaN", "no column"])
def test_missing_errors_are_estimated_from_the_scatter_and_said(tmp_path, error):
    flux = FLUX + np.random.default_rng(1).normal(0, 3e-4, 400)
    columns = {"WAVELENGTH": (WAVE, "um"), "FLUX": (flux, "Jy")}
    columns |= {} if error is None else {"FLUX_ERROR": (error, "Jy")}
    with pytest.warns(ProductWarning, match="400 of 400 samples have no error; errors are estimated"):
        found = read_spectrum(write(tmp_path / "a_x1d.fits", hdu(columns)))
    assert np.median(found.error) == pytest.approx(3e-4, rel=0.15)


def test_bands_that_stand_apart_or_overlap_become_spectra_of_their_own(tmp_path):
    both = np.r_[WAVE, np.linspace(7.52, 8.75, 400)]
    parts = read_spectra(write(tmp_path / "a_x1d.fits", plain(both, np.r_[FLUX, FLUX], np.r_[ERROR, ERROR]),
                               CHANNEL="12", BAND="SHORT"))  # fmt: skip
    assert [part.band.name for part in parts] == ["1A", "2A"]
    wave = np.r_[WAVE, np.linspace(5.67, 6.62, 400)]  # one behind the other
    parts = read_spectra(write(tmp_path / "b_x1d.fits", plain(wave, np.r_[FLUX, FLUX], np.r_[ERROR, ERROR])))
    assert [part.band.name for part in parts] == ["1A", "1B"]
    joined = read_spectrum(tmp_path / "b_x1d.fits")
    assert joined.band is None and np.all(np.diff(joined.wavelength) >= 0) and joined.flux.size == 800


def test_the_band_of_a_line_in_merged_bands_follows_from_its_wavelength(tmp_path):
    merged = np.sort(np.r_[WAVE, np.linspace(5.67, 6.62, 400)])
    found = read_spectrum(write(tmp_path / "a_x1d.fits", plain(merged, np.r_[FLUX, FLUX], np.r_[ERROR, ERROR]),
                                CHANNEL="1", BAND="MULTIPLE"))  # fmt: skip
    assert [found.band_at(place) for place in (5.2, 5.70, 6.3, 6.60, 9.0)] == ["1A", "1A/1B", "1B", "1B", "2B"]


def test_a_header_that_contradicts_the_wavelengths_does_not_name_the_band(tmp_path):
    assert read_spectrum(write(tmp_path / "a_x1d.fits", plain(), CHANNEL="3", BAND="SHORT")).band.name == "1A"


def test_several_extensions_and_rows_with_whole_spectra_are_all_read(tmp_path):
    parts = read_spectra(write(tmp_path / "a_x1d.fits", plain(), plain(wave=WAVE + 0.8)))
    assert [part.label for part in parts] == ["a_x1d", "a_x1d, table 2"]
    given = ("WAVELENGTH", "um", WAVE), ("FLUX", "Jy", FLUX), ("FLUX_ERROR", "Jy", ERROR)
    rows = [fits.Column(name, "400D", unit=unit, array=np.vstack([values, values + 0.01]))
            for name, unit, values in given]  # fmt: skip
    parts = read_spectra(write(tmp_path / "b_x1d.fits", fits.BinTableHDU.from_columns(rows, name="EXTRACT1D")))
    assert [part.flux[0] for part in parts] == pytest.approx([FLUX[0], FLUX[0] + 0.01])


def test_another_column_of_the_flux_is_chosen_by_name_or_said(tmp_path):
    columns = {
        "WAVELENGTH": (WAVE, "um"),
        "FLUX": (FLUX, "Jy"),
        "FLUX_ERROR": (ERROR, "Jy"),
        "RF_FLUX": (FLUX * 2, "Jy"),
    }
    path = write(tmp_path / "a_x1d.fits", hdu(columns))
    assert read_spectrum(path).flux == pytest.approx(FLUX)
    assert read_spectrum(path, "RF_FLUX").flux == pytest.approx(FLUX * 2)
    del columns["FLUX"]
    with pytest.warns(ProductWarning, match="the flux is from the column RF_FLUX"):
        assert read_spectrum(write(tmp_path / "b_x1d.fits", hdu(columns))).flux == pytest.approx(FLUX * 2)


def test_an_empty_flux_gives_way_to_a_surface_brightness_in_its_own_unit(tmp_path):
    columns = {"WAVELENGTH": (WAVE, "um"), "FLUX": (0 * FLUX, "Jy"), "FLUX_ERROR": (0 * ERROR, "Jy"),
               "SURF_BRIGHT": (FLUX * 1e3, "MJy/sr"), "SB_ERROR": (ERROR * 1e3, "MJy/sr")}  # fmt: skip
    with pytest.warns(ProductWarning, match="SURF_BRIGHT"):
        found = read_spectrum(write(tmp_path / "a_x1d.fits", hdu(columns)))
    assert found.unit == "MJy/sr" and found.error == pytest.approx(ERROR * 1e3)


def test_text_tables_are_read_with_their_units(tmp_path):
    table = Table({"wavelength": WAVE, "flux": FLUX * 1e3, "flux_error": ERROR * 1e3}, units=["um", "mJy", "mJy"])
    table.write(tmp_path / "a.ecsv")
    assert read_spectrum(tmp_path / "a.ecsv").unit == "mJy"
    for name, head in (
        ("b.csv", "wavelength (um),flux [mJy],flux_error [mJy]"),
        ("c.csv", "wave_um,flux_mJy,error_mJy"),
    ):
        rows = [f"{w},{f * 1e3},{e * 1e3}" for w, f, e in zip(WAVE, FLUX, ERROR, strict=True)]
        (tmp_path / name).write_text("\n".join([head, *rows]))
        found = read_spectrum(tmp_path / name)
        assert (
            found.unit == "mJy"
            and found.flux == pytest.approx(FLUX * 1e3)
            and found.error == pytest.approx(ERROR * 1e3)
        )
    (tmp_path / "e.csv").write_text("wavelength,flux (Jy)\n5.1,1\n5.2,2\n5.3,3\n", encoding="utf-8-sig")  # Excel
    with pytest.warns(ProductWarning, match="no error"):
        assert read_spectrum(tmp_path / "e.csv").flux == pytest.approx([1.0, 2.0, 3.0])
    (tmp_path / "d.csv.gz").write_bytes(gzip.compress(b"wavelength,flux\n" + b"\n".join(
        f"{w},{f}".encode() for w, f in zip(WAVE, FLUX, strict=True))))  # fmt: skip
    with pytest.warns(ProductWarning) as said:
        read_spectrum(tmp_path / "d.csv.gz")
    assert "the column flux has no unit; Jy is assumed" in " ".join(str(item.message) for item in said)


TEXTS = {  # text tables of 3 rows: 5.1, 5.2, 5.3 um; 1, 2, 3 mJy; errors of 0.1 mJy
    "semicolons": "wavelength (um);flux (mJy);error (mJy)\n5.1;1;0.1\n5.2;2;0.1\n5.3;3;0.1\n",
    "decimal commas": "wave_um;flux_mJy;error_mJy\n5,1;1,0;0,1\n5,2;2,0;0,1\n5,3;3,0;0,1\n",
    "an index": ",wavelength (um),flux (mJy),error (mJy)\n0,5.1,1,0.1\n1,5.2,2,0.1\n2,5.3,3,0.1\n",
    "an index and a comment": "# made by pandas\n;wave_um;flux_mJy;error_mJy\n0;5,1;1;0,1\n1;5,2;2;0,1\n2;5,3;3;0,1\n",
    "a row of units": "wavelength,flux,error\num,mJy,mJy\n5.1,1,0.1\n5.2,2,0.1\n5.3,3,0.1\n",
    "a row of units in quotes, tabs": '"wave"\t"flux"\t"err"\n"Angstrom"\t"uJy"\t"uJy"\n51000\t1e3\t100\n'
    "52000\t2e3\t100\n"
    "53000\t3e3\t100\n",
    "variances": "wavelength (um),flux (mJy),variance (mJy^2)\n5.1,1,0.01\n5.2,2,0.01\n5.3,3,0.01\n",
    "inverse variances": "wavelength (um),flux (mJy),ivar\n5.1,1,100\n5.2,2,100\n5.3,3,100\n",
}


@pytest.mark.parametrize("case", TEXTS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_text_tables_of_spreadsheets_and_programs_are_read(tmp_path, case, encoding):
    (tmp_path / "a.csv").write_text(TEXTS[case], encoding=encoding)
    found = read_spectrum(tmp_path / "a.csv")
    scale = {"mJy": 1.0, "uJy": 1e-3}[found.unit]
    assert found.wavelength == pytest.approx([5.1, 5.2, 5.3])
    assert found.flux * scale == pytest.approx([1.0, 2.0, 3.0]) and found.error * scale == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a;b\n1;2\n3;4\n", "no column wavelength; it has a, b"),
        ("wavelength;flux\n1.005,1;2\n1.006,1;3\n", "no column wavelength; it has flux"),  # no number in any country
        ("wavelength,flux\nfurlong,Jy\n5.1,1\n5.2,2\n", "astropy does not know the unit 'furlong'"),
        ("", "not a readable table"),
        ("wavelength,flux\n", "no rows of values"),
    ],
)
@pytest.mark.filterwarnings("ignore::mrskit.fitsfile.ProductWarning")
def test_a_text_table_that_cannot_be_read_says_why(tmp_path, text, said):
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(ProductError, match=said):
        read_spectrum(tmp_path / "a.csv")


REFUSED = {
    "a flux that is none": (plain(unit="DN/s"), "'DN / s' is not a flux density"),
    "a wavelength that is none": (plain(wave_unit="kg"), "expected a wavelength unit"),
    "wavelengths without a unit": (plain(wave=WAVE * 1e4, wave_unit=None), "has no unit and a median of 5"),
    "an unknown unit": (plain(unit="blah"), "astropy does not know the unit 'blah'"),
    "no flux": (hdu({"WAVELENGTH": (WAVE, "um"), "COUNTS": (FLUX, None)}), "it has WAVELENGTH, COUNTS"),
    "a cube": (hdu({"wavelength": (WAVE, "um")}, name="WCS-TABLE"), "also give a region: --region"),
    "the flux per wavelength has no unit": (
        plain(names=("WAVELENGTH", "FLAM", "ERROR"), unit=None),
        "FLAM: the flux per wavelength has no unit",
    ),
    "only padding": (plain(wave=0 * WAVE), "none of 400 rows has a wavelength"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_table_that_tells_too_little_is_refused_by_name(tmp_path, case):
    with pytest.raises(ProductError, match=REFUSED[case][1]):
        read_spectrum(write(tmp_path / "a_x1d.fits", REFUSED[case][0]))


def test_a_spectrum_of_nothing_is_read_and_a_web_page_is_none(tmp_path):
    found = read_spectrum(write(tmp_path / "a b#ü%20_x1d.fits", plain(flux=np.nan * FLUX)))
    assert np.isnan(found.flux).all() and found.label == "a b#ü%20_x1d"
    (tmp_path / "b_x1d.fits").write_text("<!DOCTYPE html><html>Log in</html>")
    with pytest.raises(ProductError, match=r"b_x1d\.fits: not a readable FITS file"):
        read_spectrum(tmp_path / "b_x1d.fits")


def test_another_instrument_is_said(tmp_path):
    path = write(tmp_path / "a_x1d.fits", plain(), INSTRUME="NIRSPEC", EXP_TYPE="NRS_FIXEDSLIT")
    with pytest.warns(ProductWarning, match=r"not MRS data: INSTRUME is NIRSPEC.*4\.9-28 um"):
        read_spectrum(path)
