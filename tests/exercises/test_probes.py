"""A learner's function is called on probes, recorded as numbers, and judged against a reference function."""

import dataclasses
import json
import sys
import types

import numpy as np
import pytest
from astropy import units

from mrskit import answers, workspace
from mrskit.answering import judge, opening, recorded
from mrskit.course import index
from mrskit.errors import AnswerError
from mrskit.exercises import checks, codec, misconceptions, probes
from mrskit.exercises.record import Answer, Exercise, Output, Outputs
from mrskit.exercises.values import from_learner

TIMES = np.array([1.0, 2.0, 3.0])


def make_probes(seed):
    """Four ramps: three with noise, one with a missing sample."""
    random = np.random.default_rng(seed)
    ramps = [10 * TIMES + random.normal(0, 1, 3) for _ in range(3)]
    return (*((TIMES, ramp) for ramp in ramps), (TIMES, np.array([1.0, np.nan, 3.0])))


def mean_step(time, ramp):
    """Return the mean difference of neighbouring samples, per unit of time."""
    return np.diff(ramp).mean() / np.diff(time).mean()


def last_over_time(time, ramp):
    return ramp[-1] / time[-1]


def ignores_nan(time, ramp):
    return np.nanmean(ramp) if np.isnan(ramp).any() else mean_step(time, ramp)


def exercise(**changes):
    known = misconceptions.code_agrees(last_over_time, "The ramp does not begin at zero.", "from-zero")
    options = {"check": checks.code(mean_step, rel=1e-3), "misconceptions": (known,), "probes": make_probes} | changes
    return Exercise("01-slope", "A slope", "Write slope(time, ramp), DN/s, within {tolerance}.", "code", None, 4, 5,
                    ("Differences.", "numpy.diff"), **options)  # fmt: skip


@pytest.fixture
def space(tmp_path, monkeypatch):
    """An empty workspace and a course of one lesson with one exercise, begun."""
    lesson = types.ModuleType("pocket.lesson01_all.exercises")
    lesson.EXERCISES = (exercise(),)
    monkeypatch.setitem(sys.modules, "pocket.lesson01_all.exercises", lesson)
    monkeypatch.setattr(index, "COURSE", index.Course(("01_all",), "pocket"))
    monkeypatch.setattr(opening, "activate_references", lambda workspace: None)
    for name in ("MRSKIT_MODE", probes.VARIABLE):
        monkeypatch.delenv(name, raising=False)
    opened = workspace.create(tmp_path / "space")
    answers.begin("01_all", opened)
    return opened


def give(function):
    return answers.give("01-slope", function)


def test_a_right_function_passes_however_it_is_written(space):
    assert give(mean_step).outcome == "passed"
    assert give(lambda t, r: np.array((r[1] - r[0] + r[2] - r[1]) / (t[-1] - t[0]))).points == 4


def test_the_message_on_a_right_function_names_a_tolerance_only_where_one_was_asked_for(space, monkeypatch):
    assert "within 0.1 %" in give(mean_step).message
    monkeypatch.setattr(
        sys.modules["pocket.lesson01_all.exercises"], "EXERCISES", (exercise(check=checks.code(mean_step)),)
    )
    assert give(mean_step).message == "Right: 4 of 4 calls."


def test_what_is_recorded_is_the_seed_and_the_outputs_and_no_code(space):
    give(mean_step)
    text = recorded.answers_file(space, "01_all").read_text(encoding="utf-8")
    value = json.loads(text)["answers"]["01-slope"]["value"]
    assert value["seed"] == probes.SEED
    assert [call["value"] for call in value["calls"]][3] == "nan"
    assert "mean_step" not in text and "diff" not in text


def test_the_seed_of_the_environment_makes_the_probes(space, monkeypatch):
    monkeypatch.setenv(probes.VARIABLE, "77")
    assert give(mean_step).outcome == "passed"
    calls = recorded.read(space, "01_all")["01-slope"].answer.value
    assert calls.seed == 77
    assert calls.calls[0].value == pytest.approx(mean_step(*make_probes(77)[0]))


def test_the_judge_takes_the_recorded_seed_unless_it_prescribes_another(space, monkeypatch):
    monkeypatch.setenv(probes.VARIABLE, "77")
    give(mean_step)
    answer = recorded.read(space, "01_all")["01-slope"].answer
    monkeypatch.delenv(probes.VARIABLE)
    assert judge.judge(answer, judge.facts_for(space)).outcome == "passed"
    monkeypatch.setenv(probes.VARIABLE, "78")
    verdict = judge.judge(answer, judge.facts_for(space))
    assert verdict.outcome == "invalid" and "seed 77, but the judge uses seed 78" in verdict.message


@pytest.mark.parametrize("text", ["-1", "1.5", "x", "4294967296", "9" * 5000, "٣"])
def test_a_seed_that_is_no_whole_number_is_refused(space, monkeypatch, text):
    monkeypatch.setenv(probes.VARIABLE, text)
    with pytest.raises(AnswerError, match="expected a whole number from 0"):
        give(mean_step)


@pytest.mark.parametrize("function", [lambda time, ramp: ..., lambda time, ramp: None, ..., None])
def test_a_function_as_shipped_is_not_answered(space, function):
    assert give(function).outcome == "not answered"


def test_a_share_of_right_calls_earns_a_share_of_the_points_and_the_first_wrong_call_is_shown(space, capsys):
    verdict = give(ignores_nan)
    assert (verdict.outcome, verdict.points) == ("partial", 3)
    assert verdict.message.startswith("3 of 4 calls are right. With the arguments (array of shape (3,), array of")
    assert "it returned 2: expected NaN" in verdict.message
    assert 'answers.hint("01-slope")' in capsys.readouterr().out


def test_a_known_wrong_function_gets_its_message_however_it_is_written(space):
    verdict = give(lambda t, r: r[2] / 3)
    assert (verdict.misconception, verdict.message) == ("from-zero", "The ramp does not begin at zero.")
    assert give(lambda t, r: r[2] / 3 + 1).misconception is None


def changes_its_arguments(time, ramp):
    ramp -= ramp[0]
    return mean_step(time, ramp)


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda time: 1.0, "it raised TypeError: "),
        (lambda time, ramp: ramp[99], "it raised IndexError: index 99"),
        (lambda time, ramp: np.diff(ramp), "it returned an array of shape (2,), expected a number"),
        (lambda time, ramp: (1.0, ramp), "it returned 2 things (a number, an array of shape (3,)), expected a number"),
        (lambda time, ramp: "ten", "it returned a str, expected a number"),
        (lambda time, ramp: {"slope": 1}, "it returned a dict, expected a number"),
        (lambda time, ramp: [1.0, None, [2.0]], "something is None"),
        (lambda time, ramp: 1j, "it returned a complex, expected a number"),
        (lambda time, ramp: np.inf, "1 infinite values"),
        (lambda time, ramp: 10 * units.m, "it returned a quantity in 'm'"),
        (lambda time, ramp: [1 * units.m, 2 * units.m], "it returned a list that holds no numbers"),
        (lambda time, ramp: np.zeros(50_000), "at most 20000 numbers"),
        (lambda time, ramp: None if ramp[0] > 5 else 1.0, "it returned nothing: end it with 'return'"),
        (lambda time, ramp: -mean_step(time, ramp), "the sign is the other one"),
        (lambda time, ramp: 1e6 * mean_step(time, ramp), "more than a factor of ten off"),
        (lambda time, ramp: 3 * np.diff(ramp).mean(), "too high"),
        (changes_its_arguments, "it changes the arguments it is given"),
    ],
)
def test_what_is_wrong_with_a_function_is_said(space, function, words):
    verdict = give(function)
    assert verdict.outcome in ("failed", "partial") and words in verdict.message


@pytest.mark.parametrize("value", [3.0, "mean_step", TIMES])
def test_a_value_in_place_of_the_function_is_refused_with_how_to_hand_it_in(space, value):
    verdict = give(value)
    assert verdict.outcome == "invalid"
    assert 'expected a function, without brackets: answers.give("01-slope", name)' in verdict.message


def raises_over_lines(time, ramp):
    raise ValueError("first\nsecond \x1b[31m red " + 1000 * "x")


def test_what_a_function_raised_is_recorded_as_one_printable_line(space):
    verdict = give(raises_over_lines)
    assert "it raised ValueError: first second [31m red xxx" in verdict.message
    recorded_call = recorded.read(space, "01_all")["01-slope"].answer.value.calls[0]
    assert recorded_call.problem.isprintable() and len(recorded_call.problem) == probes.LONGEST_PROBLEM


def test_a_list_that_holds_itself_is_refused(space):
    endless = [1.0, [2.0]]
    endless.append(endless)
    assert "it returned" in give(lambda time, ramp: endless).message


def test_the_message_does_not_hold_the_expected_number(space):
    expected = mean_step(*make_probes(probes.SEED)[0])
    for function in (lambda time, ramp: 12.0, lambda time, ramp: -12.0, lambda time, ramp: np.nan):
        assert f"{expected:.4g}" not in give(function).message


def test_after_an_answer_the_reference_function_is_revealed(space):
    assert answers.reveal("01-slope") is None
    give(last_over_time)
    assert answers.reveal("01-slope")(*make_probes(1)[0]) == mean_step(*make_probes(1)[0])


def test_each_call_gets_a_fresh_copy_of_its_arguments():
    seen = []

    def grow(values):
        seen.append(values.copy())
        values += 1
        return 0.0

    argument = np.zeros(2)
    first = probes.run(grow, ((argument,), (argument,)))
    assert [call.changed for call in first] == [True, True]
    assert not argument.any() and not np.any(seen)


def test_arrays_are_compared_element_by_element_with_nan_equal_to_nan():
    wanted = Output([1.0, float("nan"), 3.0])
    assert probes.difference(Output([1.0005, float("nan"), 3.0]), wanted, 1e-3, 0.0) == ""
    wrong = probes.difference(Output([1.0, 2.0, 3.0]), wanted, 1e-3, 0.0)
    assert wrong.startswith("2 of 3 values are right; element [1] is 2: expected NaN")


def test_several_results_are_compared_item_by_item():
    wanted = Output([1.0, [1.0, 2.0]])
    assert probes.difference(Output([1, [1, 2]]), wanted, 0.0, 0.0) == ""
    assert probes.difference(Output([1, [1, 5]]), wanted, 0.0, 0.0).startswith("item 1: 1 of 2 values")
    assert probes.difference(Output([1, [1, 2, 3]]), wanted, 0.0, 0.0) == (
        "item 1: it returned an array of shape (3,), expected an array of shape (2,)"
    )
    assert "it returned 3 things" in probes.difference(Output([1, [1, 2], 3]), wanted, 0.0, 0.0)


@pytest.mark.parametrize(
    "value",
    [
        "def slope(time, ramp): ...",
        {"seed": 1},
        {"seed": 1, "calls": []},
        {"seed": -1, "calls": [{"value": 1, "problem": "", "changed": False}]},
        {"seed": True, "calls": [{"value": 1, "problem": "", "changed": False}]},
        {"seed": 1, "calls": [{"value": 1, "problem": ""}]},
        {"seed": 1, "calls": [{"value": "inf", "problem": "", "changed": False}]},
        {"seed": 1, "calls": [{"value": [[[[[1]]]]], "problem": "", "changed": False}]},
        {"seed": 1, "calls": [{"value": 1, "problem": "x" * 1000, "changed": False}]},
        {"seed": 1, "calls": [{"value": None, "problem": "red: \x1b[31m", "changed": False}]},
        {"seed": 1, "calls": [{"value": [1, None], "problem": "", "changed": False}]},
        {"seed": 1, "calls": [{"value": 1, "problem": "", "changed": 0}]},
        {"seed": 1, "calls": [{"value": 1, "problem": "", "changed": False}] * 101},
    ],
)
def test_a_record_that_is_no_answer_of_a_function_is_refused(value):
    record = codec.encode(Answer("01-slope", "text", "x")) | {"kind": "code", "value": value}
    with pytest.raises(AnswerError, match="no valid answer record"):
        codec.decode(record)


def test_outputs_come_back_from_json_as_they_were():
    outputs = Outputs(7, (Output(1.5), Output([1, [2.5, 3]]), Output(None, "it raised"), Output([], "", True)))
    record = json.loads(json.dumps(codec.encode(Answer("01-slope", "code", outputs)), allow_nan=False))
    assert codec.decode(record).value == outputs


def test_a_record_with_too_few_calls_is_invalid(space):
    answer = Answer("01-slope", "code", Outputs(1, (Output(1.0),)), exercise=exercise())
    verdict = judge.judge(answer, judge.facts_for(space))
    assert verdict.outcome == "invalid" and "1 recorded calls, expected 4" in verdict.message


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (None, "code needs probes"),
        (lambda seed: make_probes(0), "another seed must give other probes"),
        (lambda seed: make_probes(seed)[:2], "expected 3 to 100 probes"),
        (lambda seed: tuple(ramp for _, ramp in make_probes(seed)), "a probe is a tuple of arguments"),
        (lambda seed: tuple((n, object()) for n in range(seed + 3)), "one seed must give the same probes each time"),
    ],
)
def test_a_code_exercise_with_unsound_probes_is_no_sound_record(space, monkeypatch, made, words):
    monkeypatch.setattr(sys.modules["pocket.lesson01_all.exercises"], "EXERCISES", (exercise(probes=made),))
    assert any(words in problem for problem in index.problems("01"))


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("Write slope(time, ramp), DN/s, within 0.1 %.", "does not tell {tolerance}: 0.1 %"),
        ("Write slope(time, ramp) in {unit}, within {tolerance}.", "has {unit}, which unit and check do not give"),
        ("Write slope(time, ramp), within {tolerance.", "is no template"),
    ],
)
def test_a_question_that_does_not_tell_what_its_check_allows_is_no_sound_record(space, monkeypatch, question, words):
    changed = dataclasses.replace(exercise(), question=question)
    monkeypatch.setattr(sys.modules["pocket.lesson01_all.exercises"], "EXERCISES", (changed,))
    (problem,) = index.problems("01")
    assert words in problem


def test_a_code_exercise_with_sound_probes_is_a_sound_record(space):
    assert index.problems("01") == []
    assert from_learner(exercise(), mean_step).value.seed == probes.SEED
