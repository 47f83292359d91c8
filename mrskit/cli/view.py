"""Command that shows products: view."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mrskit.cli.output import console, errors


def register(app: typer.Typer) -> None:
    """Add the command of this module to the application."""
    app.command()(view)


def view(
    files: Annotated[list[Path], typer.Argument(help="uncal, rate, cal, s3d or x1d files.")],
    ds9: Annotated[bool, typer.Option("--ds9", help="Show them in SAOImage DS9, one frame each.")] = False,
    blink: Annotated[bool, typer.Option("--blink", help="With --ds9: let the frames blink.")] = False,
    save: Annotated[Path | None, typer.Option("--save", help="Write the first view as a PNG file instead.")] = None,
) -> None:
    """
    Show a product with the right extension, scale and cube axis: in a window with sliders, or in DS9.

    Example: mrskit view --ds9 --blink work/demo/*/uncal/*mirifulong_uncal.fits
    """
    from mrskit.errors import ViewerError
    from mrskit.viewers import ds9 as saoimage
    from mrskit.viewers import window

    if ds9 and save is None:
        try:
            saoimage.open_ds9(files, blink)
            console.print("DS9 is open.")
            return
        except ViewerError as error:
            errors.print(f"[bold]{type(error).__name__}:[/] ", end="")
            errors.print(str(error), markup=False, highlight=False, soft_wrap=True)
            errors.print("Without DS9, matplotlib shows them instead.")
    for number, path in enumerate(files):
        if save is None and window.has_window():
            window.open_window(path, block=number == len(files) - 1)
            continue
        target = save or Path(f"{path.stem}.png")
        if save is not None and len(files) > 1:
            target = save.with_stem(f"{save.stem}-{number + 1}")
        console.print(f"Wrote {window.save(path, target)}", markup=False)
