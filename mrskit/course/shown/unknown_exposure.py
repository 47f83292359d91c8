"""The exposure that learners read in lesson 01, without the answer."""

from __future__ import annotations

import numpy as np

from mrskit.plan import FRAME_TIME

GROUPS, INTEGRATIONS = 12, 3
_RATE, _NOISE, _HIT = 60.0, 6.0, (1, 7, 700.0)  # DN/s; DN; a cosmic ray: integration, group, DN


def one_pixel() -> tuple[np.ndarray, np.ndarray]:
    """
    Return time (s) and signal (DN) of one pixel's groups, both of shape (n,), in an invented FASTR1 exposure.

    There is a reset between two integrations, and one cosmic ray causes a step.
    """
    step, random = FRAME_TIME["FASTR1"], np.random.default_rng(12)
    time, signal = [], []
    for integration in range(INTEGRATIONS):
        since = step * np.arange(1, GROUPS + 1)
        values = 400 + _RATE * since + random.normal(0, _NOISE, GROUPS)
        if integration == _HIT[0]:
            values[_HIT[1] :] += _HIT[2]
        time.append(integration * (GROUPS + 1) * step + since)
        signal.append(values)
    return np.concatenate(time), np.concatenate(signal)
