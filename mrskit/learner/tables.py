"""Tables of the progress for the command line: the scorecard, the exercises of a lesson, a progress bar."""

from __future__ import annotations

from collections.abc import Collection

from rich.table import Table

from mrskit.answering.scorecard import LessonScore, Row, Scorecard
from mrskit.exercises.outcomes import LOOKS, Outcome

QUIET = (Outcome.PASSED, Outcome.NOT_ANSWERED)  # outcomes without a further message


def mark(outcome: Outcome) -> str:
    """Return the symbol and word for an outcome."""
    return f"{LOOKS[outcome].symbol} {LOOKS[outcome].brief}"


def scorecard_table(card: Scorecard) -> Table:
    """Return the table of lessons with passed exercises and points."""
    table = Table(title="Scorecard", caption="judged against the plan, your own products and the simulated truth")
    for name in ("lesson", "passed", "exercises", "points", "of"):
        table.add_column(name, justify="left" if name == "lesson" else "right")
    for lesson in card.lessons:
        table.add_row(
            lesson.name, str(lesson.passed), str(lesson.exercises), str(lesson.points), str(lesson.points_max)
        )
    table.add_section()
    table.add_row("all", str(card.passed), str(card.exercises), str(card.points), str(card.points_max))
    return table


def exercise_table(lesson: LessonScore, changed: Collection[str] = ()) -> Table:
    """Return the table of a lesson's exercises with outcome, points and message."""
    title = (
        f"{lesson.name}: {lesson.passed} of {lesson.exercises} exercises, {lesson.points} of {lesson.points_max} points"
    )
    table = Table(title=title, box=None, pad_edge=False, title_justify="left")
    for name in ("", "exercise", "points", "message"):
        table.add_column(name, justify="right" if name == "points" else "left", no_wrap=name in ("", "exercise"))
    for row in lesson.rows:
        text = "" if row.outcome in QUIET else row.message
        text = f"changed after its last run; {text}".rstrip("; ") if row.id in changed else text
        table.add_row(mark(row.outcome), row.id, f"{row.points}/{row.points_max}", text)
    return table


def row_line(row: Row, brief: bool = False) -> str:
    """Return one line for an exercise: outcome, id, points and, unless it is right, the judge's message."""
    points = f"{row.points}/{row.points_max}"
    line = f"{mark(row.outcome):<11}{row.id:<34}{points:>6}"
    if brief or row.outcome in QUIET:
        return f"{line}  {row.title}"
    known = f"({row.misconception}) " if row.misconception else ""
    return f"{line}  {known}{row.message}"


def bar(card: Scorecard, width: int = 80) -> str:
    """Return a progress bar for all lessons, with lengths proportional to their exercises, and the sums."""
    sums = f" {card.passed}/{card.exercises} exercises, {card.points}/{card.points_max} points"
    room = max(min(width, 100) - len(sums) - 2 - len(card.lessons), 12)
    parts = []
    for lesson in card.lessons:
        length = max(round(room * lesson.exercises / max(card.exercises, 1)), 1)
        full = length * lesson.passed // max(lesson.exercises, 1)
        parts.append("#" * full + "-" * (length - full))
    return f"[{'|'.join(parts)}]{sums}"
