"""Workers that prepare themselves before their first item comes, while the data are still being made."""

from __future__ import annotations

import threading
from collections.abc import Callable

from distributed import WorkerPlugin

_thread: threading.Thread | None = None  # of this worker


class Prepared(WorkerPlugin):
    """Run a function once in every worker, also in those that come later, without keeping the worker from starting."""

    name = "mrskit-prepared"

    def __init__(self, prepare: Callable[[], None]) -> None:
        self._prepare = prepare

    def setup(self, worker) -> None:
        """Start the function in a thread of its own."""
        global _thread
        _thread = threading.Thread(target=self._prepare, name=self.name, daemon=True)
        _thread.start()


def wait() -> None:
    """Return when the preparation of this worker is over: two threads that import the same packages may deadlock."""
    if _thread is not None:
        _thread.join()
