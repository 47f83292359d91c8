"""CONTRIBUTING.md tells how to add a lesson: its own example, added to a copy of the kit by its steps, works."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r'^```\w+ title="([^"]+)"\n(.*?)^```$', re.DOTALL | re.MULTILINE)
LESSON = "07_clinic"


@pytest.fixture
def checkout(tmp_path):
    """A copy of what the kit is made of, with the files of the example."""
    root = tmp_path / "checkout"
    for name in ("mrskit", "lessons", "data_manifest"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints"))
    shutil.copyfile(ROOT / "pyproject.toml", root / "pyproject.toml")
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for name, content in BLOCK.findall(text):
        path = root / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return root


@pytest.fixture
def mrskit(checkout, tmp_path):
    """A function that runs a command of the copy and returns what it has printed."""

    def call(*words: object) -> str:
        code = "from mrskit.cli import main; main()"
        env = os.environ | {"PYTHONPATH": str(checkout), "COLUMNS": "200"}
        argv = [sys.executable, "-c", code, *map(str, words)]
        done = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, env=env)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return call


def test_a_lesson_added_by_the_steps_of_contributing_is_built_listed_run_and_judged(checkout, mrskit, tmp_path):
    mrskit("build")
    mrskit("build", "--check")
    notebook = json.loads((checkout / "lessons" / f"{LESSON}.ipynb").read_text(encoding="utf-8"))
    texts = ["".join(cell["source"]) for cell in notebook["cells"]]
    assert any("Give `width` in km/s (tolerance 1 %)." in text for text in texts), texts
    assert not any("299792.458" in text for text in texts)
    assert "| 5 | 0 | 1 | 1 |" in (checkout / "lessons" / "README.md").read_text(encoding="utf-8")
    assert "07-resolution-element" in mrskit("list")
    space = tmp_path / "space"
    for folder in ("Source/uncal", "Background/uncal"):
        (space / folder).mkdir(parents=True)
    mrskit("run", "07", "--solved", "--workspace", space)
    from mrskit import workspace
    from mrskit.answering import answer_files

    answers = answer_files.tables(workspace.open_workspace(space), LESSON)["answers"]
    assert answers["07-resolution-element"]["value"] == pytest.approx(99.93, abs=0.01)
