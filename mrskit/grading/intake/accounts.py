"""The account of what was handed in: a row for everything that was found, and the student to whom it belongs."""

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
NAMELESS = "it names no student"
_NOT_HANDED_IN = (".csv", ".xlsx", ".md", ".txt", ".log", ".json", ".toml", ".xml")  # beside students' files


@dataclass(frozen=True, slots=True)
class Row:
    """What became of one file or folder."""

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
    """To whom the entries belong."""

    students: Mapping[str, str]  # by path of the entry; missing: to nobody
    reasons: Mapping[str, str]  # why it belongs to nobody
    owners: Mapping[str, Owner]  # what the path says
    people: People
    names: Mapping[str, str]  # of students without a roster, by what tells them apart
    notes: tuple[str, ...]

    def modified(self, entry: Entry, zone: tzinfo) -> float:
        """Return when something was handed in: as a platform has written it, else the time of the outermost file."""
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
    Return to whom entries belong.

    A source in which nothing names anybody is that of its fallback. Who is not in the roster is nobody; without one,
    students have the names that are known already, and ``before`` are those who may be meant. With ``only`` files
    that name nobody are that student's, and if it was given ``alone`` also one whose folder names no student.
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

    nbgrader overwrites a file of this name and place that a student has handed in; elsewhere it says nothing.
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
            except (OSError, ValueError, KeyError):  # no time or no zone: that of the file remains
                continue
    found = dict(said)
    for path, owner in said.items():
        time = next((stamps[top] for top in PurePosixPath(path).parents if top in stamps), None)
        found[path] = owner if time is None else replace(owner, time=time, layout="nbgrader, timestamp.txt")
    return found


def _names(entry: Entry, owner: Owner) -> bool:
    """Return whether an entry may tell that there is a student: junk and an instructor's own tables do not."""
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
    """Return a note if everything lies in one folder that was taken for that of a class and not of a student."""
    tops = {entry.outer.partition("/")[0] for entry in entries if entry.kind in (NOTEBOOK, ZIP)}
    top = min(tops, default="")
    if (
        layout != "auto"
        or len(tops) != 1
        or names.says_nothing(top)
        or len({owner.key for owner in named.values()}) < 2
    ):
        return []
    return [
        f"everything lies in {readable(top)!r}, and what is in it was taken for students, not {readable(top)!r} itself"
    ]


def _spellings(named: Mapping[str, Owner], students: Mapping[str, str]) -> tuple[str, ...]:
    """Return which names that are written differently were taken for one student."""
    spellings: defaultdict[str, set[str]] = defaultdict(set)
    for path, owner in named.items():
        if path in students and owner.layout in ("folders", "flat", "assignments"):
            spellings[students[path]].add(owner.name)
    return tuple(f"{' and '.join(repr(readable(name)) for name in sorted(some))} are taken for one student, {student}"
                 for student, some in sorted(spellings.items()) if len(some) > 1)  # fmt: skip
