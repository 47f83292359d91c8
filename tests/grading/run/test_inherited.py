"""A kernel inherits nothing but what is named, however the grader was started, whatever isolates and schedules it."""

import ctypes
import fcntl
import json
import os
import platform
import pty
import struct
import subprocess
import sys
import termios

import pytest

from mrskit.grading.run.kernels import _environment
from mrskit.grading.run.sandbox.syscalls import LANDLOCK_NEEDED, landlock_version
from mrskit.workspace import create

LOOK = r"""
import ctypes, json, os
fds = {}
for number in os.listdir("/proc/self/fd"):
    try:
        fds[number] = os.readlink(f"/proc/self/fd/{number}")
    except OSError:
        pass
status = dict(line.rstrip("\n").split(":\t", 1) for line in open("/proc/self/status"))
ancestors, pid = [], os.getppid()
while pid > 0:
    read = {}
    for name in ("environ", "cwd", "maps", "fd"):
        try:
            place = f"/proc/{pid}/{name}"
            read[name] = (os.readlink(place) if name == "cwd" else open(place).read(9) if name != "fd" else
                          [os.readlink(f"{place}/{number}") for number in os.listdir(place)])
        except OSError:
            pass
    taken = [ctypes.CDLL(None).syscall(438, os.pidfd_open(pid), number, 0) for number in range(8)]
    ancestors.append([pid, read | ({"taken": taken} if max(taken) >= 0 else {})])
    try:
        pid = int(dict(line.rstrip("\n").split(":\t", 1) for line in open(f"/proc/{pid}/status"))["PPid"])
    except OSError:
        break
try:
    terminal = os.open("/dev/tty", os.O_RDWR)
except OSError:
    terminal = None
found = {"fds": fds, "environ": dict(os.environ), "cwd": os.getcwd(), "terminal": terminal, "session": os.getsid(0),
         "ancestors": ancestors, "groups": os.getgroups(),
         **{name: status.get(name) for name in ("Umask", "SigBlk", "SigIgn", "NoNewPrivs", "CapEff", "CapPrm")}}
answers.give("06-identify", json.dumps(found))
"""

GRADER = r"""
import json, os, signal, socket, sys
os.umask(0)
os.chdir(sys.argv[2])
os.environ["KIT_SECRET"] = "of the grader"
for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGCHLD):
    signal.signal(number, signal.SIG_IGN if number != signal.SIGCHLD else signal.SIG_DFL)
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR2, signal.SIGALRM, signal.SIGQUIT})
if os.geteuid() == 0:
    os.setgroups([4, 6])
held = [open("secret", "w"), *socket.socketpair()]
for end in held:
    os.set_inheritable(end.fileno(), True)
from mrskit.workers import executor


def make():
    def look(level):
        from pathlib import Path

        from mrskit.grading.intake import release
        from mrskit.grading.records import Submission
        from mrskit.grading.run.limits import Limits
        from mrskit.grading.run.run import Runner
        from mrskit.grading.run.sandbox import backends, mounts
        from mrskit.workspace import Workspace

        key = Workspace(Path(folder))
        release.release = lambda lesson, whole=release.release("06_analysis"): tuple(
            step for step in whole
            if step.parameters or "space = answers.begin(" in step.source or step.exercise == "06-identify")
        backend = backends.Backend(level.removesuffix("+"), nested=level.endswith("+"))
        preload = ("ipykernel.kernelapp", "mrskit.answers", "mrskit.grading.run.sandbox.supervisor")
        with Runner(key, Limits(), backend=backend, preload=preload) as runner:
            answer = {"06-identify": code}
            record, _ = runner.run(Submission("a", "06_analysis", "a", "0", answers=answer), 1, {})
        given = record.given[0]
        return json.loads(given.record["value"]) if given.record else [given.outcome, given.message, record.notes]

    folder, code = sys.argv[1], open("look.py").read()
    return look


if __name__ == "__main__":
    levels = sys.argv[4].split(",")
    found = dict(zip(levels, executor.run(make(), levels, "none")))
    with executor.session("local", most=1) as workers:
        address = workers.address
        for name, scheduler in (("local", "local"), ("tcp", address)):
            found[name], = executor.run(make(), levels[:1], scheduler)
    with open(sys.argv[3], "w") as stream:
        json.dump(found, stream)
"""
# What ipykernel, matplotlib, crds and the lesson put there themselves, in the kernel.
OWN = {"CLICOLOR", "CLICOLOR_FORCE", "FORCE_COLOR", "GIT_PAGER", "JPY_PARENT_PID", "MPLBACKEND", "PAGER", "TERM",
       "MRSKIT_MODE", "MRSKIT_EXERCISES", "MRSKIT_PROBE_SEED", "MRSKIT_SCHEDULER", "CRDS_PATH", "CRDS_CONTEXT",
       "CRDS_SERVER_URL", "CRDS_READONLY_CACHE", "ARROW_DEFAULT_MEMORY_POOL"}  # fmt: skip


def ignore_internal_signals():
    """Ignore the signals of the C library, as whatever posix_spawn starts does; `signal` does not know them."""
    call = {"x86_64": 13, "aarch64": 134}[platform.machine()]
    for number in (32, 33):
        ctypes.CDLL(None).syscall(call, number, struct.pack("QQQQ", 1, 0, 0, 0), None, 8)


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """Return what kernels see of a grader with a terminal, a secret, open files, signals held back, and groups."""
    bubblewrap = subprocess.run(["bwrap", "--ro-bind", "/", "/", "--unshare-all", "true"], check=False).returncode == 0
    levels = ["bubblewrap+", "bubblewrap"] * bubblewrap
    levels += ["landlock"] * (landlock_version() >= LANDLOCK_NEEDED) + ["rlimits"]
    root = tmp_path_factory.mktemp("inherited")
    key = create(root / "key")
    (key.stage("source", "uncal") / "data_uncal.fits").write_text("{}", encoding="utf-8")
    (root / "here").mkdir()
    (root / "here" / "look.py").write_text(LOOK, encoding="utf-8")
    (root / "grader.py").write_text(GRADER, encoding="utf-8")
    ours, theirs = pty.openpty()
    command = [sys.executable, root / "grader.py", key.root, root / "here", root / "found.json", ",".join(levels)]
    done = subprocess.run(
        command, stdin=theirs, stdout=theirs, stderr=subprocess.PIPE, start_new_session=True, timeout=240, check=False,
        preexec_fn=lambda: (fcntl.ioctl(theirs, termios.TIOCSCTTY, 0), ignore_internal_signals()),
    )  # fmt: skip
    os.close(ours)
    os.close(theirs)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads((root / "found.json").read_text(encoding="utf-8"))


def test_a_kernel_inherits_nothing_but_what_is_named_whatever_isolates_and_schedules_it(found):
    assert {"rlimits", "local", "tcp"} <= set(found)
    for level, seen in found.items():
        assert isinstance(seen, dict), (level, seen)
        own = ("socket:", "pipe:", "anon_inode:", "/proc/", "/dev/null")
        strange = [link for link in seen["fds"].values() if not link.startswith(own)]
        assert strange == [], level
        assert set(seen["environ"]) <= {*_environment(""), *OWN}, (level, set(seen["environ"]) - {*_environment("")})
        assert seen["terminal"] is None, level
        assert "here" not in seen["cwd"], level
        assert seen["session"] != 0 or level in ("bubblewrap+", "local", "tcp"), level  # of a namespace outside: 0
        assert seen["Umask"] == "0022", level
        assert int(seen["SigBlk"], 16) == 0, level
        ignored = {number for number in range(1, 65) if int(seen["SigIgn"], 16) >> (number - 1) & 1}
        assert ignored == {13, 25}, level  # Python's own: SIGPIPE, SIGXFSZ
        if level != "rlimits":  # which promises nothing about other processes
            assert seen["groups"] == [] or level.startswith("bubblewrap") or os.geteuid() != 0, level
            assert not {4, 6} & {*seen["groups"]} or os.geteuid() != 0, level
            assert seen["NoNewPrivs"] == "1", level
            assert int(seen["CapEff"], 16) == int(seen["CapPrm"], 16) == 0, level
            assert [read for _, read in seen["ancestors"] if read] == [], level
        if level not in ("rlimits", "landlock"):
            assert [pid for pid, _ in seen["ancestors"]] == [1], level
