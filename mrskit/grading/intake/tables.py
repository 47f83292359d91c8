"""Tables that an instructor keeps next to the key: UTF-8, a header row, columns in any order."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from mrskit.errors import GradingError

LARGEST, MOST_ROWS = 20_000_000, 50_000  # bytes, rows


def rows(path: Path, needed: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the rows of a table with their line numbers; GradingError if the table is invalid."""
    try:
        if path.stat().st_size > LARGEST:
            raise ValueError(f"the file is larger than {LARGEST / 1e6:.0f} MB")
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise GradingError(f"{path}: the file is not UTF-8. Save the file as 'CSV UTF-8'.", path=path) from error
    except (OSError, ValueError) as error:
        raise GradingError(f"{path}: cannot be read ({error})", path=path) from error
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count), strict=True)
    try:
        head = [name.strip().casefold() for name in next(reader, [])]
        if missing := [name for name in needed if name not in head]:
            raise GradingError(f"{path}: no column {', '.join(missing)}; found {', '.join(head) or 'none'}, expected "
                               f"{', '.join(needed)}", path=path, missing=missing)  # fmt: skip
        if twice := sorted({name for name in head if name and head.count(name) > 1}):
            raise GradingError(f"{path}: two columns have the name {twice[0]!r}", path=path)
        for row in reader:
            if reader.line_num > MOST_ROWS:
                raise GradingError(f"{path}: more than {MOST_ROWS} lines; expected the lines of one class", path=path)
            if any(cell.strip() for cell in row[len(head) :]):
                raise GradingError(f"{path}, line {reader.line_num}: {len(row)} cells, expected {len(head)}. Put "
                                   "quotes around text that contains a "
                                   "comma.", path=path, line=reader.line_num)  # fmt: skip
            if any(cell.strip() for cell in row):
                yield reader.line_num, dict(zip(head, (cell.strip() for cell in row), strict=False))
    except csv.Error as error:
        raise GradingError(f"{path}, line {reader.line_num}: {error}", path=path) from error
