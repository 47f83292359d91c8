"""
A course of the kit in the real nbgrader 0.9.6, both ways: release, validate, autograde; and scores of the kit in its gradebook.

    python benchmarks/nbgrader_round_trip.py [KEY] [--json FILE] [--lessons 01] [--nbgrader FOLDER]

KEY is a solved workspace, by default work/demo; a copy of it is used. nbgrader is installed into an environment of its own
(FOLDER, by default in the user's cache folder). Three students hand in each lesson: solved, spoiled in part, and as it was
released. It fails unless

- generate_assignment takes the course as it was made, and what students get holds no line of the hidden cells or solutions;
- the source validates, that is its solutions earn all points;
- autograde gives each exercise the points that 'mrskit grade' gives it, from nbgrader's own ``submitted/`` tree;
- without MRSKIT_KEY autograde fails and no score is recorded;
- nbgrader_scores.py brings totals with an adjustment and a penalty into the gradebook, and changes nothing a second time.
"""  # noqa: E501

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import grading
import grading_nbgrader
import nbformat
import platformdirs

from mrskit.classroom import nbgrader_course
from mrskit.course import index
from mrskit.lessons import build
from mrskit.lessons.index import notebook_path

SCRIPT = Path(__file__).resolve().parents[1] / "scripts" / "nbgrader_scores.py"
STUDENTS = ("ada", "bob", "cem")  # solved, spoiled, as released
LATE = "\n[late]\ndue = 2020-01-01T00:00:00Z\nper_day = 10\nmost = 10\n"
_ALL = """
SELECT student.id, base_cell.name, grade.auto_score, grade.manual_score, grade.extra_credit, grade.needs_manual_grade,
       submitted_notebook.late_submission_penalty
FROM grade JOIN submitted_notebook ON grade.notebook_id = submitted_notebook.id
JOIN submitted_assignment ON submitted_notebook.assignment_id = submitted_assignment.id
JOIN student ON submitted_assignment.student_id = student.id
JOIN base_cell ON grade.cell_id = base_cell.id ORDER BY 1, 2
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("key", type=Path, nargs="?", default=Path("work/demo"))
    parser.add_argument("--json", type=Path)
    parser.add_argument("--lessons", nargs="+", default=["01"])
    parser.add_argument("--nbgrader", type=Path, default=Path(platformdirs.user_cache_dir("mrskit")) / "nbgrader")
    arguments = parser.parse_args()
    command = grading_nbgrader.environment(arguments.nbgrader)
    with tempfile.TemporaryDirectory(prefix="round-trip-", dir=arguments.key.resolve().parent) as folder:
        root = Path(folder)
        key, start = grading.copied(arguments.key, root / "key"), time.monotonic()
        found = round_trip(root, key, [index.lesson_name(name) for name in arguments.lessons], command)
    found["seconds"] = round(time.monotonic() - start, 1)
    for name, value in found.items():
        print(f"{name:24} {value}")
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    return 1 if found["problems"] else 0


def round_trip(root: Path, key: Path, lessons: list[str], command: Path) -> dict:
    """Return what was found, the problems in plain words among it."""
    course, problems = root / "course", []
    nbgrader_course.make_course(course, lessons)
    for lesson in lessons:
        run(command, course, None, "generate_assignment", lesson)
        problems += released(course / "release" / lesson / f"{lesson}.ipynb", lesson)
        said = run(command, course, key, "validate", f"source/{lesson}/{lesson}.ipynb").stdout
        problems += [] if "Success" in said else [f"{lesson}: the source does not validate: {said[-600:]}"]
        hand_in(course, lesson)
        before = sum(row[2] is not None for row in rows(course))
        keyless = run(command, course, None, "autograde", lesson, check=False)
        if not keyless.returncode or sum(row[2] is not None for row in rows(course)) > before:
            problems.append(f"{lesson}: without a key autograde ends with {keyless.returncode} and scores")
        run(command, course, key, "autograde", lesson)
    autograded = {(row[0], row[1].removeprefix("test-")): row[2] for row in rows(course)}
    ours = {place: points for place, (points, _) in graded(course, key, root / "grades").items()}
    for place, points in sorted(ours.items()):
        if autograded.get(place) is None or abs(autograded[place] - points) > 1e-4:
            problems.append(f"{' '.join(place)}: {points} points, in nbgrader {autograded.get(place)}")
    found = {"lessons": len(lessons), "exercises": len(ours), "points": sum(ours.values())}
    return found | {"problems": problems + scores(root, course, key, lessons, command)}


def released(path: Path, lesson: str) -> list[str]:
    """Return what is wrong with the notebook that students get."""
    text, solved = path.read_text(encoding="utf-8"), build.solved(lesson)
    shipped = {cell.id: cell.source for cell in nbformat.read(notebook_path(lesson), 4).cells}
    found = [f"{lesson}: students get {word!r}" for word in ("nbgrader_cells", "HIDDEN", "SOLUTION") if word in text]
    for cell in nbformat.reads(text, 4).cells:
        lines = [line for line in cell.source.splitlines() if line.strip()]
        if cell.id in shipped and lines != [line for line in shipped[cell.id].splitlines() if line.strip()]:
            found.append(f"{lesson}: the cell {cell.id} is not that of the release")
    return found if len(solved.cells) < len(nbformat.reads(text, 4).cells) else [*found, f"{lesson}: no cell was added"]


def hand_in(course: Path, lesson: str) -> None:
    """Hand in a lesson for each student, made of what nbgrader has released."""
    path = course / "release" / lesson / f"{lesson}.ipynb"
    answers = {cell.metadata["mrskit"]["exercise"]: cell.source for cell in build.solved(lesson).cells
               if "exercise" in cell.metadata.get("mrskit", {})}  # fmt: skip
    for student in STUDENTS:
        notebook = nbformat.read(path, 4)
        for number, cell in enumerate(cell for cell in notebook.cells if "exercise" in cell.metadata.get("mrskit", {})):
            if student == "ada" or (student == "bob" and number % 3):
                cell.source = answers[cell.metadata["mrskit"]["exercise"]]
            if student == "bob" and number % 3 == 1:
                cell.source = re.sub(r'(give\("[^"]+", )(\w+)', r'\1"nonsense"', cell.source)
        target = course / "submitted" / student / lesson / path.name
        target.parent.mkdir(parents=True)
        nbformat.write(notebook, target)


def graded(course: Path, key: Path, out: Path, *options: str) -> dict[tuple[str, str], tuple[float, float]]:
    """Grade nbgrader's own tree with the kit, and return the points of each student's exercises."""
    program = str(Path(sys.executable).with_name("mrskit"))
    words = [program, "grade", str(course / "submitted"), "--key", str(key), "--out", str(out), "--quiet", *options]
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    return grading.points(out)


def scores(root: Path, course: Path, key: Path, lessons: list[str], command: Path) -> list[str]:
    """Return what is wrong with scores of the kit in nbgrader's gradebook."""
    exercise = index.lesson_exercises(lessons[0])[0].id
    shutil.copy(key / "grading.toml", root / "rules") if (key / "grading.toml").is_file() else (root / "rules").touch()
    replace(key / "grading.toml", (root / "rules").read_text() + LATE)
    replace(key / "adjustments.csv", f"student,exercise,points,comment\ncem,{exercise},=1,by word of mouth\n")
    graded(course, key, root / "grades", "--export", "nbgrader")
    python, table = command.with_name("python"), root / "grades" / "export" / "nbgrader.json"
    dumps = []
    for _ in range(2):
        subprocess.run([python, "-I", SCRIPT, course, table], check=True, stdout=subprocess.DEVNULL)
        dumps.append(rows(course))
    problems = [] if dumps[0] == dumps[1] else ["a second time nbgrader_scores.py changes the gradebook"]
    totals: dict[str, float] = {}
    for student, name, auto, manual, extra, open_, penalty in dumps[0]:
        totals[student] = totals.get(student, 0.0) + (auto or 0.0) + (extra or 0.0)
        if name.startswith("start-"):
            totals[student] -= penalty or 0.0
        elif open_ or auto is None or manual is not None:
            problems.append(f"{student} {name}: nbgrader waits for a grade by hand")
    for path in sorted((root / "grades" / "students").glob("*/grade.json")):
        grade = json.loads(path.read_text())
        if abs(totals.get(grade["student"], -1) - grade["score"]) > 0.01:
            problems.append(f"{grade['student']}: {grade['score']} points, in nbgrader {totals.get(grade['student'])}")
    exported = run(command, course, None, "export").returncode == 0 and (course / "grades.csv").read_text()
    return problems + (
        [] if exported and all(name in exported for name in STUDENTS) else ["nbgrader export lacks people"]
    )


def replace(path: Path, text: str) -> None:
    """Write a file anew: that of a copied key may be a link."""
    path.unlink(missing_ok=True)
    path.write_text(text, encoding="utf-8")


def rows(course: Path) -> list[tuple]:
    """Return every grade in nbgrader's gradebook."""
    with sqlite3.connect(course / "gradebook.db") as database:
        return database.execute(_ALL).fetchall()


def run(command: Path, course: Path, key: Path | None, *words: str, check: bool = True) -> subprocess.CompletedProcess:
    """Run nbgrader in the course; its kernels are this Python."""
    kernels = course / "jupyter" / "kernels" / "python3"
    kernels.mkdir(parents=True, exist_ok=True)
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    (kernels / "kernel.json").write_text(json.dumps({"argv": argv, "display_name": "Python 3", "language": "python"}))
    path = f"{command.parent}{os.pathsep}{os.environ['PATH']}"
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("MRSKIT_")}
    surroundings |= {"JUPYTER_PATH": str(course / "jupyter"), "PATH": path} | ({"MRSKIT_KEY": str(key)} if key else {})
    done = subprocess.run([str(command), *words], cwd=course, env=surroundings, capture_output=True, text=True)
    if check and done.returncode:
        raise SystemExit(f"nbgrader {' '.join(words)} failed:\n{done.stderr[-4000:]}")
    return done


if __name__ == "__main__":
    sys.exit(main())
