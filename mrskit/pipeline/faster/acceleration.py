"""All replacements that speed up a stage without changing its result; ``--stock`` turns them off."""

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
    """Run a stage with the kit's replacements active; PipelineError for a different jwst version."""
    _freeze()
    with ExitStack() as stack:
        stack.enter_context(_collected_once())
        for replacement in _REPLACEMENTS[stage]:
            stack.enter_context(replacement())
        yield


@contextmanager
def _collected_once() -> Iterator[None]:
    """Collect garbage at the end of a stage instead of at the start of each of its twenty steps."""
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
    Exclude the imported packages from garbage collection, once per process.

    Each collection examines the million objects of the imported packages. Frozen objects are skipped, and objects that
    the steps leave behind are collected as before.
    """
    gc.collect()
    gc.freeze()
