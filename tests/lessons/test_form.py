"""The form of the course: how much of what, how long, and what every lesson and every exercise has."""

import ast
import re
from collections import Counter

import pytest

from mrskit.course import index
from mrskit.exercises import probes
from mrskit.exercises.record import Answer, Outputs
from mrskit.lessons import build, slides
from mrskit.parameters import PARAMETERS
from mrskit.resources import lessons_folder

EXERCISES = index.all_exercises()
CODE = [exercise for exercise in EXERCISES if exercise.kind == "code"]
WHOLE = 360  # minutes: a day
# Lines of code that a lesson gives at most, its parameters cell of 12 lines included: no solution, comment or blank.
GIVEN = {"01_setup": 80, "02_raw_overview": 96, "03_detector1": 95, "04_spec2": 115, "05_spec3": 127,
         "06_analysis": 130}  # fmt: skip
SEEDS = (probes.SEED, 1, 2)


@pytest.fixture(params=index.lessons())
def lesson(request):
    """The number of a lesson and its source as a notebook."""
    return request.param, build.read_source(lessons_folder() / "source" / f"{request.param}.py")


def prose(notebook):
    return [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]


def outputs_of(function, exercise, seed):
    outputs = Outputs(seed, probes.run(function, exercise.probes(seed)))
    return Answer(exercise.id, "code", outputs, exercise=exercise)


def solution(source):
    """Return the solution of an answer cell, names replaced by their order, and whether it computes anything."""
    text = source.partition(build.BEGIN)[2].partition(build.END)[0]
    lines = [line for line in text.splitlines() if line.strip()]
    indent = min(len(line) - len(line.lstrip()) for line in lines)
    tree = ast.parse("\n".join(line[indent:] for line in lines))
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            node.id = names.setdefault(node.id, f"name{len(names)}")
    return ast.dump(tree), any(isinstance(node, ast.BinOp | ast.Call | ast.Compare) for node in ast.walk(tree))


def test_the_course_has_85_to_105_exercises_of_which_many_are_arrays_regions_and_code():
    kinds = Counter(exercise.kind for exercise in EXERCISES)
    assert 85 <= len(EXERCISES) <= 105
    assert kinds["array"] + kinds["region"] >= 12
    assert kinds["code"] >= 8


@pytest.mark.parametrize("number", ["02", "03", "04", "05", "06"])
def test_at_least_four_exercises_of_a_lesson_on_data_are_judged_on_the_learners_own_products(number):
    assert sum(exercise.judged_by == "products" for exercise in index.lesson_exercises(number)) >= 4


def test_the_lessons_fit_into_a_day():
    folder = lessons_folder() / "source"
    stated = {name: slides.minutes(build.read_source(folder / f"{name}.py")) for name in index.lessons()}
    assert all(stated.values()), stated
    assert sum(stated.values()) <= WHOLE, stated


def test_the_exercises_of_a_lesson_fit_into_its_time(lesson):
    name, notebook = lesson
    assert sum(exercise.minutes for exercise in index.lesson_exercises(name)) <= slides.minutes(notebook)


def given_lines(notebook):
    """Return the lines of code that learners are given."""
    lines, inside = [], False
    for cell in notebook.cells:
        for line in cell.source.splitlines() if cell.cell_type == "code" else ():
            inside = inside and line.strip() != build.END
            if line.strip() == build.BEGIN:
                inside = True
            elif not inside and line.strip() and not line.strip().startswith("#"):
                lines.append(line)
    return lines


def test_a_lesson_gives_few_lines_of_code_and_none_of_a_solution(lesson):
    name, notebook = lesson
    given = given_lines(notebook)
    assert 60 < len(given) <= GIVEN[name], f"{name} gives {len(given)} lines"
    assert not any("solution" in line for line in given)


def test_a_lesson_begins_with_title_aims_prerequisites_and_time_and_ends_with_what_one_can_do(lesson):
    name, notebook = lesson
    first, last = prose(notebook)[0], prose(notebook)[-1]
    assert first.startswith(f"# {name[:2]} · ")
    assert all(word in first for word in ("**Aims.**", "**Prerequisites.**", "**Time.**"))
    assert notebook.cells[0].source == first and notebook.cells[-2].source == last
    assert notebook.cells[-1].source == "answers.summary()"
    assert last.startswith("## What you can do now\n")


def test_a_lesson_announces_each_of_its_exercises_once_before_the_cell_that_answers_it(lesson):
    name, notebook = lesson
    announced = [found for text in prose(notebook) for found in re.findall(r"\*\*Exercise `([\w-]+)`\.\*\*", text)]
    answered = [cell.metadata["mrskit"]["exercise"] for cell in notebook.cells if "mrskit" in cell.metadata]
    assert announced == answered
    assert sorted(answered) == sorted(exercise.id for exercise in index.lesson_exercises(name))


def test_no_text_holds_tex_which_the_pages_cannot_show_without_a_network(lesson):
    name, notebook = lesson
    questions = [text for item in index.lesson_exercises(name) for text in (item.prompt, *item.hints)]
    assert [text for text in prose(notebook) + questions if "$" in re.sub(r"```.*?```|`[^`]*`", "", text)] == []


def test_no_cell_of_a_lesson_gives_the_name_of_a_parameter_to_something_else(lesson):
    for cell in lesson[1].cells:
        if cell.cell_type == "code" and "parameters" not in cell.metadata.get("tags", ()):
            names = [node for node in ast.walk(ast.parse(cell.source)) if isinstance(node, ast.alias | ast.Name)]
            bound = {node.asname or node.name for node in names if isinstance(node, ast.alias)}
            bound |= {node.id for node in names if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
            assert not bound & set(PARAMETERS), cell.source


def test_a_module_of_figures_has_one_name_in_all_lessons():
    names = {}
    for path in sorted((lessons_folder() / "source").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module == "mrskit.plotting":
                for alias in node.names:
                    names.setdefault(alias.name, set()).add(alias.asname or alias.name)
    assert {"cubes", "spectra", "showers"} <= names.keys()
    assert [module for module, found in names.items() if len(found) > 1] == []
    assert len(set().union(*names.values())) == len(names)


def test_no_two_exercises_have_one_formula():
    found = {}
    for name in index.lessons():
        for cell in build.read_source(lessons_folder() / "source" / f"{name}.py").cells:
            if "mrskit" in cell.metadata:
                formula, computes = solution(cell.source)
                if computes:
                    found.setdefault(formula, []).append(cell.metadata["mrskit"]["exercise"])
    assert [ids for ids in found.values() if len(ids) > 1] == []


def test_every_exercise_is_long_enough_to_be_understood_and_its_hints_differ():
    for exercise in EXERCISES:
        assert len(exercise.prompt.split()) >= 5, exercise.id
        assert len({*exercise.hints, exercise.prompt}) == 3, exercise.id


def test_every_exercise_knows_misconceptions_each_with_a_name_a_message_and_an_example():
    assert [exercise.id for exercise in EXERCISES if not exercise.misconceptions] == []
    known = [(exercise.id, item) for exercise in EXERCISES for item in exercise.misconceptions]
    assert [f"{name}: {item.name}" for name, item in known if item.example is None] == []
    names = Counter((name, item.name) for name, item in known)
    assert [name for name, count in names.items() if count > 1] == []
    assert all(len(item.message.split()) >= 4 for _, item in known)


@pytest.mark.parametrize("exercise", CODE, ids=lambda exercise: exercise.id)
@pytest.mark.parametrize("seed", SEEDS)
def test_the_reference_function_of_a_code_exercise_passes_its_own_probes(exercise, seed):
    reference = exercise.check.expected(None)
    answer = outputs_of(reference, exercise, seed)
    assert not any(call.problem or call.changed for call in answer.value.calls)
    assert exercise.check(answer, None).outcome == "passed"


@pytest.mark.parametrize("exercise", CODE, ids=lambda exercise: exercise.id)
@pytest.mark.parametrize("seed", SEEDS)
def test_each_known_wrong_function_of_a_code_exercise_fails_and_gets_its_own_message(exercise, seed):
    assert exercise.misconceptions
    for wrong in exercise.misconceptions:
        answer = outputs_of(wrong.example(None), exercise, seed)
        assert exercise.check(answer, None).outcome != "passed", wrong.name
        assert next(item.name for item in exercise.misconceptions if item.matches(answer, None)) == wrong.name


@pytest.mark.parametrize("exercise", CODE, ids=lambda exercise: exercise.id)
def test_a_function_that_returns_one_number_whatever_it_is_given_earns_less_than_half(exercise):
    for value in (0.0, 1.0, float("nan")):
        verdict = exercise.check(outputs_of(lambda *given, value=value: value, exercise, 1), None)
        assert verdict.points < 0.5, f"{value}: {verdict.message}"
