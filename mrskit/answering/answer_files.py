"""
The files of recorded answers as JSON: read, merged under a lock, never half written; imports nothing heavy.

``answers/<lesson>.json`` holds five tables by exercise id: ``answers`` (the records, see mrskit.exercises.codec),
``settings`` (what the lesson ran on), ``hints`` (how many were asked for), ``sources`` (digest of the cell that handed
the answer in, see `source_digest`) and ``expected`` (what a learner expected to see). The lock beside it lets a
notebook and a command line write at the same time.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from mrskit.errors import AnswerError
from mrskit.kept import digests, lock
from mrskit.workspace import Workspace, write_text

MIME = "application/vnd.mrskit.answer+json"  # of the record in the output of an answer cell
TABLES = ("answers", "settings", "hints", "sources", "expected")
PATIENCE = 20  # s that a writer waits for another one


def answers_file(workspace: Workspace, lesson: str) -> Path:
    """Return the file of the recorded answers of a lesson."""
    return workspace.answers / f"{lesson}.json"


def source_digest(source: str) -> str:
    """Return the digest of a cell's source; spaces at the ends of lines and empty lines around it do not matter."""
    lines = [line.rstrip() for line in source.strip("\n").splitlines()]
    return digests.of_text("\n".join(lines).strip("\n"))[:16]


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


def count_hint(workspace: Workspace, lesson: str, name: str, more: bool = True) -> int:
    """Note that a hint was asked for, one ``more`` than before or the same again, and return how many were so far."""
    with changing(workspace, lesson) as table:
        table["hints"][name] = max(int(table["hints"].get(name, 0)) + more, 1)
        return table["hints"][name]


def expect(workspace: Workspace, lesson: str, about: str, choice: str) -> None:
    """Note what a learner expects before a figure."""
    with changing(workspace, lesson) as table:
        table["expected"][about] = choice


@contextmanager
def changing(workspace: Workspace, lesson: str) -> Iterator[dict]:
    """Give the tables of a lesson as they are now, and write them when the block ends; nobody else may in between."""
    path = answers_file(workspace, lesson)
    with lock.held(path.with_name(f".{lesson}.lock"), PATIENCE) as mine:
        if not mine:
            raise AnswerError(f"{path}: another program has been writing it for {PATIENCE} s. Close other notebooks of "
                              "this lesson, then run the cell again.", path=path)  # fmt: skip
        table = tables(workspace, lesson)
        yield table
        write_text(path, json.dumps(table, indent=1, sort_keys=True, allow_nan=False) + "\n")


def tables(workspace: Workspace, lesson: str) -> dict:
    """Return the tables of a lesson as they are now; empty ones when the lesson was not worked on."""
    path = answers_file(workspace, lesson)
    empty = {"schema": 1, "lesson": lesson} | {name: {} for name in TABLES}
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return empty
    except (OSError, ValueError, RecursionError) as error:
        raise damaged(path, type(error).__name__) from error
    if not isinstance(table, dict) or table.get("schema") != 1:
        raise damaged(path, "not schema 1")
    for name in ("sources", "expected"):  # absent in older files
        table.setdefault(name, {})
    if not all(isinstance(table.get(name), dict) for name in TABLES):
        raise damaged(path, f"expected the tables {', '.join(TABLES)}")
    return table


def damaged(path: Path, what: str) -> AnswerError:
    """Return the error for a file of answers that cannot be read."""
    return AnswerError(f"{path}: damaged file of answers ({what}). Move it away and run the lesson again.", path=path)
