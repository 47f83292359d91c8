"""A notebook that kills the worker that runs it costs only itself."""

import os
import tempfile
from types import SimpleNamespace

import pytest

from mrskit.errors import PipelineError
from mrskit.exercises.outcomes import Outcome
from mrskit.grading.intake import temp_folder
from mrskit.grading.records import Given, Record, Submission, Timing
from mrskit.grading.run import pool
from mrskit.grading.run.limits import Limits
from mrskit.grading.run.store import Store
from mrskit.workers import executor

STUDENTS = ("ada", "mallory", "bob", "carl", "dora")


def record(note=""):
    return Record("", "01_setup", "bubblewrap", (Given("01-context", Outcome.NOT_ANSWERED),), 0, (), (), (note,))


def hostile(tries, temporary):
    """Return what prepares a worker: one student's notebook kills it each time."""

    def prepare():
        import os
        import tempfile as temp
        from pathlib import Path

        from mrskit.grading.intake import temp_folder as folders
        from mrskit.grading.run import pool as pools

        def executed(task):
            student = task.order.submission.student
            with Path(tries, student).open("a") as stream:
                stream.write("x")
            if student == "mallory":
                folders.own_folder(Path(temporary))
                os.kill(os.getpid(), 9)
            if student == "dora":
                raise OSError("no room")
            return record_of("now"), timing

        temp.tempdir = temporary
        pools._executed = executed

    record_of, timing = record, Timing(1.0)
    return prepare


def test_notebooks_behind_one_that_kills_its_workers_are_run_in_the_same_call(tmp_path, monkeypatch):
    for name in ("tries", "temporary"):
        (tmp_path / name).mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    store, key = Store(tmp_path / "grades"), SimpleNamespace(root=tmp_path, data_digest="0")
    orders = [pool.Order(Submission(name, "01_setup", name, "0"), f"{name}-digest", 1) for name in STUDENTS]
    for order in orders:  # of a run before, as '--fresh' finds them
        store.write_record(Record(order.digest, *list(vars_of(record("before")))[1:]), Timing(1.0))
    steps = []
    with executor.session(executor.LOCAL, most=1) as workers:
        workers.start(hostile(str(tmp_path / "tries"), str(tmp_path / "temporary")))
        said = pool.run(orders, pool.Setting(key, Limits(), "bubblewrap", True, {}), store, executor.LOCAL, 1,
                        lambda: steps.append(1))  # fmt: skip
    reasons = dict(zip(STUDENTS, said, strict=True))
    assert "killed each time, at last alone: by a signal" in reasons.pop("mallory")
    assert reasons.pop("dora") == "OSError: no room"
    assert reasons == dict.fromkeys(("ada", "bob", "carl"), "")
    tried = {name: (tmp_path / "tries" / name).stat().st_size for name in STUDENTS}
    assert tried == dict.fromkeys(STUDENTS, 1) | {"mallory": 2}
    kept = {name: store.record(f"{name}-digest") for name in STUDENTS}
    assert {name for name, found in kept.items() if found is None} == {"mallory", "dora"}
    assert all(found.notes == ("now",) for found in kept.values() if found is not None)
    assert len(steps) == len(STUDENTS)
    assert list((tmp_path / "temporary").glob("mrskit-grade-*")) == []


def vars_of(made):
    return (getattr(made, name) for name in made.__dataclass_fields__)


@pytest.mark.parametrize("trap", ["link to a folder", "folder with a link as lock"])
def test_no_lock_is_made_through_a_link_that_somebody_has_left_in_the_temporary_folder(trap, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "kept").touch()
    place = tmp_path / "temporary" / "mrskit-grade-trap"
    place.parent.mkdir()
    if trap.startswith("link"):
        place.symlink_to(elsewhere)
    else:
        place.mkdir()
        (place / "lock").symlink_to(elsewhere / "lock")
    folder, lock = temp_folder.own_folder(place.parent)
    assert folder.is_dir()
    assert [path.name for path in elsewhere.iterdir()] == ["kept"]
    lock.release()
    temp_folder.remove_unused(place.parent)
    assert not folder.exists()


def test_folders_without_rights_and_deep_ones_are_removed_and_links_in_them_not_followed(tmp_path):
    (tmp_path / "kept").mkdir(mode=0o500)
    left = tmp_path / "left"
    (left / "a" / "b").mkdir(parents=True)
    (left / "a" / "link").symlink_to(tmp_path / "kept")
    (left / "a" / "b").chmod(0)
    deep = os.open(left / "a", os.O_RDONLY)
    for _ in range(1500):  # more than Python goes into, and longer than a path may be
        os.mkdir("d" * 9, dir_fd=deep)
        deep, outer = os.open("d" * 9, os.O_RDONLY, dir_fd=deep), deep
        os.close(outer)
    os.close(deep)
    (left / "a").chmod(0)
    temp_folder.remove(left)
    assert not left.exists()
    assert (tmp_path / "kept").stat().st_mode & 0o777 == 0o500


def test_of_a_failed_round_those_whose_worker_was_killed_are_run_again_and_the_others_keep_their_reason(monkeypatch):
    def run(function, tasks, scheduler, count):
        error = PipelineError("first")
        vars(error).update(failed=[(tasks[1], PipelineError("killed", tries=1, used=3e9)),
                                   (tasks[2], PipelineError("gone", tries=4)), (tasks[3], PipelineError("other"))],
                           done=[("0", ""), ("4", "no room")])  # fmt: skip
        raise error

    monkeypatch.setattr(executor, "run", run)
    tasks = [SimpleNamespace(order=SimpleNamespace(digest=str(number))) for number in range(5)]
    said = {}
    assert pool._attempt(tasks, "local", said) == [tasks[1]]
    assert (said["0"], said["3"], said["4"]) == ("", "other", "no room")
    assert "it used 3.0 GB" in said["1"] and "by a signal" in said["2"]
    monkeypatch.setattr(executor, "run", lambda *_: (_ for _ in ()).throw(PipelineError("no workers")))
    with pytest.raises(PipelineError, match="no workers"):
        pool._attempt(tasks, "local", said)
