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
    submissions: Annotated[
        list[Path], typer.Argument(help="A folder, a zip file or notebooks that students handed in.")
    ],
    key: Annotated[Path, typer.Option("--key", help="The instructor's solved workspace, with truth and rules.")],
    out: Annotated[Path, typer.Option("--out", help="Folder for the grades; existing results in it are used again.")],
    scheduler: Scheduler = "local",
    jobs: Annotated[int | None, typer.Option("--jobs", "-j", min=1, help="Maximum number of local workers.")] = None,
    trust: Annotated[
        bool, typer.Option("--trust", help="Run notebooks even without a sandbox, protected only against accidents.")
    ] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Run all notebooks again, even unchanged ones.")] = False,
    export: Annotated[
        list[Platform] | None, typer.Option("--export", help="Write grades and feedback for a platform; repeatable.")
    ] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    roster: Annotated[
        Path | None,
        typer.Option("--roster", help="A table of all students (CSV); by default, the one named in grading.toml."),
    ] = None,
    layout: Annotated[
        str,
        typer.Option(
            "--layout",
            help="Naming scheme of the files: canvas, moodle, blackboard, brightspace, nbgrader, folders, assignments, "
            "flat, or a pattern such as '{student}/{lesson}*'. By default, the scheme is recognised.",
        ),
    ] = "",
    only: Annotated[str, typer.Option("--only", help="Grade only this student again; all other grades stay.")] = "",
) -> None:
    """
    Grade student notebooks in a sandbox; write a gradebook, a report per student and a class page.

    If the command was interrupted, start it again to continue. After a change of the key or the judge, recorded answers
    are judged again, but no notebook is run. Exit code 1 if the grader itself failed anywhere (those totals are
    incomplete), if a file matches no student, or if a submission could not be read at all.

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
        errors.print(
            f"The grader failed at {done.errors} exercises. For the reasons, see {out / 'class.html'}.", markup=False
        )
    if done.lost:
        errors.print(f"{done.lost} {out / 'intake.csv'} lists every file with the reason.", markup=False)
    if done.errors or done.unwritten or done.lost:
        raise typer.Exit(1)


def release(
    out: Annotated[Path, typer.Argument(help="Folder to make.")],
    form: Annotated[Form, typer.Option("--format", help="Platform to release for.")],
    lessons: Annotated[list[str] | None, typer.Option("--lesson", help="01 ... 06; repeatable. Default: all.")] = None,
    key: Annotated[
        Path | None, typer.Option("--key", help="Key whose grading.toml gives the points and lessons.")
    ] = None,
) -> None:
    """
    Make the files that a platform gives to students: for nbgrader, a course folder. It contains the points of a key,
    but no answers.

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
        bool, typer.Option("--practice", help="Accept data with a public or short seed; every report will mention it.")
    ] = False,
) -> None:
    """
    Turn a solved workspace into a course key: write grading.toml with a new secret, and check all answers.

    Example: mrskit key work/key
    """
    from mrskit.grading.key import make_key

    made, unsolved = make_key(workspace, practice)
    console.print(f"Rules: {made.root / 'grading.toml'} (keep it secret)", markup=False)
    for row in unsolved:
        console.print(f"{row.id}: the answer of the key is {row.outcome}. {row.message}", markup=False)
    if unsolved:
        console.print(f"Run 'mrskit demo --workspace {workspace}' to solve them.", markup=False)
        raise typer.Exit(1)
    console.print(f"Next: mrskit grade SUBMISSIONS --key {workspace} --out GRADES", markup=False)


def handout(
    key: Annotated[Path, typer.Argument(help="The instructor's workspace, with truth.")],
    out: Annotated[Path, typer.Argument(help="Folder to make for the learners.")],
    products: Annotated[
        bool, typer.Option("--products", help="Include the products, so that nobody has to run the pipeline.")
    ] = False,
) -> None:
    """
    Copy the data of a key for learners, without truth, answers and seed.

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
    console.print(f"Learners start with: mrskit start --data {out.name}", markup=False)


def _export(platforms: list[Platform], done: Summary, out: Path) -> list[Path]:
    """Write the files that platforms import; print warnings for the instructor on standard error."""
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
    """Yield the function that shows a progress bar for each phase."""
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
