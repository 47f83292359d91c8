"""Where each slide of the workshop has its place in the lessons, and the README of the lessons that shows it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
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

The notebooks are made from `source/` by `mrskit build`; never edit the `.ipynb` files or this one. They follow the
slides of the workshop; the second table says where each slide has its place. Headings that repeat are slides that build
up. The column *Workshop* has the minutes of a path for half a day. Its sections and exercises are marked ◆ in the
notebooks, and `mrskit start --path workshop` counts these alone.

"""


@dataclass(frozen=True, slots=True)
class Place:
    """One heading of the slides, and where the course treats it."""

    heading: str
    depth: int  # 1 to 3, of the heading
    lesson: str  # "01" to "06"
    section: str  # heading of the lesson, without its number
    exercises: tuple[str, ...]  # ids; none for the title and the like


def places(folder: Path) -> tuple[Place, ...]:
    """
    Return the places of all headings of the slides, in the order of the slides.

    Raises
    ------
    LessonError
        If the file is damaged, or its places are not those of its list of headings.
    """
    path = folder / FILE
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        deck = [(int(depth), str(heading)) for depth, heading in table["deck"]]
        named = [str(row["heading"]) for row in table["place"]]
        if named != [heading for _, heading in deck]:
            first = next(number for number in range(len(deck) + 1) if named[: number + 1] != _names(deck)[: number + 1])
            raise LessonError(f"{path}: heading {first + 1} of the slides has no place; expected one place for each "
                              "heading, in the same order", path=path, number=first + 1)  # fmt: skip
        return tuple(
            Place(heading, depth, row["lesson"], row["section"], tuple(row["exercises"]))
            for (depth, heading), row in zip(deck, table["place"], strict=True)
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise LessonError(f"{path}: not readable as a table of slides ({error!r:.100})", path=path) from error


def headings(notebook: nbformat.NotebookNode) -> tuple[str, ...]:
    """Return the headings of a notebook in their order, with their numbers."""
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
    """
    Return the README of the lessons: a table of them, and the table of the slides.

    Parameters
    ----------
    folder : Path
        Holds ``slides.toml``.
    notebooks : mapping of str to notebook
        The lessons by name, in their order.
    """
    sections = {
        name[:2]: {unnumbered(heading): heading for heading in headings(notebook)}
        for name, notebook in notebooks.items()
    }
    files = {name[:2]: f"{name}.ipynb" for name in notebooks}
    rows = []
    for number, place in enumerate(places(folder), 1):
        section = sections.get(place.lesson, {}).get(place.section, place.section)
        ids = ", ".join(f"`{name}`" for name in place.exercises) or "–"
        heading = f"{'– ' * (place.depth - 1)}{_cell(place.heading)}"
        rows.append(
            f"| {number} | {heading} | [{place.lesson}]({files.get(place.lesson)}) | {_cell(section)} | {ids} |"
        )
    head = "| | Heading of the slides | Lesson | Section | Exercises |\n|---:|---|---|---|---|\n"
    table = _lessons_table(notebooks)
    return f"{_INTRODUCTION}{table}\n## Slide by slide\n\n{head}" + "\n".join(rows) + "\n"


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


def _names(deck: list[tuple[int, str]]) -> list[str]:
    return [heading for _, heading in deck]


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
