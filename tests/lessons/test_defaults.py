"""
No text of the course claims a default of the pipeline that is not so.

Two forms are read, "`jump.find_showers` (default `False`)" and "`jump.find_showers` is `False` by default", and are
compared with the specification of the step in the installed jwst. Any other talk of a step's default is refused.
"""

import re

import pytest

from mrskit.course import index
from mrskit.lessons import build
from mrskit.pipeline import parameters
from mrskit.resources import lessons_folder

NAME, VALUE = r"`(?P<step>\w+)\.(?P<parameter>\w+)`", r"`(?P<value>[^`]+)`"
CLAIMS = [re.compile(rf"{NAME} \(default {VALUE}\)"), re.compile(rf"{NAME} is {VALUE} by default")]
TALK = re.compile(r"\bby default\b|\bdefaults? (is|are|of|to|value)\b|\(default\b|\bdefaults to\b", re.IGNORECASE)
NAMED = re.compile(r"`(?:[\w.]+\.)?(\w+)`")


def texts() -> list[tuple[str, str]]:
    """Return (where, text on one line) of all prose of the lessons and of their exercises."""
    found = []
    for name in index.lessons():
        notebook = build.read_source(lessons_folder() / "source" / f"{name}.py")
        found += [(f"{name}, cell {number}", cell.source) for number, cell in enumerate(notebook.cells, 1)
                  if cell.cell_type == "markdown"]  # fmt: skip
        for exercise in index.lesson_exercises(name):
            parts = [exercise.prompt, *exercise.hints, *(item.message for item in exercise.misconceptions)]
            found += [(exercise.id, part) for part in parts]
    return [(where, " ".join(text.split())) for where, text in found]


def claims(text: str) -> list[re.Match]:
    """Return the defaults that a text names in one of the two forms."""
    return [found for form in CLAIMS for found in form.finditer(text)]


def unchecked(text: str, known: set[str]) -> list[str]:
    """Return the sentences that speak of the default of a known step or parameter in another form."""
    rest = text
    for form in CLAIMS:
        rest = form.sub("", rest)
    parts = re.split(r"(?<=[.!?])\s|\| \|", rest)  # sentences, and rows of tables
    return [part.strip() for part in parts if TALK.search(part) and known & set(NAMED.findall(part))]


def same(claimed: str, specified: str) -> bool:
    """Return whether a default in a text is the one in a specification such as ``float(default=4.0)``."""
    default = re.search(r"""default\s*=\s*('[^']*'|"[^"]*"|[^,()]+)""", specified)
    if default is None:
        return False
    left, right = (text.strip().strip("'\"") for text in (claimed, default[1]))
    try:
        return float(left) == float(right)
    except ValueError:
        return left.lower() == right.lower()


@pytest.fixture(scope="module")
def specified() -> dict[tuple[str, str], set[str]]:
    """The specifications of every parameter by step and name, over the three stages."""
    found = {}
    for stage in parameters.PIPELINES:
        for step, values in parameters.specification(stage).items():
            for parameter, text in values.items():
                if isinstance(text, str):  # and not a section of its own
                    found.setdefault((step, parameter), set()).add(text)
    return found


@pytest.fixture(scope="module")
def known(specified) -> set[str]:
    """The names of steps and of parameters that no word of plain prose shares."""
    return {name for pair in specified for name in pair}


def test_each_default_that_a_lesson_names_is_that_of_the_installed_pipeline(specified):
    wrong = []
    for where, text in texts():
        for claim in claims(text):
            there = specified.get((claim["step"], claim["parameter"]))
            if there is None or not all(same(claim["value"], item) for item in there):
                wrong.append(f"{where}: {claim[0]}, but the pipeline has {there}")
    assert wrong == []


def test_no_lesson_speaks_of_a_default_in_a_form_that_is_not_compared(known):
    assert [f"{where}: {part}" for where, text in texts() for part in unchecked(text, known)] == []


def test_the_course_names_defaults_at_all():
    assert sum(len(claims(text)) for _, text in texts()) >= 3


@pytest.mark.parametrize(
    ("claimed", "specification", "agrees"),
    [
        ("False", "boolean(default=False)", True),
        ("True", "boolean(default=False)", False),
        ("1.2", "float(default=1.2) # SNR", True),
        ("1.4", "float(default=1.2)", False),
        ("5", "float(default=5.0)", True),
        ("4.0", "float(default=4.0,min=0)", True),
        ("exact", "option('exact', 'slit', default='exact')", True),
        ("none", "string(default='none')", True),
        ("None", "float(default=None)", True),
        ("0.5", "float()", False),
    ],
)
def test_a_claim_is_compared_with_the_specification(claimed, specification, agrees):
    assert same(claimed, specification) is agrees


def test_both_forms_are_read_and_other_talk_of_defaults_is_refused(known):
    text = "Search: `jump.find_showers` (default `False`). `residual_fringe.skip` is `True` by default."
    assert [claim["value"] for claim in claims(text)] == ["False", "True"]
    assert unchecked(text, known) == []
    assert unchecked("The step `residual_fringe` is off by default. Nothing else.", known) == [
        "The step `residual_fringe` is off by default."
    ]
    assert unchecked("By default the course runs in `SHORT`.", known) == []
