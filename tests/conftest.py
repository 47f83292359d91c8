"""Fixtures that the whole suite shares: one simulated and reduced workspace feeds every test that needs products."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

# One thread for linear algebra: two cores are shared by the worker processes.
for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

ROOT = Path(__file__).resolve().parents[1]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--workspace", default=None, help="workspace that tests/course verifies (default: the suite's own)"
    )


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of the public MRS files (see data_manifest/), or a skip that says where they are looked for."""
    folder = Path(os.environ.get("MRSKIT_REAL_DATA", ROOT.parent / "shared" / "real"))
    if not folder.is_dir():
        pytest.skip(f"no public MRS files at {folder}: set MRSKIT_REAL_DATA to the folder that holds vv114/ and flt9/")
    return folder


@pytest.fixture(scope="session")
def references(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reference cache for 12:SHORT and 34:SHORT, built once a session, activated."""
    from mrskit import bands
    from mrskit.simulate.references import build, cache

    folder = build.build(bands.settings("12:SHORT,34:SHORT"), tmp_path_factory.mktemp("references") / "crds")
    cache.activate(folder)
    return folder


def _reduced(root: Path, references: Path, *, perfect: bool):
    from mrskit import bands, workspace
    from mrskit.pipeline import stages
    from mrskit.simulate import exposure

    space = workspace.create(root)
    chosen = bands.settings("12:SHORT") if perfect else bands.settings("12:SHORT,34:SHORT")
    dithers = None if perfect else {"34:SHORT": (1, 1)}
    exposure.simulate(space, chosen, references=references, perfect=perfect, extras=not perfect, dithers=dithers)
    stages.reduce(space, bands.settings("12:SHORT"))
    return space


@pytest.fixture(scope="session")
def quick_workspace(tmp_path_factory: pytest.TempPathFactory, references: Path):
    """The demo's data, seed 2732, reduced to cubes and spectra in 12:SHORT; read it, never write into it."""
    return _reduced(tmp_path_factory.mktemp("quick"), references, perfect=False)


@pytest.fixture(scope="session")
def perfect_workspace(tmp_path_factory: pytest.TempPathFactory, references: Path):
    """As quick_workspace, but the references equal the simulated instrument."""
    return _reduced(tmp_path_factory.mktemp("perfect"), references, perfect=True)
