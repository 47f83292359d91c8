"""What a notebook in the sandbox can learn of the answers from the kit and the data: nothing."""

import ast
import json
from pathlib import Path

import nbformat
import pytest

import mrskit
from mrskit.grading.intake import intake
from mrskit.grading.run.run import Runner
from mrskit.grading.run.sandbox import backends, mounts
from mrskit.grading.run.sandbox.backends import Backend
from mrskit.grading.run.sandbox.syscalls import LANDLOCK_NEEDED, landlock_version
from mrskit.lessons import build

# Folders of the package whose code notebooks run.
RUN = ("analysis", "answering", "course", "exercises", "kept", "pipeline", "plotting", "references", "viewers",
       "workers")  # fmt: skip
# Ways to the answers; each leaves a word in the list of what it has found.
ASK = """
import importlib, json, marshal, os
from pathlib import Path
import mrskit
found, package = [], Path(mrskit.__file__).parent
for name in ("course.lesson01_setup.exercises", "course.lesson01_setup.expected", "course.lesson06_analysis.functions",
             "course.measured_again", "answering.judge", "grading.key", "grading.judging.judging", "classroom.handout",
             "simulate.truth", "simulate.scene_default"):
    try:
        module = importlib.import_module("mrskit." + name)
        if [entry for entry in vars(module) if not entry.startswith("__")]:
            found.append(name)
    except Exception:
        pass
for folder in ("answering", "classroom", "course", "grading", "simulate"):
    names = []
    for place in [package / folder, *(package / folder).glob("[ijlr]*")]:
        try:
            names += [path for path in (place / "__pycache__").iterdir()]
        except OSError:
            pass
    for path in names:  # a folder that may be listed may be listed whole; what counts is what can be read
        try:
            found += [path.name] * (len(path.read_bytes()) > 0)
        except OSError:
            pass
try:
    from mrskit.course import index
    index.exercise("01-groups-that-fit").check(None, None)
    found.append("check")
except Exception:
    pass
card = json.loads((Path(workspace) / "workspace.json").read_text())
found += [name for name in ("seed", "scene") if name in card]
found += [name for name in ("truth", "answers") for path in Path(card["references"]).parents if (path / name).exists()]
found += [str(path) for path in Path(workspace).rglob("scene.json")]
"""


def asking():
    """Lesson 01, in which the answer that is a text is what was found out."""
    notebook = build.student("01_setup")
    for cell in notebook.cells:
        if cell.metadata.get("mrskit", {}).get("exercise") == "01-configuration":
            cell.source = f'{ASK}\nanswers.give("01-configuration", "all/all " + json.dumps(found))'
    return notebook


def found_out(backend, space, tmp_path):
    """What the notebook has found out in a sandbox."""
    path = tmp_path / "alice.ipynb"
    path.write_text(nbformat.writes(asking()), encoding="utf-8")
    submission = intake.collect(path)[0]
    with Runner(space, backend=backend) as running:
        record, _ = running.run(submission, 7, {})
    given = next(item for item in record.given if item.id == "01-configuration")
    assert given.outcome == "recorded", given.message
    return json.loads(given.record["value"].removeprefix("all/all "))


@pytest.mark.pipeline
def test_in_bubblewrap_neither_the_judge_nor_the_seed_is_to_be_found(solved_workspace, tmp_path):
    backend = backends.best(mounts.needed(solved_workspace))
    if backend.level != "bubblewrap":
        pytest.skip("no bubblewrap here: install bubblewrap")
    assert found_out(backend, solved_workspace, tmp_path) == []


@pytest.mark.pipeline
def test_under_landlock_neither_the_judge_nor_the_seed_is_to_be_found(solved_workspace, tmp_path):
    if landlock_version() < LANDLOCK_NEEDED:
        pytest.skip("no Landlock here: a kernel from Linux 6.7 on has it")
    assert found_out(Backend("landlock", nested=False), solved_workspace, tmp_path) == []


def test_a_folder_with_a_hidden_part_gives_way_to_what_is_in_it(tmp_path):
    for name in ("kit/a.py", "kit/secret.py", "kit/sub/b.py", "data/c.fits"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    kit, data = tmp_path / "kit", tmp_path / "data"
    readable, listed = mounts.visible(mounts.Mounts((kit, data), (kit / "sub",), (kit / "secret.py",)))
    assert readable == [data, kit / "a.py"]
    assert listed == [kit]


def run_nodes(tree):
    """Give the nodes of a module that are run: not those under 'if TYPE_CHECKING'."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
            yield node
            waiting += ast.iter_child_nodes(node)


def test_what_notebooks_run_imports_nothing_that_is_hidden_from_them():
    package = Path(mrskit.__file__).parent
    secret = mounts.secret_parts()
    hidden = {path for path in package.rglob("*.py") if any(path.is_relative_to(part) for part in secret)}
    names = {"mrskit." + ".".join(path.relative_to(package).with_suffix("").parts) for path in hidden}
    names |= {"mrskit." + ".".join(part.relative_to(package).parts) for part in secret if part.is_dir()}
    assert len(hidden) > 35
    seen = [path for path in package.rglob("*.py") if path not in hidden and path.relative_to(package).parts[0] in RUN]
    for path in seen:
        for node in run_nodes(ast.parse(path.read_text(encoding="utf-8"))):
            found = {node.module} if isinstance(node, ast.ImportFrom) and node.module else set()
            found |= (
                {f"{node.module}.{item.name}" for item in node.names} if isinstance(node, ast.ImportFrom) else set()
            )
            assert not names & found, path


def test_whatever_comes_to_the_course_is_hidden_unless_it_is_put_where_notebooks_may_look(tmp_path):
    for name in ("course/index.py", "course/shown/new.py", "course/lesson07_more/exercises.py", "course/new.py",
                 "simulate/new.py", "answering/judge.py", "answering/cards.py"):  # fmt: skip
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = {path.relative_to(tmp_path).as_posix() for path in mounts.secret_parts(tmp_path)}
    assert found == {"course/lesson07_more", "course/new.py", "simulate", "answering/judge.py"}
