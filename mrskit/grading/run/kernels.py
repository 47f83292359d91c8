"""Kernels in the sandbox, each with its supervisor: start, interrupt, end, and collect results."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from mrskit.errors import SandboxError
from mrskit.grading.intake import temp_folder
from mrskit.grading.run.limits import Limits
from mrskit.grading.run.sandbox import cgroups, reader
from mrskit.grading.run.sandbox.backends import USER, Backend
from mrskit.grading.run.sandbox.cgroups import Group
from mrskit.grading.run.sandbox.mounts import DEVICES, SYSTEM, Mounts, visible
from mrskit.grading.run.sandbox.order import SCRATCH, SOCKETS, Order
from mrskit.grading.run.sandbox.supervisor import CONNECTION, PORTS
from mrskit.lessons.ahead import LESSON_MODULES
from mrskit.workers.kernels import ForkedKernel, KernelServer
from mrskit.workspace import write_text

START = 120.0  # s that a kernel may take to listen: behind the imports of the whole pipeline
LONGEST_REPORT = 10_000_000  # bytes of what the reader says, pictures among it
MODULES = (*LESSON_MODULES, "mrskit.grading.run.sandbox.supervisor", "mrskit.grading.run.sandbox.reader",
           "PIL.PngImagePlugin")  # fmt: skip
_SUPERVISOR = "mrskit.grading.run.sandbox.supervisor"
_THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


class Kernels(AbstractContextManager["Kernels"]):
    """
    Starts confined kernels for the notebooks of one class; a context manager that may be used by several threads.

    ``mounts``, ``limits``: visible files and limits of every notebook; ``preload``: imports of the process from which
    kernels are forked, if the backend can fork.
    """

    def __init__(self, backend: Backend, mounts: Mounts, limits: Limits, preload: Sequence[str] = MODULES) -> None:
        self.backend, self.mounts, self.limits = backend, mounts, limits
        self._folder, self._lock_file = temp_folder.own_folder(Path(tempfile.gettempdir()))
        self._numbers = iter(range(10**9))
        self._lock = threading.Lock()
        self.memory_by_group = cgroups.available(limits)  # else it is capped for each process
        command = backend.command([sys.executable], mounts, self._folder, limits)
        self._server = KernelServer(preload, command, _environment("/tmp/home")) if backend.nested else None

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End all kernels and the process from which they are forked."""
        if self._server is not None:
            self._server.close()
        temp_folder.remove(self._folder)
        self._lock_file.release()

    def start(self, links: Mapping, texts: Mapping, environment: Mapping, files: Mapping) -> Kernel:
        """
        Return a new kernel that accepts messages.

        Its workspace, called `SCRATCH` in the variables of ``environment``, gets links (name to target), texts (name to
        content) and the student's own files (name to base64).

        SandboxError if it does not start.
        """
        with self._lock:
            folder = self._folder / str(next(self._numbers))
        group = cgroups.make(self.limits) if self.memory_by_group else None
        readable, listed = visible(self.mounts)
        isolated = self.backend.level == "bubblewrap"
        scratch = SCRATCH if isolated else tempfile.mkdtemp(prefix="scratch-", dir=self._folder)
        variables = {name: value.replace(SCRATCH, scratch) for name, value in environment.items()}
        order = Order(
            level=self.backend.level, forked=self.backend.nested, scratch=scratch,
            sockets=f"{SOCKETS}/{folder.name}" if self._server else SOCKETS if isolated else str(folder),
            environment=_environment(f"{scratch}/home") | variables, limits=self.limits.to_json(),
            limit_memory=group is None, links=dict(links), texts=dict(texts), files=dict(files),
            readable=(*SYSTEM, *map(str, readable), "/proc", *DEVICES), listed=tuple(map(str, listed)),
        )  # fmt: skip
        return Kernel(self, order, folder, group)

    def launch(self, order: Order, folder: Path) -> tuple[ForkedKernel | subprocess.Popen, socket.socket]:
        """Start the supervisor for an order with its folder of sockets; return the supervisor and its socket."""
        mine, theirs = socket.socketpair()
        mine.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        try:
            with theirs:  # closed on this side, so that its end is seen
                if self._server is not None:
                    return self._server.call(_SUPERVISOR, {"order": order.to_json()}, theirs), mine
                argv = [sys.executable, "-P", "-m", _SUPERVISOR, str(theirs.fileno())]
                command, nowhere = self.backend.command(argv, self.mounts, folder, self.limits), subprocess.DEVNULL
                return subprocess.Popen(
                    command,
                    pass_fds=[theirs.fileno()],
                    stdin=nowhere,
                    stdout=nowhere,
                    stderr=nowhere,
                    start_new_session=True,
                    env=_environment("/tmp/home"),
                ), mine
        except BaseException:
            mine.close()
            raise


class Kernel:
    """One kernel in the sandbox. The owner must call `end` or `kill`."""

    def __init__(self, owner: Kernels, order: Order, folder: Path, group: Group | None) -> None:
        self.key = secrets.token_hex(16)
        self.folder, self.group, self._owner, self._order = folder, group, owner, order
        self._received = b""
        self._make_folder()
        try:
            self._process, self.channel = owner.launch(order, folder)
        except BaseException:
            self._clear()
            raise
        try:
            if "ready" not in self._converse(START):
                raise SandboxError("a kernel in the sandbox did not begin to listen")
        except BaseException:
            self.kill()
            raise

    def _make_folder(self) -> None:
        self.folder.mkdir(mode=0o700)
        inside = SOCKETS if self._order.forked else self._order.sockets
        ports = dict(zip(("shell_port", "iopub_port", "stdin_port", "control_port", "hb_port"), PORTS, strict=True))
        table = ports | {"transport": "ipc", "ip": f"{inside}/kernel", "key": self.key, "kernel_name": "python3",
                         "signature_scheme": "hmac-sha256"}  # fmt: skip
        write_text(self.folder / CONNECTION, json.dumps(table))
        if os.geteuid() == 0 and self._order.level == "bubblewrap":
            for path in (self.folder, self.folder / CONNECTION):
                os.chown(path, USER, USER)

    def _converse(self, seconds: float) -> dict:
        """Send the order, put the supervisor into its control group, and return its answer when it is ready."""
        if not isinstance(self._process, ForkedKernel):
            self._say(self._order.to_json())
        born, pid = self._hear_with_pid(seconds)
        if not born.get("born"):
            raise SandboxError(f"the sandbox could not be set up ({born.get('failed', 'it ended at once')!s:.300})")
        if self.group is not None and pid:
            self.group.add(pid)
        self._say({"go": True})
        ready = self.hear(seconds)
        if self._order.forked is False and os.geteuid() == 0 and self.folder.stat().st_uid != 0:
            self.folder.chmod(0o755)  # the supervisor looks into it
            os.chown(self.folder, 0, 0)  # nothing more can be put there
        return ready

    @property
    def scratch(self) -> str:
        """The path of the workspace inside the notebook."""
        return self._order.scratch

    def interrupt(self) -> None:
        """Interrupt the running cell."""
        self._say({"interrupt": True})

    def end(self, pictures: Sequence[str] = ()) -> dict:
        """
        End the kernel and all its processes, and return its results.

        The results are ``products`` and ``pictures`` (PNG encoded again, base64: mrskit.grading.run.sandbox.reader),
        ``peak`` bytes of memory, ``out_of_memory``, ``out_of_processes``, ``full``, and ``exit`` (None if the kernel
        was ended).
        """
        self._say({"end": True, "pictures": list(pictures)})
        ended = self.hear(reader.SECONDS)
        limits = {"out_of_memory": False, "out_of_processes": False, "peak": ended.get("peak", 0)}
        if self.group is not None:
            limits = {"out_of_memory": self.group.out_of_memory(), "peak": self.group.peak(),
                      "out_of_processes": self.group.out_of_processes()}  # fmt: skip
        seen = self.hear(reader.SECONDS) if "ended" in ended else {}
        self.kill()
        return {"exit": ended.get("ended"), "full": ended.get("full", False)} | limits | seen

    def kill(self) -> None:
        """End everything at once."""
        self.channel.close()  # upon which the supervisor ends all by itself
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(0.5)
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait(5)
        self._clear()

    def _clear(self) -> None:
        """Remove the files and groups made for the kernel."""
        if self.group is not None:
            self.group.remove()
        for folder in {self.folder, *([Path(self._order.scratch)] * (self._order.scratch != SCRATCH))}:
            temp_folder.remove(folder)

    def hear(self, seconds: float) -> dict:
        """Return the supervisor's next line; an empty table if it has ended or does not answer in time."""
        return self._hear_with_pid(seconds)[0]

    def _hear_with_pid(self, seconds: float) -> tuple[dict, int]:
        """Return the next line, and the sender's process id on this side."""
        end, pid = time.monotonic() + seconds, 0
        while b"\n" not in self._received and len(self._received) < LONGEST_REPORT:
            self.channel.settimeout(max(end - time.monotonic(), 0.001))
            try:
                piece, extra, _, _ = self.channel.recvmsg(1 << 16, socket.CMSG_SPACE(12))
            except OSError:
                return {}, pid
            if not piece:
                return {}, pid
            pid = next((struct.unpack("3i", data[:12])[0] for _, kind, data in extra
                        if kind == socket.SCM_CREDENTIALS), pid)  # fmt: skip
            self._received += piece
        line, _, self._received = self._received.partition(b"\n")
        try:
            table = json.loads(line)
        except (ValueError, RecursionError):
            return {}, pid
        return (table if isinstance(table, dict) else {}), pid

    def _say(self, message: dict) -> None:
        with contextlib.suppress(OSError):
            self.channel.settimeout(10)
            self.channel.sendall(json.dumps(message).encode() + b"\n")


def _environment(home: str) -> dict[str, str]:
    """Return all environment variables of programs in the sandbox, without the grader's own variables."""
    return {
        "PATH": f"{Path(sys.executable).parent}:{os.defpath}", "HOME": home, "USER": "student", "LOGNAME": "student",
        "LANG": "C.UTF-8", "TZ": "UTC", "PYTHONDONTWRITEBYTECODE": "1", "MPLCONFIGDIR": f"{home}/matplotlib",
        "IPYTHONDIR": f"{home}/ipython", "JUPYTER_PLATFORM_DIRS": "1", "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "FONTCONFIG_FILE": str(Path(reader.__file__).with_name("fonts.conf")),  # that of the system is not seen
        **dict.fromkeys(_THREADS, "1"),
    }  # fmt: skip
