"""From a folder of notebooks to the gradebook; earlier runs and judgements are used again."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC
from pathlib import Path

from mrskit.errors import GradingError, MrskitError
from mrskit.grading.intake import accounts, attempts, times
from mrskit.grading.intake.intake import Asked, Intake, take
from mrskit.grading.intake.roster import People, read_roster
from mrskit.grading.judging.judges import JudgeProcess
from mrskit.grading.judging.judging import unjudged
from mrskit.grading.key import Key
from mrskit.grading.records import Submission
from mrskit.grading.reports import adjustments, grades, overview, pages, tables
from mrskit.grading.reports.grades import LessonGrade, StudentGrade
from mrskit.grading.reports.resemblance import resembling
from mrskit.grading.reports.summary import Summary
from mrskit.grading.run import pool
from mrskit.grading.run.pool import Order
from mrskit.grading.run.store import Store, write_changed
from mrskit.grading.verdicts import Judgement
from mrskit.kept import lock

Place = tuple[str, str, str]  # student, lesson, path of an attempt
BATCH = 25  # records per request to the judge
_GONE = "the record of the run can no longer be read; run 'mrskit grade' again"

Announce = Callable[
    [str, int], AbstractContextManager[Callable[[], None]]
]  # name, total -> function that counts one more


@dataclass(frozen=True, slots=True)
class Options:
    """How a class is graded."""

    scheduler: str = "local"  # as for the exposures: local, none, slurm..., or the address of a Dask scheduler
    jobs: int | None = None  # local workers at most
    trust: bool = False  # run notebooks even without a sandbox, protected only against accidents
    fresh: bool = False  # run everything again
    parameters: Mapping[str, object] = field(default_factory=dict)  # of the lessons
    roster: Path | None = None  # instead of that of the rules
    layout: str = ""  # instead of that of the rules
    only: str = ""  # the only student to be graded; the grades of the others stay


def quiet(name: str, total: int) -> AbstractContextManager[Callable[[], None]]:
    """Announce nothing."""
    return nullcontext(lambda: None)


def grade(
    source: Path | Sequence[Path], key: Key, out: Path, options: Options | None = None, announce: Announce = quiet
) -> Summary:  # fmt: skip
    """
    Grade submitted notebooks and write all reports.

    ``source`` is a folder, a zip, or notebooks. ``announce`` gets the name and size of each phase and returns a context
    manager, which gives a function to call for each step. After an interruption, call this function again to continue.

    GradingError if the submissions or the adjustments cannot be read, or if another grader is using the folder.
    SandboxError if there is no sandbox and the notebooks are not trusted.
    """
    options, out = options or Options(), Path(out)
    if out.resolve().is_relative_to(key.root) or key.root.is_relative_to(out.resolve()):
        raise GradingError(f"{out}: grades and key must be in separate folders", path=out)
    asked, rule, store = _asked(key, options), key.rules.attempts, Store(out)
    with _alone(out):
        before = store.intake()
        found = take(source, asked, before)
        if not found.submissions and not asked.roster:
            raise GradingError(f"{source}: no notebook (.ipynb) found", path=source)
        by_hand = adjustments.read(key, found)
        groups = attempts.groups(found.submissions)
        submissions = [item for group in groups for item in attempts.to_run(group, rule)]
        setting = pool.setting(key, options.trust, options.parameters)
        orders, failed = _orders(submissions, setting)
        not_run, executed = _run(list(orders.values()), setting, store, options, announce)
        failed |= not_run
        judgements, judged = _judge([orders[place] for place in orders if place not in failed], key, store, announce)
        each = _lesson_grades(submissions, orders, judgements, failed, key, store, People(found.people))
        counting, found = _settled(groups, found, rule, each)
        counted = {}
        for item in counting:  # the attempt's own notes come first; notes on other attempts follow
            grade, notes = each[_place(item)], dict.fromkeys((*each[_place(item)].notes, *item.notes))
            counted[item.student, item.lesson] = replace(grade, notes=tuple(notes))
        note = grades.PRACTICE if key.practice else ""
        marks = adjustments.applied(grades.by_student(counted, key.rules, note, found.people), by_hand)
        unwritten = _write(out, marks, counting, found, orders, store, announce)
        store.write_intake(found)
    errors = sum(row.unknown > 0 for mark in marks for lesson in mark.lessons for row in lesson.rows)
    return Summary(marks, len(submissions), executed, judged, errors, setting.isolation, unwritten,
                   sum(bool(item.problem) for item in submissions), found, bool(key.rules.lessons))  # fmt: skip


def _asked(key: Key, options: Options) -> Asked:
    """Return the options for the intake from the call or the rules; times without a zone use that of the due date."""
    path = options.roster or (key.root / key.rules.roster if key.rules.roster else None)
    due = key.rules.late.due
    return Asked(options.layout or key.rules.layout, read_roster(path) if path else None,
                 due.tzinfo if due and due.tzinfo else UTC, options.only)  # fmt: skip


def _place(item: Submission) -> Place:
    return item.student, item.lesson, item.path


def _settled(
    groups: Sequence[Sequence[Submission]], found: Intake, rule: str, each: Mapping[Place, LessonGrade]
) -> tuple[list[Submission], Intake]:
    """Return the attempts that count, and the intake with the status of every file."""
    counting, became = [], {}
    for group in groups:
        one = attempts.chosen(group, rule, lambda item: each[_place(item)].score + each[_place(item)].unknown)
        counting.append(one)
        for number, item in enumerate(group, 1):
            why = item.problem or ("" if item.path == one.path else attempts.why_not(item, one, rule))
            became[item.student, item.path] = number, why
    rows = []
    for row in found.rows:
        number, why = became.get((row.student, row.path), (0, row.reason))
        if number and row.status in (accounts.USED, accounts.ATTEMPT):
            row = replace(row, status=accounts.ATTEMPT if why else accounts.USED, attempt=number, reason=why)
        rows.append(row)
    return counting, replace(found, rows=tuple(rows))


@contextmanager
def _alone(out: Path) -> Iterator[None]:
    """Be the only grader in a folder; the lock is released when the process ends for any reason."""
    with lock.held(out / ".lock", patience=0) as mine:
        if not mine:
            raise GradingError(
                f"{out}: another 'mrskit grade' is using this folder. Wait until that command ends, or stop it.",
                path=out,
            )
        yield


def _orders(
    submissions: Sequence[Submission], setting: pool.Setting
) -> tuple[dict[Place, Order], dict[Place, str]]:  # fmt: skip
    """Return the orders for the notebooks that can be run, and the grader's errors for the others."""
    orders, failed = {}, {}
    for item in submissions:
        if item.problem:
            continue
        try:
            orders[_place(item)] = setting.order(item)
        except MrskitError:  # of the course, not of a submission
            raise
        except Exception as error:  # one submission never stops the grading of a class
            failed[_place(item)] = f"{type(error).__name__}: {error}"
    return orders, failed


def _run(
    orders: Sequence[Order], setting: pool.Setting, store: Store, options: Options, announce: Announce
) -> tuple[dict[Place, str], int]:
    """Run the notebooks without a record; return the grader's errors and the number of notebooks that were run."""
    todo = [order for order in orders if options.fresh or not store.has_record(order.digest)]
    failed = {}
    if todo:
        with announce("run", len(todo)) as step:
            done = pool.run(todo, setting, store, options.scheduler, options.jobs, step)
        failed = {order.place: reason for order, reason in zip(todo, done, strict=True) if reason}
    return failed, len(todo)


def _judge(
    orders: Sequence[Order], key: Key, store: Store, announce: Announce
) -> tuple[dict[Place, Judgement], int]:  # fmt: skip
    """Return the judgement on each order's record, and the number of new judgements."""
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
                    if not any(row.unknown for row in judgement.rows):  # failed judgements are tried again next time
                        store.write_judgement(order.digest, key.digest, judgement)
                    step()
    return found, len(todo)


def _lesson_grades(
    submissions: Sequence[Submission], orders: Mapping[Place, Order], judgements: Mapping[Place, Judgement],
    failed: Mapping[Place, str], key: Key, store: Store, people: People,
) -> dict[Place, LessonGrade]:  # fmt: skip
    handed_in, extended = (times.read(key.root, name, people) for name in (times.SUBMITTED, times.EXTENSIONS))
    found = {}
    for item in submissions:
        place, lesson = _place(item), (item.student, item.lesson)
        if item.problem:
            found[place] = grades.unreadable(item, key.rules)
        elif place in failed or (record := store.record(orders[place].digest)) is None:
            found[place] = grades.failed_run(item, key.rules, failed.get(place, _GONE))
        else:
            moment = handed_in.get(lesson) or grades.moment(item.modified)
            found[place] = grades.lesson_grade(item, judgements[place], key.rules, moment, record, extended.get(lesson))
    return found


def _write(
    out: Path, marks: Sequence[StudentGrade], submissions: Sequence[Submission], found: Intake,
    orders: Mapping[Place, Order], store: Store, announce: Announce,
) -> dict[str, str]:  # fmt: skip
    """Write all students' reports, the gradebook and the class page; return the failed reports with reasons."""
    failed = {}
    with announce("reports", len(marks)) as step:
        for mark in marks:
            try:
                records = (store.record(lesson.record) for lesson in mark.lessons if lesson.record)
                shown = {item.id: item for record in records if record is not None for item in record.shown}
                folder = out / "students" / mark.student
                write_changed(folder / "grade.json", json.dumps(mark.to_json(), indent=1, ensure_ascii=False) + "\n")
                write_changed(folder / "feedback.html", pages.feedback(mark, shown))
                mine = {item.lesson: item for item in submissions if item.student == mark.student}
                write_changed(out / "instructor" / f"{mark.student}.html", pages.instructor(mark, mine))
            except Exception as error:  # one report never stops the grading of a class
                failed[mark.student] = f"{type(error).__name__}: {error}"
            step()
    write_changed(out / "gradebook.csv", tables.gradebook(marks))
    write_changed(out / "intake.csv", tables.intake(found.rows))
    _remove_gone(out / "students", {mark.student for mark in marks})
    costs = {place[:2]: timing for place, order in orders.items() if (timing := store.timing(order.digest))}
    seen = overview.overview(marks, costs, resembling(submissions), found)
    names = {mark.student: f"students/{mark.student}/feedback.html" for mark in marks}
    codes = {mark.student: f"instructor/{mark.student}.html" for mark in marks if mark.student not in failed}
    write_changed(out / "class.html", pages.class_page(seen, names, codes))
    return failed


def _remove_gone(folder: Path, students: Collection[str]) -> None:
    """Remove the reports of students who are no longer in the class."""
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.name not in students and not path.is_symlink() and (path / "grade.json").is_file():
            shutil.rmtree(path)
            (folder.parent / "instructor" / f"{path.name}.html").unlink(missing_ok=True)
