"""What 'mrskit grade' says of what was handed in, and its exit code."""

from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from mrskit.cli import app
from mrskit.grading import key
from mrskit.grading.intake.accounts import NOBODY, NOT_USED, UNREADABLE, USED, Row
from mrskit.grading.intake.intake import Intake
from mrskit.grading.reports import gradebook
from mrskit.grading.reports.grades import GRADED, NOT_HANDED_IN, LessonGrade, StudentGrade
from mrskit.grading.reports.summary import Summary


@pytest.fixture
def said(monkeypatch, tmp_path):
    """A function that gives exit code, output and options of a grading of one student with some files."""

    def call(*rows, status=GRADED, options=()):
        grade = StudentGrade("ada", (LessonGrade("01_setup", status, ()),))
        done = Summary([grade], 22, 10, 3, 0, "bubblewrap", {}, 2, Intake(rows=tuple(rows), notes=("[bold]x",)))
        seen = []
        monkeypatch.setattr(key, "open_key", lambda folder: SimpleNamespace(practice=False))
        monkeypatch.setattr(gradebook, "grade", lambda *arguments: seen.append(arguments[3]) or done)
        result = CliRunner().invoke(app, ["grade", str(tmp_path), "--key", "k", "--out", "o", "--quiet", *options])
        return result.exit_code, " ".join(result.output.split()), seen[0]

    return call


def test_what_was_handed_in_is_told_in_a_line_with_the_reasons(said):
    code, text, _ = said(
        Row("a", USED), Row("b", NOT_USED, reason="a .pdf file"), Row("c", NOT_USED, reason="a .pdf file")
    )
    assert code == 0
    assert "1 student " in text and "1 students" not in text
    assert "10 of 22 notebooks were run, 3 records judged. Of the others 10 had been run before and 2 cannot be" in text
    assert "Files: 1 used, 0 other attempts; not used: 2 a .pdf file." in text
    assert "Note: [bold]x." in text


@pytest.mark.parametrize(
    ("row", "status", "words"),
    [
        (
            Row("x", NOBODY, reason="no student is named"),
            GRADED,
            "1 file matches no student. o/intake.csv lists every file",
        ),
        (Row("x", UNREADABLE, reason="it is damaged"), "not readable", "1 submission could not be read."),
    ],
)
def test_a_file_of_nobody_and_one_that_cannot_be_read_make_exit_code_1(said, row, status, words):
    code, text, _ = said(row, status=status)
    assert (code, words in text) == (1, True)


def test_who_has_handed_in_nothing_is_no_failure_and_is_said_to_count(said):
    code, text, options = said(
        status=NOT_HANDED_IN, options=("--roster", "r.csv", "--layout", "canvas", "--only", "ada")
    )
    assert code == 0 and "1 without submissions count with 0 %" in text
    assert (str(options.roster), options.layout, options.only) == ("r.csv", "canvas", "ada")
