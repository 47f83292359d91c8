"""One submission run in the sandbox: what it has handed in, made and shown becomes a record."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mrskit import card as cards
from mrskit.answers import MODE
from mrskit.card import CARD
from mrskit.course import index
from mrskit.exercises import public_view
from mrskit.exercises.outcomes import Outcome
from mrskit.exercises.probes import VARIABLE
from mrskit.grading.intake.release import Step
from mrskit.grading.key import told
from mrskit.grading.records import Given, Record, Submission, Timing
from mrskit.grading.run import kernel_messages, recording
from mrskit.grading.run.assembled_notebook import grafted
from mrskit.grading.run.kernels import MODULES, Kernel, Kernels
from mrskit.grading.run.limits import Limits
from mrskit.grading.run.sandbox import backends, mounts
from mrskit.grading.run.sandbox.mounts import DATA
from mrskit.grading.run.sandbox.order import SCRATCH
from mrskit.workspace import Workspace

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
    last: str = ""  # exercise at which it ended
    fresh: bool = False  # the last cell may owe its failure to a limit that only the end will tell


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
        start = time.monotonic()
        asked = public_view.write(index.lesson_exercises(submission.lesson), seed)
        variables = {MODE: "grade", VARIABLE: str(seed), public_view.VARIABLE: f"{SCRATCH}/{PUBLIC_VIEW}"}
        kernel = self._kernels.start(self._links, self._texts | {PUBLIC_VIEW: asked}, variables)
        try:
            steps = grafted(submission, {**parameters, "workspace": kernel.scratch, "scheduler": "none"})
            state = self._run(kernel, steps, submission)
            left = kernel.end(state.pictures)
        finally:
            kernel.kill()
        _settle(state, steps, left)
        record = Record(
            digest, submission.lesson, self.isolation, recording.in_order(state.given, submission.lesson), seed,
            recording.products(left.get("products", ())),
            recording.shown(state.shown, len(state.pictures), left.get("pictures", ())), tuple(state.notes),
        )  # fmt: skip
        return record, Timing(round(time.monotonic() - start, 3), float(left.get("peak", 0)), self._kernels.warm)

    def _run(self, kernel: Kernel, steps: Sequence[Step], submission: Submission) -> _Run:
        state, end = _Run(), time.monotonic() + self.limits.notebook
        with kernel_messages.Talk(kernel.folder, kernel.key, self.limits) as talk:
            if not talk.greet(kernel.channel.fileno()):
                state.ended = "the kernel did not answer"
            for step in steps:
                if state.ended:
                    break
                room = min(self.limits.cell, end - time.monotonic())
                seen = talk.run(step.source, max(room, 0.0), kernel.channel.fileno(), kernel.interrupt,
                                unseen=not step.handed_in)  # fmt: skip
                self._note(state, step, seen, submission, out_of_time=room < self.limits.cell)
        return state

    def _note(
        self, state: _Run, step: Step, seen: kernel_messages.Seen, submission: Submission, out_of_time: bool
    ) -> None:  # fmt: skip
        """Note what a cell has left, and whether the notebook can go on."""
        state.last = step.exercise
        mine = step.exercise and step.exercise in submission.answers
        if mine:
            state.given[step.exercise] = recording.given(step.exercise, seen)
            self._keep_shown(state, step.exercise, seen)
        elif seen.records:
            state.notes.append(f"an answer came from a cell that is none ({recording.named(step)}); it does not count")
        if seen.state == kernel_messages.DEAD:
            state.ended, state.fresh = "the kernel ended in an earlier cell", True
        elif seen.state == kernel_messages.TIMEOUT and out_of_time:
            state.ended = "the time of the notebook was up"
        elif seen.state in (kernel_messages.TIMEOUT, kernel_messages.FLOOD) and seen.error is None:
            state.ended = "an earlier cell could not be stopped"
        said = {
            "a cell took too long": seen.state == kernel_messages.TIMEOUT,
            f"a cell was stopped: it showed more than {self.limits.output / 1e6:.0f} MB":
                seen.state == kernel_messages.FLOOD,
            f"{seen.cut / 1e6:.1f} MB of output were not kept": seen.cut > 0,
        }  # fmt: skip
        state.notes += [f"{text} ({recording.named(step)})" for text, true in said.items() if true]

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


def _settle(state: _Run, steps: Sequence[Step], left: dict) -> None:
    """Fill in what only the end of the run tells: limits that were met, cells that were not reached."""
    if left.get("out_of_memory"):
        state.notes.append("the notebook went over its memory; processes of it were ended")
        last = state.given.get(state.last)
        if state.fresh and last is not None and last.outcome == Outcome.ERROR:
            state.given[state.last] = Given(state.last, Outcome.LIMIT, message="The notebook went over its memory.")
    if left.get("out_of_processes"):
        state.notes.append("the notebook went over its number of processes")
    if state.ended:
        state.notes.append(f"not run to its end: {state.ended}")
    for step in steps:
        if step.exercise and step.exercise not in state.given:
            reached = Outcome.NOT_REACHED if step.handed_in else Outcome.MISSING
            state.given[step.exercise] = Given(step.exercise, reached, message=state.ended if step.handed_in else "")
    if "products" not in left:
        state.notes.append("what the notebook made could not be looked at")
