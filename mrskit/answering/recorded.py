"""Recorded answers of a workspace: one JSON file per lesson (see mrskit.answering.answer_files)."""

from __future__ import annotations

import json
from dataclasses import dataclass

from mrskit.answering.answer_files import (
    answers_file,
    count_hint,
    damaged,
    expect,
    forget,
    merge,
    source_digest,
    tables,
)
from mrskit.course import index
from mrskit.exercises.codec import decode
from mrskit.exercises.record import Answer
from mrskit.workspace import Workspace

__all__ = ["Recorded", "answers_file", "count_hint", "expect", "forget", "merge", "read", "source_digest", "write"]


@dataclass(frozen=True, slots=True)
class Recorded:
    """One recorded answer."""

    answer: Answer
    setting: str  # setting of the lesson's data, e.g. "12:SHORT"
    hints: int = 0  # number of requested hints
    source: str = ""  # digest of the cell that gave the answer; "" if unknown


def read(workspace: Workspace, lesson: str) -> dict[str, Recorded]:
    """
    Return the recorded answers of a lesson by exercise id; empty if the lesson has no answers.

    Raises
    ------
    AnswerError
        If the file is damaged.
    LessonError
        If the course does not have this lesson.
    """
    table, found = tables(workspace, lesson), {}
    asked = {item.id: item for item in index.lesson_exercises(lesson)} if table["answers"] else {}
    for name, entry in table["answers"].items():
        answer = decode(entry, asked.get(name))
        if answer.id != name:
            raise damaged(answers_file(workspace, lesson), f"the record of {name} says {answer.id}")
        found[name] = Recorded(answer, str(table["settings"].get(name, "")), int(table["hints"].get(name, 0)),
                               str(table["sources"].get(name, "")))  # fmt: skip
    return found


def write(workspace: Workspace, lesson: str, record: dict, setting: str, source: str = "") -> bool:
    """Merge an answer record (see mrskit.exercises.codec) into a lesson's file; return whether it replaced one."""
    name = record["id"]
    before = tables(workspace, lesson)["answers"].get(name)
    merge(workspace, lesson, {name: record}, {name: setting}, {name: source})
    return before == json.loads(json.dumps(record))
