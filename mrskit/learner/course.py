"""The learner's own workspace: the demo's data as hard links, no answers, and the student notebooks."""

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
    """Return the learner's workspace: the named folder, the current folder or a parent, or a course folder in these."""
    if root is not None:
        return open_workspace(root)
    here = Path.cwd()
    for folder in (here, *here.parents):
        for candidate in (folder, folder / COURSE):
            if (candidate / "Source" / "uncal").is_dir():
                return open_workspace(candidate)
    raise WorkspaceError(f"{here / COURSE}: you have no workspace yet. Run 'mrskit start', or name a workspace with "
                         f"--workspace (the solved demo: --workspace {DEMO}).", path=here / COURSE)  # fmt: skip


def has_data(root: Path) -> bool:
    """Return whether a folder has course data, reduced to cubes; data from an instructor also need references."""
    reduced = any((root / "Source" / "stage3").glob("*_s3d.fits")) and Workspace(root).has_card
    return reduced and bool(not (card := Workspace(root).card()).handed_out or card.references)


def make_data(root: Path, say: Callable[[str], None]) -> None:
    """
    Simulate and reduce the demo's data, which takes some minutes; existing products are not made again.

    Data that an instructor has handed out are only reduced, because their seed is not known here.

    MrskitError if a step fails, or the disk has too little space.
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
    Return the learner's workspace; if it does not exist, make it from the data of a different workspace.

    Data and products are hard links. They are safe, because the kit replaces files and never writes into them. Answers,
    notebooks and figures of the other workspace are left out.

    WorkspaceError if ``data`` is not a workspace, or ``root`` is a folder with other files.
    """
    if (root / "Source" / "uncal").is_dir():
        return create(root)
    if root.exists() and any(root.iterdir()):
        raise WorkspaceError(f"{root}: the folder is not empty and not a workspace. Choose a different one with "
                             "--workspace.", path=root)  # fmt: skip
    source = open_workspace(data).root
    with replacing(root) as made:  # replaces an empty folder
        shutil.copytree(source, made, copy_function=_link, ignore=shutil.ignore_patterns(*LEFT_OUT))
    workspace = create(root)
    workspace.update_card(learner=True)
    return workspace


def notebook(workspace: Workspace, lesson: str, fresh: bool = False) -> Path:
    """
    Return the learner's notebook of a lesson, by number or name; if it does not exist, copy the student notebook.

    With ``fresh`` a new copy replaces it; the caller has kept the old file. LessonError if the lesson does not exist.
    """
    from mrskit.lessons.index import notebook_path

    original = notebook_path(lesson)
    path = workspace.root / "Notebook" / original.name
    if fresh or not path.is_file():
        write_text(path, _adapted(original))
    return path


def resume(workspace: Workspace, state: progress.Progress) -> str:
    """Return the lesson to continue: the last lesson with work or, if it is finished, the next unfinished lesson."""
    lessons = state.card.lessons
    paths = [workspace.answers / f"{lesson.name}.json" for lesson in lessons]
    touched = [path.stat().st_mtime_ns if path.is_file() else 0 for path in paths]
    last = max(range(len(lessons)), key=lambda number: (touched[number], number)) if any(touched) else 0
    order = [*lessons[last:], *lessons[:last]]
    return next((lesson.name for lesson in order if lesson.passed < lesson.exercises), lessons[last].name)


def refuse_own(root: Path) -> None:
    """Refuse to run whole lessons in a learner's workspace, because they would replace notebooks and answers."""
    if Workspace(root).card().learner:
        raise WorkspaceError(f"{root}: this is a learner's workspace, and the command would replace its notebooks and "
                             f"answers. Open its lessons with 'mrskit start', or use a different workspace, e.g. "
                             f"{DEMO}.", path=root)  # fmt: skip


def refuse_blank(root: Path, lesson: str) -> None:
    """Refuse to run an unsolved lesson in a workspace with answers, because its ``...`` would replace them."""
    from mrskit.answering import answer_files
    from mrskit.course.index import lesson_name

    name = lesson_name(lesson)
    found = answer_files.tables(Workspace(root), name)["answers"]
    given = sum(record.get("value") is not None for record in found.values() if isinstance(record, dict))
    if given:
        raise WorkspaceError(f"{root}: the unsolved lesson would erase {given} answers to {name} in this workspace. "
                             "Run the lesson with --solved, or in a different workspace "
                             "(--workspace).", path=root)  # fmt: skip


def _adapted(original: Path) -> str:
    """Return the text of a student notebook with its parameter ``workspace`` set to the folder above the notebook."""
    table = notebooks.load(original)
    for cell in table["cells"]:
        if "parameters" in cell.get("metadata", {}).get("tags", ()):
            text = re.sub(r"^workspace = .*$", ABOVE, notebooks.text_of(cell), flags=re.MULTILINE)
            cell["source"] = text.splitlines(keepends=True)
    return json.dumps(table, indent=1, ensure_ascii=False) + "\n"


def _link(source: str, target: str) -> None:
    """Link a file, or copy it if links are not possible (across disks, on some shared folders); copy the card."""
    try:
        (shutil.copy2 if Path(source).name == CARD else os.link)(source, target)
    except OSError:
        shutil.copy2(source, target)
