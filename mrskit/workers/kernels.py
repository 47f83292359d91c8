"""Kernels of the running interpreter, either new or forked from a server that has imported all packages."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import LocalProvisioner

_THREADS = {name: "1" for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")}
# Threads that libraries start when they are imported: none in a process that forks.
_NO_THREADS = {"ARROW_DEFAULT_MEMORY_POOL": "system", "JE_ARROW_MALLOC_CONF": "background_thread:false"}
_PATIENCE = 5.0  # s that the server may take to end


class ThisPython(AsyncKernelManager):
    """A kernel that always runs this interpreter, whatever kernel specifications the machine has installed."""

    @property
    def kernel_spec(self) -> KernelSpec:
        """The kernel specification: ipykernel of the running interpreter."""
        command = [sys.executable, "-m", "ipykernel_launcher", "--log-level=CRITICAL", "-f", "{connection_file}"]
        return KernelSpec(argv=command, display_name="Python 3 (mrskit)", language="python", name="python3")


class ForkedKernel:
    """A kernel of a `KernelServer`; the part of `subprocess.Popen` that Jupyter needs."""

    stdin = stdout = stderr = None

    def __init__(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        self._connection = connection
        self._received = b""
        self._reading = threading.Lock()
        self.pid: int | None = None  # as the server sees it; None until it has forked
        self.returncode: int | None = None  # negative: the signal that has ended it, as far as is known

    def poll(self) -> int | None:
        """Return the exit code, or None while the kernel runs or waits to be forked."""
        with self._reading:
            while self.returncode is None:
                try:
                    piece = self._connection.recv(4096)
                except BlockingIOError:
                    break
                except OSError:
                    piece = b""
                self._take(piece)
        return self.returncode

    def _take(self, piece: bytes) -> None:
        *lines, self._received = (self._received + piece).split(b"\n")
        for line in lines:
            message = json.loads(line)
            self.pid = message.get("pid", self.pid)
            self.returncode = message.get("exit", self.returncode)
        if not piece and self.returncode is None:  # the server is gone, and its kernels with it
            self.returncode = -signal.SIGKILL

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end of the kernel and return its exit code."""
        begun = time.monotonic()
        while (code := self.poll()) is None:
            if timeout is not None and time.monotonic() > begun + timeout:
                raise subprocess.TimeoutExpired("kernel", timeout)
            time.sleep(0.02)
        self._connection.close()
        return code

    def send_signal(self, number: int) -> None:
        """Send a signal to the kernel and its processes."""
        if self.poll() is None:
            with contextlib.suppress(OSError):
                self._connection.send(json.dumps({"signal": int(number)}).encode() + b"\n")

    def terminate(self) -> None:
        """Ask the kernel to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the kernel at once."""
        self.send_signal(signal.SIGKILL)


class KernelServer(AbstractContextManager["KernelServer"]):
    """
    A process that imports modules once and forks kernels from there; a context manager.

    The server starts with the first kernel. It ends with the block or with this process, even a killed one, and so do
    its kernels and their processes. Several threads may use it. Modules of ``preload`` that cannot be imported are left
    out. ``command`` runs Python, by default this one. A sandbox puts its own command in front, which must pass on open
    descriptors; signals go through the server, so process ids may differ. ``environment`` contains the variables of a
    starting interpreter or library, by default of this process, always with one thread for linear algebra.
    """

    def __init__(
        self, preload: Iterable[str], command: Sequence[str] = (sys.executable,),
        environment: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        self._command = (*command, "-P", "-m", "mrskit.workers.forkserver")
        self._preload = tuple(preload)
        self._environment = environment
        self._lock = threading.Lock()
        self._control: socket.socket | None = None
        self.process: subprocess.Popen | None = None  # None until the first kernel

    def __exit__(self, *_: object) -> None:
        self.close()

    def fork(self, argv: Sequence[str], cwd: Path | str, environment: Mapping[str, str]) -> ForkedKernel:
        """
        Start a kernel and return it at once; it will run when the server has imported its modules.

        ``argv`` contains the arguments of ``ipykernel_launcher``, ``environment`` all variables of the kernel.
        Variables that only a starting interpreter or library reads (``PYTHONHASHSEED``, ``OMP_NUM_THREADS``) come from
        the server.
        """
        return self._request({"argv": list(argv), "cwd": str(cwd), "environment": dict(environment)})

    def call(self, entry: str, request: Mapping[str, object], channel: socket.socket) -> ForkedKernel:
        """Fork a process that calls ``forked(request, channel)`` in a module; the caller may close the channel."""
        return self._request({**request, "entry": entry}, channel)

    def _request(self, request: dict, *channels: socket.socket) -> ForkedKernel:
        with self._lock:
            if self._control is None or self.process is None or self.process.poll() is not None:
                self._control = self._start()
            ours, theirs = socket.socketpair()
            with theirs:
                socket.send_fds(self._control, [b"k"], [end.fileno() for end in (theirs, *channels)])
            ours.sendall(json.dumps(request).encode() + b"\n")
        return ForkedKernel(ours)

    def _start(self) -> socket.socket:
        """Start the server, again if it has ended, and return its socket."""
        if self._control is not None:
            self._control.close()
        control, theirs = socket.socketpair()
        environment = os.environ if self._environment is None else self._environment
        nowhere = subprocess.DEVNULL  # kernels hold what the server holds: nothing of this process, no terminal either
        with theirs:
            self.process = subprocess.Popen(
                [*self._command, str(theirs.fileno()), *self._preload], pass_fds=[theirs.fileno()], stdin=nowhere,
                stdout=nowhere, stderr=nowhere, start_new_session=True,
                env={**environment, **_THREADS, **_NO_THREADS},
            )  # fmt: skip
        return control

    def close(self) -> None:
        """End the server and all its kernels."""
        with self._lock:
            if self._control is None or self.process is None:
                return
            self._control.close()
            try:
                self.process.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self._control = self.process = None

    def manager(self, **environment: str) -> type[AsyncKernelManager]:
        """Return a kernel-manager class for nbclient and papermill, with additional variables for the kernels."""
        server = self

        class Forked(ThisPython):
            def __init__(self, *args: object, **options: object) -> None:
                super().__init__(*args, **options)
                self.provisioner = _Provisioner(
                    server, environment, kernel_id=self.kernel_id, kernel_spec=self.kernel_spec, parent=self
                )

        return Forked


class _Provisioner(LocalProvisioner):
    """Starts a manager's kernel by a `KernelServer`; otherwise like a normal kernel."""

    def __init__(self, server: KernelServer, extra: Mapping[str, str], **options: object) -> None:
        super().__init__(**options)
        self._server, self._extra = server, extra

    async def launch_kernel(self, cmd: list[str], **options: Any) -> KernelConnectionInfo:
        """Fork the kernel; ``cmd`` is ``[python, -m, ipykernel_launcher, argument, ...]``."""
        self.cwd = options.get("cwd") or Path.cwd()
        self.process = self._server.fork(  # type: ignore[assignment]  # has of Popen what Jupyter asks for
            cmd[3:], self.cwd, {**options["env"], **self._extra}
        )
        return self.connection_info


@contextmanager
def warm_kernels(
    preload: Iterable[str], progress: Callable[[str], None] | None = None
) -> Iterator[KernelServer | None]:
    """
    Yield a kernel server that imports modules, or None, with a message, if processes cannot be forked.

    Loaded libraries of macOS do not survive a fork, and Windows has no fork.
    """
    if not hasattr(os, "fork") or sys.platform == "darwin":
        if progress is not None:
            progress("this system has no forked kernels: every lesson imports the pipeline itself")
        yield None
        return
    with KernelServer(preload) as server:
        yield server
