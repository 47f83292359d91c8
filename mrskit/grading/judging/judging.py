"""The judge of grading: verdicts from a record and the key. No learner's code runs here."""

from __future__ import annotations

import contextlib
import dataclasses
import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from mrskit.answering import recorded
from mrskit.answering.judge import FIRST_SETTING, WorkspaceFacts, facts_for, judge
from mrskit.course import index
from mrskit.errors import AnswerError, MrskitError
from mrskit.exercises.checks import evaluate
from mrskit.exercises.codec import decode, encode
from mrskit.exercises.outcomes import Outcome
from mrskit.exercises.probes import SEED
from mrskit.exercises.record import Answer, Exercise, Verdict
from mrskit.grading.judging.products import judge_products
from mrskit.grading.key import Key
from mrskit.grading.records import WHY, Given, Record
from mrskit.grading.rules import Rules
from mrskit.grading.verdicts import UNJUDGED, Judged, Judgement, graded

if TYPE_CHECKING:
    from mrskit.grading.judging.instructor_tests import Checked

_ADDRESS = re.compile(
    r"\b0x[0-9a-fA-F]{6,}"
)  # memory addresses: they differ each time, but equal runs must give equal grades
_LACKING = re.compile(r"No module named '\w")
_PACKAGES = " (The course has numpy, scipy, astropy, matplotlib, lmfit, regions and jwst.)"
NOT_COMPARABLE = (
    "This answer cannot be compared with the expected answer. Check its kind, its shape, its unit and how large its "
    "numbers are."
)


class Judge:
    """Judge of records against one key; expected values are computed once and kept."""

    def __init__(self, key: Key) -> None:
        self.key = key
        known = facts_for(key.workspace, FIRST_SETTING)
        self.facts: WorkspaceFacts = dataclasses.replace(known, memory={}, basis="graded")
        self._own: dict[str, bool] = {}  # exercise id -> whether the key's own answer is judged without error

    def prepare(self, lessons: Iterable[str]) -> None:
        """Compute and keep the expected values for all records of these lessons."""
        for lesson in sorted(lessons):
            for exercise in counted(lesson, self.key.rules):
                self.judges_own(exercise)

    def judge(self, records: Sequence[Record]) -> list[Judgement]:
        """Return one judgement per record, in order; the content of a record never raises an error."""
        checked: Sequence[Sequence[Checked]] = [()] * len(records)
        if self.key.checks:
            from mrskit.grading.judging.instructor_tests import run_checks  # imports pytest

            checked = run_checks(self.key, self.facts, records)
            if failing := {record.lesson for record, tests in zip(records, checked, strict=True)
                           if any(test.judged.unknown for test in tests)}:  # fmt: skip
                own = run_checks(self.key, self.facts, [self._own_record(lesson) for lesson in sorted(failing)])
                sound = {test.judged.id for tests in own for test in tests if test.judged.outcome == Outcome.PASSED}
                checked = [[dataclasses.replace(test, judged=_blamed(test.judged, test.judged.id in sound))
                            for test in tests] for tests in checked]  # fmt: skip
        return [self._one(record, tests) for record, tests in zip(records, checked, strict=True)]

    def judges_own(self, exercise: Exercise) -> bool:
        """Return whether the key's own answer is right; if so, an error is the fault of a different answer."""
        if exercise.id not in self._own:
            answer = self._answers(index.lesson_of(exercise.id)).get(exercise.id)
            self._own[exercise.id] = answer is not None and judge(answer, self.facts).outcome == Outcome.PASSED
            with contextlib.suppress(Exception):  # fails again, with a message, when an answer needs the value
                evaluate(exercise.check.expected, self.facts)  # type: ignore[attr-defined]
            for item in exercise.misconceptions:
                with contextlib.suppress(Exception):
                    item.matches(answer.in_unit, self.facts)  # type: ignore[union-attr]  # None has none, which is as well
        return self._own[exercise.id]

    def _answers(self, lesson: str) -> dict[str, Answer]:
        try:
            return {name: item.answer for name, item in recorded.read(self.key.workspace, lesson).items()}
        except MrskitError:
            return {}

    def _own_record(self, lesson: str) -> Record:
        given = (Given(name, Outcome.RECORDED, encode(answer)) for name, answer in self._answers(lesson).items()
                 if answer.value is not None)  # fmt: skip
        return Record("", lesson, "", tuple(given), SEED)

    def _one(self, record: Record, tests: Sequence[Checked]) -> Judgement:
        replaced = {test.exercise for test in tests if test.exercise}
        given = {item.id: item for item in record.given}
        rows = []
        for exercise in counted(record.lesson, self.key.rules):
            if exercise.id not in replaced:
                item = given.get(exercise.id)
                row = judge_given(item, exercise, record, self.facts, self.key.rules)
                blamed = bool(row.unknown) and not (
                    item and item.detail
                )  # a detail means that the course itself failed
                rows.append(_blamed(row, blamed and self.judges_own(exercise)))
        products, wanted = judge_products(record, self.key)
        return Judgement((*rows, *(test.judged for test in tests), *wanted), products)


def _blamed(row: Judged, sound: bool) -> Judged:
    """Return a verdict; an error is the answer's fault if the key's own answer causes no error."""
    if row.outcome != Outcome.GRADER_ERROR or not sound:
        return row
    return dataclasses.replace(row, outcome=Outcome.INVALID_RECORD, message=NOT_COMPARABLE)


def counted(lesson: str, rules: Rules) -> list[Exercise]:
    """Return the exercises of a lesson that count."""
    return [exercise for exercise in index.lesson_exercises(lesson) if exercise.id not in rules.left_out]


def worth(exercise: Exercise, rules: Rules) -> float:
    """Return the points of an exercise."""
    return float(rules.points.get(exercise.id, exercise.points))


def unjudged(lesson: str, rules: Rules, detail: str) -> Judgement:
    """Return the judgement on a lesson after a failure of the judge: no points are lost, the total is incomplete."""
    rows = all_rows(lesson, rules, Outcome.GRADER_ERROR)
    return Judgement(tuple(Judged(*row, UNJUDGED, detail=detail) for row in rows))


def all_rows(lesson: str, rules: Rules, outcome: Outcome) -> list[tuple[str, str, Outcome, float, float]]:
    """Return id, title, an outcome, no points, and full points for everything that counts in a lesson."""
    most = [(item.id, item.title, worth(item, rules)) for item in counted(lesson, rules)]
    most += [(item.id, item.title, float(item.points)) for item in rules.products if item.lesson == lesson]
    return [(name, title, outcome, 0.0, points) for name, title, points in most]


def judge_given(
    given: Given | None, exercise: Exercise, record: Record, facts: WorkspaceFacts, rules: Rules
) -> Judged:  # fmt: skip
    """Return the verdict on the result of a run for one exercise."""
    points = worth(exercise, rules)
    if given is None:
        given = Given(exercise.id, Outcome.MISSING)
    if given.detail:
        return Judged(exercise.id, exercise.title, Outcome.GRADER_ERROR, 0.0, points, UNJUDGED, detail=given.detail)
    if given.outcome != Outcome.RECORDED:
        said = _ADDRESS.sub("0x…", given.message) or WHY[given.outcome]
        said += _PACKAGES if _LACKING.search(said) else ""
        return Judged(exercise.id, exercise.title, given.outcome, 0.0, points, said, hint=exercise.hints[0])
    try:
        answer = sound_answer(given, exercise, record)
        verdict = judge(answer, facts)
    except AnswerError as error:
        verdict = Verdict(exercise.id, Outcome.INVALID, 0, str(error))
    except Exception as error:  # decoding a record may raise anything
        verdict = Verdict(exercise.id, Outcome.UNJUDGED, 0, f"{type(error).__name__}: {error!s:.200}")
    result, earned = graded(verdict.outcome), verdict.points * points / exercise.points
    hint = "" if result == Outcome.PASSED else exercise.hints[0]
    row = Judged(exercise.id, exercise.title, result, earned, points, verdict.message, verdict.misconception, hint)
    return dataclasses.replace(row, message=UNJUDGED, detail=verdict.message) if row.unknown else row


def sound_answer(given: Given, exercise: Exercise, record: Record) -> Answer:
    """
    Return the answer in a record, checked against its exercise.

    AnswerError if the record is damaged, has a different exercise or kind, or used different probes.
    """
    answer = decode(given.record, exercise)
    if answer.id != exercise.id or answer.kind != exercise.kind:
        raise AnswerError(f"the record is a {answer.kind} for {answer.id}, expected a {exercise.kind} for "
                          f"{exercise.id}. Hand in the answer with answers.give.", id=exercise.id)  # fmt: skip
    if answer.kind == "code" and answer.value is not None and answer.outputs.seed != record.seed:
        raise AnswerError(f"{exercise.id}: the function was called with arguments that differ from the grader's. Hand "
                          "in the answer with answers.give.", id=exercise.id)  # fmt: skip
    return answer
