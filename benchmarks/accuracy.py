"""
What the kit measures on simulated data against what was put in: one table, one verdict a row.

    python benchmarks/accuracy.py WORKSPACE [--settings 12:SHORT|...|all] [--json FILE] [--no-jumps]

WORKSPACE is simulated and reduced ('mrskit simulate', 'mrskit reduce'). A workspace made with --perfect is held to the
tight limits, any other to the larger of the default limits and three sigma. Rows without a limit are reports. The scene
is brightened on purpose, so that a line in 1A and one in 2A have a signal-to-noise ratio above 150. The exit code is 1
when a row fails.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from accuracy_detector import background_rows, jump_rows, pull_rows
from accuracy_rows import DEFAULT, PERFECT, Row, nuclear_rows, nucleus
from rich.console import Console
from rich.table import Table

from mrskit.bands import Setting, settings
from mrskit.errors import MrskitError, ProductError
from mrskit.products import read_cube
from mrskit.references import own_cache
from mrskit.simulate import imperfections
from mrskit.simulate.instrument import reference_files
from mrskit.simulate.truth import read_scene
from mrskit.workspace import Workspace, open_workspace, write_text


def accuracy(workspace: Workspace, chosen: tuple[Setting, ...], *, jumps: bool = True) -> list[Row]:
    """
    Return the rows of the table for the settings chosen.

    Raises
    ------
    ProductError
        If a setting has no cubes.
    WorkspaceError, SimulationError
        If the workspace has no truth.
    """
    card, scene = workspace.require_card(), read_scene(workspace)
    perfect = card.perfect
    own_cache.activate(Path(card.references))
    limits = PERFECT if perfect else DEFAULT
    cubes = [read_cube(path) for path in sorted(workspace.stage("source", "stage3").glob("*_s3d.fits"))]
    rows: list[Row] = []
    for setting in chosen:
        errors, files = (
            imperfections.departures(
                setting, card.seed, imperfections.PERFECT if perfect else imperfections.DEFAULT
            ).as_dict(),
            reference_files(setting),
        )
        for band in setting.bands:
            cube = next((item for item in cubes if item.band == band), None)
            if cube is None:
                raise ProductError(f"{workspace.stage('source', 'stage3')}: no cube of {band.name}; run 'mrskit "
                                   f"reduce {workspace.root}' first, or leave {setting.name} out.")  # fmt: skip
            rows += nuclear_rows(nucleus(cube, scene, wings=errors["wings"]), scene, limits, perfect, errors)
            rows += background_rows(workspace, scene, band, errors, files)
        rows += pull_rows(workspace, setting)
        if jumps:
            rows += jump_rows(workspace, setting)
    return rows


def show(rows: list[Row], title: str) -> None:
    """Print the table."""
    table = Table(title=title, title_justify="left")
    for name in (
        "quantity",
        "band",
        "truth",
        "measured",
        "deviation",
        "sigma",
        "limit",
        "",
        "injected reference errors",
    ):
        table.add_column(
            name, justify="right" if name in ("truth", "measured", "deviation", "sigma", "limit") else "left"
        )
    for item in rows:
        shown = ["" if value is None else _text(value, item.unit) for value in (item.deviation, item.sigma, item.limit)]
        verdict = "[dim]report" if item.limit is None else "[green]pass" if item.passed else "[bold red]FAIL"
        table.add_row(
            item.quantity, item.band, f"{item.truth:.4g}", f"{item.measured:.4g}", *shown, verdict, item.injected
        )
    Console(width=None if sys.stdout.isatty() else 200).print(table)


def _text(value: float, unit: str) -> str:
    return f"{100 * value:.2f} %" if unit in ("relative", "share") else f"{value:.3g}"


def main(arguments: list[str] | None = None) -> int:
    """Make the table, print it, write it; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--settings", default=None, help="default: those whose cubes are there")
    parser.add_argument("--json", type=Path, help="write the rows as a JSON list")
    parser.add_argument("--no-jumps", action="store_true", help="leave out the rows that run Detector1 again")
    options = parser.parse_args(arguments)
    try:
        workspace = open_workspace(options.workspace)
        chosen = settings(options.settings) if options.settings else reduced_settings(workspace)
        rows = accuracy(workspace, chosen, jumps=not options.no_jumps)
    except MrskitError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    mode = "references equal the instrument" if workspace.card().perfect else "references are estimates"
    show(rows, f"{workspace.root.name}: {mode}")
    if options.json:
        write_text(options.json.resolve(), json.dumps([item.as_dict() for item in rows], indent=2) + "\n")
    return 0 if all(item.passed for item in rows) else 1


def reduced_settings(workspace: Workspace) -> tuple[Setting, ...]:
    """
    Return the settings whose two cubes are in the workspace.

    Raises
    ------
    ProductError
        If there is none.
    """
    folder = workspace.stage("source", "stage3")
    bands = {read_cube(path).band.name for path in folder.glob("*_s3d.fits")}
    found = tuple(item for item in settings("all") if all(band.name in bands for band in item.bands))
    if not found:
        raise ProductError(f"{folder}: no pair of cubes; run 'mrskit reduce {workspace.root}' first.", path=folder)
    return found


if __name__ == "__main__":
    sys.exit(main())
