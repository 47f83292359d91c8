"""Right and known wrong answers on the observation's configuration, against hand calculation."""

import numpy as np
import pytest

from mrskit import workspace
from mrskit.answering.judge import WorkspaceFacts, judge
from mrskit.course import index
from mrskit.course.lesson01_setup import expected
from mrskit.course.shown import unknown_exposure
from mrskit.exercises.values import from_learner


@pytest.fixture
def verdict(tmp_path):
    """A function that judges an answer on the plan alone."""
    facts = WorkspaceFacts(workspace.create(tmp_path / "ws"))
    return lambda name, value, unit=None: judge(from_learner(index.exercise(name), value, unit), facts)


TABLE = {"channels": "ALL | 1, 2, 3, 4", "sub-bands": "A, B, C | SHORT, MEDIUM, LONG", "readout": "FASTR1 | fastr1",
         "groups": "40 | 40", "integrations": "2 | 2", "dithers": "4 | 2"}  # fmt: skip


def written(**changes):
    rows = TABLE | {name.replace("_", "-"): text for name, text in changes.items()}
    return "\n".join(f"{name} | {text}" for name, text in rows.items() if text)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("01-read-a-ramp", [12, 3, 38]), ("01-slow-group", 8.61), ("01-exposure-time", [899, 449]),
        ("01-own-plan", [30, 2]), ("01-own-plan", [33, 2]),
        ("01-exposure-time", [888, 444]), ("01-uncal-files", [24, 12]), ("01-dither-slices", [5.5, 3.5, 2.5, 1.5]),
        ("01-useful-time", [0.7, 0.925]), ("01-nearest-galaxy", 73.6), ("01-dither-pattern", "b"),
        ("01-configuration", written()),
        ("01-configuration", "\n" + written(channels="`ALL` | 1-4").replace("\n", " |\n| ") + "\n"),
    ],
)  # fmt: skip
def test_right_answers_are_accepted_as_learners_write_them(verdict, name, value):
    assert verdict(name, value).outcome == "passed"


def test_a_plan_that_breaks_a_limit_is_told_which_and_by_how_much(verdict):
    for plan, words in (([34, 2], "it takes 766 s"), ([36, 1], "for 400 s"), ([29, 2], "89.7 % of that time"),
                        ([37, 2], "lasts 103 s"), ([30.5, 2], "whole numbers"), ([30], "whole numbers"),
                        ([0, 2], "whole numbers")):  # fmt: skip
        judged = verdict("01-own-plan", plan)
        assert judged.outcome != "passed" and words in judged.message, judged.message


@pytest.mark.parametrize(
    ("text", "points", "words"),
    [
        (written(groups="10 | 10", dithers="4 | 4"), 4, "row of the imager"),
        (written(dithers="4 | 4"), 5, "background has its own"),
        (written(readout="SLOWR1 | FASTR1"), 5, "FASTR1 has 2.8 s"),
        (written(groups="40"), 5, "Look again at groups"), (written(groups=""), 5, "Look again at groups"),
        (written() + "\ngroups | 40 | 40", 5, "Look again at groups"), (written(groups="40 | 40 | 40"), 5, "groups"),
        (written(readout="FASTR1, SLOWR1 | FASTR1"), 5, "readout"), (written(bands="all | all"), 0, "is no row"),
        ("ALL / ALL", 0, "is no row"), ("channels | 12 | 12", 0, "short detector"),
    ],
)  # fmt: skip
def test_each_row_of_the_table_counts_by_itself_and_the_message_names_the_others(verdict, text, points, words):
    judged = verdict("01-configuration", text)
    assert judged.points == points and judged.outcome != "passed" and words in judged.message


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
    time, signal = unknown_exposure.one_pixel()
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
        ("01-slow-group", 9, "samples-for-frames"),
        ("01-own-plan", [60, 1], "one-long-ramp"), ("01-own-plan", [20, 3], "many-short-ramps"),
        ("01-exposure-time", [224.8, 224.8], "one-dither"),
        ("01-useful-time", [0.8, 0.95], "groups-for-intervals"), ("01-useful-time", [1, 1], "all-groups"),
        ("01-nearest-galaxy", 85.4, "no-cosine"), ("01-nearest-galaxy", 99.7, "foreground"),
        ("01-dither-pattern", "a", "overlapping"),
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
