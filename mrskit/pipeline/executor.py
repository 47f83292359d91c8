"""Many exposures on one engine: Dask workers of this machine, a Dask scheduler elsewhere, or this process."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

from mrskit.errors import MrskitError, PipelineError

LOCAL, NONE = "local", "none"
WORKER_MEMORY = 4e9  # bytes that a worker may need: limits the number of local workers
CONNECT_TIMEOUT = "10s"  # for a scheduler elsewhere
_THREADS = {name: "1" for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")}
_ENVIRONMENT = ("CRDS_PATH", "CRDS_CONTEXT", "CRDS_SERVER_URL")  # handed to workers with every item

Progress = Callable[[str], None]

_open_session: ContextVar[Session | None] = ContextVar("mrskit_session", default=None)


def run(function: Callable, items: Iterable, scheduler: str = LOCAL, progress: Progress | None = None) -> list:
    """
    Return ``[function(item) for item in items]``, computed by several processes, in the order of the items.

    Parameters
    ----------
    function : callable
        Defined in a module; takes one item.
    items : iterable
        What can be pickled. The attribute ``name``, if there is one, names an item in messages.
    scheduler : str
        ``local``: one single-threaded process a core, as far as the memory reaches. ``none``: this process, one by
        one. Anything else: the address of a running Dask scheduler, e.g. ``tcp://host:8786``.
    progress : callable, optional
        Called with a line of text as each item is finished.

    Raises
    ------
    PipelineError
        If an item failed (the others are finished first), or the scheduler cannot be reached. Errors of the kit
        are raised as they are.
    """
    items = list(items)
    if not items:
        return []
    if scheduler == NONE:
        return _sequential(function, items, progress)
    with session(scheduler, most=len(items)) as current:
        return _distributed(current.client(), function, items, progress)


@contextmanager
def session(scheduler: str = LOCAL, most: int | None = None) -> Iterator[Session]:
    """
    Keep the workers between calls of `run` inside the block, so that each of them imports the pipeline once.

    Workers are started by the first call that has something to do. A session inside another one uses its workers.

    Parameters
    ----------
    scheduler : str
        As in `run`.
    most : int, optional
        Largest number of local workers; by default as many as cores and memory allow.
    """
    outer = _open_session.get()
    if outer is not None and outer.scheduler == scheduler:
        yield outer
        return
    current = Session(scheduler, most)
    token = _open_session.set(current)
    try:
        yield current
    finally:
        _open_session.reset(token)
        current.close()


class Session:
    """The workers of one scheduler, started when they are needed; made by `session`."""

    def __init__(self, scheduler: str, most: int | None) -> None:
        self.scheduler = scheduler
        self._most = most
        self._client = None
        self._stack = contextlib.ExitStack()

    def client(self):
        """Return the connected client; the first call starts the workers."""
        if self._client is None:
            make = _local_client(self._most) if self.scheduler == LOCAL else _remote_client(self.scheduler)
            self._client = self._stack.enter_context(make)
        return self._client

    @property
    def address(self) -> str:
        """Where other processes reach the same workers: what they pass as ``scheduler``. Starts the workers."""
        return self.scheduler if self.scheduler == NONE else self.client().scheduler.address

    def close(self) -> None:
        """Stop the workers that this session has started."""
        self._stack.close()
        self._client = None


@contextmanager
def _local_client(most: int | None) -> Iterator:
    import dask
    from dask.system import CPU_COUNT
    from distributed import Client, LocalCluster
    from distributed.system import MEMORY_LIMIT

    workers = max(1, min(CPU_COUNT, int(MEMORY_LIMIT // WORKER_MEMORY), most or CPU_COUNT))
    settings = {
        "distributed.worker.multiprocessing-method": "spawn",
        "distributed.nanny.pre-spawn-environ": _THREADS,
        "distributed.scheduler.allowed-failures": 2,
        "distributed.scheduler.worker-saturation": 1.0,
        # A step computes for minutes without letting go of the interpreter's lock: that is no dead worker.
        "distributed.comm.timeouts.connect": "60s",
        "distributed.scheduler.worker-ttl": None,
        "distributed.admin.tick.limit": "1h",
    }
    with dask.config.set(settings), _quiet(), _without_main():
        cluster = LocalCluster(
            n_workers=workers, threads_per_worker=1, processes=True, memory_limit=int(MEMORY_LIMIT / workers),
            host="127.0.0.1", dashboard_address="127.0.0.1:0", silence_logs=logging.CRITICAL, env=_THREADS,
        )  # fmt: skip
        with cluster, Client(cluster, set_as_default=False) as client:
            yield client


@contextmanager
def _remote_client(address: str) -> Iterator:
    from distributed import Client

    try:
        client = Client(address, timeout=CONNECT_TIMEOUT, set_as_default=False)
    except (OSError, ValueError) as error:
        raise PipelineError(f"no Dask scheduler answers at {address!r} ({error}); expected 'local', 'none' or the "
                            "address that 'dask scheduler' prints. Start one, or use --scheduler local.",
                            scheduler=address) from error  # fmt: skip
    with client:
        yield client


def _sequential(function: Callable, items: Sequence, progress: Progress | None) -> list:
    results, failures = [], []
    for item in items:
        try:
            seconds, value = _timed(function, item, {})
        except Exception as error:  # the others are finished first, then the first failure is raised
            failures.append((item, error))
            value, seconds = None, None
        results.append(value)
        _report(progress, len(results), len(items), item, seconds)
    _raise(failures, len(items))
    return results


def _distributed(client, function: Callable, items: Sequence, progress: Progress | None) -> list:
    from distributed import as_completed

    environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    futures = [client.submit(_timed, function, item, environment, pure=False) for item in items]
    place = {future.key: index for index, future in enumerate(futures)}
    results, failures = [None] * len(items), []
    for done, future in enumerate(as_completed(futures, loop=client.loop), start=1):
        index = place[future.key]
        error = future.exception()
        seconds = None
        if error is None:
            seconds, results[index] = future.result()
        else:
            failures.append((items[index], error))
        _report(progress, done, len(items), items[index], seconds)
    _raise(failures, len(items))
    return results


def _timed(function: Callable, item: object, environment: dict[str, str]) -> tuple[float, object]:
    os.environ.update(environment)
    start = time.monotonic()
    value = function(item)
    return time.monotonic() - start, value


def _report(progress: Progress | None, done: int, total: int, item: object, seconds: float | None) -> None:
    if progress is not None:
        progress(f"{done}/{total} {_label(item)}: {'failed' if seconds is None else f'{seconds:.1f} s'}")


def _label(item: object) -> str:
    return str(getattr(item, "name", item))


def _raise(failures: list[tuple[object, Exception]], total: int) -> None:
    if not failures:
        return
    item, error = failures[0]
    if isinstance(error, MrskitError):
        raise error
    raise PipelineError(f"{_label(item)}: {type(error).__name__}: {error} ({len(failures)} of {total} items failed; "
                        "the others are done and will not be done again).", item=item) from error  # fmt: skip


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the messages of starting and stopping workers away from notebooks and test reports."""
    loggers = [logging.getLogger(name) for name in ("distributed", "tornado.application", "asyncio")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


@contextmanager
def _without_main() -> Iterator[None]:
    """
    Let worker processes start without running the main script again.

    A spawned process imports ``__main__`` of its parent; a script without ``if __name__ == "__main__"`` would start
    its own workers, and so on without end. Workers need nothing from it: functions come from modules.
    """
    main = sys.modules["__main__"]
    hidden = {name: getattr(main, name) for name in ("__file__", "__spec__") if getattr(main, name, None) is not None}
    for name in hidden:
        setattr(main, name, None)
    try:
        yield
    finally:
        for name, value in hidden.items():
            setattr(main, name, value)
