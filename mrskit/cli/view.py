"""Command that shows products: view."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mrskit.cli.output import console, errors, notes, wide

if TYPE_CHECKING:
    from rich.table import Table


def view(
    files: Annotated[
        list[Path], typer.Argument(help="uncal, rate, cal, s3d, x1d or s1d files; associations or folders are listed.")
    ],
    ds9: Annotated[bool, typer.Option("--ds9", help="Show them in SAOImage DS9, one frame each.")] = False,
    blink: Annotated[bool, typer.Option("--blink", help="With --ds9: let the frames blink.")] = False,
    jdaviz: Annotated[
        bool, typer.Option("--jdaviz", help="Show files of the same kind in jdaviz (Cubeviz, Specviz, Imviz, Rampviz).")
    ] = False,
    browser: Annotated[bool, typer.Option("--browser", help="Show them with sliders in a browser.")] = False,
    opening: Annotated[
        bool,
        typer.Option("--open/--no-open", help="With --browser or --jdaviz: open a browser, or only print the address."),
    ] = True,
    save: Annotated[Path | None, typer.Option("--save", help="Write the first view as a PNG file instead.")] = None,
) -> None:
    """
    Show a product in a window with sliders, a browser, DS9 or jdaviz, with suitable extension, scale and cube axis.

    A click on an image shows the ramp or spectrum of that pixel. Ctrl-C stops the display in a browser.

    Exit codes: 0 shown or written; 1 no product, or a viewer that is not installed.

    Example: mrskit view --browser work/demo/Source/stage3/Level3_ch1-short_s3d.fits
    """
    for path in (item for item in files if item.is_dir() or item.suffix == ".json"):
        wide(_folder(path) if path.is_dir() else _association(path))
    files = [item for item in files if not item.is_dir() and item.suffix != ".json"]
    if not files:
        return
    if jdaviz and save is None:
        from mrskit.viewers.jdaviz import open_jdaviz

        open_jdaviz(files, opening)
    elif not (ds9 and save is None and _shown_in_ds9(files, blink)):
        with notes():
            _show(files, browser, opening, save)


def _folder(folder: Path) -> Table:
    """Return the products in a folder and its subfolders as a table."""
    from rich.table import Table

    from mrskit.errors import ProductError
    from mrskit.viewers.content import PRODUCTS

    table = Table("product", "kind", "size", title=str(folder))
    for path in sorted(folder.rglob("*.fits*")):
        suffix = path.name.removesuffix(".gz").removesuffix(".fits").rpartition("_")[2]
        if suffix in PRODUCTS and path.is_file():
            table.add_row(str(path.relative_to(folder)), PRODUCTS[suffix][0], f"{path.stat().st_size / 1e6:.1f} MB")
    if not table.row_count:
        raise ProductError(f"{folder}: no products found; expected files that end in {', '.join(PRODUCTS)}",
                           path=folder)  # fmt: skip
    return table


def _association(path: Path) -> Table:
    """Return the members of an association file as a table."""
    from rich.table import Table

    from mrskit.errors import ProductError

    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        table = Table("product", "member", "type", title=f"{path.name} ({found.get('asn_type', 'association')})")
        for product in found["products"]:
            for member in product["members"]:
                table.add_row(product["name"], member["expname"], member["exptype"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ProductError(f"{path.name}: not an association ({error!r}); expected a JSON file with products and their "
                           "members", path=path) from error  # fmt: skip
    return table


def _shown_in_ds9(files: list[Path], blink: bool) -> bool:
    """Show products in DS9 and return True; if DS9 is missing, print the reason and return False."""
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
