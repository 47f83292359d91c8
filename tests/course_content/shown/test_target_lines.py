"""The lines that the lessons follow lie in the bands of their setting."""

import pytest

from mrskit import plan
from mrskit.analysis.catalogue import find_line
from mrskit.bands import SETTINGS
from mrskit.course.lesson06_analysis.expected import KNOT
from mrskit.course.shown.target_lines import band_of, targets, views
from mrskit.errors import AnalysisError
from mrskit.simulate.scene import default_scene

REDSHIFT = plan.program().redshift


@pytest.mark.parametrize("name", SETTINGS)
def test_both_lines_of_a_setting_fall_into_its_bands_at_the_redshift_of_the_program(name):
    setting = SETTINGS[name]
    chosen = targets(setting)
    names = {band.name for band in setting.bands}
    assert {band_of(chosen.ion, setting, REDSHIFT), band_of(chosen.molecule, setting, REDSHIFT)} <= names


def test_the_default_lines_are_the_coronal_neon_line_and_h2_in_band_2a():
    setting = SETTINGS["12:SHORT"]
    chosen = targets(setting)
    assert (chosen.ion, chosen.molecule) == ("[Ne VI] 7.652", "H2 S(4) 8.025")
    assert chosen.ion_rest * (1 + REDSHIFT) == pytest.approx(7.8246, abs=2e-4)
    assert band_of(chosen.ion, setting, REDSHIFT) == band_of(chosen.molecule, setting, REDSHIFT) == "2A"


def test_a_setting_without_a_line_of_h2_follows_the_strongest_line_of_its_other_band():
    without = [name for name in SETTINGS if not targets(SETTINGS[name]).molecular]
    assert without == ["34:MEDIUM"]
    chosen, setting = targets(SETTINGS["34:MEDIUM"]), SETTINGS["34:MEDIUM"]
    assert {band_of(line, setting, REDSHIFT) for line in (chosen.ion, chosen.molecule)} == {"3B", "4B"}


@pytest.mark.parametrize("name", SETTINGS)
def test_whether_the_ion_shines_at_the_jet_knot_and_blends_with_the_nucleus_is_what_the_scene_says(name):
    chosen, scene = targets(SETTINGS[name]), default_scene()
    at_knot = chosen.ion in {line.name for line in scene.component(KNOT).lines}
    widths = [line.sigma for line in scene.component("nucleus").lines if line.name == chosen.ion]
    assert chosen.at_knot == at_knot
    # From 12 um on the image of the knot, 0.95 arcsec away, reaches into an aperture of 0.5 arcsec.
    assert chosen.blended == (at_knot and len(widths) == 1 and SETTINGS[name].channels == "34")


@pytest.mark.parametrize("name", SETTINGS)
def test_at_the_redshift_of_the_course_the_lines_are_those_of_the_course(name):
    assert targets(SETTINGS[name], REDSHIFT) == targets(SETTINGS[name])


@pytest.mark.parametrize("redshift", [0.0, 0.0163, 0.1, 0.3])
@pytest.mark.parametrize("name", SETTINGS)
def test_at_any_redshift_the_lines_fall_into_the_bands_with_room_for_the_continuum(name, redshift):
    setting, chosen = SETTINGS[name], targets(SETTINGS[name], redshift)
    for line in (chosen.ion, chosen.molecule):
        band = next(item for item in setting.bands if item.name == band_of(line, setting, redshift))
        place = find_line(line).rest * (1 + redshift)
        assert band.wavelength_min < place * 0.991 and place * 1.009 < band.wavelength_max


def test_where_no_line_falls_or_the_redshift_is_not_known_the_continuum_is_shown_and_a_line_is_an_error():
    for redshift in (1.0, float("nan")):
        assert list(views(SETTINGS["12:SHORT"], redshift)[1]) == ["Continuum"]
        with pytest.raises(AnalysisError, match="Set the parameter redshift"):
            band_of(targets(SETTINGS["12:SHORT"], redshift).ion, SETTINGS["12:SHORT"], redshift)
