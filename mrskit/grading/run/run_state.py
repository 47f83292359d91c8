"""The state of one notebook's run over all its kernels."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from mrskit.exercises.outcomes import Outcome
from mrskit.grading.intake import release
from mrskit.grading.intake.release import Step
from mrskit.grading.records import Given
from mrskit.grading.run import recording
from mrskit.grading.run.assembled_notebook import SET
from mrskit.grading.run.kernel_messages import DEAD, FLOOD, TIMEOUT, Seen
from mrskit.grading.run.limits import Limits
from mrskit.parameters import PARAMETERS

RESTARTS = 2  # of the kernel of one notebook
MOST_PICTURES, LARGEST_PICTURES = 12, 12_000_000  # of one notebook: number, characters as base64


@dataclass(slots=True)
class RunState:
    """The state of a run over all its kernels."""

    lesson: str
    given: dict[str, Given] = field(default_factory=dict)
    shown: dict[str, tuple[str, int]] = field(default_factory=dict)  # exercise -> text, number of pictures
    pictures: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    ended: str = ""  # why no cell runs any more, in words
    end: float = math.inf  # when the time of the notebook is up
    reached: int = 0  # cells of which everything is noted; they run again only for what they define
    left_out: set[int] = field(default_factory=set)  # cells that do not run again
    stopped: dict[int, str] = field(default_factory=dict)  # cells of the release that stopped with an error: which
    broken: tuple[int, Step, Seen] | None = None  # behind this cell the kernel is of no more use
    restarts: int = 0
    changed: set[str] = field(default_factory=set)  # parameters that code of the learner has set

    def follow(self, place: int, step: Step, seen: Seen, out_of_time: bool, limits: Limits) -> None:
        """Record the results of a cell that ran for the first time, and whether the kernel can continue."""
        late = seen.state in (TIMEOUT, FLOOD)
        if seen.state == TIMEOUT and out_of_time:
            self.ended = "the time of the notebook was up"
        elif seen.state == DEAD or seen.quits or (late and seen.error is None):
            self.broken = place, step, seen
        if late and step.handed_in:
            self.left_out.add(place)  # it would take or show too much again
        if step.id == SET:
            self.changed |= set(seen.text.split()) & set(PARAMETERS)
        elif place >= self.reached:
            self.reached = place + 1
            self._note(step, seen, limits)
            if (seen.error or self.broken) and not step.handed_in and not step.exercise:
                error = ": ".join(seen.error or ("the kernel ended",))
                self.stopped[place] = recording.readable(f"{release.label(step)}: {error:.200}")

    def _note(self, step: Step, seen: Seen, limits: Limits) -> None:
        if step.handed_in:
            others = recording.exercises(seen, self.lesson) - {step.exercise}
            for name in (*filter(None, [step.exercise]), *sorted(others)):
                new = recording.given(name, seen)
                if new.outcome == Outcome.RECORDED or name not in self.given:  # the last one that is answered counts
                    self.given[name] = new
            if step.exercise:
                self._keep_shown(step.exercise, seen)
            if others:
                self.notes.append(f"{', '.join(sorted(others))}: handed in by {recording.named(step)}, which counts")
        elif seen.records and not step.exercise:
            self.notes.append(f"an answer came from a cell that is none ({recording.named(step)}); it does not count")
        said = {
            "a cell took too long": seen.state == TIMEOUT,
            f"a cell was stopped: it showed more than {limits.output / 1e6:.0f} MB":
                seen.state == FLOOD,
            f"{seen.cut / 1e6:.1f} MB of output were not kept": seen.cut > 0,
        }  # fmt: skip
        self.notes += [f"{text} ({recording.named(step)})" for text, true in said.items() if true]

    def excuse(self, steps: Sequence[Step], text: str) -> None:
        """Prevent a loss of points caused by a course cell that fails by itself."""
        for step in steps:
            given = self.given.get(step.exercise)
            if given is not None and given.outcome in (Outcome.ERROR, Outcome.NOT_REACHED) and not given.detail:
                self.given[step.exercise] = replace(given, detail=f"a cell of the course fails by itself: {text}")

    def _keep_shown(self, name: str, seen: Seen) -> None:
        room = MOST_PICTURES - len(self.pictures)
        new = seen.pictures[:room]
        if sum(map(len, [*self.pictures, *new])) > LARGEST_PICTURES:
            new = []
        text = seen.text + (f"{seen.error[0]}: {seen.error[1]}" if seen.error else "")
        self.shown[name] = (recording.readable(text)[: recording.LONGEST_TEXT], len(new))
        self.pictures += new

    def goes_on(self, steps: Sequence[Step], left: Mapping) -> bool:
        """Record why a kernel became unusable; return whether the notebook continues without the cause."""
        if left.get("out_of_memory"):
            self.notes.append("the notebook went over its memory; processes of it were ended")
        if left.get("out_of_processes"):
            self.notes.append("the notebook went over its number of processes")
        if self.broken is None:
            return False
        place, step, seen = self.broken
        why = recording.why_broken(seen, left)
        if step.exercise and self.given.get(step.exercise) == recording.ended(step.exercise):
            self.given[step.exercise] = recording.ended(step.exercise, why)
        # What a cell leaves behind may end the kernel later, in a cell of the course: blame the last learner's cell.
        earlier = (n for n in range(place - 1, -1, -1) if steps[n].handed_in and n not in self.left_out)
        cause = place if step.handed_in else next(earlier, None)
        if cause is None or self.restarts == RESTARTS or time.monotonic() >= self.end:
            self.ended = self.ended or f"{why} in an earlier cell"
            return False
        self.restarts += 1
        self.left_out.add(cause)
        numbers = [sum(item.id != SET for item in steps[: n + 1]) for n in (place, cause)]
        self.notes.append(
            f"kernel started again after cell {numbers[0]} ({recording.named(step)}): {why}; left out: "
            f"cell {numbers[1]} ({recording.named(steps[cause])})"
        )
        return True

    def settle(self, steps: Sequence[Step], left: Mapping) -> None:
        """Mark the cells that the run did not reach."""
        if self.changed:
            names = ", ".join(sorted(self.changed))
            self.notes.append(f"code of the learner sets {names}; cells of the course run with the grader's value")
        if self.ended:
            self.notes.append(f"not run to its end: {self.ended}")
        for step in steps:
            if step.exercise and step.exercise not in self.given:
                reached = Outcome.NOT_REACHED if step.handed_in else Outcome.MISSING
                self.given[step.exercise] = Given(step.exercise, reached, message=self.ended if step.handed_in else "")
        if "products" not in left:
            self.notes.append("what the notebook made could not be looked at")
