"""Records of exercises, answers and verdicts."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np

from mrskit.errors import AnswerError
from mrskit.exercises.conversion import converted
from mrskit.exercises.outcomes import Outcome
from mrskit.exercises.tolerance import EXACT, Tolerance, unit_words
from mrskit.plan import Program
from mrskit.workspace import Workspace

if TYPE_CHECKING:
    from mrskit.simulate.scene import Scene

KINDS = ("scalar", "array", "quantity", "region", "choice", "text", "code")


@dataclass(frozen=True, slots=True)
class Output:
    """The result of one call of a learner's function."""

    value: int | float | list | None  # a number or lists of numbers, NaN allowed; None: nothing, or a problem
    problem: str = ""  # what went wrong, in words
    changed: bool = False  # the function changed its arguments


@dataclass(frozen=True, slots=True)
class Outputs:
    """The results of a learner's function for the probes of a seed, without the function itself."""

    seed: int
    calls: tuple[Output, ...]


Value = float | str | list | np.ndarray | Outputs | None  # of an answer; None: not answered


@dataclass(frozen=True)  # without slots, for its cached property
class Answer:
    """A learner's answer to one exercise."""

    id: str
    kind: str  # one of KINDS
    value: Value
    unit: str | None = None  # astropy unit string
    exercise: Exercise | None = field(default=None, compare=False, repr=False)  # None: a record that nobody asked for

    @cached_property
    def in_unit(self) -> Answer:
        """The answer with numbers in the exercise's unit; AnswerError if its unit does not fit."""
        value, unit = self.value, self.asked.unit
        if self.unit is not None and value is not None and self.kind in ("scalar", "quantity", "array"):
            value = converted(self.array if self.kind == "array" else self.number, self.unit, unit, self.id)
        return replace(self, value=value, unit=unit)

    @property
    def asked(self) -> Exercise:
        """The exercise of an answer from `answers.give`."""
        if self.exercise is None:
            raise AnswerError(f"{self.id}: the answer was not recorded by answers.give. Hand in the answer with "
                              "answers.give.",
                              id=self.id)  # fmt: skip
        return self.exercise

    @property
    def number(self) -> float:
        """The value of a number, as a float."""
        if not isinstance(self.value, int | float | np.number):
            raise self._other("a number")
        return float(self.value)

    @property
    def array(self) -> np.ndarray:
        """The value of an array, a region or a number, as an array."""
        if self.value is None or isinstance(self.value, str | Outputs):
            raise self._other("numbers")
        return np.asarray(self.value)

    @property
    def outputs(self) -> Outputs:
        """The results of a function."""
        if not isinstance(self.value, Outputs):
            raise self._other("the outputs of a function")
        return self.value

    def _other(self, expected: str) -> AnswerError:
        return AnswerError(f"{self.id}: the value is a {type(self.value).__name__}, expected {expected}. Hand in the "
                           "value again with answers.give.", id=self.id)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judge's verdict on one answer."""

    id: str
    outcome: Outcome  # one of JUDGED
    points: float
    message: str
    misconception: str | None = None  # name of the recognised misconception

    def _ipython_display_(self) -> None:
        """Show nothing at the end of a notebook cell, because the card already shows the verdict."""


class Facts(Protocol):
    """The facts that the checks of an exercise can use; implemented by mrskit.answering.judge."""

    @property
    def workspace(self) -> Workspace:
        """The workspace of the answers."""

    @property
    def program(self) -> Program:
        """The program, as known from the exposures."""

    @property
    def basis(self) -> str:
        """``truth`` or ``data``: compare only with this; else with the truth if it is known; or ``graded``."""

    @property
    def use_ch(self) -> str:
        """Channel pair, ``12`` or ``34``."""

    @property
    def use_band(self) -> str:
        """SHORT, MEDIUM or LONG."""

    def of(self, workspace: Workspace) -> Facts:
        """Return the facts of a different workspace whose exposures a section uses, or these facts."""

    def scene(self) -> Scene:
        """Return the simulated scene; raises TruthMissing on real data."""

    def truth(self, exposure: str) -> dict[str, np.ndarray]:
        """Return the simulator's truth of one exposure (file stem without suffix); raises TruthMissing on real data."""


class TruthMissing(Exception):
    """The workspace does not contain a truth: its data are real, or the truth was not released."""


class NotHere(Exception):
    """The exercise has no single right answer in the lesson's setting; the text gives the reason."""


@dataclass(frozen=True, slots=True)
class Misconception:
    """A known wrong answer and its message."""

    name: str
    matches: Callable[[Answer, Facts], bool]
    message: str
    example: Callable[[Facts], object] | None = None  # a value that a learner with this misconception hands in


@dataclass(frozen=True, slots=True)
class Exercise:
    """One exercise: question, check and hints."""

    id: str  # "NN-kebab-name", at most 40 characters
    title: str
    question: str  # Markdown, indented as you like; {unit}, {tolerance} ... stand where `prompt` puts the record's own
    kind: str
    unit: str | None
    points: int
    minutes: int
    hints: tuple[str, str]
    check: Callable[[Answer, Facts], Verdict]
    misconceptions: tuple[Misconception, ...] = ()
    choices: tuple[str, ...] = ()  # for kind "choice"
    judged_by: str = "plan"  # "plan", "products" or "truth": where the expected value comes from
    probes: Callable[[int], tuple[tuple, ...]] | None = None  # for kind "code": a seed gives the arguments of each call
    reveals: Callable[[Facts], object] | None = None  # what is shown once it is answered, if more than what is expected
    explanation: str = ""  # why the right answer is right: the mechanism, shown once it was given

    @property
    def told(self) -> dict[str, str]:
        """The texts for the question's placeholders: the unit and the tolerances of the check."""
        return ({"unit": unit_words(self.unit)} if self.unit else {}) | self.tolerance.told(self.unit)

    @property
    def tolerance(self) -> Tolerance:
        """The tolerance of the check; empty if the check is a plain function."""
        return getattr(self.check, "tolerance", EXACT)

    def calls(self, seed: int) -> tuple[tuple, ...]:
        """Return the arguments of each call of a learner's function; empty if the answer is not a function."""
        return () if self.probes is None else self.probes(seed)

    @property
    def prompt(self) -> str:
        """The question for learners in Markdown, with its placeholders filled in."""
        return inspect.cleandoc(self.question).format(**self.told)
