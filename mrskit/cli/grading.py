"""Commands of instructors: key, handout, grade."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mrskit.cli.output import AsJson, Quiet, Scheduler, console, errors, print_json, table_of

if TYPE_CHECKING:
    from rich.table import Table

    from mrskit.grading.reports.summary import Summary

Platform = StrEnum("Platform", ["canvas", "moodle", "nbgrader", "csv"])
Form = StrEnum("Form", ["nbgrader"])
_WORDS = {"run": "Running notebooks", "judge": "Judging", "reports": "Writing reports"}


def grade(
    submissions: Annotated[list[Path], typer.Argument(help="A folder, a zip, or notebooks that students handed in.")],
    key: Annotated[Path, typer.Option("--key", help="The instructor's solved workspace, with truth and rules.")],
    out: Annotated[Path, typer.Option("--out", help="Folder of the grades; what it holds already is not done again.")],
    scheduler: Scheduler = "local",
    jobs: Annotated[int | None, typer.Option("--jobs", "-j", min=1, help="Local workers at most.")] = None,
    trust: Annotated[
        bool, typer.Option("--trust", help="Run them also where nothing but accidents can be stopped.")
    ] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Run all notebooks again.")] = False,
    export: Annotated[
        list[Platform] | None, typer.Option("--export", help="Write grades and feedback for a platform; repeatable.")
    ] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    roster: Annotated[
        Path | None, typer.Option("--roster", help="A table of all students (CSV); by default that of grading.toml.")
    ] = None,
    layout: Annotated[
        str,
        typer.Option(
            "--layout",
            help="How files are named: canvas, moodle, blackboard, brightspace, nbgrader, folders, assignments, flat, "
            "or a pattern such as '{student}/{lesson}*'. By default it is recognised.",
        ),
    ] = "",
    only: Annotated[str, typer.Option("--only", help="Grade this student again; the grades of the others stay.")] = "",
) -> None:
    """
    Grade notebooks of students in a sandbox: gradebook, one report a student, one page of the class.

    Interrupted, it goes on when it is started again. Where the key or the judge has changed, records are judged again
    without running anything. Exit code 1 if the grader itself failed anywhere (those totals are incomplete), if a file
    matches nobody, or if nothing of a hand-in could be read.

    Example: mrskit grade handed-in/ --key work/key --out grades
    """
    from mrskit.grading.key import open_key
    from mrskit.grading.reports import gradebook
    from mrskit.grading.reports.grades import PRACTICE

    options = gradebook.Options(scheduler, jobs, trust, fresh, roster=roster, layout=layout, only=only)
    source = submissions[0] if len(submissions) == 1 else submissions
    opened = open_key(key)
    if opened.practice:
        errors.print(PRACTICE, markup=False)
    with _announcing(quiet or as_json) as announce:
        done = gradebook.grade(source, opened, out, options, announce)
    exported = _export(export or [], done, out)
    if as_json:
        print_json(_as_json(done, out) | {"exported": [str(path) for path in exported]})
    else:
        console.print(_table(done))
        console.print(f"Isolation: {done.isolation}. {done.executed} of {done.submissions} notebooks were run, "
                      f"{done.judged} records judged.{done.others}")  # fmt: skip
        for line in done.said:
            console.print(line, markup=False)
        for path in (*(out / name for name in ("gradebook.csv", "class.html", "intake.csv")), *exported):
            console.print(f"{path}", markup=False)
    for student, reason in done.unwritten.items():
        errors.print(f"{student}: the feedback could not be written ({reason})", markup=False)
    if done.errors:
        errors.print(f"The grader failed at {done.errors} exercises: {out / 'class.html'} says why.", markup=False)
    if done.lost:
        errors.print(f"{done.lost} {out / 'intake.csv'} lists every file, and why.", markup=False)
    if done.errors or done.unwritten or done.lost:
        raise typer.Exit(1)


def release(
    out: Annotated[Path, typer.Argument(help="Folder to make.")],
    form: Annotated[Form, typer.Option("--format", help="For which platform.")],
    lessons: Annotated[list[str] | None, typer.Option("--lesson", help="01 ... 06; repeatable. Default: all.")] = None,
    key: Annotated[Path | None, typer.Option("--key", help="Points and lessons of its grading.toml.")] = None,
) -> None:
    """
    Make what a platform gives to students: for nbgrader a course folder. Nothing of a key is in it but points.

    Example: mrskit release --format nbgrader course/
    """
    from mrskit.classroom.nbgrader_course import make_course
    from mrskit.grading.key import open_key

    made = make_course(out, lessons or (), open_key(key).rules if key else None)
    console.print(f"{len(made)} lessons: {out / 'source'}", markup=False)
    console.print(f"Next, in {out}: nbgrader generate_assignment {made[0].stem}", markup=False)


def key(
    workspace: Annotated[Path, typer.Argument(help="A solved workspace: 'mrskit demo -w work/key --seed random'.")],
    practice: Annotated[
        bool, typer.Option("--practice", help="Take also data with a public or short seed; every report says so.")
    ] = False,
) -> None:
    """
    Make a solved workspace the key of a course: write grading.toml with a new secret, and check that it solves all.

    Example: mrskit key work/key
    """
    from mrskit.grading.key import make_key

    made, unsolved = make_key(workspace, practice)
    console.print(f"Rules: {made.root / 'grading.toml'} (keep it secret)", markup=False)
    for row in unsolved:
        console.print(f"{row.id}: its own answer is {row.outcome}. {row.message}", markup=False)
    if unsolved:
        console.print(f"Run 'mrskit demo --workspace {workspace}' to solve them.", markup=False)
        raise typer.Exit(1)
    console.print(f"Next: mrskit grade SUBMISSIONS --key {workspace} --out GRADES", markup=False)


def handout(
    key: Annotated[Path, typer.Argument(help="The instructor's workspace, with truth.")],
    out: Annotated[Path, typer.Argument(help="Folder to make: what learners get.")],
    products: Annotated[
        bool, typer.Option("--products", help="With the products, so that nobody has to run the pipeline.")
    ] = False,
) -> None:
    """
    Copy the data of a key for learners: without truth, answers and seed.

    Example: mrskit handout work/class handout/
    """
    from mrskit.classroom.handout import hand_out
    from mrskit.grading.key import open_key
    from mrskit.grading.reports.grades import PRACTICE

    opened = open_key(key)
    made = hand_out(opened, out, products)
    if opened.practice:
        errors.print(PRACTICE, markup=False)
    console.print(f"For learners: {made.root}", markup=False)
    console.print(f"They work on it with: mrskit start --data {out.name}", markup=False)


def _export(platforms: list[Platform], done: Summary, out: Path) -> list[Path]:
    """Write what platforms take back; say on standard error what the instructor should know of it."""
    if not platforms:
        return []
    from mrskit.classroom import exports

    read_as, paths = {row.path: row.layout for row in done.intake.rows}, []
    for platform in dict.fromkeys(platforms):
        written, told = exports.write(platform.value, done.grades, out, read_as)
        paths += written
        for line in told:
            errors.print(line, markup=False, soft_wrap=True)
    return paths


@contextmanager
def _announcing(quiet: bool) -> Iterator[Callable[[str, int], AbstractContextManager]]:
    """Give the function that shows a bar for each phase."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=errors, disable=quiet) as bars:

        @contextmanager
        def announce(name: str, total: int) -> Iterator[Callable[[], None]]:
            bar = bars.add_task(_WORDS[name], total=total)
            yield lambda: bars.advance(bar)

        yield announce


def _table(done: Summary) -> Table:
    from rich.markup import escape

    many = len(done.grades) != 1
    table = table_of("student", "status", ">points", ">of", title=f"{len(done.grades)} student{'s' * many}")
    for item in done.grades:
        table.add_row(escape(item.student), item.status, f"{item.score:g}", f"{item.most:g}")
    return table


def _as_json(done: Summary, out: Path) -> dict:
    rows = [{"student": item.student, "status": item.status, "score": item.score, "max": item.most} for item in
            done.grades]  # fmt: skip
    return {"submissions": done.submissions, "executed": done.executed, "judged": done.judged, "errors": done.errors,
            "isolation": done.isolation, "files": dict(done.files), "notes": list(done.said),
            "gradebook": str(out / "gradebook.csv"), "students": rows}  # fmt: skip
