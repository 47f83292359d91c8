"""Student and solved notebooks come from one source, and a broken source is refused."""

import dataclasses

import nbformat
import pytest

from mrskit.course import index
from mrskit.errors import LessonError
from mrskit.lessons import build
from mrskit.resources import lessons_folder

ANSWER = """# %% tags=["answer"] exercise="01-sum"
total = ...  # 2 + 3
# solution begin
total = 2 + 3
# solution end
answers.give("01-sum", total)
"""
MARKER = "# > **Exercise `01-sum`.**"


def edited(toy, old, new):
    path = toy / "source" / "01_sums.py"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_the_student_notebook_is_the_source_minus_its_solution_lines(toy):
    cell = next(cell for cell in build.student("01").cells if cell.metadata.get("mrskit"))
    assert cell.source == 'total = ...  # 2 + 3\nanswers.give("01-sum", total)'
    assert cell.metadata == {"tags": ["answer"], "mrskit": {"exercise": "01-sum"}}


def test_the_solved_notebook_keeps_the_solutions_without_their_markers(toy):
    cell = next(cell for cell in build.solved("01").cells if cell.metadata.get("mrskit"))
    assert cell.source == 'total = ...  # 2 + 3\ntotal = 2 + 3\nanswers.give("01-sum", total)'


def test_the_question_of_an_exercise_is_written_from_its_record_with_unit_and_tolerance(toy):
    for notebook in (build.student("01"), build.solved("01")):
        texts = [cell.source for cell in notebook.cells]
        assert "> <a id='01-time'></a>**Exercise `01-time`.** How long is a minute, in s, within 0.1 %?" in texts


def test_every_line_of_a_long_question_is_quoted(toy, monkeypatch):
    import toycourse.lesson01_sums.exercises as toys

    question = """
        What is 2 + 3?

        - 5
        - 6
        """
    changed = (dataclasses.replace(toys.EXERCISES[0], question=question), *toys.EXERCISES[1:])
    monkeypatch.setattr(toys, "EXERCISES", changed)
    cells = [cell.source for cell in build.student("01").cells]
    assert "> <a id='01-sum'></a>**Exercise `01-sum`.** What is 2 + 3?\n>\n> - 5\n> - 6" in cells


def test_a_function_may_hold_its_solution_and_returns_an_ellipsis_without_it(toy):
    edited(toy, ANSWER, """# %% tags=["answer"] exercise="01-sum"
def add():
    result = ...  # 2 + 3
    # solution begin
    result = 2 + 3
    # solution end
    return result


answers.give("01-sum", add())
""")  # fmt: skip
    cell = next(cell for cell in build.student("01").cells if cell.metadata.get("mrskit"))
    assert cell.source.startswith("def add():\n    result = ...  # 2 + 3\n    return result\n")


def test_a_built_notebook_has_no_outputs_and_the_python3_kernel(toy):
    notebook = nbformat.read(toy / "01_sums.ipynb", as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.outputs == [] and cell.execution_count is None for cell in code)
    assert notebook.metadata.kernelspec.name == "python3"


def test_building_twice_gives_the_same_bytes_and_ids_stay_when_a_cell_is_added(toy):
    first = (toy / "01_sums.ipynb").read_bytes()
    build.build_lessons(toy / "source", toy)
    assert (toy / "01_sums.ipynb").read_bytes() == first
    before = {cell.metadata.mrskit.exercise: cell.id for cell in build.student("01").cells if "mrskit" in cell.metadata}
    edited(toy, "# %% [markdown]", "# %% [markdown]\n# New.\n\n# %% [markdown]")
    after = {cell.metadata.mrskit.exercise: cell.id for cell in build.student("01").cells if "mrskit" in cell.metadata}
    assert before == after


def test_stale_lessons_names_changed_missing_and_foreign_notebooks(toy):
    assert build.stale_lessons(toy / "source", toy) == []
    edited(toy, "# 2 + 3", "# two and three")
    (toy / "02_shapes.ipynb").unlink()
    (toy / "07_more.ipynb").write_text("{}", encoding="utf-8")
    assert build.stale_lessons(toy / "source", toy) == ["01_sums.ipynb", "02_shapes.ipynb", "07_more.ipynb"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("# solution end\nanswers.give(\"01-sum\"", 'answers.give("01-sum"', "markers are unbalanced"),
        ("# solution begin\ntotal", "# solution start\ntotal", "no marker '# solution start'"),
        ("total = ...  # 2 + 3\n", "", "no line with '...' before the solution"),
        ("# solution begin\ntotal = 2 + 3\n# solution end\n", "", "no solution"),
        ("total = ...  # 2 + 3", "# total = ...\nif True:", "the cell for learners is not valid Python (expected an"),
        ("total = 2 + 3", "total = 2 +", "the cell with its solution is not valid Python (invalid syntax"),
        ('exercise="01-sum"', 'exercise="01-summ"', "no such exercise"),
        (ANSWER, "", "exercise 01-sum is never asked"),
        (ANSWER, ANSWER + "\n" + ANSWER, "exercise 01-sum is asked 2 times"),
        (' exercise="01-sum"', "", "belong together"),
        ('answers.give("01-sum"', 'answers.give("01-time"', 'does not call answers.give("01-sum"'),
        (MARKER, "", "(01-sum): expected one line '> **Exercise `01-sum`.**' since the answer cell before, found none"),
        (MARKER, MARKER + "\n#\n" + MARKER, "found 01-sum and 01-sum"),
        (MARKER, "# > **Exercise `01-time`.**", "since the answer cell before, found 01-time"),
        (MARKER, MARKER + "\n#\n# > **Exercise `01-summ`.**", "the lesson has no exercise '01-summ'"),
        (MARKER, MARKER + "\n# > What is 2 + 3?", "a question written by hand, '> What is 2 + 3?'"),
        (MARKER, MARKER + " What is 2 + 3?", "a question written by hand, '> **Exercise `01-sum`.** What is 2 + 3?'"),
        ('answers.give("01-sign", positive)', 'answers.give("01-sign", positive)\n\n# %% [markdown]\n' + MARKER,
         "no answer cell after the question of 01-sum"),
        ('tags=["parameters"]', "", '0 cells have the tag "parameters"'),
        ('use_band = "SHORT"', 'band = "SHORT"', "no lesson has a parameter 'band'"),
        ('workspace = "work/demo"', 'use_ch = "12"', "lacks 'workspace'"),
    ],
)  # fmt: skip
def test_a_source_that_breaks_a_rule_is_refused_with_the_place(toy, old, new, message):
    edited(toy, old, new)
    with pytest.raises(LessonError) as caught:
        build.student("01")
    assert message in str(caught.value)


def test_a_missing_source_is_named(toy):
    (toy / "source" / "02_shapes.py").unlink()
    with pytest.raises(LessonError, match=r"02_shapes\.py: no such lesson source"):
        build.student("02")


def test_a_solution_outside_an_answer_cell_is_refused(toy):
    edited(toy, "answers.begin(", "# solution begin\n# solution end\nanswers.begin(")
    with pytest.raises(LessonError, match="outside an answer cell"):
        build.student("01")


def test_the_committed_notebooks_are_what_their_sources_give():
    folder = lessons_folder()
    assert build.stale_lessons(folder / "source", folder) == []


@pytest.mark.parametrize("lesson", index.COURSE.lessons)
def test_the_exercise_records_of_a_lesson_are_sound(lesson):
    assert index.problems(lesson) == []


def test_the_course_has_at_least_twenty_five_exercises_with_different_ids():
    ids = [exercise.id for exercise in index.all_exercises()]
    assert len(ids) >= 25
    assert len(set(ids)) == len(ids)
