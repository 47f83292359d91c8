"""The judge of grading: a record and the key give verdicts. Nothing that a learner wrote runs here."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from mrskit.answering import recorded
from mrskit.answering.judge import FIRST_SETTING, WorkspaceFacts, facts_for, judge
from mrskit.course import index
from mrskit.errors import AnswerError, MrskitError
from mrskit.exercises.codec import decode
from mrskit.exercises.outcomes import Outcome
from mrskit.exercises.record import Answer, Exercise
from mrskit.grading.judging.products import judge_products
from mrskit.grading.key import Key
from mrskit.grading.records import WHY, Given, Record
from mrskit.grading.rules import Rules
from mrskit.grading.verdicts import UNJUDGED, Judged, Judgement, graded, grader_error

if TYPE_CHECKING:
    from mrskit.grading.judging.instructor_tests import Checked

_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,}")  # in memory: another one each time, and equal runs give equal grades
_NOT_COMPARABLE = (
    "This answer cannot be compared with what was asked for. Look at its kind, its shape, its unit and how large its "
    "numbers are."
)


class Judge:
    """Judges records against one key; expected values are computed once and kept."""

    def __init__(self, key: Key) -> None:
        self.key = key
        self.facts: WorkspaceFacts = dataclasses.replace(facts_for(key.workspace, FIRST_SETTING), memory={})
        self._own: dict[str, bool] = {}  # exercise id -> whether the key's own answer is judged without an error

    def judge(self, records: Sequence[Record]) -> list[Judgement]:
        """Return one judgement a record, in their order; never raises for what a record holds."""
        checked: Sequence[tuple] = [()] * len(records)
        if self.key.checks:
            from mrskit.grading.judging.instructor_tests import run_checks  # imports pytest

            checked = run_checks(self.key, self.facts, records)
        return [self._one(record, tests) for record, tests in zip(records, checked, strict=True)]

    def _one(self, record: Record, tests: Sequence[Checked]) -> Judgement:
        replaced = {test.exercise for test in tests if test.exercise}
        given = {item.id: item for item in record.given}
        rows = [
            self._blamed(judge_given(item := given.get(exercise.id), exercise, record, self.facts, self.key.rules),
                         exercise, bool(item and item.detail))
            for exercise in counted(record.lesson, self.key.rules) if exercise.id not in replaced
        ]  # fmt: skip
        products, wanted = judge_products(record, self.key)
        return Judgement((*rows, *(test.judged for test in tests), *wanted), products)

    def _blamed(self, row: Judged, exercise: Exercise, blameless: bool) -> Judged:
        """Return a verdict in which an error is the answer's fault if the key's own answer causes none."""
        if row.outcome != Outcome.GRADER_ERROR or blameless or not self._judges_own(exercise):
            return row
        return dataclasses.replace(row, outcome=Outcome.INVALID_RECORD, message=_NOT_COMPARABLE, hint=exercise.hints[0])

    def _judges_own(self, exercise: Exercise) -> bool:
        if exercise.id not in self._own:
            try:
                own = recorded.read(self.key.workspace, index.lesson_of(exercise.id)).get(exercise.id)
                self._own[exercise.id] = own is not None and judge(own.answer, self.facts).outcome == Outcome.PASSED
            except MrskitError:
                self._own[exercise.id] = False
        return self._own[exercise.id]


def counted(lesson: str, rules: Rules) -> list[Exercise]:
    """Return the exercises of a lesson that count."""
    return [exercise for exercise in index.lesson_exercises(lesson) if exercise.id not in rules.left_out]


def worth(exercise: Exercise, rules: Rules) -> float:
    """Return the points of an exercise."""
    return float(rules.points.get(exercise.id, exercise.points))


def unjudged(lesson: str, rules: Rules, detail: str) -> Judgement:
    """Return the judgement on a lesson whose judge has failed altogether."""
    rows = [
        Judged(item.id, item.title, Outcome.GRADER_ERROR, 0.0, worth(item, rules), "")
        for item in counted(lesson, rules)
    ]
    rows += [Judged(item.id, f"Products of the kind {item.kind}", Outcome.GRADER_ERROR, 0.0, item.points, "")
             for item in rules.products if item.lesson == lesson]  # fmt: skip
    return grader_error(tuple(rows), detail)


def judge_given(
    given: Given | None, exercise: Exercise, record: Record, facts: WorkspaceFacts, rules: Rules
) -> Judged:  # fmt: skip
    """Return the verdict on what a run has left for one exercise."""
    points = worth(exercise, rules)
    if given is None:
        given = Given(exercise.id, Outcome.MISSING)
    if given.detail:
        return Judged(exercise.id, exercise.title, Outcome.GRADER_ERROR, 0.0, points, UNJUDGED, detail=given.detail)
    if given.outcome != Outcome.RECORDED:
        said = _ADDRESS.sub("0x…", given.message) or WHY[given.outcome]
        return Judged(exercise.id, exercise.title, given.outcome, 0.0, points, said, hint=exercise.hints[0])
    try:
        answer = sound_answer(given, exercise, record)
    except AnswerError as error:
        return Judged(exercise.id, exercise.title, Outcome.INVALID_RECORD, 0.0, points, str(error),
                      hint=exercise.hints[0])  # fmt: skip
    return _verdict(answer, exercise, facts, points)


def sound_answer(given: Given, exercise: Exercise, record: Record) -> Answer:
    """
    Return the answer of a record that is one of this exercise.

    Raises
    ------
    AnswerError
        If the record is damaged, of another exercise or kind, or its function was called with other probes.
    """
    answer = decode(given.record, exercise)
    if answer.id != exercise.id or answer.kind != exercise.kind:
        raise AnswerError(f"the record is a {answer.kind} for {answer.id}, expected a {exercise.kind} for "
                          f"{exercise.id}. Hand it in with answers.give.", id=exercise.id)  # fmt: skip
    if answer.kind == "code" and answer.value is not None and answer.outputs.seed != record.seed:
        raise AnswerError(f"{exercise.id}: the function was called with other arguments than the grader's. Hand it "
                          "in with answers.give.", id=exercise.id)  # fmt: skip
    return answer


def _verdict(answer: Answer, exercise: Exercise, facts: WorkspaceFacts, points: float) -> Judged:
    verdict = judge(answer, facts)
    result, earned = graded(verdict.outcome), verdict.points * points / exercise.points
    row = Judged(exercise.id, exercise.title, result, earned, points, verdict.message, verdict.misconception)
    if result == Outcome.GRADER_ERROR:
        return dataclasses.replace(row, message=UNJUDGED, detail=verdict.message)
    return row if result == Outcome.PASSED else dataclasses.replace(row, hint=exercise.hints[0])
