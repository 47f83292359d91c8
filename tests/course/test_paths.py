"""The path of a half-day workshop: its time, what it depends on, where it is marked and where it counts."""

import ast
import re

import pytest

from mrskit import answers, workspace
from mrskit.course import index, paths
from mrskit.errors import GradingError, LessonError
from mrskit.grading.rules import read_rules
from mrskit.learner import progress
from mrskit.lessons import build, marks, slides
from mrskit.resources import lessons_folder

WORKSHOP = paths.PATHS["workshop"]
HALF_DAY = 210  # minutes
CELLS = ("# %%\na = 1\n", '# %% tags=["answer"] exercise="{0}"\n{1} = ...\n# solution begin\n{2}\n# solution end\n'
         'answers.give("{0}", {1})\n')  # fmt: skip


@pytest.fixture(scope="module")
def notebooks():
    """The notebooks of learners, by the name of their lesson."""
    return {name: build.student(name) for name in index.lessons()}


def bound(node, context):
    return {item.id for item in ast.walk(node) if isinstance(item, ast.Name) and isinstance(item.ctx, context)} | {
        item.name for item in ast.walk(node) if context is ast.Store and isinstance(item, ast.FunctionDef)
    }


def missing(cells, on):
    """Return the names that answer cells on a path use and only answer cells off it have made, by exercise."""
    here, elsewhere, found = set(), set(), {}
    for cell in (cell for cell in cells if cell.cell_type == "code"):
        tree, exercise = ast.parse(cell.source), cell.metadata.get("mrskit", {}).get("exercise", "")
        if exercise and exercise not in on:
            given = ast.parse(cell.source.partition(build.BEGIN)[0] + cell.source.partition(build.END)[2])
            answer = {
                name
                for node in ast.walk(given)
                if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and node.value.value is ...
                for name in bound(node, ast.Store)
            } | {node.name for node in given.body if isinstance(node, ast.FunctionDef)}
            elsewhere |= answer | (bound(tree, ast.Store) - bound(given, ast.Store))
            continue
        if exercise:
            uses = bound(tree, ast.Load) - here - bound(tree, ast.Store)
            found |= {exercise: uses & elsewhere} if uses & elsewhere else {}
        here |= bound(tree, ast.Store) if not exercise or exercise in on else set()
    return found


def test_the_path_has_exercises_of_the_course_alone_and_some_of_every_lesson():
    assert WORKSHOP <= {exercise.id for exercise in index.all_exercises()}
    assert {name[:2] for name in WORKSHOP} == {"01", "02", "03", "04", "05", "06"}


def test_the_path_takes_half_a_day_at_most_and_less_than_each_lesson(notebooks):
    told = {name: marks.minutes(notebook) for name, notebook in notebooks.items()}
    assert sum(told.values()) <= HALF_DAY, told
    for name, minutes in told.items():
        exercises = [item for item in index.lesson_exercises(name) if item.id in WORKSHOP]
        assert sum(item.minutes for item in exercises) < minutes < slides.minutes(notebooks[name])


def test_the_minutes_of_the_path_are_those_that_the_readme_tells(notebooks):
    text = (lessons_folder() / "README.md").read_text(encoding="utf-8")
    for name, notebook in notebooks.items():
        row = re.search(rf"(?m)^\| \[.*\]\({name}\.ipynb\) \| \d+ \| (\d+) \|", text)
        assert int(row[1]) == marks.minutes(notebook)


@pytest.mark.parametrize("name", index.lessons())
def test_no_exercise_of_the_path_depends_on_one_off_it(name):
    cells = build.read_source(lessons_folder() / "source" / f"{name}.py").cells
    assert missing(cells, WORKSHOP) == {}


@pytest.mark.parametrize(
    ("second", "on", "expected"),
    [
        ("y = 2 * x", {"01-b"}, {"01-b": {"x"}}), ("y = 2 * helper", {"01-b"}, {"01-b": {"helper"}}),
        ("y = 2 * a", {"01-b"}, {}), ("y = 2 * x", {"01-a", "01-b"}, {}), ("y = 2 * x", {"01-a"}, {}),
    ],
)  # fmt: skip
def test_a_dependence_on_an_exercise_off_the_path_is_seen(tmp_path, second, on, expected):
    source = CELLS[0] + CELLS[1].format("01-a", "x", "helper = a\nx = helper") + CELLS[1].format("01-b", "y", second)
    (tmp_path / "01_setup.py").write_text(source, encoding="utf-8")
    assert missing(build.read_source(tmp_path / "01_setup.py").cells, on) == expected


def test_questions_and_sections_of_the_path_are_marked_and_no_others(notebooks):
    for name, notebook in notebooks.items():
        texts = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
        marked = re.findall(r"</a>◆ \*\*Exercise `([\w-]+)`", "\n".join(texts))
        assert set(marked) == {item.id for item in index.lesson_exercises(name) if item.id in WORKSHOP}
        sections = re.split(r"(?m)^## ", "\n".join(texts))[1:]
        for section in sections:
            asked = set(re.findall(r"\*\*Exercise `([\w-]+)`\.\*\*", section))
            assert ("\n\n*◆ Workshop*\n" in section) == bool(not asked or asked & WORKSHOP), section[:40]


def test_grading_counts_the_exercises_of_the_path_alone(tmp_path):
    (tmp_path / "grading.toml").write_text('path = "workshop"\nleft_out = ["01-context"]\n', encoding="utf-8")
    counted = {item.id for item in index.all_exercises()} - read_rules(tmp_path).left_out
    assert counted == WORKSHOP - {"01-context"}
    (tmp_path / "grading.toml").write_text('path = "workship"\n', encoding="utf-8")
    with pytest.raises(GradingError, match=r"no path 'workship'.*expected workshop"):
        read_rules(tmp_path)


def test_a_learners_progress_and_summary_count_the_exercises_of_the_path_alone(tmp_path, capsys):
    space = workspace.create(tmp_path / "course")
    whole = progress.check(space).rows
    space.update_card(path="workshop")
    rows = progress.check(space).rows
    assert {row.id for row in rows} == WORKSHOP and len(rows) < len(whole) / 2
    answers.begin("02_raw_overview", space)
    answers.give("02-same-place", "z")
    capsys.readouterr()
    answers.summary()
    shown = capsys.readouterr().out
    count = sum(name.startswith("02") for name in WORKSHOP)
    assert f"Lesson 02 (workshop): 0 of {count} exercises are right" in shown
    assert "02-sci-shape" in shown and "02-tracks" not in shown
    space.update_card(path="")
    assert len(progress.check(space).rows) == len(whole) == len(index.all_exercises())


def test_there_is_no_other_path():
    with pytest.raises(LessonError, match="no path 'whole'"):
        paths.includes("whole", "01-context")
    assert paths.includes("", "01-anything") and not paths.includes("workshop", "01-anything")
