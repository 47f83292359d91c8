"""The instructor's hand: it survives every grading, touches nothing else, and a slip in the file is an error."""

import csv
import json
import re
import shutil
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from mrskit.course import index
from mrskit.errors import GradingError
from mrskit.exercises.outcomes import Outcome
from mrskit.grading.intake.intake import Intake
from mrskit.grading.intake.roster import Person
from mrskit.grading.key import open_key
from mrskit.grading.records import Cell, Submission
from mrskit.grading.reports import adjustments, pages
from mrskit.grading.reports.grades import GRADED, INCOMPLETE, LessonGrade, StudentGrade
from mrskit.grading.rules import Late, Rules
from mrskit.grading.verdicts import Judged


class Seen(HTMLParser):
    """The tags of a page, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


HEAD = "student,exercise,lesson,points,comment\n"
COURSE = frozenset(exercise.id for exercise in index.lesson_exercises("01"))
RULES = Rules(left_out=COURSE - {"01-slow-group", "01-context"}, points={"01-slow-group": 2, "01-context": 2})


@pytest.fixture
def marks(row):
    """Ada and Bob with two exercises of 2 points each, one right, in a lesson that lost half for being late."""
    rows = (row("01-slow-group"), row("01-context", "failed"))
    return [StudentGrade(name, (LessonGrade("01_setup", GRADED, rows, penalty=0.5),)) for name in ("ada", "bob")]


@pytest.fixture
def hand(plan_key):
    """A function that reads adjustments from the lines of a file, for a class that has handed in lesson 01."""

    def read(text, head=HEAD, rules=RULES):
        (plan_key.root / adjustments.FILE).write_text(head + text, encoding="utf-8")
        handed = tuple(Submission(name, "01_setup", f"{name}/01.ipynb", "") for name in ("ada", "bob"))
        found = Intake(handed, people=(Person("ada"), Person("bob")))
        return adjustments.read(replace(plan_key, rules=rules), found)

    return read


def points(marks):
    return {mark.student: [(lesson.score, *(row.points for row in lesson.rows)) for lesson in mark.lessons]
            for mark in marks}  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "ada"),
    [
        ("ada,01-context,,=2,", (2, 2, 2)),
        ("ADA ,01-context,,'=1.5,", (1.75, 2, 1.5)),
        ('ada,01-context,01,"=1,5",', (1.75, 2, 1.5)),
        ("ada,01-slow-group,,+3,bonus", (2.5, 5, 0)),
        ("ada,01-slow-group,,-9,", (0, 0, 0)),
        ("ada,01-slow-group,,\u22121,", (0.5, 1, 0)),
        ("ada,,01_setup,=3,", (3, 2, 0)),
        ("ada,,1,+1,", (2, 2, 0)),
        ("ada,01,,-5,", (0, 2, 0)),
        ("ada,01-context,,=1,\nada,01-context,,+1,", (2, 2, 2)),
        ("ada,01-context,,+1,\nada,01-context,,=1,", (1.5, 2, 1)),
        ("ada,,01,=3,\nada,01-context,,=2,", (3, 2, 2)),  # a lesson's points after those of its exercises
    ],
)
def test_points_are_set_added_and_taken_away_of_one_student_alone(marks, hand, lines, ada):
    found = points(adjustments.applied(marks, hand(lines)))
    assert found == {"ada": [ada], "bob": [(1, 2, 0)]}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("adda,01-context,,+1,", "line 2: 'adda' matches none of the 2 students; did you mean 'ada'"),
        ("ada b,01-context,,+1,", "'ada b' matches none"),
        ("ada,01-contxt,,+1,", "no exercise '01-contxt' is graded; did you mean '01-context'"),
        ("ada,01-context,02,+1,", "no exercise '01-context' in 02_raw_overview"),
        ("ada,,02,+1,", "no lesson '02_raw_overview' is graded"),
        ("ada,,setup,+1,", "no lesson 'setup'"),
        ("ada,,,+1,", "no exercise and no lesson"),
        (",01-context,,+1,", "matches none"),
        ("ada,01-context,,=3,", "=3 of 2 points; expected at most the full points. Write +1"),
        ("ada,,01,=5,", "=5 of 4 points"),
    ]
    + [(f"ada,01-context,,{text},", "the points are")
       for text in ("3", "", "=x", "+-1", "=1e3", "=nan", "+99999", "==1", "=1.234", "+\u0663")],
)  # fmt: skip
def test_a_line_that_matches_nobody_nothing_or_is_no_number_is_an_error(marks, hand, line, said):
    with pytest.raises(GradingError, match=re.escape(said)):
        adjustments.applied(marks, hand(line))


def test_two_adjustments_a_bonus_and_points_that_were_not_there_are_told(marks, hand):
    lines = "ada,01-context,,+2,\nada,01-context,,+2,\nbob,01-slow-group,,-3,\n"
    ada, bob = (mark.lessons[0].notes for mark in adjustments.applied(marks, hand(lines)))
    assert ada == ("01-context: 2 adjustments, applied in the order of the file",
                   "01-context: 4 of 2 points, with a bonus")  # fmt: skip
    assert bob == ("01-slow-group: more points were taken away than the student had",)


def test_columns_in_any_order_and_those_that_nobody_knows_do_no_harm(marks, hand):
    read = hand("who knows,+1,ada,01-context\n", "seen by,Points,STUDENT,exercise\n")
    assert points(adjustments.applied(marks, read))["ada"] == [(1.5, 2, 1)]


def test_what_the_grader_could_not_judge_is_decided_by_the_instructor(row, hand):
    rows = (row("01-context", "grader error"), row("01-slow-group", "grader error"))
    mark = StudentGrade("ada", (LessonGrade("01_setup", INCOMPLETE, rows),))
    (half,) = adjustments.applied([mark], hand("ada,01-context,,=2,"))
    assert (half.unknown, half.status, half.lessons[0].rows[0].outcome) == (2, INCOMPLETE, "passed")
    (whole,) = adjustments.applied([mark], hand("ada,01-context,,=2,\nada,01-slow-group,,=0,"))
    assert (whole.unknown, whole.status, whole.score) == (0, GRADED, 2)
    (lesson,) = adjustments.applied([mark], hand("ada,,01,=3,"))
    assert (lesson.unknown, lesson.status, lesson.score) == (0, GRADED, 3)
    (added,) = adjustments.applied([mark], hand("ada,01-context,,+1,"))
    assert (added.unknown, added.status, added.score) == (4, INCOMPLETE, 1)


def test_slips_show_before_anything_runs_but_own_tests_are_known_only_afterwards(hand, plan_key):
    hand("ada,01-context,,=1,")
    for line in ("eve,01-context,,=1,", "ada,06-velocity,,=1,", "ada,01-context,,=9,"):
        with pytest.raises(GradingError):
            hand(line)
    hand("ada,06-velocity,,=1,", rules=Rules(lessons=("06_analysis",)))
    (plan_key.root / "checks").mkdir()
    (plan_key.root / "checks" / "test_01_more.py").touch()  # which may change the full points
    hand("ada,01-context,,=9,\nada,,01,=9,")
    with pytest.raises(GradingError):
        hand("ada,01-contxt,,=1,")
    rows = (Judged("test_01_more::test_x", "x", Outcome.FAILED, 0.0, 2.0, ""),)
    mark = StudentGrade("ada", (LessonGrade("01_setup", GRADED, rows),))
    assert adjustments.applied([mark], hand("ada,test_01_more::test_x,,+1,"))[0].score == 1
    with pytest.raises(GradingError, match="did you mean 'test_01_more::test_x'"):
        adjustments.applied([mark], hand("ada,test_01_more::test_y,,+1,"))


def test_an_adjustment_shows_in_feedback_and_gradebook_and_runs_and_judges_nothing(
    grade, handed_in, plan_key, runs, tmp_path
):
    grade()
    out = tmp_path / "grades"
    others = {name: (out / "students" / name / "feedback.html").read_bytes() for name in ("bob", "cem")}
    text = '﻿student,exercise,points,comment\nada,01-dither-pattern,=1,"by word of mouth, <script>alert(1)</script>"\n'
    (plan_key.root / adjustments.FILE).write_text(text, encoding="utf-8")
    for _ in range(2):  # and it survives the next grading
        done = grade()
        assert (done.executed, done.judged, len(runs)) == (0, 0, 3)
        page = (out / "students" / "ada" / "feedback.html").read_text(encoding="utf-8")
        assert "Adjusted by your instructor: =1" in page and "by word of mouth, &lt;script&gt;" in page
        table = json.loads((out / "students" / "ada" / "grade.json").read_text())["lessons"][0]["adjusted"]
        assert [(item["exercise"], item["points"], item["before"], item["after"]) for item in table] == [
            ("01-dither-pattern", "=1", 0, 1)
        ]
        rows = {row["student"]: row for row in csv.DictReader((out / "gradebook.csv").open(newline=""))}
        assert (rows["ada"]["score"], rows["ada"]["adjusted"], rows["bob"]["adjusted"]) == (
            "3",
            "01-dither-pattern: =1",
            "",
        )
    assert others == {name: (out / "students" / name / "feedback.html").read_bytes() for name in others}
    (plan_key.root / adjustments.FILE).write_text(
        "student,exercise,points\nadda,01-dither-pattern,=1\n", encoding="utf-8"
    )
    with pytest.raises(GradingError, match="did you mean 'ada'"):
        grade("new")
    assert len(runs) == 3 and not (tmp_path / "new" / "records").exists()


def test_another_due_date_runs_and_judges_nothing_and_other_points_run_nothing(grade, rules_of, runs):
    before = grade(key=rules_of('secret = "s"'))
    late = grade(key=rules_of('secret = "s"\n[late]\ndue = 2026-09-21T00:00:00Z\nper_day = 50'))
    assert (late.executed, late.judged, len(runs)) == (0, 0, 3)
    assert late.grades[0].score == before.grades[0].score / 2
    for rules in ("left_out = ['01-context']", '[points]\n"01-context" = 9', "[[products]]\nlesson='01'\nkind='rate'"):
        assert (grade(key=rules_of(f'secret = "s"\n{rules}')).judged, len(runs)) == (3, 3)


def test_the_digest_of_a_key_holds_every_rule_that_a_verdict_depends_on(rules_of, plan_key):
    digests = {text: rules_of(text).digest for text in (
        "", "left_out = ['01-dither-pattern']", '[points]\n"01-context" = 9', "[[products]]\nlesson='01'\nkind='cal'",
        "left_out = ['01-context']", '[points]\n"01-context" = 8', "[[products]]\nlesson='01'\nkind='cal'\npoints=2",
    )}  # fmt: skip
    assert len(set(digests.values())) == len(digests)
    assert rules_of("[late]\nper_day = 5\n[limits]\ncell = 5").digest == digests[""]
    assert open_key(plan_key.root).rules.late == Late(per_day=5)


HOSTILE = (
    "<script>alert(1)</script>", "</pre><h1>100</h1>", "\x1b[2J\x1b]8;;x\x07", "\u202edrawkcab", "a\u200bb\u2066c",
    "{{ 7 * 7 }}", "\ud800", "\u3164 = 1", "e" + "\u0301" * 40, "\r\x08\x7f\x9b", "\ufe0f\U000e0041\u00a0",
)  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_on_the_page_for_the_instructor_all_code_is_text_that_can_be_seen(row, text):
    def page(code):
        rows = (row("01-slow-group", "failed", detail="expected 42.125"),)
        grade = StudentGrade("ada", (LessonGrade("01_setup", GRADED, rows),))
        handed = Submission("ada", "01_setup", "ada/01.ipynb", "", {"01-slow-group": code}, (Cell("", code),))
        return Seen(pages.instructor(grade, {"01_setup": handed}))

    seen, harmless = page(text), page("harmless")
    assert seen.tags == harmless.tags and "42.125" in seen.text
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\xa0\u200b-\u200f\u202a-\u202e\u2066-\u2069\u3164\ufe0f]", seen.text)
    assert seen.text.count(pages.visible(text)) >= 2 and "\u0301" * 4 not in seen.text


def test_code_on_the_page_is_cut_where_it_is_long():
    assert len(pages.visible("\u202e" * 200_000)) < 21_000
    assert pages.visible("x" * 200_000).endswith("[cut here: the cell has 200000 characters]")
    assert pages.visible("a = 1\n\tb") == "a = 1\n\tb"


def test_the_page_for_the_instructor_is_linked_from_the_class_page_alone_and_goes_with_its_student(
    grade, handed_in, tmp_path
):
    grade()
    out = tmp_path / "grades"
    assert "01-slow-group" in (out / "instructor" / "ada.html").read_text(encoding="utf-8")
    assert 'href="instructor/ada.html"' in (out / "class.html").read_text(encoding="utf-8")
    assert not [path for path in (out / "students").rglob("*.*") if "instructor/" in path.read_text(encoding="utf-8")]
    again = handed_in / "bob" / "01_setup (1).ipynb"  # a newer attempt, whose code is the one to be seen
    again.write_text((handed_in / "bob" / "01_setup.ipynb").read_text().replace("# 1", "# second attempt"))
    shutil.rmtree(handed_in / "cem")
    grade()
    assert "# second attempt" in (out / "instructor" / "bob.html").read_text(encoding="utf-8")
    assert sorted(path.name for path in (out / "instructor").iterdir()) == ["ada.html", "bob.html"]
