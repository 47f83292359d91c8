"""
A process that imports the notebooks' packages and forks kernels on request, started by `mrskit.workers.kernels`.

The process is a fresh interpreter with one thread, no event loop and no ZeroMQ sockets, so that forked processes are as
clean as new ones. Its first argument is the descriptor of a Unix socket, and the other arguments are modules to import.
Each request is one byte on this socket with the descriptor of a second socket for one kernel. On it come

- to the server: a line ``{"argv": [...], "cwd": "...", "environment": {...}}`` for ``ipykernel``, later lines
  ``{"signal": 2}``; the kernel is killed when the other end is closed. A request with ``{"entry": "module", ...}``
  calls ``module.forked(request, channel)`` instead, where ``channel`` is a second socket that came with the first,
- from the server: a line ``{"pid": 123}``, and at the end ``{"exit": 0}`` (negative: the signal that killed it).

Process ids may differ on the other side (a sandbox has its own), so signals go through the server. When the first
socket is closed, e.g. because the client was killed, the server kills its kernels and ends.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import random
import selectors
import signal
import socket
import sys
import time
import warnings
from collections.abc import Iterable

_INLINE = "module://matplotlib_inline.backend_inline"


class _Server:
    """The sockets and kernels of this process."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._woken, self._waker = socket.socketpair()
        self._kernels: dict[int, socket.socket] = {}  # by process id
        self._selector = selectors.DefaultSelector()
        for waiting in (self._control, self._woken):
            self._selector.register(waiting, selectors.EVENT_READ)
        for end in (self._woken, self._waker):
            end.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # without a handler of Python nothing wakes
        signal.set_wakeup_fd(self._waker.fileno(), warn_on_full_buffer=False)

    def serve(self) -> dict | None:
        """Fork kernels until the client ends; return the request in a kernel, and None in the server at the end."""
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is self._woken:
                    with contextlib.suppress(BlockingIOError):
                        self._woken.recv(4096)
                    self._reap()
                elif key.fileobj is self._control:
                    data, descriptors, _, _ = socket.recv_fds(self._control, 1, 2)
                    if not data:
                        self._end()
                        return None
                    request = self._fork(*(socket.socket(fileno=descriptor) for descriptor in descriptors))
                    if request is not None:
                        return request
                elif isinstance(key.fileobj, socket.socket):
                    self._listen(key.fileobj)

    def _fork(self, connection: socket.socket, channel: socket.socket | None = None) -> dict | None:
        line = _line(connection)
        if not line:  # the client has changed its mind
            for end in filter(None, (connection, channel)):
                end.close()
            return None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of the thread of an allocator, which survives forks
            pid = os.fork()
        if pid == 0:
            os.setsid()
            connection.close()
            self._forget()
            return json.loads(line) | {"channel": channel}
        if channel is not None:
            channel.close()
        self._kernels[pid] = connection
        self._selector.register(connection, selectors.EVENT_READ)
        _send(connection, pid=pid)
        return None

    def _listen(self, connection: socket.socket) -> None:
        pid = next((pid for pid, other in self._kernels.items() if other is connection), None)
        if pid is None:  # reaped since select looked
            return
        if line := _line(connection):
            _signal(pid, int(json.loads(line)["signal"]))
        else:
            self._selector.unregister(connection)
            _signal(pid, signal.SIGKILL)

    def _reap(self) -> None:
        for pid in list(self._kernels):
            done, status = os.waitpid(pid, os.WNOHANG)
            if done:
                with contextlib.suppress(OSError):  # what the kernel has started and left
                    os.killpg(pid, signal.SIGKILL)
                connection = self._kernels.pop(pid)
                with contextlib.suppress(KeyError):
                    self._selector.unregister(connection)
                _send(connection, exit=os.waitstatus_to_exitcode(status))
                connection.close()

    def _end(self) -> None:
        for pid in self._kernels:
            _signal(pid, signal.SIGKILL)
        for pid in self._kernels:
            os.waitpid(pid, 0)

    def _forget(self) -> None:
        """Close the server's descriptors in a kernel."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self._selector.close()
        for end in (self._control, self._woken, self._waker, *self._kernels.values()):
            end.close()


def _line(connection: socket.socket) -> bytes:
    """Return the next line of a socket, empty at its end."""
    line = b""
    with contextlib.suppress(OSError):
        while not line.endswith(b"\n"):
            seen = connection.recv(65536, socket.MSG_PEEK)
            if not seen:
                return b""
            line += connection.recv(seen.find(b"\n") + 1 or len(seen))
    return line


def _send(connection: socket.socket, **message: int) -> None:
    with contextlib.suppress(OSError):  # nobody listens
        connection.sendall(json.dumps(message).encode() + b"\n")


def _signal(pid: int, number: int) -> None:
    """Send a signal to a kernel and its processes."""
    try:
        os.killpg(pid, number)
    except ProcessLookupError:  # just forked: not yet a group of its own
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def preload(modules: Iterable[str]) -> None:
    """Import modules, and exclude their objects from garbage collection and memory copies."""
    os.environ.setdefault("MPLBACKEND", _INLINE)  # which matplotlib notes when it is imported
    for name in modules:
        with contextlib.suppress(Exception):  # a notebook that needs it will say what is wrong
            importlib.import_module(name)
    gc.collect()
    gc.freeze()


def become_kernel(request: dict) -> None:
    """Turn this forked process into the requested kernel; return when the kernel has shut down."""
    os.chdir(request["cwd"])
    noted = {name: value for name, value in os.environ.items() if name.startswith("CRDS_") and value == "None"}
    os.environ.clear()
    os.environ.update(noted | request["environment"])  # crds notes at its import what is not set, and fails without
    time.tzset()
    paths = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]
    sys.path[:0] = [path for path in paths if path not in sys.path]
    sys.argv[:] = ["ipykernel_launcher", *request["argv"]]
    random.seed()
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()  # the state that old-style calls share
    if "matplotlib" in sys.modules:
        sys.modules["matplotlib"].rcParams["backend"] = os.environ.get("MPLBACKEND", _INLINE)
    from ipykernel.kernelapp import IPKernelApp

    IPKernelApp.launch_instance(argv=request["argv"], parent_handle=os.getppid())


def main() -> None:
    """Serve until the client has ended; in a forked process, run a kernel."""
    control = socket.socket(fileno=int(sys.argv[1]))
    control.set_inheritable(False)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it is for the client to stop us
    preload(sys.argv[2:])
    request = _Server(control).serve()
    if request is not None and "entry" in request:
        importlib.import_module(request["entry"]).forked(request, request.pop("channel"))
    elif request is not None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        become_kernel(request)


if __name__ == "__main__":
    main()
