"""Right and known wrong answers on the observation's configuration, against hand calculation."""

import numpy as np
import pytest

from mrskit import workspace
from mrskit.answering.judge import WorkspaceFacts, judge
from mrskit.course import index
from mrskit.course.lesson01_setup import expected
from mrskit.course.shown.unknown_exposure import unknown_exposure
from mrskit.exercises.values import from_learner


@pytest.fixture
def verdict(tmp_path):
    """A function that judges an answer on the plan alone."""
    facts = WorkspaceFacts(workspace.create(tmp_path / "ws"))
    return lambda name, value, unit=None: judge(from_learner(index.exercise(name), value, unit), facts)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("01-read-a-ramp", [12, 3, 38]), ("01-slow-group", 8.61), ("01-channels", "ALL / ALL"),
        ("01-channels", "1-4 / 1,2,3,4"),
        ("01-bands", "all/all"), ("01-bands", "A, B, C / SHORT, MEDIUM and LONG"), ("01-readout", "fastr1/FASTR1"),
        ("01-groups", [40, 40]), ("01-integrations", [2, 2]), ("01-dithers", [4, 2]),
        ("01-exposure-time", [899, 449]), ("01-exposure-time", [888, 444]), ("01-uncal-files", [24, 12]),
        ("01-dither-slices", [5.5, 3.5, 2.5, 1.5]),
    ],
)  # fmt: skip
def test_the_sixteen_cells_of_the_table_are_accepted_as_learners_write_them(verdict, name, value):
    assert verdict(name, value).outcome == "passed"


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [([899.113, 449.556], "s", "APT"), ([888.01, 444.01], "s", "photons"), ([14.985, 7.493], "min", "APT"),
     ([888.01, 449.56], None, "background the time that APT prints")],
)  # fmt: skip
def test_both_definitions_of_the_exposure_time_count_and_are_named(verdict, value, unit, words):
    judged = verdict("01-exposure-time", value, unit)
    assert judged.outcome == "passed" and words in judged.message


@pytest.mark.parametrize(("name", "value"), [("01-exposure-time", [899.1, 7.0]), ("01-uncal-files", [24, 7])])
def test_one_right_cell_of_two_earns_half(verdict, name, value):
    judged = verdict(name, value)
    assert (judged.outcome, judged.points) == ("partial", 1)


def test_the_exposure_that_learners_read_has_one_cosmic_ray_and_falls_at_resets_alone():
    time, signal = unknown_exposure()
    rises = np.diff(signal)
    assert (rises < 0).sum() == expected.INTEGRATIONS - 1 and (rises > 500).sum() == 1
    assert round(time[-1] / 2.77504) == expected.frames() == 38


@pytest.mark.parametrize(
    ("seconds", "integrations", "dithers", "groups"),
    [(899.113 + 1e-3, 2, 4, 40), (899.112, 2, 4, 39), (2.78, 1, 1, 1), (2.77, 1, 1, 0), (599.41, 5, 4, 10)],
)
def test_the_groups_that_fit_follow_from_a_hand_calculation(seconds, integrations, dithers, groups):
    assert expected.groups_that_fit(seconds, integrations, dithers) == groups


@pytest.mark.parametrize(
    ("name", "value", "misconception"),
    [
        ("01-read-a-ramp", [12, 3, 36], "no-reset"), ("01-read-a-ramp", [12, 3, 39], "reset-after-each"),
        ("01-read-a-ramp", [3, 12, 38], "exchanged"), ("01-read-a-ramp", [9, 4, 39], "jump-as-reset"),
        ("01-slow-group", 9, "samples-for-frames"), ("01-channels", "12 / 12", "short-only"),
        ("01-dithers", [4, 4], "same-for-both"), ("01-groups", [10, 10], "imager"),
        ("01-integrations", [8, 4], "total"), ("01-exposure-time", [224.8, 224.8], "one-dither"),
        ("01-exposure-time", [910.2, 455.1], "reset-after-each"), ("01-exposure-time", [599.409, 300], "imager"),
        ("01-exposure-time", [444.0, 222.0], "one-integration"), ("01-uncal-files", [48, 24], "one-band-a-file"),
        ("01-uncal-files", [36, 18], "imager"), ("01-dither-slices", [6, 4, 3, 2], "rounded"),
        ("01-dither-slices", [0.1815, 0.2872, 0.4, 0.6728], "inverse"), ("01-context", "a", "version"),
        ("01-silent-default", "a", "default-on"), ("01-both-selectors", "a", "half-selection"),
    ],
)  # fmt: skip
def test_a_known_wrong_answer_gets_the_message_made_for_it(verdict, name, value, misconception):
    judged = verdict(name, value)
    assert (judged.outcome, judged.misconception) == ("failed", misconception)


@pytest.mark.parametrize(("name", "value", "misconception"), [
    ("01-uncal-files", [24, 24], "formula-of-the-slide"), ("01-exposure-time", [899.1, 899.1], "same-for-both"),
])  # fmt: skip
def test_a_half_right_row_of_the_table_gets_the_message_on_its_other_half(verdict, name, value, misconception):
    judged = verdict(name, value)
    assert (judged.outcome, judged.misconception) == ("partial", misconception)


@pytest.mark.parametrize("lesson", ["01", "02", "03"])
def test_hints_and_messages_do_not_hold_the_answers_in_numbers(lesson):
    for exercise in index.lesson_exercises(lesson):
        words = " ".join((*exercise.hints, *(item.message for item in exercise.misconceptions)))
        assert not {"899", "888", "449", "444", "8.61"} & set(words.replace(",", " ").split()), exercise.id
