"""The instructor's rules: ``grading.toml`` in the key, and the rule for late work as a pure function."""

from __future__ import annotations

import difflib
import math
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from mrskit import entries
from mrskit.course import index, paths
from mrskit.errors import GradingError, MrskitError

FILE = "grading.toml"
ATTEMPTS = ("newest", "best", "first")
PRODUCT_KINDS = ("rate", "rateints", "cal", "s3d", "x1d")
Number = Annotated[int, Meta(ge=0)] | Annotated[float, Meta(ge=0, le=sys.float_info.max)]
Percentage = Annotated[int, Meta(ge=0, le=100)] | Annotated[float, Meta(ge=0, le=100)]


@dataclass(frozen=True, slots=True)
class Late:
    """The penalty for late work: none within the grace period, then a share of the points per started day."""

    due: datetime | None = None  # with its time zone
    grace: Number = 0.0  # minutes
    per_day: Number = 0.0  # percent of the points
    most: Percentage = 100.0  # of the points

    def __post_init__(self) -> None:
        if self.due is not None and self.due.tzinfo is None:
            found = self.due.isoformat()
            raise ValueError(f"due is {found}, expected a time with its zone, for example {found}+01:00")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Products that a notebook must make in its scratch folder, and their points."""

    lesson: str
    kind: str  # one of PRODUCT_KINDS
    count: Annotated[int, Meta(ge=1)] = 1
    points: Number = 1

    def __post_init__(self) -> None:
        if self.kind not in PRODUCT_KINDS:
            raise ValueError(f"kind is {self.kind!r}, expected one of {', '.join(PRODUCT_KINDS)}")

    @property
    def id(self) -> str:
        """The name in reports."""
        return f"{self.lesson[:2]}-products-{self.kind}"

    @property
    def title(self) -> str:
        """The title in reports."""
        return f"Products of the kind {self.kind}"


@dataclass(frozen=True, slots=True)
class Rules:
    """All entries of ``grading.toml``, or the defaults without the file."""

    secret: str = ""  # of the seeds of the probes; empty: taken from the truth
    lessons: tuple[str, ...] = ()  # required lessons; empty: all lessons with a submission
    path: str = ""  # through the course, see mrskit.course.paths: only its exercises count; empty: all
    left_out: frozenset[str] = frozenset()  # exercises that do not count
    points: Mapping[str, Number] = field(default_factory=dict)  # of exercises whose points differ from the course
    late: Late = Late()
    limits: Mapping[str, Number] = field(default_factory=dict)  # of a run; see mrskit.grading.run.limits
    products: tuple[Wanted, ...] = ()
    attempts: str = "newest"  # selects among several notebooks of a student and lesson, one of ATTEMPTS
    roster: str = ""  # a table of the people of the course, relative to the key
    layout: str = "auto"  # how names of files and folders are read, see mrskit.grading.intake.layouts

    def __post_init__(self) -> None:
        if self.attempts not in ATTEMPTS:
            raise ValueError(f"attempts is {self.attempts!r}, expected one of {', '.join(ATTEMPTS)}")


def read_rules(folder: Path) -> Rules:
    """
    Return the rules from ``grading.toml`` in a folder; the defaults if there is no such file.

    GradingError if the file is not valid TOML, or contains an unknown entry, exercise, lesson or value.
    """
    path = folder / FILE
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Rules()
    except (OSError, ValueError) as error:
        raise GradingError(f"{path}: cannot be read ({error})", path=path) from error
    _known(table, Rules, path)
    _known(table.get("late"), Late, path)
    products = table.get("products")
    for item in products if isinstance(products, list) else ():
        _known(item, Wanted, path)
    try:
        rules = entries.read(table, Rules)
        course = index.all_exercises() if rules.path else ()
        off = {item.id for item in course if not paths.includes(rules.path, item.id)}
        return replace(
            rules,
            lessons=tuple(index.lesson_name(name) for name in rules.lessons),
            left_out=frozenset({index.exercise(name).id for name in rules.left_out} | off),
            points={index.exercise(name).id: value for name, value in rules.points.items()},
            products=tuple(replace(item, lesson=index.lesson_name(item.lesson)) for item in rules.products),
        )
    except (MrskitError, ValueError) as error:
        raise GradingError(f"{path}: {error}", path=path) from error


def penalty(submitted: datetime | None, rule: Late, extension: datetime | None = None) -> float:
    """Return the share of the points, 0 to 1, that late work loses; 0 if its time is unknown."""
    due = extension or rule.due
    if submitted is None or due is None:
        return 0.0
    late = (submitted - due).total_seconds() - 60 * rule.grace
    if late <= 0:
        return 0.0
    days = math.ceil((late + 60 * rule.grace) / 86400)  # counted from the due date; the grace period only forgives
    return min(rule.per_day * days, rule.most) / 100


def _known(table: object, kind: type, path: Path) -> None:
    """Refuse an entry of a table that a dataclass does not have."""
    names = [item.name for item in fields(kind)]
    for name in table if isinstance(table, dict) else ():
        if name not in names:
            close = difflib.get_close_matches(name, names, n=1)
            meant = f"did you mean {close[0]!r}?" if close else f"expected {', '.join(names)}"
            raise GradingError(f"{path}: unknown entry {name!r}; {meant}", path=path, entry=name)
