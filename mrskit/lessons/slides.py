"""The table of the workshop's slides and their places in the lessons, for the README of the lessons."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import nbformat

from mrskit.course import index
from mrskit.errors import LessonError
from mrskit.lessons import marks

FILE = "slides.toml"
_HEADING = re.compile(r"^(#{1,6}) +(.+?) *$", re.MULTILINE)
_NUMBER = re.compile(r"^\d+ · ")
_TIME = re.compile(r"\*\*Time\.\*\* (\d+) minutes")
_INTRODUCTION = """# The lessons

`mrskit build` makes the notebooks and this file from `source/`; never edit them directly. The lessons follow the
slides of the workshop. For each heading, bullet and question of the slides, the second table gives the
section with its exercises and figures, or the words that cover it. Slides that build up repeat a line, which then
has the number of the first. The column *Workshop* gives the minutes of the half-day path. Its sections and
exercises are marked ◆ in the notebooks, and `mrskit start --path workshop` counts only these.

"""


@dataclass(frozen=True, slots=True)
class Place:
    """One heading, bullet or question of the slides, and its place in the course."""

    deck: str  # its text, or the start of it
    depth: int  # 1 to 3 for a heading, 4 for a bullet, 5 for a bullet below a bullet
    lesson: str  # "01" to "06"
    section: str  # heading of the lesson, without its number
    exercises: tuple[str, ...] = ()  # ids, each optionally with "/" and the part
    figures: tuple[str, ...] = ()  # names, as in Plots/
    words: str = ""  # words of the section, required without exercise and figure
    same: int | None = None  # number, from 1, of the earlier line that this line repeats


def places(folder: Path) -> tuple[Place, ...]:
    """
    Return the places of all lines on the slides, in order.

    Raises
    ------
    LessonError
        If the file is damaged, or a line has no place.
    """
    path = folder / FILE
    found: list[Place] = []
    first: dict[str, int] = {}
    try:
        for row in tomllib.loads(path.read_text(encoding="utf-8"))["place"]:
            deck, root = row["deck"], row.get("as", row["deck"])
            if "lesson" in row:
                exercises, figures = (tuple(row.get(key, ())) for key in ("exercises", "figures"))
                found.append(Place(deck, row["depth"], row["lesson"], row["section"], exercises=exercises,
                                   figures=figures, words=row.get("words", "")))  # fmt: skip
                first.setdefault(deck, len(found))
            elif root in first:
                found.append(replace(found[first[root] - 1], deck=deck, depth=row["depth"], same=first[root]))
            else:
                raise LessonError(f"{path}: '{deck}' on the slides has no place; expected a lesson and a section, or "
                                  "the words of an earlier line", path=path, deck=deck)  # fmt: skip
        return tuple(found)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise LessonError(f"{path}: not readable as a table of slides ({error!r:.100})", path=path) from error


def headings(notebook: nbformat.NotebookNode) -> tuple[str, ...]:
    """Return the headings of a notebook in order, with their numbers."""
    found = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            prose = re.sub(r"```.*?```", "", cell.source, flags=re.DOTALL)
            found += [heading for _, heading in _HEADING.findall(prose)]
    return tuple(found)


def unnumbered(heading: str) -> str:
    """Return a heading of a lesson without its number."""
    return _NUMBER.sub("", heading)


def minutes(notebook: nbformat.NotebookNode) -> int:
    """Return the time that a lesson states for itself, or 0."""
    found = _TIME.search(notebook.cells[0].source.replace("\n", " ")) if notebook.cells else None
    return int(found[1]) if found else 0


def readme(folder: Path, notebooks: Mapping[str, nbformat.NotebookNode]) -> str:
    """Return the README of the lessons, with tables of the lessons and of the slides."""
    sections = {
        name[:2]: {unnumbered(heading): heading for heading in headings(notebook)}
        for name, notebook in notebooks.items()
    }
    files = {name[:2]: f"{name}.ipynb" for name in notebooks}
    rows = [
        "| | Words of the slides | Lesson | Section | Exercises | Figures, or words |",
        "|---:|---|---|---|---|---|",
    ]
    for number, place in enumerate(places(folder), 1):
        words = f"{'– ' * (place.depth - 1)}{_cell(place.deck)}"
        if place.same:
            rows.append(f"| {number} | {words} | | as {place.same} | | |")
            continue
        section = sections.get(place.lesson, {}).get(place.section, place.section)
        shown = [f"`{name}`" for name in place.figures] + [f"“{place.words}”"] * bool(place.words)
        cells = (_cell(section), ", ".join(map(_exercise, place.exercises)) or "–", _cell(", ".join(shown)) or "–")
        rows.append(f"| {number} | {words} | [{place.lesson}]({files.get(place.lesson)}) | {' | '.join(cells)} |")
    table = "\n".join(rows)
    return f"{_INTRODUCTION}{_lessons_table(notebooks)}\n## Slide by slide\n\n{table}\n"


def _lessons_table(notebooks: Mapping[str, nbformat.NotebookNode]) -> str:
    rows = ["| Lesson | Minutes | Workshop | Exercises | Points |", "|---|---:|---:|---:|---:|"]
    total = [0, 0, 0, 0]
    for name, notebook in notebooks.items():
        exercises = index.lesson_exercises(name)
        numbers = [minutes(notebook), marks.minutes(notebook), len(exercises), sum(item.points for item in exercises)]
        total = [before + number for before, number in zip(total, numbers, strict=True)]
        title = next(iter(headings(notebook)), name)
        rows.append(f"| [{_cell(title)}]({name}.ipynb) | {' | '.join(map(str, numbers))} |")
    return "\n".join([*rows, f"| **Together** | {' | '.join(f'**{number}**' for number in total)} |"]) + "\n"


def _exercise(name: str) -> str:
    identity, _, part = name.partition("/")
    return f"`{identity}`" + f" ({part})" * bool(part)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
