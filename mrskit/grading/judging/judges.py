"""The caller's side of the judge process, which gets records, returns judgements, and is replaced when it fails."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from typing import IO

from mrskit.grading.judging.judging import unjudged
from mrskit.grading.key import Key
from mrskit.grading.records import Record
from mrskit.grading.verdicts import Judgement

START = 300.0  # s for the first answer: imports, and the expected values of a whole lesson
EACH = 60.0  # additional s per record, which may reach the limits of mrskit.grading.judging.attempts
_KEPT = ("PATH", "LANG", "LC_ALL", "CRDS_PATH", "CRDS_CONTEXT", "CRDS_SERVER_URL", "TMPDIR", "HOME")
_ENVIRONMENT = {
    "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
}  # fmt: skip

_BWRAP = (
    "bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--ro-bind", "/", "/",
    "--dev", "/dev", "--proc", "/proc", "--setenv", "TMPDIR", "/dev/shm", "--setenv", "HOME", "/dev/shm",
)  # fmt: skip

Wrap = Callable[[Sequence[str]], Sequence[str]]  # the command of the judge -> the command that runs it in a sandbox


def without_network(command: Sequence[str]) -> Sequence[str]:
    """Return the command in a bubblewrap sandbox without network and writing; else the command itself."""
    return (*_BWRAP, *command) if _bubblewrap_works() else command


@cache
def _bubblewrap_works() -> bool:
    try:
        return subprocess.run([*_BWRAP, "true"], capture_output=True, timeout=20).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


class _Failed(Exception):
    """The process has ended, was too slow, or reported a failure."""


@dataclass(frozen=True, slots=True)
class _Running:
    process: subprocess.Popen
    requests: IO[bytes]
    answers: IO[bytes]
    said: IO[bytes]  # its standard error

    def end(self) -> str:
        """Return the end of the process's output."""
        self.said.seek(0)
        text = self.said.read()[-600:].decode(errors="replace").strip()
        return f"It printed: {text} " if text else ""


class JudgeProcess(AbstractContextManager["JudgeProcess"]):
    """
    A judge in a process of its own; a context manager.

    ``wrap`` runs its command in a sandbox, by default without network and writing (if a sandbox is available). The
    first answer may take ``patience`` seconds, plus `EACH` for every record.
    """

    def __init__(self, key: Key, wrap: Wrap = without_network, patience: float = START) -> None:
        self._key, self._patience = key, patience
        command = (sys.executable, "-I", "-B", "-m", "mrskit.grading.judging.judge_process", str(key.root))
        self._command = tuple(wrap(command))
        self._running: _Running | None = None

    def __exit__(self, *_: object) -> None:
        self.close()

    def judge(self, records: Sequence[Record]) -> list[Judgement]:
        """
        Return one judgement per record, in order. When the process fails, a new process judges the records one by one.
        Only records at which the new process fails too become errors of the grader.
        """
        try:
            return self._asked(records)
        except _Failed:
            self.close()
        return [self._alone(record) for record in records]

    def _alone(self, record: Record) -> Judgement:
        try:
            return self._asked([record])[0]
        except _Failed as error:
            self.close()
            return unjudged(record.lesson, self._key.rules, str(error))

    def _asked(self, records: Sequence[Record]) -> list[Judgement]:
        running = self._started()
        request = json.dumps([record.to_json() for record in records]) + "\n"
        try:
            running.requests.write(request.encode())
            running.requests.flush()
            answer = json.loads(_line(running, self._patience + EACH * len(records)))
            if "error" in answer:
                raise _Failed(answer["error"])
            judged = [Judgement.from_json(table) for table in answer["judged"]]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise _Failed(f"{running.end()}{type(error).__name__}: {error}") from error
        if len(judged) != len(records):
            raise _Failed(f"{len(judged)} judgements for {len(records)} records")
        return judged

    def _started(self) -> _Running:
        if self._running is None or self._running.process.poll() is not None:
            self.close()
            said = tempfile.TemporaryFile()
            environment = {name: os.environ[name] for name in _KEPT if name in os.environ} | _ENVIRONMENT
            process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                       stderr=said, env=environment, start_new_session=True)  # fmt: skip
            # mypy does not know that PIPE makes both.
            self._running = _Running(process, process.stdin, process.stdout, said)  # type: ignore[arg-type]
        return self._running

    def close(self) -> None:
        """End the process."""
        if self._running is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._running.process.pid, signal.SIGKILL)  # and its child processes
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._running.process.wait(10)
            for stream in (self._running.requests, self._running.answers):
                with contextlib.suppress(OSError):
                    stream.close()
            self._running.said.close()
        self._running = None


def _line(running: _Running, seconds: float) -> bytes:
    """Return the next line that the judge writes."""
    end, received = time.monotonic() + seconds, bytearray()
    while not received.endswith(b"\n"):
        left = end - time.monotonic()
        if left <= 0 or not select.select([running.answers], [], [], left)[0]:
            raise _Failed(f"the judge has not answered within {seconds:.0f} s")
        piece = os.read(running.answers.fileno(), 1 << 20)
        if not piece:
            raise _Failed(f"the judge has ended. {running.end()}")
        received += piece
    return bytes(received)
