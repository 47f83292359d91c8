"""
Checks of exercises, made from a function that returns the expected value.

Every check returns a verdict with a share of the exercise's points, 0 to 1, which mrskit.answering.judge converts to
points. Numbers arrive here in the unit of the exercise. No message contains the expected value.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, overload

import numpy as np

from mrskit.exercises import probes
from mrskit.exercises.outcomes import Outcome
from mrskit.exercises.record import Answer, Facts, NotHere, Verdict
from mrskit.exercises.tolerance import EXACT, ROUNDING, Tolerance, percent
from mrskit.exercises.values import plain

Expected = Callable[[Facts], object] | object  # a function of the facts, or the value itself
Wanted = TypeVar("Wanted")
LONGEST = 100  # characters of a text of a few words
FEW = 12  # values of an array, the wrong ones of which are named
ERRORS = 3  # as many errors of the kit's own measurement may a right answer be away from it


@dataclass(frozen=True, slots=True)
class Check:
    """A check with the expected value, shown after the answer, and the tolerance, stated before the answer."""

    expected: Callable[[Facts], Any] | Any
    compare: Callable[..., Verdict]  # of the answer, the expected value and, where ``error`` is given, three errors
    tolerance: Tolerance = EXACT
    error: Callable[[Facts], object] | None = None  # 1 sigma of what is expected; 0 where that is the truth

    def __call__(self, answer: Answer, facts: Facts) -> Verdict:
        """Return the verdict on an answer whose numbers are in the exercise's unit."""
        wanted = evaluate(self.expected, facts)
        return self.compare(answer, wanted, *([] if self.error is None else [self._spread(wanted, facts)]))

    def _spread(self, wanted: object, facts: Facts) -> np.ndarray:
        """Return three errors; NotHere if these or the absolute tolerance are over half of all that is expected."""
        spread = ERRORS * np.asarray(evaluate(self.error, facts), dtype=float)
        if spread.any() and not (2 * np.maximum(spread, self.tolerance.abs) <= np.abs(np.asarray(wanted))).any():
            raise NotHere("our own measurement of it is not larger than twice its error or the tolerance.")
        return spread


@overload
def evaluate(expected: Callable[[Facts], Wanted], facts: Facts) -> Wanted: ...


@overload
def evaluate(expected: Callable[[Facts], Wanted] | Wanted, facts: Facts) -> Wanted: ...


def evaluate(expected: Expected, facts: Facts) -> object:
    """
    Return the expected value: the result of a function for these facts, or the value itself.

    Facts with a ``memory`` (a dict) store the results of functions, so that many answers are judged against one
    computation.
    """
    if not callable(expected):
        return expected
    memory = getattr(facts, "memory", None)
    if memory is None:
        return expected(facts)
    if expected not in memory:
        memory[expected] = expected(facts)
    return memory[expected]


def passed(answer: Answer, message: str = "Right.") -> Verdict:
    """Return the verdict on a right answer."""
    return Verdict(answer.id, Outcome.PASSED, 1.0, message)


def partial(answer: Answer, share: float, message: str) -> Verdict:
    """Return the verdict on an answer that earns a share (0 to 1) of the points."""
    return Verdict(answer.id, Outcome.PARTIAL, share, message)


def failed(answer: Answer, message: str = "Not yet.") -> Verdict:
    """Return the verdict on a wrong answer."""
    return Verdict(answer.id, Outcome.FAILED, 0.0, message)


def near(
    expected: Expected, rel: float = 0.0, abs: float = 0.0, error: Callable[[Facts], object] | None = None
) -> Check:
    """
    Return a check of one number, which must be within max(abs, rel x |expected|) of the expected number.

    ``expected``: a number, a list of legitimate numbers, or a mapping from the name of a definition to its number (the
    verdict then names the definition); ``rel``: relative tolerance; ``abs``: absolute tolerance, in the exercise's
    unit; ``error``: as in `Check` (a number within three errors of a measurement is right).
    """

    tolerance = Tolerance(rel, abs)

    def compare(answer: Answer, wanted: object, spread: float | np.ndarray = 0.0) -> Verdict:
        named = wanted if isinstance(wanted, Mapping) else {"": wanted}
        everything = np.concatenate([numbers_of(values) for values in named.values()])
        if not np.isfinite(everything).any():
            raise NotHere("our own measurement of it gives no number.")
        for name, values in named.items():
            if tolerance.holds(answer.number, numbers_of(values), spread).any():
                return passed(answer, f"Right: {name}." if name else f"Right{_within(tolerance, answer, spread)}.")
        return failed(answer, _how_far(answer, everything[np.isfinite(everything)], tolerance))

    return Check(expected, compare, tolerance, error)


def near_array(
    expected: Expected, rel: float = 0.0, abs: float = 0.0, share: float = 1.0, others: float = math.inf,
    error: Callable[[Facts], object] | None = None,
) -> Check:  # fmt: skip
    """
    Return a check of an array: first the shape, then every element within max(abs, rel x |expected|).

    ``expected``: an array, whose NaN elements do not count; ``rel``, ``abs``, ``error``: as in `near`; ``share``: share
    of the counted elements that must be within the tolerance, 0 to 1; ``others``: number of elements that may be
    numbers where NaN is expected, as a share of the counted elements.
    """

    shares = {"share": share} if share < 1 else {}
    tolerance = Tolerance(rel, abs, shares | ({"others": others} if math.isfinite(others) else {}))

    def compare(answer: Answer, wanted: object, spread: float | np.ndarray = 0.0) -> Verdict:
        value, right = answer.array.astype(float), np.asarray(wanted, dtype=float)
        if value.shape != right.shape:
            return failed(answer, f"Not yet: the shape is {value.shape}, asked for is {right.shape}.")
        counted = np.isfinite(right)
        if not counted.any():
            raise NotHere("our own measurement of it gives no number.")
        good = tolerance.holds(value, right, spread)[counted]
        if (extra := (np.isfinite(value) & ~counted).sum()) > others * counted.sum():
            return failed(answer, f"Not yet: at {extra} places there is a number where NaN is expected.")
        if good.mean() >= share:
            return passed(answer, f"Right: {good.sum()} of {good.size} values{_within(tolerance, answer, spread)}.")
        places = ", ".join(str(place.tolist()) for place in np.argwhere(counted)[~good]) if good.size <= FEW else ""
        return failed(answer, f"Not yet: {good.sum()} of {good.size} values are right; {percent(share)} of them must "
                              f"be.{f' Look again at {places}.' if places else ''}")  # fmt: skip

    return Check(expected, compare, tolerance, error)


def among(expected: Expected) -> Check:
    """Return a check of a choice with one or several right choices; capitals do not matter."""

    def compare(answer: Answer, wanted: object) -> Verdict:
        right = plain(str(answer.value)) in {plain(option) for option in texts_of(wanted)}
        return passed(answer) if right else failed(answer, "Not yet: this is not the right choice.")

    return Check(expected, compare)


def text_matches(expected: Expected, longest: int = LONGEST) -> Check:
    """
    Return a check of a text, which must match every expected pattern as a whole.

    ``expected``: a regular expression or several; repeated spaces, capitals and ways to write a letter (NFKC) do not
    matter; ``longest``: largest length of the text, because listing everything answers nothing.
    """

    def compare(answer: Answer, wanted: object) -> Verdict:
        text = " ".join(unicodedata.normalize("NFKC", str(answer.value)[: 4 * longest]).split())
        if len(text) > longest:
            return failed(answer, f"Not yet: the text is too long. At most {longest} characters are asked for.")
        found = [re.fullmatch(pattern, text, re.IGNORECASE) is not None for pattern in texts_of(wanted)]
        return passed(answer) if all(found) else failed(answer, "Not yet: the text is not what was asked for.")

    return Check(expected, compare)


def overlap(expected: Expected, completeness: float = 0.9, false: float = 0.1) -> Check:
    """
    Return a check of a region against the expected mask.

    ``expected``: a boolean array; masked pixels of a numpy masked array do not count; ``completeness``: share of the
    expected pixels that must be in the learner's region, 0 to 1; ``false``: share of the learner's pixels that may lie
    outside the expected region, 0 to 1.
    """

    def compare(answer: Answer, wanted: object) -> Verdict:
        masked: np.ma.MaskedArray = np.ma.asarray(wanted)
        counted = ~np.ma.getmaskarray(masked)
        mask, inside = answer.array.astype(bool), masked.data.astype(bool)
        if mask.shape != inside.shape:
            return failed(answer, f"Not yet: the shape is {mask.shape}, asked for is {inside.shape}.")
        if not (inside & counted).any():
            raise NotHere("they hold nothing of the kind.")
        both, mine, all_inside = ((part & counted).sum() for part in (mask & inside, mask, inside))
        if mine == 0:
            return failed(answer, "Not yet: the region is empty.")
        complete = both / all_inside
        outside = 1 - both / mine
        message = (
            f"your region holds {percent(complete)} of what it should hold (at least {percent(completeness)}), "
            f"and {percent(outside)} of it lies outside (at most {percent(false)})."
        )
        right = complete >= completeness and outside <= false
        return passed(answer, f"Right: {message}") if right else failed(answer, f"Not yet: {message}")

    return Check(expected, compare, Tolerance(shares={"completeness": completeness, "false": false}))


def code(reference: Callable, rel: float = ROUNDING, abs: float = 0.0) -> Check:
    """
    Return a check of a function: its results for the exercise's probes are compared with a reference function.

    ``reference``: takes the arguments of a probe and returns the expected number, array, or several of them; ``rel``,
    ``abs``: tolerances as in `near`; NaN is right where the reference returns NaN.
    """

    tolerance = Tolerance(rel, abs)

    def compare(answer: Answer, wanted: Callable) -> Verdict:
        tried = probes.judged_probes(answer.asked, answer.outputs)
        expected = probes.run(wanted, tried)
        found = [probes.difference(mine, theirs, rel, abs)
                 for mine, theirs in zip(answer.outputs.calls, expected, strict=True)]  # fmt: skip
        right = found.count("")
        if right == len(found):
            return passed(answer, f"Right: {right} of {right} calls{_within(tolerance, answer)}.")
        first = next(place for place, text in enumerate(found) if text)
        message = (
            f"{right} of {len(found)} calls are right. With the arguments ({probes.arguments(tried[first])}) "
            f"{found[first]}."
        )
        return partial(answer, right / len(found), message) if right else failed(answer, f"Not yet: {message}")

    return Check(lambda facts: reference, compare, tolerance)


def numbers_of(expected: object) -> np.ndarray:
    """Return one or several expected numbers as a one-dimensional array."""
    return np.ravel(np.asarray(expected, dtype=float))


def texts_of(expected: object) -> list[str]:
    """Return one or several expected texts as a list."""
    if isinstance(expected, str):
        return [expected]
    if not isinstance(expected, Iterable):
        raise TypeError(f"the expected value is a {type(expected).__name__}: expected a text or several")
    return [str(item) for item in expected]


def _how_far(answer: Answer, wanted: np.ndarray, tolerance: Tolerance) -> str:
    """Return a sentence on a wrong number that helps without revealing the right number."""
    value = answer.number
    if not np.isfinite(value):
        return "Not yet: the value is NaN. Leave out invalid samples (numpy.nanmedian, a mask) and try again."
    nearest = min(wanted.tolist(), key=lambda item: abs(value - item))
    words = tolerance.words(answer.unit)
    within = f"The tolerance is {words}." if words else "The answer is a whole or exact number."
    if not (nearest and value):
        return f"Not yet: this is not the number that was asked for. {within}"
    if np.sign(value) != np.sign(nearest):
        return "Not yet: the sign is the other one."
    if not 0.1 < value / nearest < 10:
        return "Not yet: more than a factor of ten off. Check the unit, and what you divide by."
    return f"Not yet: your value is too {'high' if value > nearest else 'low'}. {within}"


def _within(tolerance: Tolerance, answer: Answer, spread: float | np.ndarray = 0.0) -> str:
    ours = f"{ERRORS} errors of our own measurement" if np.any(spread) else ""
    words = " or ".join(filter(None, (tolerance.words(answer.unit), ours)))
    return f", within {words}" if words else ""
