"""What authors check: the course is sound, and each kind of mistake in a course is found."""

import dataclasses

import nbformat
import numpy as np
import pytest

from mrskit.course import index
from mrskit.exercises.record import Answer, Output, Outputs
from mrskit.grading.key import open_key
from mrskit.grading.reports import quality
from mrskit.lessons import build


def test_the_release_holds_no_line_of_a_solution_and_every_exercise_is_whole():
    assert quality.release_problems(index.lessons()) == []


@pytest.fixture
def shipped(monkeypatch, tmp_path):
    """A function that ships another notebook in the place of lesson 01."""

    def ship(notebook: nbformat.NotebookNode) -> None:
        path = tmp_path / "01_setup.ipynb"
        path.write_text(nbformat.writes(notebook), encoding="utf-8")
        monkeypatch.setattr(quality, "notebook_path", lambda lesson: path)

    return ship


def test_a_notebook_that_ships_its_solutions_is_found_exercise_by_exercise(shipped):
    shipped(build.solved("01"))
    found = "\n".join(quality.release_problems(["01"]))
    assert "contains a line of the solution of 01-nearest-galaxy" in found
    assert "contains a line of the solution of 01-groups-that-fit" in found


def test_an_exercise_without_hint_unit_or_points_is_found(monkeypatch):
    import mrskit.course.lesson01_setup.exercises as lesson

    first = next(item for item in lesson.EXERCISES if item.kind == "quantity")
    broken = dataclasses.replace(first, hints=("only one",), unit=None, points=0)
    monkeypatch.setattr(lesson, "EXERCISES", tuple(broken if item is first else item for item in lesson.EXERCISES))
    found = "\n".join(quality.release_problems(["01"]))
    assert all(text in found for text in ("two hints", "needs a unit", "points"))


CHANGED = [
    Answer("01-slow-group", "scalar", 8.6),
    Answer("01-nearest-galaxy", "quantity", 0.0, "arcsec"),
    Answer("01-dither-slices", "array", np.array([0.0, 1.5])),
    Answer("06-region", "region", np.array([True, False])),
    Answer("01-context", "choice", "b"),
    Answer("06-identify", "text", "[Ne III]"),
    Answer(
        "06-gas-width", "code", Outputs(3, (Output(0), Output([1.0, [2.0, float("nan")]]), Output(None, "it raised")))
    ),
]


@pytest.mark.parametrize("answer", CHANGED, ids=lambda answer: answer.kind)
def test_a_changed_answer_is_another_one(answer):
    others = list(quality.changed(dataclasses.replace(answer, exercise=index.exercise(answer.id))))
    assert others
    for what, other in others:
        assert what
        assert repr(other.value) != repr(answer.value)
        assert np.shape(other.value) == np.shape(answer.value) or answer.kind in ("text", "choice", "code")


@pytest.mark.pipeline
def test_the_solved_course_earns_everything_changed_answers_less_and_no_number_is_given_away(solved_workspace):
    assert quality.key_problems(open_key(solved_workspace.root), index.lessons()) == []


@pytest.mark.pipeline
def test_an_exercise_that_takes_any_answer_and_a_notebook_with_an_expected_number_are_found(
    solved_workspace, monkeypatch, shipped
):  # fmt: skip
    import mrskit.course.lesson01_setup.exercises as lesson

    slow = index.exercise("01-slow-group")
    lenient = dataclasses.replace(slow, check=lambda answer, facts: judge_as_right(answer))
    notebook = build.student("01")
    notebook.cells[0].source += "\nA SLOWR1 group is 8.609 FASTR1 groups long."
    shipped(notebook)
    found = "\n".join(quality.key_problems(open_key(solved_workspace.root), ["01"]))
    assert found.startswith("01-slow-group: the student notebook contains its expected value, as 8.609")
    monkeypatch.setattr(
        lesson, "EXERCISES", tuple(lenient if item is slow else item for item in lesson.EXERCISES)
    )  # fmt: skip
    found = "\n".join(quality.key_problems(open_key(solved_workspace.root), ["01"]))
    assert "01-slow-group: 0.5 times the value earns 1 points too" in found


def judge_as_right(answer):
    """The verdict of a check that takes everything."""
    from mrskit.exercises.checks import passed

    return passed(answer)


@pytest.mark.pipeline
def test_the_lessons_as_they_are_shipped_earn_nothing_in_the_sandbox(solved_workspace):
    assert quality.stripped_problems(open_key(solved_workspace.root), ["06"]) == []


@pytest.mark.pipeline
def test_a_shipped_notebook_that_answers_is_found_in_the_sandbox(solved_workspace, shipped):
    shipped(build.solved("01"))
    found = quality.stripped_problems(open_key(solved_workspace.root), ["01"])
    assert any("earns 2 points without an answer" in problem for problem in found)
