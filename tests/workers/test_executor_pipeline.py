"""A worker is killed in the middle of a real exposure: that exposure is done again, the others once, all are right."""

import threading
import time

import numpy as np
import psutil
import pytest
from astropy.io import fits

from mrskit import bands
from mrskit.kept import records
from mrskit.pipeline import stages
from mrskit.workers import executor

SHORT = bands.settings("12:SHORT")[0]
STEM = "jw02732004001_02101_0000{}_mirifushort"
VICTIM, OTHER = STEM.format(2), STEM.format(1)


class Killer(threading.Thread):
    """Kills the worker that has the victim's log open, once, when its jump step begins; notes how often each ran."""

    def __init__(self, workspace):
        super().__init__(daemon=True)
        self.logs = workspace.logs
        self.killed = None
        self.begun = {}  # stem -> first lines of its log, one a run
        self.finished = threading.Event()

    def run(self):
        while not self.finished.wait(0.02):
            for log in self.logs.glob("detector1_*.log"):
                text = log.read_text(encoding="utf-8")
                stem = log.stem.removeprefix("detector1_")
                if "\n" in text:
                    self.begun.setdefault(stem, set()).add(text.split("\n", 1)[0])
                if stem == VICTIM and self.killed is None and "Step jump running" in text:
                    self.kill(log)

    def kill(self, log):
        for process in psutil.Process().children(recursive=True):
            if str(log) in {file.path for file in process.open_files()}:
                self.killed = process.pid
                process.kill()


@pytest.fixture
def raw_workspace(quick_workspace, copy_of, tmp_path):
    """Two of the demo's exposures without any product of stage 1."""
    space = copy_of(quick_workspace, tmp_path / "workspace")
    for number in (3, 4):
        (space.stage("source", "uncal") / f"{STEM.format(number)}_uncal.fits").unlink()
    for path in space.stage("source", "stage1").rglob("*"):
        if path.is_file():
            path.unlink()
    for log in space.logs.glob("detector1_*.log"):
        log.unlink()
    return space


@pytest.mark.pipeline
def test_a_worker_killed_in_the_jump_step_costs_that_exposure_alone(raw_workspace, quick_workspace):
    killer, lines = Killer(raw_workspace), []
    killer.start()
    with executor.session(most=2):
        rates = stages.detector1(raw_workspace, SHORT, progress=lines.append)
    time.sleep(0.1)
    killer.finished.set()
    killer.join()
    assert killer.killed is not None
    assert {stem: len(runs) for stem, runs in killer.begun.items()} == {OTHER: 1, VICTIM: 2}
    folder = raw_workspace.stage("source", "stage1")
    assert [path.name for path in rates] == [f"{OTHER}_rate.fits", f"{VICTIM}_rate.fits"]
    assert not list(folder.glob(".writing*"))
    for path in rates:
        with fits.open(path) as made, fits.open(quick_workspace.stage("source", "stage1") / path.name) as undisturbed:
            np.testing.assert_array_equal(made["SCI"].data, undisturbed["SCI"].data)
            np.testing.assert_array_equal(made["DQ"].data, undisturbed["DQ"].data)
        record = records.read(records.path_of(folder, path.stem.removesuffix("_rate")))
        assert 0.5e9 < record.peak_memory < 1.5e9  # quick profile: under 1.5 GB a worker
