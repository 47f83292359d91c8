"""
Functions for the hidden cells of a lesson in nbgrader: the key's data for the notebook, and the judge for answers.

The functions run in the kernel of 'nbgrader autograde', which has no sandbox. There a student's code can read all files
of the instructor, including the key. Use 'mrskit grade', then scripts/nbgrader_scores.py, for a sandbox.
"""

from __future__ import annotations

import atexit
import os
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from IPython import get_ipython

from mrskit import card as cards
from mrskit.answering.answer_files import MIME
from mrskit.answers import MODE
from mrskit.exercises.outcomes import Outcome
from mrskit.exercises.probes import VARIABLE
from mrskit.grading.judging.judges import JudgeProcess
from mrskit.grading.key import open_key, told
from mrskit.grading.records import Given, Record
from mrskit.grading.run.run import links
from mrskit.workspace import create, write_text

KEY = "MRSKIT_KEY"  # environment variable: the folder of the key


@dataclass
class _Session:
    """State of the notebook that this kernel grades."""

    lesson: str
    seed: int
    judge: JudgeProcess
    folder: tempfile.TemporaryDirectory
    given: dict[str, dict] = field(default_factory=dict)  # what was handed in since the last test cell, by exercise


_session: _Session | None = None


def begin(lesson: str) -> str:
    """Return a new workspace with the key's data but no truth; from now on, answers are only recorded."""
    global _session
    try:
        key = open_key(Path(os.environ.get(KEY) or f"${KEY}"))
        folder = tempfile.TemporaryDirectory(prefix="mrskit-nbgrader-")
        root = create(Path(folder.name)).root
        for inside, target in links(key.workspace).items():
            (root / inside).parent.mkdir(parents=True, exist_ok=True)
            (root / inside).symlink_to(target)
        write_text(root / cards.CARD, cards.text(told(key.workspace)))
        _session = _Session(lesson, key.seed("nbgrader", lesson), JudgeProcess(key), folder)
        atexit.register(_session.judge.close)
        os.environ[MODE], os.environ[VARIABLE] = "grade", str(_session.seed)
        get_ipython().display_pub.register_hook(_keep)
    except Exception as error:
        _give_up(f"the environment variable {KEY} has to name the folder of the key ({type(error).__name__}: {error})")
    return str(root)


def points(name: str, most: float) -> float:
    """
    Return the points for an exercise, which nbgrader reads as partial credit; AssertionError for no points.

    If the grader itself fails, the kernel ends. Then nbgrader reports the notebook as failed, and nobody gets zero
    points.
    """
    if _session is None:
        _give_up("the first hidden cell of the notebook was not run")
    if (given := _session.given.pop(name, None)) is None:
        raise AssertionError("Nothing was handed in.")
    record = Record("0" * 64, _session.lesson, "none", (Given(name, Outcome.RECORDED, given),), _session.seed)
    row = next((row for row in _session.judge.judge([record])[0].rows if row.id == name), None)
    if row is None or row.outcome == Outcome.GRADER_ERROR:
        _give_up(f"{name}: {row.detail or row.message if row else 'the rules of the key leave it out'}")
    print(row.message)
    if not row.points:
        raise AssertionError(row.message)
    return min(most, most * row.points / row.points_max)


def _keep(message: dict) -> dict:
    """Record the answer from a message of the kernel, and pass the message on."""
    record = message.get("content", {}).get("data", {}).get(MIME)
    if _session is not None and isinstance(record, dict):
        _session.given[str(record.get("id"))] = record
    return message


def _give_up(reason: str) -> NoReturn:
    """End the kernel with a message for the instructor."""
    terminal = getattr(sys.stderr, "_original_stdstream_copy", None) or 2  # ipykernel has put a pipe in its place
    os.write(terminal, f"mrskit: this notebook could not be graded: {reason}\n".encode(errors="replace"))
    os._exit(1)
