"""The comparison of products: it finds what differs, where values are NaN in one file only, and missing files."""

import importlib
import sys
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table

from mrskit import workspace

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture
def module(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    yield importlib.import_module("stock_vs_kit")
    for name in ("stock_vs_kit", "stock_flow"):
        sys.modules.pop(name, None)


def image(path, flux, dq=0):
    """A rate file of 2 x 2 pixels: 100, NaN, 0 and ``flux``, errors of 2."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = np.array([[100.0, np.nan], [0.0, flux]], dtype=np.float32)
    quality = np.array([[0, 1], [0, dq]], dtype=np.uint32)
    hdus = [fits.PrimaryHDU(), fits.ImageHDU(data, name="SCI"), fits.ImageHDU(np.full_like(data, 2.0), name="ERR"),
            fits.ImageHDU(quality, name="DQ")]  # fmt: skip
    fits.HDUList(hdus).writeto(path)


def spectrum(path, flux):
    table = Table({"FLUX": [1.0, flux], "FLUX_ERROR": [0.1, 0.1], "DQ": [0, 0]})
    fits.HDUList([fits.PrimaryHDU(), fits.BinTableHDU(table, name="EXTRACT1D")]).writeto(path)


def test_the_difference_is_relative_to_the_value_or_its_error_whichever_is_larger(module, tmp_path):
    image(tmp_path / "a_rate.fits", 50.0)
    image(tmp_path / "b_rate.fits", 50.5)
    assert module.compare(tmp_path / "b_rate.fits", tmp_path / "a_rate.fits") == (pytest.approx(0.01), 0, 0)
    image(tmp_path / "c_rate.fits", 0.5)
    image(tmp_path / "d_rate.fits", 0.52)
    assert module.compare(tmp_path / "d_rate.fits", tmp_path / "c_rate.fits")[0] == pytest.approx(0.01, rel=1e-5)


def test_a_value_that_is_nan_in_one_file_and_a_changed_flag_are_counted(module, tmp_path):
    image(tmp_path / "a_cal.fits", 50.0)
    image(tmp_path / "b_cal.fits", np.nan, dq=4)
    assert module.compare(tmp_path / "b_cal.fits", tmp_path / "a_cal.fits") == (0.0, 1, 1)


def test_a_difference_without_any_scale_is_infinite(module):
    assert module.relative(np.array([1.0]), np.array([0.0]), np.array([np.nan]))[0] == np.inf
    assert module.relative(np.array([0.0]), np.array([0.0]), np.array([0.0]))[0] == 0.0


def test_all_products_of_two_workspaces_are_compared_and_missing_ones_are_named(module, tmp_path):
    kit, stock = (workspace.create(tmp_path / name) for name in ("kit", "stock"))
    for space, flux in ((kit, 50.0), (stock, 50.5)):
        image(space.stage("source", "stage1") / "x_rate.fits", flux)
        spectrum_folder = space.stage("source", "stage3")
        spectrum_folder.mkdir(parents=True, exist_ok=True)
        spectrum(spectrum_folder / "x_x1d.fits", 2.0)
    image(stock.stage("background", "stage2") / "y_cal.fits", 1.0)
    image(stock.stage("source", "stage1") / "x_rateints.fits", 1.0)  # no product that is compared
    found = module.differences(kit, stock)
    assert found["files"] == 2
    assert found["missing"] == ["Background/stage2/y_cal.fits"]
    assert found["max_relative_difference"] == pytest.approx(0.5 / 50.5, rel=1e-5)


def test_the_settings_of_the_notebook_exist_in_the_installed_pipeline(module):
    from mrskit.pipeline import parameters

    flow = importlib.import_module("stock_flow")
    parameters.check("detector1", {step: {k: v for k, v in values.items() if k != "post_hooks"}
                                   for step, values in flow.DETECTOR1.items()})  # fmt: skip
    parameters.check("spec2", flow.SPEC2_SOURCE)
    parameters.check("spec3", flow.SPEC3)
