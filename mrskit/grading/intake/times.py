"""When work was handed in: from ``submitted.csv`` of the key; where that says nothing, files tell their own time."""

from __future__ import annotations

import csv
from datetime import datetime
from pathlib import Path

from mrskit.course.index import lesson_name
from mrskit.errors import GradingError

FILE = "submitted.csv"  # in the key; columns student, lesson, time


def read(folder: Path) -> dict[tuple[str, str], datetime]:
    """
    Return the times in ``submitted.csv`` by student and lesson; none where there is no such file.

    Raises
    ------
    GradingError
        If a line has not the columns student, lesson and time, no lesson of the course, or a time without zone.
    """
    path = folder / FILE
    if not path.is_file():
        return {}
    found = {}
    with path.open(newline="", encoding="utf-8-sig") as stream:
        for number, row in enumerate(csv.DictReader(stream), 2):
            try:
                moment = datetime.fromisoformat(row["time"].strip())
                if moment.tzinfo is None:
                    raise ValueError("the time has no zone; expected for example 2026-11-30T17:05:00+01:00")
                found[row["student"].strip(), lesson_name(row["lesson"].strip())] = moment
            except (KeyError, ValueError, AttributeError) as error:
                what = f"no column {error}" if isinstance(error, KeyError) else str(error)
                raise GradingError(f"{path}, line {number}: {what}. Its columns are student, lesson and time.",
                                   path=path, line=number) from error  # fmt: skip
    return found
