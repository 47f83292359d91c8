"""Answers that resemble another student's are told, cell by cell; independent ones are not."""

import dataclasses
import re
import time

import pytest

from mrskit.grading.records import Submission
from mrskit.grading.reports import resemblance
from mrskit.grading.reports.resemblance import pieces, resembling
from mrskit.lessons import build
from tests.grading.reports.honest_solutions import SOLUTIONS


def solved(lesson):
    """The answer cells of a solved lesson by exercise."""
    cells = ((cell.metadata.get("mrskit", {}).get("exercise"), cell.source) for cell in build.solved(lesson).cells)
    return {name: source for name, source in cells if name}


def handed_in(lesson, **students):
    names = {"01": "01_setup", "02": "02_raw_overview", "03": "03_detector1", "06": "06_analysis"}
    return [Submission(student, names[lesson], "", "", cells) for student, cells in students.items()]


def honest(lesson, number):
    """The answer cells of one of three students who have worked alone: the shipped cell with lines of their own."""
    shipped = {cell.metadata["mrskit"]["exercise"]: cell.source for cell in build.student(lesson).cells
               if cell.metadata.get("mrskit", {}).get("exercise")}  # fmt: skip
    empty = re.compile(r"^[ ]*[\w, ]+ = \.\.\..*$", re.MULTILINE)
    places = {name: empty.search(source).end() for name, source in shipped.items()}
    return {name: f"{source[: places[name]]}\n{SOLUTIONS[name][number]}{source[places[name] :]}"
            for name, source in shipped.items()}  # fmt: skip


def told(submissions):
    return {student: note for (student, _), note in resembling(submissions).items()}


def blank_added(cells):
    name = list(cells)[3]
    return cells | {name: cells[name].replace("\n", " \n", 1)}


def comments_changed(cells):
    return {name: re.sub(r"#.*", "", source).replace("\n", "  # mine\n") for name, source in cells.items()}


def names_changed(cells):
    own = r"\b(east|west|resets|sees|seen|rows|items|item|row|frames?|count|settings|names?|before_it|after_it|first)\b"
    return {name: re.sub(own, r"my_\1", source) for name, source in cells.items()}


def numbers_rounded(cells):
    return {name: re.sub(r"\d+\.\d{3,}", lambda number: f"{float(number[0]):.3g}", source)
            for name, source in cells.items()}  # fmt: skip


def one_of_all_changed(cells):
    return cells | {"01-exposure-time": "times = [1121.0, 560.0]\nanswers.give('01-exposure-time', times, unit='s')"}


def laid_out_anew(cells):
    return {name: source.replace(", ", ",").replace(" = ", "=").replace('"', "'").replace("(", "(\n", 1)
            for name, source in cells.items()}  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [dict, blank_added, comments_changed, names_changed, numbers_rounded, one_of_all_changed, laid_out_anew,
     lambda cells: one_of_all_changed(numbers_rounded(names_changed(comments_changed(cells))))],
)  # fmt: skip
@pytest.mark.parametrize("lesson", ["01", "03"])
def test_copied_answers_are_told_whatever_was_done_to_hide_it(change, lesson):
    own = solved(lesson)
    found = told(handed_in(lesson, ada=honest("01", 0) if lesson == "01" else {}, bob=own, cem=change(own)))
    assert found.keys() == {"bob", "cem"}
    assert (
        "cem (" in found["bob"] and "bob (" in found["cem"] and re.search(r"\d+ of \d+, \d+% of the code", found["bob"])
    )


@pytest.mark.parametrize("lesson", ["01", "06"])
def test_independent_solutions_stay_far_below_the_threshold(lesson, monkeypatch):
    students = {f"student{number}": honest(lesson, number) for number in range(3)} | {"kit": solved(lesson)}
    assert told(handed_in(lesson, **students)) == {}
    monkeypatch.setattr(resemblance, "SHARE", 0.0)
    monkeypatch.setattr(resemblance, "ENOUGH", 0)
    shares = [int(share) for note in told(handed_in(lesson, **students)).values()
              for share in re.findall(r"(\d+)%", note)]  # fmt: skip
    assert shares and max(shares) <= 15


def test_answers_that_are_typed_and_not_computed_tell_nothing():
    typed = {name: f"x = {number}.5\nanswers.give({name!r}, x)" for number, name in enumerate(solved("01"))}
    assert told(handed_in("01", ada=typed, bob=typed)) == {}


def test_what_nobody_has_answered_resembles_nothing():
    shipped = {cell.metadata["mrskit"]["exercise"]: cell.source for cell in build.student("01").cells
               if cell.metadata.get("mrskit", {}).get("exercise")}  # fmt: skip
    assert told(handed_in("01", ada=shipped, bob=shipped)) == {}


def test_what_most_of_a_class_have_weighs_little():
    common, own = solved("01"), {name: honest("01", number) for number, name in enumerate(("ada", "bob", "cem"))}
    for name in ("01-exposure-time", "01-uncal-files"):  # the lecturer has shown them
        for cells in own.values():
            cells[name] = common[name]
    others = {f"student{number}": own["ada"] | {"01-read-a-ramp": f"f({number}, g(h))"} for number in range(1)}
    assert "bob" not in told(handed_in("01", **own, **others)).get("ada", "")


def test_a_whole_class_that_has_copied_is_told_and_names_few():
    students = dict.fromkeys((f"s{number:03}" for number in range(100)), solved("01"))
    found = told(handed_in("01", **students))
    assert len(found) == 100 and all(note.count(" of the code") <= resemblance.MOST_NAMED for note in found.values())


def test_the_order_of_the_submissions_does_not_matter():
    class_ = handed_in("03", ada=solved("03"), bob=solved("03"), cem=names_changed(solved("03")))
    assert told(class_) == told(class_[::-1])
    unread = dataclasses.replace(class_[0], problem="no notebook")
    assert "ada" not in told([unread, *class_[1:]])


def test_large_classes_take_time_in_proportion():
    source = honest("06", 0)
    students = {
        f"s{n}": {name: f"{text}\nprint(a{n}.b{n % 7}.c{n % 50})" for name, text in source.items()} for n in range(600)
    }
    start = time.process_time()
    told(handed_in("06", **students))
    assert time.process_time() - start < 10


@pytest.mark.parametrize(
    "source",
    ["(" * 100_000, "'" * 100_000, '"""' * 50_000 + "x", "\0" * 1000, "\ud800 = 1", "0x" + "f" * 50_000, "1e999999",
     "1" * 20_000, "a = ..." * 10_000, " " * 100_000, "\\\n" * 50_000, "lambda: " * 10_000, "1_" * 9_000, "=" * 20_000,
     "a," * 20_000],
)  # fmt: skip
def test_no_cell_stops_the_comparison_or_takes_long(source):
    start = time.process_time()
    pieces(source)
    told(handed_in("01", ada={"01-configuration": source}, bob={"01-configuration": source, "no-such": source}))
    assert time.process_time() - start < 1
