"""Command that shows products: view."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mrskit.cli.output import DATA, console, errors


def register(app: typer.Typer) -> None:
    """Add the command of this module to the application."""
    app.command(rich_help_panel=DATA)(view)


def view(
    files: Annotated[list[Path], typer.Argument(help="uncal, rate, cal, s3d or x1d files.")],
    ds9: Annotated[bool, typer.Option("--ds9", help="Show them in SAOImage DS9, one frame each.")] = False,
    blink: Annotated[bool, typer.Option("--blink", help="With --ds9: let the frames blink.")] = False,
    jdaviz: Annotated[
        bool, typer.Option("--jdaviz", help="Show files of one kind in jdaviz (Cubeviz, Specviz, Imviz, Rampviz).")
    ] = False,
    browser: Annotated[bool, typer.Option("--browser", help="Show them with sliders in a browser.")] = False,
    opening: Annotated[
        bool, typer.Option("--open/--no-open", help="With --browser, --jdaviz: open it, or print the address alone.")
    ] = True,
    save: Annotated[Path | None, typer.Option("--save", help="Write the first view as a PNG file instead.")] = None,
) -> None:
    """
    Show a product with the right extension, scale and cube axis: in a window with sliders, a browser, DS9 or jdaviz.

    A click into an image shows the ramp or spectrum of that pixel. Ctrl-C ends what is shown in a browser.

    Exit codes: 0 shown or written; 1 no product, or a viewer that is not installed.

    Example: mrskit view --browser work/demo/Source/stage3/Level3_ch1-short_s3d.fits
    """
    if jdaviz and save is None:
        from mrskit.viewers.jdaviz import open_jdaviz

        open_jdaviz(files, opening)
    elif not (ds9 and save is None and _shown_in_ds9(files, blink)):
        _show(files, browser, opening, save)


def _shown_in_ds9(files: list[Path], blink: bool) -> bool:
    """Show products in DS9 and return True; say why not, and return False, where there is none."""
    from mrskit.errors import ViewerError
    from mrskit.viewers import ds9

    try:
        ds9.open_ds9(files, blink)
    except ViewerError as error:
        errors.print(f"[bold]{type(error).__name__}:[/] ", end="")
        errors.print(str(error), markup=False, highlight=False, soft_wrap=True)
        errors.print("Without DS9, matplotlib shows them instead.")
        return False
    console.print("DS9 is open.")
    return True


def _show(files: list[Path], browser: bool, opening: bool, save: Path | None) -> None:
    from mrskit.viewers import window

    if browser and save is None:
        window.use_browser(opening)
    for number, path in enumerate(files):
        if save is None and (browser or window.has_window()):
            window.open_window(path, block=number == len(files) - 1)
            continue
        target = save or Path(f"{path.stem}.png")
        if save is not None and len(files) > 1:
            target = save.with_stem(f"{save.stem}-{number + 1}")
        console.print(f"Wrote {window.save(path, target)}", markup=False)
