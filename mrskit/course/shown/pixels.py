"""
Pixels of lesson 03, chosen from the ramps by rules, so that lesson and judge find the same pixels.

All functions use the first integration and rows 100 to 923, where no slice ends.
"""

from __future__ import annotations

import numpy as np

from mrskit.errors import AnalysisError

DO_NOT_USE, SATURATED, JUMP = 1, 2, 4  # bits of the pipeline's data quality
FULL = 55_000.0  # DN, raw: a pixel that reads more is full or nearly so
_ROWS = slice(100, 924)

Pixel = tuple[int, int]  # row, column


def usable_groups(flags: np.ndarray) -> np.ndarray:
    """
    Return the numbers of the groups that are not flagged DO_NOT_USE in most pixels.

    Parameters
    ----------
    flags : ndarray of shape (nints, ngroups, nrows, ncols)
        GROUPDQ.
    """
    left_out = (flags[0] & DO_NOT_USE > 0).mean(axis=(1, 2))
    return np.flatnonzero(left_out < 0.5)


def bright(signal: np.ndarray, flags: np.ndarray, bad: np.ndarray) -> Pixel:
    """
    Return the brightest pixel that never saturates and is never hit.

    Parameters
    ----------
    signal, flags : ndarray of shape (nints, ngroups, nrows, ncols)
        Ramps, DN, and GROUPDQ after the jump step.
    bad : ndarray of shape (nrows, ncols)
        PIXELDQ.

    Raises
    ------
    AnalysisError
        If there is none.
    """
    groups = usable_groups(flags)
    quiet = ((flags[0] & (SATURATED | JUMP)) == 0).all(axis=0) & _good(bad)
    return _largest(signal[0, groups[-1]] - signal[0, groups[0]], quiet, "quiet")


def saturating(raw: np.ndarray, flags: np.ndarray, bad: np.ndarray) -> Pixel:
    """
    Return the pixel that fills up first (above 55,000 DN at the end, if possible from its first flag on).

    Parameters
    ----------
    raw, flags : ndarray of shape (nints, ngroups, nrows, ncols)
        Raw ramps, DN, and GROUPDQ.
    bad : ndarray of shape (nrows, ncols)
        PIXELDQ.

    Raises
    ------
    AnalysisError
        If no pixel saturates.
    """
    saturated = flags[0] & SATURATED > 0
    first = np.where(saturated.any(axis=0), saturated.argmax(axis=0), -1).astype(float)
    last_usable = usable_groups(flags)[-1]
    full = (raw[0, last_usable] > FULL) & (first > 1) & (first < last_usable)
    hit = (flags[0] & JUMP > 0).any(axis=0)
    # of those that are flagged when they are full themselves (and not for a neighbour), the one that is full longest
    own = np.take_along_axis(raw[0], first.clip(0).astype(int)[None], axis=0)[0] > FULL
    return _largest(1000 * own - first + raw[0, last_usable] / 1e6, full & ~hit & _good(bad), "saturating")


def hit(signal: np.ndarray, flags: np.ndarray, bad: np.ndarray) -> Pixel:
    """
    Return the brightest unsaturated pixel with exactly one visible hit in the middle of its ramp.

    A hit is visible if it adds 5 to 50 times the gain of a typical group.

    Parameters and errors as for `bright`.
    """
    groups = usable_groups(flags)
    jumps = flags[0] & JUMP > 0
    once = (jumps.sum(axis=0) == 1) & ((flags[0] & SATURATED) == 0).all(axis=0) & _good(bad)
    group = jumps.argmax(axis=0)
    once &= (group >= groups[0] + 2) & (group <= groups[-1] - 2)
    rows, columns = np.nonzero(once)
    gained = np.diff(signal[0][:, rows, columns], axis=0)  # (ngroups - 1, npixels)
    typical = np.median(gained, axis=0)
    step = gained[group[rows, columns] - 1, np.arange(rows.size)] - typical
    once[rows, columns] = (typical > 0) & (step >= 5 * typical) & (step <= 50 * typical)
    brightness = np.zeros(once.shape)
    brightness[rows, columns] = typical
    return _largest(brightness, once, "visibly hit")


KINDS = ("saturated", "hit", "quiet")


def kinds(flags: np.ndarray, bad: np.ndarray, chosen: np.ndarray) -> list[str]:
    """
    Return the kinds of pixels (``bad``, ``outside``, ``saturated``, else ``hit``, else ``quiet``).

    Parameters
    ----------
    flags : ndarray of shape (nints, ngroups, nrows, ncols)
        GROUPDQ after the jump step.
    bad : ndarray of shape (nrows, ncols)
        PIXELDQ.
    """
    words = []
    for row, column in np.asarray(chosen, dtype=float):
        inside = 0 <= row < bad.shape[0] and 0 <= column < bad.shape[1] and row == int(row) and column == int(column)
        if not inside:
            words.append("outside")
            continue
        place = int(row), int(column)
        ramp = flags[0][:, *place]
        saturated, jumped = ((ramp & bit > 0).any() for bit in (SATURATED, JUMP))
        good = bad[place] & DO_NOT_USE == 0
        words.append("bad" if not good else "saturated" if saturated else "hit" if jumped else "quiet")
    return words


def _good(bad: np.ndarray) -> np.ndarray:
    return bad & DO_NOT_USE == 0


def _largest(value: np.ndarray, allowed: np.ndarray, kind: str) -> Pixel:
    allowed = allowed[_ROWS]
    if not allowed.any():
        raise AnalysisError(f"the exposure has no {kind} pixel in rows {_ROWS.start}-{_ROWS.stop - 1}; expected one. "
                            "Try another exposure.", kind=kind)  # fmt: skip
    row, column = np.unravel_index(np.argmax(np.where(allowed, value[_ROWS], -np.inf)), allowed.shape)
    return int(row) + _ROWS.start, int(column)
