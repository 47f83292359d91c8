"""The notebook that is run: the release as skeleton, and in it a learner's answers and own cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from mrskit.errors import GradingError
from mrskit.grading.intake import release
from mrskit.grading.intake.release import Step
from mrskit.grading.records import Submission

_NAME_OF = "injected-parameters"  # id of the cell that follows the parameters


def grafted(submission: Submission, parameters: Mapping[str, object]) -> tuple[Step, ...]:
    """
    Return the cells to run: of the release, with a submission's answers in the place of its own.

    Where the submission has no cell for an exercise, the release's own runs, so that later cells find its names; it
    counts as missing all the same.

    Parameters
    ----------
    submission : Submission
        One without a problem.
    parameters : mapping
        Values of the lesson's parameters, set in a cell of their own behind the release's. They come from the
        instructor: of a submission neither parameters nor tags are used.

    Raises
    ------
    GradingError
        If the lesson has no such parameter, or a value is no plain text, number or truth value.
    """
    own: dict[str, list[str]] = {}
    for cell in submission.own:
        own.setdefault(cell.after, []).append(cell.source)
    steps = [Step("", source, handed_in=True) for source in own.get("", ())]
    for step in release.release(submission.lesson):
        if step.exercise in submission.answers:
            step = replace(step, source=submission.answers[step.exercise], handed_in=True)
        steps.append(step)
        if step.parameters and parameters:
            steps.append(Step(_NAME_OF, _assignments(step, parameters)))
        steps += [Step("", source, handed_in=True) for source in own.get(step.id, ())]
    return tuple(steps)


def _assignments(step: Step, parameters: Mapping[str, object]) -> str:
    declared = {line.split("=")[0].strip() for line in step.source.splitlines() if "=" in line}
    if unknown := sorted(parameters.keys() - declared):
        raise GradingError(f"the lesson has no parameter {', '.join(unknown)}; it declares "
                           f"{', '.join(sorted(declared))}", unknown=unknown)  # fmt: skip
    wrong = [name for name, value in parameters.items() if not isinstance(value, str | int | float)]
    if wrong:
        raise GradingError(f"the value of {', '.join(wrong)} is no text, number or truth value", wrong=wrong)
    return "\n".join(f"{name} = {value!r}" for name, value in parameters.items())
