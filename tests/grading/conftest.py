"""A key without data, and records made by hand: what the tests of judging and reports are about."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from mrskit import workspace
from mrskit.course import index
from mrskit.exercises.codec import encode
from mrskit.exercises.outcomes import Outcome
from mrskit.exercises.values import from_learner
from mrskit.grading.key import Key, open_key
from mrskit.grading.records import Given, Record
from mrskit.grading.verdicts import Judged

SEED = 11


@pytest.fixture
def plan_key(tmp_path) -> Key:
    """A key that knows the plan alone: it has a truth, but neither raw files nor products."""
    space = workspace.create(tmp_path / "key")
    space.truth.mkdir()
    (space.truth / "scene.json").write_text("{}")
    space.update_card(settings=["12:SHORT"])
    return open_key(space.root)


@pytest.fixture
def rules_of(plan_key) -> Callable[[str], Key]:
    """A function that writes the rules of the key and opens it again."""

    def write(text: str) -> Key:
        (plan_key.root / "grading.toml").write_text(text, encoding="utf-8")
        return open_key(plan_key.root)

    return write


@pytest.fixture
def record_of() -> Callable[..., Record]:
    """A function that makes the record of a lesson from values or `Given`s by exercise."""

    def make(lesson: str, answers: dict, **changes: object) -> Record:
        given = []
        for name, value in answers.items():
            if not isinstance(value, Given):
                value = Given(name, Outcome.RECORDED, encode(from_learner(index.exercise(name), value)))
            given.append(value)
        record = Record("0" * 64, index.lesson_name(lesson), "bubblewrap", tuple(given), SEED)
        return dataclasses.replace(record, **changes)

    return make


@pytest.fixture
def row() -> Callable[..., Judged]:
    """A function that makes a verdict, right unless it says otherwise."""

    def make(name: str = "01-slow-group", outcome: str = "passed", message: str = "Right.", **more: object) -> Judged:
        outcome = Outcome(outcome)
        points = {"points": 0.0 if outcome != Outcome.PASSED else 2.0, "points_max": 2.0}
        return Judged(name, more.pop("title", "Title"), outcome, **points | {"message": message} | more)

    return make
