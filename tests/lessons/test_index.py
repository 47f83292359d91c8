"""Lessons are found by number or name, with the title of their notebook and the sums of their exercises."""

import pytest

from mrskit.course import index as exercises
from mrskit.errors import LessonError
from mrskit.lessons import index


@pytest.mark.parametrize("text", ["1", "01", "01_sums", "01_sums.ipynb"])
def test_a_lesson_is_known_by_number_name_and_file_name(toy, text):
    found = index.lesson(text)
    assert (found.name, found.title, found.exercises, found.points, found.minutes) == ("01_sums", "Sums", 3, 5, 4)


def test_all_lessons_come_in_their_order(toy):
    assert [index.lesson(name).title for name in exercises.lessons()] == ["Sums", "Shapes"]


def test_an_unknown_lesson_is_refused_with_the_list(toy):
    with pytest.raises(LessonError, match="no lesson '9': expected one of 01_sums, 02_shapes"):
        index.lesson("9")


def test_a_missing_notebook_is_named_with_the_command_that_builds_it(toy):
    (toy / "01_sums.ipynb").unlink()
    with pytest.raises(LessonError, match=r"01_sums\.ipynb: no such notebook\. Run 'mrskit build'"):
        index.lesson("01")


def test_a_damaged_notebook_is_named(toy):
    (toy / "01_sums.ipynb").write_text("{}", encoding="utf-8")
    with pytest.raises(LessonError, match=r"01_sums\.ipynb: not a readable notebook"):
        index.lesson("01")


def test_a_missing_module_of_exercises_is_named(toy, monkeypatch):
    monkeypatch.setattr(exercises, "COURSE", exercises.Course(("03_lost",), "toycourse"))
    with pytest.raises(
        LessonError, match=r"lesson 03_lost has no exercises: module toycourse\.lesson03_lost\.exercises is missing"
    ):
        exercises.all_exercises()
