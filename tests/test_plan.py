import tomllib

import pytest

from mrskit import plan
from mrskit.errors import PlanError
from mrskit.resources import manifest_folder


@pytest.fixture(scope="module")
def table():
    return tomllib.loads((manifest_folder() / "program_2732.toml").read_text(encoding="utf-8"))


def test_the_times_per_band_are_those_that_apt_prints():
    assert plan.program().observation("source").exposure_time == pytest.approx(899.113, abs=5e-4)
    assert plan.program().observation("background").exposure_time == pytest.approx(449.556, abs=6e-4)


def test_the_photon_times_leave_out_the_reset_between_integrations():
    source, background = plan.program().observation("source"), plan.program().observation("background")
    assert source.photon_time == pytest.approx(888.01, abs=5e-3)
    assert background.photon_time == pytest.approx(444.01, abs=5e-3)
    assert source.exposure_time - source.photon_time == pytest.approx(4 * 2.77504)


def test_the_same_arithmetic_gives_the_imager_row_of_the_same_table(table):
    imager = table["imager"]
    time = plan.exposure_time(imager["groups"], imager["integrations"], imager["dithers"], imager["readout"])
    assert time == pytest.approx(imager["apt_exposure_time"], abs=6e-4)


def test_there_are_24_source_and_12_background_files():
    assert plan.program().observation("source").uncal_count == 24
    assert plan.program().observation("background").uncal_count == 12


def test_a_slow_frame_is_longer_than_eight_fast_ones():
    assert plan.exposure_time(5, 1, readout="SLOWR1") == pytest.approx(119.4496)


def test_an_unknown_readout_profile_or_role_is_refused():
    with pytest.raises(PlanError, match="no MIRI readout 'FAST'; expected FASTR1 or SLOWR1"):
        plan.exposure_time(5, 1, readout="FAST")
    with pytest.raises(PlanError, match="no profile 'slow'; expected quick or program"):
        plan.profile("slow")
    with pytest.raises(PlanError, match="has no sky observation: it declares source, background"):
        plan.program().observation("sky")


def test_a_program_file_that_is_missing_or_incomplete_is_named(tmp_path):
    with pytest.raises(PlanError, match="not a readable program file"):
        plan.read_program(tmp_path / "nowhere.toml")
    (tmp_path / "half.toml").write_text("id = 1\n", encoding="utf-8")
    with pytest.raises(PlanError, match="observation"):
        plan.read_program(tmp_path / "half.toml")


def test_the_exposure_table_agrees_with_the_program():
    rows = plan.exposure_table()
    for observation in plan.program().observations:
        mrs = [row for row in rows if int(row["observation"]) == observation.number and "MRS" in row["detector"]]
        assert len(mrs) * observation.dithers == observation.uncal_count
        for row in mrs:
            found = row["readout"], *(int(row[name]) for name in ("groups", "integrations", "dithers"))
            assert found == (observation.readout, observation.groups, observation.integrations, observation.dithers)
