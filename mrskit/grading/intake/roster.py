"""The people of a course, from ``roster.csv`` or from the submissions; file names are matched with them."""

from __future__ import annotations

import difflib
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mrskit.errors import GradingError
from mrskit.grading.intake import names, tables
from mrskit.grading.intake.layouts import Owner, same
from mrskit.grading.records import readable

UNIQUE = ("student", "email", "canvas_id", "moodle_id")  # columns with unique values


class Unmatched(Exception):
    """The reason why a name matches no member or several members."""

    def __init__(self, said: str, several: bool = False) -> None:
        super().__init__(said)
        self.several = several


@dataclass(frozen=True, slots=True)
class Person:
    """One member of a course."""

    student: str  # safe as the name of a folder
    about: Mapping[str, str] = field(default_factory=dict)  # the row of the roster: student, name, email, ...


class People:
    """Members of a course, with the possible forms of their names."""

    def __init__(self, members: Iterable[Person]) -> None:
        self.members = tuple(members)
        self._called: list[defaultdict[str, set[str]]] = [defaultdict(set) for _ in range(6)]  # most reliable first
        self._ids: dict[str, dict[str, str]] = {"canvas": {}, "moodle": {}}
        self._groups = {person.student: same(person.about.get("group", "")) for person in self.members}
        for person in self.members:
            about = person.about
            email = about.get("email", "")
            sure = [[person.student, about.get("student", "")], [email], [email.partition("@")[0]]]
            words_by_level = [
                *(map(same, some) for some in sure),
                *zip(*map(_forms, _orders(about.get("name", ""))), strict=True),
            ]
            for level, words in zip(self._called, words_by_level, strict=False):  # without a name there are no forms
                for word in filter(None, words):
                    level[word].add(person.student)
            for platform, ids in self._ids.items():
                if number := about.get(f"{platform}_id", ""):
                    ids[number.rpartition(" ")[2]] = person.student  # Moodle: "Participant 4711"

    def find(self, text: str) -> str:
        """Return the student named by a text: an id, an e-mail address or its part before the @, or a name."""
        for level, form in [*((level, same(text)) for level in self._called[:3]),
                            *((level, form) for form in _forms(text) for level in self._called[3:])]:  # fmt: skip
            if len(found := level.get(form, ()) if form else ()) > 1:
                raise Unmatched(f"{readable(text)!r} can be {' or '.join(sorted(found)[:4])}", several=True)
            if found:
                return min(found)
        raise Unmatched(f"{readable(text)!r} matches none of the {len(self.members)} students{self._nearest(text)}")

    def has(self, text: str) -> bool:
        """Return whether a text names one or more members."""
        try:
            return bool(self.find(text))
        except Unmatched as error:
            return error.several

    def owner(self, owner: Owner) -> str:
        """Return the student named in a path, by platform id or by name; Unmatched for no match or a conflict."""
        ids = self._ids.get(owner.layout, {})
        if owner.layout == "canvas" and owner.number in ids:
            return ids[owner.number]
        failed = Unmatched("the path does not name a student")
        for group, text in _called(owner):
            try:
                student = self.find(text)
            except Unmatched as error:
                failed = failed if group else error
                if error.several and not group:
                    break
                continue
            if group and same(group) not in (self._groups[student], "default group"):
                failed = Unmatched(f"{readable(owner.name)!r} may be {student}, whose group in the roster is "
                                   f"{self._groups[student] or 'not given'}")  # fmt: skip
                continue
            if owner.layout == "canvas" and student in ids.values():
                raise Unmatched(f"{readable(text)!r} has the name of {student}, but a different canvas_id")
            return student
        if owner.layout == "moodle" and owner.number in ids:  # several people have this name, or grading is anonymous
            return ids[owner.number]
        raise failed

    def _nearest(self, text: str) -> str:
        known: dict[str, str] = {}
        for person in self.members:
            name = person.about.get("name", "")
            called = {person.student: "", person.about.get("email", ""): "", **dict.fromkeys(_orders(name), name)}
            known |= {same(word): shown or word for word, shown in called.items() if word}
        close = difflib.get_close_matches(same(text)[:80], known, n=1) if len(known) < 5_000 else []
        return f"; did you mean {known[close[0]]!r}?" if close else ""


def read_roster(path: Path) -> People:
    """Return the people in a roster: unique ids in the column ``student``, optional columns; else GradingError."""
    lines: dict[str, int] = {}
    about: dict[str, dict[str, str]] = {}
    for line, row in tables.rows(path, ("student",)):
        if not row.get("student"):
            raise GradingError(f"{path}, line {line}: no student id", path=path, line=line)
        for column in UNIQUE:
            if value := row.get(column, ""):
                first = lines.setdefault(f"{column} {same(value)}", line)
                if first != line:
                    raise GradingError(f"{path}, line {line}: {column} {readable(value)!r} is already in line {first} "
                                       "; expected different values for all people", path=path, line=line)  # fmt: skip
        about[same(row["student"])] = row
    if not about:
        raise GradingError(f"{path}: the roster is empty", path=path)
    called = names.students({key: row["student"] for key, row in about.items()}, {})
    return People(Person(called[key], row) for key, row in about.items())


def _called(owner: Owner) -> Sequence[tuple[str, str]]:
    """Return possible names of the person in a path, most reliable first, with the group as an optional prefix."""
    if owner.layout == "blackboard":  # the border between assignment and username is not marked
        pieces = owner.head.split("_")
        return [("", "_".join(pieces[start:])) for start in range(len(pieces))]
    first, _, rest = owner.name.partition(" ")
    if owner.layout == "brightspace" and rest and any(letter.isdigit() for letter in first):
        return [("", owner.name), ("", rest), ("", first)]
    shorter = names.uncounted(owner.name)
    called = (
        [("", owner.name)] if shorter == owner.name or owner.layout == "canvas" else [("", owner.name), ("", shorter)]
    )
    words = owner.name.split("-") if owner.layout == "moodle" else []  # Group-Ada Lovelace
    return called + [("-".join(words[:end]), "-".join(words[end:])) for end in range(1, len(words))]


def _orders(name: str) -> list[str]:
    """Return a name in the word orders that platforms use, for every possible family name."""
    words = name.replace(",", " ").split()
    return [" ".join(words[start:] + words[:start]) for start in range(len(words))]


def _forms(text: str) -> tuple[str, str, str]:
    """
    Return the letters and digits of a name: without case, then without accents, then without accented letters.

    Canvas keeps only letters and digits, and has written names in each of these ways.
    """
    whole = "".join(letter for letter in same(text) if letter.isalnum() or unicodedata.category(letter)[0] == "M")
    bare = "".join(letter for letter in unicodedata.normalize("NFKD", whole) if not unicodedata.combining(letter))
    return whole, bare, "".join(filter(str.isascii, whole))
