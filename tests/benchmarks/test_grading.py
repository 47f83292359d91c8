"""The class of the grading benchmark, nbgrader's asserts, and the limits: right answers pass, spoiled ones do not."""

import ast
import importlib
import json
import random
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest

from mrskit import workspace
from mrskit.answering.recorded import write
from mrskit.course import index
from mrskit.exercises import probes
from mrskit.exercises.codec import encode
from mrskit.exercises.record import Answer, Outputs

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture
def module(monkeypatch):
    """A function that imports a benchmark by its name."""
    monkeypatch.syspath_prepend(str(FOLDER))
    names = ("grading", "grading_class", "grading_nbgrader")
    yield importlib.import_module
    for name in names:
        sys.modules.pop(name, None)


@pytest.mark.parametrize("lesson", ["01_setup", "06_analysis"])
def test_about_a_quarter_of_the_answers_is_spoiled_and_every_cell_is_python(module, lesson):
    made = module("grading_class")
    found = [made.handed_in(lesson, random.Random(number)) for number in range(20)]
    cells = [cell for notebook in found for cell in notebook.cells if "exercise" in cell.metadata.get("mrskit", {})]
    share = sum("spoiled" in cell.metadata["mrskit"] for cell in cells) / len(cells)
    assert 0.15 < share < 0.35
    assert all(ast.parse(cell.source) for cell in cells)


def test_the_small_notebooks_of_a_large_class_hold_five_exercises_and_what_they_need(module, tmp_path):
    benchmark, made = module("grading"), module("grading_class")
    paths = made.make_class(tmp_path, 2, ("01",), seed=7, dress=benchmark.quiz)
    notebook = nbformat.read(paths[0], as_version=4)
    kept = {cell.id for cell in notebook.cells}
    steps = benchmark.shortened("01_setup")
    assert kept == {step.id for step in steps}
    assert {step.exercise for step in steps} - {""} == benchmark.QUIZ
    assert steps[0].parameters and "answers.begin(" in steps[1].source


def test_a_class_is_the_same_each_time_and_no_two_notebooks_are(module, tmp_path):
    made = module("grading_class")
    first, again = (made.make_class(tmp_path / name, 3) for name in ("a", "b"))
    texts = [path.read_bytes() for path in first]
    assert texts == [path.read_bytes() for path in again]
    assert len(set(texts)) == len(texts) == 6


def velocity(observed_wavelength, rest, redshift):
    return 299792.458 * (observed_wavelength / (rest * (1 + redshift)) - 1)


ANSWERS = {
    "01-slow-group": ("slow_over_fast", Answer("01-slow-group", "scalar", 8.609), 8.609, 8.7),
    "01-useful-time": (
        "share",
        Answer("01-useful-time", "array", np.array([40.0, np.nan])),
        [40.0, np.nan],
        [40.0, 1.0],
    ),
    "01-context": ("context", Answer("01-context", "choice", "b"), "b", "c"),
    "06-region": ("inside", Answer("06-region", "region", np.eye(3) > 0), np.eye(3) > 0, np.eye(3) < 1),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_asserts_of_nbgrader_let_the_keys_own_answer_pass_and_no_other(module, tmp_path, name):
    variable, answer, right, wrong = ANSWERS[name]
    space = workspace.create(tmp_path)
    write(space, index.lesson_of(name), encode(answer), "12:SHORT")
    source = module("grading_nbgrader").tests(name, f'answers.give("{name}", {variable})', space)
    exec(source, {variable: right})
    with pytest.raises(AssertionError):
        exec(source, {variable: wrong})


def test_asserts_of_nbgrader_call_functions_with_the_same_arguments(module, tmp_path):
    space, tried = workspace.create(tmp_path), index.exercise("06-velocity").probes(probes.SEED)
    answer = Answer("06-velocity", "code", Outputs(probes.SEED, probes.run(velocity, tried)))
    write(space, "06_analysis", encode(answer), "12:SHORT")
    source = module("grading_nbgrader").tests("06-velocity", 'answers.give("06-velocity", velocity)', space)
    exec(source, {"velocity": velocity})
    with pytest.raises(AssertionError):
        exec(source, {"velocity": lambda *arguments: 0.0})


def test_students_get_the_test_cells_of_nbgrader_without_the_asserts(module, tmp_path):
    theirs = module("grading_nbgrader")
    space = workspace.create(tmp_path)
    notebook = theirs.dressed(module("grading_class").handed_in("01_setup", random.Random(1)), space, hidden=False)
    nbformat.validate(notebook)
    tests = [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade")]
    assert len(tests) == len(index.lesson_exercises("01")) and {cell.source for cell in tests} == {theirs.TEST}
    parameters = next(cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", []))
    assert f"workspace = {str(space.root)!r}" in parameters.source


@pytest.mark.parametrize(
    ("changed", "kept"),
    [
        ({}, True),
        ({"ratio_to_nbgrader": 2.9}, False),
        ({"rejudge_ms": 51.0}, False),
        ({"disagreements": 1}, False),
        ({"equal_after_kills": False}, False),
        ({"left_over": 1}, False),
        ({"throughput_change": -0.11}, False),
        ({"memory_growth": 0.11}, False),
        ({"memory_growth": -0.3}, True),
    ],
)
def test_the_benchmark_fails_when_a_limit_is_not_kept(module, changed, kept):
    good = {"ratio_to_nbgrader": 3.1, "rejudge_ms": 12.0, "disagreements": 0, "equal_after_kills": True, "left_over": 0,
            "throughput_change": 0.05, "memory_growth": 0.02}  # fmt: skip
    assert module("grading").sound(good | changed) is kept


def test_points_are_read_from_the_grades_of_all_students(module, tmp_path):
    folder = tmp_path / "students" / "ada"
    folder.mkdir(parents=True)
    row = {"id": "01-context", "points": 1, "max": 1}
    (folder / "grade.json").write_text(json.dumps({"student": "ada", "isolation": "bubblewrap",
                                                   "lessons": [{"exercises": [row]}]}))  # fmt: skip
    assert module("grading").points(tmp_path) == {("ada", "01-context"): (1, 1)}
    assert module("grading").isolation(tmp_path) == "bubblewrap"
