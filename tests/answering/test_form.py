"""What is said of an answer without the key: kind, shape, unit, plausibility."""

import numpy as np
import pytest

from mrskit.answering import form
from mrskit.exercises.checks import passed
from mrskit.exercises.record import Answer, Exercise, Output, Outputs


def exercise(kind: str, unit: str | None = None) -> Exercise:
    return Exercise("01-a", "t", "q", kind, unit, 1, 1, ("a", "b"), lambda answer, facts: passed(answer),
                    choices=("a", "b"))  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "unit", "value", "given", "line"),
    [
        ("scalar", None, 3, None, "✓ one number"),
        ("quantity", "um", 2e-6, "m", "✓ one number; ✓ unit m: that is 2 um"),
        ("quantity", "DN / s", 5.0, "DN/s", "✓ one number; ✓ unit DN / s"),
        ("array", "s", np.array([1.0, np.nan, 3.0]), None,
         "✓ array of shape (3,); ✓ assumed unit s; ✓ 1 of 3 values are NaN"),
        ("array", None, np.full(3, np.nan), None, "✓ array of shape (3,); ! 3 of 3 values are NaN"),
        ("region", None, np.eye(3, dtype=bool), None, "✓ region of shape (3, 3); ✓ 3 inside"),
        ("region", None, np.zeros((3, 3), bool), None, "✓ region of shape (3, 3); ! it is empty"),
        ("region", None, np.ones((3, 3), bool), None, "✓ region of shape (3, 3); ! it contains everything"),
        ("choice", None, "a", None, "✓ one of a, b"),
        ("text", None, "two words", None, "✓ text of 2 words"),
        ("text", None, " ", None, "! text of 0 words"),
        ("code", None, Outputs(1, (Output(1), Output(None, "ValueError: no"), Output(2, "", True))), None,
         "✓ a function, called 3 times; ! 1 calls gave no usable result (ValueError: no); ! it changes its arguments"),
    ],
)  # fmt: skip
def test_the_line_names_kind_shape_unit_and_what_looks_odd(kind, unit, value, given, line):
    assert form.line(form.look(Answer("01-a", kind, value, given, exercise(kind, unit)))) == line


def test_nothing_is_said_of_an_answer_that_is_not_there():
    assert form.look(Answer("01-a", "scalar", None, exercise=exercise("scalar"))) == ()
