"""Of several notebooks of one lesson the rule says which counts; an untouched release never beats an answer."""

import os

import pytest
from handed import write

from mrskit.grading.intake import attempts, intake
from mrskit.lessons.index import notebook_path

POINTS = {"a": 5.0, "b": 9.0, "c": 7.0}


def taken(folder, times, released=""):
    """The attempts a, b, c, ... of ada, made at some times; one of them is as it was released."""
    root = folder("bob/06_analysis.ipynb", *(f"ada/{name}/06_analysis.ipynb" for name in times))
    for name, time in times.items():
        path = root / "ada" / name / "06_analysis.ipynb"
        if name == released:
            write(root, f"ada/{name}/06_analysis.ipynb", notebook_path("06").read_bytes())
        os.utime(path, (time, time))
    return intake.take(root, intake.Asked()).submissions


def counting(submissions, rule):
    (group,) = attempts.groups([item for item in submissions if item.student == "ada"])
    one = attempts.chosen(group, rule, lambda item: POINTS[item.path.split("/")[1]])
    return one.path.split("/")[1], one.notes


@pytest.mark.parametrize(
    ("rule", "times", "released", "counts"),
    [
        ("newest", {"a": 1, "b": 3, "c": 2}, "", "b"),
        ("first", {"a": 2, "b": 3, "c": 1}, "", "c"),
        ("best", {"a": 3, "b": 1, "c": 2}, "", "b"),
        ("newest", {"a": 1, "b": 3, "c": 2}, "b", "c"),
        ("first", {"a": 1, "b": 3, "c": 2}, "a", "c"),
        ("best", {"a": 1, "b": 3, "c": 2}, "b", "c"),
        ("newest", {"a": 5, "b": 5}, "b", "a"),
        ("newest", {"a": 5, "b": 5}, "", "b"),
        ("newest", {"a": 5}, "a", "a"),
    ],
)
def test_the_rule_says_which_attempt_counts(folder, rule, times, released, counts):
    found, notes = counting(taken(folder, times, released), rule)
    assert found == counts
    assert len([note for note in notes if ": not used, " in note]) == len(times) - 1


@pytest.mark.parametrize(
    ("times", "released", "said"),
    [
        ({"a": 1, "b": 2}, "", "another attempt is newer"),
        ({"a": 5, "b": 5}, "", "of the same time; the last by its name counts"),
        ({"a": 5, "b": 5}, "b", "this notebook is unchanged from the release"),
        ({"a": 5, "b": 9}, "b", "this notebook is unchanged from the release"),
    ],
)
def test_why_an_attempt_does_not_count_is_said_truly(folder, times, released, said):
    _, notes = counting(taken(folder, times, released), "newest")
    assert [note for note in notes if note.endswith(said)]


def test_an_attempt_that_cannot_be_read_never_beats_one_that_can(folder):
    root = folder("ada/a/06_analysis.ipynb", "bob/06_analysis.ipynb")
    os.utime(write(root, "ada/b/06_analysis.ipynb", b"{"), (9e9, 9e9))
    for rule in ("newest", "best", "first"):
        assert counting(intake.take(root, intake.Asked()).submissions, rule)[0] == "a"
