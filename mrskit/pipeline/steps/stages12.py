"""Single steps of stages 1 and 2 with changed settings: two shower corrections, residual fringes in some slices."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mrskit.kept import records, runs
from mrskit.pipeline import parameters
from mrskit.pipeline.faster import patches
from mrskit.pipeline.step_settings import DEFAULT_OPTIONS, Options
from mrskit.pipeline.steps import experiment
from mrskit.pipeline.steps.shower_search import search
from mrskit.references.context import activate_references
from mrskit.workers import executor
from mrskit.workspace import Workspace

THRESHOLDS = (0.95, 1.0, 1.2, 1.4)  # of the search; the third is the pipeline's default, the last the workshop's value
CHOSEN = 1.2  # sigma, the threshold whose flags go into the rate image


@dataclass(frozen=True, slots=True)
class _Item:
    """The input of a worker for one experiment."""

    name: str
    source: Path
    folder: Path
    root: Path
    log: Path
    steps: parameters.Steps
    accelerate: bool

    @property
    def inputs(self) -> tuple[Path, ...]:
        return (self.source,)

    @property
    def recipe(self) -> dict:
        return {"name": self.name, "steps": self.steps, "thresholds": [*THRESHOLDS, CHOSEN],
                "input": self.source.name, "context": os.environ.get("CRDS_CONTEXT", ""),
                "versions": records.versions(), "replacements": self.accelerate}  # fmt: skip


def jump_file(
    workspace: Workspace, jump: Path, options: Options = DEFAULT_OPTIONS, progress: executor.Progress | None = None
) -> dict[str, Path]:
    """
    Search a ramp for showers at several thresholds, fit the ramp with the flags of `CHOSEN`, and return the products.

    ``jump``: the ramp after the jump step without the search (``*_jump.fits``); ``options``, ``progress``: as for
    `mrskit.pipeline.stages.detector1`.
    The products by suffix: ``showers``, an .npz file for `mrskit.pipeline.steps.shower_search.read`; ``rate``, count
    rates with the flags of the threshold `CHOSEN`.
    PipelineError if the pipeline stops; the message names its log.
    """
    steps = parameters.detector1_steps(options)
    chosen = {step: steps[step] for step in ("jump", "ramp_fit")}
    return _run(workspace, "search", [jump], workspace.ramp.parent / "search", chosen, options, progress)[0]


def clean_showers_files(
    workspace: Workspace, rates: Sequence[Path], options: Options = DEFAULT_OPTIONS,
    progress: executor.Progress | None = None,
) -> list[dict[str, Path]]:  # fmt: skip
    """
    Run only the straylight step, with ``clean_showers``, on rate files; return the products of each file by suffix.

    ``rates``: rate files of one exposure, whose folders name the experiments; ``options``, ``progress``:
    as for `mrskit.pipeline.stages.detector1`.
    Products: ``straylight``, the corrected image, DN/s; ``shower_model``, the subtracted image. Their
    sum is the image from the step without ``clean_showers``.
    PipelineError if the pipeline stops; the message names its log.
    """
    steps = parameters.merged({"straylight": parameters.spec2_steps(options)["straylight"]},
                              {"straylight": {"clean_showers": True, "save_shower_model": True}})  # fmt: skip
    return [_run(workspace, "clean", [path], path.parent / "cleaned", steps, options, progress)[0] for path in rates]


def residual_fringe_file(
    workspace: Workspace, photom: Path, slices: Sequence[int], options: Options = DEFAULT_OPTIONS,
    progress: executor.Progress | None = None,
) -> Path:  # fmt: skip
    """
    Run only the residual fringe step, in some slices, and return the corrected image, MJy/sr (NaN in other slices).

    The step corrects every column independently, so the result in a slice does not depend on the other slices.

    ``photom``: an image after the photom step (``*_photom.fits``); ``slices``: 100 x channel + slice; ``options``,
    ``progress``: as for `mrskit.pipeline.stages.detector1`.
    PipelineError if the pipeline stops; the message names its log.
    """
    steps = {"residual_fringe": {"skip": False, "slices": sorted(int(number) for number in slices)}}
    folder = photom.parent / "residual"
    return _run(workspace, "residual", [photom], folder, steps, options, progress)[0]["residual_fringe"]


def execute(item: _Item) -> dict[str, Path]:
    """Carry out one experiment in this process and return its products by suffix."""
    work = {"search": _search, "clean": _clean, "residual": _residual}[item.name]
    stage = "detector1" if item.name == "search" else "spec2"
    experiment.carry_out(item, f"{item.name} on {item.source.name}", stage, lambda folder: work(item, folder))
    return _by_suffix(item)


def _search(item: _Item, folder: Path) -> None:
    from jwst.ramp_fitting import RampFitStep
    from stdatamodels.jwst import datamodels

    settings = {key: value for key, value in item.steps["jump"].items()
                if key not in ("skip", "find_showers", "extend_snr_threshold")}  # fmt: skip
    stem = _stem(item.source)
    masks, chosen = {}, None
    with datamodels.RampModel(str(item.source)) as model:
        plain = _jumps(model.groupdq)
        for threshold, flags in search(model, THRESHOLDS, **settings):
            masks[threshold] = _jumps(flags) & ~plain
            if threshold == CHOSEN:
                chosen = flags
        model.groupdq = chosen
        rate, _ = RampFitStep.call(model, configure_log=False, **_without_skip(item.steps["ramp_fit"]))
    rate.save(str(folder / f"{stem}_rate.fits"))
    np.savez_compressed(
        folder / f"{stem}_showers.npz", thresholds=np.array(list(masks)), shape=plain.shape,
        masks=np.packbits(np.stack([mask.ravel() for mask in masks.values()]), axis=1),
    )  # fmt: skip


def _clean(item: _Item, folder: Path) -> None:
    from jwst.straylight import StraylightStep
    from stdatamodels.jwst import datamodels

    with datamodels.IFUImageModel(str(item.source)) as image:
        corrected = StraylightStep.call(image, configure_log=False, output_dir=str(folder),
                                        **_without_skip(item.steps["straylight"]))  # fmt: skip
        patches.record(corrected)
        corrected.save(str(folder / f"{_stem(item.source)}_straylight.fits"))


def _residual(item: _Item, folder: Path) -> None:
    from jwst.residual_fringe import ResidualFringeStep
    from stdatamodels.jwst import datamodels

    with datamodels.open(item.source) as image:
        number = image.meta.wcs.get_transform("detector", "alpha_beta").label_mapper.mapper
        image.data[~np.isin(number, np.asarray(item.steps["residual_fringe"]["slices"]))] = np.nan
        corrected = ResidualFringeStep.call(image, configure_log=False, skip=False)
        corrected.save(str(folder / f"{_stem(item.source)}_residual_fringe.fits"))


def _jumps(flags: np.ndarray) -> np.ndarray:
    """Return a mask of the pixels with a jump flag (bit 4) in any group of any integration."""
    return np.any(flags & 4 > 0, axis=(0, 1))


def _run(
    workspace: Workspace, name: str, sources: Sequence[Path], folder: Path, steps: parameters.Steps, options: Options,
    progress: executor.Progress | None,
) -> list[dict[str, Path]]:  # fmt: skip
    activate_references(workspace)
    items = [_Item(name, path, folder, workspace.root, workspace.logs / f"{folder.parent.name}_{name}.log", steps,
                   not options.stock) for path in sources]  # fmt: skip
    executor.run(execute, [item for item in items if runs.why_stale(item) is not None], options.scheduler, progress)
    return [_by_suffix(item) for item in items]


def _by_suffix(item: _Item) -> dict[str, Path]:
    stem = _stem(item.source)
    return {path.stem.removeprefix(f"{stem}_"): path for path in sorted(item.folder.glob(f"{stem}_*"))}


def _stem(path: Path) -> str:
    return path.stem.rpartition("_")[0]


def _without_skip(settings: dict) -> dict:
    return {key: value for key, value in settings.items() if key != "skip"}
