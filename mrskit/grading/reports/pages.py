"""Grading pages for a student and for the class. Safe to open: escaped text, no scripts, no downloads."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import jinja2
from markupsafe import Markup

import mrskit
from mrskit import __version__
from mrskit.course import index
from mrskit.exercises.outcomes import GRADES, LOOKS, Outcome
from mrskit.grading.records import Shown, Submission
from mrskit.grading.reports.grades import StudentGrade, iso, moment
from mrskit.grading.reports.overview import Overview
from mrskit.grading.reports.tables import number

HEAT = 5  # steps of shading in the map of misconceptions
LONGEST = 20_000  # characters of a cell's output
# The protection by each sandbox, in words for the reports.
LEVELS = {
    "bubblewrap": "in a sandbox of its own (bubblewrap): no network, no other files, limits on memory and time",
    "landlock": "with file and network access restricted (Landlock and seccomp), but alongside other processes",
    "rlimits": "with limits on memory and time only: this stops accidents, not cheating",
    "none": "without any isolation",
}
_TEMPLATES = Path(__file__).parent / "templates"
_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-_])")
_HIDDEN = dict.fromkeys([*range(9), *range(11, 32), *range(127, 160), *range(0x202A, 0x202F), *range(0x2066, 0x206A)])
_INVISIBLE = re.compile(  # in addition to category C: invisible characters and piles of combining marks
    "[\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\u2028\u2029\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\ufe00-\ufe0f"
    "\U000e0100-\U000e01ef]|(?<=[\u0300-\u036f]{3})[\u0300-\u036f]"
)
_PNG = b"\x89PNG\r\n\x1a\n"


def feedback(grade: StudentGrade, shown: Mapping[str, Shown]) -> str:
    """Return the page for one student, with the outputs of the answer cells by exercise."""
    return _render("feedback.html.j2", grade=grade, shown=shown)


def class_page(seen: Overview, names: Mapping[str, str], codes: Mapping[str, str] | None = None) -> str:
    """Return the class page with links to each student's page and to the instructor's pages (``codes``)."""
    top = max((count for item in seen.successes for _, count in item.misconceptions), default=1)
    return _render("class.html.j2", seen=seen, names=names, codes=codes or {}, top=top, heat=HEAT)


def instructor(grade: StudentGrade, handed_in: Mapping[str, Submission]) -> str:
    """Return the instructor's page on one student: verdicts, and the submitted code by lesson."""
    return _render("instructor.html.j2", grade=grade, handed_in=handed_in)


def visible(code: str) -> str:
    """Return code with visible characters only: invisible ones become numbers such as ``[U+202E]``; cut if long."""
    text = "".join(_number(letter) if unicodedata.category(letter)[0] == "C" and letter not in "\n\t" else letter
                   for letter in code[: LONGEST + 1])  # fmt: skip
    text = _INVISIBLE.sub(lambda found: _number(found[0]), text)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}\n[cut here: the cell has {len(code)} characters]"


def _number(letter: str) -> str:
    return f"[U+{ord(letter):04X}]"


def plain(text: str) -> str:
    """Return a text without terminal codes, control characters and marks that change its direction."""
    return _ANSI.sub("", text[: 4 * LONGEST]).translate(_HIDDEN)[:LONGEST]


def picture(data: str) -> str:
    """Return the data URL of a base64-encoded PNG picture; an empty text for anything else."""
    try:
        start = base64.b64decode(data[:64].encode("ascii"), validate=True)
        base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        return ""
    return f"data:image/png;base64,{data}" if start.startswith(_PNG) else ""


def lesson_title(lesson: str) -> str:
    """Return the title of a lesson, or its name if it has no title."""
    return _titles().get(lesson, lesson) or "Not recognised as a lesson"


@cache
def _titles() -> dict[str, str]:
    from mrskit.lessons.index import lesson

    return {name: lesson(name).title for name in index.lessons()}


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    shared = Path(mrskit.__file__).parent / "lessons" / "templates" / "style.css"
    style = "".join(path.read_text(encoding="utf-8") for path in (shared, _TEMPLATES / "grading.css"))
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    environment.filters |= {"plain": plain, "number": number, "picture": picture, "lesson_title": lesson_title,
                            "moment": lambda seconds: iso(moment(seconds)), "visible": visible}  # fmt: skip
    environment.globals |= {
        "style": Markup(style), "looks": LOOKS, "graded": GRADES, "passed": Outcome.PASSED,
        "levels": LEVELS, "version": __version__,
        "policy": f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; form-action 'none'",
    }  # fmt: skip
    return environment


def _render(template: str, **values: object) -> str:
    return _environment().get_template(template).render(**values)
