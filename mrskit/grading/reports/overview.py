"""Overview of the class: distribution, success in each exercise, misconceptions, slowest runs, suspicious findings."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mrskit.exercises.outcomes import Outcome
from mrskit.grading.intake.intake import Intake
from mrskit.grading.records import Timing
from mrskit.grading.reports.grades import NOT_HANDED_IN, UNREADABLE, StudentGrade

BINS = 10  # of the distribution, 10 % wide
SLOWEST = 10  # runs in the table


@dataclass(frozen=True, slots=True)
class Success:
    """The results of a class in one exercise."""

    lesson: str
    id: str
    title: str
    outcomes: Mapping[Outcome, int]  # outcome -> students
    misconceptions: tuple[tuple[str, int], ...]  # name, students; most frequent first

    @property
    def judged(self) -> int:
        """Number of students with a verdict."""
        return sum(self.outcomes.values()) - self.outcomes.get(Outcome.GRADER_ERROR, 0)

    @property
    def passed(self) -> float:
        """Share of these students who passed, percent."""
        return 100 * self.outcomes.get(Outcome.PASSED, 0) / self.judged if self.judged else 0.0

    @property
    def partly(self) -> float:
        """Share of students who passed in part, percent."""
        return 100 * self.outcomes.get(Outcome.PARTIAL, 0) / self.judged if self.judged else 0.0


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything on the class page."""

    grades: Sequence[StudentGrade]
    bins: tuple[int, ...]  # students per bin of the distribution
    mean: float  # percent
    median: float  # percent
    complete: int  # students in the distribution
    successes: tuple[Success, ...]
    errors: tuple[tuple[str, str, str, str], ...]  # student, lesson, exercise, message
    slowest: tuple[tuple[str, str, Timing], ...]  # student, lesson, cost of the run
    suspicious: tuple[tuple[str, str, str], ...]  # student, lesson, note
    isolation: Mapping[str, int]  # runs at each level
    intake: Intake  # status of every file
    asked: tuple[tuple[str, int], ...]  # lesson, students who have handed it in
    nothing: tuple[int, int]  # number of students without readable files, and without submissions: 0 % in the mean


def overview(
    grades: Sequence[StudentGrade], timings: Mapping[tuple[str, str], Timing], copies: Mapping[tuple[str, str], str],
    intake: Intake | None = None,
) -> Overview:  # fmt: skip
    """Return the overview of a class; ``copies`` are notes on similar answers."""
    lessons = [(grade.student, lesson) for grade in grades for lesson in grade.lessons]
    percents = [100 * grade.score / grade.most for grade in grades if grade.most and not grade.unknown]
    notes = [(student, item.lesson, note) for student, item in lessons for note in item.notes]
    notes += [(student, lesson, note) for (student, lesson), note in sorted(copies.items())]
    costs = [(student, lesson, timing) for (student, lesson), timing in timings.items()]
    bins = Counter(min(int(value // (100 / BINS)), BINS - 1) for value in percents)
    mean, median = (average(percents or [0.0]) for average in (statistics.fmean, statistics.median))
    errors = tuple((student, item.lesson, row.id, row.detail or row.message) for student, item in lessons
                   for row in item.rows if row.outcome == Outcome.GRADER_ERROR)  # fmt: skip
    slowest = sorted(costs, key=lambda item: (-item[2].seconds, item[:2]))[:SLOWEST]
    levels = Counter(item.isolation for _, item in lessons if item.isolation)
    return Overview(grades, tuple(bins[number] for number in range(BINS)), mean, median, len(percents),
                    _successes(grades), errors, tuple(slowest), tuple(sorted(notes)), levels, intake or Intake(),
                    handed_in(grades), without(grades))  # fmt: skip


def handed_in(grades: Sequence[StudentGrade]) -> tuple[tuple[str, int], ...]:
    """Return the number of students who handed in each required lesson."""
    rows = [item for grade in grades for item in grade.lessons if item.lesson and item.rows]
    return tuple((lesson, sum(item.lesson == lesson and item.status != NOT_HANDED_IN for item in rows))
                 for lesson in sorted({item.lesson for item in rows}))  # fmt: skip


def without(grades: Sequence[StudentGrade]) -> tuple[int, int]:
    """Return the number of students without readable files, and of students without submissions; both count as 0 %."""
    nothing = sum(grade.status == NOT_HANDED_IN for grade in grades)
    unread = [grade for grade in grades if {item.status for item in grade.lessons} <= {UNREADABLE, NOT_HANDED_IN}]
    return len(unread) - nothing, nothing


def _successes(grades: Sequence[StudentGrade]) -> tuple[Success, ...]:
    rows: defaultdict[tuple[str, str], Counter[Outcome]] = defaultdict(Counter)
    wrong: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    titles: dict[tuple[str, str], str] = {}
    for grade in grades:
        for lesson in grade.lessons:
            if lesson.status in (NOT_HANDED_IN, UNREADABLE):
                continue
            for row in lesson.rows:
                place = lesson.lesson, row.id
                titles.setdefault(place, row.title)
                rows[place][row.outcome] += 1
                if row.misconception:
                    wrong[place][row.misconception] += 1
    places = sorted(titles, key=lambda place: place[0])  # stable: exercises stay in their order
    often = {place: tuple(sorted(wrong[place].items(), key=lambda item: (-item[1], item[0]))) for place in places}
    return tuple(Success(*place, titles[place], dict(rows[place]), often[place]) for place in places)
