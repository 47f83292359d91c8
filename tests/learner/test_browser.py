"""A learner in a real browser: JupyterLab from 'mrskit start', two answers, their cards, a save, the progress."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

pytestmark = pytest.mark.pipeline
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
PATIENCE = 60_000  # ms: on a busy machine
COMMAND = Path(sys.executable).with_name("mrskit")


@contextmanager
def chromium(player, pictures: Path) -> Iterator:
    """Give an empty page of a new browser; skip the test, with what to install, where there is none."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("no Chromium here: apt-get install chromium")
    browser = player.chromium.launch(executable_path=program, args=FLAGS)
    try:
        made = browser.new_page(viewport={"width": 1300, "height": 1000})
        made.set_default_timeout(PATIENCE)
        yield made
    except BaseException:
        made.screenshot(path=pictures / "failed.png")
        raise
    finally:
        browser.close()


@contextmanager
def lab(root: Path, lesson: str, *options: str) -> Iterator[str]:
    """Run ``mrskit start`` on a workspace and give the address that it prints; end it as a learner does, by Ctrl-C."""
    command = [COMMAND, "start", lesson, "--no-browser", "-w", root, *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                               env=os.environ | {"COLUMNS": "400"}, start_new_session=True)  # fmt: skip
    try:
        said = []
        for line in process.stdout:
            said.append(line)
            if found := re.search(r"http://\S+", line):
                yield found[0]
                break
        else:
            pytest.fail("".join(said))
        process.send_signal(signal.SIGINT)
        rest = process.communicate(timeout=60)[0]
        assert process.returncode == 0 and "JupyterLab has stopped" in rest
    finally:
        if process.poll() is None:
            process.terminate()  # as when a terminal is closed: JupyterLab ends too
            process.wait(timeout=60)


def notebook_is_ready(page) -> None:
    """Wait until JupyterLab shows the notebook and its kernel is idle."""
    page.wait_for_selector(".jp-Notebook .jp-Cell")
    page.wait_for_selector("text=Python 3 (ipykernel) | Idle")
    kernel_is_idle(page)


def kernel_is_idle(page) -> None:
    """Wait until the kernel of the notebook has nothing to do."""
    page.wait_for_selector('.jp-Notebook-ExecutionIndicator[data-status="idle"]')
    page.wait_for_function("() => !document.querySelector('.jp-NotebookPanel')?.innerText.includes('[*]:')")


def menu(page, *names: str) -> None:
    """Choose an entry of JupyterLab's menus."""
    page.get_by_role("menuitem", name=names[0], exact=True).first.click()
    page.get_by_role("menuitem", name=re.compile(names[1])).first.click()


def answer(page, before: str, after: str) -> None:
    """Write an answer into the cell that holds a text, in place of this text."""
    found = page.locator(".jp-CodeCell").filter(has_text=before).first
    found.scroll_into_view_if_needed()
    line = found.locator(".cm-line").filter(has_text=before).first
    line.click()
    page.keyboard.press("Home")
    page.keyboard.press("Shift+End")
    page.keyboard.type(after)


def card_of(page, name: str, picture: Path) -> str:
    """Scroll to the card that holds a text, take a picture, and return what the card says."""
    card = page.locator('[role="status"]').filter(has_text=name).first
    for _ in range(20):  # cells on the way get their height when they come into sight
        card.evaluate("card => card.scrollIntoView({block: 'center'})")
        page.wait_for_timeout(300)
        box = card.bounding_box()
        if card.inner_text() and box and 100 < box["y"] < 800:
            break
    page.screenshot(path=picture)
    return card.inner_text()


@pytest.fixture
def course(quick_workspace, copy_of, tmp_path):
    """A learner's workspace with the demo's data; no notebook in it yet."""
    return copy_of(quick_workspace, tmp_path / "work" / "course")


@pytest.fixture(scope="module")
def pictures(request, tmp_path_factory):
    """The folder in which screenshots are kept."""
    kept = request.config.getoption("--screenshots")
    return tmp_path_factory.mktemp("screenshots") if kept is None else kept


def test_a_learner_answers_twice_sees_both_cards_saves_and_finds_the_progress(player, course, pictures):
    with lab(course.root, "01") as address, chromium(player, pictures) as browser:
        browser.goto(address)
        notebook_is_ready(browser)
        browser.screenshot(path=pictures / "lesson-01.png")
        answer(browser, "slow_over_fast = ...", "slow_over_fast = 23.88992 / 2.77504")
        answer(browser, "distance = ...", "distance = 3600 * np.hypot(339.0148 - 338.9933, 0.01)")
        menu(browser, "Run", "^Run All Cells$")
        browser.wait_for_selector('[role="status"]:has-text("01-both-selectors")', state="attached")
        kernel_is_idle(browser)
        right = card_of(browser, "(01-slow-group)", pictures / "card-right.png")
        slip = card_of(browser, "(01-nearest-galaxy)", pictures / "card-misconception.png")
        assert "✓ Right, 1 of 1 point" in right
        assert "Not yet" in slip
        assert "A known misconception (no-cosine): Right ascension" in slip
        browser.keyboard.press("Escape")
        browser.keyboard.press("Control+s")
        browser.wait_for_function("() => !document.title.startsWith('*') && !document.querySelector('.jp-mod-dirty')")
    saved = course.root / "Notebook" / "01_setup.ipynb"
    for path in course.answers.iterdir():  # what the saved notebook holds is enough
        path.unlink()
    done = subprocess.run([COMMAND, "check", saved, "--json"], capture_output=True, text=True, check=True)
    (lesson, *_), card = json.loads(done.stdout)["lessons"], json.loads(done.stdout)
    verdicts = {item["id"]: item for item in lesson["verdicts"]}
    assert (card["passed"], card["changed"]) == (1, [])
    assert verdicts["01-slow-group"]["outcome"] == "passed"
    assert verdicts["01-nearest-galaxy"]["misconception"] == "no-cosine"


def test_a_click_into_the_cube_shows_the_spectrum_of_that_spaxel(player, course, pictures):
    path = course.root / "Notebook" / "06_analysis.ipynb"
    source = [
        "from mrskit import viewers, workspace\nfrom mrskit.plotting import style\n"
        'style.use(workspace.open_workspace(".."))\n',
        'viewers.slices("../Source/stage3/Level3_ch1-short_s3d.fits", "06-cube-viewer")',
    ]
    cells = [{"cell_type": "code", "id": f"c{number}", "metadata": {}, "source": text, "outputs": [],
              "execution_count": None} for number, text in enumerate(source)]  # fmt: skip
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"},
              "language_info": {"name": "python"}}  # fmt: skip
    path.write_text(json.dumps({"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}))
    with lab(course.root, "06") as address, chromium(player, pictures) as browser:
        browser.goto(address)
        notebook_is_ready(browser)
        menu(browser, "Run", "^Run All Cells$")
        canvas = browser.locator(".jupyter-matplotlib-canvas-div canvas").last
        canvas.wait_for()
        kernel_is_idle(browser)
        canvas.scroll_into_view_if_needed()
        sliders = browser.locator(".widget-readout")
        before = sliders.all_inner_texts()
        browser.wait_for_timeout(3000)
        browser.screenshot(path=pictures / "cube-viewer.png")
        box = canvas.bounding_box()
        browser.mouse.click(box["x"] + 0.22 * box["width"], box["y"] + 0.55 * box["height"])
        browser.wait_for_function(
            "(before) => [...document.querySelectorAll('.widget-readout')].map(e => e.innerText).join() != before",
            arg=",".join(before))  # fmt: skip
        kernel_is_idle(browser)
        browser.wait_for_timeout(3000)  # the figure is drawn after the sliders have moved
        after = sliders.all_inner_texts()
        browser.screenshot(path=pictures / "cube-viewer-clicked.png")
    assert len(before) == 3 and before[0] == after[0] and before[1:] != after[1:]
    assert all(re.fullmatch(r"\d+", text) for text in after)
