"""What the grader reads from a kernel's socket: whole messages as they were sent, and never more than it may keep."""

import os
import socket
import struct
import threading
import time
import tracemalloc

import pytest
import zmq

from mrskit.grading.run.wire import DEALER, SUB, Wire

KEPT = 1_000_000


def received(wire, count, seconds=10.0):
    """Return so many messages, or what has come until the connection was closed."""
    found, end = [], time.monotonic() + seconds
    while len(found) < count and wire.open and time.monotonic() < end:
        found += wire.receive()
    return found


@pytest.fixture
def peer(tmp_path):
    """A publisher and a router of ZeroMQ itself, as a kernel has them."""
    context = zmq.Context()
    sockets = {kind: context.socket(kind) for kind in (zmq.XPUB, zmq.ROUTER)}
    for kind, end in sockets.items():
        end.linger = 0
        end.rcvtimeo = 10_000
        end.bind(f"ipc://{tmp_path}/{kind}")
    yield lambda kind: (sockets[kind], tmp_path / str(int(kind)))
    context.destroy()


def test_messages_arrive_as_a_publisher_has_sent_them_and_large_frames_as_none(peer):
    publisher, path = peer(zmq.XPUB)
    wire = Wire(path, SUB, KEPT)
    while not publisher.poll(10):
        wire.receive()
    assert publisher.recv() == b"\x01"
    sent = [
        [b"a"],
        [b"", b"b" * 255, b"c" * 256],
        [b"d" * KEPT],
        [b"e", b"f" * (KEPT + 1), b"g"],
        [b"h"] * 40,
        [b"end"],
    ]
    for frames in sent:
        publisher.send_multipart(frames)
    found = received(wire, len(sent))
    assert [frames for frames, _ in found] == [
        *sent[:3], [b"e", None, b"g"], [b"h"] * 16, [b"end"]]  # fmt: skip
    assert all(sum(map(len, frames)) <= size <= sum(len(frame) + 9 for frame in frames)
               for frames, (_, size) in zip(sent, found, strict=True))  # fmt: skip
    assert wire.size == 0


def test_what_is_sent_arrives_at_a_router(peer):
    router, path = peer(zmq.ROUTER)
    wire = Wire(path, DEALER, KEPT)
    messages = [[b"<IDS|MSG>", b"", b"x" * 300_000], [b"y"]]
    for frames in messages:
        wire.send(frames)
    while not router.poll(10):
        wire.receive()
    got = [router.recv_multipart() for _ in messages]
    assert [frames[1:] for frames in got] == messages
    router.send_multipart([got[0][0], b"answer"])
    assert received(wire, 1)[0][0] == [b"answer"]


@pytest.fixture
def raw(tmp_path):
    """A listening socket that speaks whatever a test wants, and its path."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "raw"))
        server.listen()
        server.settimeout(10)
        yield server, tmp_path / "raw"


LARGE = b"\x03" + struct.pack(">Q", 1 << 20) + bytes(1 << 20)
ENDLESS = {
    "large frames": LARGE,
    "frames of the largest size that is kept": b"\x03" + struct.pack(">Q", KEPT) + bytes(KEPT),
    "tiny frames": b"\x01\x00" * (1 << 12),
    "commands": b"\x06" + struct.pack(">Q", 1 << 20) + bytes(1 << 20),
    "one frame": b"\x03" + struct.pack(">Q", 2**63) + bytes(1 << 20),
}


@pytest.mark.parametrize("kind", ENDLESS)
def test_a_message_that_never_ends_is_counted_and_not_kept(kind, raw):
    server, path = raw
    wire = Wire(path, SUB, KEPT)
    theirs = server.accept()[0]
    theirs.sendall(bytes(64) + b"\x04\x00")  # greeting, and some command
    total = 20_000 if kind == "tiny frames" else 64_000_000

    def flood():
        with theirs:
            for _ in range(total // len(ENDLESS[kind]) + 1):
                theirs.sendall(ENDLESS[kind])

    thread = threading.Thread(target=flood)
    tracemalloc.start()
    thread.start()
    assert received(wire, 1, seconds=60.0) == []
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    thread.join()
    assert peak < 6 * KEPT + 2 * len(ENDLESS[kind])
    assert wire.size >= (0 if kind == "commands" else 60_000_000 if kind != "tiny frames" else 20_000)
    assert not wire.open


def test_a_connection_that_ends_in_the_middle_brings_nothing_more(raw):
    server, path = raw
    wire = Wire(path, SUB, KEPT)
    with server.accept()[0] as theirs:
        theirs.sendall(bytes(64) + b"\x00\x01a" + b"\x00\x09half")
    assert received(wire, 2) == [([b"a"], 3)]
    assert not wire.open
    assert wire.fileno() == -1
    wire.send([b"nobody"])


def test_what_a_kernel_has_said_is_read_although_it_takes_nothing_any_more(raw):
    server, path = raw
    wire = Wire(path, SUB, KEPT)
    theirs = server.accept()[0]
    theirs.shutdown(socket.SHUT_RD)
    theirs.sendall(bytes(64) + b"\x04\x00")
    received(wire, 1, seconds=0.1)  # here it subscribes
    with theirs:
        theirs.sendall((b"\x00\xff" + bytes(255)) * 9)
    wire.send([b"nobody"])
    assert len(received(wire, 9)) == 9
    received(wire, 1)
    assert not wire.open


def test_neither_a_link_nor_a_file_in_the_place_of_the_socket_is_connected_to(raw, tmp_path):
    server, path = raw
    (tmp_path / "link").symlink_to(path)
    (tmp_path / "file").touch()
    os.mkfifo(tmp_path / "pipe")
    assert not any(Wire(tmp_path / name, SUB, KEPT).open for name in ("link", "file", "pipe", "missing"))
    server.settimeout(0.1)
    with pytest.raises(TimeoutError):
        server.accept()
