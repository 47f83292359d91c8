"""Run time and peak memory of every run, measured in its own process, and sums per stage."""

from __future__ import annotations

import contextlib
import os
import platform
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

INTERVAL = 0.05  # s between two looks at the memory, where the system keeps no maximum that can be set back

_PROCESS = Path("/proc/self")


@dataclass(frozen=True, slots=True)
class Usage:
    """The cost of one run."""

    seconds: float
    peak_memory: int  # bytes: largest resident memory of the process during the run, with what it held before
    worker: str  # host:process


@dataclass(frozen=True, slots=True)
class StageReport:
    """The cost of one stage."""

    stage: str  # detector1, spec2 or spec3
    done: int  # exposures (in stage 3 associations) that were run
    unchanged: int  # whose products were up to date
    workers: int  # processes that took part
    wall: float  # s, from the first to the last
    seconds: float  # s, summed over the runs
    peak_memory: int  # bytes: largest resident memory of any worker during a run; 0 where nothing was run


class Meter:
    """Time and peak memory of this process since the start of the meter."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._sampler = None if _reset_peak() else _Sampler()

    def read(self) -> Usage:
        """Return seconds and peak memory up to now."""
        peak = self._sampler.peak() if self._sampler else _status("VmHWM")
        return Usage(time.monotonic() - self._start, peak, f"{platform.node()}:{os.getpid()}")

    def close(self) -> None:
        """Stop looking."""
        if self._sampler:
            self._sampler.stop()


_current: ContextVar[Meter | None] = ContextVar("mrskit_meter", default=None)
_reports: ContextVar[list[StageReport] | None] = ContextVar("mrskit_reports", default=None)


@contextmanager
def measured() -> Iterator[Meter]:
    """Yield a meter that starts now; a nested block uses the outer block's meter."""
    if (outer := _current.get()) is not None:
        yield outer
        return
    meter = Meter()
    token = _current.set(meter)
    try:
        yield meter
    finally:
        _current.reset(token)
        meter.close()


@contextmanager
def collected() -> Iterator[list[StageReport]]:
    """Yield a list to which every stage inside the block adds its report."""
    reports: list[StageReport] = []
    token = _reports.set(reports)
    try:
        yield reports
    finally:
        _reports.reset(token)


def report(stage: str, usages: Iterable[Usage], unchanged: int, wall: float) -> StageReport:
    """Return the report of one stage (new and unchanged runs, total seconds) and add it to the `collected` block."""
    usages = list(usages)
    made = StageReport(stage, len(usages), unchanged, len({usage.worker for usage in usages}), round(wall, 3),
                       round(sum(usage.seconds for usage in usages), 3),
                       max((usage.peak_memory for usage in usages), default=0))  # fmt: skip
    if (reports := _reports.get()) is not None:
        reports.append(made)
    return made


def by_stage(reports: Iterable[StageReport]) -> list[StageReport]:
    """Return one report per stage: counts and times summed, the largest memory and number of workers."""
    total: dict[str, StageReport] = {}
    for new in reports:
        old = total.get(new.stage)
        total[new.stage] = new if old is None else StageReport(
            new.stage, old.done + new.done, old.unchanged + new.unchanged, max(old.workers, new.workers),
            old.wall + new.wall, old.seconds + new.seconds, max(old.peak_memory, new.peak_memory),
        )  # fmt: skip
    return list(total.values())


def _reset_peak() -> bool:
    """Set the kernel's maximum of resident memory back to what is held now; return whether that has worked (Linux)."""
    try:
        (_PROCESS / "clear_refs").write_text("5")
        return _status("VmHWM") <= _status("VmRSS") + 2**24
    except (OSError, ValueError, StopIteration):
        return False


def _status(name: str) -> int:
    """Return a size from the kernel's description of this process, bytes."""
    lines = (_PROCESS / "status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(f"{name}:")).split()[1]) * 1024


class _Sampler:
    """Largest resident memory seen by a thread; it sees nothing while compiled code keeps the interpreter's lock."""

    def __init__(self) -> None:
        import psutil

        self._process = psutil.Process()
        self._peak = self._process.memory_info().rss
        self._stopped = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while not self._stopped.wait(INTERVAL):
            self.peak()

    def peak(self) -> int:
        with contextlib.suppress(Exception):  # a look that fails is left out
            self._peak = max(self._peak, self._process.memory_info().rss)
        return self._peak

    def stop(self) -> None:
        self._stopped.set()
