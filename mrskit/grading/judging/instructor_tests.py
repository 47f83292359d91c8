"""The instructor's own tests: one run of pytest on many records and the key, never on a learner's code."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from mrskit.answering.judge import WorkspaceFacts
from mrskit.course import index
from mrskit.errors import AnswerError, GradingError
from mrskit.exercises.checks import Check, evaluate
from mrskit.exercises.codec import decode
from mrskit.exercises.outcomes import Outcome
from mrskit.exercises.record import Answer
from mrskit.grading.key import Key
from mrskit.grading.records import WHY, ProductFacts, Record
from mrskit.grading.rules import Rules
from mrskit.grading.verdicts import UNJUDGED, Judged

MARKERS = (
    "exercise(id): the test decides this exercise instead of the course's own check",
    "points(number): the points for the test, for all parametrized cases together (default 1)",
    "partial: parametrized cases earn their share; without it they earn all or nothing",
    "hint(text): shown to learners who do not pass",
    "title(text): the name of the test in reports",
)


class AnswerLost(Exception):
    """The test asked for a missing answer; the outcome is that of the run."""

    def __init__(self, outcome: Outcome, message: str) -> None:
        super().__init__(message)
        self.outcome = outcome


@dataclass(frozen=True, slots=True)
class Checked:
    """The verdict of one test function on one record."""

    judged: Judged
    exercise: str = ""  # that it decides


@dataclass(frozen=True, slots=True)
class Answers:
    """The fixture ``answers``: a learner's answers by exercise."""

    record: Record

    def __getitem__(self, name: str) -> Answer:
        """Return the answer to an exercise, its numbers in the exercise's unit."""
        exercise = index.exercise(name)
        given = next((item for item in self.record.given if item.id == name), None)
        outcome = given.outcome if given else Outcome.MISSING
        if outcome != Outcome.RECORDED:
            raise AnswerLost(outcome, (given.message if given else "") or WHY[outcome])
        try:
            answer = decode(given.record if given else None, exercise).in_unit
        except AnswerError as error:
            raise AnswerLost(Outcome.INVALID_RECORD, str(error)) from error
        if answer.id != name or answer.kind != exercise.kind:
            raise AnswerLost(Outcome.INVALID_RECORD, "The record is for a different exercise.")
        if answer.value is None:
            raise AnswerLost(Outcome.NOT_ANSWERED, "Nothing was handed in.")
        return answer

    def value(self, name: str) -> object:
        """Return the value of an answer, in the exercise's unit."""
        return self[name].value


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """The fixture ``key``: the instructor's data."""

    facts: WorkspaceFacts

    def expected(self, name: str) -> object:
        """Return the expected value of an exercise."""
        check = index.exercise(name).check
        if not isinstance(check, Check):
            raise GradingError(f"{name}: many answers are right, so there is no single expected value. Judge the "
                               "answer in the test itself.", id=name)  # fmt: skip
        return evaluate(check.expected, self.facts)


@dataclass
class _Plugin:
    """Plugin that provides the fixtures, makes one case of each test for every record, and collects the results."""

    records: Sequence[Record]
    facts: WorkspaceFacts
    cases: dict = field(default_factory=lambda: defaultdict(list))  # (record, test) -> result of each case
    tests: dict = field(default_factory=dict)  # test -> its item, in their order
    broken: list = field(default_factory=list)

    def pytest_configure(self, config: pytest.Config) -> None:
        for line in MARKERS:
            config.addinivalue_line("markers", line)

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        lesson = _lesson(metafunc.definition)
        mine = [number for number, record in enumerate(self.records) if record.lesson == lesson]
        if "graded_record" not in metafunc.fixturenames:
            metafunc.fixturenames.insert(0, "graded_record")
        metafunc.parametrize("graded_record", mine, indirect=True, ids=[f"record{number}" for number in mine])

    @pytest.fixture
    def graded_record(self, request: pytest.FixtureRequest) -> Record:
        return self.records[request.param]

    @pytest.fixture
    def answers(self, graded_record: Record) -> Answers:
        return Answers(graded_record)

    @pytest.fixture
    def products(self, graded_record: Record) -> tuple[ProductFacts, ...]:
        return graded_record.products

    @pytest.fixture
    def key(self) -> KeyFacts:
        return KeyFacts(self.facts)

    def pytest_runtest_makereport(self, item: pytest.Function, call: pytest.CallInfo) -> None:
        error = call.excinfo.value if call.excinfo else None
        if call.when != "call" and error is None:
            return
        name = f"{item.path.stem}::{item.originalname}"
        self.tests.setdefault(name, item)
        self.cases[item.callspec.params["graded_record"], name].append(error)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.broken.append(str(report.longrepr)[-1500:])


def run_checks(key: Key, facts: WorkspaceFacts, records: Sequence[Record]) -> list[tuple[Checked, ...]]:
    """
    Return the verdicts of the instructor's tests on each record.

    A file belongs to the lesson whose number is in its name (``test_03_more.py``), or to the lesson of the exercise in
    the mark of its tests.

    GradingError, with pytest's message, if pytest cannot run the files.
    """
    plugin, said = _Plugin(records, facts), io.StringIO()
    command = [*map(str, key.checks), f"--rootdir={key.root}", "-c", os.devnull, "-q", "-p", "no:cacheprovider",
               "--import-mode=importlib", "--strict-markers"]  # fmt: skip
    with _leaving_nothing(key.root), contextlib.redirect_stdout(said):
        status = pytest.main(command, plugins=[plugin])
    if plugin.broken or status not in (0, 1, 5):
        what = plugin.broken[0] if plugin.broken else said.getvalue()[-1500:]
        raise GradingError(f"{key.root / 'checks'}: pytest cannot run these tests:\n{what}", path=key.root)
    found: list[list[Checked]] = [[] for _ in records]
    for (number, name), errors in plugin.cases.items():
        checked = _checked(plugin.tests[name], name, errors, key.rules)
        if checked.exercise not in key.rules.left_out:
            found[number].append(checked)
    return [tuple(items) for items in found]


@contextlib.contextmanager
def _leaving_nothing(root: Path) -> Iterator[None]:
    """Leave no bytecode and no module: pytest would reuse a different key's file of the same name from sys.modules."""
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        yield
    finally:
        sys.dont_write_bytecode = before
        for name, module in list(sys.modules.items()):
            if Path(getattr(module, "__file__", None) or os.devnull).is_relative_to(root):
                del sys.modules[name]


def _lesson(item: pytest.Item) -> str:
    marker = item.get_closest_marker("exercise")
    if marker:
        return index.lesson_of(index.exercise(str(marker.args[0])).id)
    parts = item.path.stem.split("_")
    if len(parts) > 1 and parts[1].isdigit():
        return index.lesson_name(parts[1])
    raise GradingError(f"{item.path}: the lesson of {item.name} is unknown. Put the lesson's number into the file's "
                       "name (test_03_more.py), or mark it with @pytest.mark.exercise(\"03-...\").")  # fmt: skip


def _checked(item: pytest.Function, name: str, errors: Sequence[BaseException | None], rules: Rules) -> Checked:
    marks: Mapping[str, tuple] = {mark.name: mark.args for mark in item.iter_markers()}
    exercise = str(marks["exercise"][0]) if "exercise" in marks else ""
    known = index.exercise(exercise) if exercise else None
    usual = rules.points.get(exercise, known.points) if known else 1
    points = float(marks["points"][0] if "points" in marks else usual)
    usual_title = known.title if known else item.originalname.removeprefix("test_").replace("_", " ")
    title = str(marks["title"][0] if "title" in marks else usual_title)
    outcome, share, message = _outcome(errors, "partial" in marks)
    hint = str(marks["hint"][0]) if "hint" in marks else known.hints[0] if known else ""
    detail = "; ".join(f"{type(error).__name__}: {error}"[:500] for error in errors if error is not None)
    judged = Judged(exercise or name, title, outcome, share * points, points, message,
                    hint="" if outcome == Outcome.PASSED else hint, detail=detail)  # fmt: skip
    return Checked(judged, exercise)


def _outcome(errors: Sequence[BaseException | None], partial: bool) -> tuple[Outcome, float, str]:
    """Return outcome, share of the points and message; assertion messages are only for the instructor."""
    lost = next((error for error in errors if isinstance(error, AnswerLost)), None)
    if lost is not None:
        return lost.outcome, 0.0, str(lost)
    if any(error is not None and not isinstance(error, AssertionError | pytest.fail.Exception) for error in errors):
        return Outcome.GRADER_ERROR, 0.0, UNJUDGED
    right = sum(error is None for error in errors)
    said = f"{right} of {len(errors)} tests passed." if len(errors) > 1 else ""
    if right == len(errors):
        return Outcome.PASSED, 1.0, said or "Right."
    if partial and right:
        return Outcome.PARTIAL, right / len(errors), said
    return Outcome.FAILED, 0.0, said or "Not right."
