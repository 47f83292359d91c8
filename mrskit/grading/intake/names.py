"""Whose a notebook is and which lesson it is, as far as names of files and folders tell."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from pathlib import PurePosixPath

from mrskit.course import index

LONGEST, MOST_BYTES = 64, 160  # of a student's name: characters, and bytes as the name of a folder
_COPY = re.compile(r"(?i)^copy of |[ _-]*(copy\d*|kopie)$|\s*\(\d+\)$")  # what browsers and JupyterLab add
_GENERIC = {"lessons", "lesson", "notebook", "notebooks", "submission", "submissions", "submitted", "answers"}


def lesson(path: str) -> str:
    """Return the lesson that the name of a file or of its folders names, an empty text if none."""
    for part in reversed(PurePosixPath(path).with_suffix("").parts):
        for name in index.lessons():
            if name.casefold() in part.casefold():
                return name
    return ""


def students(paths: Iterable[str], fallback: str) -> dict[str, str]:
    """
    Return the student of each path: of the outermost folder that is no lesson, else of the file name.

    Letters, digits, dot, dash and underscore are kept. Two students whose names differ only in other characters, or in
    capitals, get names that differ.

    Parameters
    ----------
    paths : iterable of str
        Relative paths with slashes.
    fallback : str
        Name for a notebook whose own name and folders tell only the lesson.
    """
    known = list(paths)
    inner = _without_common(known)
    owners: dict[str, str] = {}  # by clean name, without capitals
    found = {}
    for path in known:
        raw = _raw(inner[path]) or fallback
        name = clean(raw)
        if owners.setdefault(name.casefold(), raw) != raw:
            name = f"{name[: LONGEST - 7]}-{hashlib.sha256(raw.encode()).hexdigest()[:6]}"
            owners.setdefault(name.casefold(), raw)
        found[path] = name
    return found


def clean(text: str) -> str:
    """Return a name of letters, digits, dot, dash and underscore that is safe as the name of a file."""
    kept = "".join(letter if letter.isalnum() or letter in "._-" else "_"
                   for letter in unicodedata.normalize("NFKC", text.strip()))  # fmt: skip
    short = kept.strip("._-")[:LONGEST].encode()[:MOST_BYTES].decode(errors="ignore")
    return short or "unnamed"


def _without_common(paths: list[str]) -> dict[str, str]:
    """Return the paths without a folder around all of them, as an archive of a whole class has one."""
    parts = [PurePosixPath(path).parts for path in paths]
    around = {item[0] for item in parts}
    seconds = {item[1] for item in parts if len(item) > 2}
    whole = len(around) == 1 and all(len(item) > 2 for item in parts) and len(seconds) > 1
    if whole and not any(_says_nothing(name) for name in seconds):
        return {path: str(PurePosixPath(*item[1:])) for path, item in zip(paths, parts, strict=True)}
    return {path: path for path in paths}


def _raw(path: str) -> str:
    *folders, file = PurePosixPath(path).parts
    for folder in folders:
        if not _says_nothing(folder):
            return folder
    return _without_lesson(PurePosixPath(file).stem)


def _says_nothing(folder: str) -> bool:
    return folder.casefold() in _GENERIC or not _without_lesson(folder)


def _without_lesson(stem: str) -> str:
    """Return what is left of a name without the lesson, and without what marks a copy."""
    while (shorter := _COPY.sub("", stem)) != stem:
        stem = shorter
    for name in index.lessons():
        start = stem.casefold().find(name.casefold())
        if start >= 0:
            stem = f"{stem[:start].rstrip(' _-.')} {stem[start + len(name) :].lstrip(' _-.')}".strip()
    return stem
