"""Submitted notebooks: found, read within limits, and reduced to the sources of their answers. No code is run."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, tzinfo
from functools import partial
from pathlib import Path

from mrskit.errors import GradingError
from mrskit.grading.intake import accounts, attempts, files, names, notebook, own_files, zips
from mrskit.grading.intake.accounts import NOBODY, NOT_USED, UNREADABLE, USED, Owners, Row
from mrskit.grading.intake.found import JUNK, NOTEBOOK, OTHER, ZIP, Entry
from mrskit.grading.intake.roster import People, Person, Unmatched
from mrskit.grading.records import Submission, readable


@dataclass(frozen=True, slots=True)
class Intake:
    """All submissions."""

    submissions: tuple[Submission, ...] = ()  # all attempts; an unreadable file gives an attempt with the reason
    rows: tuple[Row, ...] = ()  # one for each file
    people: tuple[Person, ...] = ()  # from the roster, else all students with a file
    names: Mapping[str, str] = field(default_factory=dict)  # of students without a roster, by identifying key
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """Options for the assignment of files to students."""

    layout: str = "auto"
    roster: People | None = None
    zone: tzinfo = UTC  # time zone for times that do not state a zone
    only: str = ""  # the only student to be read


def collect(source: Path | Sequence[Path]) -> list[Submission]:
    """Return the newest notebook of each student and lesson, sorted by lesson and student; see `take`."""
    found = attempts.groups(take(source, Asked()).submissions)
    return [attempts.chosen(group, attempts.NEWEST, lambda _: 0.0) for group in found]


def take(source: Path | Sequence[Path], asked: Asked, before: Intake | None = None) -> Intake:
    """
    Return the submissions in a folder, a zip, a notebook, or several of these.

    Students of an earlier grading, ``before``, keep their names. If ``only`` is set, or if the source contains only
    notebooks, earlier entries of other students and files are kept.

    GradingError if the source does not exist, is not a folder, zip or notebook, or contains nothing from the requested
    student.
    """
    paths = [Path(source)] if isinstance(source, str | Path) else [Path(path) for path in source]
    part = bool(asked.only) or not any(path.is_dir() or path.suffix.lower() == ".zip" for path in paths)
    known = People(before.people) if before and part and not asked.roster else None
    only = _only(asked, known)
    with ExitStack() as stack:
        listed = sorted(files.find(paths, stack, asked.zone), key=lambda entry: entry.path)
        fallbacks = [path.resolve().stem if path.is_file() else path.resolve().name for path in paths]
        alone = len(paths) == 1 and paths[0].is_file() and paths[0].suffix.lower() != ".zip"
        named = before.names if before else {}
        owned = accounts.owners(listed, fallbacks, asked.layout, asked.roster, known, named, only, alone)
        submissions, rows = _read(listed, owned, asked, only)
    people = owned.people.members
    if only and not any(item.student == only for item in submissions):
        some = ", ".join(person.student for person in people[:10]) or "nobody"
        raise GradingError(f"{paths[0]}: no files from {only}; found {some}", student=only)
    called = {key: name for key, name in owned.names.items() if only in ("", name)}
    if only and not asked.roster:
        people = tuple(person for person in people if person.student == only) or (Person(only),)
    new = Intake(tuple(submissions), tuple(rows), people, called, owned.notes)
    return _joined(before, new, only) if before and part else new


def _only(asked: Asked, known: People | None) -> str:
    """Return the only student to be read: from the roster or an earlier grading, else by the given name."""
    people = asked.roster or known
    try:
        return people.find(asked.only) if asked.only and people else names.clean(asked.only) if asked.only else ""
    except Unmatched as error:
        if asked.roster or error.several:
            raise GradingError(f"--only {readable(asked.only)}: {error}", student=asked.only) from error
        return names.clean(asked.only)


def _joined(before: Intake, new: Intake, only: str) -> Intake:
    """Return an earlier intake with new files added; for the only student, new files replace the old ones."""
    paths = {(row.student, row.path) for row in new.rows}
    people = {person.student: person for person in (*before.people, *new.people)}
    submissions = [
        item for item in before.submissions if item.student != only and (item.student, item.path) not in paths
    ]
    rows = [row for row in before.rows if row.student != only and (row.student, row.path) not in paths]
    return Intake((*submissions, *new.submissions), (*rows, *new.rows), tuple(people.values()),
                  {**before.names, **new.names}, tuple(dict.fromkeys((*before.notes, *new.notes))))  # fmt: skip


@dataclass(slots=True)
class _Taken:
    """The results for the files so far."""

    owned: Owners
    zone: tzinfo
    submissions: list[Submission] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    maybe: list[Submission] = field(default_factory=list)
    data: dict[str, str] = field(default_factory=dict)  # path of a file that a notebook reads: notebook
    seen: set[str] = field(default_factory=set)
    numbers: Counter[str] = field(default_factory=Counter)
    sizes: Counter[str] = field(default_factory=Counter)

    def of_nobody(self, entry: Entry) -> None:
        """Note a file that belongs to no student."""
        said = self.owned.reasons[entry.path]
        junk = entry.kind == JUNK or (entry.kind == OTHER and said == accounts.NAMELESS)
        status = NOT_USED if junk else NOBODY
        self.rows.append(replace(self._row(entry, entry, ""), status=status,
                                 reason="; ".join(filter(None, (said, entry.problem)))))  # fmt: skip

    def add(self, item: Entry, outer: Entry, student: str, beside: Sequence[Entry]) -> None:
        """Note a student's file, perhaps from the zip ``outer``, and its content."""
        row = self._row(item, outer, student)
        self.numbers[student] += item.kind == NOTEBOOK and not item.problem
        found = self._read(item, student)
        found = replace(found, student=student, path=row.path, modified=row.modified)
        if not found.problem:
            found = self._with_data(found, beside)
        self.sizes[student] += sum(map(len, found.answers.values())) + sum(len(cell.source) for cell in found.own)
        row = replace(row, lesson=found.lesson, reason=found.problem)
        sure = not found.problem or (item.kind in (NOTEBOOK, ZIP) and found.problem != notebook.STRAY)
        if sure:
            self.submissions.append(found)
        elif item.kind != JUNK and item.problem != "an empty folder":
            self.maybe.append(found)
        self.rows.append(replace(row, status=USED if not found.problem else UNREADABLE if sure else NOT_USED))

    def _read(self, item: Entry, student: str) -> Submission:
        too_many = self.numbers[student] > notebook.MOST_NOTEBOOKS or self.sizes[student] > notebook.LARGEST_CODE
        return notebook.read(item, too_many)

    def _row(self, item: Entry, outer: Entry, student: str) -> Row:
        told = readable(item.path)
        while told in self.seen:  # paths that differ only in invisible characters
            told += "'"
        self.seen.add(told)
        modified = self.owned.modified(outer, self.zone)
        return Row(told, NOBODY, student, "", 0, modified, self.owned.owners[outer.path].layout, item.problem)

    def _with_data(self, found: Submission, beside: Sequence[Entry]) -> Submission:
        """Return a submission with the data files that the student handed in with the notebook."""
        code = "\n".join((*found.answers.values(), *(cell.source for cell in found.own)))
        named = {entry.path.rpartition("/")[2]: entry for entry in beside}
        readers = ((name, partial(files.start, entry, own_files.LARGEST + 1)) for name, entry in named.items())
        taken, notes = own_files.taken_along(readers, code)
        self.data |= {readable(named[name].path): f"data for {found.path}" for name in taken if name in code}
        return replace(found, files=taken, notes=(*found.notes, *notes))


def _read(listed: Sequence[Entry], owned: Owners, asked: Asked, only: str) -> tuple[list[Submission], list[Row]]:
    """Read one file after the other; keep the row of each file and, if it can be graded, its submission."""
    taken = _Taken(owned, asked.zone)
    beside = _data((owned.students[entry.path], entry) for entry in listed if entry.path in owned.students)
    for entry in listed:
        student = owned.students.get(entry.path, "")
        if only and student != only:
            continue
        if not student:
            taken.of_nobody(entry)
            continue
        with ExitStack() as stack:
            opens = entry.kind == ZIP and not entry.problem
            items = zips.inside(entry, stack) if opens else [entry]
            around = _data((student, item) for item in items) if opens else beside
            for item in items:
                taken.add(item, entry, student, around.get((student, _folder(item)), ()))
    rows = [replace(row, status=USED, reason=taken.data[row.path]) if row.path in taken.data else row
            for row in taken.rows]  # fmt: skip
    maybe = [item for item in taken.maybe if item.path not in taken.data]
    return taken.submissions + _missed(taken.submissions, maybe), rows


def _data(entries: Iterable[tuple[str, Entry]]) -> dict[tuple[str, str], list[Entry]]:
    """Return the plain files that are not notebooks or zips, by student and folder."""
    found: defaultdict[tuple[str, str], list[Entry]] = defaultdict(list)
    for student, entry in entries:
        if entry.kind == OTHER and entry.opened:
            found[student, _folder(entry)].append(entry)
    return found


def _folder(entry: Entry) -> str:
    return entry.path.rpartition("/")[0]


def _missed(submissions: Sequence[Submission], maybe: Sequence[Submission]) -> list[Submission]:
    """Return unreadable files that may be submissions, for students without a readable one."""
    have = {(item.student, item.lesson) for item in submissions}
    have |= {(student, "") for student, _ in have}
    return list({(item.student, item.lesson): item for item in reversed(maybe)
                 if (item.student, item.lesson) not in have}.values())  # fmt: skip
