"""
A release for nbgrader 0.9.6: a course folder with a source notebook per lesson, with nbgrader's cell metadata (schema
3).

Sources, all in nbgrader 0.9.6: nbgraderformat/v3.json (grade, solution, locked, points, grade_id),
preprocessors/clearsolutions.py and clearhiddentests.py (the cells that students do not get), utils.get_partial_grade (a
number as last expression is partial credit). Hidden tests call the kit's judge; the folder does not contain values from
a key.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from mrskit.answering.solutions import BEGIN, END
from mrskit.course import index
from mrskit.errors import GradingError
from mrskit.grading.judging.judging import worth
from mrskit.grading.rules import Rules
from mrskit.lessons import build
from mrskit.workspace import write_text

TEST = "test-"  # before the name of an exercise: the cell that judges it
_CONFIG = """\
# A course of mrskit for nbgrader 0.9.6. 'nbgrader autograde' and 'nbgrader validate' on source/ need an environment
# variable: MRSKIT_KEY, the folder of the key, which only the instructor has. 'docs/grading.md' of mrskit says more.
c = get_config()
c.CourseDirectory.course_id = "mrskit"
c.ClearSolutions.code_stub = {"python": ""}  # the lines with '...' are there already
c.Execute.timeout = 900  # s for one cell; some run a stage of the pipeline
"""
_HIDDEN = "### BEGIN HIDDEN TESTS\n{code}\n### END HIDDEN TESTS"
_START = """\
from mrskit.classroom import nbgrader_cells
{parameters}
workspace = nbgrader_cells.begin("{lesson}")
scheduler = "none\""""
_JUDGE = """\
from mrskit.classroom import nbgrader_cells
nbgrader_cells.points("{name}", {points:g})"""


def make_course(out: Path, lessons: Iterable[str] = (), rules: Rules | None = None) -> list[Path]:
    """
    Write the folder of a course and return its notebooks, by default for the lessons in the rules, else for all
    lessons.

    GradingError if the folder is not empty; LessonError if the lesson does not exist, or this installation does not
    contain its source.
    """
    rules = rules or Rules()
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise GradingError(f"{out} is not empty; expected a new folder. Choose a different folder.", path=out)
    chosen = list(dict.fromkeys(map(index.lesson_name, lessons))) or rules.lessons or index.lessons()
    notebooks = {name: source(name, rules) for name in chosen}
    write_text(out / "nbgrader_config.py", _CONFIG)
    paths = []
    for name, notebook in notebooks.items():
        paths.append(out / "source" / name / f"{name}.ipynb")
        write_text(paths[-1], nbformat.writes(notebook) + "\n")
    return paths


def source(lesson: str, rules: Rules) -> NotebookNode:
    """Return a lesson as a source notebook for nbgrader, with solutions and a test cell after each answer."""
    notebook, cells = build.marked(lesson), []
    for cell in notebook.cells:
        cells.append(cell)
        name = cell.metadata.get("mrskit", {}).get("exercise")
        if cell.cell_type != "code":
            continue
        if "parameters" in cell.metadata.get("tags", []):
            code = _START.format(parameters=cell.source, lesson=lesson)
            cells.append(
                _test(f"start-{lesson}", 0, "# When this is graded, the instructor's data are loaded here.", code)
            )
        elif name is None:
            cell.metadata["nbgrader"] = _metadata(f"lesson-{cell.id}", locked=True)
        else:
            cell.metadata["nbgrader"] = _metadata(name, solution=True)
            cell.source = cell.source.replace(BEGIN, "### BEGIN SOLUTION").replace(END, "### END SOLUTION")
            if name not in rules.left_out:
                points = worth(index.exercise(name), rules)
                code = _JUDGE.format(name=name, points=points)
                cells.append(_test(f"{TEST}{name}", points, "# When this is graded, the judge runs here.", code))
    notebook.cells = cells
    return notebook


def _test(grade_id: str, points: float, said: str, code: str) -> NotebookNode:
    cell = nbformat.v4.new_code_cell(f"{said}\n{_HIDDEN.format(code=code)}", id=grade_id)
    cell.metadata["nbgrader"] = _metadata(grade_id, locked=True) | {"grade": True, "points": points}
    return cell


def _metadata(grade_id: str, locked: bool = False, solution: bool = False) -> dict:
    return {"schema_version": 3, "grade_id": grade_id, "cell_type": "code", "grade": False, "solution": solution,
            "locked": locked, "task": False}  # fmt: skip
