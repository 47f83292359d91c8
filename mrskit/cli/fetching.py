"""The commands that fill a workspace: fetch (from the archives) and adopt (from local files)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mrskit.cli.output import AsJson, DryRun, Quiet, console, errors, print_json, table_of, wide

if TYPE_CHECKING:
    from mrskit.adopt.layout import Layout
    from mrskit.bands import Setting
    from mrskit.fetch.raw import Prepared
    from mrskit.fetch.transfer_plan import Order


def adopt(
    folders: Annotated[list[Path], typer.Argument(help="Folders or files; subfolders are searched too.")],
    out: Annotated[Path, typer.Option(help="Workspace to make or to extend.")],
    background: Annotated[str, typer.Option(help="Background observations, or 'none'.")] = "",
    obs: Annotated[str, typer.Option(help="Only these observations, e.g. 4,5 (default: all).")] = "",
    program: Annotated[
        int | None, typer.Option(help="Program number, if the files come from several programs.")
    ] = None,
    copy: Annotated[bool, typer.Option("--copy", help="Make copies instead of links.")] = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """
    Arrange your own MRS files (uncal, rate, cal, s3d, x1d) as a workspace, according to their headers.

    Your files stay unchanged. The workspace contains hard links, or symbolic links across disks; gz files are unpacked.

    Example: mrskit adopt mastDownload --out work/mine --dry-run
    """
    from mrskit.adopt import layout

    told = layout.plan(folders, out.resolve(), _backgrounds(background), _numbers(obs, "--obs"), program)
    table = table_of("role", "kind", "setting", "observation", "target", "file", box=None, pad_edge=False)
    rows = [(item.role if item.new else f"{item.role}, already there", item.found.kind, item.found.setting,
             str(item.found.observation), str(item.found.header.get("TARGNAME", "")), str(item.found.path))
            for item in told.placed]  # fmt: skip
    for row in rows:
        table.add_row(*row)
    left_out = [(str(item.path), item.why) for item in told.left_out]
    if as_json:
        print_json({"files": rows, "left_out": left_out, "notes": told.notes, "problems": told.problems})
    else:
        wide(table)
        for text in (
            *(f"Left out: {path}: {why}" for path, why in left_out),
            *(f"Note: {note}" for note in told.notes),
        ):
            console.print(text, markup=False)
    if dry_run and not told.problems:
        return
    ways = layout.carry_out(told, copy)
    if not as_json:
        come = ", ".join(f"{count} x {way}" for way, count in ways.items()) or "nothing new"
        console.print(f"{out}: {come}. Next: {_next(out, told)}", markup=False)


def fetch(
    more: Annotated[list[int] | None, typer.Argument(help="Additional observations, as in --obs 4 5.")] = None,
    out: Annotated[Path | None, typer.Option(help="Workspace to fill; made if it does not exist.")] = None,
    program: Annotated[int, typer.Option(help="Number of a JWST program with MRS exposures.")] = 2732,
    obs: Annotated[str, typer.Option(help="Observations of the program, e.g. 4,5 (default for program 2732).")] = "",
    background: Annotated[
        str, typer.Option(help="Background observations, or 'none'; required if the headers do not mark them.")
    ] = "",
    bands: Annotated[str, typer.Option(help="Only these settings: 12:SHORT, SHORT, 1A ... (default: all).")] = "",
    spectra: Annotated[Path | None, typer.Option(help="Fetch the public spectra of VV 114 into this folder.")] = None,
    connections: Annotated[int, typer.Option(min=1, max=4, help="Number of files to fetch at the same time.")] = 3,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """
    Fetch the raw MRS exposures of a program from MAST into a workspace. Files that you already have are skipped.

    For data that are not public, set the environment variable MAST_API_TOKEN to your MAST token.

    Example: mrskit fetch --program 2732 --obs 4 5 --bands SHORT --out work/real --dry-run
    """
    if spectra is not None:
        return _spectra(spectra, as_json)
    from mrskit.fetch import raw
    from mrskit.fetch.archive import Patience

    if out is None:
        raise typer.BadParameter("no workspace given; expected e.g. --out work/real", param_hint="--out")
    numbers = _numbers(obs, "--obs") + list(more or ()) or ([4, 5] if program == 2732 else [])
    if not numbers:
        raise typer.BadParameter("no observations given; expected e.g. --obs 1,2", param_hint="--obs")
    patience = Patience(connections=connections)
    prepared = raw.prepare(out, program, numbers, _settings(bands), _backgrounds(background), patience)
    if dry_run or not as_json:
        _show(prepared, as_json)
    if dry_run:
        return None
    with _bars(prepared, quiet or as_json) as report:
        files = raw.carry_out(prepared, patience, report)
    if as_json:
        print_json(_as_json(prepared) | {"sha256": {item.order.remote.name: item.sha256 for item in files}})
    else:
        arrived = sum(item.arrived for item in files)
        console.print(f"{len(files)} raw exposures in {out}, {arrived / 1e6:.0f} MB fetched now", markup=False)
        console.print(f"Next: mrskit references --real {out}", markup=False)
    return None


def _next(out: Path, told: Layout) -> str:
    """Return the next command, with the problem that would stop it."""
    from mrskit.references import context
    from mrskit.workspace import Workspace

    if not any(item.found.kind in ("uncal", "rate", "cal") for item in told.placed):
        return f"mrskit lines {out / 'Source' / 'stage3'}"
    problem = "" if Workspace(out.resolve()).card().own_references else context.environment_problem()
    return f"mrskit references --real {out} (now {problem})" if problem else f"mrskit reduce {out}"


def _spectra(folder: Path, as_json: bool) -> None:
    from mrskit.fetch import spectra as public

    paths = public.fetch(folder)
    if as_json:
        print_json([str(path) for path in paths])
    else:
        console.print(f"{len(paths)} public spectra of VV 114 in {folder}", markup=False)
        console.print(f"Next: mrskit lines {folder} --redshift 0.0202", markup=False)


def _backgrounds(text: str) -> list[int] | str:
    from mrskit.adopt import roles

    return roles.NONE if text.strip().lower() == roles.NONE else _numbers(text, "--background")


def _numbers(text: str, option: str) -> list[int]:
    try:
        return [int(part) for part in text.replace(",", " ").split()]
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is not a list of numbers; expected e.g. 4,5", param_hint=option) from error


def _settings(text: str) -> tuple[Setting, ...] | None:
    """Return the detector settings for a list of settings, sub-bands or bands; None means all."""
    from mrskit.bands import SETTINGS, SUBBANDS, settings

    found: list[Setting] = []
    for part in text.upper().replace(",", " ").split():
        inside = [item for item in SETTINGS.values() if part in {band.name for band in item.bands}]
        whole = [item for item in SETTINGS.values() if part in SUBBANDS and item.subband == part]
        found += inside or whole or settings(part)
    return tuple(dict.fromkeys(found)) or None


def _show(prepared: Prepared, as_json: bool) -> None:
    """Print the planned transfer."""
    if as_json:
        return print_json(_as_json(prepared))
    table = table_of("role", "setting", ">dither", ">groups x ints", ">size, MB", ">here, MB", "to do", "name",
                     box=None, pad_edge=False)  # fmt: skip
    for order in prepared.orders:
        shown, sizes = order.exposure, [f"{count / 1e6:.1f}" for count in (order.total, order.have)]
        table.add_row(order.role, shown.setting.name, str(shown.dither), f"{shown.groups} x {shown.integrations}",
                      *sizes, order.action, order.remote.name)  # fmt: skip
    wide(table)
    for line in _remarks(prepared):
        console.print(line, markup=False)
    return None


def _remarks(prepared: Prepared) -> Iterator[str]:
    yield f"{len(prepared.orders)} files, {prepared.missing / 1e9:.2f} GB to fetch"
    yield from (f"Left out: {text}" for text in prepared.left_out)
    yield from (f"Note: {text}" for text in prepared.remarks)
    if prepared.reconciled is not None:
        known = prepared.reconciled
        yield (f"Compared with the kit's list by header: {len(known.found)} found, {len(known.missing)} missing, "
               f"{len(known.extra)} extra; {len(known.renamed)} under a different name")  # fmt: skip
    if any(order.exposure.simulated for order in prepared.orders):
        yield "According to their headers, some of these files are SIMULATED."


def _as_json(prepared: Prepared) -> dict:
    return {
        "program": prepared.program.id, "missing_bytes": prepared.missing, "left_out": list(prepared.left_out),
        "remarks": list(prepared.remarks),
        "files": [_row(order) for order in prepared.orders],
    }  # fmt: skip


def _row(order: Order) -> dict:
    return {
        "name": order.remote.name, "role": order.role, "setting": order.exposure.setting.name,
        "dither": order.exposure.dither, "groups": order.exposure.groups, "integrations": order.exposure.integrations,
        "readout": order.exposure.readout, "action": order.action, "bytes": order.total, "here": order.have,
        "path": str(order.path), "public": order.remote.public, "simulated": order.exposure.simulated,
    }  # fmt: skip


@contextmanager
def _bars(prepared: Prepared, quiet: bool) -> Iterator[Callable[[str, int, int], None]]:
    """Return a callback that advances a file's progress bar; if ``quiet``, the callback does nothing."""
    if quiet:
        yield lambda name, have, total: None
        return
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn(),
               TimeRemainingColumn())  # fmt: skip
    with Progress(*columns, console=errors) as progress:
        bars = {
            order.remote.name: progress.add_task(order.remote.name, total=order.total, completed=order.have)
            for order in prepared.orders
            if order.missing
        }
        yield lambda name, have, total: progress.update(bars[name], completed=have, total=total or None)
