"""Reference files that the three settings of one detector share: bad pixels, noise, ramps, dark and pixel flat."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from stdatamodels.jwst import datamodels
from stdatamodels.jwst.datamodels import dqflags

from mrskit.bands import Setting
from mrskit.simulate.references import tables
from mrskit.simulate.references.files import detector_number, save_model
from mrskit.simulate.references.geometry import COLUMNS, REFERENCE_COLUMNS, ROWS

SHAPE = (ROWS, COLUMNS)
FLAGS = dqflags.pixel
READOUT = "FASTR1"


@dataclass(frozen=True, slots=True)
class Pixels:
    """Which pixels of a detector are special, boolean maps of shape (1024, 1032); reference pixels in none but one."""

    reference: np.ndarray
    dead: np.ndarray
    hot: np.ndarray
    noisy: np.ndarray
    warm: np.ndarray  # usable, with a raised dark

    @property
    def bad(self) -> np.ndarray:
        """Pixels that the mask excludes."""
        return self.dead | self.hot | self.noisy


def write(setting: Setting, folder: Path) -> dict[str, str]:
    """Write the files of the setting's detector; return reference type -> file name."""
    number = detector_number(setting)
    result = {}
    for reftype, make in _MAKERS.items():
        result[reftype] = save_model(make(setting.channels), reftype, number, folder, setting)
    return result


def random(channels: str, what: str) -> np.random.Generator:
    """Return the random numbers of one map of one detector: the same in every build."""
    return np.random.default_rng([tables.SEED, int(channels), *what.encode()])


@cache
def pixels(channels: str) -> Pixels:
    """Return the special pixels of the detector with these channels, ``"12"`` or ``"34"``."""
    numbers = random(channels, "mask")
    reference = np.zeros(SHAPE, bool)
    reference[:, :REFERENCE_COLUMNS] = reference[:, -REFERENCE_COLUMNS:] = True
    # One uniform number a pixel: neighbouring intervals are disjoint populations of the wanted sizes.
    draw, maps, start = numbers.random(SHAPE), [], 0.0
    for fraction in (tables.DEAD_FRACTION, tables.HOT_FRACTION, tables.NOISY_FRACTION, tables.WARM_FRACTION):
        maps.append((draw >= start) & (draw < start + fraction) & ~reference)
        start += fraction
    dead, hot, noisy, warm = maps
    rows = numbers.integers(1, ROWS - 1, tables.CLUSTER_COUNT)
    columns = numbers.integers(REFERENCE_COLUMNS + 1, COLUMNS - REFERENCE_COLUMNS - 1, tables.CLUSTER_COUNT)
    for row, column in zip(rows, columns, strict=True):
        dead[row - 1 : row + 2, column - 1 : column + 2] = True
    return Pixels(reference, dead, hot & ~dead, noisy & ~dead, warm & ~dead)


def dark_rate(channels: str) -> np.ndarray:
    """Return the dark signal, DN/s, of shape (1024, 1032): a slope from left to right, hot and warm pixels."""
    special, numbers = pixels(channels), random(channels, "dark")
    slope = 1 + tables.DARK_SLOPE * (np.arange(COLUMNS) / COLUMNS - 0.5)
    rate = tables.DARK_RATE * slope * (1 + tables.DARK_SPREAD * numbers.standard_normal(SHAPE))
    for where, limits in ((special.hot, tables.HOT_RATES), (special.warm, tables.WARM_RATES)):
        low, high = np.log(limits)
        rate[where] = np.exp(numbers.uniform(low, high, where.sum()))
    rate[special.reference] = 0
    return rate


def _scatter(channels: str, what: str, relative: float) -> np.ndarray:
    """Return a map with mean 1 and the given relative rms."""
    return 1 + relative * random(channels, what).standard_normal(SHAPE)


def _no_flags(shape: tuple[int, ...] = SHAPE) -> np.ndarray:
    return np.zeros(shape, np.uint32)


def _mask(channels: str) -> Any:
    special = pixels(channels)
    flags = _no_flags()
    flags[special.reference] = FLAGS["REFERENCE_PIXEL"]
    for where, kind in ((special.dead, "DEAD"), (special.hot, "HOT"), (special.noisy, "OTHER_BAD_PIXEL")):
        flags[where] |= FLAGS[kind] | FLAGS["DO_NOT_USE"]
    model = datamodels.MaskModel(dq=flags)
    kinds = ("DO_NOT_USE", "DEAD", "HOT", "OTHER_BAD_PIXEL", "REFERENCE_PIXEL")
    rows = [(FLAGS[kind].bit_length() - 1, FLAGS[kind], kind, "") for kind in kinds]
    model.dq_def = np.array(rows, dtype=[("BIT", "<u4"), ("VALUE", "<u4"), ("NAME", "S40"), ("DESCRIPTION", "S80")])
    return model


def _gain(channels: str) -> Any:
    return datamodels.GainModel(data=np.full(SHAPE, tables.GAIN, np.float32))


def _readnoise(channels: str) -> Any:
    noise = tables.READ_NOISE_CDS * _scatter(channels, "readnoise", tables.READ_NOISE_SPREAD)
    noise[pixels(channels).noisy] *= 5
    model = datamodels.ReadnoiseModel(data=noise.astype(np.float32))
    model.meta.exposure.readpatt = READOUT
    return model


def _saturation(channels: str) -> Any:
    level = tables.SATURATION * _scatter(channels, "saturation", tables.SATURATION_SPREAD)
    level[pixels(channels).reference] = 65535
    return datamodels.SaturationModel(data=np.minimum(level, 65535).astype(np.float32), dq=_no_flags())


def _linearity(channels: str) -> Any:
    quadratic = tables.LINEARITY_A * _scatter(channels, "linearity", tables.LINEARITY_SPREAD)
    quadratic[pixels(channels).reference] = 0
    bias = tables.BIAS
    coefficients = np.stack([quadratic * bias**2, 1 - 2 * quadratic * bias, quadratic])
    return datamodels.LinearityModel(coeffs=coefficients.astype(np.float32), dq=_no_flags())


def _reset(channels: str) -> Any:
    group = np.arange(tables.RESET_GROUPS)
    decay = np.exp(-group / tables.RESET_DECAY)
    decay = (decay - decay[-1]) / (1 - decay[-1])  # 1 in the first group, 0 in the last
    odd_even = 1 + tables.RESET_ODD_EVEN * (np.arange(ROWS) % 2 - 0.5)
    offset = (
        np.array(tables.RESET_AMPLITUDES)[:, None, None, None]
        * decay[:, None, None]
        * odd_even[:, None]
        * ~pixels(channels).reference
    )
    model = datamodels.ResetModel(data=offset.astype(np.float32), dq=_no_flags(), err=np.zeros((1,) * 4, np.float32))
    model.meta.exposure.nints, model.meta.exposure.ngroups = offset.shape[:2]
    model.meta.exposure.readpatt = READOUT
    return model


def _rscd(channels: str) -> Any:
    model = datamodels.RSCDModel()
    columns = [("subarray", "S17"), ("readpatt", "S12"), ("group_skip1", "<i4"), ("group_skip", "<i4")]
    model.rscd_group_skip_table = np.array([("FULL", READOUT, *tables.RSCD_GROUPS)], dtype=columns)
    return model


def _dark(channels: str) -> Any:
    time = np.arange(1, tables.DARK_GROUPS + 1) * tables.GROUP_TIME
    model = datamodels.DarkMIRIModel()
    model.data = (dark_rate(channels) * time[:, None, None])[None].astype(np.float32)
    model.dq = _no_flags((1, 1, *SHAPE))
    model.err = np.zeros((1,) * 4, np.float32)
    exposure = model.meta.exposure
    exposure.readpatt, exposure.nframes, exposure.groupgap, exposure.ngroups = READOUT, 1, 0, tables.DARK_GROUPS
    exposure.average_dark_current = tables.DARK_RATE * tables.GAIN
    return model


def _flat(channels: str) -> Any:
    reference = pixels(channels).reference
    flat = _scatter(channels, "flat", tables.FLAT_SPREAD)
    flat[reference] = np.nan
    flags = np.where(reference, FLAGS["DO_NOT_USE"], 0).astype(np.uint32)
    error = np.full(SHAPE, tables.FLAT_ERROR, np.float32)
    return datamodels.FlatModel(data=flat.astype(np.float32), dq=flags, err=error)


_MAKERS: dict[str, Callable[[str], Any]] = {
    "mask": _mask,
    "gain": _gain,
    "readnoise": _readnoise,
    "saturation": _saturation,
    "linearity": _linearity,
    "reset": _reset,
    "rscd": _rscd,
    "dark": _dark,
    "flat": _flat,
}
TYPES = tuple(_MAKERS)
