"""What an instructor has set: ``grading.toml`` in the key, and the rule for late work as a pure function."""

from __future__ import annotations

import difflib
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from mrskit.course import index
from mrskit.errors import GradingError, MrskitError

FILE = "grading.toml"
PRODUCT_KINDS = ("rate", "rateints", "cal", "s3d", "x1d")
_ENTRIES = ("secret", "lessons", "left_out", "points", "late", "limits", "products")


@dataclass(frozen=True, slots=True)
class Late:
    """What late work costs: nothing within the grace, then a share of the points for every day begun."""

    due: datetime | None = None  # with its time zone
    grace: float = 0.0  # minutes
    per_day: float = 0.0  # percent of the points
    most: float = 100.0  # percent of the points


@dataclass(frozen=True, slots=True)
class Wanted:
    """Products that a notebook has to make in its scratch, and what they are worth."""

    lesson: str
    kind: str  # one of PRODUCT_KINDS
    count: int
    points: float = 1.0

    @property
    def id(self) -> str:
        """What the reports call it."""
        return f"{self.lesson[:2]}-products-{self.kind}"


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything in ``grading.toml``; without the file, what it says by default."""

    secret: str = ""  # of the seeds of the probes; empty: taken from the truth
    lessons: tuple[str, ...] = ()  # to be handed in; empty: those that anybody has handed in
    left_out: frozenset[str] = frozenset()  # exercises that do not count
    points: Mapping[str, float] = field(default_factory=dict)  # of exercises that count otherwise than in the course
    late: Late = Late()
    limits: Mapping[str, float] = field(default_factory=dict)  # of a run; see mrskit.grading.run.limits
    products: tuple[Wanted, ...] = ()


def read_rules(folder: Path) -> Rules:
    """
    Return what ``grading.toml`` in a folder says; the defaults where there is none.

    Raises
    ------
    GradingError
        If the file is no TOML, or holds an entry, exercise, lesson or value that grading does not know.
    """
    path = folder / FILE
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Rules()
    except (OSError, ValueError) as error:
        raise GradingError(f"{path}: cannot be read ({error})", path=path) from error
    try:
        _known(table, _ENTRIES, path)
        return Rules(
            secret=_text(table.get("secret", ""), "secret"),
            lessons=tuple(index.lesson_name(name) for name in table.get("lessons", ())),
            left_out=frozenset(index.exercise(name).id for name in table.get("left_out", ())),
            points={index.exercise(name).id: _number(value, name) for name, value in table.get("points", {}).items()},
            late=_late(table.get("late", {}), path),
            limits={name: _number(value, name) for name, value in table.get("limits", {}).items()},
            products=tuple(_wanted(item, path) for item in table.get("products", ())),
        )
    except (MrskitError, TypeError, ValueError, AttributeError) as error:
        raise GradingError(str(error) if str(path) in str(error) else f"{path}: {error}", path=path) from error


def penalty(submitted: datetime | None, rule: Late) -> float:
    """
    Return the share of the points, 0 to 1, that late work loses.

    Parameters
    ----------
    submitted : datetime or None
        When it was handed in, with its time zone; None (not known) counts as in time.
    rule : Late
        Without a due date nothing is late.
    """
    if submitted is None or rule.due is None:
        return 0.0
    late = (submitted - rule.due).total_seconds() - 60 * rule.grace
    if late <= 0:
        return 0.0
    days = math.ceil((late + 60 * rule.grace) / 86400)  # counted from the due date, the grace only forgives
    return min(rule.per_day * days, rule.most) / 100


def _late(table: dict, path: Path) -> Late:
    _known(table, ("due", "grace", "per_day", "most"), path)
    due = table.get("due")
    if due is not None and (not isinstance(due, datetime) or due.tzinfo is None):
        raise ValueError("late.due must be a time with its zone, for example 2026-11-30T18:00:00+01:00")
    numbers = {name: _number(table[name], f"late.{name}") for name in ("grace", "per_day", "most") if name in table}
    if numbers.get("most", 0) > 100:
        raise ValueError("late.most is a percentage, at most 100")
    return Late(due, **numbers)


def _wanted(table: dict, path: Path) -> Wanted:
    _known(table, ("lesson", "kind", "count", "points"), path)
    kind, count = table.get("kind"), table.get("count", 1)
    if kind not in PRODUCT_KINDS:
        raise ValueError(f"products.kind is {kind!r}, expected one of {', '.join(PRODUCT_KINDS)}")
    if type(count) is not int or count < 1:
        raise ValueError(f"products.count is {count!r}, expected a whole number above zero")
    lesson = index.lesson_name(table.get("lesson", ""))
    return Wanted(lesson, kind, count, _number(table.get("points", 1), "products.points"))


def _known(table: dict, names: tuple[str, ...], path: Path) -> None:
    for name in table:
        if name not in names:
            close = difflib.get_close_matches(name, names, n=1)
            meant = f"did you mean {close[0]!r}?" if close else f"expected {', '.join(names)}"
            raise GradingError(f"{path}: no entry {name!r} there; {meant}", path=path, entry=name)


def _text(value: object, name: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{name} is a {type(value).__name__}, expected text in quotes")
    return value


def _number(value: object, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
        raise ValueError(f"{name} is {value!r}, expected a number that is not negative")
    return value
