"""The judge: derive a verdict from an answer and the facts of a workspace, and the scorecard from all verdicts."""

from __future__ import annotations

import dataclasses
import json
import traceback
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mrskit import observed, plan
from mrskit.answering import recorded
from mrskit.answering.scorecard import LessonScore, Row, Scorecard
from mrskit.bands import Setting, settings
from mrskit.course import index, without_truth
from mrskit.errors import AnswerError, MrskitError
from mrskit.exercises.outcomes import JUDGED, Outcome, outcome
from mrskit.exercises.record import Answer, Exercise, Facts, NotHere, TruthMissing, Verdict
from mrskit.workspace import Workspace, write_text

if TYPE_CHECKING:
    from mrskit.simulate.scene import Scene

UNSERVED = "These data cannot serve this exercise: "
FIRST_SETTING = "12:SHORT"  # the setting of the demo's data


@dataclass(frozen=True, slots=True)
class WorkspaceFacts:
    """The facts about one workspace and detector setting that the checks can use."""

    workspace: Workspace
    use_ch: str = "12"
    use_band: str = "SHORT"
    memory: dict | None = field(default=None, compare=False)  # expected values, if many answers are judged
    basis: str = ""  # see mrskit.exercises.record.Facts

    @property
    def program(self) -> plan.Program:
        """The program of the workspace, read from the headers of its exposures if it is not the course's."""
        return observed.of(self.workspace)

    @property
    def setting(self) -> Setting:
        """The detector setting of the lesson."""
        return Setting(self.use_ch, self.use_band)

    def scene(self) -> Scene:
        """
        Return the simulated scene.

        Raises
        ------
        TruthMissing
            If the workspace has no truth.
        """
        _require_truth(self.workspace)
        return _scene(self.workspace, _stamp(self.workspace))

    def truth(self, exposure: str) -> dict[str, np.ndarray]:
        """
        Return the simulator's truth of one exposure; see mrskit.simulate.truth for the arrays.

        Raises
        ------
        TruthMissing
            If the workspace has no truth.
        """
        _require_truth(self.workspace)
        return _exposure(self.workspace, exposure, _stamp(self.workspace))

    def of(self, workspace: Workspace) -> WorkspaceFacts:
        """Return the facts of a different workspace whose exposures a section uses, or of this workspace itself."""
        if self.basis == "graded" and workspace != self.workspace:
            raise NotHere(
                "the section of this exercise uses the kit's own exposures, which are not available when a "
                "class is graded."
            )
        return self if workspace == self.workspace else WorkspaceFacts(workspace)


def judge(answer: Answer, facts: Facts) -> Verdict:
    """
    Return the verdict on an answer, without an error for a learner's mistake or a file missing from the workspace.

    If a wrong answer is a known misconception, the message explains it. If the judge lacks the truth or
    a product, or fails itself, the outcome is ``unjudged`` and the message gives the reason. Such an answer is neither
    right nor wrong, and is shown as unjudged.

    Raises
    ------
    AnswerError
        If the answer does not belong to an exercise.
    """
    if (exercise := answer.exercise) is None:
        raise AnswerError(f"{answer.id}: no exercise of the course has this id. 'mrskit list' shows all.", id=answer.id)
    lacking = without_truth.lacking(exercise.id, facts)
    if answer.value is None:
        empty = not_answered(exercise)
        return dataclasses.replace(empty, message=f"{UNSERVED}{lacking}") if lacking else empty
    if lacking:
        return Verdict(answer.id, Outcome.UNJUDGED, 0, f"Recorded. {UNSERVED}{lacking}")
    try:
        answer = answer.in_unit
        return _scaled(_with_misconception(answer, exercise.check(answer, facts), facts), exercise)
    except AnswerError as error:
        return Verdict(answer.id, Outcome.INVALID, 0, str(error))
    except TruthMissing as error:
        why = f"Recorded. It cannot be judged without the simulator's truth: {error}"
    except NotHere as error:
        why = f"Recorded. {UNSERVED}{error}"
    except MrskitError as error:
        why = f"Recorded, but it cannot be judged yet: {error}"
    except Exception as error:
        what = f"Recorded. The judge itself failed ({type(error).__name__}: {error}). Your answer is not the cause"
        why = f"{what}. Details: {_log(facts.workspace, answer.id)}"
    return Verdict(answer.id, Outcome.UNJUDGED, 0, why)


def not_answered(exercise: Exercise) -> Verdict:
    """Return the verdict for a missing answer."""
    return Verdict(exercise.id, Outcome.NOT_ANSWERED, 0, "Not answered yet.")


def facts_for(workspace: Workspace, setting: str = "") -> WorkspaceFacts:
    """Return a workspace's facts for a setting such as ``12:SHORT``, by default the first simulated setting."""
    if not setting:
        known = workspace.card().settings
        setting = known[0] if known else FIRST_SETTING
    chosen = settings(setting)[0]
    return WorkspaceFacts(workspace, chosen.channels, chosen.subband)


def scorecard(workspace: Workspace, lessons: tuple[str, ...] | None = None) -> Scorecard:
    """
    Return the verdicts on all answers in a workspace.

    Parameters
    ----------
    lessons : tuple of str, optional
        Names of lessons; by default all lessons of the course.

    Raises
    ------
    AnswerError
        If a file of answers is damaged.
    """
    names = index.lessons() if lessons is None else lessons
    return Scorecard(tuple(_lesson_score(workspace, index.lesson_name(name)) for name in names))


def write_scorecard(card: Scorecard, path: Path) -> Path:
    """Write a scorecard as JSON and return the path."""
    write_text(path, json.dumps(card.to_json(), indent=2, ensure_ascii=False) + "\n")
    return path


def _lesson_score(workspace: Workspace, lesson: str) -> LessonScore:
    answers = recorded.read(workspace, lesson)
    rows = []
    for exercise in index.lesson_exercises(lesson):
        given = answers.get(exercise.id)
        if given is None:
            verdict, hints = judge(Answer(exercise.id, exercise.kind, None, exercise=exercise), facts_for(workspace)), 0
        else:
            verdict, hints = judge(given.answer, facts_for(workspace, given.setting)), given.hints
        rows.append(Row(
            exercise.id, exercise.title, verdict.outcome, int(verdict.points), exercise.points,
            verdict.message, verdict.misconception, hints,
        ))  # fmt: skip
    return LessonScore(lesson, tuple(rows))


def _with_misconception(answer: Answer, verdict: Verdict, facts: Facts) -> Verdict:
    if verdict.outcome == Outcome.PASSED:
        return verdict
    for misconception in answer.asked.misconceptions:
        try:
            matches = misconception.matches(answer, facts)
        except Exception:  # an answer with an unexpected shape keeps the verdict with its own message
            continue
        if matches:
            return dataclasses.replace(verdict, message=misconception.message, misconception=misconception.name)
    return verdict


def _scaled(verdict: Verdict, exercise: Exercise) -> Verdict:
    """Return the verdict with whole points instead of the share that a check returns."""
    result = outcome(verdict.outcome, JUDGED)
    if not 0 <= verdict.points <= 1:
        raise ValueError(f"{exercise.id}: the check gave '{result}' with a share of {verdict.points}")
    share = verdict.points if result in (Outcome.PASSED, Outcome.PARTIAL) else 0.0
    return dataclasses.replace(verdict, id=exercise.id, outcome=result, points=int(share * exercise.points + 1e-9))


def _require_truth(workspace: Workspace) -> None:
    if not (workspace.truth / "scene.json").is_file():
        raise TruthMissing(f"{workspace.root} has no folder truth/ (real data, or the truth was not released).")


def _stamp(workspace: Workspace) -> int:
    return (workspace.truth / "scene.json").stat().st_mtime_ns


@lru_cache(maxsize=2)
def _scene(workspace: Workspace, stamp: int) -> Scene:
    from mrskit.simulate.truth import read_scene

    return read_scene(workspace)


@lru_cache(maxsize=2)
def _exposure(workspace: Workspace, exposure: str, stamp: int) -> dict[str, np.ndarray]:
    from mrskit.simulate.truth import read_exposure

    return read_exposure(workspace, exposure)


def _log(workspace: Workspace, name: str) -> Path:
    path = workspace.logs / "judge.log"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(f"--- {name}\n{traceback.format_exc()}\n")
    except OSError:
        pass  # if the workspace is not writable, the message in the verdict must suffice
    return path
