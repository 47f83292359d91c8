"""One run of a stage on one exposure or association: a worker writes to a temporary folder, which is then renamed."""

from __future__ import annotations

import contextlib
import logging
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mrskit import logs
from mrskit.errors import MrskitError, PipelineError
from mrskit.kept import records, runs
from mrskit.pipeline import associations, parameters
from mrskit.pipeline.associations import Member
from mrskit.pipeline.faster import patches
from mrskit.pipeline.reference_needs import fetch_references, missing_reference
from mrskit.pipeline.step_settings import Options
from mrskit.references import own_cache
from mrskit.references.context import has_own_references, reference_stamps
from mrskit.workers import executor, usage
from mrskit.workspace import require_space

# Steps that write products, or come just before; the history of their results records the replacements.
_RECORDED = {
    "detector1": (),
    "spec2": ("straylight", "cube_build", "extract_1d"),
    "spec3": ("cube_build", "spectral_leak"),
}
_ROOM = {"detector1": 120e6, "spec2": 150e6, "spec3": 150e6}  # largest size of one member's products, bytes


@dataclass(frozen=True, slots=True)
class Task:
    """The input of a worker for one run of a stage."""

    stage: str  # detector1, spec2 or spec3
    product: str  # first part of the products' names, e.g. jw02732004001_02101_00001_mirifushort
    members: tuple[Member, ...]
    folder: Path  # of the products
    log: Path
    root: Path  # of the workspace; file names in records are relative to it
    steps: dict[str, dict] = field(default_factory=dict)
    accelerate: bool = True
    label: str = ""  # distinguishes associations of the same product name, e.g. Level3 in two settings
    part: str = ""  # distinguishes runs of one association, e.g. its two channels
    changes: tuple[str, ...] = ()  # changes of the steps by the user; they go into the products' headers
    not_kept: tuple[str, ...] = ()  # suffixes of products that a different part of the association keeps

    @property
    def association(self) -> str:
        """Name of the association."""
        return f"{self.product}{self.label}"

    @property
    def name(self) -> str:
        """Name of the run in messages and in its record."""
        return f"{self.association}{self.part}"

    @property
    def inputs(self) -> tuple[Path, ...]:
        """Return the files of the members."""
        return tuple(member.path for member in self.members)

    @property
    def recipe(self) -> dict:
        """Return everything that must be unchanged for the products to be up to date."""
        return {
            "stage": self.stage,
            "product": self.product,
            "steps": self.steps,
            "members": [[member.path.name, member.kind] for member in self.members],
            "context": os.environ.get("CRDS_CONTEXT", ""),
            "versions": records.versions(),
            "replacements": self.accelerate,
        }


def why_stale(task: Task) -> str | None:
    """Return why a task must be run, or None if its products are up to date. Does not import the pipeline."""
    return runs.why_stale(task)


def products(task: Task) -> list[Path]:
    """Return the files of a finished task, from its record."""
    record = records.read(records.path_of(task.folder, task.name))
    return [task.root / entry.name for entry in record.outputs] if record else []


def run_all(planned: Sequence[Task], options: Options, progress: executor.Progress | None) -> list[Path]:
    """Run the tasks whose products are not up to date, and return the products of all tasks in order."""
    waiting = [task for task in planned if why_stale(task) is not None]
    if progress is not None and planned:
        stage, fresh = planned[0].stage, len(planned) - len(waiting)
        progress(f"{stage}: {len(waiting)} to run, {fresh} unchanged")
    start = time.monotonic()
    if len(waiting) > 1 and not has_own_references():
        needs = tuple((task.stage, task.members[0].path, task.steps) for task in waiting)
        executor.run(fetch_references, [needs], options.scheduler)
    outcomes = executor.outcomes(execute, waiting, options.scheduler, progress)
    if planned:
        usage.report(planned[0].stage, [outcome.usage for outcome in outcomes], len(planned) - len(waiting),
                     time.monotonic() - start)  # fmt: skip
    return [path for task in planned for path in products(task)]


def execute(task: Task) -> list[Path]:
    """
    Run a task unless its products are up to date, and return the products.

    PipelineError, which names the log, if the pipeline stops; ReferenceCacheError if it stops because of a missing
    reference file; DiskSpaceError if the disk is too full for the products.
    """
    with runs.alone(task):
        return products(task) if why_stale(task) is None else _renew(task)


def _renew(task: Task) -> list[Path]:
    own_cache.follow()
    require_space(task.folder, _ROOM[task.stage] * len(task.members), f"{task.stage} of {task.name}")
    with usage.measured() as meter:
        source = _source(task)
        with runs.beside(task, f"{task.stage}-{task.name}") as folder:
            _run(task, source, folder)
            kept = [path for path in sorted(folder.iterdir()) if not path.stem.endswith(task.not_kept)]
            for path in kept:
                _label(path, task)
            made = [path.replace(task.folder / path.name) for path in kept]
        if not made:
            raise PipelineError(
                f"{task.stage} of {task.name} did not write a product. The log is {task.log}.", log=task.log
            )
        runs.write_record(task, made, meter.read(), reference_stamps(made))
    return made


def _label(path: Path, task: Task) -> None:
    """Write the user's changes into a product's header, and a mark if simulated references calibrated observed data."""
    from astropy.io import fits

    if path.suffix != ".fits":
        return
    simulated = own_cache.are_foreign_to([path])
    if not (simulated or task.changes):
        return
    with fits.open(path, mode="update") as hdus:
        header = hdus[0].header
        if simulated:
            header["SIMREFS"] = (True, "calibrated with SIMULATED reference files")
        for text in (f"mrskit --set {change}" for change in task.changes):
            if text not in list(header.get("HISTORY", ())):
                header.add_history(text)


def _source(task: Task) -> str:
    """Return the pipeline's input: the exposure in stage 1, otherwise the association file, which is written here."""
    if task.stage == "detector1":
        return str(task.members[0].path)
    path = task.folder / f"{task.association}_asn.json"
    return str(associations.write(path, int(task.stage[-1]), task.product, task.members))


def _run(task: Task, source: str, folder: Path) -> None:
    try:
        # jwst takes member names relative to the working folder in stage 2, and relative to the file in stage 3.
        with logs.to_file(task.log), _replacements(task), contextlib.chdir(task.folder):
            parameters.check(task.stage, task.steps)
            said = (own_cache.WARNING,) if own_cache.are_foreign_to(task.inputs) else ()
            for text in (*said, *(f"set: {change}" for change in task.changes)):
                logging.getLogger("stpipe.mrskit").warning(text)
            pipeline = parameters.pipeline_class(task.stage)
            pipeline.call(
                source, steps=_effective(task), save_results=True, output_dir=str(folder), configure_log=False
            )
    except MrskitError:
        raise
    except (Exception, SystemExit) as error:  # crds ends the process if it has no rules
        if (missing := missing_reference(task.stage, task.members[0].path, error, task.steps)) is not None:
            raise missing from error
        reason = str(error).strip().splitlines()[-1:] or [""]
        raise PipelineError(
            f"{task.stage} of {task.name} stopped: {type(error).__name__}: {reason[0]}. The log is {task.log}.",
            log=task.log, name=task.name,
        ) from error  # fmt: skip


def _replacements(task: Task) -> contextlib.AbstractContextManager[object]:
    """Return the context of a run: the kit's replacements, and in stage 3 also the history of its inputs."""
    stack = contextlib.ExitStack()
    if task.accelerate:
        from mrskit.pipeline.faster.acceleration import accelerated  # imports photutils: not where nothing is run

        stack.enter_context(accelerated(task.stage))
    if task.stage == "spec3":
        stack.enter_context(patches.inherited(_history(member.path) for member in task.members))
    return stack


def _history(path: Path) -> list[str]:
    from astropy.io import fits

    return [str(card) for card in fits.getheader(path).get("HISTORY", ())]


def _effective(task: Task) -> dict[str, dict]:
    """Return the steps for a run; they start no processes, because workers share the cores."""
    steps = _with_history(task)
    return parameters.on_one_core(task.stage, steps) if executor.in_worker() else steps


def _with_history(task: Task) -> dict[str, dict]:
    """Return the steps with a post-hook that records the active replacements in the products' history."""
    if not patches.active():
        return task.steps
    steps = {step: dict(values) for step, values in task.steps.items()}
    for step in _RECORDED[task.stage]:
        values = steps.setdefault(step, {})
        values["post_hooks"] = [*values.get("post_hooks", ()), "mrskit.pipeline.faster.patches.record"]
    return steps
