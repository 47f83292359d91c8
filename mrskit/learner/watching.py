"""Judge notebooks when they are saved: handle file changes and keys, and print results and a one-line prompt."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import queue
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from rich.console import Console

from mrskit.answering import answer_files
from mrskit.answering.scorecard import Row, Scorecard
from mrskit.errors import MrskitError
from mrskit.exercises.outcomes import Outcome
from mrskit.kept import digests
from mrskit.learner import progress, tables
from mrskit.workspace import Workspace

PROMPT = "h:hint / l:list / c:check all / x:reset / q:quit"
LIST_PROMPT = "a:all / d:done / p:pending / b:back"
EVERY = 1.0  # s between checks of the files, because shared folders do not report events
CHANGED, END = "changed", "end"  # events other than keys
UNKNOWN = progress.Progress(Scorecard(()), (), 0)  # before the first verdict


@dataclass(slots=True)
class Watch:
    """A terminal that stays open next to the notebook."""

    workspace: Workspace
    console: Console
    at: str = ""  # the exercise that the keys refer to
    mode: str = "prompt"  # or "list", "reset"
    events: queue.Queue = field(default_factory=queue.Queue)
    state: progress.Progress = UNKNOWN

    def run(self) -> None:
        """Watch until 'q' or the end of the input."""
        stop = threading.Event()
        with _keys(self.events.put):
            self._look()
            watcher = threading.Thread(target=_watch, args=(self.workspace, self.events.put, stop), daemon=True)
            watcher.start()
            try:
                while (event := self.events.get()) not in ("q", END):
                    self.handle(event)
            except KeyboardInterrupt:
                pass
            finally:
                stop.set()
                watcher.join(timeout=5)
        self._say("Your work is saved. Go on with: mrskit start")

    def handle(self, event: str) -> None:
        """Handle one event: a file change or a key."""
        if event == CHANGED or self.state is UNKNOWN:
            self._look(quiet=event == CHANGED)
            return
        actions = {
            "prompt": {"n": self._next, "h": self._hint, "l": self._list, "x": self._ask,
                       "c": lambda: self._look(fresh=True)},
            "list": {"a": self._list, "d": lambda: self._list(True), "p": lambda: self._list(False), "b": self._prompt},
            "reset": {"y": self._reset, "n": self._prompt},
        }[self.mode]  # fmt: skip
        if event in actions:
            actions[event]()

    def _look(self, fresh: bool = False, quiet: bool = False) -> None:
        """Judge and show the changes; with ``quiet``, show nothing if nothing has changed."""
        before = self.state
        try:
            self.state = progress.check(self.workspace, fresh=fresh, say=self._say)
        except MrskitError as error:
            self._say(str(error))
            return
        if quiet and dataclasses.replace(before, judged=0) == dataclasses.replace(self.state, judged=0):
            return
        old = {row.id: row for row in before.rows}
        for row in self.state.rows if old else ():
            if row.outcome != Outcome.NOT_ANSWERED and _seen(row) != _seen(old[row.id]):
                self._say(tables.row_line(row))
                self.at = row.id
        for name in self.state.changed:
            self._say(f"{name}: its cell was changed after its last run. Run the cell again.")
        for problem in self.state.problems:
            self._say(problem)
        if not self.at and self.state.current:
            self.at = self.state.current.id
        self._prompt()

    def _prompt(self) -> None:
        self.mode = "prompt"
        row = self._row()
        self._say("")
        self._say(tables.bar(self.state.card, self.console.width))
        if row is None:
            self._say("All exercises are passed. Well done.")
        else:
            self._say(f"At: {row.id} · {row.title} ({tables.mark(row.outcome)})")
        done = row is not None and row.outcome == Outcome.PASSED and self.state.current is not None
        self._say(f"{'n:next / ' if done else ''}{PROMPT}")

    def _next(self) -> None:
        row = self._row()
        if row is None or row.outcome != Outcome.PASSED or self.state.current is None:
            self._say("This exercise is not passed yet. 'h' gives a hint; you can run the cells in any order.")
            return
        names = [item.id for item in self.state.rows]
        rest = self.state.rows[names.index(row.id) + 1 :] + self.state.rows
        self.at = next(item.id for item in rest if item.outcome != Outcome.PASSED)
        self._prompt()

    def _hint(self) -> None:
        from mrskit.answering import cards
        from mrskit.course import index

        row = self._row()
        if row is not None:
            exercise = index.exercise(row.id)
            count = answer_files.count_hint(self.workspace, index.lesson_of(row.id), row.id)
            self._say(cards.hint_card(exercise, min(count, len(exercise.hints))).text().replace(
                f'answers.hint("{row.id}") again', "h again"))  # fmt: skip
        self._prompt()

    def _list(self, done: bool | None = None) -> None:
        self.mode = "list"
        rows = [row for row in self.state.rows if done is None or (row.outcome == Outcome.PASSED) == done]
        for row in rows:
            self._say(f"{'>' if row.id == self.at else ' '} {tables.row_line(row, brief=True)}")
        self._say(f"{len(rows)} of {len(self.state.rows)} exercises. {LIST_PROMPT}")

    def _ask(self) -> None:
        self.mode = "reset"
        self._say(f"Reset {self.at}? The current state is kept in Notebook/backup. (y/n)")

    def _reset(self) -> None:
        from mrskit.learner import reset

        self.mode = "prompt"
        try:
            for path in reset.reset(self.workspace, reset.target(self.at)):
                self._say(f"Backup: {path}")
        except MrskitError as error:
            self._say(str(error))
        self._look()

    def _row(self) -> Row | None:
        return next((row for row in self.state.rows if row.id == self.at), self.state.current)

    def _say(self, text: str) -> None:
        self.console.print(text, markup=False, highlight=False)


def _seen(row: Row) -> tuple:
    return row.outcome, row.points, row.message


def _watch(workspace: Workspace, put: Callable[[str], None], stop: threading.Event) -> None:
    """Put CHANGED whenever notebooks or answers change, and once for earlier changes."""
    seen = ""
    while not stop.wait(EVERY):
        now = digests.of_looks((workspace.root / "Notebook", workspace.answers))
        if now != seen:
            put(CHANGED)
        seen = now


@contextlib.contextmanager
def _keys(put: Callable[[str], None]) -> Iterator[None]:
    """Put every key at once; if the input is not a terminal, put the first letter of each line."""
    terminal = sys.stdin.isatty()
    if not terminal:
        threading.Thread(target=_lines, args=(put,), daemon=True).start()
        yield
        return
    import termios
    import tty

    number = sys.stdin.fileno()
    before = termios.tcgetattr(number)
    try:
        tty.setcbreak(number)
        threading.Thread(target=_letters, args=(put, number), daemon=True).start()
        yield
    finally:
        termios.tcsetattr(number, termios.TCSADRAIN, before)


def _letters(put: Callable[[str], None], number: int) -> None:
    while letter := os.read(number, 1):
        put(letter.decode("utf-8", "replace").lower())
    put(END)


def _lines(put: Callable[[str], None]) -> None:
    for line in sys.stdin:
        if line.strip():
            put(line.strip()[0].lower())
    put(END)
