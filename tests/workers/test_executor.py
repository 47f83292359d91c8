"""Items on local workers, on a scheduler elsewhere and in this process: order, errors, a killed worker."""

import math
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from mrskit.errors import PipelineError, ProductError
from mrskit.workers import clusters, executor


@dataclass(frozen=True)
class Item:
    """Something with a name that dies once, if its folder says so."""

    name: str
    folder: Path | None = None


# Functions that run in workers are sent by value: a test module cannot be imported there.
def make_functions():
    def kill_once(item):
        import os as system

        if item.folder is not None and not (item.folder / "killed").exists():
            (item.folder / "killed").touch()
            system.kill(system.getpid(), signal.SIGKILL)
        if item.folder is None:
            return 0
        return (item.folder / "killed").exists() + 0

    def environment(_item):
        import os as system

        return system.environ.get("CRDS_CONTEXT"), system.environ.get("OPENBLAS_NUM_THREADS"), system.getpid()

    def refuse(_item):
        from mrskit.errors import ProductError as Refused

        raise Refused("short.fits: truncated", path="short.fits")

    return kill_once, environment, refuse


KILL_ONCE, ENVIRONMENT, REFUSE = make_functions()


def test_results_come_in_the_order_of_the_items_in_this_process():
    lines = []
    assert executor.run(math.sqrt, [9.0, 1.0, 4.0], "none", lines.append) == [3.0, 1.0, 2.0]
    assert lines[0].startswith("1/3 9.0: ")


def test_no_items_start_no_workers(monkeypatch):
    monkeypatch.setattr(clusters, "connected", None)
    assert executor.run(math.sqrt, []) == []


def test_results_come_in_the_order_of_the_items_from_workers_of_their_own():
    lines = []
    assert executor.run(math.sqrt, [9.0, 1.0, 4.0], progress=lines.append) == [3.0, 1.0, 2.0]
    assert sorted(line.split()[1] for line in lines) == ["1.0:", "4.0:", "9.0:"]


def test_workers_get_the_crds_context_and_one_thread_and_serve_a_whole_session(monkeypatch):
    monkeypatch.setenv("CRDS_CONTEXT", "jwst_0042.pmap")
    with executor.session():
        first = executor.run(ENVIRONMENT, range(8))
        monkeypatch.setenv("CRDS_CONTEXT", "jwst_0043.pmap")
        second = executor.run(ENVIRONMENT, range(8))
    assert {(context, threads) for context, threads, _ in first} == {("jwst_0042.pmap", "1")}
    assert {context for context, *_ in second} == {"jwst_0043.pmap"}
    workers = {process for *_, process in first}
    assert workers & {process for *_, process in second}
    assert os.getpid() not in workers


def test_a_killed_worker_costs_its_item_alone(tmp_path):
    items = [Item("a"), Item("b", tmp_path), Item("c"), Item("d")]
    assert executor.run(KILL_ONCE, items) == [0, 1, 0, 0]


@pytest.mark.parametrize("scheduler", ["local", "none"])
def test_an_error_names_its_item_and_comes_after_the_others_are_done(scheduler):
    lines = []
    with pytest.raises(PipelineError, match=r"-1\.0: ValueError: .* \(1 of 3 items failed") as caught:
        executor.run(math.sqrt, [4.0, -1.0, 9.0], scheduler, lines.append)
    assert isinstance(caught.value.__cause__, ValueError)
    assert len(lines) == 3


@pytest.mark.parametrize("scheduler", ["local", "none"])
def test_an_error_of_the_kit_arrives_as_it_is_with_its_facts(scheduler):
    with pytest.raises(ProductError, match=r"short\.fits: truncated") as caught:
        executor.run(REFUSE, [1], scheduler)
    assert caught.value.path == "short.fits"


@pytest.mark.parametrize("scheduler", ["none", "local"])
def test_a_library_that_ends_the_process_costs_its_item_alone_and_no_worker(scheduler):
    def leave(item):
        raise SystemExit(-1)

    with pytest.raises(PipelineError, match=r"one: a library ended the run \(SystemExit: -1\)"):
        executor.run(leave, [Item("one")], scheduler)


def test_a_scheduler_elsewhere_is_used_and_left_running():
    from distributed import Client, LocalCluster

    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address="127.0.0.1:0", silence_logs=50) as cluster:
        assert executor.run(math.sqrt, [16.0], cluster.scheduler_address) == [4.0]
        with Client(cluster) as client:
            assert client.submit(math.sqrt, 25.0).result() == 5.0


def test_local_means_the_workers_whose_address_a_process_was_given(monkeypatch):
    with executor.session(most=1) as own:
        [(*_, worker)] = executor.run(ENVIRONMENT, [0])
        monkeypatch.setenv(executor.SHARED, own.address)
        [(*_, again)] = executor.run(ENVIRONMENT, [0], "local")
    assert again == worker


def test_a_scheduler_that_does_not_answer_is_named(monkeypatch):
    monkeypatch.setattr(clusters, "CONNECT_TIMEOUT", "1s")
    with pytest.raises(PipelineError, match=r"no Dask scheduler answers at 'tcp://127\.0\.0\.1:9'.*--scheduler local"):
        executor.run(math.sqrt, [1.0], "tcp://127.0.0.1:9")


def test_a_script_without_a_main_guard_does_not_start_workers_for_ever(tmp_path):
    script = tmp_path / "script.py"
    script.write_text("import math\nfrom mrskit.workers import executor\nprint(executor.run(math.sqrt, [4.0, 9.0]))\n")
    answer = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=100, check=True)
    assert answer.stdout.strip() == "[2.0, 3.0]"
    assert answer.stderr == ""
