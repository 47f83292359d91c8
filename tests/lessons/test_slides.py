"""Every line of the workshop's slides has its place in a lesson, with exercises, figures or words that exist."""

import os
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from mrskit.course import index
from mrskit.errors import LessonError
from mrskit.lessons import build, slides
from mrskit.resources import lessons_folder

ROOT = Path(__file__).resolve().parents[2]
PLACES = slides.places(lessons_folder())
OWN = [place for place in PLACES if place.same is None]
EXERCISES = {exercise.id: exercise for exercise in index.all_exercises()}
ROW = re.compile(r"^\| (\d+) \|(.+?) \|(.*?)\|(.+?)\|(.*?)\|(.*)\|$", re.MULTILINE)
FENCED = re.compile(r"```.*?```", re.DOTALL)
HEADING, BULLET = re.compile(r"(#{1,3}) +(.+)"), re.compile(r"( *)(?:- |(?=\d+\. ))(.+)")
TABLE = """place = [
{ depth = 1, deck = "One", lesson = "01", section = "Sums", exercises = ["01-sum"], figures = ["01-two"] },
{ depth = 4, deck = "Two", lesson = "02", section = "Shapes", words = "are round" },
{ depth = 4, deck = "One" },
{ depth = 4, deck = "Zwei", as = "Two" },
]
"""


@pytest.fixture(scope="module")
def texts():
    """The text of each section of each lesson, code included, up to the next heading; by lesson and heading."""
    found = {}
    for name in index.lessons():
        notebook = build.read_source(lessons_folder() / "source" / f"{name}.py")
        whole = "\n".join(cell.source for cell in notebook.cells)
        starts = [whole.index(f"# {heading}\n") for heading in slides.headings(notebook)]
        for heading, (start, end) in zip(slides.headings(notebook), pairwise([*starts, len(whole)]), strict=True):
            found[name[:2], slides.unnumbered(heading)] = " ".join(whole[start:end].split())
    return found


@pytest.fixture(scope="module")
def code():
    """All code that draws figures of the lessons."""
    folders = [ROOT / "mrskit" / "plotting", ROOT / "mrskit" / "course" / "shown", lessons_folder() / "source"]
    return "\n".join(path.read_text(encoding="utf-8") for folder in folders for path in folder.glob("*.py"))


def written(text):
    return re.sub(r"\s+", " ", text.replace("\\_", "_").replace("**", "").replace("STScl", "STScI")).strip()


def lines_of(deck):
    """Return depth and words of all headings and bullets of the slides; three dots alone are none."""
    for line in FENCED.sub("", deck).splitlines():
        if heading := HEADING.match(line):
            yield len(heading[1]), written(heading[2])
        elif (bullet := BULLET.match(line)) and written(bullet[2]) != "...":
            yield 4 + (len(bullet[1]) >= 2), written(bullet[2])


@pytest.mark.parametrize("place", OWN, ids=[place.deck for place in OWN])
def test_the_place_of_a_line_of_the_slides_is_a_section_with_exercises_figures_or_words_that_exist(place, texts, code):
    text = texts[place.lesson, place.section]
    assert place.words in text
    assert place.exercises or place.figures or place.words
    names = [name.partition("/") for name in place.exercises]
    assert {name for name, _, _ in names} <= set(EXERCISES)
    assert not names or f"**Exercise `{names[0][0]}`.**" in text
    for name, _, part in names:
        assert part in text.partition(f"**Exercise `{name}`")[0] or part in EXERCISES[name].question
    for figure in place.figures:
        assert figure.startswith(f"{place.lesson}-") and f'"{figure}"' in code
    for listed in (place.exercises, place.figures):
        assert len(set(listed)) == len(listed)


def test_no_two_lines_that_say_different_things_share_their_place_or_their_exercises():
    assert [place for place, count in Counter(
        (place.lesson, place.section, place.exercises, place.figures, place.words) for place in OWN
    ).items() if count > 1] == []  # fmt: skip
    listed = Counter(place.exercises for place in OWN if place.exercises)
    assert [exercises for exercises, count in listed.items() if count > 1] == []
    assert len({place.deck for place in OWN}) == len(OWN)


def test_every_heading_and_bullet_of_the_slides_is_in_the_table_in_their_order():
    depths = Counter(place.depth for place in PLACES)
    assert [depths[depth] for depth in (1, 2, 3)] == [44, 37, 3]
    assert depths[4] + depths[5] >= 114
    path = Path(os.environ.get("MRSKIT_DECK", ROOT.parent / "shared" / "deck.md"))
    if not path.is_file():
        pytest.skip(f"no text of the slides at {path}: set MRSKIT_DECK to it to compare the table with it")
    rest = iter(PLACES)
    for depth, words in lines_of(path.read_text(encoding="utf-8")):
        assert any(
            place.depth == depth and (place.deck == words or words.startswith(place.deck.removesuffix("…")))
            for place in rest
        ), words


def test_the_readme_of_the_lessons_has_one_row_for_each_line_of_the_slides():
    rows = ROW.findall((lessons_folder() / "README.md").read_text(encoding="utf-8"))
    assert [int(number) for number, *_ in rows] == list(range(1, len(PLACES) + 1))
    assert [words.lstrip(" –") for _, words, *_ in rows] == [place.deck for place in PLACES]
    for place, (_, _, lesson, section, exercises, shown) in zip(PLACES, rows, strict=True):
        if place.same:
            assert section.strip() == f"as {place.same}" and PLACES[place.same - 1].same is None
        else:
            file = lesson.partition("(")[2].rstrip(") ")
            assert (lessons_folder() / file).is_file() and file.startswith(place.lesson)
            assert all(f"`{name.partition('/')[0]}`" in exercises for name in place.exercises)
            assert all(f"`{name}`" in shown for name in place.figures) and place.words in shown


def test_building_the_lessons_writes_the_readme_and_a_change_of_the_table_makes_it_stale(toy):
    (toy / slides.FILE).write_text(TABLE, encoding="utf-8")
    assert build.stale_lessons(toy / "source", toy) == ["README.md"]
    assert toy / "README.md" in build.build_lessons(toy / "source", toy)
    text = (toy / "README.md").read_text(encoding="utf-8")
    assert "| 1 | One | [01](01_sums.ipynb) | Sums | `01-sum` | `01-two` |" in text
    assert "| 2 | – – – Two | [02](02_shapes.ipynb) | Shapes | – | “are round” |" in text
    assert "| 3 | – – – One | | as 1 | | |\n| 4 | – – – Zwei | | as 2 | | |" in text
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
        ('{ depth = 4, deck = "One" }', '{ depth = 4, deck = "Three" }', "'Three' on the slides has no place"),
        ('as = "Two"', 'as = "Too"', "'Zwei' on the slides has no place"),
        ('deck = "Two", lesson = "02", ', 'deck = "Two", ', "'Two' on the slides has no place"),
        ('section = "Sums", ', "", "KeyError"),
        ("place = [", "place = ", "not readable"),
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
