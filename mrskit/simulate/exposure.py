"""Raw exposures (uncal files) of a program with known truth."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from mrskit import __version__, observed
from mrskit.bands import Setting
from mrskit.errors import ProductError, WorkspaceError
from mrskit.kept import digests
from mrskit.plan import Program, profile as profile_of, program as own_program
from mrskit.products import check_uncal
from mrskit.references import own_cache
from mrskit.simulate import truth
from mrskit.simulate.detector import Detector, expose, load_detector
from mrskit.simulate.headers import Plan, fill_header, fill_tables, sign
from mrskit.simulate.imperfections import DEFAULT, PERFECT, Departures, Imperfections, departures, slice_errors
from mrskit.simulate.instrument import reference_files, references_digest
from mrskit.simulate.optics import SHAPE, Optics, light_rate, load_optics
from mrskit.simulate.plans import LONG_RAMP_OBSERVATION, exposure_plans, program_plans
from mrskit.simulate.pointing import displaced, pointing
from mrskit.simulate.scene import Scene, default_scene
from mrskit.simulate.scene_default import with_star
from mrskit.workspace import Workspace, create, is_foreign, replacing, require_space

FORMAT = 4  # raised when the same inputs give different exposures, so that every exposure is made again
_BYTES_A_GROUP = 2 * SHAPE[0] * (SHAPE[1] + SHAPE[1] // 4)
_BYTES_OF_TRUTH = 10e6

Run = Callable[[Callable, Sequence], Sequence]  # like the built-in map, for picklable items


@dataclass(frozen=True, slots=True)
class Instrument:
    """The detector and optics that simulate the exposures of one setting."""

    errors: Departures
    optics: Optics
    detector: Detector


@dataclass(frozen=True, slots=True)
class Order:
    """Everything that a process needs to simulate one exposure."""

    workspace: Workspace
    plan: Plan
    scene: Scene
    seed: int
    scales: Imperfections
    files: tuple[tuple[str, Path], ...]  # reference type and file
    references: str  # digest of the files
    errors: Departures
    fingerprint: str
    program: Program

    @property
    def name(self) -> str:
        """Name of the exposure in messages."""
        return truth.stem(self.plan.name(self.program))


def simulate(
    workspace: Workspace,
    settings: Iterable[Setting],
    profile: str = "quick",
    seed: int = 2732,
    references: Path | None = None,
    imperfections: Imperfections = DEFAULT,
    extras: bool = True,
    progress: Callable[[str], None] | None = None,
    dithers: Mapping[str, tuple[int, int]] | None = None,
    run: Run | None = None,
    program: Program | None = None,
    scene: Scene | None = None,
) -> list[Path]:
    """
    Write the raw exposures of a workspace with their truth, and return all their paths.

    Complete existing exposures from the same scene, references, seed and errors are not made again.

    Parameters
    ----------
    workspace : Workspace
        Workspace; ``Source/uncal``, ``Background/uncal``, ``Ramp/uncal`` and ``truth`` are filled.
    seed : int
        Seed of scene, noise, events and reference errors.
    references : Path, optional
        Folder of the reference cache, by default the user's; missing files are built.
    imperfections : Imperfections
        Scales; with `PERFECT` the references equal the simulated instrument.
    extras : bool
        Also write the long ramp, in the first setting of channels 1 and 2.
    dithers : mapping, optional
        Setting name to (source, background) exposures, when fewer than the profile has, e.g. ``{"34:SHORT": (1, 1)}``.
    run : callable, optional
        ``run(function, items)`` calls a module's function on picklable items, e.g. in several processes
        (`mrskit.workers.executor.run`); by default one after the other. The files are the same either way.
    program : Program, optional
        A program other than the course's: its planned exposures are written, without a long ramp.
    scene : Scene, optional
        A scene other than the course's, which the seed varies.

    Raises
    ------
    PlanError, SimulationError, ReferenceCacheError, DiskSpaceError
        For an unknown profile, an impossible number of dithers, unavailable references or a full disk.
    WorkspaceError
        If the folder has raw exposures that the kit did not make, because some would be overwritten.
    """
    from mrskit.simulate.references import build

    say, chosen = progress or (lambda message: None), tuple(settings)
    if is_foreign(workspace.root):
        raise WorkspaceError(f"{workspace.root}: mrskit did not make the raw files in this folder, and simulated "
                             "files would mix with them. Name another folder.", path=workspace.root)  # fmt: skip
    create(workspace.root)
    if program is None:
        plans = exposure_plans(chosen, profile_of(profile), extras, dithers or {})
    else:
        plans, profile = program_plans(program, chosen), "program"
    folder = Path(references) if references is not None else own_cache.default_folder()
    if _is_foreign(folder):
        os.environ["CRDS_PATH"] = str(folder.resolve())  # CRDS_CONTEXT still names the context
    elif _has_flight_geometry(folder):
        own_cache.activate(folder)  # made by 'mrskit references --geometry': complete, and not extended here
    else:
        folder = build.build(chosen, folder, progress=progress)
        own_cache.activate(folder)
    paths = write_exposures(workspace, plans, seed, imperfections, say, run, program, scene)
    names = sorted({item.name for item in chosen} | set(workspace.card().settings))
    workspace.update_card(
        profile=profile, seed=seed, settings=names, scene=(scene or default_scene(seed)).digest,
        perfect=imperfections == PERFECT, imperfections=imperfections.changed(),
        references=str(folder.resolve()), versions=_versions(), simulated=True,
    )  # fmt: skip
    if program is not None:
        observed.write(program, workspace.root / observed.FILE)
    return paths


def write_exposures(
    workspace: Workspace,
    plans: list[Plan],
    seed: int,
    imperfections: Imperfections,
    say: Callable[[str], None],
    run: Run | None = None,
    program: Program | None = None,
    scene: Scene | None = None,
) -> list[Path]:
    """Write the missing planned exposures under the active reference context and return the paths of all."""
    scene, program = scene or default_scene(seed), program or own_program()
    truth.write_scene(workspace, scene)
    todo: list[Order] = []
    for setting in dict.fromkeys(plan.setting for plan in plans):
        files, errors = reference_files(setting), departures(setting, seed, imperfections)
        digest = references_digest(files)
        for plan in (item for item in plans if item.setting == setting):
            mark = _fingerprint(scene, plan, digest, errors, seed)
            if not _is_done(workspace, plan, mark, program):
                todo.append(
                    Order(
                        workspace, plan, scene, seed, imperfections, tuple(files.items()), digest, errors, mark, program
                    )
                )
    require_space(workspace.root, sum(_size(order.plan) for order in todo), f"{len(todo)} simulated exposures")
    if run is not None and todo:
        run(write_exposure, todo)
    else:
        for number, order in enumerate(todo, 1):
            say(f"exposure {number} of {len(todo)}: {order.name}")
            write_exposure(order)
    return [_path(workspace, plan, program) for plan in plans]


def write_exposure(order: Order) -> None:
    """Simulate one exposure and write its truth, then its raw file."""
    from stdatamodels.jwst import datamodels

    own_cache.follow()  # a worker may have read the rules before another setting was added to the cache
    plan, workspace = order.plan, order.workspace
    where, ramp = _pointing(plan), plan.number == LONG_RAMP_OBSERVATION
    scene = with_star(order.scene) if ramp else order.scene
    instrument = _instrument(plan.setting, order.files, order.references, order.errors, order.seed)
    off = (order.errors.offset_east, order.errors.offset_north, order.errors.roll)
    rate = light_rate(scene, instrument.optics, displaced(where, *off))
    before = None
    if order.errors.persistence:  # the previous dither; for the first, the last of the pattern
        last = replace(plan, dither=plan.dither - 1 or plan.dithers)
        before = light_rate(scene, instrument.optics, displaced(_pointing(last), *off))
    rng = np.random.default_rng([order.seed, 4, plan.number, plan.dither, *plan.setting.name.encode()])
    exposed = expose(rate, instrument.detector, instrument.errors, plan.integrations, plan.groups, rng,
                     plan.group_time, before)  # fmt: skip
    facts = {"fingerprint": order.fingerprint, "seed": order.seed, "scene": scene.digest,
             "errors": order.errors.as_dict(), "perfect": order.scales == PERFECT, "setting": plan.setting.name,
             "imperfections": order.scales.changed(), "version": __version__, "slices": {
                 band.name: slice_errors(band, order.seed, order.errors) for band in plan.setting.bands}}  # fmt: skip
    truth.write_exposure(workspace, order.name, rate, exposed, instrument.detector.bad, facts)
    refout = rng.normal(9500.0, 5.0, (plan.integrations, plan.groups, SHAPE[0], SHAPE[1] // 4))
    with _quiet(), datamodels.Level1bModel() as model, replacing(_path(workspace, plan, order.program)) as temporary:
        model.data, model.refout = exposed.data, np.rint(refout).astype(np.uint16)
        fill_header(model, plan, order.program, where)
        fill_tables(model, plan)
        sign(model, order.scales == PERFECT)
        model.save(temporary)


@lru_cache(maxsize=1)  # one setting at a time, for memory; the digest represents the content of the files
def _instrument(
    setting: Setting, files: tuple[tuple[str, Path], ...], digest: str, errors: Departures, seed: int
) -> Instrument:
    from stdatamodels.jwst import datamodels

    source = own_program().observation("source")
    first = Plan(setting, source, source.number, 1, source.dithers, source.groups, source.integrations)
    with _quiet(), datamodels.IFUImageModel(SHAPE) as model:
        fill_header(model, first, own_program(), _pointing(first))
        optics = load_optics(setting, dict(files), errors, model, seed)
    return Instrument(errors, optics, load_detector(dict(files), errors, seed, setting.channels))


def _pointing(plan: Plan):
    return pointing(own_program().target_ra, own_program().target_dec, plan.dither, plan.background)


def _path(workspace: Workspace, plan: Plan, program: Program) -> Path:
    ramp = plan.number == LONG_RAMP_OBSERVATION
    return (workspace.ramp if ramp else workspace.stage(plan.observation.role, "uncal")) / plan.name(program)


def _size(plan: Plan) -> float:
    return plan.integrations * plan.groups * _BYTES_A_GROUP + _BYTES_OF_TRUTH


def _fingerprint(scene: Scene, plan: Plan, references: str, errors: Departures, seed: int) -> str:
    """Return twelve hexadecimal digits of everything that an exposure depends on."""
    parts: tuple[object, ...] = (
        FORMAT, scene.digest, plan.setting.name, plan.number, plan.dither, plan.dithers, plan.groups,
        plan.integrations, references, sorted(item for item in errors.as_dict().items() if item[1]), seed,
    )  # fmt: skip
    readout = plan.observation.readout
    return digests.of_values(parts if readout == "FASTR1" else (*parts, readout))[:12]


def _is_done(workspace: Workspace, plan: Plan, mark: str, program: Program) -> bool:
    if truth.read_facts(workspace, truth.stem(plan.name(program))).get("fingerprint") != mark:
        return False
    try:
        with _quiet():  # of the warning that a file is truncated
            check_uncal(_path(workspace, plan, program))
    except ProductError:
        return False
    return True


def _is_foreign(folder: Path) -> bool:
    """Return whether a folder is a CRDS cache that the kit did not build, e.g. with references from STScI."""
    return (folder / "mappings").is_dir() and not (folder / own_cache.CARD).is_file()


def _has_flight_geometry(folder: Path) -> bool:
    """Return whether a folder is one of the kit's caches with flight distortion files instead of the kit's geometry."""
    return str((own_cache.read_card(folder) or {}).get("geometry", "own")).startswith("flight")


def _versions() -> dict[str, str]:
    from importlib.metadata import version

    return {"mrskit": __version__, **{name: version(name) for name in ("jwst", "stdatamodels", "crds", "numpy")}}


@contextmanager
def _quiet():
    """Silence the log and warnings of jwst while a model is created or saved."""
    previous = logging.root.manager.disable
    logging.disable(logging.INFO)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(previous)
