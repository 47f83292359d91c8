"""The cost of the phases of a long run: seconds, pipeline seconds, and memory of the largest worker."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from mrskit.workers import usage


@dataclass(frozen=True, slots=True)
class Phase:
    """One phase of a run."""

    name: str
    seconds: float  # from start to end
    pipeline: float  # s of pipeline stages or simulation, summed over processes
    peak_memory: int  # bytes, largest resident memory of any worker; 0 without work


@dataclass(slots=True)
class Clock:
    """The phases of a run so far."""

    phases: list[Phase] = field(default_factory=list)
    _start: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """Seconds since the clock was created."""
        return time.monotonic() - self._start

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Measure a block as one phase; stages that run in workers inside the block count as pipeline time."""
        start = time.monotonic()
        with usage.collected() as reports:
            yield
        self.add(name, time.monotonic() - start, reports)

    @contextmanager
    def stages(self, name: str) -> Iterator[None]:
        """Measure a block in which each stage is a separate phase, e.g. ``12:SHORT spec2``."""
        with usage.collected() as reports:
            yield
        for report in usage.by_stage(reports):
            self.add(f"{name} {report.stage}".strip(), report.wall, [report])

    def add(self, name: str, seconds: float, reports: list[usage.StageReport], pipeline: float = 0.0) -> None:
        """Add a phase; ``pipeline`` is pipeline time in addition to that in the reports, s."""
        self.phases.append(Phase(name, round(seconds, 2), round(pipeline + sum(item.seconds for item in reports), 2),
                                 max((item.peak_memory for item in reports), default=0)))  # fmt: skip
