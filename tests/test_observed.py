"""The plan of a program from the headers of its exposures: written, read, and judged by."""

import pytest

from mrskit import observed, plan, workspace
from mrskit.errors import PlanError


def header(dither=1, observation=3, channel="12", band="SHORT", groups=5, program="01523"):
    """What the primary header of a raw exposure says, as far as a plan needs it."""
    return {
        "PROGRAM": program, "OBSERVTN": f"{observation:03d}", "CHANNEL": channel, "BAND": band, "PATT_NUM": dither,
        "NUMDTHPT": 2, "READPATT": "SLOWR1", "NGROUPS": groups, "NINTS": 1, "VISITGRP": "02", "SEQ_ID": "1",
        "ACT_ID": {"SHORT": "01", "MEDIUM": "03", "LONG": "05"}[band], "TARG_RA": 83.6, "TARG_DEC": -69.7,
        "TARGPROP": "A \"quoted\" name", "TITLE": "Dust & stars", "PATTTYPE": "2-POINT",
    }  # fmt: skip


def whole_program():
    """Headers of two source dithers in all six settings, and of one background exposure."""
    all_settings = [(channel, band) for channel in ("12", "34") for band in ("SHORT", "MEDIUM", "LONG")]
    found = [header(dither, channel=channel, band=band) for dither in (1, 2) for channel, band in all_settings]
    return [header(observation=4), *found]


def test_observations_come_source_first_with_what_was_observed():
    told = observed.program(whole_program(), {3: "source", 4: "background"})
    source, background = told.observations
    assert (told.id, source.number, source.channels, source.bands, source.dithers) == (1523, 3, "ALL", "ALL", 2)
    assert (source.uncal_count, background.role, background.channels) == (12, "background", "12")
    assert told.activity == {"SHORT": "02101", "MEDIUM": "02103", "LONG": "02105"}


def test_a_program_survives_being_written_and_read(tmp_path):
    told = observed.program(whole_program(), {3: "source", 4: "background"})
    observed.write(told, tmp_path / "program.toml")
    again = plan.read_program(tmp_path / "program.toml")
    assert again.observations == told.observations and again.activity == told.activity
    assert again.observations[0].target == 'A "quoted" name' and again.redshift != again.redshift  # not known: NaN


def test_a_workspace_has_its_own_program_or_that_of_the_course(tmp_path):
    space = workspace.create(tmp_path)
    assert observed.of(space) is plan.program()
    observed.write(observed.program([header()], {3: "source"}), tmp_path / observed.FILE)
    assert observed.of(space).id == 1523


def test_exposures_of_two_programs_are_no_program():
    with pytest.raises(PlanError, match="2 programs"):
        observed.program([header(), header(program="02732")], {3: "source"})


def test_a_header_that_lacks_a_keyword_is_told():
    incomplete = {name: value for name, value in header().items() if name != "TARG_RA"}
    with pytest.raises(PlanError, match="lacks 'TARG_RA'"):
        observed.program([incomplete], {3: "source"})


def test_where_detectors_were_read_for_different_times_the_most_frequent_counts_and_that_is_said():
    headers = [header(1), header(2), header(1, channel="34", groups=20)]
    assert observed.program(headers, {3: "source"}).observations[0].groups == 5
    [said] = observed.remarks(headers)
    assert "2 with SLOWR1 5 x 1, 1 with SLOWR1 20 x 1" in said
    assert observed.remarks(headers[:2]) == ()
