"""The scorecard: the judge's verdict on every exercise, and the sums; the imports are light."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from mrskit.exercises.outcomes import Outcome


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the scorecard: an exercise and its verdict."""

    id: str
    title: str
    outcome: Outcome
    points: int
    points_max: int
    message: str
    misconception: str | None
    hints: int


@dataclass(frozen=True, slots=True)
class LessonScore:
    """The exercises of one lesson and their sums."""

    name: str
    rows: tuple[Row, ...]

    @property
    def exercises(self) -> int:
        """Number of exercises."""
        return len(self.rows)

    @property
    def passed(self) -> int:
        """Number of passed exercises."""
        return sum(row.outcome == Outcome.PASSED for row in self.rows)

    @property
    def points(self) -> int:
        """Number of earned points."""
        return sum(row.points for row in self.rows)

    @property
    def points_max(self) -> int:
        """Number of possible points."""
        return sum(row.points_max for row in self.rows)


@dataclass(frozen=True, slots=True)
class Scorecard:
    """The results of one workspace in the whole course."""

    lessons: tuple[LessonScore, ...]

    @property
    def exercises(self) -> int:
        """Number of exercises in the course."""
        return sum(lesson.exercises for lesson in self.lessons)

    @property
    def passed(self) -> int:
        """Number of passed exercises."""
        return sum(lesson.passed for lesson in self.lessons)

    @property
    def points(self) -> int:
        """Number of earned points."""
        return sum(lesson.points for lesson in self.lessons)

    @property
    def points_max(self) -> int:
        """Number of possible points."""
        return sum(lesson.points_max for lesson in self.lessons)

    def to_json(self) -> dict:
        """Return the scorecard as plain JSON values: four sums at the top level, and details under ``lessons``."""
        sums = ("exercises", "passed", "points", "points_max")
        lessons = [
            {"lesson": lesson.name}
            | {name: getattr(lesson, name) for name in sums}
            | {"verdicts": [dataclasses.asdict(row) for row in lesson.rows]}
            for lesson in self.lessons
        ]
        return {name: getattr(self, name) for name in sums} | {"lessons": lessons}
