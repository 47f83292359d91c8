"""Show products in jdaviz (Cubeviz, Specviz, Imviz, Rampviz) if it is installed."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import webbrowser
from pathlib import Path

from mrskit.errors import ViewerError
from mrskit.viewers.content import PRODUCTS, kind_of

LAYOUTS = {  # kind -> configuration of jdaviz, and its name for such data
    "ramp": ("flexible", "Ramp"),
    "image": ("imviz", "Image"),
    "cube": ("cubeviz", "3D Spectrum"),
    "spectrum": ("specviz", "1D Spectrum"),
}


def command(paths: list[Path], browser: bool = True) -> list[str]:
    """Return the jdaviz command for products of the same kind; ViewerError or ProductError if there is none."""
    if importlib.util.find_spec("jdaviz") is None:
        raise ViewerError(
            "jdaviz is not installed. Run: python -m pip install 'mrskit[jdaviz]'; or leave out --jdaviz."
        )
    kinds = {LAYOUTS[kind_of(path)][0] for path in paths}
    if len(kinds) > 1:
        raise ViewerError(f"jdaviz shows one kind of file at a time; found {', '.join(sorted(kinds))}. Name files of "
                          f"one kind (suffixes: {', '.join(PRODUCTS)}).", kinds=kinds)  # fmt: skip
    chosen = kinds.pop()
    order = [str(Path(sys.executable).with_name("jdaviz")), f"--layout={chosen}"]
    for path in paths:
        order += ["-fp", str(path), "-ff", LAYOUTS[kind_of(path)][1]]  # jdaviz does not load files without a format
    return order if browser and _has_browser() else [*order, "--browser", "echo %s"]


def _has_browser() -> bool:
    try:
        webbrowser.get()
    except webbrowser.Error:
        return False
    return True


def open_jdaviz(paths: list[Path], browser: bool = True) -> None:
    """Show products in jdaviz until Ctrl-C; errors as for `command`, and ViewerError if jdaviz fails."""
    order = command(paths, browser)
    try:
        code = subprocess.run(order, check=False, env=os.environ | {"PYTHONUNBUFFERED": "1"}).returncode
    except KeyboardInterrupt:
        return
    if code:
        raise ViewerError(f"jdaviz ended with code {code}. Run it alone to see why: {' '.join(order)}", code=code)
