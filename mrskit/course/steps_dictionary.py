"""Exercises whose answer is a dictionary of pipeline parameters, judged by its content."""

from __future__ import annotations

import ast
from collections.abc import Callable

from mrskit.exercises.checks import Check, evaluate, failed, passed
from mrskit.exercises.record import Answer, Facts, Misconception, Verdict

Steps = dict[str, dict[str, object]]


def read(answer: Answer) -> Steps | None:
    """Return the dictionary in an answer's text; None if the text is not a dictionary of dictionaries."""
    try:
        found = ast.literal_eval(str(answer.value))
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
    nested = isinstance(found, dict) and all(isinstance(values, dict) for values in found.values())
    return found if nested else None


def settings(steps: Steps) -> dict[tuple[str, str], object]:
    """Return the settings in a dictionary, by step and parameter."""
    return {(str(step), str(name)): value for step, values in steps.items() for name, value in values.items()}


def holds(wanted: Steps | Callable[[Facts], Steps]) -> Check:
    """Return a check of a text, which must be a steps dictionary with exactly these settings."""

    def compare(answer: Answer, wanted: Steps) -> Verdict:
        steps = read(answer)
        if steps is None:
            return failed(answer, "Not yet: expected a dictionary of dictionaries, {'step': {'parameter': value}}.")
        found, asked = settings(steps), settings(wanted)
        right = sum(key in found and found[key] == value and type(found[key]) is type(value)
                    for key, value in asked.items())  # fmt: skip
        more = sorted(".".join(key) for key in found.keys() - asked.keys())
        if right == len(asked) and not more:
            return passed(answer, f"Right: all {right} settings.")
        also = f" Not asked for: {', '.join(more)[:200]}." if more else ""
        return failed(answer, f"Not yet: {right} of {len(asked)} settings are as asked for.{also}")

    return Check(wanted, compare)


def looks_like(wrong: object, message: str, name: str) -> Misconception:
    """Return the misconception for this value (or the value that it returns) instead of the dictionary."""

    def matches(answer: Answer, facts: Facts) -> bool:
        try:
            return ast.literal_eval(str(answer.value)) == evaluate(wrong, facts)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return False

    return Misconception(name, matches, message, lambda facts: repr(evaluate(wrong, facts)))
