"""The owner of a file by its path: folder and file names as learning platforms and instructors write them."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from mrskit.errors import GradingError
from mrskit.grading.intake import names
from mrskit.grading.intake.found import JUNK, NOTEBOOK, ZIP, kind

LAYOUTS = ("auto", "canvas", "moodle", "blackboard", "brightspace", "nbgrader", "folders", "assignments", "flat")
_TIME = r"(?P<time>(?:[^\W\d]+\.? \d{1,2},|\d{1,2} [^\W\d]+\.?) \d{4} \d{1,2}:?\d{2} [AaPp][Mm])"
_CANVAS = r"(?P<name>.+?)_(?:LATE_)?(?P<number>{0})_(?:{0}_.+|text\.html|link\.html)"
# docs/grading.md cites where each platform says so.
_PATTERNS = {
    "canvas": re.compile(_CANVAS.replace("{0}", r"[1-9]\d\d+")),
    "moodle": re.compile(r"(?P<name>.+?)_(?P<number>\d+)_assignsubmission_[^\W_]+(?:_.*)?"),
    "blackboard": re.compile(r"(?:.*_)?(?P<name>[^_]+)_attempt_(?P<time>\d{4}(?:-\d\d){5})(?:[_.].*)?"),
    "brightspace": re.compile(rf"(?P<number>\d+-\d+) ?- ?(?P<name>.+?) ?- ?{_TIME}(?: ?- ?.*|\.\w+)?"),
}
_FORCED = _PATTERNS | {"canvas": re.compile(_CANVAS.replace("{0}", r"\d+"))}
_TIMES = ("%Y-%m-%d-%H-%M-%S", "%b %d, %Y %I:%M %p", "%B %d, %Y %I:%M %p", "%d %b %Y %I:%M %p", "%d %B %Y %I:%M %p")


@dataclass(frozen=True, slots=True)
class Owner:
    """The student named in the outermost layer of a path."""

    name: str = ""  # as written; empty: no student
    key: str = ""  # identifies the student
    layout: str = ""  # layout by which the name was read
    number: str = ""  # number that the platform gave to the person or the submission
    time: datetime | None = None  # written by the platform, without zone
    head: str = ""  # Blackboard: everything before the time, as the border of assignment and name is not marked


def same(text: str) -> str:
    """Return a name in the form used for comparison: Unicode NFC without case."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold()).strip()


def owners(paths: Sequence[str], layout: str, is_student: Callable[[str], bool]) -> dict[str, Owner]:
    """
    Return the student named in each path of a source, by one of `LAYOUTS` or a pattern such as ``{student}/{lesson}*``.

    ``is_student`` tests whether a student in the roster has this name.

    GradingError if there is no such layout.
    """
    parts = {path: tuple(unicodedata.normalize("NFC", part) for part in path.split("/")) for path in paths}
    if layout == "auto":
        sure = [mine for mine in parts.values() if kind(mine[-1]) in (NOTEBOOK, ZIP)]
        skipped = _around([mine for mine in sure if not any(kind(part) == JUNK for part in mine)], is_student)
        found = {path: _auto(mine, skipped) for path, mine in parts.items()}
    elif layout in LAYOUTS:
        found = {path: _by(layout, mine) for path, mine in parts.items()}
    else:
        pattern = _pattern(layout)
        found = {path: _matched(pattern, "/".join(mine)) for path, mine in parts.items()}
    return _apart(found, parts)


def _auto(parts: tuple[str, ...], skipped: int) -> Owner:
    depth = min(skipped, len(parts) - 1)
    while depth < len(parts) - 1 and names.says_nothing(parts[depth]):
        depth += 1
    by_platform = _platform(parts[depth], _PATTERNS)
    if by_platform is not None:
        return by_platform
    kind = "flat" if depth == len(parts) - 1 else "assignments" if depth > skipped else "folders"
    if any(same(part) == "submitted" for part in parts[:depth]):
        kind = "nbgrader"
    owner = _plain(parts[depth], kind)
    numbered = [part for part in parts[skipped:depth] if part.isdecimal() and part != names.lesson(parts[-1])[:2]]
    return owner if owner.name or not numbered else _plain(numbered[0], "folders")


def _by(layout: str, parts: tuple[str, ...]) -> Owner:
    if layout in _FORCED:
        found = (_platform(part, {layout: _FORCED[layout]}) for part in parts)
        return next((owner for owner in found if owner is not None), Owner(layout=layout))
    start = next((place + 1 for place, part in enumerate(parts) if same(part) == "submitted"), 0)
    place = {"nbgrader": start, "folders": 0, "assignments": 1, "flat": len(parts) - 1}[layout]
    alone = place == len(parts) - 1 and kind(parts[place]) != ZIP
    if place >= len(parts) or (alone and layout in ("nbgrader", "folders")):
        return Owner(layout=layout)
    return _plain(parts[place], layout)


def _plain(part: str, layout: str) -> Owner:
    name = names.without_lesson(names.stem(part)) if layout in ("flat", "assignments") else names.stem(part).strip()
    if layout == "flat" and names.says_nothing(name) and not name.isdecimal():  # hw1.ipynb
        name = ""
    return Owner(name, same(name), layout)


def _platform(part: str, patterns: Mapping[str, re.Pattern[str]]) -> Owner | None:
    """Return the student in a name that a platform made; None for other names."""
    for layout, pattern in patterns.items():
        if found := pattern.fullmatch(part):
            table = found.groupdict()
            name, number = table["name"].replace("_LATE", "").strip(), table.get("number") or ""
            key = f"canvas {number}" if layout == "canvas" else same(name)
            head = part[: found.start("time") - len("_attempt_")] if layout == "blackboard" else ""
            return Owner(name, key, layout, number, _moment(table.get("time") or ""), head)
    return None


def _moment(text: str) -> datetime | None:
    text = re.sub(r"(\d{1,2})(\d{2}) ([AaPp][Mm])$", r"\1:\2 \3", text.replace(".", ""))  # 120 PM is 1:20 PM
    for pattern in _TIMES:
        try:
            return datetime.strptime(text, pattern)
        except ValueError:
            continue
    return None


def _around(parts: Sequence[tuple[str, ...]], is_student: Callable[[str], bool]) -> int:
    """
    Return the number of folder levels above the students' folders. The students' level contains only students of the
    roster or only names that a platform made. Otherwise, folders that contain everything are counted.
    """
    for depth in range(min((len(item) for item in parts), default=0)):
        here = {item[depth] for item in parts}
        made_up = [owner.key for part in here if (owner := _platform(part, _PATTERNS))]
        if all(is_student(names.stem(part)) for part in here):
            return depth
        if len(made_up) == len(here) and (depth == 0 or len(set(made_up)) > 1):
            return depth
    depth = 0
    while parts:
        tops = {item[depth] for item in parts if len(item) > depth}
        below = {item[depth + 1] for item in parts if len(item) > depth + 2}
        whole = len(tops) == 1 and len(below) > 1 and all(len(item) > depth + 2 for item in parts)
        if not whole or any(names.says_nothing(name) for name in below) or any(map(is_student, tops)):
            break
        depth += 1
    return depth


def _pattern(layout: str) -> re.Pattern[str]:
    if layout.count("{student}") != 1:
        raise GradingError(f"unknown layout {layout!r}; expected one of {', '.join(LAYOUTS)}, or a pattern with one "
                           "{student}, for example '{student}/{lesson}*'", layout=layout)  # fmt: skip
    known = {"{student}": r"(?P<name>[^/]+?)", "{lesson}": r"[^/]*?", "*": r"[^/]*"}
    words = [known.get(word, re.escape(word)) for word in re.split(r"(\{student\}|\{lesson\}|\*)", layout.strip("/"))]
    return re.compile("".join(words) + r"(?:/.*|(?i:\.ipynb|\.zip))?")


def _matched(pattern: re.Pattern[str], path: str) -> Owner:
    found = pattern.fullmatch(path)
    name = found["name"].strip() if found else ""
    return Owner(name, same(name), "pattern")


def _apart(found: dict[str, Owner], parts: Mapping[str, tuple[str, ...]]) -> dict[str, Owner]:
    """Separate people with the same name in a download: each different number is a different person."""
    numbers: defaultdict[tuple[str, ...], set[str]] = defaultdict(set)
    for path, owner in found.items():
        if owner.layout in ("moodle", "brightspace") and owner.number:
            above = [part for part in parts[path] if not _platform(part, {owner.layout: _FORCED[owner.layout]})]
            assignment = owner.number.rpartition("-")[2] if owner.layout == "brightspace" else "/".join(above[:1])
            numbers[owner.key, assignment].add(owner.number)
    several = Counter(key for (key, _), some in numbers.items() if len(some) > 1)
    return {path: replace(owner, key=f"{owner.key} {owner.number}", name=f"{owner.name} {owner.number}")
            if owner.number and owner.key in several else owner for path, owner in found.items()}  # fmt: skip
