"""The grader's end of a kernel's ZeroMQ socket: received bytes are counted and limited before they are stored."""

from __future__ import annotations

import contextlib
import os
import socket
import stat
import struct
from collections.abc import Sequence
from pathlib import Path

DEALER, SUB = b"DEALER", b"SUB"
_MORE, _LONG, _COMMAND = 1, 2, 4  # flags of a frame; see https://rfc.zeromq.org/spec/23 (ZMTP 3.0)
_GREETING = struct.pack(">B8xBBB20sB31x", 0xFF, 0x7F, 3, 0, b"NULL", 0)
_CHUNK = 1 << 18  # bytes that are read at once
_MOST_FRAMES = 16  # of a message that are kept; Jupyter's own are the first six or seven
_PATIENCE = 10.0  # s for a kernel to accept what is sent


class Wire:
    """
    A connection to one socket of a kernel (a link is not followed): `DEALER`, or `SUB`, which subscribes to everything.

    At most ``most`` bytes of a message are held in memory; further bytes are read and discarded.
    """

    def __init__(self, path: Path, kind: bytes, most: int) -> None:
        self._most = most
        self._socket = socket.socket(socket.AF_UNIX)
        self._buffer, self._at = b"", 0  # what has come, and where in it the next frame begins
        self._room = most  # bytes that may still be kept of the message
        self._frames: list[bytes | None] = []
        self._skip = len(_GREETING)  # bytes still to be read past: the kernel's greeting, then what is not kept
        self._whole = False  # the frame that is being read past is the last of its message
        self.size = 0  # bytes of the message that is not whole yet, as its frames announce them
        self._outbox: bytes | None = b"\x00\x01\x01" if kind == SUB else b""  # for when the kernel is ready
        self.close, self.fileno = self._socket.close, self._socket.fileno
        ready = b"\x05READY\x0bSocket-Type" + struct.pack(">I", len(kind)) + kind
        with contextlib.suppress(OSError):  # then nothing can be sent either
            _connect(self._socket, path)
        self._send(_GREETING + bytes((_COMMAND, len(ready))) + ready)

    @property
    def open(self) -> bool:
        """Whether something can still arrive."""
        return self.fileno() >= 0

    def send(self, frames: Sequence[bytes]) -> None:
        """Send a message; the connection ends if the kernel does not accept the message."""
        flags = [_LONG | _MORE] * (len(frames) - 1) + [_LONG]
        whole = b"".join(
            struct.pack(">BQ", flag, len(frame)) + frame for flag, frame in zip(flags, frames, strict=True)
        )
        if self._outbox is None:
            self._send(whole)
        else:
            self._outbox += whole

    def _send(self, data: bytes) -> None:
        try:
            self._socket.settimeout(_PATIENCE)
            with contextlib.suppress(BrokenPipeError):  # it listens no more; what it has said is still to be read
                self._socket.sendall(data)
            self._socket.setblocking(False)
        except OSError:
            self.close()

    def receive(self) -> list[tuple[list[bytes | None], int]]:
        """Read available bytes; return first frames of complete messages (None if discarded), and the byte count."""
        try:
            data = self._socket.recv(_CHUNK)
        except BlockingIOError:
            return []
        except OSError:
            data = b""
        if not data:
            self.close()
        self._buffer, self._at = self._buffer[self._at :] + data, 0
        messages = []
        while self._next_frame():
            if self._whole:
                messages.append((self._frames, self.size))
                self._frames, self.size, self._whole, self._room = [], 0, False, self._most
        return messages

    def _next_frame(self) -> bool:
        """Read or skip one frame; return False if more bytes must arrive first."""
        buffer, there = self._buffer, len(self._buffer) - self._at
        if self._skip:
            passed = min(self._skip, there)
            self._at += passed
            self._skip -= passed
            return not self._skip
        head = 9 if there and buffer[self._at] & _LONG else 2
        if there < head:
            return False
        begin = self._at + head
        flags, length = buffer[self._at], int.from_bytes(buffer[self._at + 1 : begin], "big")
        if flags & _COMMAND:
            self._skip = head + length
            if self._outbox is not None:  # it has said that it is ready
                outbox, self._outbox = self._outbox, None
                self._send(outbox)
            return True
        wanted = len(self._frames) < _MOST_FRAMES
        if (kept := wanted and length <= self._room) and there < head + length:
            return False
        self.size += head + length
        self._whole = not flags & _MORE
        if wanted:
            self._frames.append(buffer[begin : begin + length] if kept else None)
        if kept:
            self._room -= length
        passed = min(head + length, there)
        self._at += passed
        self._skip = head + length - passed
        return not self._skip


def _connect(end: socket.socket, path: Path) -> None:
    """Connect to a socket but not to a link, because the kernel may control the folder."""
    end.settimeout(_PATIENCE)
    descriptor = os.open(path, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        if not stat.S_ISSOCK(os.fstat(descriptor).st_mode):
            raise OSError(f"{path}: no socket")
        end.connect(f"/proc/self/fd/{descriptor}")
    finally:
        os.close(descriptor)
