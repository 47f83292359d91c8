"""The account of all submitted files: one row for each file that was found, with the student who owns it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from pathlib import PurePosixPath
from zoneinfo import ZoneInfo

from mrskit.grading.intake import files, layouts, names
from mrskit.grading.intake.found import JUNK, NOTEBOOK, OTHER, ZIP, Entry, kind
from mrskit.grading.intake.layouts import Owner
from mrskit.grading.intake.roster import People, Person, Unmatched
from mrskit.grading.records import readable

USED, ATTEMPT, NOT_USED, UNREADABLE, NOBODY = "used", "other attempt", "not used", "not readable", "matches nobody"
SUBMITTED = "submitted"  # nbgrader's folder of all students
NAMELESS = "no student is named"
_NOT_HANDED_IN = (".csv", ".xlsx", ".md", ".txt", ".log", ".json", ".toml", ".xml")  # next to students' files


@dataclass(frozen=True, slots=True)
class Row:
    """The status of one file or folder."""

    path: str
    status: str  # USED, ATTEMPT, NOT_USED, UNREADABLE, NOBODY
    student: str = ""
    lesson: str = ""
    attempt: int = 0  # of this student and lesson, by time, from 1
    modified: float = 0.0
    layout: str = ""  # how the path was read
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Owners:
    """The owners of the entries."""

    students: Mapping[str, str]  # by path of the entry; missing: no owner
    reasons: Mapping[str, str]  # why it has no owner
    owners: Mapping[str, Owner]  # the owner that the path names
    people: People
    names: Mapping[str, str]  # of students without a roster, by identifying key
    notes: tuple[str, ...]

    def modified(self, entry: Entry, zone: tzinfo) -> float:
        """Return the submission time: the platform's time if known, else the time of the outermost file."""
        moment = self.owners[entry.path].time
        try:
            return entry.modified if moment is None else moment.replace(tzinfo=moment.tzinfo or zone).timestamp()
        except (OverflowError, ValueError):
            return entry.modified


def owners(
    entries: Sequence[Entry], fallbacks: Sequence[str], layout: str, roster: People | None, before: People | None,
    known: Mapping[str, str], only: str, alone: bool,
) -> Owners:  # fmt: skip
    """
    Return the owners of entries.

    If nothing in a source names a student, the source belongs to its fallback. With a roster, only its members count as
    students. Without a roster, students keep their known names, and ``before`` lists the possible students. With
    ``only``, files without a name belong to that student. If ``alone`` was given too, this includes a file whose folder
    names no student.
    """
    found: dict[str, Owner] = {}
    for number, fallback in enumerate(fallbacks):
        mine = [entry for entry in entries if entry.source == number]
        has = roster.has if roster else lambda text: False
        by_outer = layouts.owners(list(dict.fromkeys(entry.outer for entry in mine)), layout, has)
        said = {entry.path: by_outer[entry.outer] for entry in mine}
        if not any(said[entry.path].name for entry in mine if entry.kind != JUNK):
            said = {path: Owner(fallback, layouts.same(fallback), "one student", "", owner.time)
                    for path, owner in said.items()}  # fmt: skip
        found |= _stamped(mine, said, fallback)
    named = {entry.path: owner for entry in entries if (owner := found[entry.path]).name and _names(entry, owner)}
    if roster:
        students, reasons = _matched(named, roster)
        called: Mapping[str, str] = {}
    else:
        raws = {owner.key: owner.name for _, owner in sorted(named.items(), reverse=True)}
        meant = {key: before.find(raw) for key, raw in raws.items() if before and before.has(raw)}
        called = names.students(raws, {**known, **meant})
        students, reasons = {path: called[owner.key] for path, owner in named.items()}, {}
    for entry in entries:
        nameless = entry.path not in students and entry.path not in reasons and entry.kind != JUNK
        strange = alone and not (entry.path in students if roster else before and before.has(found[entry.path].name))
        if only and (nameless or strange):
            students[entry.path] = only
        elif entry.path not in students:
            reasons.setdefault(entry.path, NAMELESS)
    people = roster or People(Person(called[key], {"name": readable(raw)}) for key, raw in
                              {owner.key: owner.name for owner in named.values()}.items())  # fmt: skip
    notes = (*_around(entries, named, layout), *_spellings(named, students))
    return Owners(students, reasons, found, people, called, notes)


def _stamped(entries: Sequence[Entry], said: Mapping[str, Owner], folder: str) -> dict[str, Owner]:
    """
    Return owners with the times that nbgrader keeps in ``submitted/STUDENT/ASSIGNMENT/timestamp.txt``.

    nbgrader overwrites a student's own file with this path. Such files in other places are ignored.
    """
    stamps: dict[PurePosixPath, datetime] = {}
    for entry in entries:
        *above, _, _, name = ("", "", folder, *entry.path.split("/"))
        known = folder == SUBMITTED or said[entry.path].layout == "nbgrader"
        above = [layouts.same(part) for part in above]
        if known and name == "timestamp.txt" and SUBMITTED in above and above.index(SUBMITTED) == len(above) - 1:
            text, _, zone = files.start(entry, 100).decode(errors="replace").strip().rpartition(" ")
            try:
                stamps[PurePosixPath(entry.path).parent] = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))
            except (OSError, ValueError, KeyError):  # no time or no zone: keep the time of the file
                continue
    found = dict(said)
    for path, owner in said.items():
        time = next((stamps[top] for top in PurePosixPath(path).parents if top in stamps), None)
        found[path] = owner if time is None else replace(owner, time=time, layout="nbgrader, timestamp.txt")
    return found


def _names(entry: Entry, owner: Owner) -> bool:
    """Return whether an entry can identify a student: junk and an instructor's own tables cannot."""
    if kind(entry.outer.partition("/")[0]) == JUNK:
        return False
    beside = entry.kind == OTHER and owner.layout == "flat" and not entry.outer.endswith("/")
    name = PurePosixPath(entry.outer).name.casefold()
    return not (beside and (name.endswith(_NOT_HANDED_IN) or name == "index.html"))


def _matched(named: Mapping[str, Owner], roster: People) -> tuple[dict[str, str], dict[str, str]]:
    answers: dict[Owner, str | Unmatched] = {}
    students, reasons = {}, {}
    for path, owner in named.items():
        if owner not in answers:
            try:
                answers[owner] = roster.owner(owner)
            except Unmatched as error:
                answers[owner] = error
        answer = answers[owner]
        if isinstance(answer, str):
            students[path] = answer
        else:
            reasons[path] = str(answer)
    return students, reasons


def _around(entries: Sequence[Entry], named: Mapping[str, Owner], layout: str) -> list[str]:
    """Return a note if a single folder contains everything and was read as a class folder, not a student's folder."""
    tops = {entry.outer.partition("/")[0] for entry in entries if entry.kind in (NOTEBOOK, ZIP)}
    top = min(tops, default="")
    if (
        layout != "auto"
        or len(tops) != 1
        or names.says_nothing(top)
        or len({owner.key for owner in named.values()}) < 2
    ):
        return []
    return [f"all files are in {readable(top)!r}; its subfolders were read as students, not {readable(top)!r} itself"]


def _spellings(named: Mapping[str, Owner], students: Mapping[str, str]) -> tuple[str, ...]:
    """Return notes on different spellings that were assigned to the same student."""
    spellings: defaultdict[str, set[str]] = defaultdict(set)
    for path, owner in named.items():
        if path in students and owner.layout in ("folders", "flat", "assignments"):
            spellings[students[path]].add(owner.name)
    return tuple(f"{' and '.join(repr(readable(name)) for name in sorted(some))} were read as one student, {student}"
                 for student, some in sorted(spellings.items()) if len(some) > 1)  # fmt: skip
