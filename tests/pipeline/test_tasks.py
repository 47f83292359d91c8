"""A task is run once: not again while inputs, settings, references and versions are the same; never half-written."""

import os
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from astropy.io import fits

from mrskit.errors import PipelineError
from mrskit.kept import records
from mrskit.pipeline import tasks
from mrskit.pipeline.associations import Member
from mrskit.pipeline.step_settings import Options
from mrskit.pipeline.tasks import Task

STEM = "jw02732004001_02101_00001_mirifushort"
SEQUENTIAL = Options(scheduler="none")


@pytest.fixture
def task(tmp_path, monkeypatch):
    """Stage 1 of a small file, in a workspace and a reference cache of the test's own."""
    cache = tmp_path / "crds" / "references" / "jwst" / "miri"
    cache.mkdir(parents=True)
    (cache / "jwst_miri_gain_9001.fits").write_bytes(b"gain")
    monkeypatch.setenv("CRDS_PATH", str(tmp_path / "crds"))
    monkeypatch.setenv("CRDS_CONTEXT", "jwst_9001.pmap")
    root = tmp_path / "workspace"
    raw = root / "Source" / "uncal" / f"{STEM}_uncal.fits"
    raw.parent.mkdir(parents=True)
    fits.PrimaryHDU(np.zeros(4)).writeto(raw)
    steps = {"jump": {"find_showers": True}}
    return Task("detector1", STEM, (Member(raw, "science"),), root / "Source" / "stage1", root / "logs" / "one.log",
                root, steps)  # fmt: skip


@pytest.fixture
def runs(monkeypatch):
    """The pipeline's place is taken by a function that writes two products; returns the list of its calls."""
    calls = []

    def fake(task, source, folder):
        calls.append(source)
        for suffix in ("rate", "rateints"):
            hdu = fits.PrimaryHDU(np.full(3, len(calls)))
            hdu.header["R_GAIN"] = "crds://jwst_miri_gain_9001.fits"
            hdu.header["R_SUPERB"] = "N/A"
            hdu.writeto(folder / f"{STEM}_{suffix}.fits")

    monkeypatch.setattr(tasks, "_run", fake)
    return calls


def names(task):
    return sorted(path.name for path in task.folder.iterdir())


def test_the_first_run_makes_the_products_and_a_record_and_leaves_nothing_else(task, runs):
    made = tasks.run_all([task], SEQUENTIAL, None)
    assert [path.name for path in made] == [f"{STEM}_rate.fits", f"{STEM}_rateints.fits"]
    assert names(task) == [".records", f"{STEM}_rate.fits", f"{STEM}_rateints.fits"]
    record = records.read(task.folder / ".records" / f"{STEM}.json")
    assert [entry.name for entry in record.inputs] == [f"Source/uncal/{STEM}_uncal.fits"]
    assert [entry.name for entry in record.references] == ["references/jwst/miri/jwst_miri_gain_9001.fits"]
    assert record.peak_memory > 1e6 and record.seconds >= 0


def test_the_second_run_does_nothing_and_gives_the_same_products(task, runs):
    first = tasks.run_all([task], SEQUENTIAL, None)
    lines = []
    assert tasks.run_all([task], SEQUENTIAL, lines.append) == first
    assert len(runs) == 1
    assert lines == ["detector1: 0 to run, 1 unchanged"]


def change_steps(task, _patch):
    return replace(task, steps={"jump": {"find_showers": False}}), "changed: steps"


def change_replacement(task, _patch):
    return replace(task, accelerate=False), "changed: replacements"


def change_context(task, patch):
    patch.setenv("CRDS_CONTEXT", "jwst_9002.pmap")
    return task, "changed: context"


def change_version(task, patch):
    patch.setattr(records, "versions", lambda: {"jwst": "3.0.1"})
    return task, "changed: versions"


def change_input(task, _patch):
    fits.PrimaryHDU(np.ones(4)).writeto(task.members[0].path, overwrite=True)
    return task, f"input {STEM}_uncal.fits is missing or changed"


def change_members(task, _patch):
    other = task.members[0].path.with_name("other_uncal.fits")
    shutil.copy(task.members[0].path, other)
    return replace(task, members=(*task.members, Member(other, "selfcal"))), "changed: members"


def change_reference(task, _patch):
    (task.root.parent / "crds/references/jwst/miri/jwst_miri_gain_9001.fits").write_bytes(b"niag")
    return task, "reference jwst_miri_gain_9001.fits is missing or changed"


def remove_product(task, _patch):
    (task.folder / f"{STEM}_rateints.fits").unlink()
    return task, f"product {STEM}_rateints.fits is missing or changed"


def truncate_product(task, _patch):
    path = task.folder / f"{STEM}_rate.fits"
    path.write_bytes(path.read_bytes()[:1000])
    return task, f"product {STEM}_rate.fits is missing or changed"


def spoil_record(task, _patch):
    (task.folder / ".records" / f"{STEM}.json").write_text("{")
    return task, "not made yet"


CHANGES = [change_steps, change_replacement, change_context, change_version, change_input, change_members,
           change_reference, remove_product, truncate_product, spoil_record]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_whatever_decides_the_products_is_noticed_when_it_changes(change, task, runs, monkeypatch):
    tasks.run_all([task], SEQUENTIAL, None)
    changed, reason = change(task, monkeypatch)
    assert tasks.why_stale(changed) == reason
    tasks.run_all([changed], SEQUENTIAL, None)
    assert len(runs) == 2
    assert tasks.why_stale(changed) is None


def test_a_copied_workspace_is_not_reduced_again_and_its_files_are_read_only_once(task, runs, monkeypatch):
    tasks.run_all([task], SEQUENTIAL, None)
    root = task.root.with_name("copy")
    shutil.copytree(task.root, root, copy_function=shutil.copyfile)
    moved = replace(task, root=root, folder=root / "Source" / "stage1",
                    members=(Member(root / "Source" / "uncal" / f"{STEM}_uncal.fits", "science"),))  # fmt: skip
    for path in root.rglob("*.fits"):
        os.utime(path, ns=(1, 1))
    assert tasks.why_stale(moved) is None
    monkeypatch.setattr(records, "stamp", None)  # a second look that reads a file fails
    assert tasks.why_stale(moved) is None


def test_a_run_that_stops_leaves_the_products_of_the_run_before(task, runs, monkeypatch):
    tasks.run_all([task], SEQUENTIAL, None)
    before = (task.folder / f"{STEM}_rate.fits").read_bytes()

    def stop(task, source, folder):
        (folder / f"{STEM}_rate.fits").write_bytes(b"half")
        raise PipelineError("stopped")

    monkeypatch.setattr(tasks, "_run", stop)
    with pytest.raises(PipelineError, match="stopped"):
        tasks.run_all([replace(task, steps={})], SEQUENTIAL, None)
    assert (task.folder / f"{STEM}_rate.fits").read_bytes() == before
    assert names(task) == [".records", f"{STEM}_rate.fits", f"{STEM}_rateints.fits"]


def test_what_a_killed_worker_left_is_cleared_away(task, runs):
    left = task.folder / f".writing-detector1-{STEM}"
    left.mkdir(parents=True)
    (left / f"{STEM}_jump.fits").touch()
    tasks.run_all([task], SEQUENTIAL, None)
    assert names(task) == [".records", f"{STEM}_rate.fits", f"{STEM}_rateints.fits"]


def test_a_run_without_a_product_is_an_error(task, monkeypatch):
    monkeypatch.setattr(tasks, "_run", lambda *_: None)
    with pytest.raises(PipelineError, match=r"did not write a product\. The log is .*one\.log"):
        tasks.run_all([task], SEQUENTIAL, None)


def test_of_two_that_want_the_same_products_at_once_one_makes_them_and_the_other_finds_them(task, runs, monkeypatch):
    make, begun = tasks._run, threading.Barrier(2)

    def slow(*arguments):
        threading.Event().wait(0.3)
        make(*arguments)

    def execute(_):
        begun.wait()
        return tasks.execute(task)

    monkeypatch.setattr(tasks, "_run", slow)
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(execute, range(2))
    assert len(runs) == 1
    assert sorted(first) == sorted(second)
    assert all(path.is_file() for path in first)
