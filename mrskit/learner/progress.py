"""
A learner's progress: answers from files and saved notebooks, judged again only after a change.

``progress.json`` in the workspace keeps every verdict with a digest of its inputs: the record of the answer,
the setting, the kit's own code and, for exercises that use products or truth, the state of these files.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mrskit.answering import answer_files
from mrskit.answering.scorecard import LessonScore, Row, Scorecard
from mrskit.card import CARD
from mrskit.course.paths import includes
from mrskit.errors import AnswerError, LessonError
from mrskit.exercises.outcomes import JUDGED, Outcome, outcome
from mrskit.kept import digests, lock
from mrskit.learner import notebooks
from mrskit.workspace import Workspace, write_text

FILE = "progress.json"
SCHEMA = 1
DATA = ("Source", "Background", "Ramp", "truth", CARD)  # other files that verdicts may depend on
OPEN = {"outcome": Outcome.NOT_ANSWERED, "points": 0, "message": "Not answered yet.", "misconception": None}


@dataclass(frozen=True, slots=True)
class Progress:
    """The state of a course, according to answers and saved notebooks."""

    card: Scorecard
    changed: tuple[str, ...]  # exercises whose cell was changed after its last run
    judged: int  # number of new verdicts
    problems: tuple[str, ...] = ()  # unreadable notebooks, invalid stored verdicts

    @property
    def current(self) -> Row | None:
        """The first exercise that is not passed, or None at the end of the course."""
        return next((row for row in self.rows if row.outcome != Outcome.PASSED), None)

    @property
    def rows(self) -> tuple[Row, ...]:
        """All exercises in order."""
        return tuple(row for lesson in self.card.lessons for row in lesson.rows)


def check(
    workspace: Workspace, notebook: Path | None = None, fresh: bool = False, say: Callable[[str], None] | None = None
) -> Progress:
    """
    Return the progress in a workspace, after reading the answers in its saved notebooks.

    ``workspace``: the learner's, with notebooks in ``Notebook/``; ``notebook``: a notebook elsewhere, whose answers
    count as given in this workspace; ``fresh``: judge everything again; ``say``: called once, before the first
    answer is judged.
    LessonError if ``notebook`` cannot be read or does not belong to a lesson; AnswerError if a file of answers
    is damaged.
    """
    paths = own_notebooks(workspace) if notebook is None else [notebook]
    changed, problems = set(), []
    for path in paths:
        try:
            changed |= take_over(workspace, notebooks.read(path))
        except LessonError as error:
            if notebook is not None:
                raise
            problems.append(str(error))
    return _judged(workspace, changed, tuple(problems), fresh, say or (lambda text: None))


def own_notebooks(workspace: Workspace) -> list[Path]:
    """Return the notebooks of lessons in a workspace, in order."""
    found = (workspace.root / "Notebook").glob("[0-9][0-9]_*.ipynb")
    return sorted(path for path in found if not path.stem.endswith(".failed"))


def take_over(workspace: Workspace, saved: notebooks.Saved) -> set[str]:
    """
    Merge the answers of a saved notebook into the workspace, and return the exercises whose cell was changed later.

    If two answers to the same exercise differ, the later answer counts, i.e. that of the notebook if its file
    is newer.

    AnswerError if the file of answers is damaged.
    """
    lesson = _lesson(workspace, saved.lesson)
    table, path = answer_files.tables(workspace, lesson), answer_files.answers_file(workspace, lesson)
    newer = not path.is_file() or saved.path.stat().st_mtime_ns > path.stat().st_mtime_ns
    records = {
        name: cell.record for name, cell in saved.cells.items()
        if cell.record is not None and cell.record != table["answers"].get(name)
        and (newer or name not in table["answers"]) and _valid(cell)
    }  # fmt: skip
    if records:
        fresh = {name: saved.cells[name] for name in records}
        answer_files.merge(workspace, lesson, records,
                    {name: cell.setting for name, cell in fresh.items()},
                    {name: cell.ran for name, cell in fresh.items()})  # fmt: skip
        table = answer_files.tables(workspace, lesson)
    given = {name for name, record in table["answers"].items() if record.get("value") is not None}
    known = table["sources"] if newer else {}
    return {name for name, cell in saved.cells.items()
            if name in given and (cell.ran or known.get(name, cell.digest)) != cell.digest}  # fmt: skip


def read(workspace: Workspace) -> dict:
    """Return the content of ``progress.json``: ``judge`` (digest), ``lessons``, ``verdicts``; empty without a file."""
    empty = {"schema": SCHEMA, "judge": "", "lessons": {}, "verdicts": {}}
    try:
        table = json.loads((workspace.root / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return empty
    sound = isinstance(table, dict) and table.get("schema") == SCHEMA and table.keys() >= empty.keys()
    return table if sound else empty


def update(workspace: Workspace, judge: str, lessons: dict, verdicts: dict) -> None:
    """
    Merge verdicts by exercise into ``progress.json``; nothing is lost if two programs do this at once.

    Verdicts from a different version of the judge are dropped. If the workspace is read-only, nothing is written.
    """
    path = workspace.root / FILE
    try:
        with lock.held(path.with_name(f".{FILE}.lock"), answer_files.PATIENCE) as mine:
            if not mine:
                return
            table = read(workspace)
            kept = table["verdicts"] if table["judge"] == judge else {}
            table = {"schema": SCHEMA, "judge": judge, "lessons": lessons, "verdicts": kept | verdicts}
            write_text(path, json.dumps(table, indent=1, sort_keys=True) + "\n")
    except OSError:
        return  # the file is only a cache, so the next check judges again


def _judged(
    workspace: Workspace, changed: set[str], problems: tuple[str, ...], anew: bool, say: Callable[[str], None]
) -> Progress:
    known, judge = read(workspace), digests.of_kit()
    data = digests.of_looks(workspace.root / name for name in DATA)
    lessons, path = known["lessons"] if known["judge"] == judge else _course(), workspace.card().path
    old, strange = _sound(known["verdicts"] if known["judge"] == judge and not anew else {})
    scores, alive, made = [], set(), 0
    fresh: dict[str, dict] = {}
    for lesson, exercises in lessons.items():
        table, rows = answer_files.tables(workspace, lesson), []
        for item in exercises:
            if not includes(path, item["id"]):
                continue
            name, record = item["id"], table["answers"].get(item["id"])
            setting = str(table["settings"].get(name, ""))
            key = digests.of_values([record, setting, "" if item["judged_by"] == "plan" else data])
            entry = old.get(name)
            if entry is None or entry.get("key") != key:
                answered = record is not None and record.get("value") is not None
                if answered and not made:
                    say("Judging, please wait ...")
                made += answered
                verdict = _verdict(workspace, record, setting) if answered else OPEN
                entry = fresh[name] = {"key": key, "verdict": verdict}
            rows.append(Row(name, item["title"], hints=int(table["hints"].get(name, 0)),
                            points_max=item["points"], **entry["verdict"]))  # fmt: skip
            alive.add(name)
        scores.append(LessonScore(lesson, tuple(rows)))
    if fresh:
        update(workspace, judge, lessons, fresh)
    return Progress(Scorecard(tuple(scores)), tuple(sorted(changed & alive)), made, (*problems, *strange))


def _sound(verdicts: dict) -> tuple[dict, list[str]]:
    """Return the valid stored verdicts, and the problems of the others, which are judged again."""
    sound, problems = {}, []
    for name, item in verdicts.items():
        try:
            verdict = item["verdict"]
            sound[name] = item | {"verdict": verdict | {"outcome": outcome(verdict["outcome"], JUDGED)}}
        except (ValueError, TypeError, LookupError) as error:
            problems.append(f"{FILE}: {name} is judged again ({type(error).__name__}: {error})")
    return sound, problems


def _verdict(workspace: Workspace, record: dict, setting: str) -> dict:
    """Return the judge's verdict on a record, as plain values."""
    from mrskit.answering.judge import facts_for, judge
    from mrskit.course import index
    from mrskit.exercises.codec import decode

    verdict = judge(decode(record, index.exercise(record["id"])), facts_for(workspace, setting))
    return {"outcome": verdict.outcome, "points": int(verdict.points), "message": verdict.message,
            "misconception": verdict.misconception}  # fmt: skip


def _course() -> dict[str, list[dict]]:
    """Import the exercises of all lessons, which takes a second or two, and return them as plain values."""
    from mrskit.course import index

    names = ("id", "title", "points", "minutes", "judged_by")
    return {lesson: [{name: getattr(item, name) for name in names} for item in index.lesson_exercises(lesson)]
            for lesson in index.lessons()}  # fmt: skip


def _lesson(workspace: Workspace, text: str) -> str:
    """Return the full name of a lesson, without importing the exercises if the progress file has the name."""
    if text in read(workspace)["lessons"]:
        return text
    from mrskit.course import index

    return index.lesson_name(text)


def _valid(cell: notebooks.Cell) -> bool:
    from mrskit.exercises.codec import decode

    try:
        return decode(cell.record).id == cell.exercise
    except AnswerError:
        return False
