"""Memory and time of a run: what it has used, not what the process has used before; reports summed per stage."""

import time

import numpy as np
import pytest

from mrskit.workers import usage
from mrskit.workers.usage import StageReport, Usage

BLOCK = 200e6  # bytes


def hold(size):
    """Fill and give back some memory, long enough to be seen by the sampler."""
    array = np.ones(int(size / 8))
    time.sleep(4 * usage.INTERVAL)
    return array.sum()


@pytest.fixture(params=["kernel", "sampler"])
def way(request, monkeypatch, tmp_path):
    """The two ways to measure: the kernel's maximum, where it can be set back, and a thread that looks."""
    if request.param == "sampler":
        monkeypatch.setattr(usage, "_PROCESS", tmp_path)
    elif not usage._reset_peak():
        pytest.skip("this system does not let a process set its maximum of resident memory back")
    return request.param


def test_the_peak_is_that_of_the_run_and_not_of_what_was_before(way):
    with usage.measured() as meter:
        hold(BLOCK)
        first = meter.read()
    with usage.measured() as meter:
        time.sleep(0.01)
        second = meter.read()
    assert first.peak_memory - second.peak_memory == pytest.approx(BLOCK, rel=0.1)
    assert first.seconds >= 4 * usage.INTERVAL > second.seconds
    assert first.worker == second.worker


def test_a_measurement_inside_another_is_part_of_it(way):
    with usage.measured() as outer:
        hold(BLOCK)
        with usage.measured() as inner:
            inside = inner.read()
        assert inner is outer
        assert outer.read().peak_memory >= inside.peak_memory > BLOCK


def test_a_report_counts_workers_sums_seconds_and_takes_the_largest_memory():
    runs = [Usage(3.0, 500, "node:1"), Usage(5.0, 900, "node:2"), Usage(4.0, 700, "node:1")]
    with usage.collected() as reports:
        usage.report("detector1", runs, unchanged=2, wall=7.5)
    assert reports == [StageReport("detector1", 3, 2, 2, 7.5, 12.0, 900)]


def test_reports_of_one_stage_become_one():
    reports = [StageReport("detector1", 3, 2, 2, 7.5, 12.0, 900), StageReport("spec2", 0, 4, 0, 0.0, 0.0, 0),
               StageReport("detector1", 1, 0, 1, 2.0, 2.0, 950)]  # fmt: skip
    assert usage.by_stage(reports) == [StageReport("detector1", 4, 2, 2, 9.5, 14.0, 950), reports[1]]


def test_a_report_that_nobody_collects_is_only_returned():
    assert usage.report("spec3", [], 1, 0.0) == StageReport("spec3", 0, 1, 0, 0.0, 0.0, 0)
