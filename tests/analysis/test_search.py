"""Which redshift spectra have, and what stands out of their local scatter."""

import re

import numpy as np
import pytest

from mrskit.analysis.catalogue import LINES, redshift_of
from mrskit.analysis.collection import collect
from mrskit.analysis.lines import measure_lines
from mrskit.analysis.search import find_redshift, stands_out, strength, unexplained
from mrskit.analysis.shipped import shipped_spectra
from mrskit.bands import BANDS
from mrskit.errors import AnalysisError
from mrskit.products import Spectrum

Z = 0.034


def spectra(profile, lines, noise=1e-4, seed=1, z=Z, forest=0):
    """Bands 1A to 2A with lines (name -> W m-2), and lines that no catalogue has, so many a band."""
    rng, found = np.random.default_rng(seed), []
    for name in ("1A", "1B", "1C", "2A"):
        band = BANDS[name]
        wave = np.arange(band.wavelength_min, band.wavelength_max, 0.0009)
        flux = 0.02 + rng.normal(0, noise, wave.size)
        for line in LINES:
            flux += profile(wave, line.rest, z, lines.get(line.name, 0.0), 0.0, 80.0) / 1e-26
        for place in rng.uniform(band.wavelength_min, band.wavelength_max, forest):
            flux += profile(wave, place, 0.0, rng.exponential(3e-18), 0.0, 20.0) / 1e-26
        found.append(Spectrum(wave, flux, np.full(wave.size, noise), "Jy", band, name))
    return found


MANY = {"[Fe II] 5.340": 3e-17, "H2 S(7) 5.511": 2e-17, "H2 S(5) 6.910": 3e-17, "[Ar II] 6.985": 4e-17,
        "[Ne VI] 7.652": 2e-17, "H2 S(4) 8.025": 1e-17}  # fmt: skip


def test_the_redshift_is_found_without_a_guess(profile):
    table = measure_lines(spectra(profile, MANY))
    assert table.redshift == pytest.approx(Z, abs=5e-5) and table.given == pytest.approx(Z, abs=5e-5)
    assert {row.line for row in table.used} == set(MANY)


@pytest.mark.parametrize("lines", [{}, {"[Ar II] 6.985": 4e-17}], ids=["no line", "one line"])
def test_without_lines_enough_no_redshift_is_told(profile, lines):
    table = measure_lines(spectra(profile, lines))
    assert np.isnan(table.redshift) and table.lines == () and "is clear" in table.message


def test_a_forest_of_lines_that_the_catalogue_does_not_have_gives_no_redshift(profile):
    forest = spectra(profile, {}, forest=120)
    assert "is clear" in measure_lines(forest).message
    told = [measure_lines(forest, z) for z in np.linspace(0.001, 0.1, 6)]
    assert [table.redshift for table in told if np.isfinite(table.redshift)] == []
    strongest = max(found.value.max() for found in map(strength, forest))
    assert strongest > 10  # the lines are far above the noise


def test_another_redshift_that_fits_far_better_is_hinted_at_and_none_is_told(profile):
    table = measure_lines(spectra(profile, MANY), 0.005)
    assert np.isnan(table.redshift) and table.used == ()
    lines, found = re.match(r"(\d+) catalogue lines stand out at z = (0\.\d+)", table.hint).groups()
    assert int(lines) >= len(MANY) and float(found) == pytest.approx(Z, abs=3e-4)


def test_lines_that_disagree_give_no_redshift(profile):
    made = spectra(profile, {"[Fe II] 5.340": 3e-17}, z=Z)
    other = spectra(profile, {"[Ar II] 6.985": 4e-17}, z=Z + 0.0012)  # 350 km/s
    table = measure_lines([*made[:2], *other[2:]], Z)
    assert len(table.detected) == 2 and np.isnan(table.redshift)
    assert "two unblended lines" in table.message and all("not used" in row.message for row in table.detected)


def test_an_error_column_that_is_ten_times_too_small_makes_no_lines(profile):
    made = spectra(profile, {}, seed=3)
    tight = [Spectrum(s.wavelength, s.flux, s.error / 10, s.unit, s.band, s.label) for s in made]
    assert sum(len(measure_lines(tight, z).detected) for z in np.linspace(0.001, 0.1, 4)) == 0


@pytest.mark.parametrize("drop", [False, True], ids=["flagged", "rows left out"])
def test_a_line_whose_core_was_not_observed_is_not_told_from_its_wings(profile, drop):
    made = spectra(profile, MANY)
    for number, item in enumerate(made):
        core = np.abs(item.wavelength / (6.985274 * (1 + Z)) - 1) * 299792.458 < 60  # km/s
        rest = ~core if drop else slice(None)
        flux = np.where(core, np.nan, item.flux)
        made[number] = Spectrum(item.wavelength[rest], flux[rest], item.error[rest], "Jy", item.band, item.label)
    row = next(row for row in measure_lines(made, Z).lines if row.line == "[Ar II] 6.985")
    assert not row.detected and "samples in the line core are missing" in row.message


def test_zero_errors_do_not_hide_the_lines(profile):
    made = [Spectrum(s.wavelength, s.flux, 0 * s.error, s.unit, s.band, s.label) for s in spectra(profile, MANY)]
    assert measure_lines(made, Z).redshift == pytest.approx(Z, abs=5e-5)


def test_both_units_of_one_band_stand_in_the_rows_and_count_once(profile):
    jy = spectra(profile, {"[Fe II] 5.340": 3e-17})[:1]
    bright = [Spectrum(s.wavelength, s.flux * 1e5, s.error * 1e5, "MJy/sr", s.band, s.label) for s in jy]
    table = measure_lines([*jy, *bright], Z)
    rows = {row.unit: row.flux for row in table.detected}
    assert rows["W / m2"] == pytest.approx(3e-17, rel=0.05) and rows["W / (m2 sr)"] == pytest.approx(3e-6, rel=0.05)
    assert np.isnan(table.redshift) and "1 of 1 detected are unblended" in table.message


def test_strength_is_in_units_of_the_scatter_about_a_line(profile):
    item = spectra(profile, {"[Fe II] 5.340": 3e-17})[0]
    place = 5.340169 * (1 + Z)
    strong = strength(item)
    assert stands_out(strong, place, unexplained(strong, Z)) > 30
    assert abs(stands_out(strong, 5.2, unexplained(strong, Z))) < 5
    assert find_redshift([item]) is None or not find_redshift([item]).clear


@pytest.mark.parametrize(("text", "expected"), [
    ("0.0225", 0.0225), ("6745.33km/s", 0.0225), ("1500 km/s", 0.0050035), ("-300km/s", -0.0010007),
    ("2e3 KM/S", 0.0066713), ("1500000 m/s", 0.0050035), ("+.01", 0.01),
])  # fmt: skip
def test_a_redshift_is_a_number_or_a_velocity(text, expected):
    assert redshift_of(text) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("text", ["", "km/s", "0.02 AU", "z=0.02", "nan"])
def test_what_is_neither_number_nor_velocity_is_refused(text):
    with pytest.raises(AnalysisError, match="expected a number such as 0"):
        redshift_of(text)


@pytest.mark.parametrize("number", [6056, -300])
def test_a_velocity_without_its_unit_is_asked_about(profile, number):
    with pytest.raises(AnalysisError, match=f"did you mean {number} km/s"):
        measure_lines(spectra(profile, {}), number)


@pytest.mark.real
def test_the_forest_of_fz_tau_gives_no_redshift(real_data):

    for given in (None, 5e-5, 0.0202, 0.01):
        assert np.isnan(measure_lines(collect([real_data / "fz_tau"]), given).redshift)


def test_the_shipped_spectra_given_a_wrong_redshift_give_none_and_hint_at_theirs():
    wrong = measure_lines(list(shipped_spectra().values()), 0.03)
    assert np.isnan(wrong.redshift) and not wrong.used and "stand out at z = 0.0226" in wrong.hint


@pytest.mark.real
def test_vv_114_is_found_without_a_guess_and_hinted_at_with_a_wrong_one(real_data):

    assert measure_lines(collect([real_data / "vv114"])).redshift == pytest.approx(0.02024, abs=5e-5)
    wrong = measure_lines(collect([real_data / "vv114"]), 0.005)
    assert np.isnan(wrong.redshift) and "z = 0.0202" in wrong.hint


@pytest.mark.real
def test_merged_channels_of_vv_114_give_the_band_of_each_line_and_the_same_values(real_data):

    merged = {
        row.line: row for row in measure_lines(collect([real_data.parent / "cases" / "spectra_merged"]), 0.0202).lines
    }
    apart = {row.line: row for row in measure_lines(collect([real_data / "vv114"]), 0.0202).lines}
    for name, band in (
        ("[Fe II] 5.340", "1A"),
        ("H2 S(5) 6.910", "1C"),
        ("[Ar III] 8.991", "2B"),
        ("[Mg V] 5.610", "1A/1B"),
    ):
        assert merged[name].band == band
        if apart[name].detected:
            assert merged[name].velocity == pytest.approx(apart[name].velocity, abs=1.0)
