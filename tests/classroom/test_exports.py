"""Grades as platforms take them back: each under its own number, nothing a formula, a path or a guess."""

import csv
import json
import zipfile
from dataclasses import replace

import nbformat
import pytest

from mrskit.classroom import exports
from mrskit.errors import GradingError
from mrskit.exercises.outcomes import Outcome
from mrskit.grading.reports.grades import GRADED, INCOMPLETE, NOT_HANDED_IN, Adjusted, LessonGrade, StudentGrade
from mrskit.grading.verdicts import Judged

ABOUT = {
    "ada": {"student": "ada", "name": "Ada Lovelace", "email": "ada@example.org", "canvas_id": "20431",
            "moodle_id": "77"},
    "bob": {"student": "bob", "name": "=HYPERLINK(1)", "email": "+bob@example.org", "canvas_id": "20432",
            "moodle_id": "Participant 78", "sis_login_id": "-b", "section": "@home"},
}  # fmt: skip
PATHS = {"ada": "lovelaceada_20431_551207_01_setup.ipynb", "bob": "Bob B_4711_assignsubmission_file_/01_setup.ipynb"}
HOSTILE = (
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", " =1",
    "<script>alert(1)</script>", "../../etc", "a/b\\c:d", "a_99_x", "\u202eb", "~.x",
)  # fmt: skip


def lesson(points, name="01_setup", outcome="passed", **more):
    row = Judged("01-context", "Context", Outcome(outcome), points, 2.0, "Right.", detail="expected 42.125")
    status = INCOMPLETE if outcome == "grader error" else GRADED
    return LessonGrade(name, more.pop("status", status), (row,), **more)


@pytest.fixture
def grades():
    """Two students with one lesson of 2 points each, handed in by way of Canvas and of Moodle."""
    return [StudentGrade(name, (lesson(points, path=PATHS[name]),)) for name, points in (("ada", 2.0), ("bob", 1.0))]


@pytest.fixture
def export(tmp_path):
    """A function that exports grades and returns rows of each table, texts of each zip, and what is told."""

    def write(platform, grades, about=ABOUT, read_as="moodle"):
        grades = [replace(grade, about=about.get(grade.student, {})) for grade in grades]
        for grade in grades:
            page = tmp_path / "students" / grade.student / "feedback.html"
            page.parent.mkdir(parents=True, exist_ok=True)
            page.write_text(f"feedback of {grade.student}", encoding="utf-8")
        layouts = {item.path: read_as for grade in grades for item in grade.lessons}
        paths, told = exports.write(platform, grades, tmp_path, layouts)
        found = {}
        for path in paths:
            if path.suffix == ".csv":
                found[path.name] = list(csv.reader(path.open(newline="", encoding="utf-8")))
            elif path.suffix == ".zip":
                with zipfile.ZipFile(path) as archive:
                    found[path.name] = {name: archive.read(name).decode() for name in archive.namelist()}
            else:
                found[path.name] = json.loads(path.read_text(encoding="utf-8"))
        return found, told

    return write


def test_canvas_gets_its_columns_the_row_of_points_and_numbers_as_they_are(grades, export):
    found, told = export("canvas", grades)
    assert found["canvas.csv"] == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "01_setup"],
        ["    Points Possible", "", "", "", "", "2"],
        ["Ada Lovelace", "20431", "", "", "", "2"],
        ["'=HYPERLINK(1)", "20432", "", "'-b", "'@home", "1"],
    ]
    feedback = found["canvas-01_setup-feedback.zip"]
    assert list(feedback) == [PATHS["ada"]]  # the name that Canvas has given
    notebook = nbformat.reads(feedback[PATHS["ada"]], 4)
    nbformat.validate(notebook)
    assert [cell.cell_type for cell in notebook.cells] == ["raw"]
    assert "01-context: Right, 2 of 2. Right." in notebook.cells[0].source and "42.125" not in notebook.cells[0].source
    assert len(told) == 1 and told[0].startswith(
        "01_setup: no feedback for bob; Canvas only accepts it under the name of"
    )


def test_moodle_gets_a_worksheet_and_a_zip_for_each_assignment(grades, export):
    found, told = export("moodle", grades)
    head, ada, bob = found["moodle-01_setup.csv"]
    assert head == ["Identifier", "Full name", "Email address", "Status", "Grade", "Maximum Grade",
                    "Grade can be changed", "Last modified (submission)", "Last modified (grade)",
                    "Feedback comments"]  # fmt: skip
    assert ada[:6] == ["Participant 77", "Ada Lovelace", "ada@example.org", "graded", "2", "2"]
    assert bob[:6] == ["Participant 4711", "'=HYPERLINK(1)", "'+bob@example.org", "graded", "1", "2"]  # of the folder
    assert found["moodle-01_setup-feedback.zip"] == {
        "Ada Lovelace_77_assignsubmission_file_/feedback.html": "feedback of ada",
        "Bob B_4711_assignsubmission_file_/feedback.html": "feedback of bob",
    }
    assert told == []


def test_more_than_the_maximum_is_told_where_moodle_would_skip_it(export):
    found, told = export("moodle", [StudentGrade("ada", (lesson(3.0),))])
    assert found["moodle-01_setup.csv"][1][4:6] == ["2", "2"] and "ada has 3 of 2 points" in told[0]
    assert export("canvas", [StudentGrade("ada", (lesson(3.0),))])[0]["canvas.csv"][2][5] == "3"


@pytest.mark.parametrize("platform", ["canvas", "moodle"])
@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"bob": {}}, "{}_id of bob"),
        ({"ada": {}, "bob": {}}, "{}_id of ada, bob"),
        ({"bob": {"{}_id": "=1+1"}}, "the {}_id of bob is '=1+1'; expected digits"),
        ({"bob": {"{}_id": "../../x"}}, "the {}_id of bob is '../../x'"),
        ({"bob": {"{}_id": "٣"}}, "expected digits"),
        ({"ada": {"{}_id": "077"}, "bob": {"{}_id": "77"}}, "ada and bob have the same {}_id 77"),
    ],
)
def test_without_the_number_of_everybody_there_is_an_error_that_names_them(export, tmp_path, platform, change, said):
    grades = [StudentGrade(name, (lesson(1.0, path=f"{name}/01.ipynb"),)) for name in ABOUT]
    changed = {name: {key.format(platform): text for key, text in line.items()} for name, line in change.items()}
    about = ABOUT | changed
    with pytest.raises(GradingError) as caught:
        export(platform, grades, about)
    assert said.format(platform) in str(caught.value)
    assert not (tmp_path / exports.FOLDER).exists()


def test_what_nobody_knows_is_no_number_and_is_told(export):
    grades = [StudentGrade("ada", (lesson(0.0, outcome="grader error", path=PATHS["ada"]),))]
    for platform, name, place in (("canvas", "canvas.csv", 5), ("moodle", "moodle-01_setup.csv", 4)):
        found, told = export(platform, grades)
        assert found[name][-1][place] == "" and "ada gets no grade" in told[0]
    assert export("nbgrader", grades)[0]["nbgrader.json"]["grades"] == []


def test_the_folder_that_counts_for_moodle_is_its_own_and_not_one_of_the_student(export):
    path = "Ada_501_assignsubmission_file_/Bob_999_assignsubmission_file_/01.ipynb"
    grades = [StudentGrade("ada", (lesson(1.0, path=path),))]
    assert export("moodle", grades)[0]["moodle-01_setup.csv"][1][0] == "Participant 501"
    assert export("moodle", grades, read_as="folders")[0]["moodle-01_setup.csv"][1][0] == "Participant 77"


@pytest.mark.parametrize("text", HOSTILE)
def test_names_and_comments_are_neither_formulas_nor_paths_nor_markup(export, text):
    by_hand = (Adjusted("", "=1", text, 2.0, 1.0),)
    grades = [StudentGrade("ada", (lesson(1.0, path=PATHS["ada"], adjusted=by_hand),))]
    line = {"student": text, "name": text, "email": text, text.strip(): "x"}
    about = {"ada": line | {"moodle_id": "5", "canvas_id": "20431"}}
    for platform in ("canvas", "moodle"):
        for name, rows in export(platform, grades, about)[0].items():
            cells = [cell for row in rows for cell in row] if name.endswith(".csv") else []
            assert not [cell for cell in cells if cell.lstrip(" ").startswith(("=", "+", "-1", "@", "\t", "\r", "＝"))]
            if name.startswith("moodle") and name.endswith(".csv"):
                assert "<script>" not in rows[1][-1]
            for entry in rows if name.endswith(".zip") else ():
                assert ".." not in entry.split("/") and not entry.startswith(("/", ".", "~")) and "\\" not in entry
                if platform == "moodle":
                    assert entry.count("/") == 1 and entry.split("_", 4)[1:4] == ["5", "assignsubmission", "file"]


def test_nobody_is_called_like_the_row_of_points(export):
    about = {"ada": ABOUT["ada"] | {"name": "Points Possible"}}
    assert export("canvas", [StudentGrade("ada", (lesson(1.0),))], about)[0]["canvas.csv"][2][0] == "ada"


def test_nbgrader_gets_every_cell_under_the_name_of_the_folder_and_not_who_handed_in_nothing(export):
    by_hand = (Adjusted("01-context", "+1", "well said", 1.0, 2.0),)
    handed = lesson(2.0, path="submitted/O'Brien/01_setup/01_setup.ipynb", adjusted=by_hand, added=0.5)
    absent = lesson(0.0, status=NOT_HANDED_IN)
    found, told = export("nbgrader", [StudentGrade("O_Brien", (handed,)), StudentGrade("cem", (absent,))])
    (grade,) = found["nbgrader.json"]["grades"]
    assert (grade["student"], grade["assignment"], grade["score"]) == ("O'Brien", "01_setup", 2.5)
    assert grade["cells"] == [{"exercise": "01-context", "grade_id": "test-01-context", "points": 2.0, "max": 2.0,
                               "comment": "Right.\nAdjusted by your instructor: +1. well said"}]  # fmt: skip
    assert "nbgrader_scores.py COURSE" in told[-1]


def test_equal_grades_give_equal_files(grades, export, tmp_path):
    before = None
    for _ in range(2):
        for platform in ("canvas", "moodle", "nbgrader"):
            export(platform, grades)
        after = {path.name: path.read_bytes() for path in (tmp_path / exports.FOLDER).iterdir()}
        assert before in (None, after)
        before = after
    assert len(after) == 5
