"""One run of one stage on one exposure (or association): in a worker, into a folder beside, then renamed."""

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

# Steps before or at which products are written: the replacements go into the history of their results.
_RECORDED = {
    "detector1": (),
    "spec2": ("straylight", "cube_build", "extract_1d"),
    "spec3": ("cube_build", "spectral_leak"),
}
_ROOM = {"detector1": 120e6, "spec2": 150e6, "spec3": 150e6}  # bytes that a member's products may take


@dataclass(frozen=True, slots=True)
class Task:
    """What a worker needs to know to run one stage once."""

    stage: str  # detector1, spec2 or spec3
    product: str  # first part of the products' names, e.g. jw02732004001_02101_00001_mirifushort
    members: tuple[Member, ...]
    folder: Path  # of the products
    log: Path
    root: Path  # of the workspace: records name files relative to it
    steps: dict[str, dict] = field(default_factory=dict)
    accelerate: bool = True
    label: str = ""  # distinguishes associations of the same product name, e.g. Level3 in two settings
    part: str = ""  # distinguishes runs of one association, e.g. its two channels
    changes: tuple[str, ...] = ()  # of the steps, as somebody has set them: told in the headers of the products
    not_kept: tuple[str, ...] = ()  # suffixes of products that another part of the association keeps

    @property
    def association(self) -> str:
        """What the association is called."""
        return f"{self.product}{self.label}"

    @property
    def name(self) -> str:
        """What messages and record are called."""
        return f"{self.association}{self.part}"

    @property
    def inputs(self) -> tuple[Path, ...]:
        """The files of the members."""
        return tuple(member.path for member in self.members)

    @property
    def recipe(self) -> dict:
        """Whatever has to be equal for the products to be as good as new."""
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
    """Return why a task has to be run, None if its products are as good as new. Imports nothing of the pipeline."""
    return runs.why_stale(task)


def products(task: Task) -> list[Path]:
    """Return the files that a finished task has made, from its record."""
    record = records.read(records.path_of(task.folder, task.name))
    return [task.root / entry.name for entry in record.outputs] if record else []


def run_all(planned: Sequence[Task], options: Options, progress: executor.Progress | None) -> list[Path]:
    """Return the products of tasks, in their order, running only those whose products are not as good as new."""
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
    Run a task unless its products are as good as new, and return the products.

    PipelineError if the pipeline stops; the message names its log; ReferenceCacheError if it stops for want of a
    reference file; DiskSpaceError if there is no room for the products.
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
            raise PipelineError(f"{task.stage} of {task.name} made no product. The log is {task.log}.", log=task.log)
        runs.write_record(task, made, meter.read(), reference_stamps(made))
    return made


def _label(path: Path, task: Task) -> None:
    """Tell in the header of a product what somebody has set, and that observed data met simulated references."""
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
    """Return what the pipeline is given: the exposure itself in stage 1, else the association, written here."""
    if task.stage == "detector1":
        return str(task.members[0].path)
    path = task.folder / f"{task.association}_asn.json"
    return str(associations.write(path, int(task.stage[-1]), task.product, task.members))


def _run(task: Task, source: str, folder: Path) -> None:
    try:
        # jwst takes member names of a stage 2 association relative to the working folder, of stage 3 to the file.
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
    except (Exception, SystemExit) as error:  # crds ends the process where it has no rules
        if (missing := missing_reference(task.stage, task.members[0].path, error, task.steps)) is not None:
            raise missing from error
        reason = str(error).strip().splitlines()[-1:] or [""]
        raise PipelineError(
            f"{task.stage} of {task.name} stopped: {type(error).__name__}: {reason[0]}. The log is {task.log}.",
            log=task.log, name=task.name,
        ) from error  # fmt: skip


def _replacements(task: Task) -> contextlib.AbstractContextManager[object]:
    """Give the context of a run: the kit's replacements, and in stage 3 the history of what it reads."""
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
    """Return the steps as they are run: a worker shares the cores with others, so its steps start no processes."""
    steps = _with_history(task)
    return parameters.on_one_core(task.stage, steps) if executor.in_worker() else steps


def _with_history(task: Task) -> dict[str, dict]:
    """Return the steps with a post-hook that records the replacements in force in the products' history."""
    if not patches.active():
        return task.steps
    steps = {step: dict(values) for step, values in task.steps.items()}
    for step in _RECORDED[task.stage]:
        values = steps.setdefault(step, {})
        values["post_hooks"] = [*values.get("post_hooks", ()), "mrskit.pipeline.faster.patches.record"]
    return steps
