"""The spectra that come with the course: written from made extractions, read again, guarded by digests."""

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from mrskit.analysis import shipped
from mrskit.bands import BANDS
from mrskit.errors import AnalysisError, ProductError

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"


def extraction(path, band, level, spaxels):
    """An x1d file as the pipeline writes it, with the columns that are used: a flat spectrum of 100 points."""
    wavelength = np.linspace(band.wavelength_min, band.wavelength_max, 100)
    ones = np.ones(100)
    solid = (0.2 / 206264.806) ** 2  # of a spaxel of 0.2 arcsec
    values = {"WAVELENGTH": wavelength, "FLUX": level * ones, "FLUX_ERROR": 0.01 * level * ones,
              "SURF_BRIGHT": level / (solid * 1e6 * spaxels) * ones, "NPIXELS": spaxels * ones,
              "RF_FLUX": 1.1 * level * ones, "RF_SURF_BRIGHT": ones}  # fmt: skip
    columns = [fits.Column(name, "D", array=array, unit="Jy" if name == "FLUX" else None)
               for name, array in values.items()]  # fmt: skip
    primary = fits.PrimaryHDU()
    primary.header.update(CHANNEL=str(band.channel), BAND=band.subband, ORIGIN="SIMULATED")
    fits.HDUList([primary, fits.BinTableHDU.from_columns(columns, name="EXTRACT1D")]).writeto(path)
    return path


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """All twelve bands as the course ships them."""
    monkeypatch.syspath_prepend(str(SCRIPTS))
    import ship_spectra

    place = tmp_path / "manifest" / "spectra"
    for number, (name, band) in enumerate(BANDS.items()):
        point = extraction(tmp_path / f"{name}_point.fits", band, 0.1 + 0.01 * number, 30)
        field = extraction(tmp_path / f"{name}_field.fits", band, 0.5, 400)
        leak = np.full(100, 0.027) if name == "3A" else None
        ship_spectra.write_band(place / f"{name}_x1d.fits", point, field, {"COMMAND": "made for a test"}, leak)
    ship_spectra.write_digests(place)
    monkeypatch.setattr(shipped, "manifest_folder", lambda: tmp_path / "manifest")
    return place


def test_all_bands_come_back_in_order_with_the_fringe_corrected_nucleus(folder):
    found = shipped.shipped_spectra()
    assert list(found) == list(BANDS)
    assert found["1A"].flux == pytest.approx(0.11) and found["1A"].unit == "Jy"


def test_the_field_has_its_area_and_brightness(folder):
    field = shipped.read_field(folder / "2B_x1d.fits")
    assert field.spectrum.flux == pytest.approx(0.55) and field.brightness == pytest.approx(1.0)
    assert field.area == pytest.approx(400 * 0.2**2, rel=1e-4)  # arcsec2


def test_only_band_3a_has_the_fraction_of_the_leak(folder):
    assert shipped.leak_fraction(folder / "3A_x1d.fits") == pytest.approx(0.027)
    with pytest.raises(KeyError):
        shipped.leak_fraction(folder / "1B_x1d.fits")


def test_the_header_says_that_the_data_are_simulated_and_which_command_made_them(folder):
    header = fits.getheader(folder / "4C_x1d.fits")
    assert (header["ORIGIN"], header["COMMAND"], header["SRCTYPE"]) == ("SIMULATED", "made for a test", "POINT")
    assert shipped.is_simulated(folder.glob("*.fits"))


def test_a_changed_file_is_refused(folder):
    with (folder / "1B_x1d.fits").open("ab") as stream:
        stream.write(b"\0")
    with pytest.raises(AnalysisError, match=r"1B_x1d\.fits differs from the file in spectra\.sha256"):
        shipped.shipped_spectra()


def test_without_shipped_spectra_there_are_none(tmp_path, monkeypatch):
    monkeypatch.setattr(shipped, "manifest_folder", lambda: tmp_path)
    assert shipped.shipped_spectra() == {}


def test_another_extraction_has_no_field(tmp_path):
    path = extraction(tmp_path / "a_x1d.fits", BANDS["1A"], 1.0, 10)
    with pytest.raises(ProductError, match="ship_spectra"):
        shipped.read_field(path)
