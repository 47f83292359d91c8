"""A lesson runs to the end or says where it stopped, and never with a parameter that it does not have."""

import sys
from pathlib import Path

import nbformat
import pytest

from mrskit.answering import judge
from mrskit.answering.answer_files import MIME
from mrskit.errors import LessonError
from mrskit.lessons import build, run


def outputs(path):
    notebook = nbformat.read(path, as_version=4)
    return [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]


def test_the_solved_toy_lessons_score_all_points_and_leave_executed_notebooks(run_toy, space):
    paths = [run_toy(lesson, solved=True) for lesson in ("01", "02")]
    card = judge.scorecard(space)
    assert (card.passed, card.exercises, card.points, card.points_max) == (6, 6, 10, 10)
    assert paths == [space.root / "Notebook" / name for name in ("01_sums.ipynb", "02_shapes.ipynb")]
    assert any("differences: 0" in output.get("text", "") for output in outputs(paths[1]))


def test_the_student_toy_lesson_runs_to_the_end_and_scores_nothing(run_toy, space):
    path = run_toy("02")
    card = judge.scorecard(space)
    assert (card.passed, card.points) == (0, 0)
    assert {row.outcome for row in card.lessons[1].rows} == {"not answered"}
    assert any("differences: unknown" in output.get("text", "") for output in outputs(path))


def test_an_executed_lesson_holds_the_records_of_its_answers(run_toy):
    path = run_toy("01", solved=True)
    records = [output.data[MIME] for output in outputs(path) if MIME in output.get("data", {})]
    assert [record["id"] for record in records] == ["01-sum", "01-time", "01-sign"]
    assert records[1] == {
        "schema": 1, "id": "01-time", "kind": "quantity", "value": 60, "unit": "s", "dtype": "int", "shape": [],
    }  # fmt: skip


def test_under_an_answer_stands_one_card_and_nothing_else(run_toy):
    path = run_toy("01", solved=True)
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if "mrskit" in cell.metadata]
    assert [[output.output_type for output in cell.outputs] for cell in cells] == [["display_data"]] * 3


def test_a_lesson_runs_in_this_interpreter_although_another_python3_kernel_is_installed(
    toy, space, tmp_path, monkeypatch
):
    kernel = tmp_path / "jupyter" / "kernels" / "python3"
    kernel.mkdir(parents=True)
    (kernel / "kernel.json").write_text('{"argv": ["/bin/false"], "display_name": "x", "language": "python"}')
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    notebook = build.student("01")
    notebook.cells = [notebook.cells[2], nbformat.v4.new_code_cell("import sys; print(sys.executable)")]
    path = run.run_notebook(notebook, "x.ipynb", {"workspace": str(space.root)}, tmp_path / "x.ipynb", cwd=space.root)
    assert outputs(path)[-1]["text"].strip() == sys.executable


def test_an_unknown_parameter_is_refused_before_anything_runs(run_toy, space):
    with pytest.raises(LessonError) as caught:
        run_toy("01", parameters={"bnad": "SHORT"})
    assert str(caught.value) == "01_sums.ipynb has no parameter 'bnad'; it declares workspace, use_ch, use_band"
    assert list((space.root / "Notebook").iterdir()) == []


def test_a_lesson_without_parameters_cell_is_refused(toy, space, tmp_path):
    notebook = build.student("01")
    del notebook.cells[2]
    with pytest.raises(LessonError, match='no cell with the tag "parameters"'):
        run.run_notebook(notebook, "01_sums.ipynb", {}, tmp_path / "x.ipynb", cwd=tmp_path)


def test_a_failing_cell_gives_lesson_cell_message_and_the_notebook_up_to_there(toy, space, tmp_path):
    notebook = build.solved("01")
    notebook.cells.insert(4, nbformat.v4.new_code_cell("raise ValueError('no light\\n in the tube')"))
    out = tmp_path / "01_sums.ipynb"
    with pytest.raises(LessonError) as caught:
        run.run_notebook(notebook, "01_sums.ipynb", {"workspace": str(space.root)}, out, cwd=space.root)
    failed = tmp_path / "01_sums.failed.ipynb"
    assert str(caught.value).startswith("01_sums.ipynb, code cell ")
    assert "ValueError: no light in the tube" in str(caught.value)
    assert str(failed) in str(caught.value)
    assert failed.is_file() and not out.exists()
    assert [path.name for path in tmp_path.glob(".running-*")] == []


def test_a_dead_kernel_is_reported_as_such(toy, space, tmp_path):
    notebook = build.student("01")
    notebook.cells = [notebook.cells[2], nbformat.v4.new_code_cell("import os; os._exit(1)")]
    with pytest.raises(LessonError, match="the kernel died"):
        run.run_notebook(notebook, "x.ipynb", {}, tmp_path / "x.ipynb", cwd=tmp_path)


def test_progress_tells_every_code_cell(run_toy):
    told = []
    run_toy("01", progress=told.append)
    assert told[0] == "01_sums: cell 1 of 7"
    assert told[-1] == "01_sums: cell 7 of 7"


def test_a_workspace_path_with_braces_and_spaces_works(toy, tmp_path):
    from mrskit import workspace

    space = workspace.create(tmp_path / "a {b} c")
    assert run.run_lesson("01", space, solved=True).is_file()
    assert judge.scorecard(space).lessons[0].passed == 3


def test_running_a_lesson_leaves_the_working_directory_alone(run_toy):
    before = Path.cwd()
    run_toy("01")
    assert Path.cwd() == before
