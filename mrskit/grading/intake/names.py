"""Whose a notebook is and which lesson it is, as far as names of files and folders tell."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping

from mrskit.course import index

LONGEST, MOST_BYTES = 64, 160  # of a student's name: characters, and bytes as the name of a folder
# What browsers and JupyterLab add.
_COPY = re.compile(r"(?i)^copy of |[ _-]*-copy\d*$|[ _-]+(copy\d*|kopie)$|\s*\(\d+\)$")
_ASSIGNMENT = re.compile(  # what courses call what is handed in, with its number
    r"(?i)(week|lesson|unit|module|assignment|homework|hw|lab|ps|problem ?set|exercise|task|sheet|session|project|"
    r"part|day|woche|aufgabe|übung|blatt|tp|td|devoir|semaine|tarea)s?[ _.-]*\d{1,3}[a-z]?|\d{1,2}|"
    r"untitled( folder)?[ _.-]*\d*"  # as JupyterLab calls what is new
)
_GENERIC = {"lessons", "lesson", "notebook", "notebooks", "submission", "submissions", "submitted", "answers",
            "downloads"}  # fmt: skip


def lesson(path: str) -> str:
    """Return the lesson that the name of a file or of its folders names, an empty text if none."""
    for part in reversed(path.split("/")):
        for name in index.lessons():
            if name.casefold() in part.casefold():
                return name
    return ""


def students(raws: Mapping[str, str], known: Mapping[str, str]) -> dict[str, str]:
    """
    Return a name for each person that is safe as the name of a folder; no two have one that differs in case only.

    ``raws`` says how each is called by what tells people apart, ``known`` the names that some have already. Who is
    called as a name may be comes first.
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
    """Return a name of letters, digits, dot, dash and underscore that is safe as the name of a file."""
    kept = "".join(letter if letter.isalnum() or letter in "._-" else "_"
                   for letter in unicodedata.normalize("NFKC", text.strip()))  # fmt: skip
    short = kept.strip("._-")[:LONGEST].encode()[:MOST_BYTES].decode(errors="ignore")
    return short or "unnamed"


def stem(part: str) -> str:
    """Return the name of a file or folder without the ending of a notebook or zip."""
    return re.sub(r"(?i)(\.ipynb( ?\(\d+\))?(\.(txt|json))*|\.zip)$", "", part)


def says_nothing(folder: str) -> bool:
    """Return whether the name of a folder is one of a lesson or assignment, or a word that names nobody."""
    return folder.casefold() in _GENERIC or bool(_ASSIGNMENT.fullmatch(folder)) or not without_lesson(folder)


def without_lesson(text: str) -> str:
    """Return what is left of a name without the lesson, and without what marks a copy."""
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
