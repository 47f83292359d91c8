"""Stages on one exposure with changed settings and intermediate products, for the experiments in the lessons."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from mrskit import products
from mrskit.pipeline import parameters
from mrskit.pipeline.associations import Member, stage2_members
from mrskit.pipeline.step_settings import DEFAULT_OPTIONS, Options
from mrskit.pipeline.tasks import Task, run_all
from mrskit.references.context import activate_references
from mrskit.workers.executor import Progress
from mrskit.workspace import Workspace


def detector1_file(
    path: Path, folder: Path, steps: parameters.Steps | None = None, save_steps: Iterable[str] = (),
    options: Options = DEFAULT_OPTIONS, progress: Progress | None = None,
) -> dict[str, Path]:  # fmt: skip
    """
    Run stage 1 on one raw file and return its products by suffix, e.g. ``{"rate": ..., "linearity": ...}``.

    If the products exist and nothing has changed, nothing is run. ``folder`` must not be one of the stage folders,
    so that no association picks the products up; ``steps`` are changes on top of the explicit settings, e.g. ``{"jump":
    {"find_showers": False}}``; the results of ``save_steps``, e.g. ``("linearity", "jump")``, are also kept. Other
    arguments and errors are as for `mrskit.pipeline.stages.detector1`.
    """
    readout = products.check_uncal(path).readout
    chosen = _saving(parameters.merged(parameters.detector1_steps(options, readout), steps), save_steps)
    return _run("detector1", (Member(path, "science"),), folder, chosen, options, progress)


def spec2_file(
    path: Path, folder: Path, steps: parameters.Steps | None = None, save_steps: Iterable[str] = (),
    options: Options = DEFAULT_OPTIONS, progress: Progress | None = None, background: Iterable[Path] = (),
) -> dict[str, Path]:  # fmt: skip
    """
    Run stage 2 on one rate file and return its products by suffix, e.g. ``{"cal": ..., "straylight": ...}``.

    Parameters and errors are as for `detector1_file`; ``background`` are rate files to subtract if
    ``options.pixel_background`` is on.
    """
    exposure = products.read_exposure(path)
    chosen = _saving(parameters.merged(parameters.spec2_steps(options, exposure.role), steps), save_steps)
    return _run("spec2", stage2_members(path, tuple(background)), folder, chosen, options, progress)


def _saving(steps: parameters.Steps, save_steps: Iterable[str]) -> parameters.Steps:
    return parameters.merged(steps, {step: {"save_results": True} for step in save_steps})


def _run(
    stage: str, members: tuple[Member, ...], folder: Path, steps: parameters.Steps, options: Options,
    progress: Progress | None,
) -> dict[str, Path]:  # fmt: skip
    # Not resolved, because a workspace may have links to files elsewhere.
    path, folder = (Path(os.path.abspath(item)) for item in (members[0].path, folder))  # noqa: PTH100
    members = (replace(members[0], path=path), *members[1:])
    stem = products.product_name(path, "uncal").removesuffix("_uncal.fits")
    workspace = _workspace_of(path)
    root = workspace.root if workspace else folder
    activate_references(workspace or Workspace(folder))
    log = (workspace.logs if workspace else folder) / f"{folder.name}_{stage}_{stem}.log"
    task = Task(stage, stem, members, folder, log, root, steps, accelerate=not options.stock)
    made = run_all([task], options, progress)
    return {item.stem.removeprefix(f"{stem}_"): item for item in made}


def _workspace_of(path: Path) -> Workspace | None:
    """Return the workspace that contains a file, or None if there is none."""
    return next((space for space in map(Workspace, path.parents) if space.has_card), None)
