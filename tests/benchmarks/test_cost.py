"""The cost model: runs on cores, a program, a class, against hand calculation."""

import importlib
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture
def cost(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    yield importlib.import_module("cost")
    sys.modules.pop("cost", None)


@pytest.fixture
def measured(cost):
    """Stage 1 takes 10 s, stage 2 20 s (background 40 s), a channel of stage 3 60 s; a worker starts in 8 s."""
    rows = [("detector1", "source", 10.0), ("detector1", "background", 10.0), ("spec2", "source", 20.0),
            ("spec2", "background", 40.0), ("spec3", "source", 60.0)]  # fmt: skip
    costs = tuple(
        cost.Cost("quick", stage, role, 1, seconds, 2_000_000_000, 100_000_000) for stage, role, seconds in rows
    )
    return cost.Measured("quick", 20_000_000, 8.0, costs)


@pytest.mark.parametrize(("seconds", "cores", "expected"), [([3, 3, 3], 1, 9), ([5, 4, 3, 3], 2, 8), ([5, 4], 8, 5)])
def test_runs_go_to_the_core_that_is_free_first_the_longest_first(cost, seconds, cores, expected):
    assert cost.makespan(seconds, cores) == expected


def test_one_core_takes_the_sum_of_all_runs(cost, measured):
    row = cost.program(measured, 1)
    work = 36 * 10 + 24 * 20 + 12 * 40 + 12 * 60
    assert row["minutes"] * 60 == pytest.approx(8 + work) and row["core hours"] * 3600 == pytest.approx(work)
    assert row["memory, GB"] == pytest.approx(2.0)
    assert row["disk, GB"] == pytest.approx(36 * 0.02 + 72 * 0.1 + 12 * 0.1)


def test_on_many_cores_a_stage_takes_as_long_as_its_longest_run(cost, measured):
    row = cost.program(measured, 64)
    assert row["minutes"] * 60 == pytest.approx(8 + 10 + 40 + 60)
    assert row["memory, GB"] == pytest.approx(36 * 2.0)  # there are no more than 36 runs at a time


def test_a_class_waits_for_cores(cost, measured):
    one = 8 + 6 * 10 + 4 * 20 + 2 * 40 + 2 * 60
    row = cost.course(measured, 64, learners=200)
    assert row["minutes a learner"] * 60 == pytest.approx(one)
    assert row["minutes"] * 60 == pytest.approx(4 * one)  # 200 learners on 64 cores: four turns
    assert row["disk, GB"] == pytest.approx(200 * (6 * 0.02 + 12 * 0.1 + 2 * 0.1))
