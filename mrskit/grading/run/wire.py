"""The grader's end of one ZeroMQ socket of a kernel: what comes is counted before it is kept, and kept within limits."""

from __future__ import annotations

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
    A connection to one socket of a kernel. Whatever the kernel sends, this process holds one message of it at most.

    Parameters
    ----------
    path : Path
        The kernel's socket; a link is not followed.
    kind : bytes
        `DEALER` or `SUB`, which then subscribes to everything.
    most : int
        Bytes of a message that are kept; a frame beyond is read past.
    """

    def __init__(self, path: Path, kind: bytes, most: int) -> None:
        self._most = most
        self._socket = socket.socket(socket.AF_UNIX)
        self._buffer = bytearray()
        self._frames: list[bytes | None] = []
        self._skip = len(_GREETING)  # bytes still to be read past: the kernel's greeting, then what is not kept
        self._whole = False  # the frame that is being read past is the last of its message
        self.size = 0  # bytes of the message that is not whole yet, as its frames announce them
        self._outbox: bytes | None = b"\x00\x01\x01" if kind == SUB else b""  # for when the kernel is ready
        ready = b"\x05READY" + b"\x0bSocket-Type" + struct.pack(">I", len(kind)) + kind
        try:
            _connect(self._socket, path)
            self._send(_GREETING + bytes((_COMMAND, len(ready))) + ready)
        except OSError:
            self.close()

    @property
    def open(self) -> bool:
        """Whether something can still arrive."""
        return self._socket.fileno() >= 0

    def fileno(self) -> int:
        """Return the descriptor to wait for; -1 of a closed one."""
        return self._socket.fileno()

    def close(self) -> None:
        """End the connection."""
        self._socket.close()

    def send(self, frames: Sequence[bytes]) -> None:
        """Send a message; one that the kernel does not take ends the connection."""
        last = len(frames) - 1
        heads = (struct.pack(">BQ", _LONG | (_MORE if i < last else 0), len(frame)) for i, frame in enumerate(frames))
        whole = b"".join(part for pair in zip(heads, frames, strict=True) for part in pair)
        if self._outbox is None:
            self._send(whole)
        else:
            self._outbox += whole

    def _send(self, data: bytes) -> None:
        try:
            self._socket.settimeout(_PATIENCE)
            self._socket.sendall(data)
            self._socket.setblocking(False)
        except OSError:
            self.close()

    def receive(self) -> list[tuple[list[bytes | None], int]]:
        """
        Read some of what is there, without waiting.

        Returns
        -------
        list of (frames, size)
            The messages that are whole now: their first frames, None for one that was too large to be kept; all bytes.
        """
        try:
            data = self._socket.recv(_CHUNK)
        except BlockingIOError:
            return []
        except OSError:
            data = b""
        if not data:
            self.close()
        self._buffer += data
        messages = []
        while self._next_frame():
            if self._whole and not self._skip:
                messages.append((self._frames, self.size))
                self._frames, self.size, self._whole = [], 0, False
        return messages

    def _next_frame(self) -> bool:
        """Read one frame, or past one; return False where more bytes have to come first."""
        buffer = self._buffer
        if self._skip:
            passed = min(self._skip, len(buffer))
            del buffer[:passed]
            self._skip -= passed
            return not self._skip
        head = 9 if buffer and buffer[0] & _LONG else 2
        if len(buffer) < head:
            return False
        flags, length = buffer[0], int.from_bytes(buffer[1:head], "big")
        if flags & _COMMAND:
            self._skip = head + length
            if self._outbox is not None:  # it has said that it is ready
                outbox, self._outbox = self._outbox, None
                self._send(outbox)
            return True
        room = self._most - sum(len(frame or b"") for frame in self._frames)
        fits = length <= room and len(self._frames) < _MOST_FRAMES
        if fits and len(buffer) < head + length:
            return False
        self.size += head + length
        self._whole = not flags & _MORE
        if fits:
            self._frames.append(bytes(buffer[head : head + length]))
        elif len(self._frames) < _MOST_FRAMES:
            self._frames.append(None)
        if fits:
            del buffer[: head + length]
        else:
            self._skip = head + length
        return True


def _connect(end: socket.socket, path: Path) -> None:
    """Connect to a socket that is at its place itself: the folder may be the kernel's own."""
    end.settimeout(_PATIENCE)
    descriptor = os.open(path, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        if not stat.S_ISSOCK(os.fstat(descriptor).st_mode):
            raise OSError(f"{path}: no socket")
        end.connect(f"/proc/self/fd/{descriptor}")
    finally:
        os.close(descriptor)
