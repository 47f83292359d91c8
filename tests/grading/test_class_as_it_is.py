"""Lessons that a kernel has run and saved, in the states in which students hand them in, get what they are worth."""

import nbformat
import pytest

from mrskit.course import index
from mrskit.exercises.outcomes import Outcome
from mrskit.grading.intake import intake
from mrskit.grading.judging.judging import Judge
from mrskit.grading.key import Key
from mrskit.grading.rules import Rules
from mrskit.grading.run.run import Runner
from mrskit.grading.run.sandbox import backends, mounts
from mrskit.lessons import build

STATES = ("solved", "half", "renamed and added to", "one cell ends the kernel")


def handed_in(executed, lesson, state):
    """Return an executed lesson in a state, and the exercises that are left open."""
    notebook = nbformat.read(executed, as_version=4)
    blank = {cell.metadata.mrskit.exercise: cell.source for cell in build.student(lesson).cells
             if "exercise" in cell.metadata.get("mrskit", {})}  # fmt: skip
    answers = [cell for cell in notebook.cells if "exercise" in cell.metadata.get("mrskit", {})]
    lost = []
    if state == "half":
        last = answers[-len(answers) // 2 :]  # nothing that is answered comes behind them
        lost = [cell.metadata.mrskit.exercise for cell in last]
        for cell in last:
            cell.source = blank[cell.metadata.mrskit.exercise]
    if state == "renamed and added to":
        begin = next(cell for cell in notebook.cells if cell.cell_type == "code" and "answers.begin(" in cell.source)
        begin.source = f"import math\n\ndef double(x):\n    return 2 * x\n\n{begin.source}"
        answers[0].source = f"assert double(math.pi) > 6\n{answers[0].source}"
        place = notebook.cells.index(answers[1])
        notebook.cells.insert(
            place, nbformat.v4.new_code_cell("for use_band in ('LONG',):\n    workspace = '/home/eve'")
        )
    if state == "one cell ends the kernel":
        place = notebook.cells.index(answers[len(answers) // 2])
        lost = [answers[len(answers) // 2].metadata.mrskit.exercise]
        notebook.cells[place].source = "import os\nos._exit(1)\n" + notebook.cells[place].source
    return notebook, lost


@pytest.mark.pipeline
@pytest.mark.parametrize("lesson", ["01_setup"])
def test_every_hand_in_gets_what_it_is_worth_and_no_note_without_a_reason(solved_workspace, lesson, tmp_path):
    backend = backends.best(mounts.needed(solved_workspace), trust=True)
    executed = solved_workspace.root / "Notebook" / f"{lesson}.ipynb"
    with Runner(solved_workspace, backend=backend) as runner:
        judge, points = Judge(Key(solved_workspace, Rules())), {item.id: item.points for item in
                                                                index.lesson_exercises(lesson)}  # fmt: skip
        for number, state in enumerate(STATES):
            notebook, lost = handed_in(executed, lesson, state)
            name = "final version (2).ipynb" if "renamed" in state else f"{lesson}.ipynb"
            path = tmp_path / f"ada{number}" / name
            path.parent.mkdir()
            path.write_text(nbformat.writes(notebook), encoding="utf-8")
            (taken,) = intake.collect(path)
            record, _ = runner.run(taken, 7, {})
            rows = {row.id: row for row in judge.judge([record])[0].rows}
            expected = {name: 0 if name in lost else worth for name, worth in points.items()}
            assert {name: row.points for name, row in rows.items()} == expected, (state, record.notes)
            outcome = Outcome.ERROR if "kernel" in state else Outcome.NOT_ANSWERED
            assert {rows[name].outcome for name in lost} <= {outcome}
            assert len([*taken.notes, *record.notes]) == (0 if state in ("solved", "half") else 1), record.notes
