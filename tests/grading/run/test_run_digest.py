"""Runs and verdicts are made anew whenever a file of the kit that they may depend on has changed, else never."""

import hashlib
import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import mrskit
from mrskit import resources
from mrskit.course import index
from mrskit.exercises import public_view
from mrskit.grading.key import open_key
from mrskit.grading.records import Submission
from mrskit.grading.run import run_digest
from mrskit.grading.run.limits import Limits
from mrskit.grading.run.sandbox import backends, mounts
from mrskit.kept import digests

PACKAGE = Path(mrskit.__file__).resolve().parent
SUBMISSION = Submission("ada", "01_setup", "ada.ipynb", "0", answers={"01-slow-group": "slow_over_fast = 8.6"})
LOOK = """
import hashlib, json
from pathlib import Path
package = Path({package!r})
print(json.dumps({{str(path.relative_to(package)): hashlib.sha256(path.read_bytes()).hexdigest()
                  for path in package.rglob("*.py")}}))
"""


@pytest.fixture
def of_run(plan_key):
    """A function that gives the content address of a submission's run."""
    return lambda key=plan_key: run_digest.address(SUBMISSION, key, Limits().to_json(), "bubblewrap", {"use_ch": "12"})


def changed_by_a_comment(digest, package, expected):
    """
    Return the modules of a package of which one comment line more changes a digest.

    Those that are expected to change it are changed one by one, all others together first: if the digest is the same
    then, none of them changes it.
    """
    before, found = digest(package), set()

    def changes(*paths):
        originals = [path.read_bytes() for path in paths]
        for path, original in zip(paths, originals, strict=True):
            path.write_bytes(original + b"# one line more\n")
        changed = digest(package) != before
        for path, original in zip(paths, originals, strict=True):
            path.write_bytes(original)
        return changed

    paths = {path.relative_to(package).as_posix(): path for path in sorted(package.rglob("*.py"))}
    others = paths.keys() - expected
    for name in paths if changes(*(paths[name] for name in others)) else expected:
        found |= {name} if changes(paths[name]) else set()
    assert digest(package) == before
    return found


@pytest.fixture
def copy(tmp_path):
    """A copy of the package."""
    return shutil.copytree(PACKAGE, tmp_path / "mrskit", ignore=shutil.ignore_patterns("__pycache__"))


def test_a_module_changes_the_digest_of_a_run_if_a_notebook_sees_it_or_is_run_by_it_and_only_then(
    copy, plan_key, monkeypatch
):
    monkeypatch.setattr(importlib.metadata, "distributions", lambda: [])  # which takes long, and is the same each time
    readable, _ = mounts.visible(mounts.needed(plan_key.workspace))
    seen = {path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py")
            if any(path.is_relative_to(place) for place in readable)}  # fmt: skip
    running = {path.relative_to(PACKAGE).as_posix() for path in (PACKAGE / "grading" / "run").rglob("*.py")}
    assert changed_by_a_comment(run_digest.environment_digest.__wrapped__, copy, seen | running) == seen | running
    assert {"course/shown/pixels.py", "course/index.py", "errors.py", "cell.py", "workers/forkserver.py",
            "grading/run/sandbox/supervisor.py"} <= seen  # fmt: skip
    assert {"grading/run/recording.py", "grading/run/kernel_messages.py"} <= running
    hidden = ("course/lesson01_setup/exercises.py", "simulate/scene.py", "answering/judge.py", "grading/records.py")
    assert not seen & {*hidden} and all((PACKAGE / name).is_file() for name in hidden)


def test_every_module_changes_the_digest_of_the_key(copy):
    modules = {path.relative_to(copy).as_posix() for path in copy.rglob("*.py")}
    assert len(modules) > 200
    assert changed_by_a_comment(digests.of_kit.__wrapped__, copy, modules) == modules


def test_tables_of_the_kit_change_both_digests(copy, monkeypatch):
    monkeypatch.setattr(importlib.metadata, "distributions", lambda: [])
    for digest in (run_digest.environment_digest.__wrapped__, digests.of_kit.__wrapped__):
        before = digest(copy)
        with (copy / "lessons" / "templates" / "style.css").open("a") as stream:
            stream.write("\n")
        assert digest(copy) != before
    manifest = resources.manifest_folder() / "program_2732.toml"
    assert manifest in resources.kit_files()
    assert manifest in mounts.seen_of_kit()


def test_what_bubblewrap_shows_of_the_kit_is_what_the_digest_of_a_run_covers(plan_key):
    shown = mounts.needed(plan_key.workspace)
    backend = backends.best(shown, trust=True)
    if backend.level != "bubblewrap":
        pytest.skip("no bubblewrap here: install bubblewrap")
    code = LOOK.format(package=str(PACKAGE))
    command = backend.command([sys.executable, "-P", "-c", code], shown, Path(os.devnull), Limits())
    inside = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    outside = {path.relative_to(PACKAGE).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
               for path in PACKAGE.rglob("*.py")}  # fmt: skip
    covered = {path.relative_to(PACKAGE).as_posix() for path in mounts.seen_of_kit() if path.suffix == ".py"}
    assert {name for name in outside if inside.get(name) == outside[name]} == covered


def test_a_run_depends_on_its_environment_and_on_what_is_asked(of_run, monkeypatch):
    before = of_run()
    assert of_run() == before
    with monkeypatch.context() as patch:
        patch.setattr(run_digest, "environment_digest", lambda: "another one")
        assert of_run() != before
    with monkeypatch.context() as patch:
        asked = public_view.write(index.lesson_exercises("01"), 0)
        patch.setattr(public_view, "write", lambda exercises, seed: asked + " ")
        assert of_run() != before
    assert of_run() == before


def test_changed_rules_and_tests_of_the_key_change_no_run_but_every_verdict(of_run, plan_key, rules_of, monkeypatch):
    rules_of('secret = "0123456789"\n')
    run, verdict = of_run(open_key(plan_key.root)), open_key(plan_key.root).digest
    changed = rules_of('secret = "0123456789"\nleft_out = ["01-context"]\n')
    assert of_run(changed) == run
    assert changed.digest != verdict
    monkeypatch.setattr(digests, "of_kit", lambda: "another one")
    assert open_key(plan_key.root).digest != changed.digest
