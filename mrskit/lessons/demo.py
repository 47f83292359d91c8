"""The demo: references, simulated exposures, six solved lessons, scorecard and report."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from mrskit.bands import settings
from mrskit.exercises import index
from mrskit.judge import Scorecard, scorecard, write_scorecard
from mrskit.lessons.report import write_report
from mrskit.lessons.run import run_lesson
from mrskit.workspace import Workspace, create

SETTINGS = "12:SHORT,34:SHORT"
DITHERS = {"34:SHORT": (1, 1)}  # source and background exposures of the long detector: reduced to rates only
SEED = 2732

Progress = Callable[[str], None]


def run_demo(
    workspace: Path, seed: int = SEED, progress: Progress | None = None, references: Path | None = None
) -> Scorecard:
    """
    Make the demo's data, run the solved lessons on them, write ``scorecard.json`` and ``report.html``.

    What is there already, and made from the same inputs, is not made again.

    Parameters
    ----------
    workspace : Path
        Folder of the workspace; made if it is not there.
    seed : int
        Of the simulated data.
    progress : function of str, optional
        Told about every step.
    references : Path, optional
        Reference cache; by default the kit's own.

    Returns
    -------
    Scorecard
        Of the solved lessons.

    Raises
    ------
    MrskitError
        Of the step that failed: simulation, pipeline, lesson, or disk space.
    """
    say = progress or (lambda message: None)
    space = create(workspace)
    make_data(space, seed, progress=say, references=references)
    reduce_data(space, progress=say)
    run_lessons(space, solved=True, progress=say)
    return finish(space, progress=say)


def make_data(
    workspace: Workspace, seed: int = SEED, progress: Progress | None = None, references: Path | None = None
) -> list[Path]:
    """
    Simulate the demo's exposures (quick profile) and return their paths.

    Channels 1 and 2 with all dithers and the long ramp; channels 3 and 4 with one source and one background exposure.
    """
    from mrskit.simulate.exposure import simulate

    paths = simulate(
        workspace, settings(SETTINGS), profile="quick", seed=seed, references=references, dithers=DITHERS,
        progress=progress,
    )  # fmt: skip
    workspace.write_card(dithers=DITHERS, rate_only=list(DITHERS))
    return paths


def reduce_data(workspace: Workspace, progress: Progress | None = None) -> list[Path]:
    """
    Run the pipeline on the demo's exposures and return the products.

    The lessons call the same stages with the same settings, and find their products made: so that the progress of the
    long part is seen, which a notebook cell cannot show.
    """
    from mrskit.pipeline.stages import reduce

    return reduce(workspace, progress=progress)


def run_lessons(
    workspace: Workspace,
    solved: bool,
    lessons: tuple[str, ...] | None = None,
    progress: Progress | None = None,
    parameters: dict[str, object] | None = None,
) -> list[Path]:
    """
    Run lessons one after the other and return the executed notebooks.

    Parameters
    ----------
    workspace : Workspace
        With raw exposures.
    solved : bool
        With the solutions, or as learners get them.
    lessons : tuple of str, optional
        By default all.
    progress : function of str, optional
        Told about every cell.
    parameters : dict, optional
        For every lesson.

    Raises
    ------
    LessonError
        If a lesson fails.
    """
    names = index.lessons() if lessons is None else lessons
    return [run_lesson(name, workspace, solved=solved, parameters=parameters, progress=progress) for name in names]


def finish(workspace: Workspace, progress: Progress | None = None) -> Scorecard:
    """Judge the answers of a workspace, write ``scorecard.json`` and ``report.html``, and return the scorecard."""
    card = scorecard(workspace)
    write_scorecard(card, workspace.root / "scorecard.json")
    path = write_report(workspace, card)
    if progress is not None:
        progress(f"{card.passed} of {card.exercises} exercises passed; report in {path}")
    return card
