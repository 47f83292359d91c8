"""
The public view of exercises in a sandbox: the questions, without the checks.

During grading, the course's checks and reference functions are hidden from notebooks (see
mrskit.grading.run.sandbox.mounts). A file of plain JSON gives `mrskit.answers` the data to record an answer, including
the probes of functions.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import numpy as np

from mrskit.errors import AnswerError
from mrskit.exercises.record import Answer, Exercise, Facts, Verdict

VARIABLE = "MRSKIT_EXERCISES"  # environment variable: the file, where the exercises themselves are not to be seen
_SHOWN = ("id", "title", "kind", "unit", "points", "minutes", "hints", "choices")


def write(exercises: Iterable[Exercise], seed: int) -> str:
    """Return the public view of exercises, with the probes for a seed, as JSON."""
    return json.dumps([
        {name: getattr(item, name) for name in _SHOWN} | {"question": item.prompt}
        | {"probes": None if item.probes is None else [[_plain(part) for part in probe] for probe in item.probes(seed)]}
        for item in exercises
    ])  # fmt: skip


@lru_cache(maxsize=1)
def read(path: Path) -> tuple[Exercise, ...]:
    """Return the exercises in a file from `write`; they cannot be judged."""
    return tuple(_exercise(table) for table in json.loads(path.read_text(encoding="utf-8")))


def _exercise(table: dict) -> Exercise:
    probes = table.pop("probes")
    calls = None if probes is None else tuple(tuple(_value(part) for part in probe) for probe in probes)
    for name in ("hints", "choices"):
        table[name] = tuple(table[name])
    return Exercise(**table, check=_elsewhere, probes=None if calls is None else lambda seed: calls)


def _elsewhere(answer: Answer, facts: Facts) -> Verdict:
    raise AnswerError(f"{answer.id}: answers are judged elsewhere, after this notebook", id=answer.id)


def _plain(part: object) -> object:
    """Return an argument of a probe as plain JSON."""
    if isinstance(part, np.ndarray):
        data = base64.b64encode(np.ascontiguousarray(part).tobytes()).decode("ascii")
        return {"dtype": part.dtype.str, "shape": list(part.shape), "data": data}
    if isinstance(part, tuple | list):
        return {"items": [_plain(item) for item in part], "tuple": isinstance(part, tuple)}
    return part.item() if isinstance(part, np.generic) else part


def _value(part: object) -> object:
    if not isinstance(part, dict):
        return part
    if "items" in part:
        items = [_value(item) for item in part["items"]]
        return tuple(items) if part["tuple"] else items
    return np.frombuffer(base64.b64decode(part["data"]), dtype=part["dtype"]).reshape(part["shape"]).copy()
