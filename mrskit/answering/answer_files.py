"""
JSON files of recorded answers: reading, and merging under a lock; the imports are light.

``answers/<lesson>.json`` has five tables by exercise id: ``answers`` (the records, see mrskit.exercises.codec),
``settings`` (of the lesson's data), ``hints`` (number of requested hints), ``sources`` (digest of the cell that gave
the answer, see `source_digest`) and ``expected`` (the learner's expectation). A lock file next to it protects the file
when a notebook and a command line write at the same time.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from mrskit.errors import AnswerError
from mrskit.kept import digests, lock
from mrskit.workspace import Workspace, write_text

MIME = "application/vnd.mrskit.answer+json"  # type of the record in the output of an answer cell
TABLES = ("answers", "settings", "hints", "sources", "expected")
PATIENCE = 20  # s that a writer waits for a different writer


def answers_file(workspace: Workspace, lesson: str) -> Path:
    """Return the path of the recorded answers for a lesson."""
    return workspace.answers / f"{lesson}.json"


def source_digest(source: str) -> str:
    """Return the digest of a cell's source, without spaces at line ends and surrounding empty lines."""
    lines = [line.rstrip() for line in source.strip("\n").splitlines()]
    return digests.of_text("\n".join(lines).strip("\n"))[:16]


def merge(
    workspace: Workspace, lesson: str, records: Mapping[str, dict], settings: Mapping[str, str],
    sources: Mapping[str, str],
) -> Path:  # fmt: skip
    """Merge answer records by exercise id into a lesson's file, in one step, and return its path."""
    with changing(workspace, lesson) as table:
        table["answers"].update(records)
        table["settings"].update(settings)
        table["sources"].update({name: source for name, source in sources.items() if source})
        for name in (name for name, source in sources.items() if not source):
            table["sources"].pop(name, None)
    return answers_file(workspace, lesson)


def forget(workspace: Workspace, lesson: str, names: Iterable[str]) -> None:
    """Remove the answers to some exercises, with their notes, from a lesson's file."""
    names = list(names)
    with changing(workspace, lesson) as table:
        for part in TABLES:
            for name in names:
                table[part].pop(name, None)


def count_hint(workspace: Workspace, lesson: str, name: str, more: bool = True) -> int:
    """Record a request for a hint (``more``: a new hint, not the same again) and return the number of hints so far."""
    with changing(workspace, lesson) as table:
        table["hints"][name] = max(int(table["hints"].get(name, 0)) + more, 1)
        return table["hints"][name]


def expect(workspace: Workspace, lesson: str, about: str, choice: str) -> None:
    """Record what a learner expects before a figure is shown."""
    with changing(workspace, lesson) as table:
        table["expected"][about] = choice


@contextmanager
def changing(workspace: Workspace, lesson: str) -> Iterator[dict]:
    """Yield a lesson's current tables and write them when the block ends; a lock excludes other writers."""
    path = answers_file(workspace, lesson)
    with lock.held(path.with_name(f".{lesson}.lock"), PATIENCE) as mine:
        if not mine:
            raise AnswerError(f"{path}: a program has kept this file locked for {PATIENCE} s. Close other notebooks of "
                              "this lesson, then run the cell again.", path=path)  # fmt: skip
        table = tables(workspace, lesson)
        yield table
        write_text(path, json.dumps(table, indent=1, sort_keys=True, allow_nan=False) + "\n")


def tables(workspace: Workspace, lesson: str) -> dict:
    """Return a lesson's current tables, which are empty if the lesson has no answers."""
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
    """Return the error for an unreadable file of answers."""
    return AnswerError(f"{path}: damaged file of answers ({what}). Move it away and run the lesson again.", path=path)
