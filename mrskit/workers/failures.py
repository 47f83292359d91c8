"""Messages for failed items: their names, why a worker died, and the remedy."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from mrskit.errors import MrskitError, PipelineError
from mrskit.workers.clusters import LOCAL, SLURM

if TYPE_CHECKING:
    from mrskit.workers.executor import Session


def label(item: object) -> str:
    """Return the name of an item for messages: its attribute ``name``, else the item itself."""
    return str(getattr(item, "name", item))


def raise_first(
    failed: Sequence[tuple[object, BaseException]], done: Sequence[object], session: Session | None = None
) -> None:  # fmt: skip
    """Raise the first error, if any, with its item's name and the numbers of failed and finished items."""
    if not failed:
        return
    share = f"{len(failed)} of {len(failed) + len(done)}"
    all_failed = [(item, _described(item, error, share, session)) for item, error in failed]
    first = all_failed[0][1]
    vars(first).update(failed=all_failed, done=done)
    raise first from first.__cause__


def _described(item: object, error: BaseException, share: str, session: Session | None) -> MrskitError:
    if isinstance(error, MrskitError):
        return error
    reason = f"{type(error).__name__}: {error}"
    facts: dict[str, object] = {}
    if session is not None and type(error).__name__ == "KilledWorker":
        reason, facts = _death(session, error)
    count = f"({share} items failed; the others are done and will not be done again)"
    log = getattr(item, "log", None)
    stage = getattr(item, "stage", None)
    text = f"{f'{stage} of ' if stage else ''}{label(item)}: {reason} {count}.{f' The log is {log}.' if log else ''}"
    described = PipelineError(text, item=item, log=log, **facts)
    described.__cause__ = error
    return described


def _death(session: Session, error) -> tuple[str, dict[str, object]]:
    """Return the reason why the workers of an item died in each attempt, and the figures as a dict."""
    worker, tries = error.last_worker, error.allowed_failures + 1
    used, limit = _used_memory(session.client(), worker.address), worker.memory_limit
    if used is None:
        return (f"its worker was killed each time, {tries} times: by a signal, or by the system for want of memory. "
                "Run it with --scheduler none to see more.", {"tries": tries})  # fmt: skip
    reason = (f"needs more memory than its worker may use: stopped at {used / 1e9:.2f} GB, {tries} times; the limit is "
              f"{limit / 1e9:.2f} GB. {_more_memory(session.scheduler)}")  # fmt: skip
    return reason, {"tries": tries, "used": used, "limit": limit}


def _used_memory(client, address: str) -> int | None:
    """Return a worker's memory, bytes, when its watcher stopped it because of memory; None for other reasons."""
    for pause in (0.0, 0.5):  # the event may come behind the end of the worker
        time.sleep(pause)
        for _, event in reversed(client.get_events("worker-restart-memory")):
            if event["worker"] == address:
                return event["rss"]
    return None


def _more_memory(scheduler: str) -> str:
    if scheduler == LOCAL:
        return "Run it with --scheduler none: one exposure at a time, with all the memory of the machine."
    if scheduler.startswith(SLURM):
        return "Ask for more: 'export DASK_JOBQUEUE__SLURM__MEMORY=8GB', or memory in Dask's jobqueue.yaml."
    return "Start the workers with a larger --memory-limit."
