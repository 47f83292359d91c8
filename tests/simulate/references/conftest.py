"""Caches that the tests of this folder share; the environment is put back after each test."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from mrskit.bands import SETTINGS
from mrskit.simulate.references import build


@pytest.fixture(scope="session")
def all_references(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache of all six settings in the kit's own geometry, deleted when the session ends (0.4 GB)."""
    folder = build.build(SETTINGS.values(), tmp_path_factory.mktemp("all-references") / "crds")
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def flight_references(tmp_path_factory: pytest.TempPathFactory, real_data: Path) -> Iterator[Path]:
    """A cache of 12:SHORT in the flight geometry."""
    folder = tmp_path_factory.mktemp("flight-references") / "crds"
    build.build([SETTINGS["12:SHORT"]], folder, real_data / "flt9")
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every look-up of a name and every connection beyond this machine fail."""
    connect = socket.socket.connect

    def refuse(*arguments: object, **_: object) -> None:
        raise AssertionError(f"network used: {arguments}")

    def local_only(self: socket.socket, address: object) -> None:
        if self.family != socket.AF_UNIX and str(address[0]) not in ("127.0.0.1", "::1", "localhost"):
            refuse(address)
        connect(self, address)

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", local_only)
