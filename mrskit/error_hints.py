"""Explain an error in a notebook cell in at most three lines before the traceback: the problem and the remedy."""

from __future__ import annotations

import errno
import traceback
from types import TracebackType
from typing import TYPE_CHECKING

from mrskit.errors import MrskitError

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

LONGEST = 300  # characters of a line
PACKAGES = "The course has numpy, scipy, matplotlib, astropy, photutils, regions, lmfit and what they need; not pandas."


def install(shell: InteractiveShell | None) -> None:
    """
    Make a notebook's kernel show an explanation before the traceback of common errors.

    ``shell``: from ``IPython.get_ipython()``; outside a notebook nothing happens.
    """
    if shell is not None and hasattr(shell, "kernel"):
        shell.set_custom_exc((Exception,), _show)


def explain(error: BaseException) -> list[str]:
    """
    Return the explanation of an error, at most three lines, or nothing if the traceback suffices.

    Errors from the kit explain themselves, so only their message is shown.
    """
    advice = _advice(error)
    if isinstance(error, MrskitError) or not advice:
        return []
    line = _line(error.__traceback__)
    where = f" (line {line} of this cell)" if line else ""
    first = (str(error).splitlines() or [""])[0]
    return [f"{type(error).__name__}: {first}"[: LONGEST - len(where)] + where, advice]


def _show(
    shell: InteractiveShell, kind: type, error: BaseException, trace: TracebackType, tb_offset: int | None = None
) -> list:
    """Show explanation and traceback, as an IPython error handler."""
    lines = explain(error)
    if isinstance(error, MrskitError):
        shown = error._render_traceback_()
    else:
        shown = shell.InteractiveTB.structured_traceback(kind, error, trace, tb_offset=tb_offset)
    shown = [*lines, "", *shown] if lines else shown
    shell._showtraceback(kind, error, shown)
    return shown


def _advice(error: BaseException) -> str:
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return ("The disk is full. Free some space and run the cell again; existing products are not made again. "
                "'mrskit doctor' shows how much disk space the course needs.")  # fmt: skip
    if isinstance(error, FileNotFoundError):
        return ("The file was moved or deleted, or its name is mistyped. 'mrskit doctor' shows which data are missing; "
                "'mrskit reduce WORKSPACE' makes products again.")  # fmt: skip
    if isinstance(error, PermissionError):
        return "You may not read or write there. Choose a workspace in your own folder: mrskit start --workspace."
    if isinstance(error, ModuleNotFoundError):
        return f"Open the notebook with 'mrskit start'. {PACKAGES}"
    if isinstance(error, MemoryError):
        return ("The memory is full. Close other programs and notebooks (Kernel > Shut Down All Kernels), then run the "
                'cells again, with scheduler = "none" in the parameters.')  # fmt: skip
    if isinstance(error, NameError):
        return ("The name is mistyped, or a cell above was not run since the kernel started. Choose Run > Run All "
                "Above Selected Cell.")  # fmt: skip
    if "ellipsis" in str(error):
        return "Replace the '...' above with your answer."
    if isinstance(error, IndexError):
        return ("A list is shorter than the cell expects. If it is a list of files, some are missing: 'mrskit doctor' "
                "shows which.")  # fmt: skip
    return ""


def _line(trace: TracebackType | None) -> int:
    """Return the line in the notebook cell where an error occurred, or 0 if it is not in a cell."""
    lines = [frame.lineno for frame in traceback.extract_tb(trace) if "ipykernel" in frame.filename
             or frame.filename.startswith("<ipython-input")]  # fmt: skip
    return lines[-1] or 0 if lines else 0
