"""All lines of a set of spectra, on made spectra with known lines and on the real ones of VV 114."""

import json

import numpy as np
import pytest
from astropy.table import Table

from mrskit.analysis.catalogue import find_line
from mrskit.analysis.collection import collect
from mrskit.analysis.lines import measure_lines
from mrskit.bands import BANDS
from mrskit.errors import AnalysisError
from mrskit.products import Spectrum

Z = 0.0225
FLUXES = {"[Fe II] 5.340": 4e-17, "H2 S(7) 5.511": 2e-17, "[Mg V] 5.610": 3e-17, "H2 S(6) 6.109": 1.5e-17}


@pytest.fixture
def two_bands(profile):
    """1A and 1B, 20 mJy with noise of 0.1 mJy, with four lines of sigma 100 km/s at z = 0.0225 and 15 km/s."""
    rng = np.random.default_rng(21)
    bands = []
    for name in ("1A", "1B"):
        band = BANDS[name]
        wavelength = np.arange(band.wavelength_min, band.wavelength_max, 0.0008)
        flux = np.full(wavelength.size, 0.02) + rng.normal(0, 1e-4, wavelength.size)
        for line, power in FLUXES.items():
            flux += profile(wavelength, find_line(line).rest, Z, power, 15.0, 100.0) / 1e-26
        bands.append(Spectrum(wavelength, flux, np.full(wavelength.size, 1e-4), "Jy", band, name))
    return bands


def test_the_lines_that_are_there_are_detected_and_no_others(two_bands):
    table = measure_lines(two_bands, Z)
    assert {row.line for row in table.detected} == set(FLUXES)
    for row in table.detected:
        assert abs(row.flux - FLUXES[row.line]) < 4 * row.flux_error
        assert abs(row.velocity - 15.0) < 4 * row.velocity_error
        assert abs(row.width - 100.0) < 4 * row.width_error


def test_one_redshift_comes_from_the_lines(two_bands):
    table = measure_lines(two_bands, Z)
    truth = Z + 15.0 / 299792.458 * (1 + Z)
    assert abs(table.redshift - truth) < 3 * table.redshift_error
    assert 0 < table.redshift_error < 3e-5
    assert len(table.used) == 4


def test_a_redshift_that_is_off_by_200_km_per_second_is_put_right(two_bands):
    table = measure_lines(two_bands, Z + 200.0 / 299792.458)
    assert table.redshift == pytest.approx(Z + 15.0 / 299792.458 * (1 + Z), abs=4e-5)


def test_a_line_in_two_bands_is_measured_where_it_lies_farther_from_the_edge(two_bands):
    # [Mg V] at 5.7360 um lies 0.004 um from the end of 1A and 0.076 um inside 1B.
    rows = [row for row in measure_lines(two_bands, Z).lines if row.line == "[Mg V] 5.610"]
    assert [row.band for row in rows] == ["1B"]


def test_one_line_that_is_off_does_not_move_the_redshift(two_bands, profile):
    first = two_bands[0]
    first.flux[:] += profile(first.wavelength, find_line("H2 S(8)").rest, Z, 4e-17, 350.0, 80.0) / 1e-26
    table = measure_lines(two_bands, Z)
    assert "H2 S(8) 5.053" in {row.line for row in table.detected} - {row.line for row in table.used}
    assert table.redshift == pytest.approx(Z + 15.0 / 299792.458 * (1 + Z), abs=4e-5)


def test_a_blended_partner_is_named_in_the_row(two_bands, profile):
    first = two_bands[0]
    first.flux[:] += profile(first.wavelength, find_line("[Mg VII]").rest, Z, 1.5e-17, 15.0, 150.0) / 1e-26
    rows = {row.line: row for row in measure_lines(two_bands, Z).lines}
    assert rows["H2 S(7) 5.511"].blends == ("[Mg VII] 5.503",)
    assert abs(rows["H2 S(7) 5.511"].flux - 2e-17) < 4 * rows["H2 S(7) 5.511"].flux_error


def test_a_line_with_two_peaks_is_not_taken_for_a_blend(grid, profile):
    # A rotating ring: H2 S(7) at -150 and +150 km/s, [Mg VII] 429 km/s to its blue is not there.
    rng = np.random.default_rng(13)
    rest = find_line("H2 S(7)").rest
    ring = profile(grid, rest, Z, 2e-17, -150.0, 80.0) + profile(grid, rest, Z, 2e-17, 150.0, 80.0)
    flux = 0.02 + ring / 1e-26 + rng.normal(0, 1e-4, grid.size)
    spectrum = Spectrum(grid, flux, np.full(grid.size, 1e-4), "Jy", BANDS["1A"], "ring")
    rows = {row.line: row for row in measure_lines([spectrum], Z).lines}
    assert rows["H2 S(7) 5.511"].blends == () and not rows["[Mg VII] 5.503"].detected
    assert abs(rows["H2 S(7) 5.511"].velocity) < 15.0


def test_the_table_is_json_with_the_stated_keys(two_bands):
    text = json.dumps(measure_lines(two_bands, Z).as_dict(), allow_nan=False)
    read = json.loads(text)
    assert {"redshift", "redshift_error", "lines"} <= set(read)
    keys = {"line", "band", "detected", "velocity", "velocity_error", "flux", "flux_error", "width", "width_error"}
    assert all(keys <= set(row) for row in read["lines"])


def test_spectra_without_lines_give_no_redshift(two_bands):
    rng = np.random.default_rng(2)
    flat = [
        Spectrum(s.wavelength, rng.normal(0.02, 1e-4, s.flux.size), s.error, "Jy", s.band, s.label) for s in two_bands
    ]
    table = measure_lines(flat, Z)
    assert table.detected == () and np.isnan(table.redshift)
    assert table.as_dict()["redshift"] is None


@pytest.mark.parametrize(
    ("redshift", "message"),
    [(float("nan"), "redshift is nan"), (-3.0, "redshift is"), (8.0, "no line in the catalogue")],
)
def test_a_redshift_that_makes_no_sense_is_refused(two_bands, redshift, message):
    with pytest.raises(AnalysisError, match=message):
        measure_lines(two_bands, redshift)


def test_an_unknown_unit_is_refused(two_bands):
    wrong = two_bands[0]
    wrong = Spectrum(wrong.wavelength, wrong.flux, wrong.error, "DN/s", wrong.band, "rate")
    with pytest.raises(AnalysisError, match="unit 'DN/s' is not a flux density"):
        measure_lines([wrong], Z)


def test_a_folder_without_spectra_is_refused(tmp_path):
    with pytest.raises(AnalysisError, match=r"no spectra; expected files \*_x1d"):
        measure_lines(collect([tmp_path]), Z)


def test_a_folder_of_spectra_is_read_and_measured(two_bands, tmp_path):
    for s in two_bands:
        table = Table({"wavelength": s.wavelength, "flux": s.flux * 1e-6, "uncertainty": s.error * 1e-6})
        table["flux"].unit = table["uncertainty"].unit = "MJy"
        table.write(tmp_path / f"made_{s.label}_s1d.fits")
    rows = {row.line: row for row in measure_lines(collect([tmp_path]), Z).lines}
    assert rows["[Fe II] 5.340"].flux == pytest.approx(4e-17, rel=0.02)


@pytest.mark.real
def test_the_lines_of_vv_114_agree_with_its_redshift_and_with_each_other(real_data):
    table = measure_lines(collect([real_data / "vv114"]), 0.0202)
    rows = {row.line: row for row in table.lines}
    lines = [rows[name] for name in ("[Fe II] 5.340", "H2 S(7) 5.511", "H2 S(5) 6.910", "[Ar II] 6.985")]
    assert all(row.detected for row in lines)
    assert all(row.velocity_error < 10 and row.flux_error < 0.1 * row.flux and row.width_error < 10 for row in lines)
    assert [row.band for row in lines] == ["1A", "1A", "1C", "1C"]
    assert abs(table.redshift - 0.0202) < 0.0003
    middle = np.median([row.velocity for row in lines])
    off = [row for row in lines if abs(row.velocity - middle) > 40.0]
    assert len(off) <= 1 and all(row.blends for row in off)
    # The four by themselves: within 40 km/s of each other, and their mean within 0.0003 (90 km/s) of the redshift.
    assert np.ptp([row.velocity for row in lines if row not in off]) < 40.0
    assert abs(np.mean([row.velocity for row in lines])) / 299792.458 < 0.0003


@pytest.mark.real
def test_the_argon_line_of_vv_114_holds_the_flux_that_a_sum_gives(real_data):
    # Sum over the line by hand, minus the straight line between its shoulders, W m-2; the fit misses only faint wings.
    table = Table.read(real_data / "vv114" / "VV114_MIRI_ch1_LONG_s1d.fits")
    wavelength, flux = np.array(table["wavelength"]), np.array(table["flux"]) * 1e6 * 1e-26
    velocity = 299792.458 * (wavelength / (6.985274 * 1.0202) - 1)
    shoulders = (np.abs(velocity) > 450) & (np.abs(velocity) < 700)
    line = np.abs(velocity) <= 450
    base = np.polyval(np.polyfit(velocity[shoulders], flux[shoulders], 1), velocity)
    frequency = 299792458.0 / (wavelength * 1e-6)
    by_hand = -np.trapezoid((flux - base)[line], frequency[line])
    rows = {row.line: row for row in measure_lines(collect([real_data / "vv114"]), 0.0202).lines}
    assert rows["[Ar II] 6.985"].flux == pytest.approx(by_hand, rel=0.05)
