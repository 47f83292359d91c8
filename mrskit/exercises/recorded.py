"""Answers that a workspace keeps: one JSON file a lesson, merged by exercise, never half written."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from mrskit.errors import AnswerError
from mrskit.exercises.codec import decode
from mrskit.exercises.record import Answer
from mrskit.workspace import Workspace, write_text


@dataclass(frozen=True, slots=True)
class Recorded:
    """One answer as the workspace keeps it."""

    answer: Answer
    setting: str  # what the lesson ran on, e.g. "12:SHORT"
    hints: int = 0  # hints that were asked for


def answers_file(workspace: Workspace, lesson: str) -> Path:
    """Return the file of the recorded answers of a lesson."""
    return workspace.answers / f"{lesson}.json"


def read(workspace: Workspace, lesson: str) -> dict[str, Recorded]:
    """
    Return the recorded answers of a lesson by exercise id; none when the lesson was not worked on.

    Raises
    ------
    AnswerError
        If the file is damaged.
    """
    table = _table(workspace, lesson)
    found = {}
    for name, entry in table["answers"].items():
        answer = decode(entry)
        if answer.id != name:
            raise _damaged(answers_file(workspace, lesson), f"the record of {name} says {answer.id}")
        found[name] = Recorded(answer, str(table["settings"].get(name, "")), int(table["hints"].get(name, 0)))
    return found


def write(workspace: Workspace, lesson: str, record: dict, setting: str) -> Path:
    """Merge one record of an answer (see mrskit.exercises.codec) into the file of a lesson and return the file."""
    table = _table(workspace, lesson)
    table["answers"][record["id"]] = record
    table["settings"][record["id"]] = setting
    return _save(workspace, lesson, table)


def count_hint(workspace: Workspace, lesson: str, name: str) -> int:
    """Note that a hint was asked for, and return how many were so far."""
    table = _table(workspace, lesson)
    table["hints"][name] = int(table["hints"].get(name, 0)) + 1
    _save(workspace, lesson, table)
    return table["hints"][name]


def _table(workspace: Workspace, lesson: str) -> dict:
    path = answers_file(workspace, lesson)
    empty = {"schema": 1, "lesson": lesson, "answers": {}, "settings": {}, "hints": {}}
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return empty
    except (OSError, ValueError, RecursionError) as error:
        raise _damaged(path, type(error).__name__) from error
    if not isinstance(table, dict) or table.get("schema") != 1:
        raise _damaged(path, "not schema 1")
    if not all(isinstance(table.get(name), dict) for name in ("answers", "settings", "hints")):
        raise _damaged(path, "expected the tables answers, settings and hints")
    return table


def _save(workspace: Workspace, lesson: str, table: dict) -> Path:
    path = answers_file(workspace, lesson)
    write_text(path, json.dumps(table, indent=1, sort_keys=True, allow_nan=False) + "\n")
    return path


def _damaged(path: Path, what: str) -> AnswerError:
    return AnswerError(f"{path}: damaged file of answers ({what}). Move it away and run the lesson again.", path=path)
