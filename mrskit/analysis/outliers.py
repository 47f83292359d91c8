"""Outlier detection for IFU exposures as in jwst: flag pixels that differ from their neighbours in all dithers."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
from astropy.stats import mad_std

from mrskit.pipeline.faster.medians import medfilt


def least_difference(images: np.ndarray) -> np.ndarray:
    """
    Return every pixel's difference from the neighbour closest in value, minimised over all images.

    Neighbours are the pixels to the left and to the right; NaN pixels are ignored.

    ``images`` (nimages, ..., ncolumns).
    The result has shape (..., ncolumns) and the unit of the images; NaN without valid neighbours.

    Examples
    --------
    A star moves from column 1 to column 3; the pixel in column 5 is bad:

    >>> least_difference(np.array([[0.0, 9, 0, 0, 0, 4, 0, 0], [0.0, 0, 0, 9, 0, 4, 0, 0]]))
    array([0., 0., 0., 0., 0., 4., 0., 0.])
    """
    step = abs(np.diff(images, axis=-1))
    missing = np.full((*images.shape[:-1], 1), np.nan)
    left, right = np.concatenate([missing, step], axis=-1), np.concatenate([step, missing], axis=-1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return np.nanmin(np.fmin(left, right), axis=0)


def flagged(least: np.ndarray, kernel_size: Sequence[int], threshold_percent: float) -> np.ndarray:
    """
    Return a mask (nrows, ncolumns) of the pixels that outlier_detection flags for these settings.

    The differences are divided by their running median, so that bright regions have no extra weight. Then the highest
    ratios are flagged, whatever their values.

    ``least`` (nrows, ncolumns): see `least_difference`; ``kernel_size``: rows and columns of the running median;
    ``threshold_percent``: the step flags values above this percentile.
    """
    normal = medfilt(least, kernel_size)
    floor = np.nanmedian(least) / 3
    ratio = least / np.where(normal < floor, floor, normal)
    return ratio > np.nanpercentile(ratio[4:-4, 4:-4], threshold_percent)


def suspects(empty: np.ndarray, sigma: float = 6.0) -> np.ndarray:
    """Return a mask of pixels at least ``sigma`` above both neighbours in every exposure of an empty field."""
    step = np.diff(empty, axis=-1)
    excess = np.full(empty.shape, np.nan)
    excess[..., 1:-1] = np.minimum(step[..., :-1], -step[..., 1:])
    least = excess.min(axis=0)
    return np.nan_to_num(least, nan=-np.inf) > sigma * mad_std(least, ignore_nan=True)
