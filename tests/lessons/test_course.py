"""The course itself: what the solutions earn, what an untouched notebook earns, and what a wrong answer earns."""

import dataclasses
import subprocess
import sys

import numpy as np
import pytest

from mrskit.answering import judge, recorded
from mrskit.course import index
from mrskit.exercises.checks import evaluate
from mrskit.exercises.record import Answer, Exercise, Output, Outputs
from mrskit.exercises.values import from_learner
from mrskit.lessons import demo
from mrskit.resources import course_tests_folder

pytestmark = pytest.mark.pipeline
EXERCISES = index.all_exercises()
NUMBERS = [item for item in EXERCISES if item.kind in ("scalar", "quantity") and "tolerance" in item.told]
KNOWN = [(exercise, known) for exercise in EXERCISES for known in exercise.misconceptions]


@pytest.fixture(scope="module")
def student_workspace(solved_workspace, copy_of, tmp_path_factory):
    """The demo's data, and the products of the solved lessons, after the six lessons as learners get them."""
    space = copy_of(solved_workspace, tmp_path_factory.mktemp("student") / "workspace")
    demo.run_lessons(space, solved=False)
    return space


def spoiled(answer: Answer, exercise: Exercise) -> Answer:
    """Return an answer of the same kind that is certainly another one."""
    value = answer.value
    if answer.kind == "choice":
        value = next(choice for choice in exercise.choices if choice != value)
    elif answer.kind == "region":
        value = ~np.asarray(value, dtype=bool)
    elif answer.kind == "array":
        value = 3 * np.asarray(value, dtype=float) + 1000
    elif answer.kind == "code":
        wrong = (Output(None, "it raised ValueError") if call.value is None else Output([call.value, [call.value]])
                 for call in value.calls)  # fmt: skip
        value = Outputs(value.seed, tuple(wrong))
    elif answer.kind == "text":
        value = "something else"
    else:
        value = 3 * value + 1000
    return dataclasses.replace(answer, value=value)


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.id)
def test_the_solution_of_an_exercise_passes_with_all_points(exercise, solved_workspace):
    given = recorded.read(solved_workspace, index.lesson_of(exercise.id))[exercise.id]
    verdict = judge.judge(given.answer, judge.facts_for(solved_workspace, given.setting))
    assert (verdict.outcome, verdict.points) == ("passed", exercise.points), verdict.message


def told_slack(words, wanted):
    """Return how far from a number an answer may be, as the words of a question tell it."""
    parts = [part.split(maxsplit=1) for part in words.removesuffix(" if that is more").split(", or ")]
    return max(float(part[0]) * (abs(wanted) / 100 if part[1:] == ["%"] else 1.0) for part in parts)


@pytest.mark.parametrize("exercise", NUMBERS, ids=lambda exercise: exercise.id)
def test_a_number_just_inside_the_told_tolerance_passes_and_one_just_outside_fails(exercise, solved_workspace):
    given = recorded.read(solved_workspace, index.lesson_of(exercise.id))[exercise.id]
    facts = judge.facts_for(solved_workspace, given.setting)
    wanted = float(np.max(evaluate(exercise.check.expected, facts)))
    slack = told_slack(exercise.told["tolerance"], wanted)
    outcomes = [judge.judge(dataclasses.replace(given.answer, value=wanted + share * slack, unit=None), facts).outcome
                for share in (0.999, 1.001)]  # fmt: skip
    assert outcomes == ["passed", "failed"]


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.id)
def test_another_answer_than_the_solution_earns_nothing(exercise, solved_workspace):
    given = recorded.read(solved_workspace, index.lesson_of(exercise.id))[exercise.id]
    verdict = judge.judge(spoiled(given.answer, exercise), judge.facts_for(solved_workspace, given.setting))
    assert (verdict.outcome, verdict.points) == ("failed", 0), verdict.message


@pytest.mark.parametrize(("exercise", "known"), KNOWN, ids=[f"{item.id}-{known.name}" for item, known in KNOWN])
def test_an_answer_with_a_known_misconception_gets_the_message_made_for_it(exercise, known, solved_workspace):
    given = recorded.read(solved_workspace, index.lesson_of(exercise.id))[exercise.id]
    facts = judge.facts_for(solved_workspace, given.setting)
    verdict = judge.judge(from_learner(exercise, known.example(facts)), facts)
    assert (verdict.misconception, verdict.message) == (known.name, known.message)
    assert verdict.outcome in ("failed", "partial")


def test_the_lessons_as_learners_get_them_run_to_the_end_and_score_nothing(student_workspace):
    card = judge.scorecard(student_workspace)
    assert (card.points, card.passed) == (0, 0)
    asked = {row.id for lesson in card.lessons for row in lesson.rows if row.outcome != "not answered"}
    assert asked == set()
    assert all(len(recorded.read(student_workspace, lesson.name)) == lesson.exercises for lesson in card.lessons)


def test_no_executed_lesson_shows_an_error_or_the_log_of_the_pipeline(solved_workspace):
    for path in sorted((solved_workspace.root / "Notebook").glob("*.ipynb")):
        text = path.read_text(encoding="utf-8")
        assert '"output_type": "error"' not in text, path.name
        assert "stpipe.step - INFO" not in text and "stpipe.pipeline - INFO" not in text, path.name


def course_tests(workspace, *options):
    command = [sys.executable, "-m", "pytest", str(course_tests_folder()), "--workspace", str(workspace.root), *options]
    return subprocess.run([*command, "-q", "-p", "no:cacheprovider"], capture_output=True, text=True, check=False)


def test_the_course_tests_name_a_missing_raw_file_a_truncated_one_and_a_missing_product(
    quick_workspace, copy_of, tmp_path
):
    space = copy_of(quick_workspace, tmp_path / "broken")
    raw = sorted(space.stage("source", "uncal").glob("*mirifushort_uncal.fits"))
    raw[0].unlink()
    whole = raw[1].read_bytes()
    raw[1].unlink()  # a link to the session's file
    raw[1].write_bytes(whole[: len(whole) // 2])
    next(space.stage("source", "stage2").glob("*_cal.fits")).unlink()
    done = course_tests(space, "-k", "raw or cal")
    assert done.returncode == 1
    assert "holds 3 raw files of 12:SHORT (dithers [2, 3, 4]), expected 4" in done.stdout
    assert "truncated" in done.stdout or "not a complete uncal file" in done.stdout
    assert "Traceback" not in done.stdout
