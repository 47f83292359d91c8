"""jdaviz gets a product with the right layout; without it, or with a mixture, one is told."""

import importlib.util
import json
import subprocess
import sys

import pytest
from astropy.io import fits

from mrskit.errors import ProductError, ViewerError
from mrskit.viewers import jdaviz


@pytest.fixture
def installed(monkeypatch):
    """As if jdaviz were installed, and no browser."""
    monkeypatch.setattr(jdaviz.importlib.util, "find_spec", lambda name: object())
    monkeypatch.setattr(jdaviz, "_has_browser", lambda: False)


@pytest.mark.parametrize(
    ("suffix", "layout"), [("s3d", "cubeviz"), ("x1d", "specviz"), ("rate", "imviz"), ("uncal", "flexible")]
)
def test_each_kind_has_its_layout(products, installed, suffix, layout):
    order = jdaviz.command([products[suffix]])
    assert order[1:4] == [f"--layout={layout}", "-fp", str(products[suffix])]
    assert order[4] == "-ff"  # without a format jdaviz opens an empty window
    assert order[-2:] == ["--browser", "echo %s"]  # the address is printed


def test_a_mixture_and_what_is_no_product_are_refused(products, installed, tmp_path):
    with pytest.raises(ViewerError, match="one kind of file at a time; found cubeviz, specviz"):
        jdaviz.command([products["s3d"], products["x1d"]])
    with pytest.raises(ProductError, match="no such file"):
        jdaviz.command([tmp_path / "none_s3d.fits"])


def test_without_jdaviz_one_is_told_how_to_install_it(products, monkeypatch):
    monkeypatch.setattr(jdaviz.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ViewerError, match=r"pip install 'mrskit\[jdaviz\]'"):
        jdaviz.command([products["s3d"]])


@pytest.mark.pipeline
def test_jdaviz_opens_the_demos_cube(quick_workspace):
    if importlib.util.find_spec("jdaviz") is None:
        pytest.skip("jdaviz is not installed here: pip install 'mrskit[jdaviz]'")
    (cube,) = quick_workspace.stage("source", "stage3").glob("Level3_ch1-short_s3d.fits")
    code = (
        "import json, sys; from jdaviz import Cubeviz; viewer = Cubeviz(); viewer.load_data(sys.argv[1])\n"
        "print(json.dumps({data.label: data.shape for data in viewer.app.data_collection}))"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, cube], capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout.splitlines()[-1])[cube.stem] == list(fits.getdata(cube, "SCI").shape)
