"""
The run of one submission in the sandbox: its answers, products and outputs become a record.

A cell that ends its kernel, or cannot be stopped, loses only its own answer. All earlier cells run again in a new
kernel, without new records, and the notebook continues. The probes stay the same.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager

from mrskit import card as cards
from mrskit.answers import MODE
from mrskit.card import CARD
from mrskit.course import index
from mrskit.exercises import public_view
from mrskit.exercises.probes import VARIABLE
from mrskit.grading.intake import release
from mrskit.grading.intake.release import Step
from mrskit.grading.key import told
from mrskit.grading.records import Record, Submission, Timing
from mrskit.grading.run import kernel_messages, recording
from mrskit.grading.run.assembled_notebook import grafted
from mrskit.grading.run.kernels import MODULES, Kernel, Kernels
from mrskit.grading.run.limits import Limits
from mrskit.grading.run.run_state import RunState
from mrskit.grading.run.sandbox import backends, mounts
from mrskit.grading.run.sandbox.mounts import DATA
from mrskit.grading.run.sandbox.order import SCRATCH
from mrskit.workspace import Workspace

PUBLIC_VIEW = "exercises.json"  # in a notebook's workspace


class Runner(AbstractContextManager["Runner"]):
    """
    Runs submissions on the data of an instructor's workspace; a context manager that may be used by several threads.

    Notebooks see only the workspace's folders ``Source``, ``Background``, ``Ramp`` and the references. ``trust`` allows
    a weak sandbox; ``preload`` names the imports of the process from which kernels are forked. SandboxError without a
    strong sandbox, or if the workspace is in a place that every notebook sees.
    """

    def __init__(
        self, key: Workspace, limits: Limits | None = None, trust: bool = False,
        backend: backends.Backend | None = None, preload: Sequence[str] = MODULES,
    ) -> None:  # fmt: skip
        self.limits = limits or Limits()
        seen = mounts.needed(key)
        self.backend = backend or backends.best(seen, trust)
        self.isolation = self.backend.level  # as records name it
        self._links = links(key)
        self._texts = {CARD: cards.text(told(key))} if key.has_card else {}
        self._kernels = Kernels(self.backend, seen, self.limits, preload)
        self.memory_by_group = self._kernels.memory_by_group
        self._failing: dict[str, dict[str, str]] = {}

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End all kernels."""
        self._kernels.close()

    def run(
        self, submission: Submission, seed: int, parameters: Mapping[str, object], digest: str = ""
    ) -> tuple[Record, Timing]:
        """
        Run a submission and return its record and its cost.

        ``submission``: a submission without a problem; ``seed``: seed of the probes; ``parameters``: values of the
        lesson's parameters; ``workspace`` and ``scheduler`` are set here; ``digest``: content address for the record.
        SandboxError if no kernel could be started, which is not the learner's fault.
        """
        start, state, going = time.monotonic(), RunState(submission.lesson), True
        while going:
            steps, left = self._once(submission, seed, parameters, state)
            going = state.goes_on(steps, left)
        state.settle(steps, left)
        if state.stopped:
            self._own_failures(state, steps, submission, seed, parameters)
        record = Record(
            digest, submission.lesson, self.isolation, recording.in_order(state.given, submission.lesson), seed,
            recording.products(left.get("products", ())),
            recording.shown(state.shown, len(state.pictures), left.get("pictures", ())), tuple(state.notes),
        )  # fmt: skip
        return record, Timing(round(time.monotonic() - start, 3), float(left.get("peak", 0)), self.backend.nested)

    def _once(
        self, submission: Submission, seed: int, parameters: Mapping[str, object], state: RunState
    ) -> tuple[tuple[Step, ...], dict]:
        """Run a notebook in a new kernel as far as possible; return its cells and results."""
        asked = public_view.write(index.lesson_exercises(submission.lesson), seed)
        variables = {MODE: "grade", VARIABLE: str(seed), public_view.VARIABLE: f"{SCRATCH}/{PUBLIC_VIEW}"}
        kernel = self._kernels.start(self._links, self._texts | {PUBLIC_VIEW: asked}, variables, submission.files)
        try:
            steps = grafted(submission, {**parameters, "workspace": kernel.scratch, "scheduler": "none"})
            self._run(kernel, steps, submission.lesson, state)
            return steps, kernel.end(state.pictures)
        finally:
            kernel.kill()

    def _run(self, kernel: Kernel, steps: Sequence[Step], lesson: str, state: RunState) -> None:
        state.end, state.broken = min(state.end, time.monotonic() + self.limits.notebook), None
        blank = {step.exercise: step for step in release.release(lesson) if step.exercise}
        with kernel_messages.Talk(kernel.folder, kernel.key, self.limits) as talk:
            if not talk.greet(kernel.channel.fileno()):
                state.ended = "the kernel did not answer"
            for place, step in enumerate(steps):
                if state.ended or state.broken:
                    break
                if place in state.left_out and step.exercise not in blank:
                    continue
                step = blank[step.exercise] if place in state.left_out else step
                room = min(self.limits.cell, state.end - time.monotonic())
                seen = talk.run(step.source, max(room, 0.0), kernel.channel.fileno(), kernel.interrupt,
                                unseen=not step.handed_in)  # fmt: skip
                state.follow(place, step, seen, room < self.limits.cell, self.limits)

    def _own_failures(
        self, state: RunState, steps: Sequence[Step], submission: Submission, seed: int, parameters: Mapping[str,
        object],
    ) -> None:  # fmt: skip
        """Distinguish course cells that fail by themselves from cells that fail after a learner's code."""
        asked = f"{submission.lesson} {sorted(parameters.items())}"
        if asked not in self._failing:
            alone = RunState(submission.lesson)
            shipped, _ = self._once(Submission("", submission.lesson, "", ""), seed, parameters, alone)
            self._failing[asked] = {shipped[place].id: text for place, text in alone.stopped.items()}
        failing = self._failing[asked]
        for place, text in state.stopped.items():
            if steps[place].id in failing:
                state.excuse(steps[place:], text)
        texts = [text for place, text in state.stopped.items() if steps[place].id not in failing]
        if texts:
            more = f" (and {len(texts) - 1} more)" if texts[1:] else ""
            state.notes.append(f"after code of the learner a cell of the course failed{more}: {texts[0]}")


def links(key: Workspace) -> dict[str, str]:
    """Return the links from a notebook's workspace to the instructor's data, products and records."""
    found = {}
    for name in DATA:
        for path in sorted((key.root / name).rglob("*")):
            inside = path.relative_to(key.root)
            writing = any(part.startswith(".writing") for part in inside.parts)
            if path.is_file() and path.suffix != ".lock" and not writing:
                found[inside.as_posix()] = str(path.absolute())
    return found
