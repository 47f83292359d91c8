"""A lock is held by one, waited for as long as is said, and opened by the end of its process."""

import errno
import fcntl
import subprocess
import sys
import threading
import time

import pytest

from mrskit.kept import lock

HOLD = """
import sys, time
from pathlib import Path
from mrskit.kept import lock
with lock.held(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def holder(tmp_path):
    """A process that holds the lock."""
    process = subprocess.Popen([sys.executable, "-c", HOLD, tmp_path / "new" / "a.lock"], stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"held\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_who_does_not_wait_is_told_that_another_process_holds_the_lock(holder, tmp_path):
    with lock.held(tmp_path / "new" / "a.lock", patience=0) as mine:
        assert not mine
    assert lock.take(tmp_path / "new" / "a.lock", patience=0.2) is None


def test_the_end_of_a_process_opens_its_lock_for_who_waits(holder, tmp_path):
    threading.Timer(0.5, holder.kill).start()
    began = time.monotonic()
    with lock.held(tmp_path / "new" / "a.lock") as mine:
        assert mine and time.monotonic() - began > 0.4


def test_threads_of_one_process_wait_for_each_other_too(tmp_path):
    inside, most = [], []

    def work():
        with lock.held(tmp_path / "a.lock") as mine:
            inside.append(mine)
            most.append(len(inside))
            time.sleep(0.05)
            inside.pop()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1, 1, 1, 1]


def test_a_lock_that_was_taken_is_held_until_it_is_let_go(tmp_path):
    mine = lock.take(tmp_path / "a.lock")
    assert lock.take(tmp_path / "a.lock", patience=0) is None
    mine.release()
    with lock.held(tmp_path / "a.lock", patience=0) as free:
        assert free


@pytest.mark.parametrize("code", [errno.ENOLCK, errno.EOPNOTSUPP])
def test_on_a_file_system_without_locks_the_work_goes_on(tmp_path, monkeypatch, code):
    def none_here(*_):
        raise OSError(code, "no locks here")

    monkeypatch.setattr(fcntl, "flock", none_here)
    with lock.held(tmp_path / "a.lock") as mine:
        assert mine


def test_a_folder_that_cannot_be_made_is_no_lock(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError), lock.held(tmp_path / "file" / "a.lock"):
        pytest.fail("there is no lock")
