"""Experiments with single steps are kept while nothing changes, and made by one process at a time."""

import contextlib
import fcntl

import numpy as np
import pytest
from astropy.io import fits

from mrskit.errors import PipelineError
from mrskit.kept import runs
from mrskit.pipeline.step_settings import Options
from mrskit.pipeline.steps import experiment, stages12
from mrskit.workspace import Workspace

ALONE = Options(scheduler="none", stock=True)


@pytest.fixture
def made(monkeypatch, tmp_path):
    """A workspace with one rate file, and a list that grows by one whenever the straylight step is run."""
    calls = []

    def clean(item, folder):
        calls.append(item.source.name)
        if fits.getdata(item.source)[0, 0] < 0:
            raise ValueError("negative light")
        for suffix in ("straylight", "shower_model"):
            fits.PrimaryHDU(np.ones((2, 2))).writeto(folder / f"one_{suffix}.fits")

    monkeypatch.setattr(stages12, "_clean", clean)
    monkeypatch.setattr(stages12, "activate_references", lambda workspace: None)
    monkeypatch.setattr(experiment.own_cache, "follow", lambda: None)
    rate = tmp_path / "Ramp" / "without_showers" / "one_rate.fits"
    rate.parent.mkdir(parents=True)
    fits.PrimaryHDU(np.zeros((2, 2))).writeto(rate)
    return Workspace(tmp_path), rate, calls


def test_an_experiment_is_made_once_and_again_when_its_input_changes(made):
    workspace, rate, calls = made
    for _ in range(2):
        (files,) = stages12.clean_showers_files(workspace, [rate], ALONE)
    assert sorted(files) == ["shower_model", "straylight"]
    assert len(calls) == 1
    fits.PrimaryHDU(np.full((2, 3), 1.0)).writeto(rate, overwrite=True)
    stages12.clean_showers_files(workspace, [rate], ALONE)
    assert len(calls) == 2


def test_an_experiment_that_stops_names_its_log_and_leaves_no_half_made_files(made):
    workspace, rate, _ = made
    fits.PrimaryHDU(np.full((2, 2), -1.0)).writeto(rate, overwrite=True)
    with pytest.raises(PipelineError, match=r"clean on one_rate.fits stopped: ValueError: negative light.*\.log"):
        stages12.clean_showers_files(workspace, [rate], ALONE)
    assert not list((rate.parent / "cleaned").glob("*.fits"))
    assert not list((rate.parent / "cleaned").glob(".writing-*"))


def test_an_experiment_has_its_folder_to_itself(made):
    workspace, rate, _ = made
    item = stages12._Item("clean", rate, rate.parent / "cleaned", workspace.root, workspace.logs / "x.log", {}, False)
    lock = item.folder / ".records" / "clean.lock"
    with runs.alone(item), lock.open() as other, contextlib.suppress(BlockingIOError):
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
        pytest.fail("a second process could begin")
