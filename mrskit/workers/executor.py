"""Parallel processing of exposures by local or remote Dask workers, SLURM jobs, or this process."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mrskit.errors import PipelineError
from mrskit.workers import clusters, failures, usage
from mrskit.workers.clusters import LOCAL, NONE
from mrskit.workers.usage import Usage

if TYPE_CHECKING:
    from distributed import Client

PATIENCE = 5.0  # s between two looks whether there are workers at all
WORKERS_TIMEOUT = 60.0  # s that a scheduler elsewhere may be without any worker
SHARED = "MRSKIT_SCHEDULER"  # environment variable: address of the workers that "local" means in this process

Progress = Callable[[str], None]

_open_session: ContextVar[Session | None] = ContextVar("mrskit_session", default=None)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a function and its cost."""

    value: object
    usage: Usage


def run(function: Callable, items: Iterable, scheduler: str = LOCAL, progress: Progress | None = None) -> list:
    """
    Return ``[function(item) for item in items]``, computed by several processes, in the order of the items.

    The function must be defined in a module. Items must be picklable; messages use their attributes ``name`` and
    ``stage``. The scheduler is ``local``: one single-threaded process per core, if the memory suffices; ``none``: this
    process; ``slurm``, ``slurm:8``, ``slurm:2-8``: SLURM jobs, at most 12, exactly 8, or as many as needed; else the
    address of a running Dask scheduler. ``progress`` gets a line for each finished item. PipelineError if an item
    failed (after the other items have finished), or the scheduler cannot be reached. Errors of the kit are raised
    unchanged.
    """
    return [outcome.value for outcome in outcomes(function, items, scheduler, progress)]


def outcomes(
    function: Callable, items: Iterable, scheduler: str = LOCAL, progress: Progress | None = None
) -> list[Outcome]:
    """Return each value with its run time and peak memory; arguments and errors as for `run`."""
    items = list(items)
    if not items:
        return []
    if scheduler == NONE:
        return _sequential(function, items, progress)
    with session(scheduler, most=len(items)) as current:
        return _distributed(current, function, items, progress)


@contextmanager
def session(scheduler: str = LOCAL, most: int | None = None, memory: float | None = None) -> Iterator[Session]:
    """
    Keep the workers between calls of `run` inside the block, so that each worker imports the pipeline only once.

    The first call with work, or `Session.start`, starts the workers. A nested session uses the outer session's workers,
    and so does a local session in a process that knows their address, see `SHARED`.

    ``scheduler``: as in `run`; ``most``: largest number of local workers or jobs; by default as many as cores and
    memory allow; ``memory``: memory limit of a local worker, bytes; by default the machine's, shared among the workers.
    """
    if scheduler == LOCAL:
        scheduler = os.environ.get(SHARED, LOCAL)
    outer = _open_session.get()
    if outer is not None and outer.scheduler == scheduler:
        yield outer
        return
    current = Session(scheduler, most, memory)
    token = _open_session.set(current)
    try:
        yield current
    finally:
        _open_session.reset(token)
        current.close()


class Session:
    """The workers of one scheduler, started on demand; made by `session`."""

    def __init__(self, scheduler: str, most: int | None = None, memory: float | None = None) -> None:
        clusters.check(scheduler)
        self.scheduler = scheduler
        self._limits = (most, memory)
        self._client: Client | None = None
        self._stack = contextlib.ExitStack()

    def client(self):
        """Return the connected client; the first call starts the workers."""
        if self._client is None:
            self._client = self._stack.enter_context(clusters.connected(self.scheduler, *self._limits))
        return self._client

    @property
    def address(self) -> str:
        """The scheduler's address, by which other processes use the same workers. Starts the workers."""
        return self.scheduler if self.scheduler == NONE else self.client().scheduler.address

    def start(self, prepare: Callable[[], None]) -> None:
        """Start the workers now; each first calls a module's function in the background."""
        if self.scheduler != NONE:
            from mrskit.workers.warmup import Prepared

            self.client().register_plugin(Prepared(prepare))

    def interrupt(self, futures: Sequence) -> None:
        """Cancel some items and stop their workers at once; the session stays usable."""
        client = self.client()
        keys = {future.key for future in futures}
        busy = [worker for worker, work in client.processing().items() if keys & set(work)]
        client.cancel(futures, force=True)
        if self.scheduler == LOCAL:  # each is started anew by its watcher
            watchers = client.cluster.workers.values()
            for process in [watcher.pid for watcher in watchers if watcher.worker_address in busy]:
                with contextlib.suppress(ProcessLookupError, TypeError):
                    os.kill(process, signal.SIGKILL)
        else:
            client.restart_workers(busy, timeout=10, raise_for_error=False)

    def close(self) -> None:
        """Stop the workers of this session."""
        self._client = None
        self._stack.close()


def in_worker() -> bool:
    """Return whether this code runs in a Dask worker, which shares the cores with other processes."""
    return _worker() is not None


def _worker():
    if "distributed" not in sys.modules:
        return None
    from distributed import get_worker

    try:
        return get_worker()
    except ValueError:
        return None


def _sequential(function: Callable, items: Sequence, progress: Progress | None) -> list[Outcome]:
    results: list[Outcome | None] = []
    failed = []
    for item in items:
        try:
            results.append(_measured(function, item, {}))
        except Exception as error:  # the others are finished first, then the first failure is raised
            failed.append((item, error))
            results.append(None)
        _report(progress, len(results), len(items), item, results[-1])
    done = [result for result in results if result is not None]
    failures.raise_first(failed, [outcome.value for outcome in done])
    return done


def _distributed(
    current: Session, function: Callable, items: Sequence, progress: Progress | None
) -> list[Outcome]:  # fmt: skip
    client = current.client()
    environment = {name: os.environ[name] for name in clusters.REFERENCES if name in os.environ}
    futures = [client.submit(_measured, function, item, environment, pure=False) for item in items]
    waiting = {future.key: (index, future) for index, future in enumerate(futures)}
    results: list[Outcome | None] = [None] * len(items)
    failed = []
    try:
        for done, future in enumerate(_as_finished(current, [future for _, future in waiting.values()], progress), 1):
            index, _ = waiting.pop(future.key)
            if (error := future.exception()) is None:
                results[index] = future.result()
            else:
                failed.append((items[index], error))
            future.release()  # a worker that dies later does not take the result with it
            _report(progress, done, len(items), items[index], results[index])
    except BaseException:  # Ctrl-C above all
        with contextlib.suppress(Exception):  # a scheduler that is gone, workers that nobody can start anew
            current.interrupt([future for _, future in waiting.values()])
        raise
    whole = [result for result in results if result is not None]
    failures.raise_first(failed, [outcome.value for outcome in whole], current)
    return whole


def _as_finished(current: Session, futures: Sequence, progress: Progress | None) -> Iterator:
    """Yield futures as they finish, and check from time to time that workers exist."""
    finished: queue.SimpleQueue = queue.SimpleQueue()
    for future in futures:
        future.add_done_callback(finished.put)
    seen = time.monotonic()  # when there has last been a worker
    for _ in range(len(futures)):
        while True:
            try:
                yield finished.get(timeout=PATIENCE)
                break
            except queue.Empty:
                seen = _look_for_workers(current, seen, progress)


def _look_for_workers(current: Session, seen: float, progress: Progress | None) -> float:
    if current.client().scheduler_info(n_workers=-1)["workers"]:
        return time.monotonic()
    waited = time.monotonic() - seen
    if current.scheduler.startswith(clusters.SLURM):
        if progress is not None:
            progress(f"no job has begun for {waited:.0f} s: 'squeue --me' shows why")
    elif waited > WORKERS_TIMEOUT:
        address = current.address
        raise PipelineError(f"the Dask scheduler at {address} has had no worker for {waited:.0f} s. Start a worker "
                            f"with 'dask worker {address} --nthreads 1'.", scheduler=address)  # fmt: skip
    return seen


def _measured(function: Callable, item: object, environment: dict[str, str]) -> Outcome:
    """Run one item, in a worker or here, and return its value and cost."""
    os.environ.update(environment)
    if (worker := _worker()) is not None:
        if worker.state.nthreads > 1:
            raise PipelineError(f"the Dask worker {worker.address} has {worker.state.nthreads} threads; each exposure "
                                "needs its own process. Start workers with '--nthreads 1 --nworkers N'.",
                                worker=worker.address)  # fmt: skip
        from mrskit.workers import warmup

        warmup.wait()
    with usage.measured() as meter:
        try:
            value = function(item)
        except SystemExit as error:  # a library that ends the process; the worker would be lost, each time again
            raise PipelineError(f"{failures.label(item)}: a library ended the run (SystemExit: {error}).") from error
        return Outcome(value, meter.read())


def _report(progress: Progress | None, done: int, total: int, item: object, outcome: Outcome | None) -> None:
    if progress is not None:
        cost = outcome and f"{outcome.usage.seconds:.1f} s, {outcome.usage.peak_memory / 1e9:.2f} GB"
        progress(f"{done}/{total} {failures.label(item)}: {cost or 'failed'}")
