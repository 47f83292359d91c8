"""Answers that a workspace keeps: one JSON file a lesson (see mrskit.exercises.store), merged by exercise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from mrskit.exercises.codec import decode
from mrskit.exercises.record import Answer
from mrskit.exercises.store import TABLES, answers_file, changing, damaged, source_digest, tables
from mrskit.workspace import Workspace

__all__ = ["Recorded", "answers_file", "count_hint", "forget", "merge", "read", "source_digest", "write"]


@dataclass(frozen=True, slots=True)
class Recorded:
    """One answer as the workspace keeps it."""

    answer: Answer
    setting: str  # what the lesson ran on, e.g. "12:SHORT"
    hints: int = 0  # hints that were asked for
    source: str = ""  # digest of the cell that handed it in; "" where nobody knows


def read(workspace: Workspace, lesson: str) -> dict[str, Recorded]:
    """
    Return the recorded answers of a lesson by exercise id; none when the lesson was not worked on.

    Raises
    ------
    AnswerError
        If the file is damaged.
    """
    table = tables(workspace, lesson)
    found = {}
    for name, entry in table["answers"].items():
        answer = decode(entry)
        if answer.id != name:
            raise damaged(answers_file(workspace, lesson), f"the record of {name} says {answer.id}")
        found[name] = Recorded(answer, str(table["settings"].get(name, "")), int(table["hints"].get(name, 0)),
                               str(table["sources"].get(name, "")))  # fmt: skip
    return found


def write(workspace: Workspace, lesson: str, record: dict, setting: str, source: str = "") -> Path:
    """Merge one record of an answer (see mrskit.exercises.codec) into the file of a lesson and return the file."""
    return merge(workspace, lesson, {record["id"]: record}, {record["id"]: setting}, {record["id"]: source})


def merge(
    workspace: Workspace, lesson: str, records: Mapping[str, dict], settings: Mapping[str, str],
    sources: Mapping[str, str],
) -> Path:  # fmt: skip
    """Merge records of answers by exercise id into the file of a lesson, in one go, and return the file."""
    with changing(workspace, lesson) as table:
        table["answers"].update(records)
        table["settings"].update(settings)
        table["sources"].update({name: source for name, source in sources.items() if source})
        for name in (name for name, source in sources.items() if not source):
            table["sources"].pop(name, None)
    return answers_file(workspace, lesson)


def forget(workspace: Workspace, lesson: str, names: Iterable[str]) -> None:
    """Take the answers to some exercises, and what was noted with them, out of the file of a lesson."""
    names = list(names)
    with changing(workspace, lesson) as table:
        for part in TABLES:
            for name in names:
                table[part].pop(name, None)


def count_hint(workspace: Workspace, lesson: str, name: str) -> int:
    """Note that a hint was asked for, and return how many were so far."""
    with changing(workspace, lesson) as table:
        table["hints"][name] = int(table["hints"].get(name, 0)) + 1
        return table["hints"][name]
