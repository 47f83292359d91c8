"""Run a lesson on a workspace with papermill, after strict checks of its parameters."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import nbformat
import papermill
from jupyter_client.manager import AsyncKernelManager
from nbclient.exceptions import DeadKernelError
from papermill.exceptions import PapermillExecutionError

from mrskit.course.index import lesson_name
from mrskit.errors import LessonError
from mrskit.lessons import build
from mrskit.lessons.index import notebook_path, read_notebook
from mrskit.parameters import require_values
from mrskit.workers.kernels import ThisPython
from mrskit.workspace import Workspace, require_space, write_text

Progress = Callable[[str], None]
SPACE = 50e6  # bytes: twice the size of an executed lesson with its figures, rounded up
START = 300  # s that a kernel may take to start, on a busy machine after importing the pipeline


def run_lesson(
    lesson: str,
    workspace: Workspace,
    solved: bool = False,
    parameters: dict[str, object] | None = None,
    out: Path | None = None,
    progress: Progress | None = None,
    kernels: type[AsyncKernelManager] = ThisPython,
) -> Path:
    """
    Run a lesson and return the executed notebook, which gets its final name only after a complete run.

    Parameters
    ----------
    solved : bool
        Run the version with the solutions instead of the learners' version.
    parameters : dict, optional
        Values for the lesson's parameters; ``workspace`` is set from the argument.
    out : Path, optional
        Path for the executed notebook; by default ``Notebook/<lesson>.ipynb`` in the workspace.
    kernels : class of kernel managers
        Starts the kernel, by default as a new process; see `mrskit.workers.kernels.KernelServer.manager`.

    Raises
    ------
    LessonError
        If the lesson does not exist, has no parameters cell, or lacks one of the parameters; or if a cell fails. In
        this case the notebook up to the failure is kept as ``<lesson>.failed.ipynb``.
    """
    name = lesson_name(lesson)
    notebook = build.solved(name) if solved else read_notebook(notebook_path(name))
    values = {"workspace": str(workspace.root), **(parameters or {})}
    out = out or workspace.root / "Notebook" / f"{name}.ipynb"
    return run_notebook(notebook, f"{name}.ipynb", values, out, workspace.root, progress, kernels)


def run_notebook(
    notebook: nbformat.NotebookNode,
    name: str,
    parameters: dict[str, object],
    out: Path,
    cwd: Path,
    progress: Progress | None = None,
    kernels: type[AsyncKernelManager] = ThisPython,
) -> Path:
    """
    Run a notebook with parameters, write it to ``out`` and return ``out``; see `run_lesson`.

    Several threads may call this function at once.

    Raises
    ------
    LessonError
        As for `run_lesson`.
    """
    check_parameters(notebook, name, parameters)
    require_space(out.parent, SPACE, f"running {name}")
    out, cwd = out.resolve(), cwd.resolve()
    failed = out.with_name(f"{out.stem}.failed.ipynb")
    with tempfile.TemporaryDirectory(prefix=".running-", dir=out.parent) as folder:
        source, result = Path(folder) / "in.ipynb", Path(folder) / "out.ipynb"
        write_text(source, nbformat.writes(notebook))
        try:
            done = papermill.execute_notebook(
                _plain(source), _plain(result), parameters=parameters, kernel_name="python3", progress_bar=False,
                resources={"metadata": {"path": str(cwd)}}, kernel_manager_class=kernels, start_timeout=START,
                shutdown_kernel="immediate", on_cell_execute=_announce(notebook, name, parameters, progress),
            )  # fmt: skip
        except (PapermillExecutionError, DeadKernelError) as error:
            if result.is_file():
                result.replace(failed)
            raise _failure(name, error, failed) from error
        done.metadata.papermill.update(input_path=name, output_path=out.name)  # not the temporary folder
        write_text(result, nbformat.writes(done))
        result.replace(out)
    failed.unlink(missing_ok=True)
    return out


def check_parameters(notebook: nbformat.NotebookNode, name: str, parameters: dict[str, object]) -> tuple[str, ...]:
    """
    Return the parameters that a notebook declares, after checking that it declares all requested parameters.

    papermill itself only warns about an unknown parameter or a missing cell, and then runs with the defaults.

    Raises
    ------
    LessonError
        If the notebook has no parameters cell or lacks one of the parameters, or if a value is not allowed.
    """
    if not any("parameters" in cell.metadata.get("tags", []) for cell in notebook.cells):
        raise LessonError(f'{name} has no cell with the tag "parameters", so its parameters cannot be set. '
                          "Copy the lesson from the course again.", lesson=name)  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "notebook.ipynb"
        path.write_text(nbformat.writes(notebook), encoding="utf-8")
        declared = tuple(papermill.inspect_notebook(_plain(path)))
    if unknown := [key for key in parameters if key not in declared]:
        raise LessonError(f"{name} has no parameter {', '.join(map(repr, unknown))}; it declares {', '.join(declared)}",
                          lesson=name, unknown=unknown, declared=declared)  # fmt: skip
    require_values(parameters)
    return declared


def _plain(path: Path) -> str:
    """Return a path for papermill with braces escaped, because papermill fills parameters into braces."""
    return str(path).replace("{", "{{").replace("}", "}}")


def _announce(
    notebook: nbformat.NotebookNode, name: str, parameters: dict, progress: Progress | None
) -> Callable[..., None]:
    """Return an nbclient callback that reports the running cell; papermill adds one cell for the parameters."""
    total = sum(cell.cell_type == "code" for cell in notebook.cells) + bool(parameters)
    count = iter(range(1, total + 1))

    def announce(cell: nbformat.NotebookNode, cell_index: int) -> None:
        if progress is not None and cell.cell_type == "code":
            progress(f"{name.removesuffix('.ipynb')}: cell {next(count, total)} of {total}")

    return announce


def _failure(name: str, error: Exception, failed: Path) -> LessonError:
    if isinstance(error, PapermillExecutionError):
        lines = [line.strip() for line in str(error.evalue).splitlines() if line.strip()]
        what = f"{name}, code cell {error.exec_count}: {error.ename}: {' '.join(lines)[:500]}"
        return LessonError(
            f"{what}\nNotebook up to the failure: {failed}", lesson=name, cell=error.exec_count, path=failed
        )
    return LessonError(f"{name}: the kernel died (out of memory, or killed). Close other programs and run it again.\n"
                       f"Notebook up to the failure: {failed}", lesson=name, path=failed)  # fmt: skip
