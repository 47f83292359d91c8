"""Progress: answers of files and saved notebooks are merged, and only what changed is judged anew."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from mrskit.answering import answer_files, judge, recorded
from mrskit.course import index
from mrskit.errors import LessonError
from mrskit.exercises import codec
from mrskit.exercises.record import Answer
from mrskit.learner import progress

SLOW, PHOTON = "01-slow-group", "01-photon-time-here"


def row(state, name):
    return next(item for item in state.rows if item.id == name)


def give(space, name, value):
    recorded.write(space, "01_setup", codec.encode(Answer(name, "scalar", value)), "12:SHORT")


def test_the_answers_of_a_saved_notebook_count_although_nothing_is_run(space, saved):
    saved({SLOW: 8.61})
    state = progress.check(space)
    assert (row(state, SLOW).outcome, row(state, SLOW).points) == ("passed", 1)
    assert recorded.read(space, "01_setup")[SLOW].setting == "12:SHORT"
    assert state.card.passed == 1 and state.current.id == "01-nearest-galaxy"


def test_what_has_not_changed_is_not_judged_again(space, saved, monkeypatch):
    saved({SLOW: 9.0, PHOTON: 100.0})
    first = progress.check(space)
    assert first.judged == 2
    monkeypatch.setattr(judge, "judge", lambda *_: pytest.fail("judged again"))
    assert progress.check(space) == progress.Progress(first.card, (), 0)
    assert row(first, SLOW).misconception == "samples-for-frames"


def test_one_changed_answer_is_one_verdict(space, saved):
    saved({SLOW: 9.0, PHOTON: 100.0})
    progress.check(space)
    saved({SLOW: 8.6, PHOTON: 100.0}, age=-5)
    state = progress.check(space)
    assert (state.judged, row(state, SLOW).outcome) == (1, "passed")


def test_new_data_have_only_those_exercises_judged_anew_that_look_at_them(space, saved):
    saved({SLOW: 8.61, PHOTON: 100.0})
    progress.check(space)
    (space.stage("source", "uncal") / "new_uncal.fits").write_bytes(b"")
    assert progress.check(space).judged == 1


def test_all_is_judged_anew_when_the_judge_changes_or_when_asked(space, saved, monkeypatch):
    saved({SLOW: 8.61, PHOTON: 100.0})
    progress.check(space)
    assert progress.check(space, fresh=True).judged == 2
    monkeypatch.setattr(progress.digests, "of_kit", lambda: "another")
    assert progress.check(space).judged == 2


def test_an_answer_given_after_the_notebook_was_saved_counts_and_an_older_one_does_not(space, saved):
    saved({SLOW: 9.0}, age=60)
    give(space, SLOW, 8.61)
    assert row(progress.check(space), SLOW).outcome == "passed"
    saved({SLOW: 9.0}, age=-60)
    assert row(progress.check(space), SLOW).outcome == "failed"


def test_a_cell_that_was_changed_since_it_was_run_is_named(space, saved):
    saved({SLOW: 8.61}, ran={SLOW: "answer = 8.61  # as run"})
    assert progress.check(space).changed == (SLOW,)
    saved({SLOW: 8.61})
    assert progress.check(space).changed == ()


def test_a_notebook_from_elsewhere_counts_when_it_is_named(space, saved, tmp_path):
    path = saved({SLOW: 8.61}).rename(tmp_path / "mine.ipynb")
    assert progress.check(space).card.passed == 0
    assert progress.check(space, path).card.passed == 1
    with pytest.raises(LessonError, match="no such notebook"):
        progress.check(space, tmp_path / "none.ipynb")


def test_a_damaged_notebook_is_reported_and_the_rest_counts(space, saved):
    give(space, SLOW, 8.61)
    (space.root / "Notebook" / "02_raw_overview.ipynb").write_text("{")
    state = progress.check(space)
    assert state.card.passed == 1
    assert "02_raw_overview.ipynb: not a readable notebook" in state.problems[0]


def test_a_forged_record_in_a_notebook_is_left_out(space, saved):
    path = saved({SLOW: 8.61})
    path.write_text(path.read_text().replace('"value": 8.61', '"value": {"a": 1}'))
    state = progress.check(space)
    assert row(state, SLOW).outcome == "not answered"


@pytest.mark.parametrize("text", ["", "[]", '{"schema": 0}', '{"schema": 1}'])
def test_a_damaged_file_of_progress_is_made_anew(space, saved, text):
    saved({SLOW: 8.61})
    (space.root / progress.FILE).write_text(text)
    assert progress.check(space).card.passed == 1
    assert progress.check(space).judged == 0


def test_a_kept_verdict_with_a_word_that_is_no_outcome_is_named_and_judged_anew(space, saved):
    saved({SLOW: 8.61})
    progress.check(space)
    table = progress.read(space)
    table["verdicts"][SLOW]["verdict"]["outcome"] = "excellent"
    (space.root / progress.FILE).write_text(json.dumps(table))
    state = progress.check(space)
    assert (row(state, SLOW).outcome, state.judged) == ("passed", 1)
    assert "progress.json: 01-slow-group is judged again (ValueError: no outcome 'excellent'" in state.problems[0]
    assert progress.check(space).problems == ()


def test_two_processes_that_write_progress_at_once_lose_nothing(space):
    code = (
        "import sys; from pathlib import Path\n"
        "from mrskit.learner import progress; from mrskit.workspace import Workspace\n"
        "space, letter = Workspace(Path(sys.argv[1])), sys.argv[2]\n"
        "for n in range(30):\n"
        "    progress.update(space, 'j', {}, {f'{letter}{n}': {'key': '', 'verdict': {}}})\n"
    )
    writers = [subprocess.Popen([sys.executable, "-c", code, str(space.root), letter]) for letter in "ab"]
    assert [writer.wait(timeout=120) for writer in writers] == [0, 0]
    assert len(progress.read(space)["verdicts"]) == 60


def test_progress_and_scorecard_agree(space, saved):
    saved({SLOW: 9.0, PHOTON: 100.0})
    assert progress.check(space).card == judge.scorecard(space)


@pytest.mark.pipeline
def test_check_takes_a_second_unchanged_and_three_after_a_change(solved_workspace, tmp_path, copy_of, processor_time):
    command = Path(sys.executable).with_name("mrskit")
    mine = copy_of(solved_workspace, tmp_path / "course")
    slowest = {"01_setup": SLOW, "02_raw_overview": "02-interference", "06_analysis": "06-broad-width"}
    for lesson in slowest:
        answer_files.answers_file(mine, lesson).write_text(
            answer_files.answers_file(solved_workspace, lesson).read_text()
        )
    progress.check(mine)
    spent, printed = processor_time(command, "check", "-w", mine.root, "--json")
    card = json.loads(printed)
    assert card["judged"] == 0 and card["passed"] == sum(len(index.lesson_exercises(lesson)) for lesson in slowest)
    assert spent < 1
    for lesson, name in slowest.items():
        record = answer_files.tables(mine, lesson)["answers"][name]
        value = [2 * item for item in record["value"]] if record["kind"] == "array" else 1.01 * record["value"]
        answer_files.merge(mine, lesson, {name: record | {"value": value}}, {}, {})
        spent, printed = processor_time(command, "check", "-w", mine.root, "--json")
        assert json.loads(printed)["judged"] == 1
        assert spent < 3, name
