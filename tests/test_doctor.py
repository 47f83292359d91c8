"""The doctor's lines: state, figure, what mends it; only what prevents the default demo is an error."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from mrskit import doctor, workspace
from mrskit.errors import PlanError
from mrskit.lessons import demo

COMMAND = Path(sys.executable).with_name("mrskit")


def named(lines, name):
    return next(line for line in lines if line.finding.name.startswith(name))


@pytest.fixture
def empty(tmp_path):
    """A folder in which nothing was made yet."""
    return tmp_path / "work" / "demo"


@pytest.fixture(autouse=True)
def quick_probe(monkeypatch):
    """No sandbox is tried out: that has tests of its own."""
    monkeypatch.setattr(doctor.backends, "_working", lambda level, mounts: doctor.backends.Backend("rlimits"))


def test_missing_data_viewers_and_sandbox_are_warnings(empty, monkeypatch):
    monkeypatch.setattr(doctor.shutil, "which", lambda name: None)
    monkeypatch.setattr(doctor.importlib.util, "find_spec", lambda name: None)
    lines = doctor.look(empty)
    for name in ("SAOImage DS9", "jdaviz", "sandbox", "source raw files", "background raw files"):
        assert named(lines, name).state == "warning" and named(lines, name).finding.remedy
    assert "24 in the whole program" in named(lines, "source raw files").finding.expected
    assert "12 in the whole program" in named(lines, "background raw files").finding.expected
    assert not empty.exists()


@pytest.mark.parametrize(
    ("name", "value", "line"), [("WORKER_BYTES", {"quick": 1e15}, "memory, one"), ("LESSONS_BYTES", 1e15, "disk")]
)
def test_too_little_memory_or_disk_prevents_the_demo(empty, monkeypatch, name, value, line):
    monkeypatch.setattr(demo, name, value)
    assert named(doctor.look(empty), line).state == "missing"


def test_a_wrong_version_of_the_pipeline_prevents_the_demo(empty, monkeypatch):
    version = doctor.importlib.metadata.version
    monkeypatch.setattr(doctor.importlib.metadata, "version", lambda name: "2.0" if name == "jwst" else version(name))
    line = named(doctor.look(empty), "jwst")
    assert line.state == "missing" and line.finding.remedy == "Run: python -m pip install 'jwst==3.0.0'"


def test_the_long_profile_asks_for_more(empty):
    quick, program = (named(doctor.look(empty, profile), "disk").finding for profile in ("quick", "program"))
    assert float(program.expected.split()[0]) > float(quick.expected.split()[0])
    with pytest.raises(PlanError):
        doctor.look(empty, "slow")


def test_raw_files_are_counted_by_setting(empty, monkeypatch):
    space = workspace.create(empty)
    space.update_card(settings=["12:SHORT"], profile="quick")
    for number in range(4):
        (space.stage("source", "uncal") / f"{number}_uncal.fits").write_bytes(b"")
    monkeypatch.setattr(doctor.products, "read_setting", lambda path: doctor.SETTINGS["12:SHORT"])
    line = named(doctor.look(empty), "source raw files")
    assert line.state == "ok" and "12:SHORT 4 of 4" in line.finding.found


def test_nothing_is_to_be_made_where_raw_files_of_somebody_lie(empty):
    assert "mrskit start" in named(doctor.look(empty), "source raw files").finding.remedy
    empty.mkdir(parents=True)
    (empty / "a_uncal.fits").write_bytes(b"")
    for name in ("source raw files", "background raw files", "CRDS"):
        remedy = named(doctor.look(empty), name).finding.remedy
        assert "mrskit references --real" in remedy and "start" not in remedy


def test_another_version_than_that_of_the_lock_is_named(tmp_path, monkeypatch):
    (tmp_path / "requirements.lock").write_text('numpy==0.1\nscipy==0.2 ; sys_platform == "nowhere"\n# note\n')
    monkeypatch.setattr(doctor, "lessons_folder", lambda: tmp_path / "lessons")
    found = doctor.locked()
    assert not found.ok and "numpy" in found.found and "(lock: 0.1)" in found.found and "scipy" not in found.found


def test_the_command_has_lines_for_people_and_for_programs(empty):
    done = subprocess.run([COMMAND, "doctor", "-w", empty], capture_output=True, text=True, check=False)
    listed = subprocess.run([COMMAND, "doctor", "-w", empty, "--json"], capture_output=True, text=True, check=False)
    rows = json.loads(listed.stdout)
    missing = [row["name"] for row in rows if row["state"] == "missing"]
    assert done.returncode == listed.returncode == (1 if missing else 0)
    assert {row["state"] for row in rows} <= {"ok", "warning", "missing"}
    assert "✓ ok" in done.stdout and "default demo can" in done.stdout
