"""What went wrong in a notebook cell, in at most three lines before the traceback: what, and what to do."""

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
    Let a notebook's kernel put an explanation before the traceback of errors that learners meet.

    ``shell``: as ``IPython.get_ipython()`` gives it; outside a notebook nothing happens.
    """
    if shell is not None and hasattr(shell, "kernel"):
        shell.set_custom_exc((Exception,), _show)


def explain(error: BaseException) -> list[str]:
    """
    Return what to say of an error before its traceback, at most three lines; nothing where the traceback says it all.

    Errors of the kit itself explain themselves: their message is all that is shown.
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
    """Show explanation and traceback: the handler that IPython calls."""
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
        return ("The disk is full. Free some space and run the cell again: what is there already is not made again. "
                "'mrskit doctor' says how much room the course needs.")  # fmt: skip
    if isinstance(error, FileNotFoundError):
        return ("The file was moved or deleted, or its name is mistyped. 'mrskit doctor' says which data are missing; "
                "'mrskit reduce WORKSPACE' makes products again.")  # fmt: skip
    if isinstance(error, PermissionError):
        return "You may not read or write there. Choose a workspace in a folder of your own: mrskit start --workspace."
    if isinstance(error, ModuleNotFoundError):
        return f"Open the notebook with 'mrskit start'. {PACKAGES}"
    if isinstance(error, MemoryError):
        return ("The memory is full. Close other programs and notebooks (Kernel > Shut Down All Kernels), then run the "
                'cells again, with scheduler = "none" in the parameters.')  # fmt: skip
    if isinstance(error, NameError):
        return ("The name is mistyped, or a cell above was not run since the kernel was started: choose Run > Run All "
                "Above Selected Cell.")  # fmt: skip
    if "ellipsis" in str(error):
        return "A '...' above is still to be replaced by your answer."
    if isinstance(error, IndexError):
        return ("A list is shorter than the cell expects. If it is a list of files, some are missing: 'mrskit doctor' "
                "says which.")  # fmt: skip
    return ""


def _line(trace: TracebackType | None) -> int:
    """Return the line of the notebook cell in which an error arose, 0 if it is in none."""
    lines = [frame.lineno for frame in traceback.extract_tb(trace) if "ipykernel" in frame.filename
             or frame.filename.startswith("<ipython-input")]  # fmt: skip
    return lines[-1] or 0 if lines else 0
