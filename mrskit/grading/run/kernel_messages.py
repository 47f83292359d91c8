"""Messages to and from an untrusted kernel, with received bytes counted while they are read."""

from __future__ import annotations

import json
import math
import select
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from jupyter_client.session import Session

from mrskit.answering.answer_files import MIME
from mrskit.cell import UNSEEN
from mrskit.exercises.codec import LIMIT
from mrskit.grading.run.limits import Limits
from mrskit.grading.run.wire import DEALER, SUB, Wire

DONE, TIMEOUT, DEAD, FLOOD = "done", "timeout", "dead", "flood"
_STRAGGLER = 2.0  # s between the reply of a cell and the message that it is idle, in whatever order
_SHELL, _IOPUB = 1, 2  # ports of a kernel in the sandbox
_MARK = b"<IDS|MSG>"
_SHOWN = ("status", "stream", "error", "display_data", "execute_result")  # kinds of messages
_QUITS = b"ask_exit"  # in the reply of a cell that has called quit or exit
_LONGEST_HEADER = 100_000
_MOST_TEXT, _MOST_PICTURES = 20_000, 2  # kept of one cell: characters, pictures
_LARGEST_RECORD = LIMIT + 10_000  # bytes of the content of a message that may still be an answer
_MOST_RECORDS = 2 * _LARGEST_RECORD  # bytes of the answers of one cell; the last is kept in any case
_LONGEST_MESSAGE = 100_000_000  # bytes; the end of a longer one is not waited for
_FLUSH = 3.0  # s for what a cell has shown before it was interrupted
_SPARED = 0.5  # s in which a cell that has shown too much may end by itself: an interruption would hit what follows it


@dataclass(slots=True)
class Seen:
    """The outputs of one cell."""

    state: str = DONE
    text: str = ""
    records: list = field(default_factory=list)  # whatever came with the MIME type of answers, in its order
    lengths: list[int] = field(default_factory=list)  # of the messages that brought them, bytes
    pictures: list[str] = field(default_factory=list)  # what claims to be base64 of PNG
    error: tuple[str, str] | None = None  # name and text
    size: int = 0  # bytes
    cut: int = 0  # bytes of messages that were too large to be kept
    endless: bool = False  # whatever its size, it is read to its end
    lost: bool = False  # a message was malformed, or did not arrive
    quits: bool = False  # it has asked the kernel to end, by quit or exit


class Talk(AbstractContextManager["Talk"]):
    """
    The conversation with one kernel; a context manager.

    ``folder`` contains the sockets of the kernel; ``key`` signs sent messages. Signatures of received messages are not
    a reason for trust, because the kernel's code knows the key.
    """

    def __init__(self, folder: Path, key: str, limits: Limits) -> None:
        self._session = Session(key=key.encode(), username="grader")
        self._folder, self._limits = folder, limits
        self._connect()

    def __exit__(self, *_: object) -> None:
        self._shell.close()
        self._iopub.close()

    def _connect(self) -> None:
        kept, place = self._limits.message + _LONGEST_HEADER, f"{self._folder}/kernel-"
        self._shell = Wire(Path(f"{place}{_SHELL}"), DEALER, kept)
        self._iopub = Wire(Path(f"{place}{_IOPUB}"), SUB, kept)

    def _connect_again(self, channel: int) -> bool:
        """Replace connections whose data can no longer be understood; return whether this succeeded."""
        self._shell.close()
        self._iopub.close()
        self._connect()
        return self.greet(channel)

    def greet(self, channel: int, seconds: float = 30.0) -> bool:
        """Return whether the kernel answers and its outputs arrive."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and self._shell.open and self._iopub.open:
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
        Run one cell and return its outputs; ``unseen`` tells the kernel that nobody will see them.

        The cell is interrupted after the given seconds, or if it shows too much, and then has ``grace`` seconds to
        stop. `Seen.state` is then ``timeout`` or ``flood``; the kernel can continue if `Seen.error` is set. ``channel``
        is the descriptor that becomes readable when the kernel has ended.
        """
        content = {"code": source, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False,
                   "stop_on_error": False}  # fmt: skip
        message = self._send("execute_request", content, {UNSEEN: unseen})
        seen, heard = Seen(), _Heard()
        self._collect(message, seen, heard, time.monotonic() + seconds, channel)
        if seen.state in (TIMEOUT, FLOOD):
            late = Seen(endless=True)
            if seen.state == FLOOD:
                self._collect(message, late, heard, time.monotonic() + _SPARED, channel)
                grace += _FLUSH
            if not (heard.reply or heard.idle):
                interrupt()
            if not (heard.reply and heard.idle):
                late.state = DONE
                self._collect(message, late, heard, time.monotonic() + grace, channel)
            seen.error = late.error or (("KeyboardInterrupt", "") if late.state == DONE else None)
            seen.records += late.records
            if late.state == DONE and not (heard.reply and heard.idle) and not self._connect_again(channel):
                seen.error = None  # it does not go on
        elif seen.state == DONE and not (heard.reply and heard.idle) and not self._connect_again(channel):
            seen.state = DEAD
        return seen

    def _send(self, kind: str, content: dict, metadata: dict | None = None) -> str:
        message = self._session.msg(kind, content, metadata=metadata)
        self._shell.send(self._session.serialize(message))
        return message["header"]["msg_id"]

    def _collect(self, message: str, seen: Seen, heard: _Heard, end: float, channel: int) -> None:
        """Read until the cell is done, time is up, the kernel is dead, or the cell has shown too much."""
        dead = False
        while True:
            now = time.monotonic()
            if heard.complete(now):
                seen.lost |= not (heard.reply and heard.idle)
                return
            if now > end:
                seen.lost |= heard.reply  # it has ended, only the word that it has shown everything is missing
                seen.state = DONE if heard.reply else TIMEOUT
                return
            ready = _ready(min(end - now, 0.5), channel, self._iopub.fileno(), self._shell.fileno())
            for wire in (self._iopub, self._shell):
                if wire.fileno() in ready and not self._take(wire, message, seen, heard):
                    seen.state = FLOOD
                    return
            if ready == {channel}:
                if dead:
                    seen.state = DEAD
                    return
                dead = True  # once more: what it has said last may still arrive
                time.sleep(0.05)

    def _take(self, wire: Wire, message: str, seen: Seen, heard: _Heard) -> bool:
        """Read the available bytes; return False if they are more than allowed, even in incomplete messages."""
        for frames, size in wire.receive():
            seen.size += size
            if seen.size > self._limits.output and not seen.endless:
                return False
            kept = self._limits.message if seen.size <= self._limits.cell_output else _LARGEST_RECORD
            try:
                _sort(frames, size, message, seen, heard, size <= kept)
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
                seen.lost = True
        return seen.endless or seen.size + wire.size <= self._limits.output + _LONGEST_MESSAGE


def _ready(seconds: float, *descriptors: int) -> set[int]:
    """Wait for readable descriptors and return them; descriptors of closed connections are negative."""
    poller = select.poll()
    for number in descriptors:
        if number >= 0:
            poller.register(number, select.POLLIN)
    return {number for number, _ in poller.poll(math.ceil(1000 * seconds))}


@dataclass(slots=True)
class _Heard:
    """The progress of a cell, as reported by its kernel."""

    reply: bool = False
    idle: bool = False
    first: float = 0.0  # when the first of both came

    def complete(self, now: float) -> bool:
        """Return whether both messages have arrived, or the second message is too late."""
        if (self.reply or self.idle) and not self.first:
            self.first = now
        return (self.reply and self.idle) or (self.first > 0 and now - self.first > _STRAGGLER)


def _sort(frames: list[bytes | None], size: int, message: str, seen: Seen, heard: _Heard, kept: bool) -> None:
    """Record one message of the cell, or only its size; raise an error for a malformed message."""
    start = frames.index(_MARK) + 2
    header, parent, _, content = frames[start : start + 4]
    if header is None or parent is None or max(len(header), len(parent)) > _LONGEST_HEADER:
        raise ValueError("header")
    if json.loads(parent).get("msg_id") != message:  # of a cell before, or of nobody
        return
    kind = json.loads(header)["msg_type"]
    if kind in ("execute_reply", "kernel_info_reply"):
        heard.reply = True
        if kind == "execute_reply" and content is not None and _QUITS in content and len(content) < _LONGEST_HEADER:
            payload = json.loads(content).get("payload", ())
            seen.quits |= any(item.get("source") == "ask_exit" and not item.get("keepkernel") for item in payload)
    elif kind in _SHOWN and (content is None or not kept):
        seen.cut += size
    elif kind in _SHOWN and content is not None:
        _note(kind, json.loads(content), seen, heard)
        seen.lengths += [len(content)] * (len(seen.records) - len(seen.lengths))
        while len(seen.records) > 1 and sum(seen.lengths) > _MOST_RECORDS:
            del seen.records[0], seen.lengths[0]


def _note(kind: str, content: dict, seen: Seen, heard: _Heard) -> None:
    """Record the content of one message of the cell."""
    if kind == "status":
        heard.idle |= content["execution_state"] == "idle"
    elif kind == "stream":
        _add(seen, content["text"])
    elif kind == "error":
        seen.error = str(content["ename"])[:100], str(content["evalue"])[:1000]
    else:
        data = content["data"]
        if MIME in data:
            seen.records.append(data[MIME])
        if isinstance(data.get("image/png"), str) and len(seen.pictures) < _MOST_PICTURES:
            seen.pictures.append(data["image/png"])
        elif isinstance(data.get("text/plain"), str):
            _add(seen, data["text/plain"] + "\n")


def _add(seen: Seen, text: str) -> None:
    if len(seen.text) < _MOST_TEXT:
        seen.text = (seen.text + text)[:_MOST_TEXT]
