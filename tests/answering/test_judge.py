"""The judge gives verdicts, never a traceback and never a silent zero; the scorecard sums them."""

import json
import sys
import types

import pytest

from mrskit import workspace
from mrskit.answering import judge, recorded
from mrskit.course import index
from mrskit.errors import AnswerError, ProductError
from mrskit.exercises import codec
from mrskit.exercises.checks import near, partial
from mrskit.exercises.misconceptions import value_near
from mrskit.exercises.record import Answer, Exercise, NotHere, TruthMissing, Verdict


def exercise(name, check, misconceptions=(), points=3):
    return Exercise(f"01-{name}", name.title(), "?", "quantity", "s", points, 1, ("a", "b"), check, misconceptions)


def raising(error):
    def expected(facts):
        raise error

    return near(expected)


@pytest.fixture
def space(tmp_path, monkeypatch):
    """A workspace, and a course of one lesson whose exercises behave in every way that the judge knows."""
    lesson = types.ModuleType("pocket.lesson01_all.exercises")
    no_truth = value_near(lambda facts: facts.scene(), "?", "needs-truth")
    lesson.EXERCISES = (
        exercise("time", near(60, rel=0.01), (no_truth, value_near(100, "Time is not decimal.", "decimal"))),
        exercise("truth", near(lambda facts: facts.truth("jw1_mirifushort")["rate"])),
        exercise("product", raising(ProductError("no rate file. Run 'mrskit reduce'."))),
        exercise("bug", raising(KeyError("flux"))),
        exercise("nonsense", lambda answer, facts: Verdict(answer.id, "passed", 3.0, "three, not a share")),
        exercise("half", lambda answer, facts: partial(answer, 0.7, "Most of it.")),
    )
    monkeypatch.setitem(sys.modules, "pocket.lesson01_all.exercises", lesson)
    monkeypatch.setattr(index, "COURSE", index.Course(("01_all",), "pocket"))
    return workspace.create(tmp_path)


def verdict(space, name, value, unit=None):
    asked = index.exercise(f"01-{name}")
    return judge.judge(Answer(asked.id, asked.kind, value, unit, asked), judge.WorkspaceFacts(space))


def test_a_right_answer_earns_all_points_in_any_fitting_unit(space):
    assert verdict(space, "time", 1.0, "min") == Verdict("01-time", "passed", 3, verdict(space, "time", 60).message)


def test_a_known_wrong_answer_gets_its_own_message_although_an_earlier_misconception_lacks_the_truth(space):
    found = verdict(space, "time", 100)
    assert (found.outcome, found.points, found.message, found.misconception) == (
        "failed", 0, "Time is not decimal.", "decimal",
    )  # fmt: skip


def test_a_wrong_answer_of_no_known_kind_earns_nothing(space):
    assert (verdict(space, "time", 70).outcome, verdict(space, "time", 70).misconception) == ("failed", None)


def test_no_answer_is_not_answered(space):
    assert verdict(space, "time", None).outcome == "not answered"


def test_a_unit_that_does_not_fit_makes_the_answer_invalid(space):
    found = verdict(space, "time", 60, "Jy")
    assert found.outcome == "invalid" and "'Jy' does not fit" in found.message


def test_without_truth_an_answer_is_unjudged_and_told_so(space):
    found = verdict(space, "truth", 1)
    assert found.outcome == "unjudged" and "no folder truth/" in found.message


def test_what_a_setting_cannot_show_is_unjudged_and_told_so(space):
    def nothing(answer, facts):
        raise NotHere("the knot does not shine in [Ne V]. Run the lesson on 12:SHORT.")

    asked = Exercise("01-a", "A", "How many?", "scalar", None, 1, 1, ("One.", "Two."), nothing)
    found = judge.judge(Answer("01-a", "scalar", 1.0, exercise=asked), judge.facts_for(space, "12:SHORT"))
    assert (found.outcome, found.points) == ("unjudged", 0)
    words = "the knot does not shine in [Ne V]. Run the lesson on 12:SHORT."
    assert found.message == f"Recorded. These data cannot serve this exercise: {words}"


def test_a_missing_product_leaves_the_answer_unjudged_and_names_the_command(space):
    found = verdict(space, "product", 1)
    assert found.outcome == "unjudged" and "Run 'mrskit reduce'." in found.message


@pytest.mark.parametrize(("name", "words"), [("bug", "KeyError"), ("nonsense", "ValueError")])
def test_a_fault_of_the_judge_is_no_silent_zero(space, name, words):
    found = verdict(space, name, 1)
    assert found.outcome == "unjudged" and f"The judge itself failed ({words}" in found.message
    assert "Traceback" in (space.logs / "judge.log").read_text(encoding="utf-8")


def test_a_partial_answer_earns_whole_points_rounded_down(space):
    assert (verdict(space, "half", 1).outcome, verdict(space, "half", 1).points) == ("partial", 2)


def test_an_unknown_exercise_is_refused_with_those_spelled_alike(space):
    with pytest.raises(AnswerError, match="no exercise '01-tiem': did you mean 01-time"):
        verdict(space, "tiem", 1)


def test_an_answer_to_no_exercise_of_the_course_is_refused(space):
    with pytest.raises(AnswerError, match="01-gone: no exercise"):
        judge.judge(Answer("01-gone", "scalar", 1), judge.WorkspaceFacts(space))


def test_what_no_judge_may_say_is_a_fault_of_the_check(space):
    asked = exercise("odd", lambda answer, facts: Verdict(answer.id, "grader error", 0.0, "?"))
    found = judge.judge(Answer(asked.id, asked.kind, 1, exercise=asked), judge.WorkspaceFacts(space))
    assert found.outcome == "unjudged" and "no outcome 'grader error': expected one of passed, partial" in found.message


def test_facts_give_the_simulated_truth_where_it_is(space, monkeypatch):
    from mrskit.simulate import truth

    facts = judge.WorkspaceFacts(space)
    with pytest.raises(TruthMissing):
        facts.scene()
    space.truth.mkdir()
    (space.truth / "scene.json").write_text("{}", encoding="utf-8")
    monkeypatch.setattr(truth, "read_scene", lambda workspace: ("scene of", workspace.root.name))
    monkeypatch.setattr(truth, "read_exposure", lambda workspace, stem: {"rate": stem})
    assert facts.scene() == ("scene of", space.root.name)
    assert facts.truth("jw1") == {"rate": "jw1"}


def test_facts_for_takes_the_given_setting_else_the_first_of_the_workspace(space):
    assert judge.facts_for(space, "34:LONG").setting.name == "34:LONG"
    assert judge.facts_for(space).setting.name == "12:SHORT"
    space.update_card(settings=["34:MEDIUM", "12:SHORT"])
    assert judge.facts_for(space).setting.name == "34:MEDIUM"


def test_the_scorecard_sums_exercises_and_points(space):
    for name, value in (("time", 60), ("half", 1), ("bug", 1)):
        recorded.write(space, "01_all", codec.encode(Answer(f"01-{name}", "quantity", value)), "12:SHORT")
    card = judge.scorecard(space)
    assert (card.exercises, card.passed, card.points, card.points_max) == (6, 1, 5, 18)
    outcomes = {row.id: row.outcome for row in card.lessons[0].rows}
    assert outcomes["01-time"] == "passed"
    assert outcomes["01-bug"] == "unjudged"
    assert outcomes["01-truth"] == "not answered"


def test_the_scorecard_file_has_four_sums_on_top_and_the_rest_under_lessons(space):
    path = judge.write_scorecard(judge.scorecard(space), space.root / "scorecard.json")
    table = json.loads(path.read_text(encoding="utf-8"))
    assert {key: table[key] for key in table if key != "lessons"} == {
        "exercises": 6, "passed": 0, "points": 0, "points_max": 18,
    }  # fmt: skip
    assert table["lessons"][0]["lesson"] == "01_all"
    assert table["lessons"][0]["verdicts"][0]["outcome"] == "not answered"
