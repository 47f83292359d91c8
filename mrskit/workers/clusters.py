"""Sources of workers: processes on this machine, a remote Dask scheduler, or jobs on a SLURM cluster."""

from __future__ import annotations

import logging
import os
import re
import shlex
import shutil
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING

from mrskit.errors import PipelineError

if TYPE_CHECKING:
    from distributed import Client

LOCAL, NONE, SLURM = "local", "none", "slurm"
WORKER_MEMORY = 4e9  # bytes that a worker may need: limits the number of local workers, and is asked for from SLURM
MOST_JOBS = 12  # of a SLURM cluster, where no number is given
CONNECT_TIMEOUT = "10s"  # for a scheduler elsewhere
SCRATCH = '"${SLURM_TMPDIR:-${TMPDIR:-/tmp}}"'  # of the node: the shell of the job script fills it in
# What workers need to know to find reference files.
REFERENCES = ("CRDS_PATH", "CRDS_CONTEXT", "CRDS_SERVER_URL", "CRDS_READONLY_CACHE")

_THREADS = {name: "1" for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")}
_WORKER_SETTINGS = {
    "distributed.worker.multiprocessing-method": "spawn",
    # Our items keep nothing in Dask's memory: there is nothing to spill, and a worker that pauses never goes on.
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.terminate": 0.95,
    # A step computes for minutes without letting go of the interpreter's lock: that is no dead worker.
    "distributed.comm.timeouts.connect": "60s",
    "distributed.admin.tick.limit": "1h",
    # What Dask notes of its own work grows with every item, and nobody reads it here.
    "distributed.worker.profile.enabled": False,
    "distributed.admin.low-level-log-length": 100,
    "distributed.admin.log-length": 1000,
    "distributed.admin.system-monitor.log-length": 100,
}
_SETTINGS = _WORKER_SETTINGS | {
    "distributed.nanny.pre-spawn-environ": _THREADS,
    "distributed.scheduler.allowed-failures": 2,
    "distributed.scheduler.worker-saturation": 1.0,
    "distributed.scheduler.worker-ttl": None,
    "distributed.scheduler.unknown-task-duration": "1m",  # so that jobs are asked for at once, not one by one
}


def check(scheduler: str) -> None:
    """Check that a scheduler is known or an address; PipelineError if not."""
    if scheduler in (LOCAL, NONE) or "://" in scheduler:
        return
    _jobs(scheduler)


def connected(scheduler: str, most: int | None = None, memory: float | None = None) -> AbstractContextManager[Client]:
    """
    Return the context of a client with its workers; workers started by this context end with it.

    ``scheduler``: ``local``, ``slurm``, ``slurm:8``, ``slurm:2-8``, or the address of a running Dask scheduler;
    ``most``: largest useful number of workers; ``memory``: memory limit of a local worker, bytes; by default the
    machine's, shared among the workers. PipelineError on entering, if the scheduler is unknown, does not answer, or
    SLURM is not installed.
    """
    check(scheduler)
    if scheduler == LOCAL:
        return _local(most, memory)
    if "://" in scheduler:
        return _remote(scheduler)
    return _slurm(*_jobs(scheduler), most)


@contextmanager
def _local(most: int | None, memory: float | None) -> Iterator[Client]:
    import dask
    from dask.system import CPU_COUNT
    from distributed import Client, LocalCluster
    from distributed.system import MEMORY_LIMIT

    workers = max(1, min(CPU_COUNT, int(MEMORY_LIMIT // WORKER_MEMORY), most or CPU_COUNT))
    with dask.config.set(_SETTINGS), _quiet(), _without_main():
        cluster = LocalCluster(
            n_workers=workers, threads_per_worker=1, processes=True, memory_limit=int(memory or MEMORY_LIMIT / workers),
            host="127.0.0.1", dashboard_address="127.0.0.1:0", silence_logs=logging.CRITICAL, env=_THREADS,
        )  # fmt: skip
        with cluster, Client(cluster, set_as_default=False) as client:
            yield client


@contextmanager
def _remote(address: str) -> Iterator[Client]:
    from distributed import Client

    try:
        client = Client(address, timeout=CONNECT_TIMEOUT, set_as_default=False)
    except (OSError, ValueError) as error:
        raise PipelineError(f"no Dask scheduler answers at {address!r} ({error}); expected 'local', 'none', 'slurm' or "
                            "the address that 'dask scheduler' prints. Start a scheduler, or use --scheduler local.",
                            scheduler=address) from error  # fmt: skip
    with client:
        yield client


@contextmanager
def _slurm(least: int, jobs: int, most: int | None) -> Iterator[Client]:
    import dask
    from distributed import Client

    if shutil.which("sbatch") is None:
        raise PipelineError("this machine has no sbatch. Use '--scheduler slurm' where jobs are submitted, e.g. on "
                            "the login node of a cluster. Use --scheduler local here.", scheduler=SLURM)  # fmt: skip
    with dask.config.set(_SETTINGS), _quiet(), job_cluster() as cluster:
        most = max(least, 1, min(jobs, most or jobs))
        if least == jobs:
            cluster.scale(jobs=most)
        else:
            cluster.adapt(minimum_jobs=least, maximum_jobs=most, wait_count=30)
        with Client(cluster, set_as_default=False) as client:
            yield client


def job_cluster(kind: type | None = None):
    """
    Return a dask-jobqueue cluster without jobs: one single-threaded worker per job.

    Dask's ``jobqueue.yaml`` gives queue, account, walltime, network interface and other settings. This function sets
    missing entries: memory, the node's scratch folder, the folder for logs.

    ``kind``: class of the cluster; by default ``dask_jobqueue.SLURMCluster``.
    """
    import dask
    import dask_jobqueue
    import platformdirs

    kind = kind or dask_jobqueue.SLURMCluster
    section = f"jobqueue.{kind.job_cls.config_name}"  # type: ignore[attr-defined]  # each of its classes has one
    defaults = {
        "memory": f"{WORKER_MEMORY / 1e9:g}GB",
        "local-directory": SCRATCH,
        "log-directory": str(platformdirs.user_log_path("mrskit") / "jobs"),
    }
    chosen = {name.replace("-", "_"): dask.config.get(f"{section}.{name}") or value for name, value in defaults.items()}
    prologue = [*(dask.config.get(f"{section}.job-script-prologue") or ()), *_exports()]
    return kind(cores=1, processes=1, job_script_prologue=prologue, silence_logs=logging.CRITICAL, **chosen)


def _exports() -> list[str]:
    """Return the job script's lines that give its worker the same environment as local workers."""
    values = {name: os.environ[name] for name in REFERENCES if name in os.environ} | _THREADS
    for name, value in _WORKER_SETTINGS.items():
        values[f"DASK_{name.upper().replace('-', '_').replace('.', '__')}"] = str(value)
    return [f"export {name}={shlex.quote(value)}" for name, value in values.items()]


def _jobs(scheduler: str) -> tuple[int, int]:
    """Return the smallest and the largest number of jobs for ``slurm``, ``slurm:8`` or ``slurm:2-8``."""
    match = re.fullmatch(r"slurm(?::(?:(\d+)-)?([1-9]\d*))?", scheduler)
    if match is None or int(match[1] or 0) > int(match[2] or MOST_JOBS):
        raise PipelineError(
            f"unknown scheduler {scheduler!r}: expected local, none, slurm, slurm:8 (jobs), slurm:2-8 (as many as "
            "there is work for), or an address such as tcp://host:8786.", scheduler=scheduler,
        )  # fmt: skip
    if match[2] is None:
        return 0, MOST_JOBS
    return int(match[1] or match[2]), int(match[2])


@contextmanager
def _quiet() -> Iterator[None]:
    """Hide messages about starting and stopping workers from notebooks and test reports."""
    loggers = [logging.getLogger(name) for name in ("distributed", "tornado.application", "asyncio", "dask_jobqueue")]
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
    Make worker processes start without running the main script again.

    A spawned process imports its parent's ``__main__``, so a script without ``if __name__ == "__main__"`` would start
    workers endlessly. Workers do not need the script, because functions come from modules.
    """
    main = sys.modules["__main__"]
    names = [name for name in ("__file__", "__spec__") if hasattr(main, name)]
    hidden = {name: getattr(main, name) for name in names}
    vars(main).pop("__file__", None)  # not None: a package that asks inspect for its caller takes that for built in
    main.__spec__ = None
    try:
        yield
    finally:
        vars(main).update(hidden)
