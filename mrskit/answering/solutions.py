"""Solutions for comparison, read from the lesson sources if these are shipped."""

from __future__ import annotations

import re

from mrskit.course import index
from mrskit.resources import lessons_folder

BEGIN, END = "# solution begin", "# solution end"


def solution(name: str) -> str | None:
    """Return the solution of an exercise as Python text, or None if the source is not shipped or has no solution."""
    path = lessons_folder() / "source" / f"{index.lesson_of(name)}.py"
    if not path.is_file():
        return None
    for cell in re.split(r"^# %%", path.read_text(encoding="utf-8"), flags=re.MULTILINE):
        head, _, body = cell.partition("\n")
        if f'exercise="{name}"' in head:
            return _between(body)
    return None


def _between(body: str) -> str | None:
    kept, inside = [], False
    for line in body.splitlines():
        if line.strip() in (BEGIN, END):
            inside = line.strip() == BEGIN
        elif inside:
            kept.append(line)
    return "\n".join(kept) or None
