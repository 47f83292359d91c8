"""The jump step's shower search at several thresholds in one pass; shared work is done once."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from mrskit.pipeline.faster import medians

_ROWS = 64  # rows per block for the medians


def read(path: Path) -> dict[float, np.ndarray]:
    """Return, for each threshold, a mask (nrows, ncols) of the pixels that only the search flags as a jump."""
    with np.load(path) as table:
        shape = tuple(table["shape"])
        masks = np.unpackbits(table["masks"], axis=1, count=int(np.prod(shape))).astype(bool)
        return {float(value): mask.reshape(shape) for value, mask in zip(table["thresholds"], masks, strict=True)}


def search(model, thresholds: Sequence[float], **parameters: object) -> Iterable[tuple[float, np.ndarray]]:
    """
    Yield, for each threshold, the flags that the jump step with its shower search would give a ramp.

    For every group of the ramp, the step computes medians of all differences, a smoothed image of each difference and
    all pixels above ``extend_snr_threshold``. Only the last result depends on the threshold. Here the functions of
    ``stcal.jump.jump`` are called in the order of its ``find_faint_extended``, and the first two results are computed
    only once.

    ``model``: output of the jump step without the search (DN, with GROUPDQ and PIXELDQ); ``thresholds``: values of
    ``extend_snr_threshold``, sigma; ``**parameters``: other parameters of the jump step.

    Yields
    ------
    (float, ndarray of shape (nints, ngroups, nrows, ncols), uint8)
        Threshold and GROUPDQ.
    """
    from jwst.jump import JumpStep
    from stcal.jump import jump

    step = JumpStep(find_showers=True, **parameters)
    setup = step._setup_jump_data(model)
    flags = np.array(setup.gdq)
    data = setup.data * setup.gain_2d
    noise = setup.rnoise_2d * setup.gain_2d
    invalid = setup.fl_dnu | setup.fl_sat | setup.fl_jump
    before = np.stack([_rate(ramp, bad, invalid) for ramp, bad in zip(data, flags, strict=True)])
    found: dict[float, list] = {threshold: [] for threshold in thresholds}
    for integration, group, ratio in _ratios(setup, data, flags, noise):
        smoothed = _Smoothed(jump, setup)
        for threshold in thresholds:
            setup.extend_snr_threshold = threshold
            ellipses = smoothed.ellipses(ratio, integration, group, flags)
            if ellipses:
                found[threshold].append((integration, group, ellipses))
    for threshold in thresholds:
        yield threshold, _flagged(jump, setup, data, flags, found[threshold], before, invalid)


class _Smoothed:
    """The smoothed image of one difference, computed at the first threshold and used for all thresholds."""

    def __init__(self, jump, setup) -> None:
        from astropy.convolution import Ring2DKernel

        self.jump, self.setup = jump, setup
        self.kernel = Ring2DKernel(setup.extend_inner_radius, setup.extend_outer_radius).array
        self.image: np.ndarray | None = None

    def ellipses(self, ratio: np.ndarray, integration: int, group: int, flags: np.ndarray) -> list:
        """Return the ellipses around pixels above the current threshold, like stcal's ``get_bigellipses``."""
        setup = self.setup
        if self.image is None:
            masked = ratio.copy()
            bad = setup.fl_jump | setup.fl_sat | setup.fl_dnu
            masked[(flags[integration, group] | setup.pdq) & bad != 0] = np.nan
            self.image = self.jump.convolve_fast(masked, self.kernel)
        extended = (self.image > setup.extend_snr_threshold).astype(np.uint8)
        return self.jump._sk_filter_areas(_without_small(extended, setup.extend_min_area), setup.extend_min_area)


def _without_small(extended: np.ndarray, area: int) -> np.ndarray:
    """
    Return a mask without patches that are certainly smaller than ``area``, even with their holes filled.

    With holes filled, n connected pixels cover at most a diamond of n^2 / 8 + n / 2 + 1 pixels. This is less than
    ``area`` (12 or more) if n < 2 sqrt(area). Most patches are small noise peaks, and measuring their shapes is slow.
    """
    from skimage import measure

    labels = measure.label(extended)
    large = np.bincount(labels.ravel()).astype(float) ** 2 >= 4 * area
    large[0] = False
    return large[labels].astype(np.uint8)


def _ratios(setup, data: np.ndarray, flags: np.ndarray, noise: np.ndarray) -> Iterable[tuple[int, int, np.ndarray]]:
    """Yield integration, group and signal-to-noise image of the difference for each searched group."""
    from stcal.jump import jump

    rows, columns = np.nonzero(setup.pdq == setup.fl_ref)  # reference pixels
    flags = flags.copy()
    valid = jump.nan_invalid_data(data.copy(), flags, setup)
    flags[:, :, rows, columns] = setup.fl_dnu
    differences = np.diff(valid, axis=1)
    del valid
    median = np.empty(differences.shape[2:], dtype=differences.dtype)
    for first in range(0, median.shape[0], _ROWS):
        part = np.moveaxis(differences[:, :, first : first + _ROWS], (0, 1), (-2, -1))
        median[first : first + _ROWS] = medians.nanmedian(part.reshape(*part.shape[:2], -1))
    sigma = np.sqrt(np.abs(median) + noise**2 / setup.nframes)
    for integration, ramp in enumerate(flags):
        for group in range(jump.find_first_good_group(ramp, setup.fl_dnu) + 1, len(ramp)):
            yield integration, group, np.abs(differences[integration, group - 1] - median) / sigma


def _flagged(jump, setup, data, flags: np.ndarray, found: list, before: np.ndarray, invalid: int) -> np.ndarray:
    """Return the flags with the ellipses added, except where they would change the rate too much."""
    result = flags.copy()
    rows, columns = np.nonzero(setup.pdq == setup.fl_ref)  # reference pixels
    result[:, :, rows, columns] = setup.fl_dnu
    for integration, group, ellipses in found:
        jump.extend_ellipses(result, integration, group, ellipses, setup, expansion=setup.extend_ellipse_expand_ratio,
                             expand_by_ratio=True, num_grps_masked=setup.grps_masked_after_shower)  # fmt: skip
    # Where the flags are unchanged the rate is too, so the step's check has no effect there.
    for integration, ramp in enumerate(result):
        changed = np.nonzero((ramp != flags[integration]).any(axis=0))
        after = _rate(data[integration][:, *changed], ramp[:, *changed], invalid)
        beyond = ~(np.abs(before[integration][changed] - after) <= setup.max_shower_amplitude)
        back = tuple(part[beyond] for part in changed)
        ramp[:, *back] = flags[integration][:, *back]
    return result


def _rate(signal: np.ndarray, flags: np.ndarray, invalid: int) -> np.ndarray:
    """Return the mean difference of successive valid groups of ramps (ngroups, ...), NaN without valid differences."""
    masked = np.where(flags & invalid != 0, np.nan, signal)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return np.nanmean(np.diff(masked, axis=0), axis=0)
