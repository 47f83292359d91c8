"""Exercises of the first toy lesson: a count, a time, a choice."""

from mrskit.exercises.checks import among, near
from mrskit.exercises.misconceptions import choice_is, value_near
from mrskit.exercises.record import Exercise

EXERCISES = (
    Exercise(
        "01-sum", "A sum", "What is 2 + 3?", "scalar", None, 1, 1, ("Use +.", "Count your fingers."), near(5),
        (value_near(6, "You multiplied.", "multiplied"),),
    ),
    Exercise(
        "01-time", "A time", "How long is a minute, in {unit}, within {tolerance}?", "quantity", "s", 3, 2,
        ("Look at a watch.", "Six tens."),
        near(lambda facts: {"a minute of 60 s": 60.0, "a sidereal minute": 59.836}, rel=0.001),
        (value_near(lambda facts: 100.0, "Time is not decimal.", "decimal", rel=0.01),),
    ),
    Exercise(
        "01-sign", "A sign", "Is -1 positive?", "choice", None, 1, 1, ("Left of zero?", "Think of debts."), among("no"),
        (choice_is("yes", "A minus sign means less than zero.", "sign"),), choices=("yes", "no"),
    ),
)  # fmt: skip
