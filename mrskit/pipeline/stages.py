"""Run stages 1, 2 and 3 on a workspace, in parallel and without repeating finished work."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from mrskit import bands, products
from mrskit.adopt import layout, present, together
from mrskit.adopt.found import OF_EXPOSURE, STAGES
from mrskit.bands import SETTINGS, Setting
from mrskit.errors import PipelineError
from mrskit.pipeline import parameters, preconditions, tasks
from mrskit.pipeline.associations import Member, stage2_members, stage3_members
from mrskit.pipeline.step_settings import DEFAULT_OPTIONS, Options
from mrskit.pipeline.steps.one_exposure import detector1_file, spec2_file
from mrskit.pipeline.tasks import Task
from mrskit.workers import executor
from mrskit.workspace import ROLES, Workspace, advice

__all__ = ["Options", "detector1", "detector1_file", "reduce", "spec2", "spec2_file", "spec3"]

PRODUCT = "Level3"  # first part of the names of stage 3, as in the observatory's notebook

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Reduction:
    """A reduction: the workspace, options and settings from which the stages are planned."""

    workspace: Workspace
    options: Options
    progress: Progress | None = None
    steps: Mapping[str, parameters.Steps] = field(default_factory=dict)  # by stage, on top of the explicit settings


def detector1(
    workspace: Workspace, setting: Setting, role: str = "source", options: Options = DEFAULT_OPTIONS,
    steps: parameters.Steps | None = None, progress: Progress | None = None,
) -> list[Path]:  # fmt: skip
    """
    Run stage 1 on the raw files of a setting and return the rate files, DN/s, in ``stage1``.

    ``setting``: selected by the keywords CHANNEL and BAND; ``role``: ``source`` or ``background``; ``steps``: changes
    on top of the explicit settings, ``{step: {parameter: value}}``; ``progress``: called with lines of text.
    ProductError if there is no raw file, or a file is truncated or foreign; PipelineError if the pipeline stops, or a
    step or parameter does not exist; ReferenceCacheError if references are missing.
    """
    reduction = Reduction(workspace, options, progress, {"detector1": steps or {}})
    return _first(_run(reduction, [setting], lambda: _detector1_tasks(reduction, setting, role)), "_rate")


def spec2(
    workspace: Workspace, setting: Setting, role: str = "source", options: Options = DEFAULT_OPTIONS,
    steps: parameters.Steps | None = None, progress: Progress | None = None,
) -> list[Path]:  # fmt: skip
    """
    Run stage 2 on the rate files of a setting and return the products that later stages read, in ``stage2``.

    These are the cal files, MJy/sr, and for background exposures also the spectra (x1d) for the master background.
    Arguments and errors are as for `detector1`; also

    PipelineError if the pixel background is requested without a rate file of a background exposure.
    """
    reduction = Reduction(workspace, options, progress, {"spec2": steps or {}})
    return _first(_run(reduction, [setting], lambda: _spec2_tasks(reduction, setting, role)), "_cal", "_x1d")


def spec3(
    workspace: Workspace, setting: Setting, options: Options = DEFAULT_OPTIONS,
    steps: parameters.Steps | None = None, progress: Progress | None = None,
) -> list[Path]:  # fmt: skip
    """
    Run stage 3 on the cal files of a setting and return one cube (s3d, MJy/sr) and one spectrum (x1d, Jy) per band.

    Arguments and errors are as for `detector1`; also

    PipelineError if the master background is requested without a background spectrum.
    """
    reduction = Reduction(workspace, options, progress, {"spec3": steps or {}})
    return _first(_run(reduction, [setting], lambda: _spec3_tasks(reduction, setting)), "_s3d", "_x1d")


def reduce(
    workspace: Workspace, settings: Iterable[Setting] | None = None, options: Options = DEFAULT_OPTIONS,
    progress: Progress | None = None, steps: Mapping[str, parameters.Steps] | None = None,
) -> list[Path]:  # fmt: skip
    """
    Run the three stages on all exposures of some settings and return all products.

    Exposures of all settings and roles go through a stage together. Products with unchanged inputs, settings,
    references and versions are not made again. Products whose exposures were removed are set aside. Exposures that
    arrive as external rate or cal files, without raw files, start at the next stage.

    ``settings``: by default all with exposures of the source; settings that the workspace's card lists under
    ``rate_only`` go only through stage 1. ``steps``: changes for each stage, see `parameters.parsed`; the workspace's
    card records them. Other arguments are as for `detector1`. Without background exposures both background corrections
    are off, with a message.
    """
    chosen = list(settings) if settings is not None else _present(workspace)
    whole = chosen if settings is not None else [item for item in chosen if item.name not in workspace.card().rate_only]
    parts = {kind: [(item, role) for item in chosen for role in ROLES
                    if _files(workspace, role, kind, item, first=True)] for kind in OF_EXPOSURE}  # fmt: skip
    reduction = Reduction(workspace, options, progress, steps or {})
    fitting = {item: _fitting(reduction, item, parts) for item in chosen}
    written = tuple(f"{stage}.{text}" for stage, some in (steps or {}).items() for text in parameters.written(some))
    if workspace.card().changes != written:
        workspace.update_card(changes=written)
    begins = {"detector1": parts["uncal"], "spec2": parts["uncal"] + parts["rate"]}
    for text in written:
        if progress is not None and not begins.get(text.partition(".")[0], whole):
            progress(f"--set {text} changes nothing, because no exposure here goes through that stage")
    with executor.session(options.scheduler):
        done = _run(reduction, chosen, lambda: [task for item, role in parts["uncal"]
                                                for task in _detector1_tasks(fitting[item], item, role)])  # fmt: skip
        # Background exposures go first, because their cubes and spectra take longest.
        second = sorted({*parts["uncal"], *parts["rate"]}, key=lambda part: (part[1], part[0].name))
        planned = [task for item, role in second if item in whole
                   and (role == "source" or fitting[item].options.master_background)
                   for task in _spec2_tasks(fitting[item], item, role)]  # fmt: skip
        done += tasks.run_all(planned, options, progress)  # with the references that the first stage has activated
        planned = [task for item in whole for task in _spec3_tasks(fitting[item], item)]
        done += tasks.run_all(planned, options, progress)
    return done


def _detector1_tasks(reduction: Reduction, setting: Setting, role: str) -> list[Task]:
    raw = _files(reduction.workspace, role, "uncal", setting)
    if not raw:
        raise _no_raw(reduction.workspace, role, f"uncal files of {setting.name}", setting.name)
    for path in raw:
        products.check_uncal(path)
    return [_task("detector1", reduction, role, (Member(path, "science"),), parameters.merged(
        parameters.detector1_steps(reduction.options, products.read_exposure(path).readout),
        reduction.steps.get("detector1"))) for path in raw]  # fmt: skip


def _spec2_tasks(reduction: Reduction, setting: Setting, role: str) -> list[Task]:
    workspace = reduction.workspace
    folders = {name: workspace.stage(name, "stage1") for name in ROLES}
    rates = _files(workspace, role, "rate", setting)
    _require(rates, folders[role], f"rate files of {setting.name}", f"Run stage 1 of the {role} first.")
    chosen = parameters.merged(parameters.spec2_steps(reduction.options, role), reduction.steps.get("spec2"))
    background: list[Path] = []
    if not chosen["bkg_subtract"]["skip"]:
        background = _files(workspace, "background", "rate", setting)
        _require(background, folders["background"], f"rate files of {setting.name} for the pixel background",
                 "Run stage 1 of the background first, or set pixel_background=False.")  # fmt: skip
    selfcal: list[Path] = []
    if not chosen["badpix_selfcal"]["skip"]:
        selfcal = [path for name in ROLES for path in _files(workspace, name, "rate")
                   if products.read_setting(path).channels == setting.channels]  # fmt: skip
    return [_task("spec2", reduction, role, stage2_members(path, background, selfcal), chosen) for path in rates]


def _spec3_tasks(reduction: Reduction, setting: Setting) -> list[Task]:
    workspace = reduction.workspace
    folder = workspace.stage("source", "stage2")
    science = _files(workspace, "source", "cal", setting)
    _require(science, folder, f"cal files of {setting.name}", "Run stage 2 of the source first.")
    chosen = parameters.merged(parameters.spec3_steps(reduction.options), reduction.steps.get("spec3"))
    spectra: list[Path] = []
    if not chosen["master_background"]["skip"]:
        folder = workspace.stage("background", "stage2")
        spectra = [path for item in _files(workspace, "background", "cal", setting) for path in present.spectra(item)]
        _require(spectra, folder, f"background spectra (x1d) of {setting.name} for the master background",
                 "Run stages 1 and 2 of the background first, or set master_background=False.")  # fmt: skip
    task = _task("spec3", reduction, "source", stage3_members(science, spectra), chosen)
    task = replace(task, product=PRODUCT, label=_label(setting), log=workspace.logs / f"spec3{_label(setting)}.log")
    return [task] if reduction.options.stock else _channels(task, setting, workspace)


def _channels(task: Task, setting: Setting, workspace: Workspace) -> list[Task]:
    """
    Return one task per channel instead of one for both, if the association becomes one cube per band.

    From the cubes on, the channels are independent, so two workers need half the time and memory. The earlier
    steps are done twice, but their products (crf) are kept once.
    """
    cube = task.steps["cube_build"]
    if cube["output_type"] != "band" or "channel" in cube:
        return [task]
    parts = []
    for number, channel in enumerate(setting.channels):
        part = f"_channel-{channel}"
        parts.append(replace(
            task, part=part, not_kept=("_crf",) if number else (),
            steps=parameters.merged(task.steps, {"cube_build": {"channel": channel}}),
            log=workspace.logs / f"spec3{task.label}{part}.log",
        ))  # fmt: skip
    return parts


def _task(
    stage: str, reduction: Reduction, role: str, members: tuple[Member, ...], steps: parameters.Steps
) -> Task:  # fmt: skip
    stem, workspace = present.stem(members[0].path), reduction.workspace
    folder = workspace.stage(role, f"stage{parameters.number(stage)}")
    return Task(stage, stem, members, folder, workspace.logs / f"{stage}_{stem}.log", workspace.root, steps,
                accelerate=not reduction.options.stock,
                changes=tuple(parameters.written(reduction.steps.get(stage, {}))))  # fmt: skip


def _run(reduction: Reduction, settings: Sequence[Setting], plan: Callable[[], list[Task]]) -> list[Path]:
    """Check exposures and references before the run, set aside products that are out of date, then run the tasks."""
    workspace, say = reduction.workspace, reduction.progress or (lambda message: None)
    names = {item.name for item in settings}
    there = [(item.found, item.role) for item in layout.there(workspace) if item.found.setting in names]
    problems, notes = together.look(there, workspace.card().adopted)
    if problems:
        told = " ".join(f"{item.rstrip('.')}." for item in problems)
        raise PipelineError(f"{workspace.root}: nothing is run. {told}", problems=problems)
    for note in notes:
        say(note)
    planned = plan()
    preconditions.check(workspace, [item for item, _ in there], planned, reduction.options, reduction.steps, say)
    folder, aside = present.set_aside(workspace)
    if aside:
        say(f"{len(aside)} products of removed exposures are set aside in {folder}: "
            + ", ".join(path.name for path in aside))  # fmt: skip
    return tasks.run_all(planned, reduction.options, reduction.progress)


def _first(paths: Iterable[Path], *suffixes: str) -> list[Path]:
    return [path for path in paths if path.stem.endswith(suffixes)]


def _require(paths: Sequence[Path], folder: Path, what: str, remedy: str) -> None:
    if not paths:
        raise PipelineError(f"{folder}: no {what} here. {remedy}", path=folder)


def _no_raw(workspace: Workspace, role: str, what: str, setting: str = "") -> PipelineError:
    folder = workspace.stage(role, "uncal")
    return PipelineError(f"{folder}: no {what} here. {advice(workspace.root, setting)}", path=folder)


def _present(workspace: Workspace) -> list[Setting]:
    found = {products.read_setting(path).name for path in present.exposures(workspace, "source").values()}
    if not found:
        raise _no_raw(workspace, "source", "uncal files")
    return [SETTINGS[name] for name in SETTINGS if name in found]


def _fitting(reduction: Reduction, setting: Setting, parts: dict[str, list[tuple[Setting, str]]]) -> Reduction:
    """Return a reduction without the background corrections that a setting's exposures do not allow, with a message."""
    options, part = reduction.options, (setting, "background")
    whole = part in parts["uncal"] or part in parts["rate"]
    there = any(part in some for some in parts.values())
    begun = _files(reduction.workspace, "background", "cal", setting, first=True) if options.master_background else []
    present.require_spectra(begun)
    fit = replace(options, master_background=options.master_background and there,
                  pixel_background=options.pixel_background and whole)  # fmt: skip
    if fit != options and reduction.progress is not None:
        reduction.progress(f"{setting.name}: there are no background exposures, so no background is subtracted")
    return replace(reduction, options=fit)


def _files(
    workspace: Workspace, role: str, kind: str, setting: Setting | None = None, first: bool = False
) -> list[Path]:  # fmt: skip
    """Return files of a kind from present exposures; with ``first``, only from exposures that start with this kind."""
    there = present.exposures(workspace, role)
    return [path for path in products.find(workspace.stage(role, STAGES[kind]), kind, setting)
            if present.stem(path) in there and not (first and there[present.stem(path)] != path)]  # fmt: skip


def _label(setting: bands.Setting) -> str:
    return f"_ch{setting.channels}-{setting.subband.lower()}"
