"""The notebook that is run is the release; of a submission there are its answers and own cells."""

import pytest

from mrskit.course import index
from mrskit.errors import GradingError
from mrskit.grading.intake import release
from mrskit.grading.records import Cell, Submission
from mrskit.grading.run import assembled_notebook
from mrskit.parameters import PARAMETERS

LESSON = "06_analysis"


def submission(**entries):
    return Submission("alice", LESSON, "alice.ipynb", "0", **entries)


def test_without_answers_the_release_itself_is_run_with_the_given_parameters():
    steps = assembled_notebook.grafted(submission(), {"workspace": "/data", "scheduler": "none"})
    assert [step.source for step in steps if step.id != "injected-parameters"] == [
        step.source for step in release.release(LESSON)]  # fmt: skip
    place = next(i for i, step in enumerate(steps) if step.parameters)
    assert steps[place + 1].source == "workspace = '/data'\nscheduler = 'none'"
    assert not any(step.handed_in for step in steps)


def test_answers_stand_in_their_own_cells_and_own_cells_hand_in_nothing():
    name = index.lesson_exercises(LESSON)[0].id
    place = next(step for step in release.release(LESSON) if step.exercise == name)
    own = (Cell("", "first = 1"), Cell(place.id, "second = 2"), Cell(place.id, "third = 3"))
    steps = assembled_notebook.grafted(submission(answers={name: "mine"}, own=own), {})
    assert (steps[0].source, steps[0].exercise) == ("first = 1", "")
    at = next(i for i, step in enumerate(steps) if step.exercise == name)
    assert (steps[at].source, steps[at].handed_in) == ("mine", True)
    assert [step.source for step in steps[at + 1 : at + 3]] == ["second = 2", "third = 3"]
    assert all(not step.exercise for step in steps if step.handed_in and step.source != "mine")


def test_every_exercise_of_every_lesson_has_one_step():
    for lesson in index.lessons():
        asked = [step.exercise for step in release.release(lesson) if step.exercise]
        assert sorted(asked) == sorted(exercise.id for exercise in index.lesson_exercises(lesson))


def test_parameters_that_a_lesson_does_not_have_are_refused():
    with pytest.raises(GradingError, match="no parameter workspcae"):
        assembled_notebook.grafted(submission(), {"workspcae": "x"})
    with pytest.raises(GradingError, match="no text, number"):
        assembled_notebook.grafted(submission(), {"workspace": ["x"]})


@pytest.mark.parametrize("source", [
    "workspace = '/home/eve'", "def f():\n    global use_band\n    use_band = 'LONG'", "exec('work' + 'space = 1')",
    "globals()['s' + 'tages'] = ''", "from settings import *", "import sys\nsys.modules['__main__']", "%run mine.py",
])  # fmt: skip
def test_code_that_may_set_a_parameter_is_known(source):
    assert assembled_notebook.may_set(source, PARAMETERS)


@pytest.mark.parametrize("source", ["rate = 3.1\nanswers.give('03-slope', rate * 2)", "import math", "my_stages = 2"])
def test_other_code_costs_no_cell_that_sets_parameters_again(source):
    assert not assembled_notebook.may_set(source, PARAMETERS)
