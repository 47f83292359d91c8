"""What is looked at before a course begins, and what is said where something is missing."""

import platform

import numpy as np
import psutil
import pytest
from astropy.io import fits

from mrskit import plan, preflight, workspace


@pytest.fixture
def space(tmp_path):
    """A workspace whose card plans four source and two background exposures of 12:SHORT, none of them there."""
    made = workspace.create(tmp_path / "ws")
    made.update_card(profile="quick", settings=["12:SHORT"], references=str(tmp_path / "refs"))
    return made


def raw_file(folder, dither, groups=10):
    primary = fits.PrimaryHDU()
    primary.header.update({"INSTRUME": "MIRI", "EXP_TYPE": "MIR_MRS", "CHANNEL": "12", "BAND": "SHORT",
                           "OBSERVTN": 4, "PATT_NUM": dither, "NGROUPS": groups, "NINTS": 1, "READPATT": "FASTR1",
                           "EFFEXPTM": 27.75, "ORIGIN": "SIMULATED"})  # fmt: skip
    ramp = np.zeros((1, groups, 1024, 1032), dtype=np.uint16)
    table = fits.BinTableHDU(np.zeros(1, dtype=[("a", "i4")]), name="ASDF")
    path = folder / f"jw02732004001_02101_{dither:05d}_mirifushort_uncal.fits"
    fits.HDUList([primary, fits.ImageHDU(ramp, name="SCI"), table]).writeto(path)
    return path


def test_this_python_is_accepted_and_another_is_not(monkeypatch):
    assert preflight.python().ok
    monkeypatch.setattr(platform, "python_version", lambda: "3.9.1")
    assert not preflight.python().ok


def test_a_package_of_another_version_is_named_with_the_command_that_installs_the_right_one(monkeypatch):
    assert all(finding.ok for finding in preflight.packages())
    monkeypatch.setattr("importlib.metadata.version", lambda name: "1.18.0")
    found = preflight.packages()[0]
    assert (found.name, found.ok) == ("jwst", False) and "pip install 'jwst==3.0.0'" in found.remedy


def test_memory_and_disk_are_compared_with_what_is_needed(tmp_path):
    everything = psutil.virtual_memory().total / 1e9
    assert not preflight.free_memory(everything + 1).ok and preflight.free_memory(0.001).ok
    assert not preflight.free_disk(tmp_path, 1e9).ok and preflight.free_disk(tmp_path, 1e-6).ok


def test_missing_truncated_and_short_raw_files_are_found(space):
    folder = space.stage("source", "uncal")
    for dither in (1, 2, 3):
        raw_file(folder, dither)
    found = preflight.raw_files(space)[0]
    assert not found.ok and found.found == "3 whole files"
    assert found.expected == "4 files of 10 groups x 1 integration"
    last = raw_file(folder, 4)
    assert preflight.raw_files(space)[0].ok
    last.unlink()
    raw_file(folder, 4, groups=8)
    assert "8 groups x 1" in preflight.raw_files(space)[0].found
    last.write_bytes(last.read_bytes()[:100_000])
    assert not preflight.raw_files(space)[0].ok


def test_real_data_are_compared_with_the_real_program(tmp_path):
    space = workspace.create(tmp_path / "ws")
    source, background = preflight.raw_files(space)
    assert source.expected == "4 files of 40 groups x 2 integrations"
    assert background.expected == "2 files of 40 groups x 2 integrations"


def test_a_missing_folder_of_references_is_found(space, tmp_path):
    found = preflight.references(space)
    assert not found.ok and f"mrskit references --out {tmp_path}/refs --settings 12:SHORT" in found.remedy
    (tmp_path / "refs").mkdir()
    assert preflight.references(space).ok


def test_nothing_is_to_be_simulated_where_raw_files_of_somebody_lie(tmp_path, monkeypatch):
    space = workspace.create(tmp_path / "ws")
    monkeypatch.setenv("CRDS_PATH", str(tmp_path / "unmounted"))
    (space.root / "mastDownload").mkdir()
    fits.setval(raw_file(space.root / "mastDownload", 1), "ORIGIN", value="STSCI")
    source, background = preflight.raw_files(space)
    assert "Move or link" in source.remedy and "mrskit simulate" not in source.remedy + background.remedy
    fits.setval(raw_file(space.stage("source", "uncal"), 1), "ORIGIN", value="STSCI")
    assert (
        preflight.raw_files(space)[0].remedy == f"Fetch the missing or broken files: mrskit fetch --out {space.root}."
    )
    found = preflight.references(space)
    assert not found.ok and found.found == f"CRDS_PATH is '{tmp_path}/unmounted', where nothing is"
    assert found.remedy == f"Run 'mrskit references --real {space.root}'."


def test_looking_gives_every_finding_and_a_remedy_for_each(space):
    found = preflight.look(space)
    names = [finding.name for finding in found]
    assert names[0] == "Python" and {"jwst", "memory", "disk", "source raw files", "CRDS"} <= set(names)
    assert all(finding.remedy for finding in found)


def test_the_exposure_table_agrees_with_the_program():
    rows = plan.exposure_table()
    for observation in plan.program().observations:
        mrs = [row for row in rows if int(row["observation"]) == observation.number and "MRS" in row["detector"]]
        assert len(mrs) * observation.dithers == observation.uncal_count
        for row in mrs:
            found = row["readout"], *(int(row[name]) for name in ("groups", "integrations", "dithers"))
            assert found == (observation.readout, observation.groups, observation.integrations, observation.dithers)
