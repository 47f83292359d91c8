"""The file of answers is merged by exercise and never half written."""

import json
import subprocess
import sys

import pytest

from mrskit import workspace
from mrskit.answering import recorded
from mrskit.course import index
from mrskit.errors import AnswerError
from mrskit.exercises import codec
from mrskit.exercises.record import Answer

LESSON = "03_detector1"


@pytest.fixture
def space(tmp_path):
    return workspace.create(tmp_path)


def record(name, value):
    return codec.encode(Answer(name, "scalar", value))


def test_answers_are_merged_by_exercise_and_the_last_one_counts(space):
    for name, value in (("03-a", 1), ("03-b", 2), ("03-a", 3)):
        recorded.write(space, LESSON, record(name, value), "12:SHORT")
    found = recorded.read(space, LESSON)
    assert {name: entry.answer.value for name, entry in found.items()} == {"03-a": 3, "03-b": 2}
    assert found["03-a"].setting == "12:SHORT"
    assert {path.name for path in space.answers.iterdir()} == {"03_detector1.json", ".03_detector1.lock"}


def test_hints_are_counted_beside_the_answers(space):
    assert [recorded.count_hint(space, LESSON, "03-a") for _ in range(2)] == [1, 2]
    recorded.write(space, LESSON, record("03-a", 1), "12:SHORT")
    assert recorded.read(space, LESSON)["03-a"].hints == 2


def test_a_lesson_that_was_not_worked_on_has_no_answers(space):
    assert recorded.read(space, LESSON) == {}


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"schema": 2}', '{"schema": 1, "answers": []}', "[" * 100_000, b"\xff\xfe".decode("latin1")]
)
def test_a_damaged_file_is_named_and_kept(space, text):
    path = recorded.answers_file(space, LESSON)
    path.write_text(text, encoding="utf-8")
    for action in (
        lambda: recorded.read(space, LESSON),
        lambda: recorded.write(space, LESSON, record("03-a", 1), "12:SHORT"),
    ):
        with pytest.raises(AnswerError, match=r"03_detector1\.json: damaged file of answers"):
            action()
    assert path.read_text(encoding="utf-8") == text


def test_a_record_under_another_id_is_refused(space):
    recorded.write(space, LESSON, record("03-a", 1), "12:SHORT")
    path = recorded.answers_file(space, LESSON)
    table = json.loads(path.read_text(encoding="utf-8"))
    table["answers"]["03-b"] = table["answers"]["03-a"]
    path.write_text(json.dumps(table), encoding="utf-8")
    with pytest.raises(AnswerError, match="the record of 03-b says 03-a"):
        recorded.read(space, LESSON)


def test_two_processes_that_write_at_once_lose_nothing(tmp_path):
    space = workspace.create(tmp_path)
    code = (
        "import sys; from mrskit import workspace; from mrskit.answering import recorded\n"
        "from mrskit.exercises import codec\n"
        "from mrskit.exercises.record import Answer\n"
        "space = workspace.create(sys.argv[1])\n"
        "for number in range(25):\n"
        "    name = f'01-{sys.argv[2]}{number}'\n"
        "    recorded.write(space, '01_setup', codec.encode(Answer(name, 'scalar', number)), '12:SHORT', 'abc')\n"
        "    recorded.count_hint(space, '01_setup', '01-both')\n"
    )
    writers = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path), letter]) for letter in "ab"]
    assert [writer.wait(timeout=120) for writer in writers] == [0, 0]
    assert len(recorded.read(space, "01_setup")) == 50
    assert recorded.count_hint(space, "01_setup", "01-both") == 51


def test_what_is_forgotten_leaves_the_rest(tmp_path):
    space = workspace.create(tmp_path)
    for name in ("01-a", "01-b"):
        recorded.write(space, "01_setup", codec.encode(Answer(name, "scalar", 1)), "12:SHORT", "abc")
    recorded.forget(space, "01_setup", ["01-a"])
    assert list(recorded.read(space, "01_setup")) == ["01-b"]
    assert recorded.read(space, "01_setup")["01-b"].source == "abc"


def test_a_file_of_an_older_version_without_the_digests_of_cells_is_read(tmp_path):
    space = workspace.create(tmp_path)
    recorded.write(space, "01_setup", codec.encode(Answer("01-a", "scalar", 1)), "12:SHORT")
    path = recorded.answers_file(space, "01_setup")
    table = json.loads(path.read_text())
    del table["sources"]
    path.write_text(json.dumps(table))
    assert recorded.read(space, "01_setup")["01-a"].source == ""


def test_an_answer_of_a_file_knows_its_exercise_where_the_course_has_it(space):
    for name in ("01-slow-group", "01-of-an-older-course"):
        recorded.write(space, "01_setup", record(name, 1.0), "12:SHORT")
    found = recorded.read(space, "01_setup")
    assert found["01-slow-group"].answer.exercise is index.exercise("01-slow-group")
    assert found["01-of-an-older-course"].answer.exercise is None
