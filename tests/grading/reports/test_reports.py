"""The reports are safe to open and to be read by everybody, whatever a learner has written."""

import base64
import csv
import dataclasses
import io
import itertools
import json
import re
import struct
import zlib
from html.parser import HTMLParser

import pytest

from mrskit.exercises.outcomes import GRADES, LOOKS
from mrskit.grading.records import Shown, Timing
from mrskit.grading.reports import overview, pages, tables
from mrskit.grading.reports.grades import GRADED, INCOMPLETE, PRACTICE, LessonGrade, StudentGrade
from mrskit.grading.verdicts import ProductVerdict

HOSTILE = (
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "<svg/onload=alert(1)>", "javascript:alert(1)",
    "</pre></details></main><h1>100 points</h1>", "{{ 7 * 7 }}", "{% raw %}", "<style>*{display:none}</style>",
    "]]><!--", "&lt;b&gt;", "\x1b[31mred\x1b[0m \x1b]8;;http://evil\x07link\x1b]8;;\x07", "\x00\x08\x7f",
    "\u202egnirts",
)  # fmt: skip


def png(width=1, height=1) -> str:
    """A picture as base64 of PNG."""
    parts = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)),
             (b"IDAT", zlib.compress(b"\0" * (width + 1) * height)), (b"IEND", b"")]  # fmt: skip
    body = b"".join(struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
                    for kind, data in parts)  # fmt: skip
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + body).decode()


class Seen(HTMLParser):
    """The tags of a page, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags, self.text, self.ids = [], "", []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


@pytest.fixture
def student(row):
    """A function that makes the grade of a student with one lesson from its verdicts."""

    def make(name="ada", rows=None, status=GRADED, **more):
        rows = tuple(rows or (row(),))
        more = {"path": f"{name}/01_setup.ipynb", "isolation": "bubblewrap", "record": "0" * 64} | more
        return StudentGrade(name, (LessonGrade("01_setup", status, rows, **more),))

    return make


def hostile_grade(student, row, text):
    rows = (row("01-slow-group", "failed", text), row("01-context", "grader error", "x", detail=text))
    products = (ProductVerdict(text, text, (text,)),)
    return student(rows=rows, status=INCOMPLETE, notes=(text,), path=text, products=products)


def all_pages(student, row, text):
    grade = hostile_grade(student, row, text)
    shown = {"01-slow-group": Shown("01-slow-group", text, (png(), text, base64.b64encode(text.encode()).decode()))}
    seen = overview.overview([grade], {("ada", "01_setup"): Timing(1.0)}, {("ada", "01_setup"): text})
    return pages.feedback(grade, shown), pages.class_page(seen, {"ada": "students/ada/feedback.html"})


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_that_a_learner_wrote_becomes_part_of_a_page(student, row, text):
    for hostile, harmless in zip(all_pages(student, row, text), all_pages(student, row, "harmless"), strict=True):
        page, plain = Seen(hostile), Seen(harmless)
        assert page.tags == plain.tags  # the same elements with the same attributes
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\x1b\u202a-\u202e]", page.text)


def test_pages_have_no_script_load_nothing_and_forbid_both(student, row):
    for page in all_pages(student, row, "x"):
        seen = Seen(page)
        assert not {"script", "iframe", "object", "embed", "link", "form"} & {tag for tag, _ in seen.tags}
        assert not any(name.startswith("on") or name == "style" for _, found in seen.tags for name in found)
        policy = next(found["content"] for tag, found in seen.tags if found.get("http-equiv"))
        assert policy.startswith("default-src 'none'; img-src data:; style-src 'sha256-")
        sources = [found["src"] for _, found in seen.tags if "src" in found]
        assert all(source.startswith("data:image/png;base64,") for source in sources)
        links = [found["href"] for tag, found in seen.tags if tag == "a"]
        assert all(link.startswith(("#", "students/")) for link in links)


def test_only_pictures_in_png_are_shown(student, row):
    page, _ = all_pages(student, row, "GIF89a")
    assert [tag for tag, _ in Seen(page).tags].count("img") == 1


def test_the_style_is_the_one_that_the_policy_allows(student, row):
    import hashlib

    page, _ = all_pages(student, row, "x")
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL).group(1)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in page.replace("&#39;", "'")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1"])
def test_no_cell_of_the_gradebook_is_a_formula(student, row, text):
    found = tables.gradebook([student(name=text, rows=(row(text),), isolation=text)])
    cells = [cell for line in csv.reader(io.StringIO(found, newline="")) for cell in line]
    assert not [cell for cell in cells if cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝"))]


def test_the_gradebook_leaves_open_what_nobody_knows(student, row):
    rows = (row("01-slow-group"), row("01-context", "grader error"))
    head, line = csv.reader(io.StringIO(tables.gradebook([student(rows=rows, status=INCOMPLETE)])))
    found = dict(zip(head, line, strict=True))
    assert (found["score"], found["max"], found["unknown"], found["percent"]) == ("2", "4", "2", "")
    assert (found["01-slow-group"], found["01-context"]) == ("2", "")


def test_details_for_the_instructor_stand_on_the_class_page_alone(student, row):
    grade = student(rows=(row("01-context", "grader error", "x", detail="expected 42.125"),), status=INCOMPLETE)
    seen = overview.overview([grade], {}, {})
    assert "42.125" in pages.class_page(seen, {"ada": "a"})
    assert "42.125" not in pages.feedback(grade, {}) + str(grade.to_json())


def test_every_report_says_in_which_isolation_notebooks_ran(student):
    grade = student(isolation="rlimits")
    page = pages.feedback(grade, {})
    assert "rlimits" in page and "stops accidents, not cheating" in page
    assert "rlimits" in pages.class_page(overview.overview([grade], {}, {}), {"ada": "a"})
    assert grade.to_json()["isolation"] == "rlimits"
    assert ",rlimits," in tables.gradebook([grade])


def test_pages_can_be_read_without_colour_and_by_a_screen_reader(student, row):
    rows = [row("01-context", outcome) for outcome in ("passed", "partial", "failed", "missing")]
    for page in (pages.feedback(student(rows=rows), {}), all_pages(student, row, "x")[1]):
        seen = Seen(page)
        tags = [tag for tag, _ in seen.tags]
        assert tags.count("table") == tags.count("caption") and tags.count("h1") == 1
        assert dict(seen.tags)["html"]["lang"] == "en"
        assert all(found.get("scope") for tag, found in seen.tags if tag == "th")
        assert all(found.get("aria-label") for tag, found in seen.tags if tag == "svg")
        levels = [int(tag[1]) for tag in tags if re.fullmatch("h[1-6]", tag)]
        assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    assert all(
        word in Seen(pages.feedback(student(rows=rows), {})).text for word in ("Right", "Partly right", "missing")
    )


def test_the_overview_counts_outcomes_and_misconceptions_of_those_who_handed_in(student, row):
    wrong = row("01-context", "failed", misconception="cache")
    grades = [student("a"), student("b", [wrong]), student("c", [wrong]), student("d", [row("01-context")])]
    seen = overview.overview(grades, {}, {})
    found = {item.id: item for item in seen.successes}["01-context"]
    assert found.outcomes == {"failed": 2, "passed": 1}
    assert found.misconceptions == (("cache", 2),)
    assert round(found.passed) == 33
    assert (seen.bins[0], seen.bins[-1], seen.mean) == (2, 2, 50.0)


def test_incomplete_totals_are_not_part_of_the_distribution(student, row):
    broken = student("b", [row("01-context", "grader error")], status=INCOMPLETE)
    seen = overview.overview([student("a"), broken], {}, {})
    assert (sum(seen.bins), seen.complete) == (1, 1)
    assert seen.errors == (("b", "01_setup", "01-context", "Right."),)


def test_the_slowest_runs_come_first_and_are_few(student):
    costs = {(f"s{number}", "01_setup"): Timing(float(number)) for number in range(30)}
    found = overview.overview([student()], costs, {}).slowest
    assert [item[0] for item in found] == [f"s{number}" for number in range(29, 19, -1)]


def test_a_late_lesson_shows_what_it_lost(student):
    grade = student(penalty=0.25)
    assert grade.score == 1.5
    assert "25 %" in pages.feedback(grade, {}) and "late submission" in pages.feedback(grade, {})
    assert dataclasses.replace(grade.lessons[0], penalty=0).score == 2


@pytest.mark.parametrize("result", GRADES)
def test_class_page_and_feedback_show_every_outcome_of_a_grade(student, row, result):
    look, grade = LOOKS[result], student(rows=[row(outcome=result)])
    assert f"{look.symbol}</span>{look.graded}" in pages.feedback(grade, {})
    assert f"{look.symbol}</span> {look.graded}: 1<br>" in pages.class_page(
        overview.overview([grade], {}, {}), {"ada": "ada"}
    )


def test_every_report_says_where_the_truth_can_be_computed_at_home_and_none_does_elsewhere(student):
    plain = student()
    for grade in (plain, dataclasses.replace(plain, note=PRACTICE)):
        seen = overview.overview([grade], {}, {})
        reports = (
            pages.feedback(grade, {}),
            pages.class_page(seen, {"ada": "a.html"}),
            tables.gradebook([grade]),
            json.dumps(grade.to_json()),
        )
        assert [PRACTICE in text for text in reports] == [bool(grade.note)] * 4
    (line,) = csv.DictReader(io.StringIO(tables.gradebook([grade])))
    assert (line["note"], line["01_setup"]) == (PRACTICE, "2")
