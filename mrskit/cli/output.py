"""Output of the commands: messages with the time since the start, errors on standard error."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from mrskit.workers.usage import StageReport

AsJson = Annotated[bool, typer.Option("--json", help="Print only JSON.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress messages.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only show what would be done.")]
Scheduler = Annotated[
    str, typer.Option(help="local, none, slurm, slurm:8 (jobs), slurm:2-8, or the address of a Dask scheduler.")
]
console = Console(highlight=False, soft_wrap=True)
errors = Console(stderr=True, highlight=False)
_UNCUT = 1000  # columns: wider than any table


def progress(quiet: bool = False) -> Callable[[str], None]:
    """Return a callback that prints the seconds since now and a message; if ``quiet``, the callback is silent."""
    start = time.monotonic()

    def show(message: str) -> None:
        if not quiet:
            errors.print(f"[dim]{time.monotonic() - start:6.1f} s[/]  {message}")

    return show


def table_of(*columns: str, **options: Any) -> Table:
    """Return an empty table with columns; a name that begins with ``>`` marks a right-aligned column of numbers."""
    made = Table(**options)
    for name in columns:
        made.add_column(name.removeprefix(">"), justify="right" if name.startswith(">") else "left")
    return made


def stage_table(stages: Iterable[StageReport]) -> Table:
    """Return a table of the costs per stage: runs, seconds, peak memory of the largest worker."""
    table = table_of("stage", ">run", ">unchanged", ">workers", ">wall, s", ">summed, s", ">peak, GB", box=None,
                     pad_edge=False)  # fmt: skip
    for stage in stages:
        memory = f"{stage.peak_memory / 1e9:.2f}" if stage.done else "-"
        table.add_row(stage.stage, str(stage.done), str(stage.unchanged), str(stage.workers), f"{stage.wall:.1f}",
                      f"{stage.seconds:.1f}", memory)  # fmt: skip
    return table


@contextmanager
def notes() -> Iterator[list[str]]:
    """Collect the readers' warnings about files without duplicates, and print them on standard error at the end."""
    import warnings

    from mrskit.fitsfile import ProductWarning

    said: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ProductWarning)
        try:
            yield said
        finally:
            said += dict.fromkeys(str(item.message) for item in caught if issubclass(item.category, ProductWarning))
            for text in said:
                errors.print(f"Note: {text}", markup=False, soft_wrap=True)


def wide(table: Table) -> None:
    """Print a table without cutting file names, even on a narrow terminal or without a terminal."""
    Console(highlight=False, width=_UNCUT).print(table)


def print_json(value: object) -> None:
    """Print only a value as JSON on standard output."""
    print(json.dumps(value, indent=2, ensure_ascii=False))
