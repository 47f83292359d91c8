"""What is looked at before a course begins: state, figure, what mends it; only what prevents the demo is an error."""

import json
import platform
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from mrskit import room, workspace
from mrskit.bands import SETTINGS
from mrskit.checkup import checks, computer, data
from mrskit.errors import PlanError
from mrskit.grading.run.sandbox import backends

COMMAND = Path(sys.executable).with_name("mrskit")


def named(lines, name):
    return next(line for line in lines if line.name.startswith(name))


@pytest.fixture
def empty(tmp_path):
    """A folder in which nothing was made yet."""
    return tmp_path / "work" / "demo"


@pytest.fixture(autouse=True)
def quick_probe(monkeypatch):
    """No sandbox is tried out: that has tests of its own."""
    monkeypatch.setattr(backends, "_working", lambda level, mounts: backends.Backend("rlimits"))


def test_missing_data_viewers_and_sandbox_are_warnings(empty, monkeypatch):
    monkeypatch.setattr(computer.shutil, "which", lambda name: None)
    monkeypatch.setattr(computer.importlib.util, "find_spec", lambda name: None)
    lines = checks.of_computer(empty)
    for name in ("SAOImage DS9", "jdaviz", "sandbox", "source raw files", "background raw files"):
        assert named(lines, name).state == "warning" and named(lines, name).remedy
    assert "24 in the whole program" in named(lines, "source raw files").expected
    assert "12 in the whole program" in named(lines, "background raw files").expected
    assert not empty.exists()


@pytest.mark.parametrize(
    ("name", "value", "line"), [("WORKER", {"quick": 1e15}, "memory, one"), ("LESSONS", 1e15, "disk")]
)
def test_too_little_memory_or_disk_prevents_the_demo(empty, monkeypatch, name, value, line):
    monkeypatch.setattr(room, name, value)
    assert named(checks.of_computer(empty), line).state == "missing"


def test_a_wrong_version_of_the_pipeline_prevents_the_demo(empty, monkeypatch):
    version = computer.importlib.metadata.version
    monkeypatch.setattr(computer.importlib.metadata, "version", lambda name: "2.0" if name == "jwst" else version(name))
    line = named(checks.of_computer(empty), "jwst")
    assert line.state == "missing" and line.remedy == "Run: python -m pip install 'jwst==3.0.0'"


def test_the_long_profile_asks_for_more(empty):
    quick, program = (named(checks.of_computer(empty, profile), "disk") for profile in ("quick", "program"))
    assert float(program.expected.split()[0]) > float(quick.expected.split()[0])
    with pytest.raises(PlanError):
        checks.of_computer(empty, "slow")


def test_raw_files_are_counted_by_setting(empty, monkeypatch):
    space = workspace.create(empty)
    space.update_card(settings=["12:SHORT"], profile="quick")
    for number in range(4):
        (space.stage("source", "uncal") / f"{number}_uncal.fits").write_bytes(b"")
    monkeypatch.setattr(data.products, "read_setting", lambda path: SETTINGS["12:SHORT"])
    line = named(checks.of_computer(empty), "source raw files")
    assert line.state == "ok" and "12:SHORT 4 of 4" in line.found


def test_nothing_is_to_be_made_where_raw_files_of_somebody_lie(empty):
    assert "mrskit start" in named(checks.of_computer(empty), "source raw files").remedy
    empty.mkdir(parents=True)
    (empty / "a_uncal.fits").write_bytes(b"")
    for name in ("source raw files", "background raw files", "CRDS"):
        remedy = named(checks.of_computer(empty), name).remedy
        assert ("mrskit references --real" if name == "CRDS" else "mrskit adopt") in remedy and "start" not in remedy


def test_another_version_than_that_of_the_lock_is_named(tmp_path, monkeypatch):
    (tmp_path / "requirements.lock").write_text('numpy==0.1\nscipy==0.2 ; sys_platform == "nowhere"\n# note\n')
    monkeypatch.setattr(computer, "lessons_folder", lambda: tmp_path / "lessons")
    found = computer.locked()
    assert not found.ok and "numpy" in found.found and "(lock: 0.1)" in found.found and "scipy" not in found.found


def test_the_command_has_lines_for_people_and_for_programs(empty):
    done = subprocess.run([COMMAND, "doctor", "-w", empty], capture_output=True, text=True, check=False)
    listed = subprocess.run([COMMAND, "doctor", "-w", empty, "--json"], capture_output=True, text=True, check=False)
    rows = json.loads(listed.stdout)
    missing = [row["name"] for row in rows if row["state"] == "missing"]
    assert done.returncode == listed.returncode == (1 if missing else 0)
    assert {row["state"] for row in rows} <= {"ok", "warning", "missing"}
    assert "✓ ok" in done.stdout and "default demo can" in done.stdout


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
    assert computer.python().ok
    monkeypatch.setattr(platform, "python_version", lambda: "3.9.1")
    assert not computer.python().ok


def test_a_package_of_another_version_is_named_with_the_command_that_installs_the_right_one(monkeypatch):
    assert all(finding.ok for finding in computer.packages())
    monkeypatch.setattr("importlib.metadata.version", lambda name: "1.18.0")
    found = computer.packages()[0]
    assert (found.name, found.ok) == ("jwst", False) and "pip install 'jwst==3.0.0'" in found.remedy


def test_missing_truncated_and_short_raw_files_are_found(space):
    folder = space.stage("source", "uncal")
    for dither in (1, 2, 3):
        raw_file(folder, dither)
    found = data.raw_files(space)[0]
    assert not found.ok and found.found == "3 whole files"
    assert found.expected == "4 files of 10 groups x 1 integration"
    last = raw_file(folder, 4)
    assert data.raw_files(space)[0].ok
    last.unlink()
    raw_file(folder, 4, groups=8)
    assert "8 groups x 1" in data.raw_files(space)[0].found
    last.write_bytes(last.read_bytes()[:100_000])
    assert not data.raw_files(space)[0].ok


def test_real_data_are_compared_with_the_real_program(tmp_path):
    space = workspace.create(tmp_path / "ws")
    source, background = data.raw_files(space)
    assert source.expected == "4 files of 40 groups x 2 integrations"
    assert background.expected == "2 files of 40 groups x 2 integrations"


def test_a_missing_folder_of_references_is_found(space, tmp_path):
    found = data.crds(space)
    assert not found.ok and f"mrskit references --out {tmp_path}/refs --settings 12:SHORT" in found.remedy
    (tmp_path / "refs").mkdir()
    assert data.crds(space).ok


def test_nothing_is_to_be_simulated_where_raw_files_of_somebody_lie(tmp_path, monkeypatch):
    space = workspace.create(tmp_path / "ws")
    monkeypatch.setenv("CRDS_PATH", str(tmp_path / "unmounted"))
    (space.root / "mastDownload").mkdir()
    fits.setval(raw_file(space.root / "mastDownload", 1), "ORIGIN", value="STSCI")
    source, background = data.raw_files(space)
    assert "mrskit adopt" in source.remedy and "mrskit simulate" not in source.remedy + background.remedy
    fits.setval(raw_file(space.stage("source", "uncal"), 1), "ORIGIN", value="STSCI")
    assert data.raw_files(space)[0].remedy == f"Fetch the missing or broken files: mrskit fetch --out {space.root}."
    found = data.crds(space)
    assert not found.ok and found.found == f"CRDS_PATH is '{tmp_path}/unmounted', which does not exist"
    assert found.remedy == f"Run 'mrskit references --real {space.root}'."


def test_looking_gives_every_finding_and_a_remedy_for_each(space):
    found = checks.of_lesson(space)
    names = [finding.name for finding in found]
    assert names[0] == "Python" and {"jwst", "memory, one worker", "disk", "source raw files", "CRDS"} <= set(names)
    assert all(finding.remedy for finding in found)


def test_lessons_and_doctor_look_at_the_computer_with_the_same_figures(space):
    lesson = {line.name: line.expected for line in checks.of_lesson(space)}
    whole = {line.name: line.expected for line in checks.of_computer(space.root)}
    assert {"Python", "jwst", "memory, one worker", "disk"} <= lesson.keys() & whole.keys()
    assert all(whole[name] == lesson[name] for name in lesson.keys() & whole.keys() if "raw files" not in name)


def test_real_data_ask_for_the_memory_of_the_long_profile(tmp_path):
    space = workspace.create(tmp_path / "ws")
    space.update_card(data_source="real")
    assert named(checks.of_lesson(space), "memory").expected.startswith(f"{room.WORKER['program'] / 1e9:.1f} GB")


def test_the_readme_has_the_section_that_the_remedies_name(monkeypatch):
    monkeypatch.setattr(platform, "python_version", lambda: "3.9.1")
    section = computer.python().remedy.split("'")[1]
    assert f"## {section}\n" in (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
