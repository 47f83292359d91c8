"""One submitted notebook, reduced to the sources of its answers and the student's additions. No code is run."""

from __future__ import annotations

import difflib
import hashlib
from collections import Counter
from dataclasses import replace

from mrskit.course import index
from mrskit.grading.intake import cells, files, names, release
from mrskit.grading.intake.additions import additions
from mrskit.grading.intake.cells import CodeCell, Handed, Unreadable
from mrskit.grading.intake.found import Entry, Refused
from mrskit.grading.intake.release import Step
from mrskit.grading.records import Cell, Submission, readable

MOST_NOTEBOOKS = 200  # notebooks read from one student
LARGEST_CODE = 3_000_000  # characters of all code that is kept from one student
STRAY = "not a lesson of the course: found no lesson name and no exercise"


def read(entry: Entry, too_much: bool) -> Submission:
    """Return the submission in a file, still without the student's name; invalid content does not raise an error."""
    empty = Submission("", names.lesson(entry.path), entry.path, "")
    try:
        if entry.problem:
            raise Unreadable(entry.problem)
        if too_much:
            raise Unreadable(f"the student has handed in more than {MOST_NOTEBOOKS} notebooks or "
                             f"{LARGEST_CODE / 1e6:.0f} MB of code; this one was not read")  # fmt: skip
        data = files.read(entry)
        empty = replace(empty, digest=hashlib.sha256(data).hexdigest() if data else "")
        return _taken(cells.read(data), empty)
    except (Unreadable, Refused) as error:
        return replace(empty, problem=readable(str(error)))
    except Exception as error:  # one file never stops the grading of a class
        return replace(empty, problem=readable(f"the grader failed ({type(error).__name__}: {error!s:.80})"))


def _taken(handed: Handed, empty: Submission) -> Submission:
    claims = {cell.number: _claims(cell) for cell in handed.cells}
    lesson = _lesson(handed, claims, empty.lesson)
    if not lesson:
        raise Unreadable(STRAY)
    known = {exercise.id for exercise in index.lesson_exercises(lesson)}
    answers, left, notes = _answers(handed.cells, claims, known)
    own, changed = _placed(handed.cells, answers, left, lesson)
    notes += [f"changed and not used: {what}" for what in changed]
    named = {name for cell in handed.cells for name, _ in (*claims[cell.number], *cells.given(cell.source))}
    notes += _strange(named - known, known)
    elsewhere = {name for name in known for cell in own if name in cell.source}  # handed in by a loop, perhaps
    turned = {step: kind for step, kind in _turned(handed, lesson) if step.exercise not in answers.keys() | elsewhere}
    notes += [f"{step.exercise or release.label(step)} was turned into {kind}: "
              + ("only code cells can hand in an answer" if step.exercise else "the release's cell counts")
              for step, kind in turned.items()]  # fmt: skip
    if missing := sorted(known - answers.keys() - elsewhere - {step.exercise for step in turned}):
        notes.append(f"no cell for {', '.join(missing)}")
    sources = {name: source for name, (_, source) in answers.items()}
    return replace(empty, lesson=lesson, answers=sources, own=own, notes=tuple(notes))


def _claims(cell: CodeCell) -> list[tuple[str, int]]:
    """Return the exercises of a cell: those that it hands in, else those in its metadata (line 0)."""
    ids = {exercise.id for exercise in index.all_exercises()}
    found = cells.given(cell.source)
    if cell.exercise and not any(name in ids for name, _ in found):  # no exercise, or a mistyped id
        return [(cell.exercise, 0)]
    return found


def _strange(names: set[str], known: set[str]) -> list[str]:
    """Return notes on answers for exercises that are not in the lesson: other lessons' ids and mistyped ids."""
    all_ids = {exercise.id for exercise in index.all_exercises()}
    foreign = sorted(names & all_ids)
    notes = [f"exercises of a different lesson, not used: {', '.join(foreign)}"] if foreign else []
    for name in sorted(names - all_ids):
        close = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.0)
        notes.append(f"{name} is not an exercise, not used; did you mean {close[0]}?")
    return notes


def _turned(handed: Handed, lesson: str) -> list[tuple[Step, str]]:
    """Return the cells of the release that are no longer code cells, with their new kind."""
    ids, sources = ({part(cell) for cell in handed.cells} for part in (lambda cell: cell.id, _source))
    gone = [step for step in release.release(lesson) if step.id not in ids and _source(step) not in sources]
    found = []
    for kind, cell in handed.others:
        names = {cell.exercise, *(name for name, _ in cells.given(cell.source))} - {""}
        found += [(step, {"raw": "raw text"}.get(kind, "Markdown")) for step in gone
                  if step.id == cell.id or step.exercise in names or _source(step) == _source(cell)]  # fmt: skip
    return found


def _source(cell: CodeCell | Step) -> str:
    return cells.normal(cell.source)


def _lesson(handed: Handed, claims: dict[int, list[tuple[str, int]]], by_name: str) -> str:
    """Return the lesson from the metadata, else from most exercises in the cells, else from the file name."""
    if handed.lesson in index.lessons():
        return handed.lesson
    known = {exercise.id for exercise in index.all_exercises()}
    counted = Counter(index.lesson_of(name) for found in claims.values() for name, _ in found if name in known)
    return counted.most_common(1)[0][0] if counted else by_name


def _answers(
    handed: tuple[CodeCell, ...], claims: dict[int, list[tuple[str, int]]], known: set[str]
) -> tuple[dict[str, tuple[int, str]], set[int], list[str]]:
    """
    Return the answer to each exercise (cell number, source), the cells without an answer, and notes.

    If several cells hand in the same exercise, the last answered cell counts. Cells that only have the exercise's
    metadata (such as both halves of a split cell) count if there is no other cell. Otherwise they are the learner's own
    code.
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
                if name not in handing or cells.answered(source) or not cells.answered(answers[name][1]):
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
            notes.append(f"{named[0]}: its cell does not hand in an answer")
    notes += [f"{name}: {len(numbers)} cells hand in this exercise, the last one "
              f"{'counts' if answers[name][0] == numbers[-1] else 'that is answered counts'}"
              for name, numbers in handing.items() if len(numbers) > 1]  # fmt: skip
    return answers, left, notes


def _placed(
    handed: tuple[CodeCell, ...], answers: dict[str, tuple[int, str]], left: set[int], lesson: str
) -> tuple[tuple[Cell, ...], list[str]]:
    """Return the learner's own cells with their positions, and the changed cells of the release."""
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
            if not cells.same(cell.source, step.source):
                added = additions(cell.source, step)
                previous = shipped[shipped.index(step) - 1].id if step is not shipped[0] else ""
                own += [Cell(place, text) for place, text in ((previous, added.before), (step.id, added.after)) if text]
                changed += [f"{release.label(step)}, {line}" for line in added.changed]
            after = step.id
    return tuple(own), changed
