"""Right and known wrong answers on the observation's configuration, against hand calculation."""

import pytest

from mrskit import workspace
from mrskit.exercises import index
from mrskit.exercises.values import from_learner
from mrskit.judge import WorkspaceFacts, judge


@pytest.fixture
def verdict(tmp_path):
    """A function that judges an answer on the plan alone."""
    facts = WorkspaceFacts(workspace.create(tmp_path / "ws"))
    return lambda name, value, unit=None: judge(from_learner(index.exercise(name), value, unit), facts)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("01-frames", 81), ("01-slow-group", 8.61), ("01-channels", "ALL / ALL"), ("01-channels", "1-4 / 1,2,3,4"),
        ("01-bands", "all/all"), ("01-bands", "A, B, C / SHORT, MEDIUM and LONG"), ("01-readout", "fastr1/FASTR1"),
        ("01-groups", [40, 40]), ("01-integrations", [2, 2]), ("01-dithers", [4, 2]),
        ("01-exposure-time-science", 899), ("01-exposure-time-background", 449), ("01-uncal-science", 24),
        ("01-uncal-background", 12),
    ],
)  # fmt: skip
def test_the_sixteen_cells_of_the_table_are_accepted_as_learners_write_them(verdict, name, value):
    assert verdict(name, value).outcome == "passed"


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [(899.113, "s", "APT"), (888.01, "s", "photons"), (14.985, "min", "APT"), (888.0128, None, "photons")],
)
def test_both_definitions_of_the_exposure_time_count_and_are_named(verdict, value, unit, words):
    judged = verdict("01-exposure-time-science", value, unit)
    assert judged.outcome == "passed" and words in judged.message


@pytest.mark.parametrize(
    ("name", "value", "misconception"),
    [
        ("01-frames", 80, "no-reset"), ("01-frames", 82, "reset-after-each"),
        ("01-slow-group", 9, "samples-for-frames"), ("01-channels", "12 / 12", "short-only"),
        ("01-dithers", [4, 4], "same-for-both"), ("01-groups", [10, 10], "imager"),
        ("01-integrations", [8, 4], "total"), ("01-exposure-time-science", 224.8, "one-dither"),
        ("01-exposure-time-science", 910.2, "reset-after-each"), ("01-exposure-time-science", 599.409, "imager"),
        ("01-exposure-time-science", 444.0, "one-integration"),
        ("01-exposure-time-background", 899.1, "other-target"), ("01-uncal-science", 48, "one-band-a-file"),
        ("01-uncal-science", 36, "imager"), ("01-uncal-background", 24, "formula-of-the-slide"),
        ("01-uncal-background", 18, "imager"), ("01-context", "a", "version"),
        ("01-silent-default", "a", "default-on"), ("01-both-selectors", "a", "half-selection"),
    ],
)  # fmt: skip
def test_a_known_wrong_answer_gets_the_message_made_for_it(verdict, name, value, misconception):
    judged = verdict(name, value)
    assert (judged.outcome, judged.misconception) == ("failed", misconception)


@pytest.mark.parametrize("lesson", ["01", "02", "03"])
def test_hints_and_messages_do_not_hold_the_answers_in_numbers(lesson):
    for exercise in index.lesson_exercises(lesson):
        words = " ".join((*exercise.hints, *(item.message for item in exercise.misconceptions)))
        assert not {"899", "888", "449", "444", "8.61"} & set(words.replace(",", " ").split()), exercise.id
