"""Two numbers that say how well a mask finds what is there."""

from __future__ import annotations

import numpy as np


def completeness(found: np.ndarray, true: np.ndarray) -> float:
    """Return which share of the pixels of ``true`` is in ``found``, boolean arrays of one shape; NaN of nothing."""
    return float((found & true).sum() / true.sum()) if true.any() else float("nan")


def false_share(found: np.ndarray, true: np.ndarray) -> float:
    """Return which share of the pixels of ``found`` is not in ``true``, arrays as above; NaN where none is found."""
    return float((found & ~true).sum() / found.sum()) if found.any() else float("nan")


def peak_patch(image: np.ndarray, share: float = 0.5) -> np.ndarray:
    """Return the connected pixels about the brightest one that exceed ``share`` of it, boolean, shape of the image."""
    from scipy import ndimage

    labels, _ = ndimage.label(image > share * np.nanmax(image))
    return labels == labels[np.unravel_index(np.nanargmax(image), image.shape)]
