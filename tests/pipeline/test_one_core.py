"""A step in a worker starts no processes of its own, whatever its settings say."""

import logging

import pytest

from mrskit.pipeline import parameters
from mrskit.workers import executor

WITH_CORES = {"detector1": {"jump", "ramp_fit"}, "spec2": {"adaptive_trace_model", "wfss_contam"},
              "spec3": {"adaptive_trace_model"}}  # fmt: skip


@pytest.mark.parametrize("stage", WITH_CORES)
def test_every_step_that_has_maximum_cores_is_known(stage):
    found = {step for step, known in parameters.specification(stage).items() if "maximum_cores" in known}
    assert found == WITH_CORES[stage]


def test_steps_of_a_worker_run_on_one_core_and_the_log_says_which_asked_for_more(caplog):
    asked = {"jump": {"maximum_cores": "half", "find_showers": True}, "ramp_fit": {"maximum_cores": "1"}}
    with caplog.at_level(logging.WARNING, logger="stpipe.mrskit"):
        given = parameters.on_one_core("detector1", asked)
    assert given == {"jump": {"maximum_cores": "1", "find_showers": True}, "ramp_fit": {"maximum_cores": "1"}}
    assert [record.getMessage() for record in caplog.records] == [
        "jump.maximum_cores is 1 instead of half: exposures run in parallel, and a step in a worker starts no "
        "processes of its own"
    ]
    assert asked["jump"]["maximum_cores"] == "half"


def make_function():
    def cores(_item):
        from pathlib import Path

        from mrskit.pipeline import tasks
        from mrskit.pipeline.tasks import Task

        steps = {"ramp_fit": {"maximum_cores": "all"}}
        task = Task("detector1", "exposure", (), Path(), Path(), Path(), steps, accelerate=False)
        return tasks._effective(task)["ramp_fit"]["maximum_cores"]

    return cores


def test_the_runner_of_tasks_allows_processes_in_this_process_alone():
    cores = make_function()
    assert executor.run(cores, [1], "none") == ["all"]
    with executor.session(most=1):
        assert executor.run(cores, [1]) == ["1"]
