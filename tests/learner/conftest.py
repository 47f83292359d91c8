"""Learners' workspaces and saved notebooks for the tests."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from mrskit import workspace
from mrskit.answering import answer_files
from mrskit.exercises import codec
from mrskit.exercises.record import Answer

SLOW = "01-slow-group"  # 23.88992 / 2.77504 = 8.609; 9 is a known misconception


@pytest.fixture
def space(tmp_path):
    """An empty workspace."""
    return workspace.create(tmp_path / "course")


@pytest.fixture
def saved(space):
    """A function that saves a notebook of lesson 01 with one answer cell for each exercise, run or not."""

    def save(values: dict, ran: dict | None = None, name: str = "01_setup.ipynb", age: float = 0) -> Path:
        cells = [_cell(key, f"answer = {value}\ngive", value, (ran or {}).get(key)) for key, value in values.items()]
        table = {"cells": cells, "metadata": {"mrskit": {"lesson": "01_setup"}}, "nbformat": 4, "nbformat_minor": 5}
        path = space.root / "Notebook" / name
        path.write_text(json.dumps(table))
        if age:
            then = path.stat().st_mtime - age
            os.utime(path, (then, then))
        return path

    return save


def _cell(name: str, source: str, value: float | None, ran: str | None) -> dict:
    """Return an answer cell whose output hands in a value; ``ran`` is another source that was run."""
    outputs = []
    if value is not None:
        record = codec.encode(Answer(name, "scalar", value))
        notes = {"mrskit": {"source": answer_files.source_digest(ran or source), "setting": "12:SHORT"}}
        outputs.append({"output_type": "display_data", "data": {answer_files.MIME: record}, "metadata": notes})
    metadata = {"mrskit": {"exercise": name}}
    return {"cell_type": "code", "source": [source], "metadata": metadata, "outputs": outputs, "execution_count": 1}
