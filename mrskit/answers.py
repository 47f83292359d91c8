"""What the lessons call: begin a lesson, give an answer, ask for a hint, compare once the answer is there."""

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
    """The lesson that this process works on; the one piece of state, because notebooks call functions."""

    lesson: str
    workspace: Workspace
    setting: Setting
    verdicts: dict[str, Verdict] = field(default_factory=dict)  # of this session
    repeated: set[str] = field(default_factory=set)  # answers that were given again as they were


_session: _Session | None = None


def begin(
    lesson: str, workspace: Path | str | Workspace | None = None, use_ch: str = "12", use_band: str = "SHORT",
    **parameters: object,
) -> Workspace:  # fmt: skip
    """
    Open the workspace of a lesson and return it; answers and figures from now on belong to this lesson.

    The reference files of the workspace are switched on (``CRDS_PATH`` and its like), except for real data, which use
    what 'mrskit references --real' has written, else the CRDS settings of the environment.

    Parameters
    ----------
    lesson : str
        Name of the lesson, e.g. ``03_detector1``.
    workspace : path or Workspace
        Its folder; a relative one is looked for in the current folder and in those above it. Without it, all
        parameters are the variables of these names in the notebook: those of its parameters cell.
    use_ch, use_band : str
        Channel pair (``12`` or ``34``) and sub-band (``SHORT``, ``MEDIUM`` or ``LONG``).
    **parameters : object
        The other parameters of the lesson; see `PARAMETERS`.

    Raises
    ------
    LessonError
        If the course has no such lesson or lessons have no such parameter.
    UnknownBandError
        If the channel pair or sub-band does not exist.
    WorkspaceError
        If the folder is no workspace, or its simulated data are of other settings.
    ReferenceCacheError
        If the lesson runs the pipeline on real data, and neither workspace nor environment name a cache of CRDS.
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
    _session = _Session(name, opened, setting)
    from mrskit.plotting import style  # takes a second to import

    style.use(opened)
    return opened


def give(name: str, value: object, unit: str | None = None) -> Verdict:
    """
    Record an answer, show what the judge says of it, and return the verdict.

    Parameters
    ----------
    name : str
        Id of the exercise.
    value : object
        The answer; ``...`` or None counts as not answered, and the lesson goes on. Where a function is asked for, the
        function itself: it is called with the exercise's probes (see mrskit.exercises.probes), and its outputs are
        recorded, not its code.
    unit : str, optional
        Unit of the value; without it the value is taken in the exercise's unit.

    Returns
    -------
    Verdict
        With ``MRSKIT_MODE=grade`` always ``unjudged``: the answer is only recorded.

    Raises
    ------
    AnswerError
        If no exercise has this id, or no lesson was begun. A value that cannot be recorded, because of its kind, shape,
        size or unit, gets a card that says so; what was recorded before stays. In grading it is an error.
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
    Show the first hint of an exercise; called again, the second one too.

    When a notebook runs as a whole, the hint stays as it was as long as the answer before it does.

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
    """Note the letter of what you expect to see in a figure before you look; it is never judged."""
    session = _current()
    if _grading():
        return
    if choice in (None, ...):
        return print("Choose first, if you like; then look.")
    recorded.expect(session.workspace, session.lesson, about, str(choice)[:40])
    print(f"Noted: {choice}. Run the next cell and compare.")


def summary() -> None:
    """Show what is right and what is open in this lesson, and where the course goes on."""
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
    Show a solution of an exercise for comparison, once the exercise is passed; say why not before, and when grading.

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
            reason = "The solution is shown for comparison once your own answer is right."
    code = solutions.solution(name) if reason is None else None
    if code is not None:
        cards.show(cards.solution_card(exercise, code))
        return
    cards.show(cards.note_card(exercise, reason or "The sources of the lessons, with the solutions, are not shipped "
                               "with this installation: ask whoever gave it to you."))  # fmt: skip


def reveal(name: str) -> object:
    """
    Return the value that the judge compares with, or more, once the exercise was answered; None before, or in grading.

    Raises
    ------
    AnswerError
        If no exercise has this id, no lesson was begun, or the exercise has no value to compare with.
    """
    session = _current()
    if _grading():  # the sandbox knows the exercises of one lesson alone
        return None
    exercise = index.exercise(name)
    expected = exercise.reveals or getattr(exercise.check, "expected", None)
    if expected is None:
        raise AnswerError(f"{name}: has no expected value to show; its verdict says all there is", id=name)
    reason = _why_hidden(session, name)
    if reason is None:
        try:
            return evaluate(expected, replace(_facts(session), basis="truth"))
        except (TruthMissing, NotHere, MrskitError) as error:
            reason = f"There is nothing to compare with: {error}"
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
        raise AnswerError("no lesson was begun: run the cell with answers.begin(...) at the top of the lesson first")
    return _session


def _judge() -> ModuleType:
    """Return the judge; while answers are graded it is not there, and nobody asks for it."""
    from mrskit.answering import judge

    return judge


def _facts(session: _Session) -> WorkspaceFacts:
    return _judge().WorkspaceFacts(session.workspace, session.setting.channels, session.setting.subband)


def _shell() -> InteractiveShell | None:
    from IPython import get_ipython

    return get_ipython()


def _cell() -> str:
    """Return the digest of the source of the cell that runs, an empty text outside a notebook."""
    history = getattr(getattr(_shell(), "history_manager", None), "input_hist_raw", None)
    return recorded.source_digest(history[-1]) if history else ""


def _grading() -> bool:
    return os.environ.get(MODE, "") == "grade"
