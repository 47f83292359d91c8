"""
The first process of a notebook inside the sandbox: confines a kernel, outlives it, and ends its processes.

The supervisor and the grader exchange lines of JSON over a socket: ``{"born": true}`` -> ``{"go": true}`` (after the
grader has put it into its control group), ``{"ready": true}`` (the kernel accepts messages), and, after the end of the
kernel or the grader's ``{"end": ..., "pictures": [...]}``, ``{"ended": code}``. Then all processes of the notebook have
ended, and a reader (mrskit.grading.run.sandbox.reader) examines the remaining files.

The kernel's code cannot affect this process, which is the first in its process namespace, cannot be traced, and has the
only remaining capabilities. It also knows no secret, and has only this socket open, which the kernel does not inherit.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import select
import signal
import socket
import sys
import time
from pathlib import Path

from mrskit.grading.run.sandbox import scratch, syscalls
from mrskit.grading.run.sandbox.order import SOCKETS, Order

CONNECTION = "kernel.json"
PORTS = range(1, 6)
_BOUND = [f"kernel-{port}" for port in PORTS]  # the sockets of a kernel
_HELD = "/mnt"  # folder where mounts are kept while something is mounted over their place
_PATIENCE = 60.0  # s for a kernel to listen
_TICK = 0.2  # s between looks at the process, where no signal tells


def main(order: Order, channel: socket.socket) -> None:
    """Carry out an order; this function never returns."""
    try:
        _let_go(channel)
        if order.forked:
            _enter_namespaces()
        _supervise(order, channel)
    except BaseException as error:
        _say(channel, failed=f"{type(error).__name__}: {error!s:.300}")
        os._exit(3)
    os._exit(0)


def _let_go(*kept: socket.socket) -> None:
    """Close all inherited descriptors except some sockets; redirect input, output and errors to the null device."""
    spared = {end.fileno() for end in kept}
    for number in [int(path.name) for path in Path("/proc/self/fd").iterdir()]:
        if number > 2 and number not in spared:
            with contextlib.suppress(OSError):  # that of the listing itself
                os.close(number)
    null = os.open(os.devnull, os.O_RDWR)
    for number in range(3):
        os.dup2(null, number)
    if null > 2:
        os.close(null)


def _enter_namespaces() -> None:
    """Continue in the first process of new namespaces; the present process waits for it and ends with it."""
    uid, gid = os.getuid(), os.getgid()
    syscalls.unshare(syscalls.NAMESPACES)
    syscalls.own_user(uid, gid)
    child = os.fork()
    if child:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(child, 0)
        os._exit(0)
    syscalls.die_with_parent()
    if os.getppid() != 0 and not Path(f"/proc/{os.getppid()}").exists():
        os._exit(1)


def _forget_manners() -> None:
    """Reset other inherited properties: blocked or ignored signals, groups, the file mode mask."""
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP, signal.SIGPIPE, signal.SIGXFSZ}:
        signal.signal(number, signal.SIG_DFL)
    syscalls.heed_internal_signals()
    with contextlib.suppress(PermissionError):  # of a user namespace, or without privileges
        os.setgroups(())
    os.umask(0o022)


def _supervise(order: Order, channel: socket.socket) -> None:
    _forget_manners()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    syscalls.adopt_orphans()
    syscalls.not_dumpable()
    if order.forked:
        _mount(order)
        syscalls.loopback_up()
    _say(channel, born=True)
    if not _hear(channel).get("go"):
        os._exit(0)
    scratch.make(order)
    kernel = os.fork()
    if kernel == 0:
        channel.close()
        _let_go()
        _become_kernel(order)
    status = _watch(kernel, order, channel)
    end = status.pop("request", {})
    _kill_all(order)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    _say(channel, ended=status.get("exit"), full="full" in status, peak=peak)
    _read(order, channel, end)


def _mount(order: Order) -> None:
    """Give the notebook its own temporary files, shared memory, scratch and processes, and only its own sockets."""
    syscalls.mount("none", "/", None, syscalls.REC | syscalls.PRIVATE)
    quiet, size = syscalls.NOSUID | syscalls.NODEV, order.limits["scratch"]
    rooms = {"/tmp": size // 4, "/dev/shm": size // 4, order.scratch: size, "/run": 2**20}
    covered = [path for path in order.readable if any(Path(path).is_relative_to(folder) for folder in rooms)]
    syscalls.mount("tmpfs", _HELD, "tmpfs", quiet, "size=65536,mode=0700")
    held = {place: f"{_HELD}/{number}" for number, place in enumerate((SOCKETS, *covered))}
    for place, at in held.items():
        _show(order.sockets if place == SOCKETS else place, at)
    for folder, room in rooms.items():
        syscalls.mount("tmpfs", folder, "tmpfs", quiet, f"size={room},mode=0755,nr_inodes={scratch.MOST_FILES}")
    for place, at in held.items():
        _show(at, place)
    syscalls.mount("tmpfs", _HELD, "tmpfs", quiet | syscalls.RDONLY, "size=4096")
    syscalls.mount("proc", "/proc", "proc", quiet | syscalls.NOEXEC)


def _show(source: str, target: str) -> None:
    """Show a file or folder at a second path, which is created."""
    if Path(source).is_dir():
        Path(target).mkdir(parents=True)
    else:
        Path(target).parent.mkdir(parents=True, exist_ok=True)
        Path(target).touch()
    syscalls.bind(source, target)


def _become_kernel(order: Order) -> None:
    from mrskit.grading.run.sandbox import outlet
    from mrskit.workers import forkserver

    outlet.narrow(network=order.level != "landlock")
    confine(order, Path(order.scratch))
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # Nobody looks for errors here, and it takes long to import.
    sys.modules["debugpy"] = None  # type: ignore[assignment]  # None: it cannot be imported
    place = SOCKETS if order.forked else order.sockets
    argv = ["--log-level=CRITICAL", "-f", f"{place}/{CONNECTION}", "--HistoryManager.hist_file=:memory:"]
    forkserver.become_kernel({"argv": argv, "cwd": order.scratch, "environment": order.environment})
    os._exit(0)


def confine(order: Order, *writable: Path) -> None:
    """Apply the limits to this process and its children, irreversibly."""
    limits = order.limits
    caps = {
        resource.RLIMIT_CORE: 0, resource.RLIMIT_CPU: limits["cpu"], resource.RLIMIT_FSIZE: limits["file_size"],
        resource.RLIMIT_NOFILE: limits["files"], resource.RLIMIT_NPROC: limits["processes"],
    }  # fmt: skip
    if order.limit_memory:
        caps[resource.RLIMIT_AS] = limits["memory"]
    for name, value in caps.items():
        hard = resource.getrlimit(name)[1]
        value = int(value) if hard == resource.RLIM_INFINITY else min(int(value), hard)
        resource.setrlimit(name, (value, value))
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")  # it goes before anything else does
    if order.level == "rlimits":
        return
    syscalls.drop_privileges()
    readable, listed, own = order.readable, order.listed, [*writable, Path("/dev/null")]
    if order.level == "bubblewrap":  # what is mounted rules; without mounts of its own a notebook leaves no files
        readable, listed, own = ("/",), (), [*writable, Path("/tmp"), Path("/dev")]  # among its sockets
    locked = order.forked or syscalls.landlock(readable, own, listed, order.sockets)
    if not (syscalls.filter_calls(shared=order.level == "landlock") and (locked or order.level == "bubblewrap")):
        raise OSError("neither Landlock nor the filter of system calls may be missing")


def _watch(kernel: int, order: Order, channel: socket.socket) -> dict:
    """Wait for the end of the kernel or a request to end it; return the exit code or the grader's request."""
    folder = Path(SOCKETS if order.forked else order.sockets)
    waiting, start = True, time.monotonic()
    while True:
        done, status = os.waitpid(kernel, os.WNOHANG)
        if done:
            return {"exit": os.waitstatus_to_exitcode(status)}
        if waiting and all((folder / name).exists() for name in _BOUND):
            if order.forked:
                syscalls.remount_read_only(SOCKETS)  # sockets work on; the disk outside cannot be filled
            _say(channel, ready=True)
            waiting = False
        if waiting and time.monotonic() - start > _PATIENCE:
            return {"exit": None}
        if select.select([channel], [], [], 0.005 if waiting else _TICK)[0]:
            request = _hear(channel)
            if "interrupt" not in request:
                return {"exit": None, "request": request}
            os.kill(kernel, signal.SIGINT)
        if not (waiting or order.forked) and scratch.full(order):
            return {"full": True}
        _reap(kernel)


def _reap(kernel: int) -> None:
    """Reap ended orphans, so that they do not count as processes; other code watches the kernel."""
    with contextlib.suppress(ChildProcessError):
        while (info := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)) and info.si_pid != kernel:
            os.waitpid(info.si_pid, 0)


def _kill_all(order: Order) -> None:
    """End every process of the notebook: all in its process namespace, or else all descendants of this process."""
    while True:
        for pid in [-1] if order.level == "bubblewrap" else _stopped():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        try:
            os.waitpid(-1, 0)
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return


def _stopped() -> set[int]:
    """Stop and return the descendants of this process; stopped ones still count, so others cannot start many."""
    found: set[int] = set()
    while True:
        waiting, before = [os.getpid(), *found], len(found)
        while waiting:
            with contextlib.suppress(OSError):  # one has ended
                for path in Path(f"/proc/{waiting.pop()}/task").glob("*/children"):
                    for pid in {int(name) for name in path.read_text(encoding="ascii").split()} - found:
                        found.add(pid)
                        waiting.append(pid)
                        os.kill(pid, signal.SIGSTOP)
        if len(found) == before:
            return found


def _read(order: Order, channel: socket.socket, request: dict) -> None:
    """Let a separate process examine the notebook's files; they can mislead this process, but do no other harm."""
    from mrskit.grading.run.sandbox import reader

    pid = os.fork()
    if pid == 0:
        try:
            confine(order, Path(order.scratch))
            _say(channel, **reader.read(Path(order.scratch), request.get("pictures", ()), order.links))
        except BaseException as error:
            _say(channel, failed=f"{type(error).__name__}: {error!s:.200}")
        os._exit(0)
    end = time.monotonic() + reader.SECONDS
    while time.monotonic() < end and not os.waitpid(pid, os.WNOHANG)[0]:
        time.sleep(0.002)
    _kill_all(order)


def _say(channel: socket.socket, **message: object) -> None:
    with contextlib.suppress(OSError):
        channel.sendall(json.dumps(message).encode() + b"\n")


def _hear(channel: socket.socket) -> dict:
    """Return the grader's next line; an empty table if the grader has ended."""
    line = bytearray()
    while not line.endswith(b"\n"):
        piece = channel.recv(1 << 16)
        if not piece:
            return {}
        line += piece
    return json.loads(line)


def forked(request: dict, channel: socket.socket) -> None:
    """Carry out the order in a request, in a process forked by `mrskit.workers.forkserver`."""
    main(Order.from_json(request["order"]), channel)


def _start() -> None:
    """Carry out the order from the socket with the descriptor in the first argument."""
    channel = socket.socket(fileno=int(sys.argv[1]))
    channel.set_inheritable(False)
    main(Order.from_json(_hear(channel)), channel)


if __name__ == "__main__":
    _start()
