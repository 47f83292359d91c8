"""The content address of a run: two runs with the same one would give the same record, so the second is not made."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from pathlib import Path

import mrskit
from mrskit.course import index
from mrskit.grading.key import Key
from mrskit.grading.records import Submission
from mrskit.grading.run.assembled_notebook import grafted

# What a notebook can run of the kit. Not among it: checks and judge, which see the record only.
_RUN_BY_NOTEBOOKS = ("analysis", "answering", "course/shown", "exercises", "kept", "pipeline", "plotting", "references",
                     "viewers", "workers")  # fmt: skip
_MODULES = ("answers", "bands", "plan", "preflight", "products", "workspace")


def address(submission: Submission, key: Key, limits: Mapping, isolation: str, parameters: Mapping) -> str:
    """
    Return the content address of a submission's run.

    Parameters
    ----------
    submission : Submission
        One without a problem.
    key : Key
        Gives the data and the seed of the probes.
    limits : mapping
        Of the run.
    isolation : str
        Name of the sandbox.
    parameters : mapping
        Of the lesson.
    """
    parts = {
        "notebook": [asdict(step) for step in grafted(submission, parameters)],
        "missing": sorted({item.id for item in index.lesson_exercises(submission.lesson)} - submission.answers.keys()),
        "lesson": submission.lesson,
        "exercises": _asked(submission.lesson),
        "seed": key.seed(submission.student, submission.lesson),
        "data": key.data_digest,
        "environment": environment_digest(),
        "limits": dict(limits),
        "isolation": isolation,
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


@cache
def environment_digest() -> str:
    """Return a digest of the installed packages and of the part of the kit that notebooks can run."""
    found = {f"{item.metadata['Name']}=={item.version}" for item in importlib.metadata.distributions()}
    whole = hashlib.sha256("\n".join(sorted(found, key=str.casefold)).encode())
    folder = Path(mrskit.__file__).parent
    paths = [path for name in _RUN_BY_NOTEBOOKS for path in (folder / name).rglob("*.py")]
    paths += [folder / f"{name}.py" for name in _MODULES]
    for path in sorted(paths):
        whole.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return whole.hexdigest()


@cache
def _asked(lesson: str) -> list[tuple]:
    """Return what giving an answer depends on: kinds, units, choices, and arguments of the calls of functions."""
    return [
        (item.id, item.kind, item.unit, item.choices, repr(item.probes(0)) if item.probes else "")
        for item in index.lesson_exercises(lesson)
    ]
