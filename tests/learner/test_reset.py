"""A reset takes an answer and its cell back, keeps a backup, and leaves the rest alone."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from mrskit.answering import recorded
from mrskit.errors import AnswerError, LessonError
from mrskit.exercises import codec
from mrskit.exercises.record import Answer
from mrskit.learner import course, notebooks, progress, reset

COMMAND = Path(sys.executable).with_name("mrskit")


@pytest.fixture
def worked(space):
    """A workspace with two answers and a notebook in which the learner wrote into two cells."""
    for name in ("01-slow-group", "01-useful-time"):
        recorded.write(space, "01_setup", codec.encode(Answer(name, "scalar", 9.0)), "12:SHORT")
        recorded.count_hint(space, "01_setup", name)
    path = course.notebook(space, "01")
    table = json.loads(path.read_text())
    for cell in table["cells"]:
        if notebooks.exercise_of(cell) in ("01-slow-group", "01-useful-time"):
            cell.update(source="mine = 9", outputs=[{"output_type": "stream", "name": "stdout", "text": "x"}])
    path.write_text(json.dumps(table))
    return space


def cell_of(space, name):
    cells = notebooks.load(space.root / "Notebook" / "01_setup.ipynb")["cells"]
    return next(cell for cell in cells if notebooks.exercise_of(cell) == name)


def test_an_exercise_gets_its_cell_and_its_answer_back_and_others_stay(worked):
    kept = reset.reset(worked, reset.target("01-slow-group"))
    assert "..." in notebooks.text_of(cell_of(worked, "01-slow-group"))
    assert cell_of(worked, "01-slow-group")["outputs"] == []
    assert notebooks.text_of(cell_of(worked, "01-useful-time")) == "mine = 9"
    assert list(recorded.read(worked, "01_setup")) == ["01-useful-time"]
    assert {path.suffix for path in kept} == {".ipynb", ".json"}
    assert "mine = 9" in next(path for path in kept if path.suffix == ".ipynb").read_text()
    assert progress.check(worked).problems == ()


def test_a_lesson_becomes_a_new_copy(worked):
    first = reset.reset(worked, reset.target("01"))
    assert recorded.read(worked, "01_setup") == {}
    assert all(
        "mine = 9" not in notebooks.text_of(cell_of(worked, name)) for name in ("01-slow-group", "01-useful-time")
    )
    second = reset.reset(worked, reset.target("01"))
    assert len({*first, *second}) == 4 and all(path.is_file() for path in first)


def test_a_notebook_without_the_cell_is_left_as_it_is(worked):
    path = worked.root / "Notebook" / "01_setup.ipynb"
    path.write_text('{"cells": []}')
    with pytest.raises(LessonError, match="found no cell for 01-slow-group"):
        reset.reset(worked, reset.target("01-slow-group"))
    assert "01-slow-group" in recorded.read(worked, "01_setup")


def test_what_does_not_exist_is_not_reset():
    with pytest.raises(AnswerError, match="did you mean 01-slow-group"):
        reset.target("01-slow-grup")
    with pytest.raises(LessonError, match="no lesson"):
        reset.target("12")


@pytest.mark.parametrize(("answer", "code", "left"), [("n\n", 1, 2), ("y\n", 0, 1)])
def test_the_command_asks_first(worked, answer, code, left):
    done = subprocess.run(
        [COMMAND, "reset", "01-useful-time", "-w", worked.root], input=answer, capture_output=True, text=True
    )
    assert (done.returncode, len(recorded.read(worked, "01_setup"))) == (code, left)
    assert "Reset 01-useful-time in" in done.stdout


def test_with_yes_the_command_does_not_ask(worked):
    command = [COMMAND, "reset", "01-useful-time", "-w", worked.root, "--yes"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True)
    assert "Backup: " in done.stdout
    assert len(recorded.read(worked, "01_setup")) == 1


def test_a_fresh_start_keeps_a_broken_notebook_beside_and_all_answers(worked):
    path = worked.root / "Notebook" / "01_setup.ipynb"
    path.write_text("<<<<<<< HEAD\n")
    command = [COMMAND, "start", "01", "-w", worked.root, "--prepare", "--fresh"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    kept = list((worked.root / "Notebook" / "backup").glob("01_setup-*.ipynb"))
    assert [item.read_text() for item in kept] == ["<<<<<<< HEAD\n"] and "Backup: " in done.stdout
    assert len(notebooks.load(path)["cells"]) > 10
    assert sorted(recorded.read(worked, "01_setup")) == ["01-slow-group", "01-useful-time"]
