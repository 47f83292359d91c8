"""Start SAOImage DS9 with the correct extension, scale and cube axis for a product."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from mrskit.errors import ViewerError
from mrskit.viewers.content import Content, read

PROGRAM = "ds9"
INSTALL = ("Install SAOImage DS9 (Debian, Ubuntu: apt-get install saods9; macOS: brew install --cask saoimageds9; "
           "conda: conda install -c conda-forge ds9)")  # fmt: skip


def command(contents: Sequence[Content], blink: bool = False) -> list[str]:
    """Return the command line that shows products in DS9, side by side or blinking; ViewerError for a spectrum."""
    spectra = [content.path.name for content in contents if content.kind == "spectrum"]
    if spectra:
        raise ViewerError(f"{', '.join(spectra)}: DS9 shows images and cubes, not tables. Leave out --ds9.")
    simulated = any(content.simulated for content in contents)
    line = [PROGRAM, "-title", "SIMULATED data" if simulated else "MRS", "-width", "900", "-height", "560"]
    line += ["-view", "buttons", "no"]
    for content in contents:
        line += _frame(content, contents[0].limits)
    if len(contents) > 1:
        line += ["-frame", "lock", "image", "-cube", "lock", "image"]
        line += ["-blink", "yes", "-blink", "interval", "1"] if blink else ["-tile", "yes", "-tile", "column"]
        line += ["-frame", "first"]
    return line


def open_ds9(paths: Sequence[Path | str], blink: bool = False) -> subprocess.Popen:
    """Start DS9 with products and return its process, which outlives Python; ViewerError without DS9 or a display."""
    line = command([read(path) for path in paths], blink)
    program = shutil.which(PROGRAM)
    if program is None:
        raise ViewerError(f"program '{PROGRAM}' is not on the PATH. {INSTALL}, or leave out --ds9.", program=PROGRAM)
    if sys.platform.startswith("linux") and not os.environ.get("DISPLAY"):
        raise ViewerError("DS9 needs an X display, but DISPLAY is not set. Work at a desktop, use 'ssh -X', or leave "
                          "out --ds9.", program=PROGRAM)  # fmt: skip
    with tempfile.TemporaryFile() as said:  # a file, not a pipe, because DS9 may write after Python has ended
        process = subprocess.Popen(
            [program, *line[1:]], stdin=subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=True
        )
        try:
            process.wait(timeout=2.0)
        except subprocess.TimeoutExpired:
            return process
        said.seek(0)
        message = said.read(300).decode(errors="replace").strip() or "no message"
    raise ViewerError(f"DS9 stopped at once (exit code {process.returncode}): {message}. Leave out --ds9.",
                      program=PROGRAM)  # fmt: skip


def _frame(content: Content, limits: tuple[float, float]) -> list[str]:
    """Return the arguments of one frame: file and extension, plane of a cube, stretch, limits, colours."""
    line = [f"{content.path.resolve()}[{content.extension}]"]
    if content.kind in ("ramp", "cube"):
        line += ["-cube", "axis", "3", "-cube", str(content.plane + 1)]  # groups or wavelengths, counted from 1
    stretch = "linear" if content.kind == "ramp" else "asinh"
    low, high = (f"{value:.6g}" for value in limits)
    return [*line, "-scale", stretch, "-scale", "limits", low, high, "-cmap", "viridis", "-zoom", "to", "fit"]
