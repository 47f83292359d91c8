"""
The command line: ``mrskit COMMAND``; each command imports what it needs when it runs.

Exit codes: 0 done; 1 a mistake that the message explains; 2 wrong usage of the command line; 130 interrupted.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from mrskit import __version__
from mrskit.cli import course, data, fetching, grading, learner, spectra, view
from mrskit.cli.output import errors
from mrskit.errors import MrskitError

app = typer.Typer(
    name="mrskit",
    help="Executable lessons in the calibration of JWST MIRI MRS data, on simulated raw exposures with known truth.",
    epilog="Start with: mrskit start. Exit codes: 0 done, 1 a mistake that the message explains, 2 wrong usage.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
COMMANDS = {  # the headings of 'mrskit --help', one for each kind of reader
    "Learn": (learner.start, learner.check, learner.watch, learner.reset, learner.doctor, course.list_exercises),
    "Data and pipeline": (fetching.adopt, fetching.fetch, data.references, data.simulate, data.env, data.reduce,
                          data.script, view.view, spectra.lines),
    "Teach": (course.demo, grading.key, grading.handout, grading.grade, grading.release),
    "Make lessons": (course.run, course.build),
}  # fmt: skip
for heading, commands in COMMANDS.items():
    for command in commands:
        app.command(command.__name__.removesuffix("_exercises"), rich_help_panel=heading)(command)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"mrskit {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Apply options of the program as a whole."""


def main() -> None:
    """Run the command line; for a deliberate error, print only its message and return exit code 1."""
    try:
        app()
    except MrskitError as error:
        errors.print(f"[bold red]{type(error).__name__}:[/] ", end="")
        errors.print(str(error), markup=False, highlight=False, soft_wrap=True)
        sys.exit(1)
