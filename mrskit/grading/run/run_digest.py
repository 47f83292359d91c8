"""The content address of a run; runs with the same address give the same record, so only the first is made."""

from __future__ import annotations

import importlib.metadata
import sys
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from pathlib import Path

from mrskit.course import index
from mrskit.exercises import public_view
from mrskit.grading.key import Key
from mrskit.grading.records import Submission
from mrskit.grading.run.assembled_notebook import grafted
from mrskit.grading.run.sandbox import mounts
from mrskit.kept import digests

RUNNING = "grading/run"  # folder of the kit that makes records, whether a notebook sees it or not


def address(submission: Submission, key: Key, limits: Mapping, isolation: str, parameters: Mapping) -> str:
    """Return the content address of a submission's run; the key gives the data and the seed of the probes."""
    exercises = index.lesson_exercises(submission.lesson)
    seed = key.seed(submission.student, submission.lesson)
    parts = {
        "notebook": [asdict(step) for step in grafted(submission, parameters)],
        "files": dict(submission.files),
        "missing": sorted({item.id for item in exercises} - submission.answers.keys()),
        "lesson": submission.lesson,
        "exercises": public_view.write(exercises, seed),  # as the notebook gets them
        "seed": seed,
        "data": key.data_digest,
        "environment": environment_digest(),
        "limits": dict(limits),
        "isolation": isolation,
    }
    return digests.of_values(parts)


@cache
def environment_digest(package: Path = mounts.PACKAGE) -> str:
    """
    Return a digest of this Python, the installed packages, the visible files of the kit, and the runner's code.

    Other hidden files do not count: after a fix in a check, records are only judged again.
    """
    found = {f"{item.metadata['Name']}=={item.version}" for item in importlib.metadata.distributions()}
    kit = digests.of_files({*mounts.seen_of_kit(package), *(package / RUNNING).rglob("*.py")}, package)
    return digests.of_values([sys.version, sorted(found, key=str.casefold), kit])
