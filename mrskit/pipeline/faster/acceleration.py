"""What the kit does to run a stage sooner with the same result, in one place; ``--stock`` leaves all of it out."""

from __future__ import annotations

import gc
import importlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import cache
from types import SimpleNamespace
from typing import Any

from mrskit.pipeline.faster import datamodels, drizzle, interference, medians, photometry, straylight, transforms

_EVERYWHERE = (datamodels.checked_once, datamodels.schemas_parsed_once)
_REPLACEMENTS: dict[str, tuple[Callable[[], AbstractContextManager[object]], ...]] = {
    "detector1": (*_EVERYWHERE, interference.fast_interference, medians.medians_of_differences),
    "spec2": (
        *_EVERYWHERE, datamodels.copies_share_wcs, datamodels.parameters_copied_plainly, transforms.geometry_read_once,
        straylight.fast_cross_artifact, drizzle.drizzle_by_planes, photometry.fast_aperture_sums,
    ),
    "spec3": (
        *_EVERYWHERE, datamodels.copies_share_wcs, datamodels.parameters_copied_plainly, datamodels.headers_read_once,
        medians.median_in_strips, drizzle.drizzle_by_planes, photometry.fast_aperture_sums,
    ),
}  # fmt: skip


@contextmanager
def accelerated(stage: str) -> Iterator[None]:
    """Run a stage with the kit's replacements in force; PipelineError if another jwst is installed."""
    _freeze()
    with ExitStack() as stack:
        stack.enter_context(_collected_once())
        for replacement in _REPLACEMENTS[stage]:
            stack.enter_context(replacement())
        yield


@contextmanager
def _collected_once() -> Iterator[None]:
    """Collect garbage at the end of a stage instead of at the beginning of each of its twenty steps."""
    steps: Any = importlib.import_module("stpipe.step")
    original = steps.gc
    steps.gc = SimpleNamespace(collect=lambda *_: 0)
    try:
        yield
    finally:
        steps.gc = original
        gc.collect()


@cache
def _freeze() -> None:
    """
    Tell the garbage collector, once a process, that what is imported now stays.

    Each collection looks through the million objects of the imported packages. Frozen, they are passed over; what the
    steps leave behind is collected as before.
    """
    gc.collect()
    gc.freeze()
