"""
The notebook for a run: the release with a learner's answers and own cells inserted.

Parameters belong to the grader. If a learner's code could have changed parameters, the notebook restores them: all
parameters before a cell of the course, and those that the grader has set (such as the workspace) before an answer.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from mrskit.errors import GradingError
from mrskit.grading.intake import release
from mrskit.grading.intake.release import Step
from mrskit.grading.records import Submission
from mrskit.parameters import PARAMETERS

SET = "injected-parameters"  # id of cells of the grader that set parameters
_WORD = re.compile(r"\w+")
_INDIRECT = re.compile(
    r"__|import\s*\*|^\s*[%!]|\b(exec|eval|compile|globals|locals|vars|setattr|_getframe|gc|inspect|ctypes|get_ipython)\b",
    re.MULTILINE,
)
_AGAIN = """\
try:
    print(*(name for name, value in {values!r}.items() if repr(globals().get(name)) != repr(value)))
finally:
    {assignments}
"""


def grafted(submission: Submission, parameters: Mapping[str, object]) -> tuple[Step, ...]:
    """
    Return the cells to run: the cells of the release, with the answers replaced by the submission's answers.

    If the submission has no cell for an exercise, the release's cell runs, so that later cells find its names. The
    answer still counts as missing. Parameters come from the instructor and are set after the release's cell.

    GradingError if the lesson has no such parameter, or a value is not a plain text, number or boolean.
    """
    own: dict[str, list[str]] = {}
    for cell in submission.own:
        own.setdefault(cell.after, []).append(cell.source)
    steps = [Step("", source, handed_in=True) for source in own.get("", ())]
    known: dict[str, object] = {}
    looked, touched = 0, False  # steps that were looked at; may code of the learner have set a parameter so far?
    for step in release.release(submission.lesson):
        if step.exercise in submission.answers:
            step = replace(step, source=submission.answers[step.exercise], handed_in=True)
        touched = touched or any(may_set(item.source, PARAMETERS) for item in steps[looked:] if item.handed_in)
        looked = len(steps)
        if touched and known and (chosen := parameters if step.handed_in else known) and steps[-1].handed_in:
            steps.append(Step(SET, _AGAIN.format(values=known, assignments=_assignments(chosen, "; "))))
        steps.append(step)
        if step.parameters and parameters:
            known = _known(step, parameters)
            steps.append(Step(SET, _assignments(parameters)))
        steps += [Step("", source, handed_in=True) for source in own.get(step.id, ())]
    return tuple(steps)


def may_set(source: str, names: Iterable[str]) -> bool:
    """Return whether code may set one of some names, i.e. contains the name or ways to set arbitrary names."""
    return bool(_INDIRECT.search(source)) or not set(_WORD.findall(source)).isdisjoint(names)


def _known(step: Step, parameters: Mapping[str, object]) -> dict[str, object]:
    """Return the values of all parameters: the given values, else those in the release."""
    lines = [node for node in ast.parse(step.source).body if isinstance(node, ast.Assign)]
    declared = {target.id: node for node in lines for target in node.targets if isinstance(target, ast.Name)}
    if unknown := sorted(parameters.keys() - declared.keys()):
        raise GradingError(f"the lesson has no parameter {', '.join(unknown)}; it declares "
                           f"{', '.join(sorted(declared))}", unknown=unknown)  # fmt: skip
    wrong = [name for name, value in parameters.items() if not isinstance(value, str | int | float)]
    if wrong:
        raise GradingError(f"the value of {', '.join(wrong)} is no text, number or truth value", wrong=wrong)
    return {name: ast.literal_eval(node.value) for name, node in declared.items()} | dict(parameters)


def _assignments(parameters: Mapping[str, object], between: str = "\n") -> str:
    return between.join(f"{name} = {value!r}" for name, value in parameters.items())
