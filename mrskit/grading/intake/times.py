"""Submission times and extended due dates from ``submitted.csv`` and ``extensions.csv`` in the key."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from mrskit.course.index import lesson_name
from mrskit.errors import GradingError, MrskitError
from mrskit.grading.intake import tables
from mrskit.grading.intake.roster import People, Unmatched

SUBMITTED, EXTENSIONS = "submitted.csv", "extensions.csv"  # columns student, lesson and time or due


def read(folder: Path, name: str, people: People) -> dict[tuple[str, str], datetime]:
    """Return the times in one of these files by student and lesson; GradingError names the line."""
    path, column = folder / name, "due" if name == EXTENSIONS else "time"
    found: dict[tuple[str, str], datetime] = {}
    for line, row in tables.rows(path, ("student", "lesson", column)) if path.is_file() else ():
        try:
            moment = datetime.fromisoformat(row.get(column, ""))
            if moment.tzinfo is None:
                raise ValueError("the time has no zone; expected for example 2026-11-30T17:05:00+01:00")
            place = people.find(row.get("student", "")), lesson_name(row.get("lesson", ""))
            if found.setdefault(place, moment) != moment:
                raise ValueError(f"a different line has a different time for {place[0]}, {place[1]}")
        except (Unmatched, MrskitError, ValueError) as error:
            raise GradingError(f"{path}, line {line}: {error}. The columns of this file are student, lesson and "
                               f"{column}.",
                               path=path, line=line) from error  # fmt: skip
    return found
