"""
Sentences drawn by chance from what people read: lessons, records of exercises, README, docs, messages, docstrings.

    python scripts/draw_sentences.py [--number 60] [--seed 1]

For a reader who sees nothing but these sentences and says which of them he would change. Each kind of text gets the
same number of sentences, so that a thousand docstrings do not hide the lessons. Code, tables and headings are left out.
"""

from __future__ import annotations

import argparse
import ast
import random
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from mrskit.course import index

ROOT = Path(__file__).resolve().parents[1]
WORDS = 5  # that a sentence has at least
PARAMETER = re.compile(r"(?:``\*{0,2}\w+``(?: \([^)]*\)(?:, bool)?)?(?:, )?)+: ")  # parameters, no sentence
SECTIONS = "Parameters|Returns|Raises|Yields|Attributes|Examples"
ABBREVIATION = re.compile(r"(?:e\.g|i\.e|vs|Fig|No|approx|et al|min|cf)\.$")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--number", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    draw = random.Random(arguments.seed)
    kinds = {"lesson": lessons(), "exercise": exercises(), "docs": docs(), "message": messages(),
             "docstring": docstrings()}  # fmt: skip
    each, more = divmod(arguments.number, len(kinds))
    number = 0
    for place, (kind, found) in enumerate(kinds.items()):
        for sentence in draw.sample(sorted(set(found)), each + (place < more)):
            number += 1
            print(f"{number}. [{kind}] {sentence}")
    return 0


def sentences(text: str) -> Iterator[str]:
    """Give the sentences of Markdown or plain text, without code blocks, tables, headings and list marks."""
    text = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    text = re.sub(r"^> ?", "", text, flags=re.MULTILINE)
    for block in re.split(r"\n\s*\n|\n(?=\s*(?:[|#]|(?:[-*]|\d+\.)\s))", text):
        line = " ".join(block.split())
        if not line or line.startswith(("|", "#", "    ", ">>>", "![", "<")) or PARAMETER.match(line):
            continue
        line = re.sub(r"^(?:[-*]|\d+\.)\s+", "", line)
        begun = ""
        for part in re.split(r"(?<=[.!?:])\s+(?=[A-Z`*(\"])", line):
            begun = f"{begun} {part}".strip()
            if ABBREVIATION.search(begun) or begun.count("`") % 2:
                continue
            if len(begun.split()) >= WORDS and begun[-1] in ".!?:*)":
                yield begun
            begun = ""


def lessons() -> Iterator[str]:
    """Give the sentences of the lessons' Markdown cells."""
    for path in sorted((ROOT / "lessons" / "source").glob("*.py")):
        for cell in re.findall(
            r"^# %% \[markdown\].*\n((?:#.*\n)+)", path.read_text(encoding="utf-8"), flags=re.MULTILINE
        ):
            yield from sentences(re.sub(r"^# ?", "", cell, flags=re.MULTILINE))


def exercises() -> Iterator[str]:
    """Give the sentences of the records of exercises."""
    for lesson in index.lessons():
        for record in index.lesson_exercises(lesson):
            for text in (record.question, record.explanation, *record.hints):
                yield from sentences(str(text))


def docs() -> Iterator[str]:
    """Give the sentences of README and docs."""
    for path in [
        ROOT / "README.md",
        ROOT / "ARCHITECTURE.md",
        ROOT / "CONTRIBUTING.md",
        *sorted((ROOT / "docs").glob("*.md")),
    ]:
        yield from sentences(path.read_text(encoding="utf-8"))


def messages() -> Iterator[str]:
    """Give the sentences of messages: texts of more than one word that an error is raised with."""
    for _, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and node.exc.args:
                yield from sentences(written(node.exc.args[0]))


def docstrings() -> Iterator[str]:
    """Give the sentences of the summaries and explanations of docstrings."""
    for _, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
                text = ast.get_docstring(node) or ""
                yield from sentences(
                    re.split(r"\n\s*(?:Parameters|Returns|Raises|Yields|Attributes|Examples)\n\s*-+", text)[0]
                )


def modules() -> Iterator[tuple[Path, ast.Module]]:
    """Give the parsed modules of the package."""
    for path in sorted((ROOT / "mrskit").rglob("*.py")):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def written(node: ast.expr) -> str:
    """Return the text of a string, with the values of an f-string in braces."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{" + ast.unparse(part.value) + "}"
                       for part in node.values)  # fmt: skip
    return ""


if __name__ == "__main__":
    sys.exit(main())
