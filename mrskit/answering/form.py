"""Checks of an answer without the correct value: its kind, shape, unit, and whether it is plausible."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mrskit.exercises.record import Answer


@dataclass(frozen=True, slots=True)
class Look:
    """The result of one check."""

    ok: bool
    text: str


def look(answer: Answer) -> tuple[Look, ...]:
    """Return the results of the checks of a recorded answer, each a short text; none for an empty answer."""
    if answer.value is None:
        return ()
    looks = {"scalar": _number, "quantity": _number, "array": _array, "region": _region, "code": _code}
    found = looks.get(answer.kind, _words)(answer)
    return tuple(Look(bool(ok), text) for ok, text in found)


def line(looks: tuple[Look, ...]) -> str:
    """Return the results as one line, with a tick before those that are fine and an exclamation mark before others."""
    return "; ".join(f"{'✓' if item.ok else '!'} {item.text}" for item in looks)


def _number(answer: Answer) -> list[tuple[bool, str]]:
    lost = bool(np.isnan(answer.number))
    return [(not lost, "NaN, which is not a number" if lost else "one number"), *_unit(answer)]


def _array(answer: Answer) -> list[tuple[bool, str]]:
    values = answer.array.astype(float)
    lost = int(np.isnan(values).sum())
    found = [(True, f"array of shape {values.shape}"), *_unit(answer)]
    if lost:
        found.append((lost < values.size, f"{lost} of {values.size} values are NaN"))
    return found


def _region(answer: Answer) -> list[tuple[bool, str]]:
    mask = answer.array.astype(bool)
    inside = int(mask.sum())
    text = "it is empty" if not inside else "it contains everything" if inside == mask.size else f"{inside} inside"
    return [(True, f"region of shape {mask.shape}"), (0 < inside < mask.size, text)]


def _code(answer: Answer) -> list[tuple[bool, str]]:
    calls = answer.outputs.calls
    stopped = [call.problem for call in calls if call.problem]
    found = [(True, f"a function, called {len(calls)} times")]
    if stopped:
        found.append((False, f"{len(stopped)} calls gave no usable result ({stopped[0]})"))
    if any(call.changed for call in calls):
        found.append((False, "it changes its arguments"))
    return found


def _words(answer: Answer) -> list[tuple[bool, str]]:
    if answer.kind == "choice":
        return [(True, f"one of {', '.join(answer.asked.choices)}")]
    count = len(str(answer.value).split())
    return [(count > 0, f"text of {count} word{'' if count == 1 else 's'}")]


def _unit(answer: Answer) -> list[tuple[bool, str]]:
    """Return a remark on the unit, with the converted value if it is not the exercise's unit."""
    own = answer.asked.unit
    if own is None:
        return []
    if answer.unit is None:
        return [(True, f"assumed unit {own}")]
    if answer.unit.replace(" ", "") == own.replace(" ", ""):
        return [(True, f"unit {own}")]
    if answer.kind == "array":
        return [(True, f"unit {answer.unit}, converted to {own}")]
    return [(True, f"unit {answer.unit}: that is {answer.in_unit.number:.8g} {own}")]
