"""Sheets: the CSV files that an instructor keeps for a class, read strictly: a slip is an error, never a loss."""

from __future__ import annotations

import csv
import difflib
import io
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from mrskit.errors import GradingError

LARGEST = 5_000_000  # bytes; ten thousand lines have about one
_DELIMITERS = (",", ";", "\t")  # of spreadsheets in different countries


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a sheet."""

    path: Path
    number: int  # in the file, the head is 1
    values: Mapping[str, str]  # column, in small letters -> text without blanks around it

    def __getitem__(self, column: str) -> str:
        """Return what stands in a column, an empty text where the sheet has no such column."""
        return self.values.get(column, "")

    def error(self, problem: str) -> GradingError:
        """Return the error that says where the problem is."""
        return GradingError(f"{self.path}, line {self.number}: {problem}", path=self.path, line=self.number)


def read(path: Path, needed: Collection[str]) -> list[Line]:
    """
    Return the lines of a sheet; none where there is no such file. Columns may come in any order, others are kept.

    Raises
    ------
    GradingError
        If the file is too large, no UTF-8 or no CSV, lacks a needed column, has one twice, or a line is too long.
    """
    if not path.exists():
        return []
    rows = _rows(path)
    head = [name.strip().casefold() for name in rows[0][1]] if rows else []
    for name in needed:
        if name not in head:
            raise _error(path, f"no column {name!r}{meant(name, head)}. Its columns are {', '.join(needed)}")
    if twice := sorted({name for name in head if name and head.count(name) > 1}):
        raise _error(path, f"two columns are called {twice[0]!r}")
    found = []
    for number, cells in rows[1:]:
        line = Line(path, number, dict(zip(head, map(str.strip, cells), strict=False)))
        if any(cell.strip() for cell in cells[len(head) :]):
            raise line.error(f"{len(cells)} cells, expected {len(head)}; put quotes around a text with a comma")
        if any(line.values.values()):
            found.append(line)
    return found


def meant(name: str, known: Iterable[str]) -> str:
    """Return the end of a message on an unknown name: the nearest that is known, else some of them."""
    spelled = {item.casefold(): item for item in known}
    close = difflib.get_close_matches(name.casefold(), spelled, n=1, cutoff=0.5)
    some = ", ".join(list(spelled.values())[:5])
    return f"; did you mean {spelled[close[0]]!r}?" if close else f"; there are {some}" if some else "; there are none"


def _rows(path: Path) -> list[tuple[int, list[str]]]:
    """Return the rows with the numbers of their lines."""
    with path.open("rb") as stream:
        data = stream.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise _error(path, f"more than {LARGEST / 1e6:.0f} MB, which is all that is read of the sheet of a class")
    try:
        text = data.decode("utf-8-sig")
        first = text.partition("\n")[0]
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(_DELIMITERS, key=first.count), strict=True)
        return [(reader.line_num, cells) for cells in reader]
    except (UnicodeDecodeError, csv.Error) as error:
        raise _error(path, f"cannot be read ({error}); expected CSV in UTF-8. Save it as 'CSV UTF-8'") from error


def _error(path: Path, problem: str) -> GradingError:
    return GradingError(f"{path}: {problem}.", path=path)
