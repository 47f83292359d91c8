"""Records and judgements on their way through JSON: they come back equal, and what is none is told by its entry."""

import json

import pytest

from mrskit.exercises.outcomes import Outcome
from mrskit.grading.records import Given, ProductFacts, Record, Shown
from mrskit.grading.verdicts import Judged, Judgement, ProductVerdict

RECORD = Record(
    "0" * 64, "03_detector1", "bubblewrap",
    (Given("03-own-pixels", Outcome.RECORDED, {"kind": "array", "value": [[1, 2.5], ["nan", None]]}),
     Given("03-fit", Outcome.ERROR, message="ZeroDivisionError")),
    seed=2**32 - 1,
    products=(ProductFacts("Source/stage1/a_rate.fits", "rate", "", (1024, 1032), {"NINTS": 1, "BUNIT": "DN/s",
                           "S_JUMP": True, "EFFEXPTM": 27.75, "OBSERVTN": 10**30}, {"finite": 1, "median": 3.5}),),
    shown=(Shown("03-fit", "half a pair: \ud800", ("iVBORw0KGgo=",)),), notes=("a note",),
)  # fmt: skip
JUDGEMENT = Judgement(
    (Judged("03-fit", "Fit", Outcome.PARTIAL, 1, 2.0, "Half right.", "sign", "Look again.", "inner detail"),),
    (ProductVerdict("Source/stage1/a_rate.fits", "rate", ("it has no DQ",)),),
)


@pytest.mark.parametrize("made", [RECORD, JUDGEMENT], ids=["record", "judgement"])
def test_what_was_written_comes_back_equal_down_to_the_kinds_of_its_numbers(made):
    text = json.dumps(made.to_json())
    back = type(made).from_json(json.loads(text))
    assert back == made and json.dumps(back.to_json()) == text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"schema": 0}, "not a record of schema 1"),
        ({"given": [{"id": "03-fit"}]}, "given.0 is .*expected the entry 'outcome'"),
        ({"seed": None}, "seed is None, expected a whole number"),
        ({"products": [{"path": "a", "kind": "rate", "shape": [1, "x"]}]}, "products.0.shape.1 is 'x'"),
    ],
)
def test_what_is_no_record_is_told_by_its_entry(change, said):
    with pytest.raises(ValueError, match=said):
        Record.from_json(RECORD.to_json() | change)


@pytest.mark.parametrize("table", [None, 3, [], "x"])
def test_other_json_is_no_record_and_no_judgement(table):
    for kind in (Record, Judgement):
        with pytest.raises(ValueError):
            kind.from_json(table)


def test_an_outcome_that_nobody_knows_is_told():
    table = JUDGEMENT.to_json()
    table["rows"][0]["outcome"] = "brilliant"
    with pytest.raises(ValueError, match=r"rows\.0\.outcome is 'brilliant', which is not one of the allowed words"):
        Judgement.from_json(table)
