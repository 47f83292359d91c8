"""
One submission run in the sandbox: what it has handed in, made and shown becomes a record.

A cell that ends its kernel, or cannot be stopped, costs what it hands in itself: in a new kernel all cells before it
run again without it, nothing of them is noted a second time, and the notebook goes on. The probes stay the same.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from mrskit import card as cards
from mrskit.answers import MODE, PARAMETERS
from mrskit.card import CARD
from mrskit.course import index
from mrskit.exercises import public_view
from mrskit.exercises.outcomes import Outcome
from mrskit.exercises.probes import VARIABLE
from mrskit.grading.intake import release
from mrskit.grading.intake.release import Step
from mrskit.grading.key import told
from mrskit.grading.records import Given, Record, Submission, Timing
from mrskit.grading.run import kernel_messages, recording
from mrskit.grading.run.assembled_notebook import SET, grafted
from mrskit.grading.run.kernels import MODULES, Kernel, Kernels
from mrskit.grading.run.limits import Limits
from mrskit.grading.run.sandbox import backends, mounts
from mrskit.grading.run.sandbox.mounts import DATA
from mrskit.grading.run.sandbox.order import SCRATCH
from mrskit.workspace import Workspace

RESTARTS = 2  # of the kernel of one notebook
PUBLIC_VIEW = "exercises.json"  # in a notebook's workspace
MOST_PICTURES, LARGEST_PICTURES = 12, 12_000_000  # of one notebook: number, characters as base64


@dataclass(slots=True)
class _Run:
    """What is known so far."""

    given: dict[str, Given] = field(default_factory=dict)
    shown: dict[str, tuple[str, int]] = field(default_factory=dict)  # exercise -> text, number of pictures
    pictures: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    ended: str = ""  # why no cell runs any more, in words
    end: float = math.inf  # when the time of the notebook is up
    reached: int = 0  # cells of which everything is noted; they run again only for what they define
    left_out: set[int] = field(default_factory=set)  # cells that do not run again
    stopped: dict[int, str] = field(default_factory=dict)  # cells of the release that stopped with an error: which
    broken: tuple[int, Step, kernel_messages.Seen] | None = None  # behind this cell the kernel is of no more use
    restarts: int = 0
    changed: set[str] = field(default_factory=set)  # parameters that code of the learner has set


class Runner:
    """
    Runs submissions on the data of an instructor's workspace; a context manager that may be used by several threads.

    Parameters
    ----------
    key : Workspace
        Of its folders ``Source``, ``Background``, ``Ramp`` and the references are seen inside, nothing else.
    limits : Limits, optional
        Of every notebook.
    trust : bool
        Take also a weak sandbox: see `mrskit.grading.run.sandbox.backends.best`.
    warm : bool
        Fork kernels from a process that has imported everything.
    backend : Backend, optional
        By default the best one.
    preload : sequence of str
        What that process imports.

    Raises
    ------
    SandboxError
        If there is no sandbox that is strong enough, or the workspace lies where every notebook would see it.
    """

    def __init__(
        self, key: Workspace, limits: Limits | None = None, trust: bool = False, warm: bool = True,
        backend: backends.Backend | None = None, preload: Sequence[str] = MODULES,
    ) -> None:  # fmt: skip
        self.limits = limits or Limits()
        seen = mounts.needed(key)
        self.backend = backend or backends.best(seen, trust)
        self._links = links(key)
        self._texts = {CARD: cards.text(told(key))} if key.has_card else {}
        self._kernels = Kernels(self.backend, seen, self.limits, warm, preload)
        self._failing: dict[str, dict[int, str]] = {}

    def __enter__(self) -> Runner:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End everything that was started."""
        self._kernels.close()

    @property
    def isolation(self) -> str:
        """The level of isolation, as records name it."""
        return self.backend.level

    @property
    def memory_by_group(self) -> bool:
        """Whether the cap on memory holds for a notebook as a whole; else it holds for each of its processes."""
        return self._kernels.memory_by_group

    def run(
        self, submission: Submission, seed: int, parameters: Mapping[str, object], digest: str = ""
    ) -> tuple[Record, Timing]:
        """
        Run a submission and return its record, and what that has cost.

        Parameters
        ----------
        submission : Submission
            One without a problem.
        seed : int
            Of the probes.
        parameters : mapping
            Values of the lesson's parameters; ``workspace`` and ``scheduler`` are set here.
        digest : str
            Content address that the record is to carry.

        Raises
        ------
        SandboxError
            If no kernel could be started: this is not the learner's fault.
        """
        start, state, going = time.monotonic(), _Run(), True
        while going:
            steps, left = self._once(submission, seed, parameters, state)
            going = _goes_on(state, steps, left)
        _settle(state, steps, left)
        if state.stopped:
            self._own_failures(state, steps, submission, seed, parameters)
        record = Record(
            digest, submission.lesson, self.isolation, recording.in_order(state.given, submission.lesson), seed,
            recording.products(left.get("products", ())),
            recording.shown(state.shown, len(state.pictures), left.get("pictures", ())), tuple(state.notes),
        )  # fmt: skip
        return record, Timing(round(time.monotonic() - start, 3), float(left.get("peak", 0)), self._kernels.warm)

    def _once(
        self, submission: Submission, seed: int, parameters: Mapping[str, object], state: _Run
    ) -> tuple[tuple[Step, ...], dict]:
        """Run a notebook in a new kernel as far as it goes; return its cells and what it has left."""
        asked = public_view.write(index.lesson_exercises(submission.lesson), seed)
        variables = {MODE: "grade", VARIABLE: str(seed), public_view.VARIABLE: f"{SCRATCH}/{PUBLIC_VIEW}"}
        kernel = self._kernels.start(self._links, self._texts | {PUBLIC_VIEW: asked}, variables)
        try:
            steps = grafted(submission, {**parameters, "workspace": kernel.scratch, "scheduler": "none"})
            self._run(kernel, steps, submission.lesson, state)
            return steps, kernel.end(state.pictures)
        finally:
            kernel.kill()

    def _run(self, kernel: Kernel, steps: Sequence[Step], lesson: str, state: _Run) -> None:
        state.end, state.broken = min(state.end, time.monotonic() + self.limits.notebook), None
        blank = {step.exercise: step for step in release.release(lesson)}
        with kernel_messages.Talk(kernel.folder, kernel.key, self.limits) as talk:
            if not talk.greet(kernel.channel.fileno()):
                state.ended = "the kernel did not answer"
            for place, step in enumerate(steps):
                if state.ended or state.broken:
                    break
                if place in state.left_out and (step := blank.get(step.exercise or None)) is None:
                    continue
                room = min(self.limits.cell, state.end - time.monotonic())
                seen = talk.run(step.source, max(room, 0.0), kernel.channel.fileno(), kernel.interrupt,
                                unseen=not step.handed_in)  # fmt: skip
                self._follow(state, place, step, seen, out_of_time=room < self.limits.cell)

    def _follow(self, state: _Run, place: int, step: Step, seen: kernel_messages.Seen, out_of_time: bool) -> None:
        """Note what a cell has left, if it ran for the first time, and whether the kernel can go on."""
        late = seen.state in (kernel_messages.TIMEOUT, kernel_messages.FLOOD)
        if seen.state == kernel_messages.TIMEOUT and out_of_time:
            state.ended = "the time of the notebook was up"
        elif seen.state == kernel_messages.DEAD or seen.quits or (late and seen.error is None):
            state.broken = place, step, seen
        if late and step.handed_in:
            state.left_out.add(place)  # it would take or show too much again
        if step.id == SET:
            state.changed |= set(seen.text.split()) & set(PARAMETERS)
        elif place >= state.reached:
            state.reached = place + 1
            self._note(state, step, seen)
            if (seen.error or state.broken) and not step.handed_in and not step.exercise:
                error = ": ".join(seen.error or ("the kernel ended",))
                state.stopped[place] = recording.readable(f"{release.label(step)}: {error:.200}")

    def _note(self, state: _Run, step: Step, seen: kernel_messages.Seen) -> None:
        if step.exercise and step.handed_in:
            state.given[step.exercise] = recording.given(step.exercise, seen)
            self._keep_shown(state, step.exercise, seen)
        elif seen.records and not step.exercise:
            state.notes.append(f"an answer came from a cell that is none ({recording.named(step)}); it does not count")
        said = {
            "a cell took too long": seen.state == kernel_messages.TIMEOUT,
            f"a cell was stopped: it showed more than {self.limits.output / 1e6:.0f} MB":
                seen.state == kernel_messages.FLOOD,
            f"{seen.cut / 1e6:.1f} MB of output were not kept": seen.cut > 0,
        }  # fmt: skip
        state.notes += [f"{text} ({recording.named(step)})" for text, true in said.items() if true]

    def _own_failures(
        self, state: _Run, steps: Sequence[Step], submission: Submission, seed: int, parameters: Mapping[str, object]
    ) -> None:
        """Tell cells of the course that fail by themselves from those that fail behind a learner's code."""
        if submission.lesson not in self._failing:
            alone = _Run()
            shipped, _ = self._once(Submission("", submission.lesson, "", ""), seed, parameters, alone)
            self._failing[submission.lesson] = {shipped[place].id: text for place, text in alone.stopped.items()}
        failing = self._failing[submission.lesson]
        for place, text in state.stopped.items():
            if steps[place].id in failing:
                self._excuse(state, steps[place:], text)
        texts = [text for place, text in state.stopped.items() if steps[place].id not in failing]
        if texts:
            more = f" (and {len(texts) - 1} more)" if texts[1:] else ""
            state.notes.append(f"after code of the learner a cell of the course failed{more}: {texts[0]}")

    @staticmethod
    def _excuse(state: _Run, steps: Sequence[Step], text: str) -> None:
        """Let no point be lost for what a cell of the course causes that fails by itself."""
        for step in steps:
            given = state.given.get(step.exercise)
            if given is not None and given.outcome in (Outcome.ERROR, Outcome.NOT_REACHED) and not given.detail:
                state.given[step.exercise] = replace(given, detail=f"a cell of the course fails by itself: {text}")

    def _keep_shown(self, state: _Run, name: str, seen: kernel_messages.Seen) -> None:
        room = MOST_PICTURES - len(state.pictures)
        new = seen.pictures[:room]
        if sum(map(len, [*state.pictures, *new])) > LARGEST_PICTURES:
            new = []
        text = seen.text + (f"{seen.error[0]}: {seen.error[1]}" if seen.error else "")
        state.shown[name] = (recording.readable(text)[: recording.LONGEST_TEXT], len(new))
        state.pictures += new


def links(key: Workspace) -> dict[str, str]:
    """Return the links of a notebook's workspace to the files of the instructor's: data, products, their records."""
    found = {}
    for name in DATA:
        for path in sorted((key.root / name).rglob("*")):
            inside = path.relative_to(key.root)
            if (
                path.is_file()
                and path.suffix != ".lock"
                and not any(part.startswith(".writing") for part in inside.parts)
            ):
                found[inside.as_posix()] = str(path.absolute())
    return found


def _goes_on(state: _Run, steps: Sequence[Step], left: dict) -> bool:
    """Note why a kernel was of no more use; return whether the notebook goes on in another one, without the cause."""
    if left.get("out_of_memory"):
        state.notes.append("the notebook went over its memory; processes of it were ended")
    if left.get("out_of_processes"):
        state.notes.append("the notebook went over its number of processes")
    if state.broken is None:
        return False
    place, step, seen = state.broken
    why = recording.why_broken(seen, left)
    if step.exercise and state.given.get(step.exercise) == recording.ended(step.exercise):
        state.given[step.exercise] = recording.ended(step.exercise, why)
    # What a cell leaves behind may end the kernel later, in a cell of the course: the last learner's cell is to blame.
    earlier = (n for n in range(place - 1, -1, -1) if steps[n].handed_in and n not in state.left_out)
    cause = place if step.handed_in else next(earlier, None)
    if cause is None or state.restarts == RESTARTS or time.monotonic() >= state.end:
        state.ended = state.ended or f"{why} in an earlier cell"
        return False
    state.restarts += 1
    state.left_out.add(cause)
    numbers = [sum(item.id != SET for item in steps[: n + 1]) for n in (place, cause)]
    state.notes.append(
        f"kernel started again after cell {numbers[0]} ({recording.named(step)}): {why}; left out: "
        f"cell {numbers[1]} ({recording.named(steps[cause])})"
    )
    return True


def _settle(state: _Run, steps: Sequence[Step], left: dict) -> None:
    """Fill in what only the end of the run tells: cells that were not reached."""
    if state.changed:
        names = ", ".join(sorted(state.changed))
        state.notes.append(f"code of the learner sets {names}; cells of the course run with the grader's value")
    if state.ended:
        state.notes.append(f"not run to its end: {state.ended}")
    for step in steps:
        if step.exercise and step.exercise not in state.given:
            reached = Outcome.NOT_REACHED if step.handed_in else Outcome.MISSING
            state.given[step.exercise] = Given(step.exercise, reached, message=state.ended if step.handed_in else "")
    if "products" not in left:
        state.notes.append("what the notebook made could not be looked at")
