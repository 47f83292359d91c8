"""
Write the scores of 'mrskit grade --export nbgrader' into nbgrader's gradebook; run it with nbgrader's own Python.

    python scripts/nbgrader_scores.py COURSE grades/export/nbgrader.json

COURSE is the folder with ``gradebook.db`` and ``nbgrader_config.py``. It uses the standard library and nbgrader's API
alone (nbgrader.api.Gradebook). Everything is set, nothing added up: a second time changes nothing. Scores that somebody
has entered by hand in nbgrader stay, and count.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path


def main() -> int:
    """Write the scores; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("course", type=Path)
    parser.add_argument("scores", type=Path)
    parser.add_argument("--course-id", default="mrskit", help="as in nbgrader_config.py")
    arguments = parser.parse_args()
    database = arguments.course / "gradebook.db"
    if not database.is_file():
        print(f"{database}: not there. Run 'nbgrader generate_assignment' there first.", file=sys.stderr)
        return 1
    table = json.loads(arguments.scores.read_text(encoding="utf-8"))
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{database.resolve()}", arguments.course_id) as book:
        if problems := _problems(book, table["grades"]):
            print("Nothing was written.", *problems, sep="\n", file=sys.stderr)
            return 1
        for grade in table["grades"]:
            _write(book, grade)
        book.db.commit()
    print(f"{len(table['grades'])} notebooks of {len({grade['student'] for grade in table['grades']})} students")
    return 0


def _problems(book, grades: list) -> list:
    """Return what does not fit between the scores and the assignments in the gradebook."""
    from nbgrader.api import MissingEntry

    found = []
    for grade in grades:
        for cell in grade["cells"]:
            try:
                known = book.find_grade_cell(cell["grade_id"], grade["assignment"], grade["assignment"])
            except MissingEntry:
                found.append(f"{grade['assignment']}: nbgrader has no cell {cell['grade_id']}")
                continue
            if abs(known.max_score - cell["max"]) > 1e-6:
                found.append(f"{cell['grade_id']}: {known.max_score:g} points in nbgrader, {cell['max']:g} in the key. "
                             "Make the course again with 'mrskit release --format nbgrader --key KEY'.")  # fmt: skip
    return sorted(set(found))


def _write(book, grade: dict) -> None:
    """Write one notebook of one student; what its cells do not hold becomes extra credit, or a penalty for lateness."""
    place = grade["assignment"], grade["assignment"], grade["student"]
    book.update_or_create_student(grade["student"])
    when = {"timestamp": grade["submitted"]} if grade["submitted"] else {}
    book.update_or_create_submission(grade["assignment"], grade["student"], **when)
    rest = grade["score"] - sum(min(cell["points"], cell["max"]) for cell in grade["cells"])
    for number, cell in enumerate(grade["cells"]):
        found = book.find_grade(cell["grade_id"], *place)
        found.auto_score, found.needs_manual_grade = min(cell["points"], cell["max"]), False
        found.extra_credit = round(max(rest, 0.0), 4) if number == 0 else None
        book.find_comment(cell["exercise"], *place).auto_comment = cell["comment"]
    book.find_submission_notebook(*place).late_submission_penalty = round(max(-rest, 0.0), 4)


if __name__ == "__main__":
    sys.exit(main())
