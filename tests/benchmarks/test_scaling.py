"""The table of costs: lines through known costs, ratios of the right rows, limits that are kept or not."""

import importlib
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture
def scaling(monkeypatch):
    """The benchmark as a module."""
    monkeypatch.syspath_prepend(str(FOLDER))
    yield importlib.import_module("scaling")
    sys.modules.pop("scaling", None)


@pytest.fixture
def rows(scaling):
    """Stage 1 costs 2 s and 5 s an exposure, stage 2 1 s and 3 s; a second worker halves it; a start takes 10 s."""
    found = []
    for workers in (1, 2):
        for count, cold in ((1, False), (2, False), (6, False), (6, True)):
            for stage, first, each in (("detector1", 2.0, 5.0), ("spec2", 1.0, 3.0)):
                wall = (first + each * count) / workers + (10.0 if cold and stage == "detector1" else 0.0)
                found.append(scaling.Cost(stage, workers, count, 10, cold, wall, each * count, 900_000_000))
    return [*found, scaling.Cost("detector1", 1, 1, 40, False, 22.0, 22.0, 2_000_000_000)]


def test_lines_have_the_intercept_and_slope_that_went_in_and_leave_cold_rows_out(scaling, rows):
    lines = scaling.fits(rows)
    assert lines["detector1, 1 workers, per exposure"] == {"a": 2.0, "b": 5.0}
    assert lines["spec2, 2 workers, per exposure"] == {"a": 0.5, "b": 1.5}
    assert lines["detector1, 1 worker, per group"] == {"a": 2.0, "b": 0.5}  # 7 s at 10 groups, 22 s at 40
    assert lines["spec2, 1 worker, per group"] is None


def test_the_ratio_is_that_of_the_largest_number_of_exposures_over_both_stages(scaling, rows):
    assert scaling.speed_up(rows, cold=False) == pytest.approx(2.0)
    assert scaling.speed_up(rows, cold=True) == pytest.approx((32 + 19 + 10) / (16 + 9.5 + 10))


def test_memory_at_ten_groups_and_at_any_have_limits_of_their_own(scaling, rows):
    table = {row["quantity"]: row for row in scaling.judged(rows)}
    assert table["memory at 10 groups, GB"]["measured"] == 0.9 and table["memory at 10 groups, GB"]["pass"]
    assert table["memory at any groups, GB"]["measured"] == 2.0
    slow = [row for row in rows if row.workers == 1] + [
        scaling.Cost(**{**scaling.asdict(row), "workers": 2}) for row in rows if row.workers == 1
    ]
    assert not {row["quantity"]: row for row in scaling.judged(slow)}["two workers over one, warm"]["pass"]
