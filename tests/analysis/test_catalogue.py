"""The line catalogue, checked against energy levels, the Rydberg formula and itself."""

import numpy as np
import pytest

from mrskit.analysis.catalogue import LINES, find_line, line_free, neighbours
from mrskit.bands import BANDS
from mrskit.errors import AnalysisError

# Dissociation energies of the levels v=0, J=0..10 of H2, cm^-1 (Komasa et al. 2011, doi:10.1021/ct200438t, table 1).
H2_LEVELS = (36118.0696, 35999.5827, 35763.6964, 35412.5507, 34949.2721, 34377.8800, 33703.1726, 32930.5991, 32066.1266,
             31116.1067, 30087.1493)  # fmt: skip


@pytest.mark.parametrize("j", range(1, 9))
def test_an_h2_line_lies_where_the_energy_levels_put_it(j):
    expected = 1e4 / (H2_LEVELS[j] - H2_LEVELS[j + 2])
    assert find_line(f"H2 S({j})").rest == pytest.approx(expected, rel=2e-6)


@pytest.mark.parametrize(("upper", "lower"), [(6, 5), (8, 6), (9, 7), (7, 6), (8, 7)])
def test_a_hydrogen_line_lies_where_the_rydberg_formula_puts_it(upper, lower):
    expected = 1e4 / (109677.583 * (1 / lower**2 - 1 / upper**2))
    assert find_line(f"H I {upper}-{lower}").rest == pytest.approx(expected, rel=3e-6)


def test_the_iron_lines_close_the_loop_of_their_levels():
    # a4F9/2 - a6D9/2 equals (a4F9/2 - a6D7/2) + (a6D7/2 - a6D9/2).
    rest = {round(line.rest, 2): line.rest for line in LINES if line.species == "[Fe II]"}
    assert 1 / rest[5.34] == pytest.approx(1 / rest[6.72] + 1 / rest[25.99], rel=1e-6)


def test_every_line_has_its_own_name_and_lies_in_the_range_of_the_instrument():
    assert len({line.name for line in LINES}) == len(LINES)
    assert [line.rest for line in LINES] == sorted(line.rest for line in LINES)
    assert all(BANDS["1A"].wavelength_min < line.rest < BANDS["4C"].wavelength_max for line in LINES)


def test_names_are_species_and_wavelength():
    assert {"[Ne II] 12.814", "H2 S(2) 12.279", "[Fe II] 5.340", "[Ar II] 6.985"} <= {line.name for line in LINES}


def test_find_line_takes_a_species_when_only_one_line_is_meant():
    assert find_line("[Ne II]") is find_line("[Ne II] 12.814")


def test_find_line_names_the_candidates_when_a_species_has_several():
    with pytest.raises(AnalysisError, match=r"several lines.*\[Fe II\] 5\.340.*\[Fe II\] 25\.988"):
        find_line("[Fe II]")


def test_find_line_refuses_an_unknown_name():
    with pytest.raises(AnalysisError, match="no line is named 'Ha'"):
        find_line("Ha")


def test_mg_vii_is_the_neighbour_of_h2_s7():
    # (5.511183 - 5.503300) / 5.511183 x c = 429 km/s
    assert [line.name for line in neighbours(find_line("H2 S(7)"), 500.0)] == ["[Mg VII] 5.503"]
    assert neighbours(find_line("H2 S(7)"), 400.0) == ()


def test_line_free_leaves_out_the_lines_and_nothing_else():
    wavelength = np.array([12.8135 * 1.02, 12.8135 * 1.02 * (1 + 650 / 299792), 12.60 * 1.02])
    assert line_free(wavelength, 0.02, margin=600.0).tolist() == [False, True, True]


def test_every_line_of_the_simulated_scene_is_in_the_catalogue():
    from mrskit.simulate.scene import default_scene

    rest = {line.name: line.rest for line in LINES}
    lines = {line for component in default_scene().components for line in component.lines}
    assert len(lines) > 30
    assert all(line.rest == pytest.approx(rest[line.name], rel=1e-6) for line in lines)
