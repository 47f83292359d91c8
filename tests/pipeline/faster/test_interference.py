"""The emicorr step's fit, sooner: the same numbers as jwst's own function, to the last bit."""

import numpy as np
import pytest
from jwst.emicorr import emicorr

from mrskit.errors import PipelineError
from mrskit.pipeline.faster import interference, patches

ROW_CLOCKS, FRAME_CLOCKS, PERIOD = 271, 277504, 1e5 / 10.039216


@pytest.fixture
def ramps():
    """Two integrations of 5 groups, 48 rows and 48 columns: noise, ramps, a wave, bright and bad pixels, a NaN."""
    rng = np.random.default_rng(8)
    data = rng.normal(0.0, 4.2, (2, 5, 48, 48)) + rng.uniform(0, 40, (48, 48)) * np.arange(5)[:, None, None]
    clocks = np.arange(48)[:, None] * ROW_CLOCKS + np.arange(48) // 4
    clocks = clocks + np.arange(5)[:, None, None] * (48 * ROW_CLOCKS + (1024 - 48) * 7)
    data += 9.0 * np.sin(2 * np.pi * clocks / PERIOD * 12)
    data[:, :, 7, 9] += 5000.0 * np.arange(5)
    data[1, 2, 30, 30] = np.nan
    flags = np.zeros((48, 48), dtype=np.uint32)
    flags[:, :4] = flags[20, 20] = 1
    return data.astype(np.float32), flags


@pytest.mark.parametrize(("separately", "bins", "whole"), [(False, 100, True), (True, 20, True), (False, 500, False)])
@pytest.mark.filterwarnings("ignore:invalid value")
def test_the_fit_is_that_of_jwst_to_the_last_bit(ramps, separately, bins, whole):
    data, flags = ramps
    if whole:
        data = np.nan_to_num(data)
    wave = np.sin(2 * np.pi * (np.arange(bins) + 0.5) / bins) + 0.2 * np.cos(np.arange(bins))
    arguments = (flags, wave, 1, ROW_CLOCKS, FRAME_CLOCKS, PERIOD / 12, separately, 50)
    expected = emicorr.emicorr_refwave(data.copy(), *arguments)
    given = data.copy()
    found = interference.emicorr_refwave(given, *arguments)
    assert found is given and found.dtype == expected.dtype
    np.testing.assert_array_equal(found, expected)
    assert not whole or np.abs(found - data).max() > 1  # something was fitted


def test_in_the_context_the_step_has_it_and_afterwards_its_own(monkeypatch):
    own = emicorr.emicorr_refwave
    with interference.fast_interference():
        assert emicorr.emicorr_refwave is interference.emicorr_refwave
        assert interference.DESCRIPTION in patches.active()
    assert emicorr.emicorr_refwave is own
    monkeypatch.setattr(patches.importlib.metadata, "version", lambda name: "3.0.1")
    with pytest.raises(PipelineError, match=r"replacement of .* is for jwst 3\.0\.0"), interference.fast_interference():
        pass
