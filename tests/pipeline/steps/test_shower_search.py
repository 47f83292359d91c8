"""The search for showers at several thresholds flags what the jump step flags at each of them."""

import numpy as np
import pytest

from mrskit.pipeline.steps import shower_search

THRESHOLDS = (1.0, 1.5)
ROWS, COLUMNS, GROUPS = 96, 120, 24


@pytest.fixture(scope="module")
def references(tmp_path_factory):
    """Gain and read noise of a small detector."""
    from stdatamodels.jwst import datamodels

    folder = tmp_path_factory.mktemp("references")
    for kind, model, level in (("gain", datamodels.GainModel, 5.5), ("readnoise", datamodels.ReadnoiseModel, 6.0)):
        file = model(data=np.full((ROWS, COLUMNS), level, dtype=np.float32))
        file.meta.instrument.name, file.meta.subarray.xstart, file.meta.subarray.ystart = "MIRI", 1, 1
        file.meta.subarray.xsize, file.meta.subarray.ysize = COLUMNS, ROWS
        file.save(str(folder / f"{kind}.fits"))
    return {f"override_{kind}": str(folder / f"{kind}.fits") for kind in ("gain", "readnoise")}


def ramp():
    """Noise, a bright shower from group 10 on, a faint one from group 16 on, and a single hit."""
    from stdatamodels.jwst import datamodels

    random = np.random.default_rng(5)
    data = 9500 + 3.0 * np.arange(GROUPS)[:, None, None] + random.normal(0, 4.2, (GROUPS, ROWS, COLUMNS))
    data[10:, 20:45, 20:50] += 40 * (1 - np.exp(-np.arange(1, GROUPS - 9) / 3.0))[:, None, None]
    data[16:, 60:85, 70:100] += 10 * (1 - np.exp(-np.arange(1, GROUPS - 15) / 3.0))[:, None, None]
    data[7:, 50, 10] += 3000
    model = datamodels.RampModel(data=data[None].astype(np.float32))
    model.pixeldq = np.zeros((ROWS, COLUMNS), dtype=np.uint32)
    model.groupdq = np.zeros((1, GROUPS, ROWS, COLUMNS), dtype=np.uint8)
    model.groupdq[0, [0, -1]] = 1
    model.meta.instrument.name, model.meta.instrument.detector = "MIRI", "MIRIFUSHORT"
    model.meta.exposure.group_time, model.meta.exposure.nframes, model.meta.exposure.ngroups = 2.775, 1, GROUPS
    model.meta.subarray.xstart = model.meta.subarray.ystart = 1
    model.meta.subarray.xsize, model.meta.subarray.ysize = COLUMNS, ROWS
    return model


@pytest.mark.filterwarnings("ignore:invalid value encountered:RuntimeWarning")
def test_one_pass_flags_what_the_jump_step_flags_at_every_threshold(references):
    from jwst.jump import JumpStep

    without = JumpStep(find_showers=False, **references).process(ramp())
    counts = []
    for threshold, flags in shower_search.search(without, THRESHOLDS, **references):
        step = JumpStep(find_showers=True, extend_snr_threshold=threshold, **references).process(ramp())
        assert np.array_equal(flags, step.groupdq), threshold
        counts.append(int((flags != without.groupdq).sum()))
    assert counts[0] > counts[1] > 0


def test_the_patches_left_out_early_are_none_that_the_step_would_have_measured():
    from stcal.jump.jump import _sk_filter_areas

    random = np.random.default_rng(3)
    rows, columns = np.indices((80, 80))
    ring = np.maximum(abs(rows - 40), abs(columns - 40)) == 5  # 40 pixels that hold 121
    for mask in (ring, random.random((80, 80)) < 0.55, random.random((80, 80)) < 0.4):
        kept = shower_search._without_small(mask.astype(np.uint8), 90)
        assert _sk_filter_areas(kept, 90) == _sk_filter_areas(mask.astype(np.uint8), 90)
    assert len(_sk_filter_areas(ring.astype(np.uint8), 90)) == 1
    assert shower_search._without_small((random.random((80, 80)) < 0.05).astype(np.uint8), 90).sum() == 0


def test_a_kept_search_is_read_back_threshold_by_threshold(tmp_path):
    masks = np.random.default_rng(1).random((2, 7, 9)) < 0.4
    np.savez(tmp_path / "x.npz", thresholds=[1.0, 1.2], shape=(7, 9),
             masks=np.packbits(masks.reshape(2, -1), axis=1))  # fmt: skip
    found = shower_search.read(tmp_path / "x.npz")
    assert list(found) == [1.0, 1.2]
    assert np.array_equal(found[1.2], masks[1])
