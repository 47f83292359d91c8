"""A few mutated hand-ins of benchmarks/fuzz.py: grading ends, nobody else loses anything, every file has a row."""

import importlib
import shutil
import sys
import warnings
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("hypothesis", reason="needs hypothesis: pip install -e '.[dev]'")
from hypothesis import HealthCheck, given, settings

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"
CLASSES = 12  # of ten hand-ins each


@pytest.fixture
def fuzz(monkeypatch):
    """The benchmark as a module."""
    monkeypatch.syspath_prepend(str(FOLDER))
    monkeypatch.delitem(sys.modules, "fuzz", raising=False)
    return importlib.import_module("fuzz")


def test_one_submission_can_cost_only_itself(fuzz, tmp_path):
    key = fuzz.plan_key(tmp_path / "key")

    @settings(max_examples=CLASSES, deadline=None, database=None, derandomize=True, phases=fuzz.PHASES,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(fuzz.classes)
    def sound(handed):
        shutil.rmtree(tmp_path / "one", ignore_errors=True)
        fuzz.check(key, handed, tmp_path / "one")

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of zipfile, on names that stand twice
        sound()


def test_a_class_that_is_not_sound_is_found(fuzz, tmp_path, monkeypatch):
    key, honest = fuzz.plan_key(tmp_path / "key"), fuzz.as_json(fuzz.SOLVED).encode()
    wrong = (("01-context", {**fuzz.ANSWERS["01-context"], "value": "a"}),)
    handed = [fuzz.HandIn(b"ada", b"01_setup.ipynb", honest, wrong)]
    fuzz.check(key, handed, tmp_path / "sound")
    taken = fuzz.gradebook.take

    def losing(*given):
        found = taken(*given)
        kept = [tuple(item for item in some if item.student == "honest") for some in (found.submissions, found.people)]
        return replace(found, submissions=kept[0], people=kept[1])

    monkeypatch.setattr(fuzz.gradebook, "take", losing)
    with pytest.raises(AssertionError):
        fuzz.check(key, handed, tmp_path / "lost")
