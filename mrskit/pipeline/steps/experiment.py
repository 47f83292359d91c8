"""Shared code for runs of single steps: one run at a time, no repeats, products moved only when all are complete."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from mrskit import logs
from mrskit.errors import MrskitError, PipelineError
from mrskit.kept import runs
from mrskit.references import own_cache
from mrskit.references.context import reference_stamps
from mrskit.workers import usage
from mrskit.workspace import require_space

_ROOM = 60e6  # largest total size of one experiment's products, bytes


class Experiment(runs.Run, Protocol):
    """One run of single steps."""

    @property
    def log(self) -> Path:
        """Log file for the pipeline's messages."""

    @property
    def accelerate(self) -> bool:
        """Whether the kit's replacements are used."""


def carry_out(item: Experiment, what: str, stage: str, work: Callable[[Path], object]) -> None:
    """
    Carry out an experiment in this process, unless its products are up to date.

    ``what`` names the experiment in messages, ``stage`` selects the replacements, ``work`` writes the products.
    If the pipeline stops, PipelineError names the log.
    """
    with runs.alone(item):
        if runs.why_stale(item) is None:
            return
        own_cache.follow()
        require_space(item.folder, _ROOM, f"the experiment {item.name}")
        try:
            with usage.measured() as meter, runs.beside(item, item.name) as staging:
                with logs.to_file(item.log), replacements(stage, item.accelerate):
                    work(staging)
                made = [path.replace(item.folder / path.name) for path in sorted(staging.iterdir())]
                used = meter.read()
        except MrskitError:
            raise
        except Exception as error:
            reason = (str(error).strip().splitlines() or [""])[-1]
            raise PipelineError(f"the experiment {what} stopped: {type(error).__name__}: {reason}. The log is "
                                f"{item.log}.", log=item.log, name=item.name) from error  # fmt: skip
        runs.write_record(item, made, used, reference_stamps(made))


def replacements(stage: str, accelerate: bool) -> contextlib.AbstractContextManager[None]:
    """Return a context in which a stage runs with the kit's replacements, or without any."""
    if not accelerate:
        return contextlib.nullcontext()
    from mrskit.pipeline.faster.acceleration import accelerated  # imports photutils, so only when needed

    return accelerated(stage)
