"""From count rates to raw ramps: the effects of the detector."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mrskit.plan import FRAME_TIME
from mrskit.simulate.disturbances import Disturbances, drifted, warm_pixels
from mrskit.simulate.events import SHAPE, Hits, Shower, cosmic_rays, showers
from mrskit.simulate.imperfections import Departures
from mrskit.simulate.instrument import read_reference

BIAS = 9500.0  # DN, raw level after a reset; adopted
BIAS_SCATTER = 15.0  # DN, from pixel to pixel and reset to reset; adopted
FIRST_FRAME = -18.0  # DN, offset of the first groups, adopted; only in groups that the RSCD reference flags
SWITCH_CHARGE = -0.003  # share of the last integration's signal, fading in the flagged groups of the next; adopted
LAST_FRAME = ((-20.0, -0.004), (-12.0, -0.002))  # even and odd rows: DN, and share of the signal; adopted
CEILING = 1.05  # the raw signal stops at this factor times the saturation reference
NORMAL_ABOVE = 50.0  # electrons per group above which photon noise is drawn from a normal distribution
GROUP_TIME = FRAME_TIME["FASTR1"]


@dataclass(frozen=True, slots=True)
class Detector:
    """A simulated detector; arrays have shape (1024, 1032) unless stated otherwise."""

    dark: np.ndarray  # DN/s, without the drift of the exposure
    gain: np.ndarray  # electrons per DN
    read_noise: np.ndarray  # DN, of a single read
    linearity: np.ndarray  # (ncoefficients, 1024, 1032): raw DN to linear DN
    saturation: np.ndarray  # DN, raw
    ceiling: np.ndarray  # DN, raw, where the signal stops
    linear_ceiling: np.ndarray  # DN, the same after the linearity correction
    reset: np.ndarray  # (nints, ngroups, 1024, 1032) DN, reset anomaly of the first groups
    reference_pixels: np.ndarray  # bool
    dead: np.ndarray  # bool
    bad: np.ndarray  # bool, DO_NOT_USE in the mask
    first_groups: tuple[int, int]  # groups that the RSCD reference flags: first and later integrations
    warm: np.ndarray | None = None  # DN/s, from warm pixels in neither mask nor dark


@dataclass(frozen=True, slots=True)
class Exposed:
    """A raw exposure with a record of its events."""

    data: np.ndarray  # (nints, ngroups, 1024, 1032) uint16, DN
    hits: Hits
    showers: tuple[Shower, ...]
    saturated: np.ndarray  # (1024, 1032) bool, in any group
    dark: np.ndarray  # (1024, 1032) DN/s, with the drift of this exposure
    warm: np.ndarray  # (1024, 1032) DN/s, part of the dark from warm pixels in neither mask nor dark reference
    phase: float  # phase of the interference at the first pixel, in periods


def load_detector(files: dict[str, Path], errors: Departures, seed: int = 0, channels: str = "12") -> Detector:
    """Return the detector that reference files (type to path) describe, with departures placed by the seed."""
    from stdatamodels.jwst.datamodels import dqflags

    mask = read_reference(files["mask"], "DQ")
    is_set = {name: mask & dqflags.pixel[name] > 0 for name in ("REFERENCE_PIXEL", "DEAD", "DO_NOT_USE")}
    reference = is_set["REFERENCE_PIXEL"]
    gain = read_reference(files["gain"])
    electrons = np.nan_to_num(gain, nan=float(np.nanmedian(gain))) * (1.0 + errors.gain)
    # the reference contains the noise of a difference of two reads
    single = np.nan_to_num(read_reference(files["readnoise"])) / np.sqrt(2.0)
    coefficients = np.nan_to_num(read_reference(files["linearity"], "COEFFS")).astype(np.float32)
    saturation = np.nan_to_num(read_reference(files["saturation"]), nan=65535.0).astype(np.float32)
    linear = reference | (coefficients[1] == 0)
    coefficients[:, linear] = 0.0
    coefficients[1, linear] = 1.0
    ceiling = np.minimum(CEILING * saturation, 65535.0).astype(np.float32)
    return Detector(
        dark=_dark_rate(files["dark"], reference), gain=electrons.astype(np.float32),
        read_noise=single.astype(np.float32), linearity=coefficients, saturation=saturation, ceiling=ceiling,
        linear_ceiling=_polynomial(ceiling, coefficients)[0], reset=_reset(files), reference_pixels=reference,
        dead=is_set["DEAD"], bad=is_set["DO_NOT_USE"], first_groups=_first_groups(files),
        warm=warm_pixels(errors.warm_pixels, seed, channels, is_set["DO_NOT_USE"] | reference),
    )  # fmt: skip


def expose(
    rate: np.ndarray, detector: Detector, errors: Departures, nints: int, ngroups: int, rng: np.random.Generator,
    group_time: float = GROUP_TIME, before: np.ndarray | None = None,
) -> Exposed:  # fmt: skip
    """
    Return a raw exposure for a count rate.

    Photon noise is Poisson below 50 electrons per group and normal above, where the two agree to 1 %.

    Parameters
    ----------
    rate : ndarray of shape (1024, 1032)
        DN/s of light, from ``optics.light_rate``.
    errors : Departures
        Departures of the detector; the drift of the dark's pedestal and of warm pixels is drawn for this exposure.
    group_time : float
        Time between groups, s; the first and last groups behave as in FASTR1 in all readouts.
    before : ndarray of shape (1024, 1032), optional
        DN/s of light in the previous exposure, which persists.
    """
    light_sensitive = ~(detector.reference_pixels | detector.dead)
    drift = errors.pedestal + errors.pedestal_scatter * rng.standard_normal()
    warm = np.zeros(SHAPE, dtype=np.float32)
    if detector.warm is not None:
        warm = np.where(light_sensitive, drifted(detector.warm, rng), warm)
    dark = np.where(light_sensitive, np.maximum(detector.dark + drift + warm, 0.0), 0.0).astype(np.float32)
    total = np.where(light_sensitive, np.maximum(rate, 0.0), 0.0).astype(np.float32) + dark
    hits = cosmic_rays(rng, nints, ngroups, group_time, float(np.median(detector.gain)))
    events = showers(rng, nints, ngroups, group_time)
    data = np.empty((nints, ngroups, *SHAPE), dtype=np.uint16)
    saturated, signal = np.zeros(SHAPE, dtype=bool), np.zeros(SHAPE, dtype=np.float32)
    phase = float(rng.random()) if errors.interference else 0.0
    if before is not None:
        before = np.where(light_sensitive, before, 0.0)
    acting = Disturbances(errors, group_time, phase, before)
    for integration in range(nints):
        signal = _integrate(
            data[integration], integration, total, signal, detector, hits, events, rng, saturated, group_time, acting
        )
    return Exposed(data, hits, events, saturated, dark, warm, phase)


def _integrate(
    data, integration, total, before, detector, hits, events, rng, saturated, group_time, acting
) -> np.ndarray:
    """Fill the groups of one integration and return the signal at the end, DN."""
    bias = BIAS + BIAS_SCATTER * rng.standard_normal(SHAPE, dtype=np.float32)
    signal = np.zeros(SHAPE, dtype=np.float32)
    sensitive = ~(detector.reference_pixels | detector.dead)
    electrons = total * group_time * detector.gain
    own_events = [(s, np.flatnonzero((s.amplitude > 0) & sensitive)) for s in events if s.integration == integration]
    faint = np.flatnonzero((electrons > 0) & (electrons < NORMAL_ABOVE))
    output_drift, raw = np.zeros(4, dtype=np.float32), None
    skipped = detector.first_groups[0 if integration == 0 else 1]
    for group in range(data.shape[0]):
        signal += acting.spread(_photons(rng, electrons, faint) / detector.gain, signal)
        signal += acting.persisting(integration, group, data.shape[0])
        for event, pixels in own_events:
            gain = detector.gain.ravel()[pixels]
            extra = event.amplitude.ravel()[pixels] * event.seconds(group, group_time) * gain
            signal.ravel()[pixels] += rng.poisson(extra) / gain
        now = (hits.integration == integration) & (hits.group == group)
        place = (hits.row[now], hits.column[now])
        signal[place] += np.where(sensitive[place], hits.dn[now], 0.0)
        output_drift += np.float32(acting.errors.output_drift) * rng.standard_normal(4, dtype=np.float32)
        level = bias + signal + np.tile(output_drift, SHAPE[1] // 4)  # the reference pixels see the drift too
        linear = np.minimum(level, detector.linear_ceiling)
        raw = _raw(linear, detector.linearity, raw)
        read = raw + _read_effects(integration, group, data.shape[0], skipped, signal, before, detector)
        read += detector.read_noise * rng.standard_normal(SHAPE, dtype=np.float32)
        read += acting.on_read(integration, group, data.shape[0], sensitive)
        data[group] = np.rint(np.clip(read, 0.0, detector.ceiling)).astype(np.uint16)
        saturated |= (data[group] >= detector.saturation) & ~detector.reference_pixels
    return signal


def _photons(rng: np.random.Generator, electrons: np.ndarray, faint: np.ndarray) -> np.ndarray:
    """Return the electrons that one group collects."""
    drawn = electrons + np.sqrt(electrons) * rng.standard_normal(SHAPE, dtype=np.float32)
    drawn.ravel()[faint] = rng.poisson(electrons.ravel()[faint])
    return drawn


def _read_effects(integration, group, ngroups, skipped, signal, before, detector) -> np.ndarray:
    """Return reset anomaly, first-frame and last-frame effects in a raw read, DN; reference pixels stay clean."""
    effect = np.zeros(SHAPE, dtype=np.float32)
    if group < detector.reset.shape[1]:
        effect += detector.reset[min(integration, detector.reset.shape[0] - 1), group]
    if group < skipped:
        effect += FIRST_FRAME * np.exp(-group) + SWITCH_CHARGE * before * np.exp(-group / 1.5)
    if group == ngroups - 1 and ngroups > 2:
        for parity, (offset, share) in enumerate(LAST_FRAME):
            effect[parity::2] += offset + share * signal[parity::2]
    effect[detector.reference_pixels] = 0.0
    return effect


def _raw(linear: np.ndarray, coefficients: np.ndarray, start: np.ndarray | None) -> np.ndarray:
    """
    Return the raw signal whose linearity correction gives ``linear``, by three Newton steps from the previous group.

    Three steps leave less than 0.01 DN after a jump of 10,000 DN.
    """
    raw = linear if start is None else start
    for _ in range(3 if start is not None else 5):
        value, slope = _polynomial(raw, coefficients)
        raw = raw - (value - linear) / slope
    return raw


def _polynomial(raw: np.ndarray, coefficients: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return every pixel's linearity polynomial and its derivative."""
    value, slope = coefficients[-1], np.zeros_like(raw)
    for coefficient in coefficients[-2::-1]:
        slope = slope * raw + value
        value = value * raw + coefficient
    return value, slope


def _dark_rate(path: Path, reference: np.ndarray) -> np.ndarray:
    """Return the slope of the dark reference, DN/s."""
    groups = read_reference(path)[0]
    rate = (groups[-1].astype(np.float64) - groups[0]) / ((len(groups) - 1) * GROUP_TIME)
    return np.where(reference, 0.0, np.nan_to_num(rate)).astype(np.float32)


def _reset(files: dict[str, Path]) -> np.ndarray:
    if "reset" not in files:
        return np.zeros((1, 0, *SHAPE), dtype=np.float32)
    return np.nan_to_num(read_reference(files["reset"])).astype(np.float32)


def _first_groups(files: dict[str, Path]) -> tuple[int, int]:
    """Return the numbers of groups that the RSCD step flags in the first and in later integrations (FULL, FASTR1)."""
    if "rscd" not in files:
        return 0, 0
    for row in read_reference(files["rscd"], "RSCD_GROUP_SKIP"):
        names = {name.lower(): name for name in row.dtype.names}
        if [str(row[names[name]]).strip() for name in ("subarray", "readpatt")] == ["FULL", "FASTR1"]:
            return max(int(row[names["group_skip1"]]), 1), int(row[names["group_skip"]])
    return 0, 0
