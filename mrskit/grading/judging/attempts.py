"""
Judging in a process that can be killed: a record that hangs or crashes it affects only itself, and only once.

The expected values are computed before, in the process that forks the others. The limit applies to processor time, so
that nobody is blamed for a busy computer.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import traceback
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from mrskit.course import index
from mrskit.exercises.outcomes import Outcome
from mrskit.grading.judging.judging import NOT_COMPARABLE, Judge, unjudged
from mrskit.grading.records import Given, Record

SECONDS, EACH = 10.0, 0.5  # s of processor time for one attempt, and more for every record of a batch
MEMORY = 2**30  # additional bytes that an attempt may use
MOST = 3  # number of answers of one record that may end an attempt; then its other answers are treated like them
_OUTSIDE = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)  # ended from outside


class Stopped(Exception):
    """An attempt did not finish; ``blamed`` if its input seems to be the cause."""

    def __init__(self, message: str, blamed: bool) -> None:
        super().__init__(message)
        self.blamed = blamed


def judged(judge: Judge, records: Sequence[Record]) -> list[dict]:
    """Return one judgement per record, in order, as JSON values."""
    judge.prepare({record.lesson for record in records})
    try:
        return attempted(lambda: [item.to_json() for item in judge.judge(records)], SECONDS + EACH * len(records))
    except Stopped:
        return [_alone(judge, record) for record in records]


def attempted(make: Callable[[], list[dict]], seconds: float) -> list[dict]:
    """Return a function's result from a process with limits on time and memory; Stopped if it does not finish."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException):
            _confine(seconds)
            try:
                made: dict = {"made": make()}
            except BaseException as error:
                traceback.print_exc()
                made = {"error": f"{type(error).__name__}: {error!s:.2000}"}
            with os.fdopen(writing, "w", encoding="utf-8") as stream:
                json.dump(made, stream)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as stream:
        text = stream.read()
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code < 0:
        raise Stopped(f"the judge was ended by {signal.Signals(-code).name}", -code not in _OUTSIDE)
    answer = json.loads(text or '{"error": "the judge gave no answer"}')
    if "error" in answer:
        raise Stopped(answer["error"], blamed=False)
    return answer["made"]


def _confine(seconds: float) -> None:
    """Limit this process; signals end it at once."""
    most = max(1, round(seconds))
    resource.setrlimit(resource.RLIMIT_CPU, (most, most + 2))
    with contextlib.suppress(OSError, ValueError):  # no /proc, or a lower limit is already set
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        room = pages * resource.getpagesize() + MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (room, room))


def _alone(judge: Judge, record: Record) -> dict:
    """Return the judgement on a record that may contain answers that end the judge."""
    try:
        return _judgement(judge, record)
    except Stopped as error:
        if not error.blamed:
            return unjudged(record.lesson, judge.key.rules, str(error)).to_json()
    guilty = _guilty(judge, record)
    left = replace(record, given=tuple(Given(item.id, Outcome.INVALID_RECORD, message=NOT_COMPARABLE)
                                       if item.id in guilty else item for item in record.given))  # fmt: skip
    if not all(judge.judges_own(index.exercise(name)) for name in guilty):
        return unjudged(record.lesson, judge.key.rules, "the key's own answer cannot be judged either").to_json()
    try:
        return _judgement(judge, left)
    except Stopped as error:
        return unjudged(record.lesson, judge.key.rules, str(error)).to_json()


def _guilty(judge: Judge, record: Record) -> set[str]:
    """Return the exercises whose answers end a judge; all if only the combination does so."""
    given = [item.id for item in record.given if item.outcome == Outcome.RECORDED]
    found: set[str] = set()
    for item in record.given:
        if item.id in given and len(found) < MOST:
            try:
                _judgement(judge, replace(record, given=(item,), products=()))
            except Stopped:
                found.add(item.id)
    return found if 0 < len(found) < MOST else set(given)


def _judgement(judge: Judge, record: Record) -> dict:
    return attempted(lambda: [judge.judge([record])[0].to_json()], SECONDS)[0]
