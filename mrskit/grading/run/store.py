"""The stored records and judgements in the folder of grades; each file is written completely or not at all."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mrskit import entries
from mrskit.grading.intake.intake import Intake
from mrskit.grading.records import Record, Timing
from mrskit.grading.verdicts import Judgement
from mrskit.workspace import write_text

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Store:
    """The stored records and judgements of a class."""

    root: Path

    def record(self, digest: str) -> Record | None:
        """Return the record with a content address; None if it is missing or damaged."""
        try:
            record = Record.from_json(_read(self._record(digest)))
        except (OSError, ValueError, RecursionError):
            return None
        return record if record.digest == digest else None

    def has_record(self, digest: str) -> bool:
        """Return whether a readable record exists."""
        return self._record(digest).is_file() and self.record(digest) is not None

    def drop_record(self, digest: str) -> None:
        """Remove a record that must be made again."""
        self._record(digest).unlink(missing_ok=True)

    def write_record(self, record: Record, timing: Timing) -> None:
        """Store a record; the cost of the run is stored separately, so that equal runs give equal records."""
        durable(self.root / "timings" / f"{record.digest}.json", _text(asdict(timing)))
        durable(self._record(record.digest), _text(record.to_json()))

    def timing(self, digest: str) -> Timing | None:
        """Return the cost of a run, or None if it is unknown."""
        try:
            return entries.read(_read(self.root / "timings" / f"{digest}.json"), Timing)
        except (OSError, ValueError, RecursionError):
            return None

    def judgement(self, digest: str, judge: str) -> Judgement | None:
        """Return the judgement on a record by a judge and key (their digest), or None."""
        try:
            table: Any = _read(self._judgement(digest))
            known = (table["format"], table["record"], table["judge"]) == (FORMAT, digest, judge)
            return Judgement.from_json(table["judgement"]) if known else None
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return None

    def write_judgement(self, digest: str, judge: str, judgement: Judgement) -> None:
        """Store a judgement; it replaces the judgement of a different judge or key."""
        table = {"format": FORMAT, "record": digest, "judge": judge, "judgement": judgement.to_json()}
        durable(self._judgement(digest), _text(table))

    def intake(self) -> Intake | None:
        """Return the intake of the last grading; None if it is missing or damaged."""
        try:
            return entries.read(_read(self.root / "intake.json"), Intake)
        except (OSError, ValueError, RecursionError):
            return None

    def write_intake(self, intake: Intake) -> None:
        """Store the intake, so that a later grading of one student or notebook leaves the others unchanged."""
        durable(self.root / "intake.json", json.dumps(asdict(intake), sort_keys=True) + "\n")

    def _record(self, digest: str) -> Path:
        return self.root / "records" / f"{digest}.json"

    def _judgement(self, digest: str) -> Path:
        return self.root / "verdicts" / f"{digest}.json"


def durable(path: Path, text: str) -> None:
    """Write a text file to the disk; after a power failure the file is complete or absent."""
    write_text(path, text, errors="backslashreplace", sync=True)  # half a surrogate pair
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def write_changed(path: Path, text: str) -> None:
    """Write a text file unless it already contains this text."""
    try:
        if path.read_text(encoding="utf-8") == text:
            return
    except (OSError, UnicodeDecodeError):
        pass
    durable(path, text)


def _read(path: Path) -> object:
    return json.loads(path.read_text(encoding="utf-8"))


def _text(table: dict) -> str:
    return json.dumps(table, indent=1, sort_keys=True, allow_nan=False) + "\n"
