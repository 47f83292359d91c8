"""From a folder of notebooks to the gradebook: what has been run and judged already is not run or judged again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from mrskit.errors import GradingError, MrskitError
from mrskit.grading.intake import times
from mrskit.grading.intake.intake import collect
from mrskit.grading.judging.judges import JudgeProcess
from mrskit.grading.judging.judging import unjudged
from mrskit.grading.key import Key
from mrskit.grading.records import Shown, Submission, Timing
from mrskit.grading.reports import adjustments, grades, overview, pages, tables
from mrskit.grading.reports.grades import LessonGrade, StudentGrade
from mrskit.grading.run import pool
from mrskit.grading.run.pool import Order
from mrskit.grading.run.store import Store, write_changed
from mrskit.grading.verdicts import Judgement
from mrskit.kept import lock

BATCH = 25  # records that the judge gets at once
_GONE = "the record of the run cannot be read any more; run 'mrskit grade' again"

Announce = Callable[[str, int], AbstractContextManager[Callable[[], None]]]  # name, total -> what counts one more


@dataclass(frozen=True, slots=True)
class Options:
    """How a class is graded."""

    scheduler: str = "local"  # as for the exposures: local, none, slurm..., or the address of a Dask scheduler
    jobs: int | None = None  # local workers at most
    trust: bool = False  # run notebooks also where only accidents can be stopped
    fresh: bool = False  # run everything again
    parameters: Mapping[str, object] = field(default_factory=dict)  # of the lessons


@dataclass(frozen=True, slots=True)
class Summary:
    """What grading has done."""

    grades: Sequence[StudentGrade]
    submissions: int
    executed: int  # notebooks that were run this time
    judged: int  # records that were judged this time
    errors: int  # of the grader
    isolation: str
    unwritten: Mapping[str, str] = field(default_factory=dict)  # student -> why there is no feedback


def quiet(name: str, total: int) -> AbstractContextManager[Callable[[], None]]:
    """Announce nothing."""
    return nullcontext(lambda: None)


def grade(
    source: Path | Sequence[Path], key: Key, out: Path, options: Options | None = None, announce: Announce = quiet
) -> Summary:  # fmt: skip
    """
    Grade submitted notebooks and write all reports.

    Interrupted at any point it goes on when it is called again.

    Parameters
    ----------
    source : Path or sequence of Path
        A folder, a zip, or notebooks.
    key : Key
    out : Path
        Folder of the grades.
    options : Options, optional
    announce : callable, optional
        Gets the name and size of each phase; returns a context manager that gives a function to call for each step.

    Raises
    ------
    GradingError
        If the submissions or the adjustments cannot be read, or another grader works in the folder.
    SandboxError
        If there is no sandbox, and the notebooks are not trusted.
    """
    options, out = options or Options(), Path(out)
    if out.resolve().is_relative_to(key.root) or key.root.is_relative_to(out.resolve()):
        raise GradingError(f"{out}: grades and key must lie apart", path=out)
    submissions = collect(source)
    if not submissions:
        raise GradingError(f"{source}: no notebook (.ipynb) there", path=source)
    by_hand = adjustments.read(key.root)
    adjustments.check(by_hand, ((item.student, item.lesson) for item in submissions), key.rules)
    store = Store(out)
    with _alone(out):
        setting = pool.setting(key, options.trust, options.parameters)
        orders, failed = _orders(submissions, setting)
        not_run, executed = _run(list(orders.values()), setting, store, options, announce)
        failed |= not_run
        judgements, judged = _judge([orders[place] for place in orders if place not in failed], key, store, announce)
        found = _lesson_grades(submissions, orders, judgements, failed, key, store)
        marks = adjustments.applied(grades.by_student(found, key.rules), by_hand)
        unwritten = _write(out, marks, submissions, orders, store, announce)
        _write_times(out, orders, store)
    errors = sum(row.unknown > 0 for mark in marks for lesson in mark.lessons for row in lesson.rows)
    return Summary(marks, len(submissions), executed, judged, errors, setting.isolation, unwritten)


@contextmanager
def _alone(out: Path) -> Iterator[None]:
    """Be the only grader in a folder; the lock goes with the process, however that ends."""
    with lock.held(out / ".lock", patience=0) as mine:
        if not mine:
            raise GradingError(f"{out}: another 'mrskit grade' works there. Wait for it, or stop it.", path=out)
        yield


def _orders(
    submissions: Sequence[Submission], setting: pool.Setting
) -> tuple[dict[tuple[str, str], Order], dict[tuple[str, str], str]]:  # fmt: skip
    """Return the orders to run what can be run, and why the grader failed at others."""
    orders, failed = {}, {}
    for item in submissions:
        if item.problem:
            continue
        try:
            orders[item.student, item.lesson] = setting.order(item)
        except MrskitError:  # of the course, not of a submission
            raise
        except Exception as error:  # one submission never ends the class
            failed[item.student, item.lesson] = f"{type(error).__name__}: {error}"
    return orders, failed


def _run(
    orders: Sequence[Order], setting: pool.Setting, store: Store, options: Options, announce: Announce
) -> tuple[dict[tuple[str, str], str], int]:
    """Run what has no record yet; return why the grader failed at some, and how many were run."""
    todo = [order for order in orders if options.fresh or not store.has_record(order.digest)]
    failed = {}
    if todo:
        with announce("run", len(todo)) as step:
            done = pool.run(todo, setting, store, options.scheduler, options.jobs, step)
        failed = {order.place: reason for order, reason in zip(todo, done, strict=True) if reason}
    return failed, len(todo)


def _judge(
    orders: Sequence[Order], key: Key, store: Store, announce: Announce
) -> tuple[dict[tuple[str, str], Judgement], int]:  # fmt: skip
    """Return the judgement on each order's record, and how many were made anew."""
    kept = {order.place: store.judgement(order.digest, key.digest) for order in orders}
    found = {place: judgement for place, judgement in kept.items() if judgement is not None}
    todo = sorted((order for order in orders if order.place not in found), key=lambda item: item.place[::-1])
    if todo:
        with announce("judge", len(todo)) as step, JudgeProcess(key) as judge:
            for start in range(0, len(todo), BATCH):
                some = todo[start : start + BATCH]
                records = [record for order in some if (record := store.record(order.digest)) is not None]
                judged = dict(zip((record.digest for record in records), judge.judge(records), strict=True))
                for order in some:
                    judgement = judged.get(order.digest) or unjudged(order.submission.lesson, key.rules, _GONE)
                    found[order.place] = judgement
                    if not any(row.unknown for row in judgement.rows):  # what has failed is tried again next time
                        store.write_judgement(order.digest, key.digest, judgement)
                    step()
    return found, len(todo)


def _lesson_grades(
    submissions: Sequence[Submission], orders: Mapping[tuple[str, str], Order],
    judgements: Mapping[tuple[str, str], Judgement], failed: Mapping[tuple[str, str], str], key: Key, store: Store,
) -> dict[tuple[str, str], LessonGrade]:  # fmt: skip
    handed_in = times.read(key.root)
    found = {}
    for item in submissions:
        place = item.student, item.lesson
        if item.problem:
            found[place] = grades.unreadable(item, key.rules)
        elif place in failed or (record := store.record(orders[place].digest)) is None:
            found[place] = grades.failed_run(item, key.rules, failed.get(place, _GONE))
        else:
            moment = handed_in.get(place) or _modified(item)
            found[place] = grades.lesson_grade(item, judgements[place], key.rules, moment, record)
    return found


def _modified(item: Submission) -> datetime | None:
    try:
        return datetime.fromtimestamp(item.modified, UTC) if item.modified else None
    except (OverflowError, ValueError, OSError):  # no year that a calendar has
        return None


def _write(
    out: Path, marks: Sequence[StudentGrade], submissions: Sequence[Submission],
    orders: Mapping[tuple[str, str], Order], store: Store, announce: Announce,
) -> dict[str, str]:  # fmt: skip
    """Write the reports: of each student, then the gradebook and the class page; return whose failed, and why."""
    failed = {}
    with announce("reports", len(marks)) as step:
        for mark in marks:
            try:
                _write_student(out / "students" / mark.student, mark, store)
                mine = {item.lesson: item for item in submissions if item.student == mark.student}
                write_changed(out / "instructor" / f"{mark.student}.html", pages.instructor(mark, mine))
            except Exception as error:  # one report never ends the class
                failed[mark.student] = f"{type(error).__name__}: {error}"
            step()
    write_changed(out / "gradebook.csv", tables.gradebook(marks))
    costs = {place: timing for place, order in orders.items() if (timing := store.timing(order.digest))}
    seen = overview.overview(marks, costs, overview.equal_answers(submissions))
    names = {mark.student: f"students/{mark.student}/feedback.html" for mark in marks}
    codes = {mark.student: f"instructor/{mark.student}.html" for mark in marks if mark.student not in failed}
    write_changed(out / "class.html", pages.class_page(seen, names, codes))
    return failed


def _write_student(folder: Path, mark: StudentGrade, store: Store) -> None:
    write_changed(folder / "grade.json", json.dumps(mark.to_json(), indent=1, ensure_ascii=False) + "\n")
    write_changed(folder / "feedback.html", pages.feedback(mark, _shown(mark, store)))
    write_changed(folder / "junit.xml", tables.junit(mark))


def _shown(mark: StudentGrade, store: Store) -> dict[str, Shown]:
    records = (store.record(lesson.record) for lesson in mark.lessons if lesson.record)
    return {item.id: item for record in records if record is not None for item in record.shown}


def _write_times(out: Path, orders: Mapping[tuple[str, str], Order], store: Store) -> None:
    """Write what every run has cost: the one file that differs between equal runs."""
    table = []
    for (student, lesson), order in sorted(orders.items()):
        timing = store.timing(order.digest) or Timing(0.0)
        table.append({"student": student, "lesson": lesson, "seconds": round(timing.seconds, 3),
                      "peak_memory": timing.peak_memory, "warm": timing.warm})  # fmt: skip
    write_changed(out / "timings.json", json.dumps(table, indent=1) + "\n")
