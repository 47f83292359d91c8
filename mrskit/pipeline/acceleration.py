"""What the kit does to run a stage sooner with the same result, in one place; ``--stock`` leaves all of it out."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import cache

from mrskit.pipeline import photometry, straylight

_REPLACEMENTS: dict[str, tuple[Callable[[], AbstractContextManager[None]], ...]] = {
    "detector1": (),
    "spec2": (straylight.fast_cross_artifact, photometry.fast_aperture_sums),
    "spec3": (photometry.fast_aperture_sums,),
}


@contextmanager
def accelerated(stage: str) -> Iterator[None]:
    """
    Run a stage with the kit's replacements of pipeline functions in force.

    Raises
    ------
    PipelineError
        On entering, if the installed jwst is not the version for which the replacements are tested.
    """
    _freeze()
    with ExitStack() as stack:
        for replacement in _REPLACEMENTS[stage]:
            stack.enter_context(replacement())
        yield


@cache
def _freeze() -> None:
    """
    Tell the garbage collector, once a process, that what is imported now stays.

    Every step begins with ``gc.collect()``, some twenty an exposure; each looks through the million objects of the
    imported packages. Frozen, they are passed over; what the steps leave behind is collected as before.
    """
    gc.collect()
    gc.freeze()
