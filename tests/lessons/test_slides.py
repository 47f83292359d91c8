"""Every slide of the workshop has its place in a lesson, with a section and exercises that exist."""

import re

import pytest

from mrskit.course import index
from mrskit.errors import LessonError
from mrskit.lessons import build, slides
from mrskit.resources import lessons_folder

PLACES = slides.places(lessons_folder())
OPENING = {"MRS", "Calibration Pipeline & Example", "Outline"}  # they announce, and ask nothing
ROW = re.compile(r"\| (\d+) \| (.+?) \| \[(\d\d)\]\((.+?)\) \| (.+?) \| (.+?) \|")
TABLE = """deck = [[1, "One"], [2, "Two"]]
[[place]]
heading = "One"
lesson = "01"
section = "Sums"
exercises = ["01-sum"]
[[place]]
heading = "Two"
lesson = "02"
section = "Shapes"
exercises = []
"""


@pytest.fixture(scope="module")
def sections():
    """The headings of each lesson, without their numbers, by its number."""
    folder = lessons_folder() / "source"
    notebooks = {name[:2]: build.read_source(folder / f"{name}.py") for name in index.lessons()}
    return {name: {slides.unnumbered(text) for text in slides.headings(item)} for name, item in notebooks.items()}


@pytest.mark.parametrize("place", PLACES, ids=[f"{number}-{place.heading}" for number, place in enumerate(PLACES, 1)])
def test_the_place_of_a_slide_is_a_section_of_a_lesson_with_exercises(place, sections):
    assert place.section in sections[place.lesson]
    assert place.exercises or place.heading in OPENING
    assert set(place.exercises) <= {exercise.id for exercise in index.all_exercises()}
    assert len(set(place.exercises)) == len(place.exercises)


def test_the_readme_of_the_lessons_has_one_row_for_each_heading_of_the_slides():
    rows = ROW.findall((lessons_folder() / "README.md").read_text(encoding="utf-8"))
    assert [int(number) for number, *_ in rows] == list(range(1, len(PLACES) + 1))
    assert [heading.lstrip("– ") for _, heading, *_ in rows] == [place.heading for place in PLACES]
    for _, _, lesson, file, _, _ in rows:
        assert (lessons_folder() / file).is_file() and file.startswith(lesson)


def test_building_the_lessons_writes_the_readme_and_a_change_of_the_table_makes_it_stale(toy):
    (toy / slides.FILE).write_text(TABLE, encoding="utf-8")
    assert build.stale_lessons(toy / "source", toy) == ["README.md"]
    assert toy / "README.md" in build.build_lessons(toy / "source", toy)
    text = (toy / "README.md").read_text(encoding="utf-8")
    assert "| 1 | One | [01](01_sums.ipynb) | Sums | `01-sum` |" in text
    assert "| 2 | – Two | [02](02_shapes.ipynb) | Shapes | – |" in text
    assert build.stale_lessons(toy / "source", toy) == []


def test_the_readme_lists_the_lessons_with_exercises_and_points(toy):
    (toy / slides.FILE).write_text(TABLE, encoding="utf-8")
    build.build_lessons(toy / "source", toy)
    text = (toy / "README.md").read_text(encoding="utf-8")
    assert "| [Sums](01_sums.ipynb) | 0 | 0 | 3 | 5 |" in text
    assert "| **Together** | **0** | **0** | **6** | **10** |" in text


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('heading = "Two"', 'heading = "Too"', "heading 2 of the slides has no place"),
        ('deck = [[1, "One"], ', 'deck = [[1, "One"], [1, "Between"], ', "heading 2 of the slides has no place"),
        ('[2, "Two"]]', '[2, "Two"], [1, "Three"]]', "heading 3 of the slides has no place"),
        ('section = "Sums"', "", "KeyError"),
        ("deck = [", "deck = ", "not readable"),
    ],
)
def test_a_table_of_slides_that_is_not_complete_is_refused(tmp_path, old, new, message):
    (tmp_path / slides.FILE).write_text(TABLE.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(LessonError, match=message):
        slides.places(tmp_path)


def test_headings_are_read_outside_of_code_and_minutes_from_the_first_cell(toy):
    path = toy / "source" / "01_sums.py"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("# # Sums", "# # 1 · Sums\n#\n# **Time.** 25\n# minutes.\n#\n# ```\n# # no heading\n# ```"),
        encoding="utf-8",
    )
    notebook = build.read_source(path)
    assert slides.headings(notebook) == ("1 · Sums",)
    assert slides.unnumbered("1 · Sums") == "Sums"
    assert slides.minutes(notebook) == 25
