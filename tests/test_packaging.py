"""What people install from: pyproject, lock and conda environment agree."""

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import mrskit

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_the_conda_environment_holds_the_pins_of_pyproject(project):
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    plain = [item for item in environment["dependencies"] if isinstance(item, str)]
    pip = next(item["pip"] for item in environment["dependencies"] if isinstance(item, dict))
    assert sorted(pip) == sorted(project["dependencies"])
    assert f"python{project['requires-python']}" in plain


def test_package_and_pyproject_have_one_version(project):
    assert project["version"] == mrskit.__version__


def test_the_citation_is_of_the_newest_release_in_the_changelog():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = re.search(r"^## ([\d.]+) \((\d{4}-\d\d-\d\d)\)$", changelog, re.MULTILINE)
    assert (citation["version"], str(citation["date-released"])) == newest.groups()


def test_jwst_is_pinned_to_the_version_that_the_kit_was_checked_with(project):
    assert "jwst==3.0.0" in project["dependencies"]


def test_the_lock_satisfies_every_requirement_of_pyproject(project):
    locked = {}
    for line in (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines():
        match = re.match(r"([A-Za-z0-9._-]+)==([^ ;]+)", line)
        if match:
            locked.setdefault(canonicalize_name(match[1]), []).append(match[2])
    for text in project["dependencies"] + project["optional-dependencies"]["dev"]:
        requirement = Requirement(text)
        versions = locked.get(canonicalize_name(requirement.name), [])
        assert versions, f"{requirement.name} is not locked: run 'make lock'"
        assert all(requirement.specifier.contains(version) for version in versions), text


def test_the_wheel_holds_the_package_its_data_and_the_mark_that_it_is_typed(tmp_path):
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("mrskit-*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "mrskit").rglob("*.py")}
    assert modules | {"mrskit/py.typed", "mrskit/_data/data_manifest/program_2732.toml"} <= names
    assert any(re.fullmatch(r"mrskit/_data/lessons/\w+\.ipynb", name) for name in names)
