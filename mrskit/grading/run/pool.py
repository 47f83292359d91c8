"""Runs of many notebooks on the engine for exposures. Each record is stored before the next notebook begins."""

from __future__ import annotations

import atexit
import contextlib
import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mrskit.errors import GradingError, PipelineError
from mrskit.grading.intake import temp_folder
from mrskit.grading.key import Key
from mrskit.grading.records import Record, Submission, Timing
from mrskit.grading.run.limits import Limits
from mrskit.grading.run.run_digest import address
from mrskit.grading.run.store import Store
from mrskit.workers import executor

if TYPE_CHECKING:
    from mrskit.grading.run.run import Runner

_COUNTED = re.compile(r"\d+/\d+ ")  # how the engine's message on a finished item begins


@dataclass(frozen=True, slots=True)
class Order:
    """One notebook to run."""

    submission: Submission
    digest: str  # content address
    seed: int

    @property
    def name(self) -> str:
        """What messages call it."""
        return f"{self.submission.student}, {self.submission.lesson}"

    @property
    def place(self) -> tuple[str, str, str]:
        """Student, lesson and path, because a student may have several attempts."""
        return self.submission.student, self.submission.lesson, self.submission.path


@dataclass(frozen=True)
class Setting:
    """The common data of all runs of a class."""

    key: Key
    limits: Limits
    isolation: str
    trust: bool
    parameters: Mapping[str, object]

    def order(self, submission: Submission) -> Order:
        """Return the order for the run of a submission."""
        digest = address(submission, self.key, self.limits.to_json(), self.isolation, self.parameters)
        return Order(submission, digest, self.key.seed(submission.student, submission.lesson))


@dataclass(frozen=True, slots=True)
class _Task:
    """An order with all data for a worker, without the rules and their secret."""

    order: Order
    workspace: Path
    data: str  # digest of what the workspace holds
    limits: Limits
    trust: bool
    isolation: str
    parameters: Mapping[str, object]
    store: Path

    @property
    def name(self) -> str:
        return self.order.name


def setting(key: Key, trust: bool, parameters: Mapping[str, object]) -> Setting:
    """Return the common data of a class; GradingError for an invalid limit, SandboxError without a sandbox."""
    from mrskit.grading.run.sandbox import backends, mounts

    limits = limits_of(key.rules.limits)
    level = backends.best(mounts.needed(key.workspace), trust).level
    return Setting(key, limits, level, trust, dict(parameters))


def limits_of(changed: Mapping[str, float]) -> Limits:
    """Return the limits with the changes from the rules; GradingError for an unknown limit."""
    usual = Limits().to_json()
    if unknown := sorted(changed.keys() - usual.keys()):
        raise GradingError(f"grading.toml: no limit {', '.join(unknown)}; there are {', '.join(usual)}",
                           unknown=unknown)  # fmt: skip
    return replace(Limits(), **{name: type(usual[name])(value) for name, value in changed.items()})


def run(
    orders: Sequence[Order], setting: Setting, store: Store, scheduler: str, jobs: int | None, step: Callable[[], None]
) -> list[str]:
    """
    Run notebooks, store their records, and return the grader's error for each notebook, or an empty text.

    ``store``: on a disk that all workers see; ``scheduler``: as for `mrskit.workers.executor.run`; ``jobs``: largest
    number of local workers; ``step``: called after each notebook.
    """
    key = setting.key
    common = (key.root, key.data_digest, setting.limits, setting.trust, setting.isolation, setting.parameters)
    tasks = [_Task(order, *common, store.root) for order in orders]

    def count(message: str) -> None:
        if _COUNTED.match(message):
            step()

    for order in orders:  # a record that is there afterwards was made now
        store.drop_record(order.digest)
    said: dict[str, str] = {}  # digest -> what has come of it
    ended = ""  # why no more could be run
    try:
        with executor.session(scheduler, most=min(jobs or len(tasks), len(tasks))) as workers:
            if "://" not in scheduler and scheduler != executor.NONE:
                workers.client().run_on_scheduler(_try_once)
            try:
                for task in _attempt(tasks, scheduler, said, count):
                    _attempt([task], scheduler, said)  # alone: a neighbour may have taken the memory
            finally:
                if scheduler != executor.NONE:
                    with contextlib.suppress(Exception):  # there may be no workers
                        workers.client().run(_end)
                if workers.scheduler in (executor.NONE, executor.LOCAL):
                    _end()
    except PipelineError as error:  # there are no workers any more
        ended = str(error)
    return [said.get(order.digest, "" if store.has_record(order.digest) else ended) for order in orders]


def _try_once(dask_scheduler: Any) -> None:
    dask_scheduler.allowed_failures = 0


def _attempt(
    tasks: Sequence[_Task], scheduler: str, said: dict[str, str], count: Callable[[str], None] | None = None
) -> list[_Task]:
    """Run notebooks, record the results, and return the notebooks to run again because their worker was killed."""
    try:
        said.update(executor.run(_fulfil, tasks, scheduler, count))
        return []
    except PipelineError as error:
        told = vars(error)  # of all notebooks: mrskit.workers.failures
        if "failed" not in told:
            raise
        said.update(told["done"])
        killed = [(task, lost) for task, lost in told["failed"] if hasattr(lost, "tries")]
        said.update({task.order.digest: str(lost) for task, lost in told["failed"]})
    for task, lost in killed:
        used = getattr(lost, "used", 0.0)
        why = f"it used {used / 1e9:.1f} GB" if used else "by a signal, or by the system for want of memory"
        said[task.order.digest] = f"the worker that ran this notebook was killed each time, at last alone: {why}"
    return [task for task, lost in killed if lost.tries == 1]  # a scheduler elsewhere has tried again already


def _fulfil(task: _Task) -> tuple[str, str]:
    """Run one notebook in a worker and store its record; return its digest and the error, or an empty text."""
    store, digest = Store(task.store), task.order.digest
    try:
        if not store.has_record(digest):  # of a worker that was killed before it could say so
            record, timing = _executed(task)
            if record.isolation != task.isolation:
                said = f"this worker offers the isolation {record.isolation!r}, expected {task.isolation!r}"
                return digest, said
            store.write_record(replace(record, digest=digest, seed=task.order.seed), timing)
    except Exception as error:  # one notebook never ends the class
        return digest, f"{type(error).__name__}: {error}"
    return digest, ""


def _executed(task: _Task) -> tuple[Record, Timing]:
    runner = _runner(task.workspace, task.limits, task.trust, task.data)
    return runner.run(task.order.submission, task.order.seed, task.parameters, task.order.digest)


@lru_cache(maxsize=1)  # of this process: all notebooks of a class are forked from one
def _runner(workspace: Path, limits: Limits, trust: bool, data: str) -> Runner:
    from mrskit.grading.run.run import Runner
    from mrskit.workspace import open_workspace

    runner = Runner(open_workspace(workspace), limits, trust)
    _open.append(runner)
    atexit.register(_end)
    return runner


_open: list[Runner] = []


def _end() -> None:
    """End all processes that this process has started for notebooks."""
    _runner.cache_clear()
    while _open:
        _open.pop().close()
    _sweep()


def _sweep() -> None:
    """Remove the files that killed workers have left on this machine."""
    from mrskit.grading.run.sandbox import cgroups

    temp_folder.remove_unused(Path(tempfile.gettempdir()))
    cgroups.sweep()
