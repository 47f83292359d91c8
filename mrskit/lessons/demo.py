"""The demo: references, simulated exposures, six solved lessons, scorecard and report."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

from mrskit import plan, room
from mrskit.answering.judge import Scorecard, scorecard, write_scorecard
from mrskit.bands import SETTINGS as ALL_SETTINGS, Setting, settings
from mrskit.lessons.report import write_report
from mrskit.lessons.several_lessons import run_lessons
from mrskit.lessons.timing import Clock
from mrskit.seed import PUBLIC
from mrskit.workspace import Workspace, create, require_space

__all__ = ["finish", "make_data", "reduce_data", "run_demo", "run_lessons"]

SETTINGS = "12:SHORT,34:SHORT"
DITHERS = {"34:SHORT": (1, 1)}  # source and background exposures of the long detector, reduced only to rates

Progress = Callable[[str], None]


def run_demo(
    workspace: Path, seed: int = PUBLIC, progress: Progress | None = None, references: Path | None = None,
    bands: Iterable[Setting] = (), profile: str = "quick", fresh: bool = False, clock: Clock | None = None,
) -> Scorecard:  # fmt: skip
    """
    Make the demo's data, run the solved lessons on them, and write ``scorecard.json`` and ``report.html``.

    Existing products from the same inputs are not made again; neither are unchanged lessons.

    Parameters
    ----------
    bands : iterable of Setting, optional
        Additional settings to simulate and reduce as in the program, with all dithers.

    Returns
    -------
    Scorecard
        Scorecard of the solved lessons.

    Raises
    ------
    MrskitError
        If a step fails: simulation, pipeline, lesson, or disk space.
    """
    from mrskit.pipeline.ahead import import_pipeline
    from mrskit.workers import executor

    say, clock = progress or (lambda message: None), clock or Clock()
    plan.profile(profile)  # an unknown profile is refused before the first step
    space = create(workspace)
    whole = _whole(space, bands)
    parts = portions(whole)
    _check_room(space, parts, profile, say)
    with executor.session() as workers:
        if not any(space.stage("source", "uncal").glob("*.fits")):
            workers.start(import_pipeline)  # workers import the pipeline while the references are built
        for part in parts:
            label = " + ".join(item.name for item in part) if len(parts) > 1 else ""
            with clock.phase(f"{label} data".strip()):
                few = {name: count for name, count in DITHERS.items() if ALL_SETTINGS[name] in {*part} - {*whole}}
                make_data(space, seed, progress=say, references=references, chosen=part, profile=profile, dithers=few)
            with clock.stages(label):
                reduce_data(space, progress=say, chosen=None if few else part)
        run_lessons(space, solved=True, progress=say, fresh=fresh, clock=clock)
    with clock.phase("scorecard and report"):
        return finish(space, progress=say)


def portions(whole: Iterable[Setting]) -> list[tuple[Setting, ...]]:
    """
    Return groups of settings that are simulated and reduced together, one group at a time to limit memory.

    Parameters
    ----------
    whole : iterable of Setting
        Settings with all dithers. The demo's own settings always come first, because the lessons need them.
    """
    own, whole = settings(SETTINGS), set(whole)
    others = [(item,) for item in ALL_SETTINGS.values() if item in whole and item not in own]
    return [*((item,) for item in own), *others] if whole.issuperset(own[1:]) else [own, *others]


def _whole(space: Workspace, bands: Iterable[Setting]) -> set[Setting]:
    """Return the settings with all dithers: the requested settings, and those already complete in the workspace."""
    names = {*space.card().whole, *(item.name for item in bands), "12:SHORT"}
    return {item for name, item in ALL_SETTINGS.items() if name in names}


def _check_room(space: Workspace, parts: list[tuple[Setting, ...]], profile: str, say: Progress) -> None:
    """Check, before the first exposure is made, that disk and memory suffice for the missing products."""
    import psutil

    card = space.card()
    made = set(card.settings) if card.profile == profile else set()
    wanted = [item for part in parts for item in part if item.name not in made]
    chosen = plan.profile(profile)
    exposures = chosen.source_dithers + chosen.background_dithers
    needed = len(wanted) * (exposures * room.EXPOSURE[profile] + room.SETTING) + (room.LESSONS if wanted else 0)
    require_space(space.root, needed, f"the demo with {len(wanted)} settings")
    free = psutil.virtual_memory().available
    if free < room.WORKER[profile]:
        say(f"only {free / 1e9:.1f} GB of memory are free, and the pipeline needs up to "
            f"{room.WORKER[profile] / 1e9:.1f} GB: close other programs")  # fmt: skip


def make_data(
    workspace: Workspace, seed: int = PUBLIC, progress: Progress | None = None, references: Path | None = None,
    chosen: Iterable[Setting] | None = None, profile: str = "quick",
    dithers: dict[str, tuple[int, int]] | None = None,
) -> list[Path]:  # fmt: skip
    """
    Simulate exposures of the demo and return their paths.

    By default these are channels 1 and 2 with all dithers and the long ramp, and channels 3 and 4 with one source and
    one background exposure, which are reduced only to rates.

    Parameters
    ----------
    workspace, seed, progress, references
        As for `run_demo`.
    dithers : dict, optional
        Setting name to (source, background) exposures, if fewer than in the profile; by default `DITHERS`.
    """
    from mrskit.simulate.exposure import simulate

    chosen = settings(SETTINGS) if chosen is None else tuple(chosen)
    dithers = DITHERS if dithers is None else dithers
    paths = simulate(workspace, chosen, profile=profile, seed=seed, references=references, dithers=dithers,
                     extras=settings(SETTINGS)[0] in chosen,  # one long ramp, not one per grating
                     progress=progress, run=partial(_in_parallel, progress=progress))  # fmt: skip
    card, names = workspace.card(), {item.name for item in chosen}
    few = {name: count for name, count in card.dithers.items() if name not in names} | dithers
    whole = {*card.whole, *names} - few.keys()
    workspace.update_card(dithers=few, rate_only=sorted(few), whole=sorted(whole))
    return paths


def _in_parallel(function: Callable, orders: Sequence, progress: Progress | None) -> list:
    """Simulate exposures on the current session's workers, and report time and memory as for a stage."""
    from mrskit.workers import executor, usage

    start = time.monotonic()
    if progress is not None:
        progress(f"simulate: {len(orders)} exposures")
    outcomes = executor.outcomes(function, orders, progress=progress)
    usage.report("simulate", [outcome.usage for outcome in outcomes], 0, time.monotonic() - start)
    return [outcome.value for outcome in outcomes]


def reduce_data(
    workspace: Workspace, progress: Progress | None = None, chosen: Iterable[Setting] | None = None
) -> list[Path]:
    """
    Run the pipeline on the demo's exposures and return the products.

    The lessons call the same stages with the same settings and find the finished products. In this way the user sees
    the progress of the long part, which a notebook cell cannot show.

    Parameters
    ----------
    workspace, progress
        As for `run_demo`.
    chosen : iterable of Setting, optional
        By default every setting with raw files. Settings with only a few exposures are reduced to rates.
    """
    from mrskit.pipeline.stages import reduce

    return reduce(workspace, chosen, progress=progress)


def finish(workspace: Workspace, progress: Progress | None = None) -> Scorecard:
    """Judge the answers of a workspace, write ``scorecard.json`` and ``report.html``, and return the scorecard."""
    card = scorecard(workspace)
    write_scorecard(card, workspace.root / "scorecard.json")
    path = write_report(workspace, card)
    if progress is not None:
        progress(f"{card.passed} of {card.exercises} exercises passed; report in {path}")
    return card
