"""jdaviz gets a product with the right layout; without it, or with a mixture, one is told."""

import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

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
    assert ("-ff" in order) == (suffix == "uncal")
    assert order[-2:] == ["--browser", "echo %s"]  # the address is printed


def test_a_mixture_and_what_is_no_product_are_refused(products, installed, tmp_path):
    with pytest.raises(ViewerError, match="one kind at a time, found cubeviz, specviz"):
        jdaviz.command([products["s3d"], products["x1d"]])
    with pytest.raises(ProductError, match="no such file"):
        jdaviz.command([tmp_path / "none_s3d.fits"])


def test_without_jdaviz_one_is_told_how_to_install_it(products, monkeypatch):
    monkeypatch.setattr(jdaviz.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ViewerError, match=r"pip install 'mrskit\[jdaviz\]'"):
        jdaviz.command([products["s3d"]])


@pytest.mark.pipeline
def test_jdaviz_opens_the_demos_cube(quick_workspace):
    if shutil.which("jdaviz", path=Path(sys.executable).parent) is None:
        pytest.skip("jdaviz is not installed here: pip install 'mrskit[jdaviz]'")
    (cube,) = quick_workspace.stage("source", "stage3").glob("Level3_ch1-short_s3d.fits")
    command = [Path(sys.executable).with_name("mrskit"), "view", "--jdaviz", "--no-open", cube]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        address = next(found[0] for line in process.stdout if (found := re.search(r"http://\S+", line)))
        _sees_the_cube(address)
    finally:
        process.terminate()
        process.wait(timeout=20)


def _sees_the_cube(address: str) -> None:
    """Open the page of jdaviz in a browser and wait until it shows the cube that was loaded."""
    playwright = pytest.importorskip("playwright.sync_api", reason="no Playwright: pip install playwright")
    program = shutil.which("chromium") or pytest.skip("no Chromium here: apt-get install chromium")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-quic"])
        page = browser.new_page()
        page.goto(address)
        page.wait_for_selector("text=Level3_ch1-short_s3d", timeout=180_000)
        time.sleep(1)
        browser.close()
