"""Output of a kernel at the speed of the grader's reading, so that it does not fill the notebook's memory."""

from __future__ import annotations

import threading
from typing import Any

import zmq
from ipykernel.iostream import IOPubThread, OutStream
from ipykernel.kernelapp import IPKernelApp

_PIECE = 1 << 18  # characters of a text that are sent as one message
_SMALL = 4096  # bytes of a message that nobody waits for
_QUEUED = 16  # messages that may wait in ZeroMQ; it drops nothing
_PATIENCE = 10.0  # s to wait for the thread that sends
_init, _write, _send = IPKernelApp.init_iopub, OutStream.write, IOPubThread.send_multipart


def narrow(network: bool = True) -> None:
    """Make code that shows something in this kernel wait until it is sent. Undoing this does not help hostile code."""
    if not network:  # ZeroMQ ends a process that may make no socket for its children to show something
        IOPubThread._setup_pipe_in = lambda thread: setattr(thread, "_pipe_flag", False)  # type: ignore[method-assign]
    IPKernelApp.init_iopub = _init_narrow  # type: ignore[method-assign]
    OutStream.write = _write_pieces  # type: ignore[assignment, method-assign]
    IOPubThread.send_multipart = _send_in_turn  # type: ignore[assignment, method-assign]


def _init_narrow(app: Any, context: zmq.Context) -> None:
    context.setsockopt(zmq.SNDHWM, _QUEUED)
    context.setsockopt(zmq.XPUB_NODROP, 1)
    _init(app, context)
    context.sockopts.clear()


def _write_pieces(stream: Any, text: str) -> int | None:
    if not isinstance(text, str):
        return _write(stream, text)  # which says what is wrong
    for start in range(0, len(text), _PIECE):
        piece = text[start : start + _PIECE]
        _write(stream, piece)
        stream.unsent = getattr(stream, "unsent", 0) + len(piece)
        if stream.unsent >= _PIECE:
            stream.unsent = 0
            stream.flush()
    return len(text)


def _send_in_turn(thread: Any, message: Any, *args: Any, **options: Any) -> None:
    _send(thread, message, *args, **options)
    if sum(map(len, message)) > _SMALL and thread.thread not in (None, threading.current_thread()):
        sent = threading.Event()
        thread.schedule(sent.set)
        sent.wait(_PATIENCE if thread.thread.is_alive() else 0)
