"""Folders of small notebooks, and rosters."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from handed import notebook, write

from mrskit.grading.intake import roster


@pytest.fixture
def folder(tmp_path) -> Callable[..., Path]:
    """A function that fills a folder: paths become notebooks of the lesson that they name, or what is given."""

    def make(*paths: str, name: str = "handed", **contents: bytes) -> Path:
        root = tmp_path / name
        root.mkdir(exist_ok=True)
        for path in paths:
            write(root, path, notebook("01_setup" if "01_setup" in path else "06_analysis", f"x = {path!r}"))
        for path, data in contents.items():
            write(root, path, data)
        return root

    return make


@pytest.fixture
def people(tmp_path) -> Callable[[str], roster.People]:
    """A function that reads a roster from its text."""

    def make(text: str) -> roster.People:
        path = tmp_path / "roster.csv"
        path.write_bytes(text.encode())
        return roster.read_roster(path)

    return make
