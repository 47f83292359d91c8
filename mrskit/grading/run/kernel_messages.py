"""Cells sent to a kernel that is not trusted, and what comes back, counted while it is read."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import zmq
from jupyter_client.session import Session

from mrskit.answering.answer_files import MIME
from mrskit.cell import UNSEEN
from mrskit.exercises.codec import LIMIT
from mrskit.grading.run.limits import Limits

DONE, TIMEOUT, DEAD, FLOOD = "done", "timeout", "dead", "flood"
_STRAGGLER = 2.0  # s between the reply of a cell and the message that it is idle, in whatever order
_SHELL, _IOPUB = 1, 2  # ports of a kernel in the sandbox
_MARK = b"<IDS|MSG>"
_QUITS = b"ask_exit"  # in the reply of a cell that has called quit or exit
_LONGEST_HEADER = 100_000
_LARGEST_FRAME = 100_000_000  # bytes; a kernel that sends more in one piece loses its connection
_MOST_TEXT, _MOST_PICTURES, _MOST_RECORDS = 20_000, 2, 32  # kept of one cell: characters, pictures, records
_LARGEST_RECORD = LIMIT + 10_000  # bytes of the content of a message that may still be an answer
_FLUSH = 3.0  # s for what a cell has shown before it was interrupted


@dataclass(slots=True)
class Seen:
    """What one cell has shown."""

    state: str = DONE
    text: str = ""
    records: list = field(default_factory=list)  # whatever came with the MIME type of answers, in its order
    pictures: list[str] = field(default_factory=list)  # what claims to be base64 of PNG
    error: tuple[str, str] | None = None  # name and text
    size: int = 0  # bytes
    cut: int = 0  # bytes of messages that were too large to be kept
    endless: bool = False  # whatever its size, it is read to its end
    lost: bool = False  # a message was malformed, or did not arrive
    quits: bool = False  # it has asked the kernel to end, by quit or exit


class Talk:
    """
    The conversation with one kernel; a context manager.

    Parameters
    ----------
    folder : Path
        With the sockets of the kernel.
    key : str
        Signs what is sent. What is received is believed no more for a signature: the kernel's code knows the key.
    limits : Limits
    """

    def __init__(self, folder: Path, key: str, limits: Limits) -> None:
        self._session = Session(key=key.encode(), username="grader")
        self._folder, self._limits = folder, limits
        self._poller = zmq.Poller()
        self._connect()

    def __enter__(self) -> Talk:
        return self

    def __exit__(self, *_: object) -> None:
        self._shell.close()
        self._iopub.close()

    def _connect(self) -> None:
        context: zmq.Context = zmq.Context.instance()
        self._shell, self._iopub = context.socket(zmq.DEALER), context.socket(zmq.SUB)
        for socket, port in ((self._shell, _SHELL), (self._iopub, _IOPUB)):
            socket.setsockopt(zmq.MAXMSGSIZE, _LARGEST_FRAME)
            socket.setsockopt(zmq.LINGER, 0)
            socket.connect(f"ipc://{self._folder}/kernel-{port}")
            self._poller.register(socket, zmq.POLLIN)
        self._iopub.setsockopt(zmq.SUBSCRIBE, b"")

    def _connect_again(self, channel: int) -> bool:
        """Make new connections, as one that has brought too large a frame brings nothing more; return success."""
        for socket in (self._shell, self._iopub):
            self._poller.unregister(socket)
            socket.close()
        self._connect()
        return self.greet(channel)

    def greet(self, channel: int, seconds: float = 30.0) -> bool:
        """Return whether the kernel answers and what it shows arrives."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            message = self._send("kernel_info_request", {})
            seen, heard = Seen(), _Heard()
            self._collect(message, seen, heard, time.monotonic() + 0.03, channel)
            if heard.idle:
                return True
            if seen.state == DEAD:
                return False
        return False

    def run(
        self, source: str, seconds: float, channel: int, interrupt: Callable[[], None], grace: float = 1.0,
        unseen: bool = False,
    ) -> Seen:  # fmt: skip
        """
        Run one cell and return what it has shown.

        Parameters
        ----------
        source : str
        seconds : float
            After which the cell is interrupted.
        channel : int
            Descriptor that becomes readable when the kernel has ended.
        interrupt : function
            Interrupts the kernel.
        grace : float
            Seconds that it may take upon an interruption, which comes when it takes or shows too much. `Seen.state`
            is ``timeout`` or ``flood`` in any case; the kernel can go on if `Seen.error` is there.
        unseen : bool
            Tell the kernel that nobody will look at what the cell shows.
        """
        content = {"code": source, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False,
                   "stop_on_error": False}  # fmt: skip
        message = self._send("execute_request", content, {UNSEEN: unseen})
        seen, heard = Seen(), _Heard()
        self._collect(message, seen, heard, time.monotonic() + seconds, channel)
        if seen.state in (TIMEOUT, FLOOD):
            interrupt()
            late = Seen(endless=True)
            grace += _FLUSH if seen.state == FLOOD else 0.0
            self._collect(message, late, heard, time.monotonic() + grace, channel)
            seen.error = late.error or (("KeyboardInterrupt", "") if late.state == DONE else None)
            seen.records += late.records
        elif seen.state == DONE and not (heard.reply and heard.idle) and not self._connect_again(channel):
            seen.state = DEAD
        return seen

    def _send(self, kind: str, content: dict, metadata: dict | None = None) -> str:
        message = self._session.msg(kind, content, metadata=metadata)
        self._session.send(self._shell, message)
        return message["header"]["msg_id"]

    def _collect(self, message: str, seen: Seen, heard: _Heard, end: float, channel: int) -> None:
        """Read until the cell is done, time is up, the kernel is dead, or it has shown too much."""
        self._poller.register(channel, zmq.POLLIN)
        dead = False
        try:
            while True:
                now = time.monotonic()
                if heard.complete(now):
                    seen.lost |= not (heard.reply and heard.idle)
                    return
                if now > end:
                    seen.lost |= heard.reply  # it has ended, only the word that it has shown everything is missing
                    seen.state = DONE if heard.reply else TIMEOUT
                    return
                ready = dict(self._poller.poll(math.ceil(1000 * min(end - now, 0.5))))
                for socket in (self._iopub, self._shell):
                    if socket in ready and not self._take(socket, message, seen, heard):
                        seen.state = FLOOD
                        return
                if channel in ready and not ready.keys() & {self._iopub, self._shell}:
                    if dead:
                        seen.state = DEAD
                        return
                    dead = True  # once more: what it has said last may still arrive
                    self._poller.unregister(channel)
                    self._poller.poll(50)
                    self._poller.register(channel, zmq.POLLIN)
        finally:
            self._poller.unregister(channel)

    def _take(self, socket: zmq.Socket, message: str, seen: Seen, heard: _Heard) -> bool:
        """Read what has come; return False when it is more than allowed."""
        for _ in range(100):
            try:
                frames = socket.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                return True
            size = sum(map(len, frames))
            seen.size += size
            if seen.size > self._limits.output and not seen.endless:
                return False
            kept = self._limits.message if seen.size <= self._limits.cell_output else _LARGEST_RECORD
            try:
                _sort(frames, message, seen, heard, size <= kept)
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
                seen.lost = True
        return True


@dataclass(slots=True)
class _Heard:
    """How far a cell is, as its kernel says."""

    reply: bool = False
    idle: bool = False
    first: float = 0.0  # when the first of both came

    def complete(self, now: float) -> bool:
        """Return whether both have come, or the second is too late."""
        if (self.reply or self.idle) and not self.first:
            self.first = now
        return (self.reply and self.idle) or (self.first > 0 and now - self.first > _STRAGGLER)


def _sort(frames: list[bytes], message: str, seen: Seen, heard: _Heard, kept: bool) -> None:
    """Note one message of the cell, its size alone if it is not to be kept; whatever is malformed raises."""
    start = frames.index(_MARK) + 2
    header, parent, _, content = frames[start : start + 4]
    if max(len(header), len(parent)) > _LONGEST_HEADER:
        raise ValueError("header")
    if json.loads(parent).get("msg_id") != message:  # of a cell before, or of nobody
        return
    kind = json.loads(header)["msg_type"]
    if kind in ("execute_reply", "kernel_info_reply"):
        heard.reply = True
        if kind == "execute_reply" and _QUITS in content and len(content) < _LONGEST_HEADER:
            payload = json.loads(content).get("payload", ())
            seen.quits |= any(item.get("source") == "ask_exit" and not item.get("keepkernel") for item in payload)
    elif kind in _SHOWN and not kept:
        seen.cut += len(content)
    elif kind in _SHOWN:
        _SHOWN[kind](json.loads(content), seen, heard)


def _status(content: dict, seen: Seen, heard: _Heard) -> None:
    heard.idle |= content["execution_state"] == "idle"


def _stream(content: dict, seen: Seen, heard: _Heard) -> None:
    _add(seen, content["text"])


def _error(content: dict, seen: Seen, heard: _Heard) -> None:
    seen.error = str(content["ename"])[:100], str(content["evalue"])[:1000]


def _display(content: dict, seen: Seen, heard: _Heard) -> None:
    data = content["data"]
    if MIME in data:
        seen.records.append(data[MIME])
        del seen.records[:-_MOST_RECORDS]
    if isinstance(data.get("image/png"), str) and len(seen.pictures) < _MOST_PICTURES:
        seen.pictures.append(data["image/png"])
    elif isinstance(data.get("text/plain"), str):
        _add(seen, data["text/plain"] + "\n")


def _add(seen: Seen, text: str) -> None:
    if len(seen.text) < _MOST_TEXT:
        seen.text = (seen.text + text)[:_MOST_TEXT]


_SHOWN = {"status": _status, "stream": _stream, "error": _error, "display_data": _display, "execute_result": _display}
