"""The student and the lesson of a notebook, as far as the names of files and folders show them."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping

from mrskit.course import index

LONGEST, MOST_BYTES = 64, 160  # of a student's name: characters, and bytes as the name of a folder
# Additions by browsers and JupyterLab.
_COPY = re.compile(r"(?i)^copy of |[ _-]*-copy\d*$|[ _-]+(copy\d*|kopie)$|\s*\(\d+\)$")
_ASSIGNMENT = re.compile(  # names that courses use for assignments, with a number
    r"(?i)(week|lesson|unit|module|assignment|homework|hw|lab|ps|problem ?set|exercise|task|sheet|session|project|"
    r"part|day|woche|aufgabe|übung|blatt|tp|td|devoir|semaine|tarea)s?[ _.-]*\d{1,3}[a-z]?|\d{1,2}|"
    r"untitled( folder)?[ _.-]*\d*"  # JupyterLab's name for new files
)
_GENERIC = {"lessons", "lesson", "notebook", "notebooks", "submission", "submissions", "submitted", "answers",
            "downloads"}  # fmt: skip


def lesson(path: str) -> str:
    """Return the lesson named in the name of a file or its folders; empty if there is none."""
    for part in reversed(path.split("/")):
        for name in index.lessons():
            if name.casefold() in part.casefold():
                return name
    return ""


def students(raws: Mapping[str, str], known: Mapping[str, str]) -> dict[str, str]:
    """
    Return a name for each person that is safe as a folder name. No two names differ only in case.

    ``raws`` maps identifying keys to raw names, and ``known`` contains existing names. People whose raw name is already
    a safe name come first.
    """
    found = {key: known[key] for key in raws if key in known}
    taken = {name.casefold() for name in known.values()}
    for key in sorted(raws.keys() - found.keys(), key=lambda key: (_changes(raws[key]), raws[key], key)):
        name, number = clean(raws[key]), 0
        while name.casefold() in taken:
            tail = hashlib.sha256(f"{raws[key]} {key} {number or ''}".encode(errors="replace")).hexdigest()[:6]
            name, number = f"{clean(raws[key])[: LONGEST - 7]}-{tail}", number + 1
        taken.add(name.casefold())
        found[key] = name
    return found


def _changes(raw: str) -> int:
    name = clean(raw)
    return 0 if name == raw else 1 if name == raw.replace(" ", "_") else 2


def clean(text: str) -> str:
    """Return a safe file name made of letters, digits, dot, dash and underscore."""
    kept = "".join(letter if letter.isalnum() or letter in "._-" else "_"
                   for letter in unicodedata.normalize("NFKC", text.strip()))  # fmt: skip
    short = kept.strip("._-")[:LONGEST].encode()[:MOST_BYTES].decode(errors="ignore")
    return short or "unnamed"


def stem(part: str) -> str:
    """Return the name of a file or folder without the ending .ipynb or .zip."""
    return re.sub(r"(?i)(\.ipynb( ?\(\d+\))?(\.(txt|json))*|\.zip)$", "", part)


def says_nothing(folder: str) -> bool:
    """Return whether a folder has the name of a lesson or an assignment, or a word that does not name a person."""
    return folder.casefold() in _GENERIC or bool(_ASSIGNMENT.fullmatch(folder)) or not without_lesson(folder)


def without_lesson(text: str) -> str:
    """Return a name without the lesson and without the mark of a copy."""
    while (shorter := _COPY.sub("", text)) != text:
        text = shorter
    for name in index.lessons():
        start = text.casefold().find(name.casefold())
        if start >= 0:
            tail = re.sub(r"^[ _-]\d{1,2}$", "", text[start + len(name) :])
            text = f"{text[:start].rstrip(' _-.')} {tail.lstrip(' _-.')}".strip()
    return text


def uncounted(name: str) -> str:
    """Return a name without a number of one or two digits at its end, which may mark a copy."""
    return re.sub(r"[ _-]\d{1,2}$", "", name)
