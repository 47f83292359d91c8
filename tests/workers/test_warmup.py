"""Workers that prepare themselves before their first item, also those that come later."""

import time

from mrskit.pipeline.ahead import import_pipeline
from mrskit.workers import executor


def make_functions(folder):
    def prepare():
        import os as system
        import time as clock

        clock.sleep(1.0)
        (folder / str(system.getpid())).touch()

    def prepared(_item):
        import os as system

        return (folder / str(system.getpid())).exists()

    def imported(_item):
        import sys as system

        return "jwst.pipeline" in system.modules

    def die(folder):
        import os as system

        if not (folder / "dead").exists():
            (folder / "dead").touch()
            system.kill(system.getpid(), 9)
        return prepared(folder)

    return prepare, prepared, imported, die


def test_every_worker_has_prepared_itself_before_its_first_item_also_one_that_replaces_a_dead_one(tmp_path):
    prepare, prepared, _, die = make_functions(tmp_path)
    with executor.session(most=2) as current:
        began = time.monotonic()
        current.start(prepare)
        assert time.monotonic() - began < 10
        assert all(executor.run(prepared, range(6)))
        assert executor.run(die, [tmp_path]) == [True]


def test_workers_import_the_pipeline_while_the_caller_goes_on(tmp_path):
    *_, imported, _ = make_functions(tmp_path)
    with executor.session(most=1) as current:
        current.start(import_pipeline)
        assert executor.run(imported, [1]) == [True]


def test_processes_that_are_given_the_address_use_the_same_workers(tmp_path):
    prepare, prepared, *_ = make_functions(tmp_path)
    with executor.session(most=1) as current:
        current.start(prepare)
        assert current.address.startswith("tcp://127.0.0.1:")
        assert executor.run(prepared, [1], current.address) == [True]
    assert len(list(tmp_path.iterdir())) == 1


def test_a_session_of_this_process_starts_nothing(tmp_path):
    with executor.session("none") as current:
        current.start(import_pipeline)
        assert current.address == "none"
