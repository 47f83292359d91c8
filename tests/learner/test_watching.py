"""'mrskit watch' in a terminal: what is saved is judged, keys do what the prompt says."""

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mrskit.answering import recorded
from mrskit.course import index
from mrskit.learner import course

COMMAND = Path(sys.executable).with_name("mrskit")
PATIENCE = 60  # s: on a busy machine
ALL = len(index.all_exercises())


class Terminal:
    """A pseudo terminal with 'mrskit watch' in it."""

    def __init__(self, root, *options):
        self.master, slave = pty.openpty()
        environment = os.environ | {"COLUMNS": "110", "TERM": "xterm"}
        self.process = subprocess.Popen([COMMAND, "watch", "-w", str(root), *options], stdin=slave, stdout=slave,
                                        stderr=slave, env=environment, start_new_session=True)  # fmt: skip
        os.close(slave)
        self.text = ""

    def press(self, keys):
        os.write(self.master, keys.encode())

    def shows(self, pattern):
        """Wait until the screen shows a pattern, and return what came up to it."""
        end = time.monotonic() + PATIENCE
        while not (found := re.search(pattern, self.text)):
            assert time.monotonic() < end, f"no {pattern!r} in:\n{self.text}"
            if select.select([self.master], [], [], 0.2)[0]:
                try:
                    self.text += os.read(self.master, 65536).decode("utf-8", "replace")
                except OSError:  # the other side has ended
                    assert re.search(pattern, self.text), self.text
        seen, self.text = self.text[: found.end()], self.text[found.end() :]
        return seen

    def close(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        os.close(self.master)


@pytest.fixture
def terminal(space):
    """A function that opens the terminal on the workspace."""
    opened = []

    def start(*options):
        opened.append(Terminal(space.root, *options))
        return opened[-1]

    yield start
    for item in opened:
        item.close()


def test_a_save_is_judged_and_the_keys_do_what_the_prompt_says(space, saved, terminal):
    course.notebook(space, "01")
    screen = terminal()
    assert f"0/{ALL} exercises" in screen.shows(r"q:quit")
    screen.press("h")
    assert "Hint 1 of 2" in screen.shows(r"q:quit")
    saved({"01-slow-group": 9.0})
    seen = screen.shows(r"At: 01-slow-group .*\(✗ not yet\)")
    assert "✗ not yet" in seen and "(samples-for-frames)" in seen
    assert "n:next" not in screen.shows("q:quit")
    saved({"01-slow-group": 8.61}, age=-5)
    assert re.search(r"✓ right +01-slow-group +1/1", screen.shows(rf"1/{ALL} exercises"))
    assert "n:next" in screen.shows("q:quit")
    screen.press("n")
    screen.shows(r"At: 01-configuration")
    screen.shows("q:quit")
    screen.press("l")
    assert "06-" in screen.shows(rf"{ALL} of {ALL} exercises\. a:all / d:done / p:pending / b:back")
    screen.press("d")
    assert "01-slow-group" in screen.shows(rf"1 of {ALL} exercises")
    screen.press("b")
    screen.shows("q:quit")
    screen.press("c")
    screen.shows("Judging, please wait")
    screen.shows("q:quit")
    screen.press("q")
    screen.shows("Your work is saved")
    assert screen.process.wait(timeout=20) == 0


def test_a_reset_asks_first(space, saved, terminal):
    course.notebook(space, "01")
    saved({"01-nearest-galaxy": 5.0})
    screen = terminal()
    screen.shows("q:quit")
    screen.press("x")
    screen.shows(r"Reset 01-nearest-galaxy\?.*\(y/n\)")
    screen.press("n")
    screen.shows("q:quit")
    assert recorded.read(space, "01_setup")["01-nearest-galaxy"].answer.value == 5.0
    screen.press("xy")
    screen.shows("Backup: ")
    screen.shows("q:quit")
    assert recorded.read(space, "01_setup") == {}


def test_keys_look_again_while_nothing_could_be_judged(space, saved, terminal):
    saved({"01-slow-group": 8.61})
    screen = terminal()
    screen.shows("q:quit")
    screen.press("q")
    screen.shows("Your work is saved")
    answers = next(space.answers.glob("01*.json"))
    sound = answers.read_text(encoding="utf-8")
    answers.write_text("{", encoding="utf-8")
    screen = terminal()
    screen.shows(answers.name)
    screen.press("n")
    screen.shows(answers.name)
    answers.write_text(sound, encoding="utf-8")
    screen.shows("At: 01-")
    screen.press("l")
    screen.shows(f"{ALL} of {ALL} exercises")


def test_without_a_terminal_keys_are_lines_and_the_end_of_the_input_ends_it(space):
    done = subprocess.run(
        [COMMAND, "watch", "-w", space.root], input="l\nd\n", capture_output=True, text=True, timeout=90
    )
    assert done.returncode == 0
    assert f"{ALL} of {ALL} exercises" in done.stdout and f"0 of {ALL} exercises" in done.stdout
