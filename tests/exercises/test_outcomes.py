"""One enumeration of outcomes, with the words that files hold, and a look for each place that shows them."""

import pytest

from mrskit import workspace
from mrskit.answering import cards
from mrskit.answering.scorecard import LessonScore, Row, Scorecard
from mrskit.exercises import outcomes
from mrskit.exercises.outcomes import GRADES, JUDGED, LOOKS, RUN, Outcome
from mrskit.exercises.record import Answer, Exercise, Verdict
from mrskit.learner import tables
from mrskit.lessons import report


def test_the_words_of_the_files_stay_as_they_are():
    """A renamed value would make kept answers, progress and grades of earlier versions unreadable."""
    assert [str(item) for item in JUDGED] == ["passed", "partial", "failed", "not answered", "invalid", "unjudged"]
    assert [str(item) for item in RUN] == [
        "recorded", "not answered", "missing", "error", "not reached", "timeout", "limit", "invalid record",
    ]  # fmt: skip
    assert [str(item) for item in GRADES] == [
        "passed", "partial", "failed", "not answered", "missing", "error", "not reached", "timeout", "limit",
        "invalid record", "grader error",
    ]  # fmt: skip


def test_every_outcome_belongs_to_somebody_who_says_it_and_has_one_look():
    assert {*JUDGED, *RUN, *GRADES} == set(Outcome) == set(LOOKS)


@pytest.mark.parametrize("place", ["words", "graded", "brief"])
def test_outcomes_that_stand_side_by_side_differ_without_colour(place):
    for group in (JUDGED, RUN, GRADES):
        symbols = [LOOKS[item].symbol for item in group]
        words = [getattr(LOOKS[item], place) for item in group]
        assert all(symbols) and all(words)
        assert len(set(symbols)) == len(set(words)) == len(group)


@pytest.mark.parametrize("result", JUDGED)
def test_card_list_and_report_show_every_outcome_of_the_judge(tmp_path, result):
    asked = Exercise("01-a", "A title", "?", "scalar", None, 2, 1, ("a", "b"), lambda answer, facts: None)
    card = cards.answer_card(Answer("01-a", "scalar", 1, exercise=asked), Verdict("01-a", result, 0, "Why.")).text()
    assert card.startswith(f"{LOOKS[result].symbol} {LOOKS[result].words}")
    score = LessonScore("01_setup", (Row("01-a", "A title", result, 0, 2, "Why.", None, 0),))
    brief = f"{LOOKS[result].symbol} {LOOKS[result].brief}"
    assert tables.row_line(score.rows[0]).startswith(f"{brief:<11}01-a") and len(brief) <= 11
    assert list(tables.exercise_table(score).columns[0].cells) == [brief]
    page = report.write_report(workspace.create(tmp_path), Scorecard((score,))).read_text(encoding="utf-8")
    assert f"{LOOKS[result].symbol}</span>{LOOKS[result].words}" in page


@pytest.mark.parametrize("text", ["right", "", None, 1, ["passed"], "grader error"])
def test_a_value_that_is_no_outcome_is_refused_with_those_expected(text):
    with pytest.raises(ValueError, match="expected one of passed, partial, failed, not answered, invalid, unjudged"):
        outcomes.outcome(text, JUDGED)
