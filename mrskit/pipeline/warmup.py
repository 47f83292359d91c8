"""Workers that import the pipeline before their first exposure comes, while the data are still being made."""

from __future__ import annotations

import sys
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


def import_pipeline() -> None:
    """
    Import what the three stages need, and read the tables that their first call would read.

    No reference file is touched: the cache may still be in the making.
    """
    # jsonschema, which jwst imports, would compile a grammar for addresses in any script: a third of all the time.
    # Without that package it leaves out a check that no schema of the pipeline asks for.
    sys.modules.setdefault("rfc3987_syntax", None)
    import asdf
    import jwst.pipeline  # noqa: F401
    import photutils.aperture  # noqa: F401
    from crds.jwst import locate

    asdf.get_config().extensions  # noqa: B018  (reads the manifests of all extensions: a second)
    locate.get_datamodels()


def wait() -> None:
    """Return when the preparation of this worker is over: two threads that import the same packages may deadlock."""
    if _thread is not None:
        _thread.join()
