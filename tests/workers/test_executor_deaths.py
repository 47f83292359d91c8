"""Workers that die: killed by a signal, for want of memory, again and again, with their caller, or by Ctrl-C."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from mrskit.errors import PipelineError
from mrskit.workers import clusters, executor

GREEDY = 1e9  # bytes
LIMIT = 0.6e9  # bytes; a worker without work has 0.1e9


@dataclass(frozen=True)
class Item:
    """An exposure that writes a line whenever it is begun, and then does what its kind says."""

    name: str
    folder: Path
    kind: str = "good"
    stage: str = "detector1"
    log: str = "logs/one.log"


# Functions that run in workers are sent by value: a test module cannot be imported there.
def make_function():
    def work(item):
        import os as system
        import signal as signals
        import time as clock

        with (item.folder / item.name).open("a") as stream:
            stream.write(f"{system.getpid()}\n")
        if item.kind == "killer" or (item.kind == "victim" and (item.folder / item.name).read_text().count("\n") == 1):
            clock.sleep(0.2)
            system.kill(system.getpid(), signals.SIGKILL)
        if item.kind == "greedy":
            held = [bytearray(b"x" * 50_000_000) for _ in range(20)]
            clock.sleep(60)
            return len(held)
        return item.name.upper()

    return work


WORK = make_function()


def begun(item):
    """Return the processes that have begun an item, one a try."""
    return (item.folder / item.name).read_text().split()


def test_a_killed_worker_costs_its_item_a_second_try_and_the_others_nothing(tmp_path):
    items = [Item(name, tmp_path, "victim" if name == "b" else "good") for name in "abcdef"]
    assert executor.run(WORK, items) == ["A", "B", "C", "D", "E", "F"]
    assert {item.name: len(begun(item)) for item in items} == dict.fromkeys("acdef", 1) | {"b": 2}
    assert len(set(begun(items[1]))) == 2


def test_an_item_that_kills_every_worker_fails_after_three_tries_while_the_others_finish(tmp_path):
    items = [Item("a", tmp_path, "killer"), Item("b", tmp_path), Item("c", tmp_path)]
    lines = []
    message = (
        r"detector1 of a: its worker was killed each time, 3 times.*\(1 of 3 items failed.*The log is logs/one.log"
    )
    with pytest.raises(PipelineError, match=message) as caught:
        executor.run(WORK, items, progress=lines.append)
    assert caught.value.tries == 3 and caught.value.item == items[0]
    assert [len(begun(item)) for item in items] == [3, 1, 1]
    assert sum("failed" in line for line in lines) == 1 and len(lines) == 3


def test_an_item_that_needs_more_memory_than_its_worker_may_use_says_so(tmp_path):
    items = [Item("a", tmp_path, "greedy"), Item("b", tmp_path)]
    message = r"detector1 of a: needs more memory .* limit is 0\.60 GB\. Run it with --scheduler none.*\(1 of 2 items"
    with executor.session(most=1, memory=LIMIT), pytest.raises(PipelineError, match=message) as caught:
        executor.run(WORK, items)
    assert caught.value.limit == LIMIT and 0.95 * LIMIT < caught.value.used <= GREEDY * 1.3
    assert [len(begun(item)) for item in items] == [3, 1]


SCRIPT = """
import ctypes, json, os, sys, time
from pathlib import Path
from mrskit.workers import executor

def sleep(item):
    (Path(sys.argv[1]) if len(sys.argv) > 1 else Path(item)).joinpath(str(os.getpid())).touch()
    {wait}

executor.run(sleep, [{folder!r}] * 6)
"""
LETS_GO, HOLDS_ON = "time.sleep(60)", "ctypes.PyDLL(None).sleep(60)"  # of the interpreter's lock, as compiled code does


def start(folder, wait):
    """Run a script, in a process group of its own, that gives workers a minute of work; return when they are at it."""
    script, marks = folder / "script.py", folder / "marks"
    marks.mkdir()
    script.write_text(SCRIPT.format(wait=wait, folder=str(marks)))
    caller = subprocess.Popen([sys.executable, script], stderr=subprocess.PIPE, text=True, start_new_session=True)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and caller.poll() is None:
        workers = [int(mark.name) for mark in marks.iterdir()]
        children = [
            child for child in psutil.Process(caller.pid).children() if "spawn_main" in " ".join(child.cmdline())
        ]
        if workers and len(workers) == len(children):
            return caller
        time.sleep(0.1)
    caller.kill()
    pytest.fail(f"no workers: {caller.stderr.read()}")


def left(group, patience):
    """Return the processes of a group that are still there after some seconds."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        alive = [process for process in psutil.process_iter() if belongs(process.pid, group)]
        if not alive:
            break
        time.sleep(0.1)
    return alive


def belongs(process, group):
    try:
        return os.getpgid(process) == group
    except ProcessLookupError:
        return False


@pytest.mark.parametrize("wait", [LETS_GO, HOLDS_ON], ids=["python", "compiled"])
def test_ctrl_c_stops_caller_and_workers_within_seconds(wait, tmp_path):
    caller = start(tmp_path, wait)
    began = time.monotonic()
    os.killpg(caller.pid, signal.SIGINT)  # as a terminal does: to all of the group
    error = caller.communicate(timeout=30)[1]
    assert time.monotonic() - began < 10
    assert error.strip().splitlines()[-1] == "KeyboardInterrupt"
    assert left(caller.pid, 5) == []


def test_workers_do_not_outlive_a_caller_that_is_killed(tmp_path):
    caller = start(tmp_path, LETS_GO)
    caller.kill()
    caller.wait()
    assert left(caller.pid, 10) == []


def interrupt(_line):
    raise KeyboardInterrupt


def test_an_interrupted_session_can_be_used_again(tmp_path):
    items = [Item("a", tmp_path), *(Item(name, tmp_path, "greedy") for name in "bcd")]
    with executor.session() as current:
        with pytest.raises(KeyboardInterrupt):
            executor.run(WORK, items, progress=interrupt)
        assert executor.run(WORK, items[:1]) == ["A"]
        assert not any(current.client().processing().values())


def test_ctrl_c_stops_what_runs_on_workers_of_another_process_and_leaves_them_usable(tmp_path):
    items = [Item("a", tmp_path), Item("b", tmp_path, "greedy")]
    with executor.session(most=1) as current:  # stands for a session of another process
        began = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            executor.run(WORK, items, current.address, progress=interrupt)
        assert executor.run(WORK, items[:1], current.address) == ["A"]
        assert time.monotonic() - began < 30  # b alone takes a minute


def test_a_scheduler_whose_workers_are_gone_is_given_up_with_the_command_that_starts_one(tmp_path, monkeypatch):
    from distributed import LocalCluster

    monkeypatch.setattr(executor, "PATIENCE", 0.1)
    monkeypatch.setattr(executor, "WORKERS_TIMEOUT", 0.5)
    with LocalCluster(n_workers=0, dashboard_address="127.0.0.1:0", silence_logs=50) as cluster:
        with pytest.raises(PipelineError, match=r"has had no worker for .*'dask worker tcp://.* --nthreads 1'"):
            executor.run(WORK, [Item("a", tmp_path)], cluster.scheduler_address)


def test_a_worker_with_several_threads_is_refused(tmp_path):
    from distributed import LocalCluster

    with LocalCluster(n_workers=1, threads_per_worker=2, dashboard_address="127.0.0.1:0", silence_logs=50) as cluster:
        with pytest.raises(PipelineError, match=r"has 2 threads; .* '--nthreads 1 --nworkers N'"):
            executor.run(WORK, [Item("a", tmp_path)], cluster.scheduler_address)


def test_slurm_says_that_no_job_has_begun_and_waits(monkeypatch):
    class Idle:
        scheduler = clusters.SLURM

        def client(self):
            return self

        def scheduler_info(self, n_workers):
            return {"workers": {}}

    lines = []
    seen = time.monotonic() - 1000
    assert executor._look_for_workers(Idle(), seen, lines.append) == seen
    assert lines == ["no job has begun for 1000 s: 'squeue --me' shows why"]
