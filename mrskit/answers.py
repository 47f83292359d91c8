"""The functions for lessons: begin a lesson, give an answer, ask for a hint, compare afterwards."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from mrskit import error_hints
from mrskit.answering import cards, opening, recorded, solutions
from mrskit.bands import Setting, settings
from mrskit.course import index
from mrskit.errors import AnswerError, LessonError, MrskitError
from mrskit.exercises.checks import evaluate
from mrskit.exercises.codec import encode
from mrskit.exercises.outcomes import Outcome
from mrskit.exercises.record import NotHere, TruthMissing, Verdict
from mrskit.exercises.values import from_learner
from mrskit.parameters import PARAMETERS, require_values
from mrskit.workspace import Workspace

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from mrskit.answering.judge import WorkspaceFacts

WITHOUT_PIPELINE = ("02_raw_overview",)  # lessons that need no reference files
MODE = "MRSKIT_MODE"  # environment variable; "grade": record only


@dataclass(slots=True)
class _Session:
    """The current lesson of this process; the only global state, because notebooks call functions."""

    lesson: str
    workspace: Workspace
    setting: Setting
    verdicts: dict[str, Verdict] = field(default_factory=dict)  # of this session
    repeated: set[str] = field(default_factory=set)  # answers that were given again unchanged


_session: _Session | None = None


def begin(
    lesson: str, workspace: Path | str | Workspace | None = None, use_ch: str = "12", use_band: str = "SHORT",
    **parameters: object,
) -> Workspace:  # fmt: skip
    """
    Open the workspace of a lesson and return it; later answers and figures belong to this lesson.

    The reference files of the workspace are activated (``CRDS_PATH`` and related variables). Real data instead use
    the settings from 'mrskit references --real', otherwise the CRDS settings of the environment.

    Parameters
    ----------
    workspace : path or Workspace
        The folder; a relative path is searched in the current folder and its parents. Without this argument, all
        parameters are the variables of the same names from the notebook's parameters cell.
    use_ch, use_band : str
        Channel pair (``12`` or ``34``) and sub-band (``SHORT``, ``MEDIUM`` or ``LONG``).

    Raises
    ------
    LessonError
        If the course does not have this lesson or lessons do not have this parameter.
    UnknownBandError
        If the channel pair or sub-band does not exist.
    WorkspaceError
        If the folder is not a workspace, or its simulated data have different settings.
    ReferenceCacheError
        If the lesson runs the pipeline on real data, and neither workspace nor environment names a CRDS cache.
    """
    global _session
    if workspace is None:
        theirs = sys._getframe(1).f_globals
        return begin(lesson, **({"workspace": "workspace"} | {key: theirs[key] for key in PARAMETERS if key in theirs}))
    name = index.lesson_name(lesson)
    if unknown := sorted(parameters.keys() - set(PARAMETERS)):
        raise LessonError(f"{name} was begun with {', '.join(unknown)}; lessons have only the parameters "
                          f"{', '.join(PARAMETERS)}", lesson=name, unknown=unknown)  # fmt: skip
    setting = settings(f"{use_ch}:{use_band}")[0]
    require_values({"use_ch": use_ch, "use_band": use_band} | parameters)
    error_hints.install(_shell())
    opened = opening.opened(workspace, setting, parameters)
    if name not in WITHOUT_PIPELINE and not parameters.get("spectra_dir"):
        opening.check_references(opened, parameters.get("data_source") == "real", quiet=_grading())
    if not _grading():
        opening.note_redshift(opened, parameters)
        if opened.card().is_real:
            print(opening.about_real(opened))
    _session = _Session(name, opened, setting)
    from mrskit.plotting import style  # takes a second to import

    style.use(opened)
    return opened


def setting() -> Setting:
    """Return the detector setting of the lesson, from its parameters ``use_ch`` and ``use_band``."""
    return _current().setting


def give(name: str, value: object, unit: str | None = None) -> Verdict:
    """
    Record an answer, show the judge's verdict, and return it.

    Parameters
    ----------
    value : object
        The answer; ``...`` or None counts as not answered, and the lesson goes on. If a function is asked for, give the
        function itself. It is called with the exercise's probes (see mrskit.exercises.probes), and its outputs are
        recorded, not its code.
    unit : str, optional
        Unit of the value; by default the exercise's unit.

    Returns
    -------
    Verdict
        The verdict; with ``MRSKIT_MODE=grade`` always ``unjudged``, because the answer is only recorded.

    Raises
    ------
    AnswerError
        If no exercise has this id, or no lesson was begun. A value that cannot be recorded because of its kind, shape,
        size or unit gets a card with the reason, and the earlier record is kept. In grading this is an error.
    """
    session, exercise = _current(), index.exercise(name)
    try:
        answer = from_learner(exercise, value, unit)
        record, notes = encode(answer), {}
    except AnswerError as error:
        if _grading() or error.facts.get("id") != name:
            raise
        verdict = session.verdicts[name] = Verdict(name, Outcome.INVALID, 0, str(error))
        cards.show(cards.refusal_card(exercise, str(error)))
        return verdict
    if _grading():
        verdict = Verdict(name, Outcome.UNJUDGED, 0, "Recorded.")
    else:
        notes = {"setting": session.setting.name, "source": _cell()}
        same = recorded.write(session.workspace, index.lesson_of(name), record, **notes)
        (session.repeated.add if same else session.repeated.discard)(name)
        verdict = session.verdicts[name] = _judge().judge(answer, _facts(session))
    cards.show(cards.answer_card(answer, verdict), record, notes)
    return verdict


def hint(name: str) -> None:
    """
    Show the first hint of an exercise; a second call also shows the second hint.

    If a whole notebook runs again, the hint is unchanged as long as the answer before it is unchanged.

    Raises
    ------
    AnswerError
        If no exercise has this id, or no lesson was begun.
    """
    session = _current()
    exercise = index.exercise(name)
    seen = name in session.repeated
    session.repeated.discard(name)
    count = 1 if _grading() else recorded.count_hint(session.workspace, index.lesson_of(name), name, more=not seen)
    cards.show(cards.hint_card(exercise, min(count, len(exercise.hints))))


def expect(about: str, choice: object) -> None:
    """Record the letter of your expectation before you see a figure; the kit never judges it."""
    session = _current()
    if _grading():
        return
    if choice in (None, ...):
        return print("If you like, choose first and then look.")
    recorded.expect(session.workspace, session.lesson, about, str(choice)[:40])
    print(f"Noted: {choice}. Run the next cell and compare.")


def summary() -> None:
    """Show the correct and the open exercises in this lesson, and the next lesson."""
    session = _current()
    if _grading():
        return
    from mrskit.course.paths import includes  # not in the sandbox

    path = session.workspace.card().path
    exercises = [item for item in index.lesson_exercises(session.lesson) if includes(path, item.id)]
    given = recorded.read(session.workspace, session.lesson)
    rows = []
    for item in exercises:
        verdict = session.verdicts.get(item.id)
        if verdict is None and item.id in given:
            verdict = _judge().judge(
                given[item.id].answer, _judge().facts_for(session.workspace, given[item.id].setting)
            )
        rows.append((item, verdict or _judge().not_answered(item)))
    later = [name for name in index.lessons() if name > session.lesson]
    following = f"Next: lesson {later[0][:2]}, 'mrskit start {later[0][:2]}'." if later else "This was the last lesson."
    whole = f"{session.lesson[:2]} ({path})" if path else session.lesson[:2]
    cards.show(cards.summary_card(whole, rows, following))


def solution(name: str) -> None:
    """
    Show a solution for comparison after the exercise is passed; before that, and in grading, show the reason why not.

    Raises
    ------
    AnswerError
        If no exercise has this id, or no lesson was begun.
    """
    session = _current()
    exercise = index.exercise(name)
    reason = _why_hidden(session, name)
    if reason is None:
        given = recorded.read(session.workspace, index.lesson_of(name))[name]
        if _judge().judge(given.answer, _judge().facts_for(session.workspace, given.setting)).outcome != Outcome.PASSED:
            reason = "The solution is shown for comparison after your own answer is right."
    code = solutions.solution(name) if reason is None else None
    if code is not None:
        cards.show(cards.solution_card(exercise, code))
        return
    cards.show(cards.note_card(exercise, reason or "The sources of the lessons, with the solutions, are not shipped "
                               "with this installation: ask whoever gave it to you."))  # fmt: skip


def reveal(name: str) -> object:
    """
    Return the judge's expected value after the exercise was answered; None before this and in grading.

    Raises
    ------
    AnswerError
        If no exercise has this id, no lesson was begun, or the exercise has no value to compare with.
    """
    session = _current()
    if _grading():  # the sandbox knows the exercises of only one lesson
        return None
    exercise = index.exercise(name)
    expected = exercise.reveals or getattr(exercise.check, "expected", None)
    if expected is None:
        raise AnswerError(f"{name}: this exercise has no expected value to show; see its verdict", id=name)
    reason = _why_hidden(session, name)
    if reason is None:
        try:
            return evaluate(expected, replace(_facts(session), basis="truth"))
        except (TruthMissing, NotHere, MrskitError) as error:
            reason = f"There is no value to compare with: {error}"
    cards.show(cards.note_card(exercise, reason))
    return None


def _why_hidden(session: _Session, name: str) -> str | None:
    if _grading():
        return "Nothing is shown while answers are graded."
    given = recorded.read(session.workspace, index.lesson_of(name)).get(name)
    answered = given is not None and given.answer.value is not None
    return None if answered else "Answer this exercise first, then compare."


def _current() -> _Session:
    if _session is None:
        raise AnswerError("no lesson was begun. First run the cell with answers.begin(...) at the top of the lesson.")
    return _session


def _judge() -> ModuleType:
    """Return the judge, which is neither available nor needed while answers are graded."""
    from mrskit.answering import judge

    return judge


def _facts(session: _Session) -> WorkspaceFacts:
    return _judge().WorkspaceFacts(session.workspace, session.setting.channels, session.setting.subband)


def _shell() -> InteractiveShell | None:
    from IPython import get_ipython

    return get_ipython()


def _cell() -> str:
    """Return the source digest of the running cell, or an empty text outside a notebook."""
    history = getattr(getattr(_shell(), "history_manager", None), "input_hist_raw", None)
    return recorded.source_digest(history[-1]) if history else ""


def _grading() -> bool:
    return os.environ.get(MODE, "") == "grade"
