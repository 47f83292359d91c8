"""Misconceptions of exercises: known wrong answers, each with its own message."""

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
    """The tolerance of a misconception, instead of its exercise's tolerance: see `Tolerance`."""

    rel: float
    abs: float


def allowed(answer: Answer, own: Own) -> Tolerance:
    """Return the tolerance of a misconception: its own ``rel`` or ``abs`` if given, else the check's tolerance."""
    return Tolerance(**own) if own else answer.asked.tolerance


def code_agrees(wrong: Callable, message: str, name: str, **own: Unpack[Own]) -> Misconception:
    """Return the misconception for functions with the same results as this function; see `allowed`."""

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
    """Return the misconception for numbers near this number (or one of several numbers); see `allowed`."""

    def matches(answer: Answer, facts: Facts) -> bool:
        if answer.value is None or answer.kind not in ("scalar", "quantity"):
            return False
        return bool(allowed(answer, own).holds(answer.number, numbers_of(evaluate(expected, facts))).any())

    return Misconception(name, matches, message, lambda facts: float(numbers_of(evaluate(expected, facts))[0]))


def choice_is(expected: Expected, message: str, name: str) -> Misconception:
    """Return the misconception for this choice or text, or one of several."""

    def matches(answer: Answer, facts: Facts) -> bool:
        return plain(str(answer.value)) in {plain(option) for option in texts_of(evaluate(expected, facts))}

    return Misconception(name, matches, message, lambda facts: texts_of(evaluate(expected, facts))[0])


def array_is(expected: Callable[[Facts], np.ndarray], message: str, name: str, **own: Unpack[Own]) -> Misconception:
    """Return the misconception for this array, with NaN in the same places; see `allowed`."""

    def matches(answer: Answer, facts: Facts) -> bool:
        wanted, value = (np.asarray(item, dtype=float) for item in (evaluate(expected, facts), answer.array))
        return value.shape == wanted.shape and bool(
            np.all(allowed(answer, own).holds(value, wanted) | (np.isnan(value) & np.isnan(wanted)))
        )

    return Misconception(name, matches, message, expected)


def region_is(expected: Callable[[Facts], np.ndarray], message: str, name: str) -> Misconception:
    """Return the misconception for this mask."""

    def matches(answer: Answer, facts: Facts) -> bool:
        return np.array_equal(answer.array, evaluate(expected, facts))

    return Misconception(name, matches, message, expected)
