"""Build student and solved notebooks from lesson sources: py:percent files with solutions between two markers."""

from __future__ import annotations

import ast
import copy
import hashlib
import itertools
import re
from collections import Counter
from pathlib import Path

import jupytext
import nbformat

from mrskit.answering.solutions import BEGIN, END
from mrskit.course import index
from mrskit.errors import LessonError
from mrskit.exercises.record import Exercise
from mrskit.lessons import marks, slides
from mrskit.parameters import PARAMETERS
from mrskit.resources import lessons_folder
from mrskit.workspace import write_text

_PROMPT = re.compile(r"^> \*\*Exercise `([^`]*)`\.\*\*$", re.MULTILINE)  # source line in place of a question
_METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def build_lessons(source: Path, out: Path) -> list[Path]:
    """
    Write the student notebooks of all lessons, and their README, and return the paths.

    Parameters
    ----------
    out : Path
        Folder of the notebooks, ``NN_name.ipynb``, replaced only when they change. If it has a table of slides
        (see mrskit.lessons.slides), ``README.md`` is written too.

    Raises
    ------
    LessonError
        If a source is missing or breaks a rule of `check_source`.
    """
    paths = []
    for name, text in _all(source, out).items():
        path = out / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            write_text(path, text)
        paths.append(path)
    return paths


def stale_lessons(source: Path, out: Path) -> list[str]:
    """Return the names of the files that are missing or differ from a build of the sources."""
    expected = _all(source, out)
    stale = [
        name for name, text in expected.items()
        if not (out / name).is_file() or (out / name).read_text(encoding="utf-8") != text
    ]  # fmt: skip
    return stale + sorted(path.name for path in out.glob("*.ipynb") if path.name not in expected)


def student(lesson: str, source: Path | None = None) -> nbformat.NotebookNode:
    """
    Return the learners' notebook of a lesson, without the lines of the solutions.

    Raises
    ------
    LessonError
        If the source is missing or breaks a rule of `check_source`.
    """
    return _without(marked(lesson, source), solutions=True)


def solved(lesson: str, source: Path | None = None) -> nbformat.NotebookNode:
    """
    Return the notebook of a lesson with its solutions, without the marker comments.

    Raises
    ------
    LessonError
        If the source is missing or breaks a rule of `check_source`.
    """
    return _without(marked(lesson, source), solutions=False)


def read_source(path: Path) -> nbformat.NotebookNode:
    """
    Return a lesson source as a notebook, with solutions, markers and deterministic cell ids.

    The id of the exercise is in ``cell.metadata.mrskit.exercise``. Each question appears only as the line that
    marks its place; `student` and `solved` insert the question itself from its record.

    Raises
    ------
    LessonError
        If the file is missing or jupytext cannot read it.
    """
    try:
        found = jupytext.reads(path.read_text(encoding="utf-8"), fmt="py:percent")
    except FileNotFoundError as error:
        raise LessonError(f"{path}: no such lesson source; expected {path.stem}.py in lessons/source",
                          path=path) from error  # fmt: skip
    except Exception as error:  # any error of the parser
        raise LessonError(f"{path.name}: jupytext cannot read it as py:percent ({error})", path=path) from error
    notebook = nbformat.v4.new_notebook(metadata=copy.deepcopy(_METADATA) | {"mrskit": {"lesson": path.stem}})
    for number, cell in enumerate(found.cells):
        metadata = {key: value for key, value in cell.metadata.items() if key in ("tags", "name")}
        exercise = cell.metadata.get("exercise")
        if exercise is not None:
            metadata["mrskit"] = {"exercise": str(exercise)}
        make = nbformat.v4.new_code_cell if cell.cell_type == "code" else nbformat.v4.new_markdown_cell
        notebook.cells.append(make(cell.source, metadata=metadata, id=_cell_id(path.stem, number, exercise)))
    return notebook


def check_source(lesson: str, notebook: nbformat.NotebookNode) -> list[str]:
    """
    Return the problems of a lesson source, one sentence each.

    The rules: one ``parameters`` cell with known names; balanced markers, only in answer cells; in every answer cell
    one exercise, a ``...`` before the solution and the ``give`` call, and valid Python with and without the solution;
    every exercise of the lesson asked exactly once; its question's line between the previous answer cell and its own;
    no question written by hand; and valid exercise records.
    """
    known = {exercise.id for exercise in index.lesson_exercises(lesson)}
    found = index.problems(lesson) + _parameter_problems(notebook) + _prompt_problems(notebook, known)
    asked: Counter[str] = Counter()
    for number, cell in enumerate(notebook.cells):
        exercise = cell.metadata.get("mrskit", {}).get("exercise")
        tagged = "answer" in cell.metadata.get("tags", [])
        where = f"cell {number + 1}{f' ({exercise})' if exercise else ''}"
        if cell.cell_type == "code":
            found += [f"{where}: {problem}" for problem in _marker_problems(cell.source, exercise)]
        if tagged != (exercise is not None):
            found.append(f'{where}: the tag "answer" and exercise="..." belong together')
        if exercise is not None:
            asked[exercise] += 1
            found += [f"{where}: {problem}" for problem in _answer_problems(cell.source, exercise, known)]
    found += [f"exercise {name} is asked {asked[name]} times" for name in sorted(asked) if asked[name] > 1]
    return found + [f"exercise {name} is never asked" for name in sorted(known - asked.keys())]


def _all(source: Path, out: Path) -> dict[str, str]:
    notebooks = {name: student(name, source) for name in index.lessons()}
    texts = {f"{name}.ipynb": nbformat.writes(notebook) + "\n" for name, notebook in notebooks.items()}
    return texts | ({"README.md": slides.readme(out, notebooks)} if (out / slides.FILE).is_file() else {})


def marked(lesson: str, source: Path | None = None) -> nbformat.NotebookNode:
    """Return the notebook of a lesson with its solutions between the markers; raise as `student` does."""
    name = index.lesson_name(lesson)
    notebook = read_source((source or lessons_folder() / "source") / f"{name}.py")
    if found := check_source(name, notebook):
        raise LessonError(f"{name}.py cannot be built:\n  " + "\n  ".join(found), lesson=name, problems=found)
    prompts = {exercise.id: _prompt(exercise) for exercise in index.lesson_exercises(name)}
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = _PROMPT.sub(lambda found: prompts[found[1]], cell.source)
    marks.mark_sections(notebook)
    return notebook


def _prompt(exercise: Exercise) -> str:
    """Return the question of an exercise as a Markdown quotation, with an anchor for links from summaries."""
    anchor = f"<a id='{exercise.id}'></a>{marks.on_path(exercise.id)}"
    lines = f"{anchor}**Exercise `{exercise.id}`.** {exercise.prompt}".splitlines()
    return "\n".join(f"> {line}".rstrip() for line in lines)


def _without(notebook: nbformat.NotebookNode, *, solutions: bool) -> nbformat.NotebookNode:
    """Remove the marker lines of all code cells in place, and the lines between them if ``solutions``."""
    for cell in notebook.cells:
        if cell.cell_type == "code" and BEGIN in cell.source:
            cell.source = _stripped(cell.source, solutions=solutions)
    return notebook


def _stripped(source: str, *, solutions: bool) -> str:
    kept, inside = [], False
    for line in source.splitlines():
        marker = line.strip()
        if marker in (BEGIN, END):
            inside = marker == BEGIN
        elif not (inside and solutions):
            kept.append(line)
    return "\n".join(kept)


def _cell_id(lesson: str, number: int, exercise: str | None) -> str:
    """Return a cell id that depends on the exercise or, without one, on the lesson and the number of the cell."""
    return hashlib.sha256((exercise or f"{lesson}:{number}").encode()).hexdigest()[:12]


def _parameter_problems(notebook: nbformat.NotebookNode) -> list[str]:
    cells = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])]
    if len(cells) != 1:
        return [f'{len(cells)} cells have the tag "parameters", expected one']
    try:
        statements = ast.parse(cells[0].source).body
    except SyntaxError as error:
        return [f"the parameters cell is not valid Python ({error})"]
    names = [node.targets[0].id for node in statements if isinstance(node, ast.Assign)
             and isinstance(node.targets[0], ast.Name)]  # fmt: skip
    found = [f"no lesson has a parameter {name!r}" for name in names if name not in PARAMETERS]
    if len(names) != len(statements):
        found.append("the parameters cell must have only plain assignments")
    return found if "workspace" in names else [*found, "the parameters cell lacks 'workspace'"]


def _prompt_problems(notebook: nbformat.NotebookNode, known: set[str]) -> list[str]:
    """Return the problems of the lines that mark the places of questions."""
    found, places = [], []
    for number, cell in enumerate(notebook.cells, 1):
        exercise = cell.metadata.get("mrskit", {}).get("exercise")
        if cell.cell_type == "markdown":
            names = _PROMPT.findall(cell.source)
            places += names
            found += [f"cell {number}: the lesson has no exercise {name!r}" for name in names if name not in known]
            found += [f"cell {number}: a question written by hand, '{line:.60}'; it belongs in the exercise's "
                      "record, expected only '> **Exercise `id`.**'" for line in _by_hand(cell.source)]  # fmt: skip
        elif exercise is not None:
            if places != [exercise]:
                found.append(f"cell {number} ({exercise}): expected one line '> **Exercise `{exercise}`.**' since the "
                             f"answer cell before, found {' and '.join(places) or 'none'}")  # fmt: skip
            places = []
    return found + [f"no answer cell after the question of {name}" for name in places]


def _by_hand(source: str) -> list[str]:
    """Return the lines of a cell with a question, or part of a question, instead of only its marker line."""
    pairs = itertools.pairwise(["", *source.splitlines()])
    return [line for before, line in pairs if (line.strip() and _PROMPT.match(before))
            or ("**Exercise" in line and not _PROMPT.match(line))]  # fmt: skip


def _marker_problems(source: str, exercise: str | None) -> list[str]:
    markers = [line.strip() for line in source.splitlines() if line.strip().startswith("# solution")]
    if not markers:
        return []
    found = [] if exercise else ["a solution is outside an answer cell"]
    wrong = [marker for marker in markers if marker not in (BEGIN, END)]
    found += [f"no marker {marker!r}, expected {BEGIN!r} or {END!r}" for marker in wrong]
    if not wrong and markers != [BEGIN, END] * (len(markers) // 2):
        found.append(f"the markers are unbalanced: {', '.join(markers)}")
    return found


def _answer_problems(source: str, exercise: str, known: set[str]) -> list[str]:
    found = []
    if exercise not in known:
        found.append("no such exercise in the lesson's module")
    before, marker, _ = source.partition(BEGIN)
    if not marker:
        found.append(f"no solution; expected {BEGIN!r} ... {END!r}")
    if not any(line.split("#")[0].rstrip().endswith("...") for line in before.splitlines()):
        found.append("no line with '...' before the solution")
    for form, solutions in (("for learners", True), ("with its solution", False)):
        try:
            ast.parse(_stripped(source, solutions=solutions))
        except SyntaxError as error:
            found.append(f"the cell {form} is not valid Python ({error})")
    if f'give("{exercise}"' not in source:
        found.append(f'does not call answers.give("{exercise}", ...)')
    return found
