"""Medians that ignore NaN, sorted once and in strips: the same values as numpy, faster and in bounded memory."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from mrskit.pipeline.faster import patches

DESCRIPTION = "mrskit: running median of outlier_detection in strips, as stcal's"
DIFFERENCES = "mrskit: medians of the jump step by one sort, as numpy's"
SIGNATURE = ("arr", "kern_size")

_STRIP = 64  # rows at a time: 64 x 1032 windows of 49 pixels, float64, are 26 MB
_VALUES = 2**19  # group differences at a time, to fit into a processor's cache: one row of a short ramp


def median_in_strips() -> AbstractContextManager[None]:
    """
    Return a context in which the outlier step computes its running median strip by strip.

    The pipeline makes an array of all windows of the whole detector, and numpy makes four more of that size to sort it.
    Together they need 2 GB, the largest peak of the three stages.

    PipelineError on entering, if the installed jwst is not the tested version.
    """
    return patches.replaced(
        "jwst.outlier_detection.ifu", "medfilt", medfilt, SIGNATURE, DESCRIPTION,
        origin="stcal.outlier_detection.utils",
    )  # fmt: skip


def medians_of_differences() -> AbstractContextManager[object]:
    """Let the jump step compute medians without masked arrays; PipelineError for a different jwst version."""
    stack = ExitStack()
    for module in ("stcal.jump.twopoint_difference", "stcal.jump.jump"):
        stack.enter_context(patches.numpy_with(module, DIFFERENCES, nanmedian=_as_numpy))
    return stack


def _as_numpy(values: np.ndarray, axis: int | tuple[int, ...] | None = None, out: np.ndarray | None = None):
    """Return numpy.nanmedian; if it is over the first two axes, as in the jump step, sort strips instead."""
    if axis != (0, 1):
        return np.nanmedian(values, axis=axis, out=out)
    last = np.moveaxis(values, (0, 1), (-2, -1))
    result = np.empty(last.shape[:-2], dtype=values.dtype) if out is None else out
    step = max(1, _VALUES // max(1, values.size // last.shape[0]))
    for first in range(0, last.shape[0], step):
        strip = last[first : first + step]
        result[first : first + step] = nanmedian(strip.reshape(*strip.shape[:-2], -1))
    return result


def medfilt(image: np.ndarray, kernel: Sequence[int]) -> np.ndarray:
    """
    Return the running median of an image, bit for bit as stcal.outlier_detection.utils.medfilt does.

    ``image`` (nrows, ncols): any unit; NaN pixels are left out; zeros outside the image; ``kernel``: rows and
    columns of the window.
    The result has shape (nrows, ncols) and is NaN where the whole window is NaN.
    """
    rows, columns = (int(size) for size in kernel)
    padded = np.pad(image, [[rows // 2], [columns // 2]])
    result = np.empty(image.shape, dtype=image.dtype)
    for first in range(0, image.shape[0], _STRIP):
        strip = padded[first : first + _STRIP + 2 * (rows // 2)]
        windows = sliding_window_view(strip, (rows, columns))
        result[first : first + _STRIP] = nanmedian(windows.reshape(*windows.shape[:2], -1))
    return result


def nanmedian(values: np.ndarray) -> np.ndarray:
    """
    Return the median along the last axis without NaN, bit for bit as numpy.nanmedian does but without warnings.

    ``values`` (..., n).
    The result has shape (...) and is NaN where all n values are NaN.
    """
    ordered = np.sort(values, axis=-1)  # NaNs come last
    count = np.sum(~np.isnan(ordered), axis=-1, keepdims=True)
    high = _at(ordered, count // 2)
    low = np.where(count % 2, high, _at(ordered, count // 2 - 1))
    return ((low + high) / 2)[..., 0]


def _at(ordered: np.ndarray, index: np.ndarray) -> np.ndarray:
    return np.take_along_axis(ordered, np.clip(index, 0, ordered.shape[-1] - 1), axis=-1)
