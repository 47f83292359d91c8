"""Commands that measure: lines."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mrskit.cli.output import DATA, console, print_json


def register(app: typer.Typer) -> None:
    """Add the commands of this module to the application."""
    app.command(rich_help_panel=DATA)(lines)


def lines(
    spectra: Annotated[Path, typer.Argument(help="Folder of x1d or s1d files.")],
    redshift: Annotated[float, typer.Option(help="Approximate redshift of the source.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """
    Find and fit the known MRS lines in a set of spectra; print one redshift and one row a line.

    Example: mrskit lines work/demo/Source/stage3 --redshift 0.0225
    """
    from rich.table import Table

    from mrskit.analysis.lines import lines_report

    report = lines_report(spectra, redshift)
    if as_json:
        print_json(report.as_dict())
        return
    table = Table(
        title=f"Lines about z = {redshift}",
        caption="velocity about that redshift; width is sigma, the instrument's removed; errors are 1 sigma",
    )
    for heading in ("line (rest um)", "band", "velocity km/s", "width km/s", "flux", "S/N", "fitted with"):
        table.add_column(heading, justify="left" if heading in ("line (rest um)", "fitted with") else "right")
    for row in report.detected:
        table.add_row(
            row.line, row.band or "", f"{row.velocity:+.0f} ± {row.velocity_error:.0f}",
            f"{row.width:.0f} ± {row.width_error:.0f}", f"{row.flux:.3g} ± {row.flux_error:.1g}", f"{row.snr:.0f}",
            ", ".join(row.blends),
        )  # fmt: skip
    console.print(table)
    console.print("Fluxes are in W/m2 (W/m2/sr for spectra of surface brightness).")
    if not report.detected:
        console.print(f"None of {len(report.lines)} lines detected: no redshift. Is {redshift} near the true one?")
        return
    console.print(
        f"Redshift {report.redshift:.5f} ± {report.redshift_error:.5f} from {len(report.used)} of "
        f"{len(report.detected)} detected lines ({len(report.lines)} in range)."
    )
