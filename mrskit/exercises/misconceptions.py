"""Misconceptions of exercises: known wrong answers, recognised by what is handed in, each with a message of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypedDict, Unpack

import numpy as np

from mrskit.exercises import probes
from mrskit.exercises.checks import Expected, evaluate, numbers_of, texts_of
from mrskit.exercises.record import Answer, Facts, Misconception, Output
from mrskit.exercises.tolerance import Tolerance
from mrskit.exercises.values import plain


class Own(TypedDict, total=False):
    """What a misconception may allow in place of its exercise's check: see `Tolerance`."""

    rel: float
    abs: float


def allowed(answer: Answer, own: Own) -> Tolerance:
    """Return what a misconception allows: its own ``rel`` or ``abs`` if it has one, else what the check allows."""
    return Tolerance(**own) if own else answer.asked.tolerance


def code_agrees(wrong: Callable, message: str, name: str, **own: Unpack[Own]) -> Misconception:
    """Return the misconception of learners whose function gives what this one gives for every probe; see `allowed`."""

    def matches(answer: Answer, facts: Facts) -> bool:
        slack = allowed(answer, own)
        expected = probes.run(wrong, probes.judged_probes(answer.asked, answer.outputs))
        return all(
            (call.problem != "") == (theirs.problem != "") and call.changed == theirs.changed
            and (theirs.problem != "" or not probes.difference(Output(call.value), theirs, slack.rel, slack.abs))
            for call, theirs in zip(answer.outputs.calls, expected, strict=True)
        )  # fmt: skip

    return Misconception(name, matches, message, lambda facts: wrong)


def value_near(expected: Expected, message: str, name: str, **own: Unpack[Own]) -> Misconception:
    """Return the misconception of learners who hand in a number near this one (or one of several); see `allowed`."""

    def matches(answer: Answer, facts: Facts) -> bool:
        if answer.value is None or answer.kind not in ("scalar", "quantity"):
            return False
        return bool(allowed(answer, own).holds(answer.number, numbers_of(evaluate(expected, facts))).any())

    return Misconception(name, matches, message, lambda facts: float(numbers_of(evaluate(expected, facts))[0]))


def choice_is(expected: Expected, message: str, name: str) -> Misconception:
    """Return the misconception of learners who hand in this choice or text, or one of several."""

    def matches(answer: Answer, facts: Facts) -> bool:
        return plain(str(answer.value)) in {plain(option) for option in texts_of(evaluate(expected, facts))}

    return Misconception(name, matches, message, lambda facts: texts_of(evaluate(expected, facts))[0])


def array_is(expected: Callable[[Facts], np.ndarray], message: str, name: str, **own: Unpack[Own]) -> Misconception:
    """Return the misconception of learners who hand in this array, NaN where it is NaN; see `allowed`."""

    def matches(answer: Answer, facts: Facts) -> bool:
        wanted, value = (np.asarray(item, dtype=float) for item in (evaluate(expected, facts), answer.array))
        return value.shape == wanted.shape and bool(
            np.all(allowed(answer, own).holds(value, wanted) | (np.isnan(value) & np.isnan(wanted)))
        )

    return Misconception(name, matches, message, expected)


def region_is(expected: Callable[[Facts], np.ndarray], message: str, name: str) -> Misconception:
    """Return the misconception of learners who hand in this mask."""

    def matches(answer: Answer, facts: Facts) -> bool:
        return np.array_equal(answer.array, evaluate(expected, facts))

    return Misconception(name, matches, message, expected)
