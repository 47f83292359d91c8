"""One submission run in the sandbox: what it has handed in, made and shown becomes a record."""

from __future__ import annotations

import json
import time
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mrskit.answers import MODE
from mrskit.errors import AnswerError
from mrskit.exercises import faces, index
from mrskit.exercises.codec import LIMIT, decode, encode
from mrskit.exercises.probes import VARIABLE
from mrskit.grading import wire
from mrskit.grading.graft import Step, grafted
from mrskit.grading.handout import told
from mrskit.grading.kernels import Kernel, Kernels
from mrskit.grading.limits import Limits
from mrskit.grading.records import NOT_ANSWERED, RECORDED, Given, ProductFacts, Record, Shown, Submission, Timing
from mrskit.grading.sandbox import backends, mounts
from mrskit.grading.sandbox.mounts import DATA
from mrskit.grading.sandbox.order import SCRATCH
from mrskit.workspace import CARD, Workspace

FACES = "exercises.json"  # in a notebook's workspace
LONGEST_TEXT = 2000  # characters that are kept of what a cell shows
LONGEST_MESSAGE = 300
MOST_PICTURES, LARGEST_PICTURES = 12, 12_000_000  # of one notebook: number, characters as base64
_FULL = ("No space left on device", "File too large", "Too many open files", "Resource temporarily unavailable",
         "can't start new thread", "Disk quota exceeded")  # fmt: skip


@dataclass(slots=True)
class _Run:
    """What is known so far."""

    given: dict[str, Given] = field(default_factory=dict)
    shown: dict[str, tuple[str, int]] = field(default_factory=dict)  # exercise -> text, number of pictures
    pictures: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    size: int = 0  # bytes shown
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
        Take also a weak sandbox: see `mrskit.grading.sandbox.backends.best`.
    warm : bool
        Fork kernels from a process that has imported everything.
    backend : Backend, optional
        By default the best one.

    Raises
    ------
    SandboxError
        If there is no sandbox that is strong enough, or the workspace lies where every notebook would see it.
    """

    def __init__(
        self, key: Workspace, limits: Limits | None = None, trust: bool = False, warm: bool = True,
        backend: backends.Backend | None = None,
    ) -> None:  # fmt: skip
        self.limits = limits or Limits()
        seen = mounts.needed(key)
        self.backend = backend or backends.best(seen, trust)
        self._links = links(key)
        self._texts = {CARD: json.dumps(told(key), indent=2)} if (key.root / CARD).is_file() else {}
        self._kernels = Kernels(self.backend, seen, self.limits, warm)

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
        asked = faces.write(index.lesson_exercises(submission.lesson), seed)
        variables = {MODE: "grade", VARIABLE: str(seed), faces.VARIABLE: f"{SCRATCH}/{FACES}"}
        kernel = self._kernels.start(self._links, self._texts | {FACES: asked}, variables)
        try:
            steps = grafted(submission, {**parameters, "workspace": kernel.scratch, "scheduler": "none"})
            state = self._run(kernel, steps, submission)
            left = kernel.end(state.pictures)
        finally:
            kernel.kill()
        _settle(state, steps, left)
        record = Record(
            digest, submission.lesson, self.isolation, _in_order(state.given, submission.lesson), seed,
            _products(left.get("products", ())), _shown(state, left.get("pictures", ())), tuple(state.notes),
        )  # fmt: skip
        return record, Timing(round(time.monotonic() - start, 3), float(left.get("peak", 0)), self._kernels.warm)

    def _run(self, kernel: Kernel, steps: Sequence[Step], submission: Submission) -> _Run:
        state, end = _Run(), time.monotonic() + self.limits.notebook
        with wire.Talk(kernel.folder, kernel.key, self.limits) as talk:
            if not talk.greet(kernel.channel.fileno()):
                state.ended = "the kernel did not answer"
            for step in steps:
                if state.ended:
                    break
                room = min(self.limits.cell, end - time.monotonic())
                seen = talk.run(step.source, max(room, 0.0), kernel.channel.fileno(), kernel.interrupt)
                self._note(state, step, seen, submission, out_of_time=room < self.limits.cell)
        return state

    def _note(
        self, state: _Run, step: Step, seen: wire.Seen, submission: Submission, out_of_time: bool
    ) -> None:  # fmt: skip
        """Note what a cell has left, and whether the notebook can go on."""
        state.size += seen.size
        state.last = step.exercise
        mine = step.exercise and step.exercise in submission.answers
        if mine:
            state.given[step.exercise] = _given(step.exercise, seen)
            self._keep_shown(state, step.exercise, seen)
        elif seen.records:
            state.notes.append(f"an answer came from a cell that is none ({_named(step)}); it does not count")
        if seen.state == wire.DEAD:
            state.ended, state.fresh = "the kernel ended in an earlier cell", True
        elif seen.state == wire.FLOOD or state.size > self.limits.output:
            state.ended = "an earlier cell showed more than is allowed"
            state.notes.append(f"output stopped at {state.size / 1e6:.0f} MB ({_named(step)})")
        elif seen.state == wire.TIMEOUT and (out_of_time or seen.error is None):
            state.ended = "the time of the notebook was up" if out_of_time else "an earlier cell could not be stopped"
        if seen.state == wire.TIMEOUT:
            state.notes.append(f"a cell took too long ({_named(step)})")

    def _keep_shown(self, state: _Run, name: str, seen: wire.Seen) -> None:
        room = MOST_PICTURES - len(state.pictures)
        new = seen.pictures[:room]
        if sum(map(len, [*state.pictures, *new])) > LARGEST_PICTURES:
            new = []
        text = seen.text + (f"{seen.error[0]}: {seen.error[1]}" if seen.error else "")
        state.shown[name] = (readable(text)[:LONGEST_TEXT], len(new))
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


def readable(text: str) -> str:
    """Return a text without the codes that colour terminals, and without characters that are not shown."""
    parts = text.split("\x1b[")
    plain = parts[0] + "".join(part.lstrip("0123456789;?")[1:] for part in parts[1:])
    return "".join(letter for letter in plain if letter in "\n\t" or unicodedata.category(letter)[0] != "C")


def _given(name: str, seen: wire.Seen) -> Given:
    """Return what the cell of an exercise has handed in: its last record counts."""
    if seen.records:
        mine = [record for record in seen.records if isinstance(record, dict) and record.get("id") == name]
        return _recorded(name, (mine or seen.records)[-1])
    message = readable(f"{seen.error[0]}: {seen.error[1]}")[:LONGEST_MESSAGE] if seen.error else ""
    if seen.state == wire.TIMEOUT:
        return Given(name, "timeout", message="The cell was stopped: it took too long.")
    if seen.state == wire.FLOOD or seen.lost:
        return Given(name, "limit", message="The cell showed more than is allowed.")
    if seen.state == wire.DEAD:
        return Given(name, "error", message="The kernel ended in this cell.")
    if seen.error is None:
        return Given(name, NOT_ANSWERED)
    full = seen.error[0] == "MemoryError" or any(text in seen.error[1] for text in _FULL)
    return Given(name, "limit" if full else "error", message=message)


def _recorded(name: str, record: object) -> Given:
    try:
        if not isinstance(record, dict) or record.get("id") != name:
            raise AnswerError("it belongs to another exercise")
        if len(json.dumps(record)) > LIMIT:
            raise AnswerError(f"it has more than {LIMIT} bytes")
        answer = decode(record)
        if answer.kind != index.exercise(name).kind:
            raise AnswerError(f"it is a {answer.kind}, expected a {index.exercise(name).kind}")
        clean = encode(answer)
    except (AnswerError, RecursionError, ValueError, TypeError, OverflowError) as error:
        return Given(name, "invalid record", message=readable(str(error))[:LONGEST_MESSAGE])
    return Given(name, RECORDED if clean["value"] is not None else NOT_ANSWERED, clean)


def _settle(state: _Run, steps: Sequence[Step], left: dict) -> None:
    """Fill in what only the end of the run tells: limits that were met, cells that were not reached."""
    if left.get("out_of_memory"):
        state.notes.append("the notebook went over its memory; processes of it were ended")
        last = state.given.get(state.last)
        if state.fresh and last is not None and last.outcome == "error":
            state.given[state.last] = Given(state.last, "limit", message="The notebook went over its memory.")
    if left.get("out_of_processes"):
        state.notes.append("the notebook went over its number of processes")
    if state.ended:
        state.notes.append(f"not run to its end: {state.ended}")
    for step in steps:
        if step.exercise and step.exercise not in state.given:
            reached = "not reached" if step.handed_in else "missing"
            state.given[step.exercise] = Given(step.exercise, reached, message=state.ended if step.handed_in else "")
    if "products" not in left:
        state.notes.append("what the notebook made could not be looked at")


def _in_order(given: dict[str, Given], lesson: str) -> tuple[Given, ...]:
    return tuple(given[exercise.id] for exercise in index.lesson_exercises(lesson) if exercise.id in given)


def _products(found: object) -> tuple[ProductFacts, ...]:
    """Return the facts of a reader, which was in the sandbox: checked as what strangers say."""
    facts = []
    for item in found if isinstance(found, list) else ():
        try:
            shape = tuple(int(n) for n in item.get("shape", ())[:8])
            header = {str(key)[:16]: value if isinstance(value, bool | int | float) else str(value)[:80]
                      for key, value in list(item.get("header", {}).items())[:200]}  # fmt: skip
            values = {str(key)[:16]: float(value) for key, value in list(item.get("values", {}).items())[:20]}
            facts.append(ProductFacts(readable(str(item["path"]))[:200], readable(str(item["kind"]))[:32],
                                      readable(str(item["problem"]))[:200], shape, header, values))  # fmt: skip
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
            continue
    return tuple(facts)


def _shown(state: _Run, pictures: object) -> tuple[Shown, ...]:
    clean = [item if isinstance(item, str) and item.isascii() else "" for item in pictures] if pictures else []
    clean += [""] * (len(state.pictures) - len(clean))
    shown, start = [], 0
    for name, (text, count) in state.shown.items():
        mine = tuple(filter(None, clean[start : start + count]))
        start += count
        if text or mine:
            shown.append(Shown(name, text, mine))
    return tuple(shown)


def _named(step: Step) -> str:
    return step.exercise or ("a cell of the learner's own" if step.handed_in else "a cell of the release")
