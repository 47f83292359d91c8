"""Submitted notebooks: found, read under caps, and reduced to the sources of their answers. Nothing of them is run."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, tzinfo
from pathlib import Path

from mrskit.course import index
from mrskit.errors import GradingError
from mrskit.grading.intake import accounts, attempts, cells, files, names, release, zips
from mrskit.grading.intake.accounts import NOBODY, NOT_USED, UNREADABLE, USED, Owners, Row
from mrskit.grading.intake.cells import CodeCell, Handed, Unreadable
from mrskit.grading.intake.found import JUNK, NOTEBOOK, OTHER, ZIP, Entry, Refused
from mrskit.grading.intake.roster import People, Person, Unmatched
from mrskit.grading.records import Cell, Submission, readable

MOST_NOTEBOOKS = 200  # read of one student
LARGEST_CODE = 3_000_000  # characters of all code that is kept of one student
_STRAY = "it is no lesson of the course: no name of a lesson and no exercise in it"


@dataclass(frozen=True, slots=True)
class Intake:
    """Everything that was handed in."""

    submissions: tuple[Submission, ...] = ()  # all attempts; of what could not be read one that says why
    rows: tuple[Row, ...] = ()  # one for each file
    people: tuple[Person, ...] = ()  # of the roster, else all of whom something was found
    names: Mapping[str, str] = field(default_factory=dict)  # of students without a roster, by what tells them apart
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """How files are told apart."""

    layout: str = "auto"
    roster: People | None = None
    zone: tzinfo = UTC  # of times that name none
    only: str = ""  # the one student of whom anything is taken


def collect(source: Path | Sequence[Path]) -> list[Submission]:
    """Return the newest notebook of each student and lesson, sorted by lesson and student; see `take`."""
    found = attempts.groups(take(source, Asked()).submissions)
    return [attempts.chosen(group, attempts.NEWEST, lambda _: 0.0) for group in found]


def take(source: Path | Sequence[Path], asked: Asked, before: Intake | None = None) -> Intake:
    """
    Return what students have handed in: a folder, a zip, a notebook, or several of these.

    Students of an earlier grading, ``before``, keep their names. If ``only`` is set, or the source is nothing but
    notebooks, what it holds of other students and files stays.

    Raises
    ------
    GradingError
        If the source does not exist, is no folder, zip or notebook, or holds nothing of the student that is asked for.
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
        raise GradingError(f"{paths[0]}: nothing of {only} there; found {some}", student=only)
    called = {key: name for key, name in owned.names.items() if only in ("", name)}
    if only and not asked.roster:
        people = tuple(person for person in people if person.student == only) or (Person(only),)
    new = Intake(tuple(submissions), tuple(rows), people, called, owned.notes)
    return _joined(before, new, only) if before and part else new


def _only(asked: Asked, known: People | None) -> str:
    """Return the student of whom anything is taken: of the roster or an earlier grading, else by the name as it is."""
    people = asked.roster or known
    try:
        return people.find(asked.only) if asked.only and people else names.clean(asked.only) if asked.only else ""
    except Unmatched as error:
        if asked.roster or error.several:
            raise GradingError(f"--only {readable(asked.only)}: {error}", student=asked.only) from error
        return names.clean(asked.only)


def _joined(before: Intake, new: Intake, only: str) -> Intake:
    """Return an earlier intake in which new files stand beside the old ones, or, of the only student, for them."""
    paths = {(row.student, row.path) for row in new.rows}
    people = {person.student: person for person in (*before.people, *new.people)}
    submissions = [
        item for item in before.submissions if item.student != only and (item.student, item.path) not in paths
    ]
    rows = [row for row in before.rows if row.student != only and (row.student, row.path) not in paths]
    return Intake((*submissions, *new.submissions), (*rows, *new.rows), tuple(people.values()),
                  {**before.names, **new.names}, tuple(dict.fromkeys((*before.notes, *new.notes))))  # fmt: skip


def _read(listed: Sequence[Entry], owned: Owners, asked: Asked, only: str) -> tuple[list[Submission], list[Row]]:
    """Read one file after the other; of each its row and, if it may be graded, its submission is kept."""
    submissions, rows, maybe = [], [], []
    seen: set[str] = set()
    numbers, sizes = Counter[str](), Counter[str]()
    for entry in listed:
        student, owner = owned.students.get(entry.path, ""), owned.owners[entry.path]
        if only and student != only:
            continue
        modified = owned.modified(entry, asked.zone)
        for item in _opened(entry) if student else [entry]:
            told = readable(item.path)
            while told in seen:  # paths that differ only in what is not shown
                told += "'"
            seen.add(told)
            row = Row(told, NOBODY, student, "", 0, modified, owner.layout, item.problem)
            if not student:
                said = owned.reasons[entry.path]
                junk = item.kind == JUNK or (item.kind == OTHER and said == accounts.NAMELESS)
                rows.append(replace(row, status=NOT_USED if junk else NOBODY,
                                    reason="; ".join(filter(None, (said, item.problem)))))  # fmt: skip
                continue
            numbers[student] += item.kind == NOTEBOOK and not item.problem
            found = _submission(item, numbers[student] > MOST_NOTEBOOKS or sizes[student] > LARGEST_CODE)
            found = replace(found, student=student, path=row.path, modified=modified)
            sizes[student] += sum(map(len, found.answers.values())) + sum(len(cell.source) for cell in found.own)
            row = replace(row, lesson=found.lesson, reason=found.problem)
            sure = not found.problem or (item.kind in (NOTEBOOK, ZIP) and found.problem != _STRAY)
            if sure:
                submissions.append(found)
            elif item.kind != JUNK and item.problem != "an empty folder":
                maybe.append(found)
            rows.append(replace(row, status=USED if not found.problem else UNREADABLE if sure else NOT_USED))
    return submissions + _missed(submissions, maybe), rows


def _opened(entry: Entry) -> Iterator[Entry]:
    return zips.inside(entry) if entry.kind == ZIP and not entry.problem else iter([entry])


def _missed(submissions: Sequence[Submission], maybe: Sequence[Submission]) -> list[Submission]:
    """Return what may be meant as a hand-in though it cannot be read: where its student has nothing better."""
    have = {(item.student, item.lesson) for item in submissions}
    have |= {(student, "") for student, _ in have}
    return list({(item.student, item.lesson): item for item in reversed(maybe)
                 if (item.student, item.lesson) not in have}.values())  # fmt: skip


def _submission(entry: Entry, too_much: bool) -> Submission:
    """Return what one file holds, its student still without a name; nothing that is in it raises."""
    empty = Submission("", names.lesson(entry.path), entry.path, "")
    try:
        if entry.problem:
            raise Unreadable(entry.problem)
        if too_much:
            raise Unreadable(f"its student has handed in more than {MOST_NOTEBOOKS} notebooks or "
                             f"{LARGEST_CODE / 1e6:.0f} MB of code; this one was not read")  # fmt: skip
        data = files.read(entry)
        empty = replace(empty, digest=hashlib.sha256(data).hexdigest() if data else "")
        return _taken(cells.read(data), empty)
    except (Unreadable, Refused) as error:
        return replace(empty, problem=readable(str(error)))
    except Exception as error:  # one file never ends the class
        return replace(empty, problem=readable(f"the grader failed at it ({type(error).__name__}: {error!s:.80})"))


def _taken(handed: Handed, empty: Submission) -> Submission:
    claims = {cell.number: _claims(cell) for cell in handed.cells}
    lesson = _lesson(handed, claims, empty.lesson)
    if not lesson:
        raise Unreadable(_STRAY)
    known = {exercise.id for exercise in index.lesson_exercises(lesson)}
    answers, left, notes = _answers(handed.cells, claims, known)
    own, changed = _placed(handed.cells, answers, left, lesson)
    notes += [f"changed and not used: {what}" for what in changed]
    if foreign := sorted({name for found in claims.values() for name, _ in found} - known):
        notes.append(f"exercises of another lesson, not used: {', '.join(foreign)}")
    if missing := sorted(known - answers.keys()):
        notes.append(f"no cell for {', '.join(missing)}")
    sources = {name: source for name, (_, source) in answers.items()}
    return replace(empty, lesson=lesson, answers=sources, own=own, notes=tuple(notes))


def _claims(cell: CodeCell) -> list[tuple[str, int]]:
    """Return the exercises that a cell is for: what it hands in, else what its metadata say (line 0)."""
    return cells.given(cell.source) or ([(cell.exercise, 0)] if cell.exercise else [])


def _lesson(handed: Handed, claims: dict[int, list[tuple[str, int]]], by_name: str) -> str:
    """Return the lesson: that of the metadata, else that of most exercises in the cells, else that of the file name."""
    if handed.lesson in index.lessons():
        return handed.lesson
    known = {exercise.id for exercise in index.all_exercises()}
    counted = Counter(index.lesson_of(name) for found in claims.values() for name, _ in found if name in known)
    return counted.most_common(1)[0][0] if counted else by_name


def _answers(
    handed: tuple[CodeCell, ...], claims: dict[int, list[tuple[str, int]]], known: set[str]
) -> tuple[dict[str, tuple[int, str]], set[int], list[str]]:
    """
    Return the answer of each exercise (number of its cell, source), the cells that hold no answer, and notes.

    Of several cells that hand in the same exercise the last one counts; cells that only carry its metadata, as both
    halves of a split cell do, count where no other does, and else are the learner's own code.
    """
    answers: dict[str, tuple[int, str]] = {}
    handing: dict[str, list[int]] = {}
    left, notes = set(), []
    for cell in handed:
        found = [(name, line) for name, line in claims[cell.number] if name in known]
        if found and found[0][1]:
            if len({name for name, _ in found}) > 1:
                notes.append(f"one cell hands in {', '.join(dict.fromkeys(name for name, _ in found))}; it was split")
            for name, source in cells.split(cell.source, found).items():
                answers[name] = (cell.number, source)
                handing.setdefault(name, []).append(cell.number)
        elif not found:
            left.add(cell.number)
    for cell in handed:
        named = [name for name, line in claims[cell.number] if name in known and not line]
        if named and named[0] in handing:
            left.add(cell.number)
        elif named:
            answers[named[0]] = (cell.number, cell.source)
            notes.append(f"{named[0]}: its cell hands nothing in")
    notes += [f"{name}: {len(numbers)} cells hand it in, the last one counts"
              for name, numbers in handing.items() if len(numbers) > 1]  # fmt: skip
    return answers, left, notes


def _placed(
    handed: tuple[CodeCell, ...], answers: dict[str, tuple[int, str]], left: set[int], lesson: str
) -> tuple[tuple[Cell, ...], list[str]]:
    """Return the learner's own cells with their places, and what cells of the release were changed."""
    shipped = release.release(lesson)
    numbers = {number: name for name, (number, _) in answers.items()}
    place_of = {step.exercise: step.id for step in shipped if step.exercise}
    kept = release.kept_ids(handed, shipped)
    own, changed, after = [], [], ""
    for cell in handed:
        if cell.number in numbers:
            after = place_of.get(numbers[cell.number], after)
        elif cell.number in left and cell.source.strip():
            step = release.match(cell, shipped, not kept)
            if step is None:
                own.append(Cell(after, cell.source))
                continue
            after = step.id
            if not cells.same(cell.source, step.source):
                changed.append(release.label(step))
    return tuple(own), changed
