"""What files of grading may hold: records of runs and judgements, each with the outcomes that belong there."""

import json

import pytest

from mrskit.exercises.outcomes import GRADES, JUDGED, RUN, Outcome
from mrskit.grading.records import WHY, Given, Record
from mrskit.grading.run.store import Store
from mrskit.grading.verdicts import Judged, Judgement, graded

DIGEST = "0" * 64


def test_a_grade_has_its_own_words_for_two_outcomes_of_the_judge():
    changed = {item: graded(item) for item in JUDGED if graded(item) != item}
    assert changed == {"invalid": "invalid record", "unjudged": "grader error"}
    assert {graded(item) for item in JUDGED} <= set(GRADES)


def test_a_run_without_answer_has_words_for_the_learner():
    assert WHY.keys() == {*RUN} - {Outcome.RECORDED} and all(WHY.values())


@pytest.mark.parametrize("result", RUN)
def test_a_record_comes_back_from_its_file_with_its_outcomes(result):
    record = Record(DIGEST, "01_setup", "none", (Given("01-slow-group", result),))
    back = Record.from_json(json.loads(json.dumps(record.to_json())))
    assert back == record and isinstance(back.given[0].outcome, Outcome)


@pytest.mark.parametrize("result", GRADES)
def test_a_judgement_comes_back_from_its_file_with_its_outcomes(result):
    judgement = Judgement((Judged("01-slow-group", "Title", result, 0.0, 1.0, "Why."),))
    back = Judgement.from_json(json.loads(json.dumps(judgement.to_json())))
    assert back == judgement and isinstance(back.rows[0].outcome, Outcome)


@pytest.mark.parametrize("text", ["passed", "unjudged", "nonsense", 1, None])
def test_a_record_with_what_no_run_says_is_refused_and_counts_as_not_there(tmp_path, text):
    table = Record(DIGEST, "01_setup", "none", (Given("01-slow-group", Outcome.RECORDED),)).to_json()
    table["given"][0]["outcome"] = text
    with pytest.raises(ValueError, match=r"given.0: no outcome .*: expected one of recorded, not|given.0.outcome is "):
        Record.from_json(table)
    (tmp_path / "records").mkdir()
    (tmp_path / "records" / f"{DIGEST}.json").write_text(json.dumps(table))
    assert Store(tmp_path).record(DIGEST) is None


@pytest.mark.parametrize("text", ["recorded", "invalid", "nonsense", 1, None])
def test_a_judgement_with_what_no_grade_says_is_refused(text):
    table = Judgement((Judged("01-slow-group", "Title", Outcome.PASSED, 0.0, 1.0, "Why."),)).to_json()
    table["rows"][0]["outcome"] = text
    with pytest.raises(ValueError, match=r"rows.0: no outcome .*: expected one of passed, partial|rows.0.outcome is "):
        Judgement.from_json(table)
