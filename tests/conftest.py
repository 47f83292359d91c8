"""Fixtures that the whole suite shares: one simulated and reduced workspace feeds every test that needs products."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from filelock import FileLock

# One thread for linear algebra: two cores are shared by the worker processes.
for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

ROOT = Path(__file__).resolve().parents[1]
_PRODUCTS = {"references", "quick_workspace", "solved_workspace"}  # fixtures
# Tests that start sandboxes, browsers, viewers, kernels, clusters or a simulator of their own.
_PROGRAMS = (
    "benchmarks/", "grading/run/", "learner/test_browser.py", "lessons/test_accessibility.py",
    "lessons/test_real_data.py", "lessons/test_several_lessons.py", "references/", "simulate/", "viewers/", "workers/",
)  # fmt: skip
_FIRST = "lessons/test_course.py"  # makes what others wait for
_COMMON_WORK = "import typer.rich_utils, rich.markdown, rich.traceback"
_COMMON_SECONDS = 0.15  # of processor time that it takes where the limits in seconds are to be kept


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--workspace", default=None, help="workspace that tests/course verifies (default: the suite's own)"
    )
    parser.addoption(
        "--demo", default=None, help="workspace of 'mrskit demo' to use instead of making one (saves minutes)"
    )
    parser.addoption(
        "--screenshots", default=None, type=_folder, help="folder in which tests in a browser keep pictures"
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """
    Mark what 'make test-quick' leaves out: what needs products of the pipeline, and what runs other programs.

    The files of such tests come first, so that no process is left alone with a long one at the end.
    """
    marks: dict[Path, set[str]] = {}
    for item in items:
        found = marks.setdefault(item.path, set())
        if not _PRODUCTS.isdisjoint(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.pipeline)
        if item.path.as_posix().removeprefix(f"{ROOT.as_posix()}/tests/").startswith(_PROGRAMS):
            item.add_marker(pytest.mark.programs)
        found.update(mark.name for mark in item.iter_markers())

    def place(item: pytest.Item) -> int:
        if item.path.as_posix().endswith(_FIRST):
            return 0
        return 1 if "programs" in marks[item.path] else 2 if "pipeline" in marks[item.path] else 3

    items.sort(key=place)  # stable: the tests of a file stay together


def _folder(text: str) -> Path:
    Path(text).mkdir(parents=True, exist_ok=True)
    return Path(text).resolve()


@pytest.fixture(scope="session")
def processor_time() -> Callable[..., tuple[float, str]]:
    """
    Run a program; return the seconds of processor time that it has taken, and what it has printed.

    On a slower machine than that of the limits, or a busy one, the seconds are divided by how many times longer it
    takes there, at the same moment, to import the libraries of the command line.
    """

    def spent(*argv: object) -> tuple[float, str]:
        before = os.times()
        done = subprocess.run(list(map(str, argv)), capture_output=True, text=True, check=True)
        after = os.times()
        return sum(after[2:4]) - sum(before[2:4]), done.stdout  # of children: user, system

    def measured(*argv: object) -> tuple[float, str]:
        common, _ = spent(sys.executable, "-I", "-c", _COMMON_WORK)
        seconds, printed = spent(*argv)
        return seconds / max(1.0, common / _COMMON_SECONDS), printed

    return measured


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of the public MRS files (see data_manifest/), or a skip that says where they are looked for."""
    folder = Path(os.environ.get("MRSKIT_REAL_DATA", ROOT.parent / "shared" / "real"))
    if not folder.is_dir():
        pytest.skip(f"no public MRS files at {folder}: set MRSKIT_REAL_DATA to the folder that holds vv114/ and flt9/")
    return folder


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Path], None]]:
    """A function that activates a cache for the length of one test."""
    from mrskit.references import own_cache

    before = {name: os.environ.get(name) for name in own_cache.environment(Path())}
    yield own_cache.activate
    for name, value in before.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    own_cache.forget_rules()


@pytest.fixture(scope="session")
def player() -> Iterator:
    """Playwright, started once in a process, which cannot have two; or a skip that says how to get it."""
    sync_api = pytest.importorskip(
        "playwright.sync_api", reason="playwright is not installed (pip install mrskit[dev])"
    )
    with sync_api.sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Callable[[Path], object]], Path]:
    """
    A function that returns a folder of a name that one process of the run fills, and the others wait for.

    The second argument fills the folder, which does not exist yet.
    """
    place = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        place = place.parent  # the folder that all workers of the run share

    def folder(name: str, fill: Callable[[Path], object]) -> Path:
        made = place / "made-once" / name
        made.parent.mkdir(exist_ok=True)
        with FileLock(made.with_suffix(".lock")):
            if not made.with_suffix(".done").exists():
                shutil.rmtree(made, ignore_errors=True)
                fill(made)
                made.with_suffix(".done").touch()
        return made

    return folder


@pytest.fixture(scope="session")
def references(request: pytest.FixtureRequest, made_once) -> Path:
    """The reference cache for 12:SHORT and 34:SHORT, built once a run, activated."""
    from mrskit import bands, workspace
    from mrskit.references import own_cache
    from mrskit.simulate.references import build

    if made := request.config.getoption("--demo"):
        folder = Path(workspace.open_workspace(made).card().references)
    else:
        folder = made_once("references", lambda new: build.build(bands.settings("12:SHORT,34:SHORT"), new))
    own_cache.activate(folder)
    return folder


@pytest.fixture(scope="session")
def quick_workspace(request: pytest.FixtureRequest, made_once, references, copy_of):
    """The demo's data, reduced: 12:SHORT to cubes and spectra, 34:SHORT to rates; read it, never write into it."""
    from mrskit import workspace
    from mrskit.lessons import demo
    from mrskit.pipeline.ahead import import_pipeline
    from mrskit.workers import executor

    def fill(root: Path) -> None:
        if made := request.config.getoption("--demo"):
            copy_of(workspace.open_workspace(made), root)
            return
        space = workspace.create(root)
        with executor.session() as workers:
            workers.start(import_pipeline)
            demo.make_data(space, references=references)
            demo.reduce_data(space)

    return workspace.Workspace(made_once("quick", fill))


@pytest.fixture(scope="session")
def copy_of():
    """A function that copies a workspace without its answers; the data are hard links, as nobody writes into a file."""
    from mrskit import workspace

    def copy(original: workspace.Workspace, root: Path) -> workspace.Workspace:
        left_out = shutil.ignore_patterns("answers", "Notebook", "Plots", "report*", "scorecard.json")
        shutil.copytree(original.root, root, copy_function=os.link, ignore=left_out)
        return workspace.create(root)

    return copy


@pytest.fixture(scope="session")
def solved_workspace(request: pytest.FixtureRequest, made_once, quick_workspace, copy_of):
    """The demo's data after the six solved lessons; read it, never write into it."""
    from mrskit import workspace
    from mrskit.lessons import demo

    def fill(root: Path) -> None:
        if made := request.config.getoption("--demo"):
            shutil.copytree(made, root, copy_function=os.link)
        else:
            demo.run_lessons(copy_of(quick_workspace, root), solved=True)

    return workspace.Workspace(made_once("solved", fill))
