"""Commands that measure: lines."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mrskit.cli.output import AsJson, console, notes, print_json, table_of, wide

if TYPE_CHECKING:
    from mrskit.analysis.lines import LineTable


def lines(
    spectra: Annotated[list[Path], typer.Argument(help="Folder of spectra, or files; with --region cubes (s3d).")],
    redshift: Annotated[
        str | None,
        typer.Option(help="Approximate redshift, such as 0.0225 or 6700km/s; by default, it is searched for."),
    ] = None,
    region: Annotated[Path | None, typer.Option(help="DS9 region file: measure the cubes inside its region.")] = None,
    target: Annotated[str | None, typer.Option(help="Target or observation to measure, if there are several.")] = None,
    column: Annotated[str | None, typer.Option(help="Column of the flux, such as RF_FLUX.")] = None,
    as_json: AsJson = False,
) -> None:
    """
    Find and fit the known MRS lines in a set of spectra; print one redshift and one row per line.

    Example: mrskit lines work/demo/Source/stage3 --redshift 0.0225
    """
    from mrskit.analysis.catalogue import redshift_of
    from mrskit.analysis.collection import collect, in_regions
    from mrskit.analysis.lines import measure_lines

    with notes() as said:
        given = redshift_of(redshift) if redshift is not None else None
        sets = in_regions(spectra, region) if region else {"": collect(spectra, target, column)}
        reports = {name: measure_lines(items, given) for name, items in sets.items()}
    if as_json:
        found = {name: report.as_dict() | {"notes": said} for name, report in reports.items()}
        print_json(found[""] if not region else found)
        return
    for name, report in reports.items():
        _print(name, report)


def _print(name: str, report: LineTable) -> None:
    if not report.lines:
        console.print(f"No redshift{f' in {name}' if name else ''}: {report.message}.", markup=False)
        return
    table = table_of(
        "line (rest um)", ">band", ">velocity km/s", ">width km/s", ">flux", "unit of flux", ">S/N", "remarks",
        title=f"Lines relative to z = {report.given:.6g}{f' in {name}' if name else ''}",
        caption="velocity relative to that redshift; width is sigma, corrected for the instrument; errors are 1 sigma",
    )  # fmt: skip
    for row in report.detected:
        remarks = [f"fitted with {', '.join(row.blends)}"] if row.blends else []
        table.add_row(
            row.line, row.band or "", f"{row.velocity:+.0f} ± {row.velocity_error:.0f}",
            f"{row.width:.0f} ± {row.width_error:.0f}", f"{row.flux:.3g} ± {row.flux_error:.1g}", row.unit,
            f"{row.snr:.0f}", "; ".join([*remarks, *([row.message] if row.message else [])]),
        )  # fmt: skip
    wide(table)
    of = f"{len(report.detected)} of {len(report.lines)} lines in range were detected"
    if report.message:
        console.print(f"No redshift: {report.message}. {of}.", markup=False)
    else:
        console.print(f"Redshift {report.redshift:.5f} ± {report.redshift_error:.5f} from {len(report.used)} of "
                      f"{len(report.detected)} detected lines ({len(report.lines)} in range).")  # fmt: skip
    if report.hint:
        console.print(f"Hint: {report.hint}.", markup=False)
