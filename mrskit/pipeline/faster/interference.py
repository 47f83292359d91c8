"""The emicorr step's sums over pixels of the same phase, by bincount instead of a loop over all pixels."""

from __future__ import annotations

from contextlib import AbstractContextManager

import numpy as np
from scipy.interpolate import interp1d

from mrskit.pipeline.faster import patches

DESCRIPTION = "mrskit: sums of emicorr over pixels of one phase by bincount"
SIGNATURE = ("data", "pdq", "refwave", "nsamples", "rowclocks", "frameclocks", "period_in_pixels",
             "fit_ints_separately", "nphases_opt")  # fmt: skip


def fast_interference() -> AbstractContextManager[None]:
    """Speed up the emicorr step from ten seconds to a fraction of one; PipelineError for a different jwst version."""
    return patches.replaced("jwst.emicorr.emicorr", "emicorr_refwave", emicorr_refwave, SIGNATURE, DESCRIPTION)


def emicorr_refwave(
    data: np.ndarray, pdq: np.ndarray, refwave: np.ndarray, nsamples: int, rowclocks: int, frameclocks: int,
    period_in_pixels: float, fit_ints_separately: bool = False, nphases_opt: int = 500,
) -> np.ndarray:  # fmt: skip
    """
    Fit a wave to ramps and subtract it in place, bit for bit as ``jwst.emicorr.emicorr.emicorr_refwave`` does.

    ``data``: raw ramps of shape (nints, ngroups, nrows, ncols), DN, changed and returned; ``pdq``: only pixels with
    0 are fitted, shape (nrows, ncols); ``refwave``: one period of the wave, any amplitude. ``nsamples``, ``rowclocks``,
    ``frameclocks`` and ``period_in_pixels`` are clocks of 10 us: between neighbouring pixels of an output, from row to
    row, for the reset between integrations, and per period. ``fit_ints_separately`` gives each integration its own
    phase, one of ``nphases_opt`` trial phases.
    """
    from jwst.emicorr import emicorr

    nints, ngroups, nrows, _ = data.shape
    phase = _phases(data.shape, nsamples, rowclocks, period_in_pixels)
    step = ((nrows * rowclocks + (1024.0 - nrows) * (4 + 3.0)) / period_in_pixels) % 1
    between = step * ngroups + frameclocks / period_in_pixels
    extended = (np.arange(len(refwave) + 2) - 0.5) / len(refwave)
    wave = interp1d(extended, np.array([refwave[-1], *refwave, refwave[0]]), kind="cubic")
    template = (extended[1:-1, np.newaxis] + np.arange(ngroups) * step) % 1
    trials = np.arange(nphases_opt) * 1.0 / nphases_opt
    fitter = emicorr.EMIfitter(*_sums(data, pdq, phase, len(refwave)), wave, template, trials, between)
    best, sizes = [], []
    for ints in [[number] for number in range(nints)] if fit_ints_separately else [None]:
        best.append(emicorr.get_best_phase(trials, emicorr.calc_chisq_amplitudes(fitter, ints=ints)[0]))
        sizes += emicorr.calc_chisq_amplitudes(fitter, phases=[best[-1]], ints=ints)[1]
    if fit_ints_separately:
        starts = [found + number * between for number, found in enumerate(best)]
    else:
        starts, sizes = list((best[0] + np.arange(nints) * between) % 1), sizes * nints
    for integration in range(nints):
        for group in range(ngroups):
            there = wave((phase + step * group + starts[integration]) % 1)
            for output in range(4):
                data[integration, group, :, output::4] -= sizes[integration] * there
    return data


def _phases(shape: tuple[int, ...], nsamples: int, rowclocks: int, period: float) -> np.ndarray:
    """Return the phase at which each pixel of an output is read in the first group, in periods from 0 to 1."""
    rows, columns = np.arange(shape[2], dtype=float)[:, np.newaxis], np.arange(shape[3] // 4)
    return ((rows * rowclocks + columns * nsamples) / period) % 1


def _sums(data: np.ndarray, pdq: np.ndarray, phase: np.ndarray, bins: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the sum (nints, bins, ngroups) and number (nints, bins) of steady pixels per phase bin, row by row."""
    spread = np.std(data, axis=1)
    good = (spread < 2 * np.median(spread)) & (pdq == 0)
    columns = np.flatnonzero(~np.isin(np.arange(phase.shape[1] * 4) // 4, (1, 2)))  # as jwst: bad reference columns
    place = (phase * bins).astype(int)[:, columns // 4].ravel()
    total, count = np.zeros((len(data), bins, data.shape[1])), np.zeros((len(data), bins))
    for number, groups in enumerate(data):
        use = good[number][:, columns]
        count[number] = np.bincount(place, use.ravel(), bins)
        for group, image in enumerate(groups):
            total[number, :, group] = np.bincount(place, (image[:, columns] * use).ravel(), bins)
    return total, count
