"""A notebook holds nothing of the grader: neither its terminal, nor a file, nor a socket, whoever starts its kernel."""

import contextlib
import fcntl
import json
import os
import pty
import select
import socket
import subprocess
import sys
import termios
import threading
from pathlib import Path

import nbformat
import psutil
import pytest

from mrskit.grading.run.sandbox import backends, mounts
from mrskit.lessons import build

COMMAND = Path(sys.executable).with_name("mrskit")
ATTACK = Path(__file__).with_name("hostile") / "inherited_descriptors.py"
MARK, TYPED = b"OWNED", b"what the instructor types\n"


@pytest.fixture
def key(plan_key):
    """A key with one file that a notebook may read."""
    path = plan_key.workspace.stage("source", "uncal") / "data_uncal.fits"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return plan_key


@pytest.fixture
def handed_in(tmp_path):
    """Lesson 01 with a hostile notebook's answer, a text of all that it could get hold of, in the place of its own."""
    notebook = build.student("01_setup")
    for cell in notebook.cells:
        if cell.metadata.get("mrskit", {}).get("exercise") == "01-configuration":
            attack = ATTACK.read_text(encoding="utf-8").partition("# %% answer\n")[2]
            cell.source = attack.replace("06-identify", "01-configuration")
    path = tmp_path / "handed-in" / "mallory" / "01_setup.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(nbformat.writes(notebook), encoding="utf-8")
    return path


def bubblewrap(space):
    found = backends.best(mounts.needed(space), trust=True)
    if found.level != "bubblewrap" or not found.nested:
        pytest.skip("no bubblewrap with user namespaces here: install bubblewrap")
    return found


class Terminal:
    """A terminal at which an instructor types, and a log file: what a grader is started with."""

    def __init__(self, folder):
        self.ours, self.theirs = pty.openpty()
        self.path = Path(os.ttyname(self.theirs))
        self.log = (folder / "course.log").open("w+b", buffering=0)
        self.log.write(b"of other courses\n")
        self.settings = termios.tcgetattr(self.theirs)
        self.shown = bytearray()

    def start(self, *argv):
        """Start a program that has the terminal as input, output, errors and for job control, and the log open."""
        os.write(self.ours, TYPED)
        return psutil.Popen(
            list(map(str, argv)), stdin=self.theirs, stdout=self.theirs, stderr=self.theirs, start_new_session=True,
            pass_fds=[self.log.fileno()], preexec_fn=lambda: fcntl.ioctl(self.theirs, termios.TIOCSCTTY, 0),
        )  # fmt: skip

    def watch(self, grader, seconds=240.0):
        """Read what is shown until a program has ended; return its processes from bubblewrap on, and what they held."""
        held, stop = {}, threading.Timer(seconds, grader.kill)
        stop.start()
        while grader.poll() is None:
            while select.select([self.ours], [], [], 0.05)[0]:
                self.shown += os.read(self.ours, 1 << 16)
            for process in confined(grader):
                held.setdefault(process.pid, set()).update(open_files(process.pid))
        stop.cancel()
        return held

    def close(self):
        os.close(self.ours)
        os.close(self.theirs)
        self.log.close()


@pytest.fixture
def terminal(tmp_path):
    made = Terminal(tmp_path)
    yield made
    made.close()


def confined(grader):
    """Return bubblewrap and all that it has started, among the descendants of a process."""
    found = []
    with contextlib.suppress(psutil.Error):
        for child in grader.children():
            found += [child, *child.children(recursive=True)] if child.name() == "bwrap" else confined(child)
    return found


def open_files(pid):
    """Return what a process holds; nothing of one that has ended, or that this user may not look at."""
    found = set()
    with contextlib.suppress(OSError):
        for path in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                found.add(str(path.readlink()))
    return found


def test_a_notebook_gets_hold_of_neither_the_terminal_nor_the_files_of_the_grader(key, handed_in, terminal, tmp_path):
    bubblewrap(key.workspace)
    out = tmp_path / "grades"
    grader = terminal.start(COMMAND, "grade", handed_in.parents[1], "--key", key.root, "--out", out)
    held = terminal.watch(grader)
    assert b"mallory" in terminal.shown, terminal.shown.decode(errors="replace")
    (record,) = (json.loads(path.read_text()) for path in (out / "records").glob("*.json"))
    given = {item["id"]: item for item in record["given"]}["01-configuration"]
    assert given["outcome"] == "recorded", given
    assert given["record"]["value"] == "saw []"
    assert MARK not in terminal.shown
    assert termios.tcgetattr(terminal.theirs) == terminal.settings
    assert os.read(terminal.theirs, 100) == TYPED
    terminal.log.seek(0)
    assert terminal.log.read() == b"of other courses\n"
    assert len(held) > 2
    assert not {str(terminal.path), "/dev/tty", terminal.log.name} & set().union(*held.values())


LET_GO = """
import os, pty, select, socket, sys
from mrskit.grading.run.sandbox import supervisor
channel = socket.socket(fileno=int(sys.argv[1]))
held = [open(sys.argv[2]), *os.pipe(), *pty.openpty(), *socket.socketpair(), select.epoll(), os.open("/", os.O_RDONLY)]
supervisor._let_go(channel)
for number in range(4096):
    try:
        channel.sendall(f"{number} {os.stat(number).st_rdev}\\n".encode())
    except OSError:
        pass
os._exit(0)
"""


def test_the_supervisor_lets_go_of_everything_but_its_channel(tmp_path):
    (tmp_path / "log").touch()
    mine, theirs = socket.socketpair()
    with mine, theirs, (tmp_path / "log").open("r+b") as log:
        number = theirs.fileno()
        subprocess.run([sys.executable, "-c", LET_GO, str(number), log.name], stdin=log, stdout=log, stderr=log,
                       pass_fds=[number, log.fileno()], check=True)  # fmt: skip
        left = dict(map(int, line.split()) for line in mine.recv(1 << 16).splitlines())
    null = Path(os.devnull).stat().st_rdev
    assert left == {0: null, 1: null, 2: null, number: 0}
