"""A workspace of the learner's own: the demo's data as hard links, no answers, and the student notebooks in it."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

from mrskit import room
from mrskit.card import CARD
from mrskit.errors import WorkspaceError
from mrskit.learner import notebooks, progress
from mrskit.workspace import Workspace, create, open_workspace, replacing, require_space, write_text

COURSE, DEMO = Path("work/course"), Path("work/demo")
LEFT_OUT = ("answers", "Notebook", "Plots", "logs", "report*", "scorecard.json", f"*{progress.FILE}*", ".writing-*")
ABOVE = 'workspace = ".."  # the folder above this notebook, with Source/ and Background/'


def find(root: Path | None = None) -> Workspace:
    """Return the learner's workspace: the folder that is named, else this one, one above it, or the course in these."""
    if root is not None:
        return open_workspace(root)
    here = Path.cwd()
    for folder in (here, *here.parents):
        for candidate in (folder, folder / COURSE):
            if (candidate / "Source" / "uncal").is_dir():
                return open_workspace(candidate)
    raise WorkspaceError(f"{here / COURSE}: no workspace of yours yet. Run 'mrskit start', or name one with "
                         f"--workspace (the solved demo: --workspace {DEMO}).", path=here / COURSE)  # fmt: skip


def has_data(root: Path) -> bool:
    """Return whether a folder holds data of the course, reduced to cubes; data handed out need references, too."""
    reduced = any((root / "Source" / "stage3").glob("*_s3d.fits")) and Workspace(root).has_card
    return reduced and bool(not (card := Workspace(root).card()).handed_out or card.references)


def make_data(root: Path, say: Callable[[str], None]) -> None:
    """
    Simulate and reduce the demo's data, which takes some minutes; what is there already is not made again.

    Of data that an instructor has handed out nobody here knows the seed: these are reduced, not simulated.

    MrskitError of the step that failed, or if there is not enough room on the disk.
    """
    from mrskit import bands
    from mrskit.lessons import demo
    from mrskit.pipeline.ahead import import_pipeline
    from mrskit.simulate.references import build
    from mrskit.workers import executor

    require_space(root, room.of_demo("quick") + room.LESSONS, "the data of the course")
    space = create(root)
    card = space.card()
    with executor.session() as workers:
        workers.start(import_pipeline)
        if card.handed_out:
            settings = ",".join(card.settings)
            space.update_card(references=str(build.build(bands.settings(settings), progress=say)))
        else:
            demo.make_data(space, progress=say)
        demo.reduce_data(space, progress=say)


def make(root: Path, data: Path) -> Workspace:
    """
    Return the learner's workspace, after making it from the data of another one if it is not there yet.

    Data and products are hard links: no byte is copied, as the kit replaces files and never writes into them. Answers,
    notebooks and figures of the other workspace are left out.

    WorkspaceError if ``data`` holds no workspace, or ``root`` is a folder with something else in it.
    """
    if (root / "Source" / "uncal").is_dir():
        return create(root)
    if root.exists() and any(root.iterdir()):
        raise WorkspaceError(f"{root}: is not empty and no workspace. Choose another with --workspace.", path=root)
    source = open_workspace(data).root
    with replacing(root) as made:  # which takes the place of an empty folder
        shutil.copytree(source, made, copy_function=_link, ignore=shutil.ignore_patterns(*LEFT_OUT))
    workspace = create(root)
    workspace.update_card(learner=True)
    return workspace


def notebook(workspace: Workspace, lesson: str, fresh: bool = False) -> Path:
    """
    Return the learner's notebook of a lesson, by number or name; a copy of the student notebook if there is none yet.

    With ``fresh`` a new copy takes its place; the caller has kept the old one. LessonError if there is no such lesson.
    """
    from mrskit.lessons.index import notebook_path

    original = notebook_path(lesson)
    path = workspace.root / "Notebook" / original.name
    if fresh or not path.is_file():
        write_text(path, _adapted(original))
    return path


def resume(workspace: Workspace, state: progress.Progress) -> str:
    """Return the lesson to go on with: the one last worked on, or after its end the next one that is not finished."""
    lessons = state.card.lessons
    paths = [workspace.answers / f"{lesson.name}.json" for lesson in lessons]
    touched = [path.stat().st_mtime_ns if path.is_file() else 0 for path in paths]
    last = max(range(len(lessons)), key=lambda number: (touched[number], number)) if any(touched) else 0
    order = [*lessons[last:], *lessons[:last]]
    return next((lesson.name for lesson in order if lesson.passed < lesson.exercises), lessons[last].name)


def refuse_own(root: Path) -> None:
    """Refuse to run whole lessons in a learner's workspace: they would take the place of notebooks and answers."""
    if Workspace(root).card().learner:
        raise WorkspaceError(f"{root}: a learner's workspace, whose notebooks and answers this would replace. Open its "
                             f"lessons with 'mrskit start', or use another one, e.g. {DEMO}.", path=root)  # fmt: skip


def refuse_blank(root: Path, lesson: str) -> None:
    """Refuse to run a lesson as it is shipped where it was answered: its ``...`` would take the place of answers."""
    from mrskit.answering import answer_files
    from mrskit.course.index import lesson_name

    name = lesson_name(lesson)
    found = answer_files.tables(Workspace(root), name)["answers"]
    given = sum(record.get("value") is not None for record in found.values() if isinstance(record, dict))
    if given:
        raise WorkspaceError(f"{root}: holds {given} answers to {name}, which the lesson as it is shipped would blank. "
                             "Run it with --solved, or in another workspace (--workspace).", path=root)  # fmt: skip


def _adapted(original: Path) -> str:
    """Return the text of a student notebook whose parameter ``workspace`` is the folder above the notebook."""
    table = notebooks.load(original)
    for cell in table["cells"]:
        if "parameters" in cell.get("metadata", {}).get("tags", ()):
            text = re.sub(r"^workspace = .*$", ABOVE, notebooks.text_of(cell), flags=re.MULTILINE)
            cell["source"] = text.splitlines(keepends=True)
    return json.dumps(table, indent=1, ensure_ascii=False) + "\n"


def _link(source: str, target: str) -> None:
    """Link a file but the card, copy it where links are not possible: across disks, on some shared folders."""
    try:
        (shutil.copy2 if Path(source).name == CARD else os.link)(source, target)
    except OSError:
        shutil.copy2(source, target)
