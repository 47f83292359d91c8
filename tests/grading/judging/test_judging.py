"""The judge of grading: what each outcome of a run and each answer earns, and what instructors' own tests add."""

import dataclasses
import os
import signal
import subprocess
import sys

import pytest

from mrskit.answering import recorded
from mrskit.course import index
from mrskit.exercises.codec import encode
from mrskit.exercises.outcomes import LOST, Outcome
from mrskit.exercises.record import Answer, Output, Outputs
from mrskit.grading.judging import judges
from mrskit.grading.judging.judges import JudgeProcess
from mrskit.grading.judging.judging import Judge, counted
from mrskit.grading.key import open_key
from mrskit.grading.records import Given, ProductFacts

SLOW = 23.88992 / 2.77504  # SLOWR1 over FASTR1 group time, s


def judged(key, record):
    """The verdicts on one record by exercise."""
    return {row.id: row for row in Judge(key).judge([record])[0].rows}


def test_a_right_answer_earns_all_points_and_a_misconception_its_own_message(plan_key, record_of):
    found = judged(plan_key, record_of("01", {"01-slow-group": SLOW, "01-context": "c"}))
    assert (found["01-slow-group"].outcome, found["01-slow-group"].points) == ("passed", 1)
    assert (found["01-context"].outcome, found["01-context"].points) == ("failed", 0)
    assert found["01-context"].misconception == "cache"


@pytest.mark.parametrize("outcome", [*LOST, Outcome.NOT_ANSWERED])
def test_what_became_of_an_exercise_in_the_run_is_its_outcome(plan_key, record_of, outcome):
    found = judged(plan_key, record_of("01", {"01-slow-group": Given("01-slow-group", outcome)}))["01-slow-group"]
    assert (found.outcome, found.points, found.unknown) == (outcome, 0, 0)
    assert found.message and found.hint


def test_a_package_that_the_course_does_not_have_is_told_with_those_that_it_has(plan_key, record_of):
    lost = Given("01-slow-group", Outcome.ERROR, message="ModuleNotFoundError: No module named 'pandas'")
    said = judged(plan_key, record_of("01", {"01-slow-group": lost}))["01-slow-group"].message
    assert "'pandas'" in said and "numpy, scipy, astropy" in said


def test_addresses_in_memory_which_differ_from_run_to_run_are_no_part_of_a_message(plan_key, record_of):
    lost = Given("01-slow-group", "error", message="TypeError: <function f at 0x7f2b4c0d1e80> is no number, nor 0xff")
    found = judged(plan_key, record_of("01", {"01-slow-group": lost}))["01-slow-group"]
    assert found.message == "TypeError: <function f at 0x…> is no number, nor 0xff"


def test_an_exercise_of_which_the_record_says_nothing_is_missing(plan_key, record_of):
    found = judged(plan_key, record_of("01", {}))
    assert set(found) == {item.id for item in index.lesson_exercises("01")}
    assert {item.outcome for item in found.values()} == {"missing"}


def test_a_record_of_another_kind_exercise_or_seed_is_no_answer(plan_key, record_of):
    text = encode(Answer("01-slow-group", "text", "8.6"))
    other = encode(Answer("01-context", "choice", "b"))
    calls = tuple(Output(1) for _ in index.exercise("01-groups-that-fit").probes(99))
    code = encode(Answer("01-groups-that-fit", "code", Outputs(99, calls)))
    records = {"01-slow-group": text, "01-both-selectors": other, "01-groups-that-fit": code,
               "01-silent-default": {"schema": 1}}  # fmt: skip
    given = {name: Given(name, Outcome.RECORDED, record) for name, record in records.items()}
    found = judged(plan_key, record_of("01", given))
    assert {found[name].outcome for name in records} == {"invalid record"}


def test_what_the_key_lacks_is_an_error_of_the_grader_and_costs_no_points(plan_key, record_of):
    found = judged(plan_key, record_of("01", {"01-photon-time-here": 100.0}))["01-photon-time-here"]
    assert (found.outcome, found.points, found.unknown) == ("grader error", 0, 2)
    assert "instructor" in found.message and str(plan_key.root) not in found.message
    assert found.detail


def test_exercises_that_are_left_out_do_not_count_and_others_count_as_the_rules_say(rules_of, record_of):
    key = rules_of('left_out = ["01-context"]\n[points]\n"01-slow-group" = 5')
    found = judged(key, record_of("01", {"01-slow-group": SLOW, "01-context": "b"}))
    assert "01-context" not in found
    assert (found["01-slow-group"].points, found["01-slow-group"].points_max) == (5, 5)


def sound_rate(**changes):
    steps = ("S_DQINIT", "S_SATURA", "S_LINEAR", "S_DARK", "S_JUMP", "S_RAMP")
    header = {"TELESCOP": "JWST", "INSTRUME": "MIRI"} | {name: "COMPLETE" for name in steps}
    facts = ProductFacts("Source/stage1/a_rate.fits", "rate", "", (1024, 1032), header, {"median": 1.0, "finite": 0.9})
    return dataclasses.replace(facts, **changes)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, ""),
        ({"problem": "truncated"}, "cannot be read"),
        ({"shape": (1024, 1024)}, "expected (1024, 1032)"),
        ({"header": {"TELESCOP": "JWST", "INSTRUME": "MIRI", "S_RAMP": "SKIPPED"}}, "slope fit"),
        ({"header": {}}, "does not contain JWST"),
        ({"values": {"finite": 0.0}}, "all elements are NaN"),
    ],
)
def test_products_of_the_notebook_are_judged_by_header_and_value(plan_key, record_of, changes, said):
    made = Judge(plan_key).judge([record_of("03", {}, products=(sound_rate(**changes),))])[0].products[0]
    assert said in "; ".join(made.problems)
    assert bool(made.problems) == bool(said)


@pytest.mark.parametrize(("sound", "outcome", "points"), [(2, "passed", 3.0), (1, "partial", 1.5), (0, "failed", 0.0)])
def test_rules_can_ask_for_products_and_count_the_sound_ones(rules_of, record_of, sound, outcome, points):
    key = rules_of('[[products]]\nlesson = "03"\nkind = "rate"\ncount = 2\npoints = 3')
    made = [sound_rate(path=f"Source/stage1/{number}_rate.fits") for number in range(sound)]
    found = judged(key, record_of("03", {}, products=(*made, sound_rate(shape=(3, 3)))))["03-products-rate"]
    assert (found.outcome, found.points, found.points_max) == (outcome, points, 3.0)


CHECKS = """
import pytest

@pytest.mark.points(2)
@pytest.mark.hint("look again")
def test_the_ratio_is_precise(answers):
    assert answers.value("01-slow-group") == pytest.approx(8.609, abs=0.001), "secret 8.609"

@pytest.mark.partial
@pytest.mark.points(4)
@pytest.mark.parametrize("name", ["01-context", "01-both-selectors"])
def test_choices(answers, key, name):
    assert answers.value(name) == key.expected(name)

@pytest.mark.exercise("01-silent-default")
def test_another_opinion(answers):
    assert answers.value("01-silent-default") == "a"

def test_that_is_broken(answers):
    raise RuntimeError("a mistake of the instructor")
"""


@pytest.fixture
def key_with_tests(plan_key):
    """The key with tests of an instructor."""
    (plan_key.root / "checks").mkdir()
    (plan_key.root / "checks" / "test_01_more.py").write_text(CHECKS, encoding="utf-8")
    return open_key(plan_key.root)


def test_tests_of_the_instructor_judge_many_records_in_one_run(key_with_tests, record_of):
    good = {"01-slow-group": SLOW, "01-context": "b", "01-both-selectors": "d", "01-silent-default": "a"}
    half = {"01-slow-group": 8.7, "01-context": "b", "01-both-selectors": "a"}
    records = [record_of("01", good), record_of("01", half), record_of("02", {})]
    first, second, other = ({row.id: row for row in item.rows} for item in Judge(key_with_tests).judge(records))
    precise, choices, broken = (f"test_01_more::test_{name}" for name in ("the_ratio_is_precise", "choices",
                                                                         "that_is_broken"))  # fmt: skip
    assert (first[precise].outcome, first[precise].points) == ("passed", 2)
    assert (second[precise].outcome, second[precise].hint) == ("failed", "look again")
    assert (first[choices].points, second[choices].outcome, second[choices].points) == (4, "partial", 2)
    assert (first["01-silent-default"].outcome, first["01-silent-default"].points) == ("passed", 1)
    assert second["01-silent-default"].outcome == "missing"
    assert (first[broken].outcome, first[broken].unknown) == ("grader error", 1)
    assert not any(name.startswith("test_01") for name in other)


def test_the_tests_of_one_key_are_not_those_of_the_next_with_files_of_the_same_name(key_with_tests, record_of):
    record = record_of("01", {"01-slow-group": 8.609})
    judged(key_with_tests, record)
    file = key_with_tests.root / "checks" / "test_01_more.py"
    file.write_text("def test_of_the_next(answers):\n    assert answers.value('01-slow-group')\n", encoding="utf-8")
    found = judged(open_key(key_with_tests.root), record)
    assert [name for name in found if "::" in name] == ["test_01_more::test_of_the_next"]


def test_what_an_assertion_says_is_for_the_instructor_alone(key_with_tests, record_of):
    found = judged(key_with_tests, record_of("01", {"01-slow-group": 8.7}))["test_01_more::test_the_ratio_is_precise"]
    assert "secret" not in found.message and "8.609" not in found.message + found.hint
    assert "secret" in found.detail


def test_tests_that_pytest_cannot_read_are_an_error_of_the_grader_with_what_it_said(key_with_tests, record_of):
    (key_with_tests.root / "checks" / "test_01_more.py").write_text("import nothing_of_that_name\n")
    with JudgeProcess(key_with_tests) as judge:
        rows = judge.judge([record_of("01", {"01-slow-group": SLOW})])[0].rows
    assert {row.outcome for row in rows} == {"grader error"}
    assert "nothing_of_that_name" in rows[0].detail


@pytest.fixture
def process(plan_key):
    """A judge in a process of its own."""
    with JudgeProcess(plan_key) as judge:
        yield judge


def test_the_process_judges_as_this_one_does(process, plan_key, record_of):
    records = [record_of("01", {"01-slow-group": SLOW}), record_of("06", {"06-pah": "b"})]
    assert process.judge(records) == Judge(plan_key).judge(records)


def test_a_judge_that_was_killed_is_replaced(process, record_of):
    record = record_of("01", {"01-slow-group": SLOW})
    first = process.judge([record])
    os.killpg(process._running.process.pid, signal.SIGKILL)
    assert process.judge([record]) == first


def test_a_judge_that_does_not_answer_is_an_error_of_the_grader(plan_key, record_of, monkeypatch):
    monkeypatch.setattr(judges, "EACH", 0.1)
    idle = (sys.executable, "-c", "import time; time.sleep(60)")
    with JudgeProcess(plan_key, wrap=lambda command: idle, patience=0.1) as judge:
        rows = judge.judge([record_of("01", {})])[0].rows
    assert {row.outcome for row in rows} == {"grader error"}
    assert [row.id for row in rows] == [item.id for item in counted("01_setup", plan_key.rules)]


def test_the_sandbox_of_the_judge_has_no_network_and_writes_nothing(tmp_path):
    code = (
        "import socket, pathlib\n"
        "try: socket.create_connection(('127.0.0.1', 9), 1)\n"
        "except OSError as error: print(error.errno)\n"
        f"try: pathlib.Path({str(tmp_path / 'x')!r}).write_text('x')\n"
        "except OSError as error: print(error.errno)\n"
        "print(*(line.split(':')[0].strip() for line in open('/proc/net/dev').readlines()[2:]))"
    )
    command = judges.without_network((sys.executable, "-c", code))
    if command[0] != "bwrap":
        pytest.skip("bubblewrap does not work here: install it with 'apt-get install bubblewrap'")
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert said[-2:] == ["30", "lo"]  # EROFS; no interface but its own loopback
    assert not (tmp_path / "x").exists()


def crashing(exercise):
    """The exercise, with a check that fails at every answer above ten."""

    def check(answer, facts):
        if answer.value > 10:
            raise IndexError("all elements 4")
        return exercise.check(answer, facts)

    return dataclasses.replace(exercise, check=check)


@pytest.mark.parametrize(
    ("own", "outcome", "unknown"), [(SLOW, "invalid record", 0), (None, "grader error", 1), (99.0, "grader error", 1)]
)
def test_an_error_is_the_fault_of_an_answer_if_the_own_answer_of_the_key_causes_none(
    plan_key, record_of, monkeypatch, own, outcome, unknown
):
    broken = crashing(index.exercise("01-slow-group"))
    exercises = [broken if item.id == broken.id else item for item in index.lesson_exercises("01")]
    by_id = {item.id: item for item in exercises}
    monkeypatch.setattr(index, "lesson_exercises", lambda lesson: exercises)
    monkeypatch.setattr(index, "exercise", lambda name: by_id[name])
    if own is not None:
        recorded.write(plan_key.workspace, "01_setup", encode(Answer(broken.id, broken.kind, own)), "12:SHORT")
    found = judged(plan_key, record_of("01", {broken.id: 11.0}))[broken.id]
    assert (found.outcome, found.points, found.unknown) == (outcome, 0, unknown)
    assert found.message and "all elements" not in found.message
