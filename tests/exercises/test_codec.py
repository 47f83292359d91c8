"""Answers survive the way through JSON, and records that are no answers are refused."""

import json
import math

import numpy as np
import pytest

from mrskit.errors import AnswerError
from mrskit.exercises import codec
from mrskit.exercises.record import Answer


def through_json(answer):
    return codec.decode(json.loads(json.dumps(codec.encode(answer), allow_nan=False)))


@pytest.mark.parametrize(
    "answer",
    [
        Answer("03-rate", "quantity", 1.5, "DN / s"),
        Answer("03-count", "scalar", 24),
        Answer("03-choice", "choice", "yes"),
        Answer("03-text", "text", "flat, then fringe"),
        Answer("03-none", "array", None),
    ],
)
def test_an_answer_comes_back_as_it_was(answer):
    assert through_json(answer) == answer


def test_nan_is_written_as_text_and_comes_back():
    record = codec.encode(Answer("03-rate", "quantity", math.nan, "s"))
    assert record["value"] == "nan"
    assert math.isnan(codec.decode(record).value)


def test_an_array_comes_back_with_shape_nan_and_whole_numbers():
    array = np.array([[1.5, np.nan, 3.0]])
    record = codec.encode(Answer("03-rates", "array", array, "DN / s"))
    assert (record["shape"], record["dtype"], record["value"]) == ([1, 3], "float64", [[1.5, "nan", 3.0]])
    np.testing.assert_array_equal(through_json(Answer("03-rates", "array", array)).value, array)
    assert through_json(Answer("03-rates", "array", np.arange(3))).value.dtype.kind == "i"


def test_a_region_of_the_whole_detector_fits_and_comes_back():
    mask = np.random.default_rng(1).random((1024, 1032)) > 0.5
    record = codec.encode(Answer("03-mask", "region", mask))
    assert len(json.dumps(record)) < 180_000
    np.testing.assert_array_equal(codec.decode(record).value, mask)


def test_a_whole_image_of_numbers_is_too_large():
    with pytest.raises(AnswerError, match="1000000 bytes"):
        codec.encode(Answer("03-image", "array", np.zeros((1024, 1032))))
    with pytest.raises(AnswerError, match="1000000 bytes"):
        codec.encode(Answer("03-image", "array", np.random.default_rng(1).random(100_000)))


def test_an_infinite_number_is_not_recorded():
    with pytest.raises(AnswerError, match="infinite"):
        codec.encode(Answer("03-rate", "quantity", math.inf, "s"))


GOOD = codec.encode(Answer("03-rates", "array", np.array([1.0, 2.0]), "s"))
REGION = codec.encode(Answer("03-mask", "region", np.ones((2, 5), bool)))


@pytest.mark.parametrize(
    "record",
    [
        None, [], "03-rates", {}, GOOD | {"extra": 1}, {key: GOOD[key] for key in GOOD if key != "unit"},
        GOOD | {"schema": 2}, GOOD | {"schema": True}, GOOD | {"id": "rates"}, GOOD | {"id": "03-" + 40 * "x"},
        GOOD | {"id": 3}, GOOD | {"id": "03-rates\n"}, GOOD | {"kind": "pickle"}, GOOD | {"kind": []},
        GOOD | {"unit": 5}, GOOD | {"unit": "s" * 65}, GOOD | {"unit": "\ud800"},
        codec.encode(Answer("03-why", "text", "because")) | {"value": "\udfff"},
        GOOD | {"value": [1.0]}, GOOD | {"value": [1.0, True]}, GOOD | {"value": [1.0, "inf"]}, GOOD | {"value": 7},
        GOOD | {"value": [1.0, math.inf]}, GOOD | {"value": [1.0, 10**400]}, GOOD | {"value": [[1.0], [2.0]]},
        GOOD | {"shape": [2.0]}, GOOD | {"shape": []}, GOOD | {"shape": [-2]}, GOOD | {"shape": [10**9, 10**9]},
        GOOD | {"kind": "quantity"}, GOOD | {"kind": "text"},
        REGION | {"value": "!!!!"}, REGION | {"value": "AAAA"}, REGION | {"shape": [9, 9]},
    ],
)  # fmt: skip
def test_a_record_that_is_no_answer_is_refused(record):
    with pytest.raises(AnswerError, match="no valid answer record"):
        codec.decode(record)
