"""Completeness and false share of a mask compared with the truth."""

from __future__ import annotations

import numpy as np


def completeness(found: np.ndarray, true: np.ndarray) -> float:
    """
    Return the share of ``true`` pixels that are in ``found`` (boolean arrays of the same shape); NaN for no pixels.

    Examples
    --------
    One of the two true pixels is found:

    >>> completeness(np.array([True, False, True]), np.array([True, True, False]))
    0.5
    """
    return float((found & true).sum() / true.sum()) if true.any() else float("nan")


def false_share(found: np.ndarray, true: np.ndarray) -> float:
    """
    Return the share of ``found`` pixels that are not in ``true`` (arrays as above); NaN for no pixels.

    Examples
    --------
    One of the four found pixels is false:

    >>> false_share(np.array([True, True, True, True]), np.array([True, True, True, False]))
    0.25
    """
    return float((found & ~true).sum() / found.sum()) if found.any() else float("nan")


def peak_patch(image: np.ndarray, share: float = 0.5) -> np.ndarray:
    """
    Return a mask of the pixels that exceed ``share`` of the brightest pixel and are connected to it.

    Examples
    --------
    The last pixel is bright too, but not connected:

    >>> peak_patch(np.array([[1.0, 6.0, 10.0, 2.0, 9.0]])).tolist()
    [[False, True, True, False, False]]
    """
    from scipy import ndimage

    labels, _ = ndimage.label(image > share * np.nanmax(image))
    return labels == labels[np.unravel_index(np.nanargmax(image), image.shape)]
