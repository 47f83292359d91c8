"""
Answers that resemble a different student's answers, by cell: for the class page, never for students.

Two cells are equal if their code is equal except for blanks, comments, names and the rounding of numbers. The weight of
a cell is its number of names that are not in the release. Typed numbers and letters have no weight, because right
answers are equal anyway. Code that many students share has a lower weight.
"""

from __future__ import annotations

import builtins
import keyword
import re
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from itertools import combinations, pairwise

from mrskit.grading.intake.release import release
from mrskit.grading.records import Submission

SHARE = 0.5  # share of the weight of two students' answers; independent solutions stay below 0.15 (test_resemblance.py)
ENOUGH = 40  # minimum number of names in equal code: fewer may be chance
TELLING = 6  # names in one cell that are enough to compare two students
LONGEST = 20_000  # characters of a cell that are looked at
ALL_PAIRS = 30  # largest group with the same cell in which all pairs are compared; else only neighbours
MOST_NAMED = 5  # students in one note
_KEPT = frozenset(keyword.kwlist) | frozenset(dir(builtins))
_EMPTY = re.compile(r"^[\w, \t]++=[ \t]*+\.\.\.[ \t.,]*+(#.*)?$", re.MULTILINE)  # the answer that is to be replaced
_PIECE = re.compile(
    r"(?P<blank>\s+|\\\r?\n|;|#[^\n]*)|(?P<text>(?P<quote>\"\"\"|''')(?:\\.|.)*?(?:(?P=quote)|\Z)"
    r"|\"(?:\\.|[^\"\\\n])*\"?|'(?:\\.|[^'\\\n])*'?)|(?P<number>\.?\d(?:[eE][+-]|[\w.])*)|(?P<name>\w+)|.",
    re.DOTALL,
)

Place = tuple[str, str]  # student, lesson
Cell = tuple[str, ...]  # pieces of code
Answers = dict[str, tuple[Cell, int]]  # by exercise, with the number of names that the release's cell does not have
Groups = dict[tuple[str, Cell], list[str]]  # students by exercise and cell


def resembling(submissions: Sequence[Submission]) -> dict[Place, str]:
    """Return a note for each submission that resembles other students' submissions, most similar first."""
    found: dict[str, dict[str, Answers]] = defaultdict(dict)
    for item in submissions:
        if not item.problem:
            found[item.lesson][item.student] = _answered(item)
    return {(student, lesson): note for lesson, cells in found.items() for student, note in _notes(cells).items()}


@lru_cache(maxsize=4096)
def pieces(source: str) -> Cell:
    """Return the tokens of a cell without blanks and comments; names are numbered in order and numbers rounded."""
    names: dict[str, str] = {}
    kept: list[str] = []
    for found in _PIECE.finditer(_EMPTY.sub("", source[:LONGEST])):
        text = found[0]
        if found["blank"]:
            continue
        if found["name"] and text not in _KEPT and kept[-1:] != ["."]:
            text = names.setdefault(text, f"name {len(names)}")
        elif found["text"]:
            text = "'" + "".join(text.strip("\"'").split())
        elif found["number"]:
            text = _rounded(text)
        kept.append(text)
    return tuple(kept)


def _rounded(number: str) -> str:
    try:
        return f"{float(number.replace('_', '')):.2g}"
    except ValueError:  # in another base, imaginary, or none
        return number


def _answered(item: Submission) -> Answers:
    """Return the code of each answer that differs from the release."""
    shipped = {step.exercise: pieces(step.source) for step in release(item.lesson) if step.exercise}
    cells = {name: pieces(source) for name, source in item.answers.items()}
    return {name: (cell, max(_names(cell) - _names(shipped.get(name, ())), 0))
            for name, cell in cells.items() if cell != shipped.get(name)}  # fmt: skip


def _names(cell: Cell) -> int:
    return sum(piece[0].isalpha() or piece[0] == "_" for piece in cell)


def _notes(cells: dict[str, Answers]) -> dict[str, str]:
    """Return notes by student on one lesson, from the answers of each student."""
    groups: Groups = defaultdict(list)
    for student in sorted(cells):
        for name, (cell, _) in cells[student].items():
            groups[name, cell].append(student)
    telling = (group for (name, cell), group in groups.items() if cells[group[0]][name][1] >= TELLING)
    alike: dict[str, list[tuple[float, str, str]]] = defaultdict(list)
    pairs = (combinations(group, 2) if len(group) <= ALL_PAIRS else pairwise(group) for group in telling)
    for pair in sorted({pair for some in pairs for pair in some}):
        share, names, equal, both = _share(cells, pair, groups)
        if share >= SHARE and names >= ENOUGH:
            for student, other in (pair, pair[::-1]):
                alike[student].append((-share, other, f"{other} ({equal} of {both}, {share:.0%} of the code)"))
    return {student: _note([text for *_, text in sorted(found)]) for student, found in alike.items()}


def _share(cells: dict[str, Answers], pair: tuple[str, str], groups: Groups) -> tuple[float, int, int, int]:
    """Return the share of code that two students have in common, with the number of names and of cells."""
    one, other = (cells[student] for student in pair)
    equal = total = 0.0
    same, both = [], sorted(one.keys() & other.keys())
    for name in both:
        (cell, count), (second, theirs) = one[name], other[name]
        weight = min(1.0, max(2.0, len(cells) / 3) / len(groups[name, cell])) if cell == second else 1.0
        total += weight * max(count, theirs)
        if cell == second:
            equal += weight * count
            same.append(count)
    return equal / max(total, 1.0), sum(same), len(same), len(both)


def _note(others: list[str]) -> str:
    more = f" and {len(others) - MOST_NAMED} more" if len(others) > MOST_NAMED else ""
    named = ", ".join(others[:MOST_NAMED])
    return f"answers are equal, except for blanks, comments, names and rounding, to the answers of {named}{more}"
