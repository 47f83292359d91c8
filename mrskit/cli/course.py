"""Commands of the course: demo, run, list, build."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mrskit.cli.data import Seed
from mrskit.cli.output import AsJson, console, print_json, progress, table_of

if TYPE_CHECKING:
    from rich.table import Table

    from mrskit.lessons.timing import Clock

WorkspaceOption = Annotated[Path, typer.Option("--workspace", "-w", help="Workspace of the course.")]


def demo(
    workspace: WorkspaceOption = Path("work/demo"),
    seed: Seed = "",
    bands: Annotated[
        str, typer.Option(help="Additional settings with all their exposures: 'all', or e.g. 12/LONG,34/SHORT.")
    ] = "",
    profile: Annotated[str, typer.Option(help="quick (10 groups) or program (40 groups x 2, as observed).")] = "quick",
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Run all lessons, including those that have not changed.")
    ] = False,
) -> None:
    """
    Make the simulated data, run the six solved lessons, and write the scorecard and the report.

    Unchanged products are not made again. With --bands all, all 36 exposures of the program are simulated and reduced,
    one setting after the other. Lesson 06 then shows all twelve bands.

    Example: mrskit demo --workspace work/demo --bands 12/MEDIUM,34/SHORT
    """
    from mrskit.bands import settings
    from mrskit.learner.course import refuse_own
    from mrskit.learner.tables import scorecard_table
    from mrskit.lessons.demo import run_demo
    from mrskit.lessons.timing import Clock
    from mrskit.seed import chosen as chosen_seed
    from mrskit.workspace import Workspace

    refuse_own(workspace)
    number = chosen_seed(seed, Workspace(workspace.resolve()))
    chosen, clock = settings(bands.replace("/", ":")) if bands.strip() else (), Clock()
    try:
        card = run_demo(
            workspace, seed=number, progress=progress(), bands=chosen, profile=profile, fresh=fresh, clock=clock
        )
    finally:
        if clock.phases:
            console.print(_phase_table(clock))
    console.print(scorecard_table(card))
    console.print(f"Scorecard: {workspace / 'scorecard.json'}", markup=False)
    console.print(f"Report:    {workspace / 'report.html'}", markup=False)
    if card.passed < card.exercises:
        raise typer.Exit(1)


def run(
    lesson: Annotated[str, typer.Argument(help="01 ... 06, or the name of a lesson.")],
    strange: Annotated[list[str] | None, typer.Argument(hidden=True)] = None,
    workspace: WorkspaceOption = Path("work/demo"),
    solved: Annotated[bool, typer.Option("--solved", help="Run the solved form.")] = False,
    parameter: Annotated[
        list[str] | None, typer.Option("--parameter", "-p", help="NAME=VALUE, repeatable; VALUE is JSON or text.")
    ] = None,
) -> None:
    """
    Run one lesson on a workspace with papermill. Unknown parameters and values are rejected.

    Example: mrskit run 03 --workspace work/demo -p use_ch=12
    """
    import json

    from mrskit.errors import LessonError
    from mrskit.learner.course import refuse_blank, refuse_own
    from mrskit.lessons.run import run_lesson
    from mrskit.workspace import open_workspace

    parameters = {}
    for item in parameter or []:
        name, separator, text = item.partition("=")
        if not separator:
            example = f"{item}={strange[0]}" if strange else "use_band=SHORT"
            raise LessonError(f"parameter {item!r}: expected NAME=VALUE, for example -p {example}", found=item)
        try:
            parameters[name] = json.loads(text)
        except json.JSONDecodeError:
            parameters[name] = text
        if name in ("use_ch", "use_band", "stages", "stages_bg"):
            parameters[name] = text
    if strange:
        raise LessonError(
            f"{' '.join(strange)!r} after the lesson: expected only options, for example -p use_band=SHORT"
        )
    refuse_own(workspace)
    if not solved:
        refuse_blank(workspace, lesson)
    path = run_lesson(lesson, open_workspace(workspace), solved=solved, parameters=parameters, progress=progress())
    console.print(f"Executed lesson: {path}", markup=False)


def list_exercises(as_json: AsJson = False) -> None:
    """
    List the exercises of the course.

    Example: mrskit list --json
    """
    from mrskit.course.index import all_exercises

    names = ("id", "title", "kind", "unit", "points", "minutes", "judged_by")
    rows = [{name: getattr(exercise, name) for name in names} for exercise in all_exercises()]
    if as_json:
        print_json(rows)
        return
    table = table_of(*names, title=f"{len(rows)} exercises, {sum(row['points'] for row in rows)} points")
    for row in rows:
        table.add_row(*(str(row[name] if row[name] is not None else "") for name in names))
    console.print(table)


def build(
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail if a notebook is out of date or an exercise is faulty.")
    ] = False,
    workspace: Annotated[
        Path | None,
        typer.Option("--workspace", "-w", help="With --check: a solved workspace on which to test the exercises."),
    ] = None,
) -> None:
    """
    Make the student notebooks in lessons/ from the sources in lessons/source/.

    With --check, the command lists the faults of the course: outdated notebooks, notebooks that contain solutions, and
    exercises without a hint, unit or points. With a solved workspace, it also tests the points: solutions must earn all
    points, modified solutions fewer, and the student notebooks none. No notebook may contain an expected number.

    Example: mrskit build --check --workspace work/demo
    """
    from mrskit.lessons.build import build_lessons
    from mrskit.resources import lessons_folder

    folder = lessons_folder()
    if check:
        found = _course_problems(folder, workspace)
        for problem in found:
            console.print(problem, markup=False)
        raise typer.Exit(1 if found else 0)
    for path in build_lessons(folder / "source", folder):
        console.print(f"wrote {path}", markup=False)


def _course_problems(folder: Path, workspace: Path | None) -> list[str]:
    from mrskit.course.index import lessons
    from mrskit.grading.key import open_key
    from mrskit.grading.reports import quality
    from mrskit.lessons.build import stale_lessons

    stale = stale_lessons(folder / "source", folder)
    found = [f"out of date: {name}; run 'mrskit build'" for name in stale] + quality.release_problems(lessons())
    if workspace is None or found:
        return found
    key = open_key(workspace)
    return quality.key_problems(key, lessons()) + quality.stripped_problems(key, lessons())


def _phase_table(clock: Clock) -> Table:
    table = table_of("phase", ">seconds", ">pipeline, summed s", ">peak of a worker, GB", title="Time spent",
                     box=None, pad_edge=False, title_justify="left")  # fmt: skip
    for phase in clock.phases:
        memory = f"{phase.peak_memory / 1e9:.2f}" if phase.peak_memory else "-"
        table.add_row(phase.name, f"{phase.seconds:.1f}", f"{phase.pipeline:.1f}", memory)
    table.add_row("all", f"{clock.seconds:.1f}", f"{sum(phase.pipeline for phase in clock.phases):.1f}", "")
    return table
