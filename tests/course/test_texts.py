"""Exercises that are answered with a text: one answer counts in any spelling, a list of all of them does not."""

import itertools
import time

import pytest

from mrskit import workspace
from mrskit.analysis.catalogue import LINES
from mrskit.answering.judge import facts_for, judge
from mrskit.course import index
from mrskit.exercises.values import from_learner

CELLS = {
    "channels": "all",
    "sub-bands": "all",
    "readout": "fastr1",
    "groups": "40",
    "integrations": "2",
    "dithers": "2",
}
HONEST = {
    "01-configuration": tuple(
        "\n".join(f"{row} | {cell} | {other}" for (row, other), cell in zip(CELLS.items(), cells, strict=True))
        for cells in (
            ("1, 2, 3, 4", "SHORT, MEDIUM, LONG", "FASTR1", "40", "2", "4"), ("ALL", "all", "fastr1", "40.0", "2", "4"),
            ("1-4", "A, B, C", "FAST R1", "40", "2", "4"),
            ("(1,2,3,4)", "short medium long", "“FASTR1”", "40", "2", "4"),
            ("１, ２, ３, ４", "[Short, Medium, Long]", "ＦＡＳＴＲ1", "40", "2.", "4"),
            ("1 to 4", "SHORT,\u00a0MEDIUM,\u00a0LONG", "`FASTR1`", " 40 ", "2", "4"),
        )
    ),
    "02-line-name": ("[Ne II]", "Ne II", "NeII", "[neii]", "  [Ne  II] ", "[Ne Ⅱ]", "[Ne\u00a0II]", "[Ne II] 12.814 µm",
                     "[Ne II] (12.8 um)", "Ne II 12.814", "[Ne II]12.81μm", "［Ne II］", "the [Ne II] line", "Ne-II",
                     "[Ne II] at 12.814 micron", "neon II", "It is [Ne II].", "[Ne II] λ12,81 micrometres"),
    "06-identify": ("[Ne III]", "Ne III", "NeIII", "[neiii]", "[Ne Ⅲ]", "［Ne III］", "[Ne III] 15.555 µm",
                    "Ne III 15.56um",
                    "[Ne III] (15.6 μm)", "the [Ne III] line", "$[Ne III]$", "[Ne III] line at 15.555 microns"),
}  # fmt: skip
OTHERS = ("FASTR1", "SLOWR1", "SHORT", "MEDIUM", "LONG", "1", "2", "3", "4", "12", "34", "something else")
PYTHON = {
    "03-own-steps",
    "04-own-steps",
    "04-asn-members",
    "05-own-call",
}  # judged by what they hold: see tests/course_content
TEXTS = [item for item in index.all_exercises() if item.kind == "text" and item.id not in PYTHON]


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory):
    """A function that judges texts, in the course's own program."""
    facts = facts_for(workspace.create(tmp_path_factory.mktemp("texts") / "space"), "12:SHORT")
    return lambda exercise, texts: [str(judge(from_learner(exercise, text), facts).outcome) for text in texts]


def test_every_text_exercise_is_tested():
    assert {exercise.id for exercise in TEXTS} == set(HONEST)


@pytest.mark.parametrize("exercise", TEXTS, ids=lambda item: item.id)
def test_an_honest_answer_counts_however_it_is_written(exercise, verdicts):
    found = dict(zip(HONEST[exercise.id], verdicts(exercise, HONEST[exercise.id]), strict=True))
    assert {text for text, outcome in found.items() if outcome != "passed"} == set()


@pytest.mark.parametrize("exercise", TEXTS, ids=lambda item: item.id)
def test_a_list_of_right_and_wrong_answers_counts_nothing(exercise, verdicts):
    right = HONEST[exercise.id][:4]
    wrong = [*dict.fromkeys(line.species for line in LINES), *OTHERS]
    if exercise.id.startswith("01"):
        wrong = [item for item in wrong if item not in ("1", "2", "3", "4", "SHORT", "MEDIUM", "LONG")]
    wrong = [item for item in wrong if item not in right]
    lists = [separator.join(parts) for separator in (", ", " / ", " or ", "; ", "\n", " | ", "")
             for good, bad in itertools.product(right, wrong)
             for parts in ((good, bad), (bad, good), (bad, good, bad))]  # fmt: skip
    lists += [separator.join([*wrong, *right, *wrong]) for separator in (", ", " / ", " ")]
    assert {
        text for text, outcome in zip(lists, verdicts(exercise, lists), strict=True) if outcome == "passed"
    } == set()


@pytest.mark.parametrize("exercise", TEXTS, ids=lambda item: item.id)
@pytest.mark.parametrize(
    "text", ["(" * 19_999, " ( " * 33, "ne" * 50, "ne ii " + "1" * 94, "/" * 100, "a, " * 33, "1 " * 50]
)
def test_no_text_takes_long_to_judge(exercise, text, verdicts):
    start = time.process_time()
    assert verdicts(exercise, [text]) != ["passed"]
    assert time.process_time() - start < 0.5
