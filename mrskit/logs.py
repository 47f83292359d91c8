"""The pipeline's log: write it to files, not to notebooks and terminals, and summarise it for lessons."""

from __future__ import annotations

import contextlib
import logging
import re
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from mrskit.errors import missing_file

LOGGERS = ("jwst", "stcal", "stdatamodels", "stpipe", "tweakwcs", "CRDS", "py.warnings", "asdf", "gwcs")
FORMAT = "%(asctime)s - %(name)s - %(levelname)s - %(message)s"

# Warnings in every reduction of these data that need no action.
ROUTINE = (
    "path information", "IPC step", "Not enough data in dark reference",
    "No IPC reference", "CH1B and CH3A", "Server build context", "deprecated", "Deprecated",
    "invalid value encountered", "All-NaN", "Mean of empty slice", "divide by zero", "extrapolat", "has not been run",
    "Keyword name", "Server connection", "No EMICORR", "tracking is off",
    "Extraction parameters specified", "resource_tracker", "Input is an association", "No parameters found",
)  # fmt: skip

_LINE = re.compile(r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}) - (\S+) - ([A-Z]+) - (.*)$")


@dataclass(frozen=True, slots=True)
class LogDigest:
    """A summary of the log of one stage."""

    path: Path
    seconds: float  # from the first line to the last
    steps: dict[str, float]  # step -> s, in the order of the run, without skipped steps
    skipped: tuple[str, ...]
    warnings: tuple[str, ...]  # without the routine ones, each once
    showers: int | None  # cosmic-ray showers that the jump step found; None without a search


@contextmanager
def to_file(path: Path) -> Iterator[None]:
    """
    Write all output of the pipeline inside the block (logs, warnings, prints) only to a file.

    The file is overwritten. An exception that leaves the block is logged with its traceback.
    Handlers, levels and propagation are restored at the end.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", buffering=1) as stream:
        handler = logging.StreamHandler(stream)
        handler.setFormatter(logging.Formatter(FORMAT))
        with _handled_by(handler), contextlib.redirect_stdout(stream), contextlib.redirect_stderr(stream):
            try:
                yield
            except Exception:
                traceback.print_exc(file=stream)
                raise


@contextmanager
def silence() -> Iterator[None]:
    """Discard the pipeline's output inside the block, for calls that are not a stage."""
    with _handled_by(logging.NullHandler()):
        yield


@contextmanager
def _handled_by(handler: logging.Handler) -> Iterator[None]:
    loggers = [logging.getLogger(name) for name in LOGGERS]
    before = [(logger.handlers[:], logger.level, logger.propagate) for logger in loggers]
    for logger in loggers:
        logger.handlers, logger.propagate = [handler], False
        logger.setLevel(logging.INFO)
    try:
        with warnings.catch_warnings():
            warnings.showwarning = _log_warning
            yield
    finally:
        for logger, (handlers, level, propagate) in zip(loggers, before, strict=True):
            logger.handlers, logger.propagate = handlers, propagate
            logger.setLevel(level)


def _log_warning(message, category, filename, lineno, file=None, line=None) -> None:
    logging.getLogger("py.warnings").warning("%s: %s (%s, line %d)", category.__name__, message, filename, lineno)


def digest(path: Path) -> LogDigest:
    """Return step times, skipped steps, relevant warnings and showers from a stage's log; ProductError if missing."""
    if not path.is_file():
        raise missing_file(path, "the log of a stage", "Run the stage first: 'mrskit reduce WORKSPACE'.")
    records = [match.groups() for line in path.read_text(encoding="utf-8").splitlines() if (match := _LINE.match(line))]
    times = [datetime.strptime(record[0], "%Y-%m-%d %H:%M:%S,%f") for record in records]
    seconds = (times[-1] - times[0]).total_seconds() if times else 0.0
    steps, skipped = _steps(times, [record[3] for record in records])
    alarms = [text for _, _, level, text in records if level in ("WARNING", "ERROR", "CRITICAL")]
    return LogDigest(path, seconds, steps, skipped, _that_matter(alarms), _showers([record[3] for record in records]))


def _steps(times: list[datetime], messages: list[str]) -> tuple[dict[str, float], tuple[str, ...]]:
    started: dict[str, datetime] = {}
    seconds: dict[str, float] = {}
    skipped: dict[str, None] = {}
    latest = ""
    for time, message in zip(times, messages, strict=True):
        if match := re.match(r"Step (\S+) running with args", message):
            latest = match[1]
            started[latest] = time
        elif message == "Step skipped.":
            skipped[latest] = None
        elif (match := re.match(r"Step (\S+) done", message)) and match[1] in started:
            seconds[match[1]] = seconds.get(match[1], 0.0) + (time - started[match[1]]).total_seconds()
    return {name: round(value, 3) for name, value in seconds.items()}, tuple(skipped)


def _that_matter(alarms: list[str]) -> tuple[str, ...]:
    kept = (text.strip() for text in alarms if not any(part in text for part in ROUTINE))
    return tuple(dict.fromkeys(kept))


def _showers(messages: list[str]) -> int | None:
    if any("Not enough differences for shower" in message for message in messages):
        return None
    counts = [int(match[1]) for message in messages if (match := re.match(r"Total showers= (\d+)", message))]
    return sum(counts) if counts else None
