"""The release for nbgrader: its metadata are those of schema 3, and no value of a key is in it."""

import re
from types import SimpleNamespace

import jsonschema
import nbformat
import pytest

from mrskit import workspace
from mrskit.classroom import nbgrader_cells, nbgrader_course
from mrskit.course import index
from mrskit.errors import GradingError
from mrskit.exercises.codec import encode
from mrskit.exercises.outcomes import Outcome
from mrskit.exercises.values import from_learner
from mrskit.grading.intake import cells
from mrskit.grading.judging.judging import Judge
from mrskit.grading.rules import Rules
from mrskit.grading.verdicts import Judged, Judgement
from mrskit.lessons import build

# After nbgrader 0.9.6, nbgraderformat/v3.json, and what v3.py checks on top of it.
SCHEMA = {
    "type": "object",
    "properties": {
        "grade": {"type": "boolean"}, "solution": {"type": "boolean"}, "locked": {"type": "boolean"},
        "task": {"type": "boolean"}, "schema_version": {"enum": [3]}, "cell_type": {"enum": ["code", "markdown"]},
        "grade_id": {"type": "string", "minLength": 1, "pattern": "^[a-zA-Z0-9_\\-]+$"},
        "points": {"type": "number", "minimum": 0}, "checksum": {"type": "string"},
    },
    "required": ["grade", "solution", "locked", "schema_version", "grade_id"], "additionalProperties": False,
}  # fmt: skip
REGION = re.compile(r"[ \t]*### BEGIN (?P<kind>SOLUTION|HIDDEN TESTS)\n.*?### END (?P=kind)\n?", re.DOTALL)


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """The notebooks of a whole course by lesson."""
    paths = nbgrader_course.make_course(tmp_path_factory.mktemp("nbgrader") / "course")
    return {path.stem: nbformat.read(path, 4) for path in paths}


def marked(notebook):
    return [cell for cell in notebook.cells if "nbgrader" in cell.metadata]


def test_every_cell_has_metadata_of_schema_3_and_a_name_of_its_own(course):
    assert sorted(course) == list(index.lessons())
    for notebook in course.values():
        nbformat.validate(notebook)
        found = [cell.metadata["nbgrader"] for cell in marked(notebook)]
        for table in found:
            jsonschema.validate(table, SCHEMA)
            assert table["grade"] == ("points" in table) and not (table["grade"] and table["solution"])
        assert len({table["grade_id"] for table in found}) == len(found)
        assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)
        plain = [cell for cell in notebook.cells if cell.cell_type == "code" and "nbgrader" not in cell.metadata]
        assert [cell.metadata["tags"] for cell in plain] == [["parameters"]]  # all that students may change


def test_each_answer_is_judged_once_right_behind_it_for_its_points(course):
    for lesson, notebook in course.items():
        places = {cell.metadata["nbgrader"]["grade_id"]: place for place, cell in enumerate(notebook.cells)
                 if "nbgrader" in cell.metadata}  # fmt: skip
        for exercise in index.lesson_exercises(lesson):
            test = notebook.cells[places[exercise.id] + 1]
            assert test.metadata["nbgrader"]["grade_id"] == f"test-{exercise.id}"
            assert test.metadata["nbgrader"]["points"] == exercise.points
            assert f'points("{exercise.id}", {exercise.points:g})' in test.source
        assert sum(cell.metadata["nbgrader"].get("points", 0) for cell in marked(notebook)) == sum(
            exercise.points for exercise in index.lesson_exercises(lesson)
        )


def test_without_its_regions_the_source_is_the_notebook_of_learners(course):
    for lesson, notebook in course.items():
        shipped = {cell.id: cell.source for cell in build.student(lesson).cells}
        solved = {cell.id: cell.source for cell in build.solved(lesson).cells}
        for cell in notebook.cells:
            left = REGION.sub("", cell.source)
            if cell.id in shipped:
                assert left.rstrip() == shipped[cell.id].rstrip()
                released = REGION.sub("\n", cell.source)  # as nbgrader does with an empty code_stub
                assert cells.same(released, shipped[cell.id]) and cells.same(left, released)
                whole = re.sub(r"^\s*### (BEGIN|END) SOLUTION\n?", "", cell.source, flags=re.MULTILINE)
                assert whole.rstrip() == solved[cell.id].rstrip()
            else:
                assert [line for line in left.splitlines() if not line.startswith("#")] == []


def test_hidden_cells_hold_nothing_but_the_call_of_the_judge(course):
    for notebook in course.values():
        for cell in marked(notebook):
            if cell.metadata["nbgrader"]["grade_id"].startswith("test-"):
                code = cell.source.split("### BEGIN HIDDEN TESTS\n")[1].split("\n### END")[0].splitlines()
                assert code[0] == "from mrskit.classroom import nbgrader_cells" and len(code) == 2
                assert re.fullmatch(r'nbgrader_cells\.points\("[a-z0-9-]+", [\d.]+\)', code[1])


def test_points_and_left_out_exercises_follow_the_rules_of_a_key(tmp_path):
    points = {"01-context": 9, "01-slow-group": 0.5}
    rules = Rules(lessons=("01_setup",), left_out=frozenset({"01-configuration"}), points=points)
    (path,) = nbgrader_course.make_course(tmp_path / "course", rules=rules)
    points = {cell.metadata["nbgrader"]["grade_id"]: cell.metadata["nbgrader"].get("points")
              for cell in marked(nbformat.read(path, 4))}  # fmt: skip
    assert (points["test-01-context"], points["test-01-slow-group"]) == (9, 0.5)
    assert "01-configuration" in points and "test-01-configuration" not in points


def test_a_folder_that_holds_something_is_not_touched(tmp_path):
    (tmp_path / "mine.txt").write_text("keep")
    with pytest.raises(GradingError, match="is not empty"):
        nbgrader_course.make_course(tmp_path)


def record_of(name, value):
    return encode(from_learner(index.exercise(name), value))


class Kernel:
    """What a kernel has that hidden cells use: a publisher with hooks."""

    def __init__(self):
        self.display_pub, self.hooks = self, []

    def register_hook(self, hook):
        self.hooks.append(hook)

    def shows(self, record):
        message = {"content": {"data": {nbgrader_cells.MIME: record}}}
        assert self.hooks[-1](message) is message


@pytest.fixture
def kernel(monkeypatch, tmp_path):
    """A stand-in for the kernel of autograde, with the key and a judge in this process; leaving it is an exception."""
    space = workspace.create(tmp_path / "key")
    space.truth.mkdir()
    (space.truth / "scene.json").write_text("{}")
    space.update_card(settings=["12:SHORT"])

    def judged(key):
        return SimpleNamespace(judge=Judge(key).judge, close=lambda: None)

    def leave(code):
        raise SystemExit(code)

    shell = Kernel()
    monkeypatch.setattr(nbgrader_cells, "get_ipython", lambda: shell)
    monkeypatch.setattr(nbgrader_cells, "JudgeProcess", judged)
    monkeypatch.setattr(nbgrader_cells.os, "_exit", leave)
    monkeypatch.setattr(nbgrader_cells, "_session", None)
    for name in (nbgrader_cells.MODE, nbgrader_cells.VARIABLE):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv(nbgrader_cells.KEY, str(space.root))
    return shell


def test_hidden_cells_give_points_as_nbgrader_reads_partial_credit(kernel):
    folder = nbgrader_cells.begin("01_setup")
    assert nbgrader_cells.os.environ[nbgrader_cells.MODE] == "grade" and "truth" not in {
        path.name for path in nbgrader_cells.Path(folder).iterdir()
    }
    right, wrong = (record_of("01-context", letter) for letter in "ba")
    kernel.shows(wrong)
    kernel.shows(right)  # what was handed in last counts
    assert nbgrader_cells.points("01-context", 3) == 3.0
    with pytest.raises(AssertionError, match="Nothing was handed in"):
        nbgrader_cells.points("01-context", 3)
    kernel.shows(wrong)
    with pytest.raises(AssertionError):
        nbgrader_cells.points("01-context", 3)
    kernel.shows(right | {"id": "01-slow-group"})  # a record that is none of the exercise
    with pytest.raises(AssertionError):
        nbgrader_cells.points("01-slow-group", 3)
    kernel.hooks[-1]({"content": {"data": {nbgrader_cells.MIME: "no table"}}})
    kernel.hooks[-1]({"content": {}})


@pytest.mark.parametrize("key", [None, "/nowhere", ""])
def test_without_a_key_the_kernel_ends_and_no_zero_is_given(kernel, monkeypatch, capfd, key):
    monkeypatch.setenv(nbgrader_cells.KEY, key) if key is not None else monkeypatch.delenv(nbgrader_cells.KEY)
    with pytest.raises(SystemExit):
        nbgrader_cells.begin("01_setup")
    assert "could not be graded" in capfd.readouterr().err
    with pytest.raises(SystemExit):
        nbgrader_cells.points("01-context", 2)


def test_what_the_judge_cannot_judge_ends_the_kernel(kernel):
    nbgrader_cells.begin("06_analysis")
    session = nbgrader_cells._session
    broken = Judged("06-velocity", "t", Outcome.GRADER_ERROR, 0.0, 2.0, "", detail="broken")
    session.judge.judge = lambda records: [Judgement((broken,))]
    session.given["06-velocity"] = {}
    with pytest.raises(SystemExit):
        nbgrader_cells.points("06-velocity", 2)
