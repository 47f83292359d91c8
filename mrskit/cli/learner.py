"""Commands of a learner's day: start, check, watch, reset, doctor."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mrskit.cli.output import AsJson, console, errors, print_json, progress
from mrskit.exercises.outcomes import Outcome

if TYPE_CHECKING:
    from mrskit.learner.progress import Progress

OwnWorkspace = Annotated[
    Path | None,
    typer.Option("--workspace", "-w", help="Your workspace (default: work/course, here or in a folder above)."),
]


def start(
    lesson: Annotated[str, typer.Argument(help="01 ... 06; by default, the lesson where you stopped.")] = "",
    workspace: Annotated[Path, typer.Option("--workspace", "-w", help="Your workspace.")] = Path("work/course"),
    data: Annotated[Path, typer.Option(help="Workspace whose data are used; made if it does not exist.")] = Path(
        "work/demo"
    ),
    browser: Annotated[bool, typer.Option(help="Open a browser, or only print the address.")] = True,
    port: Annotated[
        int | None, typer.Option(help="Port of JupyterLab (default: the first free port from 8888).")
    ] = None,
    prepare: Annotated[
        bool, typer.Option("--prepare", help="Make data and notebooks, but do not open JupyterLab.")
    ] = False,
    path: Annotated[
        str, typer.Option(help="workshop: count only the exercises for half a day; whole: count all exercises.")
    ] = "",
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Replace your notebook with a new copy; a backup of yours is kept.")
    ] = False,
) -> None:
    """
    Open your own copy of a lesson in JupyterLab, at the place where you stopped.

    The first time, the data are simulated and reduced (about 3 minutes, 1.5 GB in work/demo). Your notebooks and
    answers are in work/course and are never overwritten. Ctrl-C stops JupyterLab; your saved work stays.

    Exit codes: 0 JupyterLab was stopped; 1 a mistake that the message explains.

    Example: mrskit start 02 --no-browser
    """
    from mrskit.course.index import lesson_name
    from mrskit.course.paths import includes
    from mrskit.learner import course, lab
    from mrskit.learner.progress import check as look
    from mrskit.learner.reset import keep

    wanted = lesson_name(lesson) if lesson else ""
    chosen = "" if path == "whole" else path
    includes(chosen, "")  # raises if no such path exists
    if not (workspace / "Source" / "uncal").is_dir():
        if not course.has_data(data):
            errors.print(f"The data for the course are now made, only once: about 3 minutes, 1.5 GB in {data}.")
            course.make_data(data, progress())
    space = course.make(workspace, data)
    if path:
        space.update_card(path=chosen)
    wanted = wanted or course.resume(space, look(space))
    if fresh and (mine := space.root / "Notebook" / f"{wanted}.ipynb").is_file():
        console.print(f"Backup: {keep(space, mine)}", markup=False)
    notebook = course.notebook(space, wanted, fresh)
    console.print(f"Your notebook: {notebook}", markup=False)
    if prepare:
        return
    server = lab.start(space, port)
    address = server.page(space, notebook)
    console.print(f"JupyterLab:    {address}", markup=False)
    if browser:
        import webbrowser

        if not webbrowser.open(address):
            console.print("No browser was found. Open this address in a browser.")
    if server.process is None:
        console.print("JupyterLab was already running and is still running.")
        return
    console.print("Ctrl-C stops JupyterLab. In another terminal: mrskit check, mrskit watch")
    server.wait()
    console.print(f"JupyterLab has stopped. Your work is in {space.root}. To continue: mrskit start", markup=False)


def check(
    notebook: Annotated[
        Path | None, typer.Argument(help="A saved notebook; by default, all lessons of the workspace.")
    ] = None,
    workspace: OwnWorkspace = None,
    as_json: AsJson = False,
) -> None:
    """
    Show your progress from your answers and saved notebooks. Nothing is run; only changed answers are judged again.

    Exit codes: 0 shown, whatever the score; 1 no workspace, or a notebook that cannot be read.

    Example: mrskit check work/course/Notebook/01_setup.ipynb
    """
    from mrskit.learner import course
    from mrskit.learner.progress import check as look

    if workspace is None and notebook is not None and (notebook.resolve().parents[1] / "Source" / "uncal").is_dir():
        workspace = notebook.resolve().parents[1]
    space = course.find(workspace)
    state = look(space, notebook)
    lesson = notebook.stem if notebook is not None else ""
    if as_json:
        current = state.current
        print_json(state.card.to_json() | {
            "changed": list(state.changed), "judged": state.judged, "problems": list(state.problems),
            "next": current.id if current else None,
        })  # fmt: skip
        return
    _show(state, lesson)
    if path := space.card().path:
        console.print(
            f"Only exercises of the path {path} are counted. To count all exercises: mrskit start --path whole"
        )


def watch(workspace: OwnWorkspace = None) -> None:
    """
    Judge notebooks on every save: keep this running in a second terminal next to JupyterLab.

    Keys: n next, h hint, l list, c check all, x reset, q quit. Without a terminal, changes are printed until the input
    ends.

    Exit codes: 0 quit; 1 no workspace.

    Example: mrskit watch --workspace work/course
    """
    from mrskit.learner import course
    from mrskit.learner.watching import Watch

    Watch(course.find(workspace), console).run()


def reset(
    what: Annotated[str, typer.Argument(metavar="EXERCISE|LESSON", help="Id of an exercise, or 01 ... 06.")],
    workspace: OwnWorkspace = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")] = False,
) -> None:
    """
    Reset an exercise (its answer and notebook cell) or a lesson (the whole notebook); a backup is kept.

    Exit codes: 0 done; 1 cancelled, or no such exercise, lesson or workspace.

    Example: mrskit reset 03-jump-pixel
    """
    from mrskit.learner import course, reset as resetting

    space, wanted = course.find(workspace), resetting.target(what)
    text = f"lesson {wanted.lesson}, {len(wanted.exercises)} exercises" if wanted.whole else wanted.exercises[0]
    if not yes:
        typer.confirm(f"Reset {text} in {space.root}? A backup is kept in Notebook/backup.", abort=True)
    for path in resetting.reset(space, wanted):
        console.print(f"Backup: {path}", markup=False)
    console.print(
        f"Reset: {text}. If the notebook is open in JupyterLab: File > Reload Notebook from Disk.", markup=False
    )


def doctor(
    workspace: Annotated[Path, typer.Option("--workspace", "-w", help="Workspace to check.")] = Path("work/demo"),
    profile: Annotated[str, typer.Option(help="quick (10 groups) or program (40 groups x 2).")] = "quick",
    real: Annotated[
        bool, typer.Option("--real", help="Write a report on a workspace of real data that you can send.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """
    Check Python, packages, memory, disk, references, data and viewers, and say how to fix each problem.

    Exit codes: 0 the default demo can run, perhaps with warnings; 1 it cannot run.

    Example: mrskit doctor --profile program
    """
    if real:
        from mrskit.checkup.real import write

        return console.print(
            f"{write(workspace)}: read the report before you send it. It contains no answers.", markup=False
        )
    from rich.table import Table

    from mrskit.checkup import checks

    lines = checks.of_computer(workspace, profile)
    missing = [line for line in lines if line.state == "missing"]
    if as_json:
        names = ("name", "found", "expected", "remedy")
        print_json([{key: getattr(line, key) for key in ("state", "needed", *names)} for line in lines])
        raise typer.Exit(1 if missing else 0)
    table = Table(box=None, pad_edge=False)
    for name in ("", "looked at", "found", "expected"):
        table.add_column(name, overflow="fold")
    for line in lines:
        mark = {"ok": "✓ ok", "warning": "! warning", "missing": "✗ missing"}[line.state]
        table.add_row(mark, line.name, line.found, line.expected)
    console.print(table)
    for line in lines:
        if line.state != "ok":
            console.print(f"{line.name}: {line.remedy}", markup=False)
    console.print("The default demo cannot run here yet." if missing else "The default demo can run here.")
    raise typer.Exit(1 if missing else 0)


def _show(state: Progress, lesson: str) -> None:
    from mrskit.learner.tables import exercise_table, scorecard_table

    lessons = [item for item in state.card.lessons if item.name == lesson] if lesson else []
    console.print(exercise_table(lessons[0], state.changed) if lessons else scorecard_table(state.card))
    for name in state.changed:
        console.print(f"Function changed since its cell was run: {name}. Run that cell again.", markup=False)
    for problem in state.problems:
        console.print(problem, markup=False)
    left = [row for item in lessons for row in item.rows if row.outcome != Outcome.PASSED] or list(state.rows)
    row = next((row for row in left if row.outcome != Outcome.PASSED), None)
    console.print(f"Next: {row.id} · {row.title}" if row else "All exercises are passed. Well done.", markup=False)
