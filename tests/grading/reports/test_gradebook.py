"""The gradebook: nothing is done twice, an interruption costs nothing, and the grader's own failures cost no points."""

import csv
import dataclasses
import json
import os
import shutil

import nbformat
import pytest

from mrskit.errors import GradingError, PipelineError
from mrskit.exercises.outcomes import Outcome
from mrskit.grading.key import open_key
from mrskit.grading.records import Given, Timing
from mrskit.grading.reports import gradebook
from mrskit.grading.run import pool
from mrskit.grading.run.store import Store
from mrskit.lessons import build

ANSWERS = {"01-slow-group": 8.609, "01-context": "b"}
STUDENTS = ("ada", "bob", "cem")


def content(folder):
    """The reports in a folder: all that must be the same in equal runs."""
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths
            if path.parts[-2] != "timings" and path.name != ".lock"}  # fmt: skip


def test_the_gradebook_has_a_row_a_student_and_a_column_an_exercise(grade, tmp_path):
    done = grade()
    rows = list(csv.DictReader((tmp_path / "grades" / "gradebook.csv").open(newline="")))
    assert [row["student"] for row in rows] == list(STUDENTS)
    assert {row["01-slow-group"] for row in rows} == {"1"} and {row["01-configuration"] for row in rows} == {"0"}
    assert {(row["score"], row["max"], row["isolation"]) for row in rows} == {("2", "30", "bubblewrap")}
    assert (done.submissions, done.executed, done.judged) == (3, 3, 3)
    assert {path.name for path in (tmp_path / "grades" / "students" / "ada").iterdir()} == {
        "grade.json", "feedback.html"
    }  # fmt: skip


def test_a_second_time_nothing_is_run_or_judged_and_the_reports_stay_as_they_are(grade, runs, tmp_path):
    grade()
    before = content(tmp_path / "grades")
    again = grade()
    assert (again.executed, again.judged, len(runs)) == (0, 0, 3)
    assert content(tmp_path / "grades") == before


def test_two_gradings_of_the_same_notebooks_give_the_same_bytes(grade, tmp_path):
    grade()
    grade("other")
    assert content(tmp_path / "grades") == content(tmp_path / "other")


def test_a_changed_notebook_alone_is_run_again(grade, runs, handed_in):
    grade()
    path = handed_in / "bob" / "01_setup.ipynb"
    notebook = nbformat.read(path, 4)
    next(cell for cell in notebook.cells if 'give("01-context"' in cell.source).source += "\nprint(1)"
    path.write_text(nbformat.writes(notebook), encoding="utf-8")
    assert (grade().executed, runs[3:]) == (1, ["bob"])


def test_a_resaved_notebook_with_outputs_is_not_run_again(grade, handed_in):
    grade()
    path = handed_in / "bob" / "01_setup.ipynb"
    notebook = nbformat.read(path, 4)
    notebook.metadata["kernelspec"] = {"name": "other", "display_name": "Other", "language": "python"}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [nbformat.v4.new_output("stream", text="42")], 7
    path.write_text(nbformat.writes(notebook), encoding="utf-8")
    assert grade().executed == 0


def test_a_changed_key_judges_again_and_runs_nothing(grade, rules_of, runs):
    before = grade(key=rules_of('secret = "s"')).grades[0].score
    again = grade(key=rules_of('secret = "s"\n[points]\n"01-context" = 9'))
    assert (again.executed, again.judged, len(runs)) == (0, 3, 3)
    assert again.grades[0].score == before + 8


def test_other_limits_another_seed_or_fresh_run_everything_again(grade, rules_of):
    grade()
    assert grade(key=rules_of("[limits]\ncell = 5")).executed == 0  # the limits of this fixture are fixed
    assert grade(key=rules_of('secret = "another"')).executed == 3
    assert grade(key=rules_of('secret = "another"'), fresh=True).executed == 3


def test_an_interruption_loses_only_what_was_being_run(grade, runs, monkeypatch, tmp_path):
    grade("whole")
    plain, runs[:] = pool._executed, []

    def interrupted(task):
        if len(runs) == 2:
            raise KeyboardInterrupt
        return plain(task)

    monkeypatch.setattr(pool, "_executed", interrupted)
    with pytest.raises(KeyboardInterrupt):
        grade()
    monkeypatch.setattr(pool, "_executed", plain)
    assert grade().executed == 1
    assert content(tmp_path / "grades") == content(tmp_path / "whole")


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"schema": 1}'])
def test_a_damaged_record_is_made_again(grade, tmp_path, damage):
    grade()
    next((tmp_path / "grades" / "records").glob("*.json")).write_bytes(damage)
    assert grade().executed == 1


@pytest.mark.parametrize("damage", [b"", b'{"format": 1, "judge": "x"}'])
def test_a_damaged_judgement_is_made_again(grade, tmp_path, damage):
    grade()
    next((tmp_path / "grades" / "verdicts").glob("*.json")).write_bytes(damage)
    again = grade()
    assert (again.executed, again.judged) == (0, 1)


def test_where_the_grader_fails_the_total_is_incomplete_and_the_next_time_tries_again(
    grade, runs, monkeypatch, tmp_path
):  # fmt: skip
    plain = pool._executed

    def failing(task):
        if task.order.submission.student == "bob":
            raise PipelineError("no room on the disk")
        return plain(task)

    monkeypatch.setattr(pool, "_executed", failing)
    done = grade()
    bob = json.loads((tmp_path / "grades" / "students" / "bob" / "grade.json").read_text())
    assert (bob["status"], bob["unknown"], bob["max"]) == ("incomplete", 30, 30)
    assert done.errors == 14
    page = (tmp_path / "grades" / "class.html").read_text()
    assert "no room on the disk" in page and page.index("The grader failed") < page.index("Distribution")
    row = next(item for item in csv.DictReader((tmp_path / "grades" / "gradebook.csv").open()) if
               item["student"] == "bob")  # fmt: skip
    assert (row["status"], row["percent"], row["01-context"]) == ("incomplete", "", "")
    monkeypatch.setattr(pool, "_executed", plain)
    again = grade()
    assert (again.executed, again.errors) == (1, 0)


def test_a_worker_with_weaker_isolation_than_promised_is_an_error_of_the_grader(grade, monkeypatch, record_of):
    monkeypatch.setattr(pool, "_executed", lambda task: (record_of("01", ANSWERS, isolation="rlimits"), Timing(1.0)))
    done = grade()
    assert {item.status for item in done.grades} == {"incomplete"}


def test_what_cannot_be_read_has_a_status_of_its_own_and_the_reason_stands_in_the_notes(grade, handed_in, tmp_path):
    (handed_in / "dan").mkdir()
    (handed_in / "dan" / "01_setup.ipynb").write_text("{nothing")
    dan = next(item for item in grade().grades if item.student == "dan")
    assert (dan.status, dan.score, dan.most) == ("not readable", 0, 30)
    assert dan.lessons[0].notes[0]


def test_lessons_that_are_asked_for_and_not_handed_in_count_zero_and_are_said_so(grade, rules_of, tmp_path):
    done = grade(key=rules_of('lessons = ["01", "02"]'))
    ada = done.grades[0]
    assert [(item.lesson, item.status) for item in ada.lessons] == [
        ("01_setup", "graded"), ("02_raw_overview", "not handed in")
    ]  # fmt: skip
    assert ada.most == 30 + sum(row.points_max for row in ada.lessons[1].rows)


def test_late_work_loses_its_share_and_a_table_of_times_beats_that_of_the_file(grade, rules_of):
    key = rules_of("[late]\ndue = 2026-09-21T15:00:00Z\nper_day = 50")  # the files were changed before
    assert grade(key=key).grades[0].score == 2
    (key.root / "submitted.csv").write_text("student,lesson,time\nada,01,2026-09-22T12:00:00Z\n")
    late = grade(key=open_key(key.root)).grades
    assert (late[0].score, late[0].lessons[0].penalty, late[1].score) == (1, 0.5, 2)


def test_points_that_are_lost_by_the_time_of_a_file_alone_are_told(grade, rules_of):
    key = rules_of("[late]\ndue = 2026-09-01T15:00:00Z\nper_day = 50")
    assert "3 lost points for late work because of a file time" in grade(key=key).said[-1]
    (key.root / "submitted.csv").write_text("student,lesson,time\nada,01,2026-09-22T12:00:00Z\n")
    assert "2 lost points for late work because of a file time" in grade(key=open_key(key.root)).said[-1]


def test_more_than_four_reasons_are_told_to_be_more_once(grade, handed_in):
    for name in ("x.pdf", "x.html", "x.py", "x.rar", ".DS_Store"):
        (handed_in / "ada" / name).write_text("x")
    assert grade().said[0].count("others") == 1


def test_two_graders_do_not_work_in_one_folder(grade, tmp_path, plan_key):
    with gradebook._alone(tmp_path / "grades"), pytest.raises(GradingError, match="another 'mrskit grade'"):
        grade()
    assert grade().executed == 3


def test_grades_within_the_key_are_refused(grade, plan_key):
    with pytest.raises(GradingError, match="apart"):
        grade(out=plan_key.root / "grades")


def test_a_folder_without_notebooks_is_refused(plan_key, runs, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(GradingError, match="no notebook"):
        gradebook.grade(tmp_path / "empty", plan_key, tmp_path / "out", gradebook.Options("none"))


def test_equal_answers_of_two_students_are_told_to_the_instructor_alone(grade, handed_in, tmp_path):
    solved = build.solved("01")
    for name in ("bob", "cem"):
        (handed_in / name / "01_setup.ipynb").write_text(nbformat.writes(solved), encoding="utf-8")
    grade()
    said = "14 of 14, 100% of the code"
    assert (tmp_path / "grades" / "class.html").read_text().count(said) == 2
    assert said not in (tmp_path / "grades" / "students" / "bob" / "feedback.html").read_text()


def test_a_record_is_durable_before_it_has_its_name(tmp_path, record_of, monkeypatch):
    synced = []
    monkeypatch.setattr(os, "fsync", synced.append)
    Store(tmp_path).write_record(record_of("01", ANSWERS), Timing(1.0))
    assert len(synced) == 4  # each of two files, and the folder that names it
    assert Store(tmp_path).record("0" * 64) == record_of("01", ANSWERS)


def test_rules_that_name_an_unknown_limit_are_refused():
    with pytest.raises(GradingError, match="no limit memry; there are memory"):
        pool.limits_of({"memry": 1})


def failing(broken, message):
    """A function that raises for the student whose name stands in what it gets, and else does what it did."""

    def make(original):
        def call(*arguments, **words):
            if broken in repr(arguments):
                raise ValueError(message)
            return original(*arguments, **words)

        return call

    return make


@pytest.mark.parametrize(
    ("where", "name"), [(pool.Setting, "order"), (pool, "_executed"), (gradebook.pages, "feedback")]
)
def test_whatever_one_student_makes_the_grader_raise_the_others_have_their_rows_and_reports(
    grade, handed_in, runs, tmp_path, monkeypatch, where, name
):
    monkeypatch.setattr(where, name, failing("bob", "half of \ud800")(getattr(where, name)))
    done = grade()
    rows = {row["student"]: row for row in csv.DictReader((tmp_path / "grades" / "gradebook.csv").open(newline=""))}
    assert [rows[student]["score"] for student in ("ada", "cem")] == ["2", "2"]
    assert {path.name for path in (tmp_path / "grades" / "students" / "cem").iterdir()} >= {"feedback.html"}
    if name == "feedback":
        assert rows["bob"]["score"] == "2" and "half of" in done.unwritten["bob"]
    else:
        assert (rows["bob"]["status"], rows["bob"]["unknown"]) == ("incomplete", "30")
        assert "half of" in (tmp_path / "grades" / "class.html").read_text(encoding="utf-8")


def test_a_file_with_a_date_that_no_calendar_has_costs_nothing(grade, handed_in):
    os.utime(handed_in / "bob" / "01_setup.ipynb", (9e11, 9e11))
    assert [mark.score for mark in grade().grades] == [2, 2, 2]


def test_a_record_that_is_gone_when_it_is_to_be_judged_costs_no_points_and_nobody_else(grade, monkeypatch):
    record = Store.record

    def lost(store, digest):
        found = record(store, digest)
        return None if found and "bob" in found.notes[0] else found

    monkeypatch.setattr(Store, "record", lost)
    monkeypatch.setattr(Store, "has_record", lambda store, digest: False)
    assert [(mark.student, mark.status, mark.score) for mark in grade().grades] == [
        ("ada", "graded", 2), ("bob", "incomplete", 0), ("cem", "graded", 2)]  # fmt: skip


def table(tmp_path, name="gradebook"):
    with (tmp_path / "grades" / f"{name}.csv").open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_with_a_roster_everybody_has_a_row_with_its_columns_and_who_is_not_in_it_has_none(
    grade, rules_of, handed_in, tmp_path
):
    (handed_in / "mallory").mkdir()
    shutil.copy(handed_in / "bob" / "01_setup.ipynb", handed_in / "mallory")
    key = rules_of('roster = "roster.csv"')
    (key.root / "roster.csv").write_text("name;student;canvas_id\n=Ada;ada;7\nBob;bob;8\nCem;cem;\nDan;dan;9\n")
    done = grade(key=key)
    rows = table(tmp_path)
    assert [(row["student"], row["name"], row["canvas_id"], row["status"], row["score"]) for row in rows] == [
        ("ada", "'=Ada", "7", "graded", "2"), ("bob", "Bob", "8", "graded", "2"), ("cem", "Cem", "", "graded", "2"),
        ("dan", "Dan", "9", "not handed in", "0")]  # fmt: skip
    assert "1 file matches no student." in done.lost
    assert any("0 without readable files and 1 without submissions count with 0 %" in line for line in done.said)
    lost = next(row for row in table(tmp_path, "intake") if row["status"] == "matches nobody")
    assert lost["path"] == "mallory/01_setup.ipynb" and "none of the 4 students" in lost["reason"]
    page = (tmp_path / "grades" / "class.html").read_text(encoding="utf-8")
    assert "mallory/01_setup.ipynb" in page and "1 who handed in nothing counts with 0 %" in page
    assert "canvas_id" not in (tmp_path / "grades" / "students" / "ada" / "grade.json").read_text()


def test_one_student_or_one_late_notebook_graded_again_leaves_the_other_rows(
    grade, handed_in, plan_key, runs, tmp_path
):
    grade()
    late = tmp_path / "late" / "bob" / "01_setup.ipynb"
    late.parent.mkdir(parents=True)
    late.write_bytes((handed_in / "bob" / "01_setup.ipynb").read_bytes().replace(b"# 1", b"# late"))
    options = gradebook.Options("none")
    done = gradebook.grade(late, plan_key, tmp_path / "grades", options)
    assert ([mark.student for mark in done.grades], done.executed) == (list(STUDENTS), 1)
    bob = [(row["path"], row["status"], row["attempt"]) for row in table(tmp_path, "intake") if row["student"] == "bob"]
    assert sorted(bob) == [("bob/01_setup.ipynb", "used", "1")]
    nameless = tmp_path / "new.ipynb"
    shutil.copy(late, nameless)
    only = dataclasses.replace(options, only="bob")
    assert [mark.student for mark in gradebook.grade(nameless, plan_key, tmp_path / "grades", only).grades] == list(
        STUDENTS
    )
    with pytest.raises(GradingError, match="no files from bab"):
        gradebook.grade(handed_in, plan_key, tmp_path / "grades", dataclasses.replace(options, only="bab"))
    assert [row["student"] for row in table(tmp_path)] == list(STUDENTS)
    (tmp_path / "roster.csv").write_text("student\nada\nbob\ncem\n")
    unknown = dataclasses.replace(options, only="bab", roster=tmp_path / "roster.csv")
    with pytest.raises(GradingError, match="--only bab: 'bab' matches none of the 3 students; did you mean 'bob'"):
        gradebook.grade(handed_in, plan_key, tmp_path / "grades", unknown)


def test_reports_of_students_who_are_gone_are_removed_and_nothing_else(grade, handed_in, tmp_path):
    grade()
    (tmp_path / "grades" / "students" / "mine").mkdir()
    shutil.rmtree(handed_in / "cem")
    grade()
    assert sorted(path.name for path in (tmp_path / "grades" / "students").iterdir()) == ["ada", "bob", "mine"]


def test_the_best_attempt_counts_after_all_were_run_and_another_rule_runs_nothing_more(
    grade, rules_of, handed_in, runs, record_of, monkeypatch, tmp_path
):
    better = handed_in / "ada" / "old" / "01_setup.ipynb"
    better.parent.mkdir()
    better.write_bytes((handed_in / "ada" / "01_setup.ipynb").read_bytes().replace(b"# 0", b"# better"))
    os.utime(better, (1_780_000_000, 1_780_000_000))

    def execute(task):
        runs.append(task.order.submission.path)
        right = {"01-slow-group": 8.609} if "old" not in task.order.submission.path else ANSWERS
        return record_of("01", right, isolation=task.isolation), Timing(1.0)

    monkeypatch.setattr(pool, "_executed", execute)
    newest = grade(key=rules_of('secret = "s"')).grades[0]
    best = grade(key=rules_of('secret = "s"\nattempts = "best"'))
    assert (newest.score, best.grades[0].score, best.executed) == (1, 2, 1)
    assert grade(key=rules_of('secret = "s"\nattempts = "first"')).executed == 0
    mine = {row["path"]: row["status"] for row in table(tmp_path, "intake") if row["student"] == "ada"}
    assert mine == {"ada/01_setup.ipynb": "other attempt", "ada/old/01_setup.ipynb": "used"}


def test_an_extension_moves_the_due_date_of_one_student_and_runs_nothing(grade, rules_of):
    key = rules_of('secret = "s"\n[late]\ndue = 2026-09-01T15:00:00Z\nper_day = 50')
    assert [mark.score for mark in grade(key=key).grades] == [0, 0, 0]
    (key.root / "extensions.csv").write_text("due;lesson;student\n2026-10-01T00:00:00Z;1;BOB\n")
    again = grade(key=open_key(key.root))
    assert ([mark.score for mark in again.grades], again.executed) == ([0, 2, 0], 0)
    assert "extended to 2026-10-01" in again.grades[1].lessons[0].notes[0]


def test_a_lesson_of_which_no_cell_ran_is_not_called_graded(grade, runs, record_of, monkeypatch):
    failed = {name: Given(name, Outcome.ERROR, message="NameError") for name in ANSWERS}
    monkeypatch.setattr(
        pool, "_executed", lambda task: (record_of("01", failed, isolation=task.isolation), Timing(1.0))
    )
    assert {mark.status for mark in grade().grades} == {"no answer cell ran"}


def test_a_lesson_that_few_have_handed_in_is_said_to_count_for_everybody(grade, handed_in):
    notebook = build.student("02")
    (handed_in / "ada" / "02_raw_overview.ipynb").write_text(nbformat.writes(notebook), encoding="utf-8")
    assert any("1 of 3 handed in 02_raw_overview, and it counts for everybody" in line for line in grade().said)
