"""Notebooks of a few bytes, zips of them, and whom they are taken to be from."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path

from mrskit.grading.intake import intake


def notebook(lesson: str = "06_analysis", answer: str = "x = 1") -> bytes:
    """A notebook with one answer cell of a lesson."""
    name = {"01_setup": "01-context", "06_analysis": "06-identify"}[lesson]
    cell = {"cell_type": "code", "metadata": {"mrskit": {"exercise": name}}, "outputs": [], "execution_count": None,
            "source": f'{answer}\nanswers.give("{name}", x)'}  # fmt: skip
    table = {"nbformat": 4, "nbformat_minor": 4, "metadata": {"mrskit": {"lesson": lesson}}, "cells": [cell]}
    return json.dumps(table).encode()


def zipped(members: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of some files."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return stream.getvalue()


def write(root: Path, path: str, data: bytes) -> Path:
    place = root / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(data)
    return place


def who(source, layout: str = "auto", **asked) -> dict[str, set[str]]:
    """The lessons that each student has handed in and that can be read."""
    found: dict[str, set[str]] = {}
    for item in intake.take(source, intake.Asked(layout, **asked)).submissions:
        found.setdefault(item.student, set()).update({item.lesson} if not item.problem else ())
    return found
