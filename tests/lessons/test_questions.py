"""What a question tells is what its check does: each number of a tolerance stands in the check, and nowhere else."""

import re

import nbformat
import pytest

from mrskit.course import index
from mrskit.exercises.tolerance import unit_words
from mrskit.lessons import index as lesson_index

EXERCISES = index.all_exercises()
BY_HAND = re.compile(
    r"\d\s*%|\btolerance\W*\d|\bat (?:least|most) \d|\bwithin (?![\d.]+ \S+ of `)\d", re.IGNORECASE
)  # but not "within 0.1 um of `middle`", which is no tolerance
UNIT = re.compile(r"(?:Give|give)(?: it as)? `\w+`[^.;:]*? in \**([^\s.;:)*]+)")


@pytest.fixture(scope="module")
def questions():
    """The questions as the committed notebooks show them, each on one line, by exercise."""
    found = {}
    for name in index.lessons():
        for cell in nbformat.read(lesson_index.notebook_path(name), as_version=4).cells:
            if cell.cell_type == "markdown":
                for text in re.split(r"(?m)^> (?:<a id='[\w-]+'></a>)?(?:◆ )?(?=\*\*Exercise)", cell.source)[1:]:
                    quoted = re.match(r"(?:.*\n?)(?:>.*\n?)*", text)[0]
                    name, words = re.fullmatch(r"\*\*Exercise `(.+?)`\.\*\* (.*)", _line(quoted)).groups()
                    found[name] = words
    return found


def _line(text):
    return " ".join(re.sub(r"(?m)^>", "", text).split())


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.id)
def test_the_notebook_asks_what_the_record_asks_and_tells_its_unit_and_what_its_check_allows(exercise, questions):
    assert questions[exercise.id] == " ".join(exercise.prompt.split())
    tolerance = getattr(exercise.check, "tolerance", None)
    told = tolerance.told(exercise.unit).values() if tolerance else ()
    assert [words for words in (*told, unit_words(exercise.unit)) if words not in questions[exercise.id]] == []


def test_more_than_half_of_the_exercises_have_a_tolerance_to_tell():
    assert sum(bool(exercise.told.keys() - {"unit"}) for exercise in EXERCISES) > len(EXERCISES) / 2


def test_no_tolerance_is_written_by_hand():
    found = {exercise.id: BY_HAND.search(" ".join(exercise.question.split())) for exercise in EXERCISES}
    assert {name: match[0] for name, match in found.items() if match} == {}


def test_no_unit_of_an_answer_is_written_by_hand():
    """Where a question says "Give `x` in ...", the unit is that of the record."""
    found = {exercise.id: UNIT.findall(" ".join(exercise.question.split())) for exercise in EXERCISES}
    words = {unit_words(exercise.unit) for exercise in EXERCISES if exercise.unit} | {"DN", "s", "%"}
    assert sum(items == ["{unit}"] for items in found.values()) > 15
    assert {name: items for name, items in found.items() if words & set(items)} == {}


@pytest.mark.parametrize(
    ("text", "by_hand"),
    [
        ("tolerance 3 %", True), ("(Within 0.1 %.)", True), ("tolerance 0.25 arcsec", True), ("within 0.001.", True),
        ("At least 60 of them", True), ("within {tolerance}", False), ("within 0.1 µm of `middle`", False),
        ("at most `seconds` s", False),
    ],
)  # fmt: skip
def test_a_tolerance_written_by_hand_is_seen(text, by_hand):
    assert (BY_HAND.search(text) is not None) is by_hand
