"""A learner's workspace: the data of another one, none of its answers, and nothing of the learner's overwritten."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from mrskit import workspace
from mrskit.answering import recorded
from mrskit.course import index
from mrskit.errors import LessonError, WorkspaceError
from mrskit.exercises import codec
from mrskit.exercises.record import Answer
from mrskit.learner import course, notebooks, progress


@pytest.fixture
def demo(tmp_path):
    """What a solved demo leaves, in small."""
    space = workspace.create(tmp_path / "work" / "demo")
    space.update_card(settings=["12:SHORT"], simulated=True)
    (space.stage("source", "uncal") / "a_uncal.fits").write_bytes(b"raw")
    (space.stage("source", "stage3") / "a_s3d.fits").write_bytes(b"cube")
    space.truth.mkdir()
    (space.truth / "scene.json").write_text("{}")
    for path in ("Notebook/01_setup.ipynb", "Plots/01.png", "logs/a.log", "scorecard.json", "progress.json"):
        (space.root / path).write_text("solved")
    recorded.write(space, "01_setup", codec.encode(Answer("01-slow-group", "scalar", 8.6)), "12:SHORT")
    return space


@pytest.fixture
def mine(demo):
    return course.make(demo.root.parent / "course", demo.root)


def test_data_are_hard_links_and_answers_notebooks_and_figures_are_left_out(demo, mine):
    files = {path.relative_to(mine.root).as_posix() for path in mine.root.rglob("*") if path.is_file()}
    assert files == {"Source/uncal/a_uncal.fits", "Source/stage3/a_s3d.fits", "truth/scene.json", "workspace.json"}
    pair = [space.stage("source", "stage3") / "a_s3d.fits" for space in (demo, mine)]
    assert pair[0].samefile(pair[1])
    assert progress.check(mine).card.passed == 0 and progress.check(demo).card.passed == 1


def test_a_change_of_the_card_does_not_reach_the_other_workspace(demo, mine):
    mine.update_card(seed=1)
    assert demo.card().seed is None and mine.card().learner


def test_where_links_are_not_possible_files_are_copied(demo, monkeypatch):
    monkeypatch.setattr(course.os, "link", lambda *_: (_ for _ in ()).throw(OSError("another disk")))
    mine = course.make(demo.root.parent / "course", demo.root)
    assert (mine.stage("source", "stage3") / "a_s3d.fits").read_bytes() == b"cube"


def test_a_workspace_that_is_there_stays_as_it_is(demo, mine):
    course.notebook(mine, "01").write_text("my work")
    again = course.make(mine.root, demo.root)
    assert course.notebook(again, "01").read_text() == "my work"


def test_a_folder_with_something_else_in_it_is_refused(demo, tmp_path):
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.tex").write_text("")
    with pytest.raises(WorkspaceError, match="not empty and not a workspace"):
        course.make(tmp_path / "other", demo.root)


def test_a_notebook_is_the_students_with_the_folder_above_as_its_workspace(mine):
    cells = notebooks.load(course.notebook(mine, "01"))["cells"]
    (parameters,) = [cell for cell in cells if "parameters" in cell["metadata"].get("tags", ())]
    assert notebooks.text_of(parameters).splitlines()[0].startswith('workspace = ".."')
    assert len(notebooks.read(course.notebook(mine, "01")).cells) == len(index.lesson_exercises("01"))
    with pytest.raises(LessonError, match="no lesson '09'"):
        course.notebook(mine, "09")


def test_one_goes_on_in_the_lesson_last_worked_on_and_at_the_beginning_at_first(mine):
    assert course.resume(mine, progress.check(mine)) == "01_setup"
    recorded.write(mine, "04_spec2", codec.encode(Answer("04-a", "scalar", 1)), "12:SHORT")
    assert course.resume(mine, progress.check(mine)) == "04_spec2"


def test_the_workspace_is_found_from_folders_around_it(mine, monkeypatch):
    for folder in (mine.root.parents[1], mine.root, mine.root / "Notebook", mine.root / "Source" / "stage3"):
        monkeypatch.chdir(folder)
        assert course.find() == mine
    monkeypatch.chdir(Path(mine.root.anchor))
    with pytest.raises(WorkspaceError, match="Run 'mrskit start'"):
        course.find()


@pytest.mark.parametrize("command", [["run", "01"], ["demo"]])
def test_whole_lessons_are_not_run_over_a_learners_work(mine, command):
    (mine.root / "Notebook" / "01_setup.ipynb").write_text("my work")
    mrskit = Path(sys.executable).with_name("mrskit")
    done = subprocess.run([mrskit, *command, "-w", mine.root], capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "a learner's workspace" in done.stderr
    assert (mine.root / "Notebook" / "01_setup.ipynb").read_text() == "my work"


def test_start_prepares_data_and_notebook_without_a_browser(demo):
    mrskit = Path(sys.executable).with_name("mrskit")
    done = subprocess.run(
        [mrskit, "start", "02", "--prepare"], cwd=demo.root.parents[1], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    path = demo.root.parent / "course" / "Notebook" / "02_raw_overview.ipynb"
    assert str(path) in done.stdout
    assert json.loads(path.read_text())["metadata"]["mrskit"]["lesson"] == "02_raw_overview"
