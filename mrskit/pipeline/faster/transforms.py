"""The part of an exposure's WCS that depends only on reference files, read once for all exposures of a band."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from mrskit.pipeline.faster import patches

DESCRIPTION = "mrskit: detector geometry read once a process"
SIGNATURE = ("input_model", "reference_files")

_MODULE = "jwst.assign_wcs.miri"
_TYPES = ("distortion", "specwcs", "regions", "wavelengthrange")
_kept: dict[tuple, object] = {}  # a process works on few settings, with two models each


@contextmanager
def geometry_read_once() -> Iterator[None]:
    """
    Return a context in which the models from detector to telescope frame are kept for the next exposure.

    The models depend on the reference files, the band and the barycentric velocity. The pointing comes later
    in the WCS. The pipeline makes a deep copy of both to add a name and a bounding box. Here the copy
    shares the coefficients of all slices, which never change.

    PipelineError on entering, if the installed jwst is not the tested version.
    """
    with ExitStack() as stack:
        for name in ("detector_to_abl", "abl_to_v2v3l"):
            stack.enter_context(patches.wrapped(_MODULE, name, _remembering, SIGNATURE, DESCRIPTION))
        yield


def _remembering(original: Callable) -> Callable:
    """Return a function that makes a model for new inputs and otherwise returns the cached model."""

    def remembering(input_model, reference_files: Mapping[str, str]):
        files = tuple(_identity(Path(reference_files[name])) for name in _TYPES)
        instrument, velocity = input_model.meta.instrument, input_model.meta.wcsinfo.velosys
        key = (original.__name__, instrument.channel, instrument.band, velocity, *files)
        if key not in _kept:
            _kept[key] = original(input_model, reference_files)
        return _copied_lightly(_kept[key])

    return remembering


def _copied_lightly(model: object) -> object:
    """Return a copy of a model whose next deep copy (by Model.rename) shares its parts; later copies are deep."""
    light: Any = copy.copy(model)

    def once(_memo: dict) -> object:
        vars(light).pop("__deepcopy__", None)
        return copy.copy(light)

    light.__deepcopy__ = once
    return light


def _identity(path: Path) -> tuple[str, int, int]:
    status = path.stat()
    return str(path), status.st_size, status.st_mtime_ns
