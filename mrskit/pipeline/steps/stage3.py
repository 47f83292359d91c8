"""Single steps of stage 3 with changed inputs: small cubes from chosen exposures, and point-source extraction."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mrskit.bands import BANDS
from mrskit.kept import records, runs as kept_runs
from mrskit.pipeline import parameters
from mrskit.pipeline.faster import patches
from mrskit.pipeline.step_settings import DEFAULT_OPTIONS, Options
from mrskit.pipeline.steps import experiment
from mrskit.references.context import activate_references
from mrskit.workers import executor
from mrskit.workspace import Workspace

FOLDER = "experiments"  # subfolder of the source's stage3


@dataclass(frozen=True, slots=True)
class CubeRun:
    """One run of only ``cube_build``, on calibrated exposures of one band."""

    name: str
    exposures: tuple[Path, ...]  # cal or crf files
    band: str  # e.g. "2A"
    low: float  # um, lower limit of the part that is built
    high: float
    subtract: tuple[Path, ...] = ()  # cal files whose mean image is subtracted first, pixel by pixel
    flags: tuple[Path, ...] = ()  # one file per exposure; its NaN pixels are left out

    @property
    def inputs(self) -> tuple[Path, ...]:
        """Return all files that the run reads."""
        return (*self.exposures, *self.subtract, *self.flags)


@dataclass(frozen=True, slots=True)
class PointRun:
    """One run of only ``extract_1d`` on a cube, as if the source were a point source."""

    name: str
    cube: Path  # s3d file
    corrected: bool = True  # whether to correct for light outside the aperture

    @property
    def inputs(self) -> tuple[Path, ...]:
        """Return all files that the run reads."""
        return (self.cube,)


@dataclass(frozen=True, slots=True)
class _Item:
    """The input of a worker for one run."""

    run: CubeRun | PointRun
    folder: Path
    root: Path
    log: Path
    steps: parameters.Steps
    accelerate: bool

    @property
    def name(self) -> str:
        return self.run.name

    @property
    def inputs(self) -> tuple[Path, ...]:
        return self.run.inputs

    @property
    def product(self) -> Path:
        return self.folder / f"{self.name}_{'s3d' if isinstance(self.run, CubeRun) else 'x1d'}.fits"

    @property
    def recipe(self) -> dict:
        settings = {key: getattr(self.run, key) for key in ("band", "low", "high") if hasattr(self.run, key)}
        settings |= {} if getattr(self.run, "corrected", True) else {"corrected": False}
        return {"kind": type(self.run).__name__, "settings": settings, "steps": self.steps,
                "inputs": [path.name for path in self.run.inputs], "context": os.environ.get("CRDS_CONTEXT", ""),
                "versions": records.versions(), "replacements": self.accelerate}  # fmt: skip


def run(
    workspace: Workspace, runs: Sequence[CubeRun | PointRun], options: Options = DEFAULT_OPTIONS,
    progress: executor.Progress | None = None,
) -> dict[str, Path]:  # fmt: skip
    """
    Run the experiments and return each product by run name: a cube (s3d) or spectrum (x1d) in ``stage3/experiments``.

    Products whose inputs, settings, references and versions are unchanged are not made again.

    ``options``: scheduler, and whether the kit's replacements are used; ``progress``: called with lines of text.
    PipelineError if the pipeline stops; the message names its log.
    """
    activate_references(workspace)
    folder = workspace.stage("source", "stage3") / FOLDER
    chosen = parameters.spec3_steps(options)
    items = [_Item(item, folder, workspace.root, workspace.logs / f"experiment_{item.name}.log",
                   {step: chosen[step] for step in ("cube_build", "extract_1d")}, not options.stock)
             for item in runs]  # fmt: skip
    waiting = [item for item in items if kept_runs.why_stale(item) is not None]
    if progress is not None:
        progress(f"experiments: {len(waiting)} to run, {len(items) - len(waiting)} unchanged")
    executor.run(execute, waiting, options.scheduler, progress)
    return {item.name: item.product for item in items}


def execute(item: _Item) -> Path:
    """Carry out one run in this process unless its product is up to date, and return the product."""

    def work(folder: Path) -> None:
        path = folder / item.product.name
        if isinstance(item.run, CubeRun):
            _build(item.run, item.steps, path)
        else:
            _extract(item.run, item.steps, path)

    experiment.carry_out(item, item.name, "spec3", work)
    return item.product


def _build(chosen: CubeRun, steps: parameters.Steps, path: Path) -> None:
    from jwst.cube_build import CubeBuildStep
    from jwst.datamodels import ModelContainer

    class InPlace(CubeBuildStep):
        """The step without its copy of the input, which is not needed because the models are not used again."""

        def prepare_output(self, init, *arguments, **settings):
            return super().prepare_output(init, *arguments, **settings | {"make_copy": False})

    models = _models(chosen)
    step = InPlace()
    band = BANDS[chosen.band]
    settings = steps["cube_build"] | {"channel": str(band.channel), "band": band.subband.lower(),
                                      "wavemin": chosen.low, "wavemax": chosen.high}  # fmt: skip
    for name, value in (settings | {"save_results": False}).items():
        setattr(step, name, value)
    cubes = step.run(ModelContainer(models))
    patches.record(cubes)
    cubes[0].save(str(path))


def _models(chosen: CubeRun) -> list:
    """Return the exposures as data models, with the mean of the other images subtracted."""
    from stdatamodels.jwst import datamodels

    models = [datamodels.open(path) for path in chosen.exposures]
    if chosen.subtract:
        level = np.mean([_image(path) for path in chosen.subtract], axis=0)
        for model in models:
            model.data = model.data - level.astype(model.data.dtype)
    for model, path in zip(models, chosen.flags, strict=False):
        model.data[np.isnan(_image(path))] = np.nan
    return models


def _image(path: Path) -> np.ndarray:
    from astropy.io import fits

    return fits.getdata(path, "SCI")


def _extract(chosen: PointRun, steps: parameters.Steps, path: Path) -> None:
    from jwst.extract_1d import Extract1dStep
    from stdatamodels.jwst import datamodels

    with datamodels.open(chosen.cube) as cube:
        cube.meta.target.source_type = "POINT"
        settings = steps["extract_1d"] | {"apply_apcorr": chosen.corrected}
        spectrum = Extract1dStep.call(cube, save_results=False, configure_log=False, **settings)
    patches.record(spectrum)
    spectrum.save(str(path))


def point_runs(cubes: Sequence[Path]) -> list[PointRun]:
    """Return point-source extractions for cubes; their names do not depend on the caller."""
    return [PointRun(f"point_{path.stem.split('_')[1]}", path) for path in cubes]
