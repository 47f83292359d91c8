"""A class of three students whose notebooks nobody runs: what the tests of reports grade."""

from __future__ import annotations

import dataclasses
import os
from contextlib import nullcontext

import nbformat
import pytest

from mrskit.grading.judging.judging import Judge
from mrskit.grading.records import Record, Timing
from mrskit.grading.reports import gradebook
from mrskit.grading.run import pool
from mrskit.grading.run.limits import Limits
from mrskit.lessons import build

ANSWERS = {"01-slow-group": 8.609, "01-context": "b"}
STUDENTS = ("ada", "bob", "cem")


@pytest.fixture
def handed_in(tmp_path):
    """The lesson 01 of three students, each with a line of their own."""
    for number, name in enumerate(STUDENTS):
        notebook = build.student("01")
        cell = next(cell for cell in notebook.cells if cell.metadata.get("mrskit", {}).get("exercise"))
        cell.source += f"\n# {number}"
        place = tmp_path / "handed-in" / name / "01_setup.ipynb"
        place.parent.mkdir(parents=True)
        place.write_text(nbformat.writes(notebook), encoding="utf-8")
        os.utime(place, (1_790_000_000 + number, 1_790_000_000 + number))
    return tmp_path / "handed-in"


@pytest.fixture
def runs(monkeypatch, record_of):
    """Instead of a sandbox a run that gives two answers, and a judge in this process; the names of who was run."""
    ran = []
    monkeypatch.setattr(gradebook, "JudgeProcess", lambda key: nullcontext(Judge(key)))

    def execute(task) -> tuple[Record, Timing]:
        ran.append(task.order.submission.student)
        record = record_of("01", ANSWERS, isolation=task.isolation)
        return dataclasses.replace(record, notes=(f"run by {task.order.submission.student}",)), Timing(1.0)

    monkeypatch.setattr(pool, "_executed", execute)
    monkeypatch.setattr(
        pool, "setting",
        lambda key, trust, parameters: pool.Setting(key, Limits(), "bubblewrap", trust, parameters),
    )  # fmt: skip
    return ran


@pytest.fixture
def grade(handed_in, plan_key, runs, tmp_path):
    """A function that grades the three students in this process, into the folder ``grades`` or another one."""

    def call(out="grades", key=None, **options):
        return gradebook.grade(handed_in, key or plan_key, tmp_path / out, gradebook.Options("none", **options))

    return call
