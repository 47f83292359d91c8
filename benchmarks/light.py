"""Exposures of a scene as a stage 1 without errors leaves them, so that stages 2 and 3 can be judged in a minute."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from mrskit.bands import Setting
from mrskit.pipeline import stages
from mrskit.pipeline.step_settings import Options
from mrskit.plan import program
from mrskit.products import product_name
from mrskit.references import own_cache
from mrskit.simulate import exposure
from mrskit.simulate.headers import Plan, fill_header, sign
from mrskit.simulate.imperfections import Imperfections, departures
from mrskit.simulate.instrument import reference_files, references_digest
from mrskit.simulate.optics import SHAPE, light_rate
from mrskit.simulate.pointing import displaced, pointing
from mrskit.simulate.references import build
from mrskit.simulate.scene import Continuum, Scene, Sky, default_scene
from mrskit.workspace import Workspace, create

SEED = 2732
DITHERS = 4
FLUX = 0.3  # Jy, of `point`
GAIN, SECONDS, READ = 4.0, 19.4, 0.23  # electrons per DN; s of slope and DN/s of read noise in ten groups of FASTR1


def point(flux: float = FLUX, sigma: float = 0.0) -> Scene:
    """Return a source of constant flux density on a dark sky: a point, or a Gaussian of this sigma in arcsec."""
    scene = default_scene(SEED)
    source = replace(
        scene.component("nucleus"), kind="extended" if sigma else "point", major=sigma, minor=sigma,
        continuum=(Continuum("powerlaw", flux, 8.0, 0.0),), lines=(), silicate=0.0, carbon_monoxide=0.0,
    )  # fmt: skip
    return replace(scene, name="one source", components=(source,), sky=Sky((), ()))


def write_rates(space: Workspace, setting: Setting, scales: Imperfections, scene: Scene, noise: bool) -> None:
    """Write the rate files of the course's four dithers, with light in them and, if asked for, noise."""
    from stdatamodels.jwst import datamodels

    folder = build.build([setting], own_cache.default_folder())
    own_cache.activate(folder)
    create(space.root)
    space.update_card(references=str(folder), simulated=True, seed=SEED, perfect=True)
    files, errors = reference_files(setting), departures(setting, SEED, scales)
    parts = exposure._instrument(setting, tuple(files.items()), references_digest(files), errors, SEED)
    observation = program().observation("source")
    for dither in range(1, DITHERS + 1):
        plan = Plan(setting, observation, observation.number, dither, DITHERS, 10, 1)
        where = pointing(scene.ra, scene.dec, dither)
        rate = light_rate(scene, parts.optics, displaced(where, errors.offset_east, errors.offset_north, errors.roll))
        error = np.sqrt(np.maximum(rate, 0.0) / (GAIN * SECONDS) + READ**2).astype(np.float32)
        path = space.stage("source", "stage1") / product_name(plan.name(program()), "rate")
        with exposure._quiet(), datamodels.IFUImageModel(SHAPE) as model:
            random = np.random.default_rng([SEED, dither]).standard_normal(SHAPE, dtype=np.float32)
            model.data, model.err = rate + error * random if noise else rate, error
            model.dq, model.var_poisson, model.var_rnoise = np.zeros(SHAPE, np.uint32), error**2 / 2, error**2 / 2
            fill_header(model, plan, program(), where)
            sign(model, True)
            model.meta.filename, model.meta.bunit_data = path.name, "DN/s"
            model.save(path)


def reduced(
    folder: Path, setting: Setting, scales: Imperfections, scene: Scene, steps: dict | None = None, noise: bool = False
) -> list[Path]:  # fmt: skip
    """Return the cubes (s3d) and spectra (x1d) that stages 2 and 3 make of such exposures, as a POINT, in a folder."""
    space = Workspace(folder.resolve())
    write_rates(space, setting, scales, scene, noise)
    # Nothing is bad here: the highest values, of which the step flags a share, are the peak of the source.
    chosen = {
        "spec2": {"srctype": {"source_type": "POINT"}, **(steps or {})},
        "spec3": {"outlier_detection": {"threshold_percent": 100.0}},
    }
    products = stages.reduce(space, [setting], Options(scheduler="none"), steps=chosen)
    return [path for path in products if path.stem.endswith(("_s3d", "_x1d")) and path.parent.name == "stage3"]
