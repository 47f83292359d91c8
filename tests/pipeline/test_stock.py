"""What the kit leaves out of the stages changes no product: each stage with and without, on the same exposure."""

import shutil
from dataclasses import replace

import numpy as np
import pytest
from astropy.io import fits

from mrskit import bands, products
from mrskit.pipeline import stages
from mrskit.pipeline.step_settings import Options
from mrskit.workspace import Workspace

pytestmark = pytest.mark.pipeline
SHORT = bands.SETTINGS["12:SHORT"]
KIT = Options(scheduler="none")
STOCK = replace(KIT, stock=True)
LEFT_OUT = {"straylight": {"skip": True}}  # a minute and a half in the stock pipeline; compared in test_straylight
COARSE = {"cube_build": {"scalew": 0.004}}  # um: a quarter of the planes; benchmarks/stock_vs_kit.py compares all


def same(path, reference, suffixes=("SCI", "ERR", "DQ", "EXTRACT1D")) -> int:
    """Check that two files hold the same arrays, to 1e-6 of value or error, and return how many were compared."""
    count = 0
    with fits.open(path) as one, fits.open(reference) as other:
        assert [hdu.name for hdu in one] == [hdu.name for hdu in other]
        for mine, theirs in zip(one, other, strict=True):
            if mine.name not in suffixes:
                continue
            names = theirs.columns.names if mine.name == "EXTRACT1D" else [None]
            for name in names:
                a, b = (hdu.data if name is None else hdu.data[name] for hdu in (mine, theirs))
                rtol = 1e-6 if b.dtype.kind == "f" else 0
                np.testing.assert_allclose(a, b, rtol=rtol, atol=0, equal_nan=True, err_msg=f"{path.name} {name}")
                count += 1
    return count


@pytest.fixture
def one_exposure(quick_workspace, tmp_path) -> Workspace:
    """The first source and background exposure of the suite's workspace, raw, calibrated and background spectra."""
    space = Workspace(tmp_path / "one")
    for role in ("source", "background"):
        for folder in ("uncal", "stage1", "stage2"):
            place = space.stage(role, folder)
            place.mkdir(parents=True, exist_ok=True)
            for path in quick_workspace.stage(role, folder).glob("*_00001_mirifushort_*.fits"):
                shutil.copy(path, place)
    space.update_card(references=quick_workspace.card().references)
    return space


def test_stage_1_makes_the_same_rates(one_exposure, tmp_path):
    raw = products.find(one_exposure.stage("source", "uncal"), "uncal", SHORT)[0]
    made = {options: stages.detector1_file(raw, tmp_path / str(options.stock), options=options)
            for options in (KIT, STOCK)}  # fmt: skip
    assert set(made[KIT]) == {"rate", "rateints"}
    for suffix, path in made[KIT].items():
        assert same(path, made[STOCK][suffix]) == 3


@pytest.mark.parametrize("role", ["source", "background"])
def test_stage_2_makes_the_same_exposures_cubes_and_spectra(one_exposure, tmp_path, role):
    rate = products.find(one_exposure.stage(role, "stage1"), "rate", SHORT)[0]
    made = {options: stages.spec2_file(rate, tmp_path / str(options.stock), LEFT_OUT | COARSE, options=options)
            for options in (KIT, STOCK)}  # fmt: skip
    assert set(made[KIT]) == set(made[STOCK]) == ({"cal"} if role == "source" else {"cal", "s3d", "0_x1d", "1_x1d"})
    for suffix, path in made[KIT].items():
        assert same(path, made[STOCK][suffix]) > 2


def test_stage_3_makes_the_same_cubes_and_spectra_one_channel_at_a_time(one_exposure):
    folder = one_exposure.stage("source", "stage3")
    kept = one_exposure.root / "kit"
    stages.spec3(one_exposure, SHORT, KIT, COARSE)
    shutil.move(folder, kept)
    stages.spec3(one_exposure, SHORT, STOCK, COARSE)
    names = sorted(path.name for path in folder.glob("*.fits"))
    assert names == sorted(path.name for path in kept.glob("*.fits"))
    assert sum(name.startswith("Level3_") for name in names) == 4 and len(names) == 5  # and one crf
    for name in names:
        assert same(kept / name, folder / name) > 2
