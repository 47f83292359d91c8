"""A toy course for the tests of the machinery."""

from __future__ import annotations

import shutil
from pathlib import Path

import matplotlib.pyplot as plt
import pytest

from mrskit import workspace
from mrskit.course import index
from mrskit.lessons import build, demo, index as lesson_index, run

TOY = Path(__file__).parent / "toy"


def install_toy(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Path:
    """Put the toy course in the place of the real one, its sources and notebooks in a folder; return the folder."""
    monkeypatch.syspath_prepend(TOY)
    monkeypatch.setenv("PYTHONPATH", str(TOY))
    monkeypatch.delenv("MRSKIT_MODE", raising=False)
    import toycourse

    monkeypatch.setattr(index, "COURSE", toycourse.COURSE)
    shutil.copytree(TOY / "source", folder / "source")
    for module in (build, lesson_index):
        monkeypatch.setattr(module, "lessons_folder", lambda: folder)
    build.build_lessons(folder / "source", folder)
    return folder


@pytest.fixture
def toy(monkeypatch, tmp_path):
    """The toy course in place of the real one; the folder of its sources and notebooks."""
    return install_toy(monkeypatch, tmp_path / "lessons")


@pytest.fixture(scope="module")
def module_toy(tmp_path_factory):
    """As toy, for all tests of a module that only read."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        yield install_toy(monkeypatch, tmp_path_factory.mktemp("toy") / "lessons")


@pytest.fixture
def space(tmp_path):
    """An empty workspace."""
    return workspace.create(tmp_path / "space")


@pytest.fixture
def run_toy(toy, space):
    """A function that runs a toy lesson on the empty workspace and returns the executed notebook's path."""

    def call(lesson: str, **options: object) -> Path:
        return run.run_lesson(lesson, space, **options)

    return call


@pytest.fixture(scope="module")
def reported(module_toy, tmp_path_factory):
    """The workspace after both toy lessons, one of them solved, with a figure and a report."""
    space = workspace.create(tmp_path_factory.mktemp("reported"))
    demo.run_lessons(space, solved=True, lessons=("01",))
    demo.run_lessons(space, solved=False, lessons=("02",))
    figure = plt.figure(figsize=(1, 1))
    figure.savefig(space.plots / "01-line.png", metadata={"Description": "A line that rises <fast>."})
    plt.close(figure)
    space.update_card(
        simulated=True, seed=2732, scene="abc123", profile="quick", settings=["12:SHORT"], versions={"jwst": "3.0.0"}
    )
    demo.finish(space)
    return space
