"""A record at which the judge hangs or dies costs the answer that does it, and nobody else anything."""

import ctypes
import dataclasses
import faulthandler
import os
import signal

import numpy as np
import pytest

from mrskit.answering import recorded
from mrskit.course import index
from mrskit.exercises.codec import encode
from mrskit.exercises.values import from_learner
from mrskit.grading.judging import attempts
from mrskit.grading.judging.judging import Judge
from mrskit.grading.key import open_key
from mrskit.grading.records import Record
from mrskit.grading.verdicts import Judgement

RIGHT = {"01-slow-group": 8.609, "01-context": "b", "01-both-selectors": "d"}
DEEDS = {
    20: lambda: len(str(10**10**9)),  # no signal handler in Python would ever be called
    21: lambda: np.ones(4 * 10**8),
    22: lambda: quietly(ctypes.string_at, 0),
    23: lambda: 1 / 0,
    24: lambda: deep(0),
    25: lambda: quietly(os.abort),
    26: lambda: os.kill(os.getpid(), signal.SIGKILL),
}


def quietly(end, *arguments):
    faulthandler.disable()  # that of pytest, in the forked process: its end is asked for
    end(*arguments)


def deep(number):
    return deep(number + 1)


@pytest.fixture
def judge(plan_key, monkeypatch):
    """A judge whose check of 01-slow-group does what the answer says; the key has answers of its own."""
    monkeypatch.setattr(attempts, "SECONDS", 1.0)
    monkeypatch.setattr(attempts, "EACH", 0.0)
    asked = index.exercise("01-slow-group")

    def check(answer, facts):
        DEEDS.get(answer.value, lambda: None)()
        return asked.check(answer, facts)

    broken = dataclasses.replace(asked, check=check)
    exercises = [broken if item.id == asked.id else item for item in index.lesson_exercises("01")]
    monkeypatch.setattr(index, "lesson_exercises", lambda lesson: exercises)
    monkeypatch.setattr(index, "exercise", lambda name: next(item for item in exercises if item.id == name))
    for name, value in RIGHT.items():
        answer = encode(from_learner(index.exercise(name), value))
        recorded.write(plan_key.workspace, "01_setup", answer, "12:SHORT")
    return Judge(plan_key)


def outcomes(judge, records):
    found = (Judgement.from_json(table) for table in attempts.judged(judge, records))
    return [{row.id: str(row.outcome) for row in item.rows if row.id in RIGHT} for item in found]


@pytest.mark.parametrize("deed", [20, 21, 22, 23, 24, 25])
def test_an_answer_at_which_the_judge_hangs_dies_or_fails_is_no_valid_answer_and_the_others_count(
    judge, record_of, deed
):
    bad, good = outcomes(judge, [record_of("01", RIGHT | {"01-slow-group": deed}), record_of("01", RIGHT)])
    assert good == dict.fromkeys(RIGHT, "passed")
    assert bad == good | {"01-slow-group": "invalid record"}


def test_what_ends_the_judge_from_outside_is_nobodys_fault(judge, record_of):
    bad, good = outcomes(judge, [record_of("01", RIGHT | {"01-slow-group": 26}), record_of("01", RIGHT)])
    assert set(bad.values()) == {"grader error"} and set(good.values()) == {"passed"}


def test_a_key_whose_own_answer_fails_blames_nobody(judge, record_of):
    recorded.forget(judge.key.workspace, "01_setup", ["01-slow-group"])
    assert outcomes(judge, [record_of("01", RIGHT | {"01-slow-group": 22})]) == [dict.fromkeys(RIGHT, "grader error")]


def test_a_record_that_no_decoder_can_stand_is_no_valid_answer(judge, record_of, monkeypatch):
    from mrskit.grading.judging import judging

    original = judging.decode
    monkeypatch.setattr(judging, "decode", lambda record, exercise: 1 / 0 if exercise.id == "01-context" else
                        original(record, exercise))  # fmt: skip
    assert outcomes(judge, [record_of("01", RIGHT)]) == [dict.fromkeys(RIGHT, "passed") | {"01-context":
                                                                                        "invalid record"}]  # fmt: skip


TESTS = """
def test_the_inverse(answers):
    assert 1 / (answers.value("01-slow-group") - 3) < 1

def test_that_is_broken(answers):
    raise RuntimeError("a mistake of the instructor")
"""


def test_in_tests_of_the_instructor_too_an_error_is_the_answers_if_the_keys_own_passes(judge, record_of, monkeypatch):
    (judge.key.root / "checks").mkdir()
    (judge.key.root / "checks" / "test_01_more.py").write_text(TESTS, encoding="utf-8")
    monkeypatch.setattr(attempts, "SECONDS", 60.0)  # pytest takes more than a second to start
    judge = Judge(open_key(judge.key.root))
    records = [record_of("01", RIGHT | {"01-slow-group": value}) for value in (3, 8.609)]
    made = (Judgement.from_json(table) for table in attempts.judged(judge, records))
    found = [{row.id.partition("::test_")[2]: str(row.outcome) for row in item.rows if "::" in row.id} for item in made]
    assert found[0] == {"the_inverse": "invalid record", "that_is_broken": "grader error"}
    assert found[1] == {"the_inverse": "passed", "that_is_broken": "grader error"}


def test_a_judgement_without_points_unknown_is_kept(judge, record_of):
    record: Record = record_of("01", RIGHT | {"01-slow-group": 25})
    made = Judgement.from_json(attempts.judged(judge, [record])[0])
    assert not any(row.unknown for row in made.rows)  # so that the gradebook never tries it again
