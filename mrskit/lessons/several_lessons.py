"""Run several lessons at once, in kernels that share slow imports and the pipeline workers."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from pathlib import Path

from jupyter_client.manager import AsyncKernelManager

from mrskit.course import index
from mrskit.lessons import executed_lessons
from mrskit.lessons.ahead import LESSON_MODULES
from mrskit.lessons.run import run_lesson
from mrskit.lessons.timing import Clock
from mrskit.workers.kernels import KernelServer, ThisPython, warm_kernels
from mrskit.workspace import Workspace

LANES = 2  # largest number of lessons at once; their kernels compete with the workers for the cores
KERNEL_BYTES = 2e9  # memory that a lesson's kernel may take
LONGEST = ("03_detector1", "04_spec2")  # lessons with the longest experiments, which start first

Progress = Callable[[str], None]


def run_lessons(
    workspace: Workspace,
    solved: bool,
    lessons: tuple[str, ...] | None = None,
    progress: Progress | None = None,
    parameters: dict[str, object] | None = None,
    fresh: bool = True,
    clock: Clock | None = None,
) -> list[Path]:
    """
    Run lessons, two at once if cores and memory allow, and return the executed notebooks.

    Their kernels are forked from one process that has imported the pipeline. They share the workers of the session
    around this call, or of a new session. If two lessons need the same products, only one lesson makes the products.

    Parameters
    ----------
    solved : bool
        Whether to run the lessons with the solutions or as learners get them.
    progress : function of str, optional
        Called for every cell, from several threads but one at a time.
    fresh : bool
        Run all lessons, even those that were run the same way before and whose inputs have not changed.

    Raises
    ------
    LessonError
        If a lesson fails; lessons that have not started are not run.
    """
    names = [index.lesson_name(name) for name in (index.lessons() if lessons is None else lessons)]
    values, say = parameters or {}, _one_at_a_time(progress)
    waiting = [
        name for name in names if fresh or executed_lessons.why_stale(workspace, name, solved, values) is not None
    ]
    if not fresh:
        say(f"lessons: {len(waiting)} to run, {len(names) - len(waiting)} unchanged")
    begun, start = time.time(), time.monotonic()
    seconds = _run(workspace, waiting, solved, values, say)
    for name in waiting:  # when no file changes any more
        executed_lessons.write(workspace, name, solved, values, seconds[name])
    if clock is not None:
        clock.add("lessons", time.monotonic() - start, [], executed_lessons.pipeline_seconds(workspace, begun))
    return [workspace.root / "Notebook" / f"{name}.ipynb" for name in names]


def _run(
    workspace: Workspace, names: list[str], solved: bool, parameters: dict[str, object], say: Progress
) -> dict[str, float]:
    """Run lessons and return the run time of each in seconds."""
    if not names:
        return {}
    lanes = _lanes(len(names))
    with ExitStack() as stack:
        server: KernelServer | None = None
        kernels: type[AsyncKernelManager] = ThisPython
        if len(names) > 1 and (server := stack.enter_context(warm_kernels(LESSON_MODULES, say))) is not None:
            kernels = _sharing(server, stack)

        failed = threading.Event()

        def run(name: str) -> float:
            if failed.is_set():
                return 0.0  # not used, because the failure is raised
            start = time.monotonic()
            try:
                run_lesson(name, workspace, solved=solved, parameters=parameters, progress=say, kernels=kernels)
            except BaseException:
                failed.set()
                raise
            return time.monotonic() - start

        if lanes == 1:
            return {name: run(name) for name in names}
        pool = stack.enter_context(ThreadPoolExecutor(lanes, thread_name_prefix="lesson"))
        first = sorted(names, key=lambda name: (name not in LONGEST, names.index(name)))
        futures = {name: pool.submit(run, name) for name in first}
        return _results({name: futures[name] for name in names}, server)


def _results(futures: dict[str, Future], server: KernelServer | None) -> dict[str, float]:
    """Wait for all lessons and raise the first failure; after Ctrl-C do not wait."""
    try:
        wait(futures.values())
    except BaseException:
        for future in futures.values():
            future.cancel()
        if server is not None:
            server.close()
        raise
    return {name: future.result() for name, future in futures.items()}


def _sharing(server: KernelServer, stack: ExitStack) -> type[AsyncKernelManager]:
    """Return a kernel-manager class whose kernels use this process's workers for ``local``."""
    from mrskit.workers import executor

    return server.manager(**{executor.SHARED: stack.enter_context(executor.session()).address})


def _lanes(lessons: int) -> int:
    import psutil

    room = int(psutil.virtual_memory().available // KERNEL_BYTES)
    return max(1, min(LANES, lessons, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1, room))


def _one_at_a_time(progress: Progress | None) -> Progress:
    if progress is None:
        return lambda message: None
    lock = threading.Lock()

    def say(message: str) -> None:
        with lock:
            progress(message)

    return say
