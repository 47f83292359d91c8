"""The code cells of a submitted notebook: parsed within limits, reduced to their sources, never run."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass

import nbformat

from mrskit.exercises.codec import is_id
from mrskit.grading.intake import outline
from mrskit.grading.intake.outline import Unreadable as Unreadable

LONGEST_SOURCE = 200_000  # characters of one cell
_CALL = "give"
_INJECTED = "injected-parameters"  # tag that papermill gives to the cell with the values of a run
_INJECTED_TITLE = "# Parameters"  # its first line


@dataclass(frozen=True, slots=True)
class CodeCell:
    """One code cell as handed in."""

    number: int  # among the code cells, from 1
    id: str  # cell id of the notebook format, may be empty
    source: str
    exercise: str = ""  # exercise named in its metadata, may be any text that looks like an id


@dataclass(frozen=True, slots=True)
class Handed:
    """The parts of a notebook that are graded, without outputs and other metadata."""

    lesson: str  # that its metadata name, may be any text
    cells: tuple[CodeCell, ...]
    others: tuple[tuple[str, CodeCell], ...] = ()  # Markdown and raw cells that may have been code: kind, cell


def read(data: bytes | bytearray) -> Handed:
    """Return the code cells of a notebook. Unreadable if the file is not a notebook of format 4 or exceeds a limit."""
    table = outline.read(data)
    if isinstance(table.get("nbformat"), int) and table["nbformat"] != 4:
        raise Unreadable(f"the notebook format is {table['nbformat']!s:.10}, expected 4. Open it in JupyterLab and "
                         "save it, which changes the format")  # fmt: skip
    if not isinstance(table.get("cells"), list):
        raise Unreadable("not a notebook: expected a JSON object with cells")
    if table.get("nbformat") != 4 or not isinstance(table.get("nbformat_minor"), int):
        raise Unreadable("the file does not state its notebook format; expected 4. Open it in JupyterLab and save it")
    clean = [_clean(number, cell) for number, cell in enumerate(table["cells"], 1)]
    _validate(clean)
    code = [cell for cell in clean if cell["cell_type"] == "code"]
    by_papermill = "papermill" in table.get("metadata", {})
    cells = tuple(  # leave out papermill's own cell: it has a tag, or, if tags were dropped, a known first line
        CodeCell(number, cell["id"], cell["source"], cell["exercise"]) for number, cell in enumerate(code, 1)
        if not (_INJECTED in cell["tags"] or (by_papermill and cell["source"].startswith(_INJECTED_TITLE)))
    )  # fmt: skip
    others = tuple((cell["cell_type"], CodeCell(0, cell["id"], cell["source"], cell["exercise"]))
                   for cell in clean if cell["cell_type"] != "code")  # fmt: skip
    return Handed(_entry(table.get("metadata"), "lesson"), cells, others)


def given(source: str) -> list[tuple[str, int]]:
    """
    Return the exercises that a cell hands in with ``give("id", ...)``, and the last line of each statement.

    The tokens are read, not the syntax tree. Deeply nested source cannot exhaust the stack, and a cell that does not
    compile can still be assigned to its exercise. A call whose id is not a literal text is not found.
    """
    found: list[tuple[str, int]] = []
    open_calls: list[str] = []
    previous: list[str] = ["", ""]  # the tokens before, without line breaks and comments
    end = 0
    for token in _tokens(source):
        if token.type in (tokenize.NL, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT):
            continue
        end = token.end[0]
        if token.type == tokenize.STRING and previous == [_CALL, "("] and is_id(name := _literal(token.string)):
            open_calls.append(name)
        if token.type == tokenize.NEWLINE:
            found += [(name, end) for name in open_calls]
            open_calls.clear()
        previous = [previous[1], token.string]
    return found + [(name, max(end, 1)) for name in open_calls]


def answered(source: str) -> bool:
    """Return whether no ``...`` of the release is left in an answer cell as a final value, return value or answer."""
    skipped = (tokenize.NL, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT)
    texts = [token.string for token in _tokens(source) if token.type not in skipped]
    blank: dict[str, bool] = {}  # name -> whether it was last set to a placeholder
    depth, name = 0, ""  # brackets that are open, first word of the statement
    for place, text in enumerate(texts):
        depth += (text in ("(", "[", "{")) - (text in (")", "]", "}"))
        name = text if not place or texts[place - 1] in ("\n", "\r\n", ";") else name
        following = [*texts[place + 1 : place + 3], "", ""]
        still = following[0] == "..." and following[1].strip() in ("", ",", ";", ")")
        if text in ("=", "+=") and depth == 0:
            blank[name] = still
        elif still and (text == "return" or (text == "," and texts[max(place - 3, 0) : place - 1] == [_CALL, "("])):
            return False
    return not any(blank.values())


def split(source: str, ids: list[tuple[str, int]]) -> dict[str, str]:
    """
    Return the parts of a cell in which a student has merged several answers: each part ends with its own ``give``.

    Code after the last ``give`` belongs to the last part. A ``give`` inside an indented block (a loop, a condition)
    keeps the whole cell together.
    """
    lines = source.splitlines()
    parts: dict[str, str] = {}
    start = 0
    for number, (name, end) in enumerate(ids):
        if end < len(lines) and number < len(ids) - 1 and _indented(lines, end):
            return {name: source for name, _ in ids}
        stop = len(lines) if number == len(ids) - 1 else end
        parts[name] = "\n".join(filter(None, (parts.get(name, ""), "\n".join(lines[start:stop]))))
        start = stop
    return parts


def same(one: str, other: str) -> bool:
    """Return whether two cells are equal except for trailing spaces and empty lines."""
    return normal(one) == normal(other)


def normal(source: str) -> str:
    """Return a source without trailing spaces and without empty lines, such as nbgrader leaves for a solution."""
    return "\n".join(line.rstrip() for line in source.strip().splitlines() if line.strip())


def _indented(lines: list[str], end: int) -> bool:
    following = next((line for line in lines[end:] if line.strip()), "")
    return lines[end - 1].startswith((" ", "\t")) or following.startswith((" ", "\t"))


def _tokens(source: str) -> Iterator[tokenize.TokenInfo]:
    """Yield the tokens up to the first error, such as IPython's own syntax or an open quote."""
    try:
        yield from tokenize.generate_tokens(io.StringIO(source).readline)
    except (tokenize.TokenError, SyntaxError, ValueError):
        return


def _literal(text: str) -> str:
    """Return the value of one string token, an empty text for bytes and the like."""
    try:
        value = ast.literal_eval(text) if len(text) < 100 else ""
    except (ValueError, SyntaxError):
        return ""
    return value if isinstance(value, str) else ""


def _clean(number: int, cell: object) -> dict:
    if not isinstance(cell, dict) or (kind := cell.get("cell_type")) not in ("code", "markdown", "raw"):
        raise Unreadable(f"cell {number} is not a valid notebook cell")
    source = cell.get("source", "")
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        raise Unreadable(f"the source of cell {number} is not text")
    if len(source) > LONGEST_SOURCE:
        raise Unreadable(f"cell {number} has {len(source)} characters; at most {LONGEST_SOURCE} are allowed")
    try:
        source.encode()
    except UnicodeEncodeError as error:  # half of a surrogate pair
        raise Unreadable(f"cell {number} contains invalid characters") from error
    name = cell.get("id")
    metadata = cell.get("metadata", {})
    exercise, tags = _entry(metadata, "exercise"), metadata.get("tags")
    return {"cell_type": kind, "source": source.replace("\0", ""), "exercise": exercise if is_id(exercise) else "",
            "id": name if isinstance(name, str) and len(name) <= 64 else "",
            "tags": tags if isinstance(tags, list) else []}  # fmt: skip


def _entry(metadata: object, name: str) -> str:
    """Return a text from the table ``mrskit`` in the metadata; empty if it is missing."""
    own = metadata.get("mrskit") if isinstance(metadata, dict) else None
    value = own.get(name) if isinstance(own, dict) else None
    return value if isinstance(value, str) and len(value) <= 64 else ""


def _validate(clean: list[dict]) -> None:
    """Check the remaining notebook against the schema of the notebook format before it is run."""
    make = {"code": nbformat.v4.new_code_cell, "markdown": nbformat.v4.new_markdown_cell,
            "raw": nbformat.v4.new_raw_cell}  # fmt: skip
    try:
        nbformat.validate(nbformat.v4.new_notebook(cells=[make[cell["cell_type"]](cell["source"]) for cell in clean]))
    except nbformat.ValidationError as error:
        raise Unreadable(f"not a valid notebook ({str(error).splitlines()[0]:.80})") from error
