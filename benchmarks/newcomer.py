"""
The walk of a newcomer who follows the README: from ``git clone`` to the first green card, with the time of each step.

    python benchmarks/newcomer.py [--repository URL] [--keep FOLDER] [--json FILE]

Everything is new: a clone, an environment, a cache of reference files, the data, JupyterLab; packages come from where
pip finds them. The browser is Chromium, driven by Playwright; a click or a command counts as one step.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
ANSWER = "distance = 3600 * np.hypot((339.0148 - 338.9933) * np.cos(np.deg2rad(33.9758)), 0.01)"
LONGEST = 1800  # s for 'make start'


class Walk:
    """The steps so far, with the seconds that each took."""

    def __init__(self) -> None:
        self.steps: list[dict] = []
        self.start = self.last = time.monotonic()

    def done(self, kind: str, what: str) -> None:
        """Note a step that has just ended; ``kind`` is command, click, or nothing for what needs no hand."""
        now = time.monotonic()
        self.steps.append({"kind": kind, "what": what, "seconds": round(now - self.last, 1)})
        self.last = now
        print(f"{now - self.start:7.1f} s  {kind:<8} {what}", flush=True)

    def summary(self) -> dict:
        """Return the steps and their sums."""
        hands = sum(step["kind"] != "" for step in self.steps)
        return {"seconds": round(self.last - self.start, 1), "steps": hands, "transcript": self.steps}


def main() -> None:
    """Walk, print the transcript, write it where asked."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--repository", default=str(Path(__file__).resolve().parents[1]))
    parser.add_argument("--keep", type=Path, help="folder for the clone, which is kept, and for the last picture")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    folder = arguments.keep or Path(tempfile.mkdtemp(prefix="newcomer-"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        result = walk(arguments.repository, folder.resolve())
    finally:
        if arguments.keep is None:
            shutil.rmtree(folder, ignore_errors=True)
    print(f"{result['steps']} commands and clicks, {result['seconds'] / 60:.1f} minutes to the first green card")
    if arguments.json:
        arguments.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


def walk(repository: str, folder: Path) -> dict:
    """Do what the README says and return the transcript."""
    walked, clone = Walk(), folder / "mrskit"
    subprocess.run(["git", "clone", "--quiet", repository, clone], check=True)
    walked.done("command", "git clone ...")
    walked.done("command", "cd mrskit")
    environment = os.environ | {"XDG_CACHE_HOME": str(folder / "cache"), "BROWSER": "true", "COLUMNS": "300"}
    environment.pop("MRSKIT_REFERENCES", None)
    process = subprocess.Popen(["make", "start"], cwd=clone, env=environment, text=True, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, start_new_session=True)  # fmt: skip
    try:
        address = _address(process)
        walked.done("command", "make start (environment, data, JupyterLab)")
        _answer(address, walked, folder / "card.png")
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGINT)
        process.wait(timeout=60)
    return walked.summary()


def _address(process: subprocess.Popen) -> str:
    """Return the address that ``mrskit start`` prints, and show on the way what it says."""
    end = time.monotonic() + LONGEST
    for line in process.stdout:
        print(f"           | {line.rstrip()}", flush=True)
        if found := re.search(r"http://\S+token=\S+", line):
            return found[0]
        if time.monotonic() > end:
            break
    raise SystemExit("'make start' gave no address")


def _answer(address: str, walked: Walk, picture: Path) -> None:
    """Open the lesson, answer its first exercise, run all cells, wait for the green card."""
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=program, args=FLAGS)
        page = browser.new_page(viewport={"width": 1300, "height": 1000})
        page.set_default_timeout(180_000)
        page.goto(address)
        page.wait_for_selector("text=Python 3 (ipykernel) | Idle")
        walked.done("", "JupyterLab shows lesson 01")
        line = page.locator(".jp-CodeCell .cm-line").filter(has_text="distance = ...").first
        line.scroll_into_view_if_needed()
        line.click()
        page.keyboard.press("Home")
        page.keyboard.press("Shift+End")
        page.keyboard.type(ANSWER)
        walked.done("click", "into the first answer cell; the answer is typed")
        page.get_by_role("menuitem", name="Run", exact=True).first.click()
        walked.done("click", "menu Run")
        page.get_by_role("menuitem", name=re.compile("^Run All Cells$")).first.click()
        card = page.locator('[role="status"]').filter(has_text="01-nearest-galaxy").first
        card.wait_for(state="attached")
        walked.done("click", "Run All Cells: the card is there")
        text = card.text_content()
        for _ in range(20):  # cells on the way get their height when they come into sight
            card.evaluate("card => card.scrollIntoView({block: 'center'})")
            page.wait_for_timeout(300)
            if (box := card.bounding_box()) and 100 < box["y"] < 800:
                break
        page.screenshot(path=picture)
        browser.close()
    if "✓ Right" not in text:
        raise SystemExit(f"the card is not green: {text}")


if __name__ == "__main__":
    main()
