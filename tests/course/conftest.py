"""
What the course tests know about the workspace that they verify.

    pytest tests/course --workspace WORKSPACE

verifies any workspace: the demo's, a learner's, one with adopted or fetched data, also one that is not finished: what
was not made or answered yet is skipped and told. Without the option the suite's own is verified.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pytest
from astropy.io import fits

from mrskit import bands, observed, plan, products, workspace
from mrskit.answering import judge, recorded
from mrskit.card import Card
from mrskit.course import index
from mrskit.errors import MrskitError

HERE = Path(__file__).parent
ROLES = ("source", "background")


def pytest_addoption(parser: pytest.Parser) -> None:
    try:
        parser.addoption("--workspace", default=None, help="workspace that the course tests verify")
    except ValueError:  # the suite's own conftest has it already
        pass


@dataclass(frozen=True, slots=True)
class Claims:
    """What a workspace says it holds: from workspace.json, else (real data) from the headers of its raw files."""

    workspace: workspace.Workspace
    card: Card

    def raw(self, role: str, setting: bands.Setting) -> list[Path]:
        """Return the raw files of a setting."""
        return products.find(self.workspace.stage(role, "uncal"), "uncal", setting)

    def settings(self) -> list[str]:
        """Return the names of the settings: of the card, and of the raw files."""
        found = {products.read_setting(path).name for role in ROLES
                 for path in products.find(self.workspace.stage(role, "uncal"), "uncal")}  # fmt: skip
        return sorted(found | set(self.card.settings) & set(bands.SETTINGS))

    def reduced(self) -> list[str]:
        """Return the settings that go through all stages: by the card, else where lessons ran, else the first."""
        if self.card.whole or self.card.rate_only:
            return [name for name in self.settings() if name not in self.card.rate_only]
        ran = {entry.setting for name in index.lessons() for entry in recorded.read(self.workspace, name).values()}
        return sorted(ran & set(self.settings())) or self.settings()[:1]

    def observations(self, role: str) -> list[plan.Observation]:
        """Return the observations of a role: by the headers of real data, else of the course's program."""
        return [item for item in observed.of(self.workspace).observations if item.role == role]

    def exposures(self, role: str, setting: bands.Setting) -> int:
        """Return the number of exposures (dithers) of a setting."""
        if setting.name in self.card.dithers:
            return self.card.dithers[setting.name][ROLES.index(role)]
        if self.card.profile and not self.card.is_real:
            chosen = plan.profile(self.card.profile)
            return chosen.source_dithers if role == "source" else chosen.background_dithers
        if self.card.is_real:  # each observation that has exposures of the setting, as its headers count them
            headers = [fits.getheader(path) for path in self.raw(role, setting)]
            counts = {header["OBSERVTN"]: int(header.get("NUMDTHPT", 1)) for header in headers}
            return sum(counts.values())
        return sum(item.dithers for item in self.observations(role) if item.has(setting))

    def lengths(self, role: str) -> set[tuple[int, int]]:
        """Return groups and integrations that exposures of a role may have; none where their headers alone say it."""
        if self.card.is_real:
            return set()
        chosen = [plan.profile(self.card.profile)] if self.card.profile else self.observations(role)
        return {(item.groups, item.integrations) for item in chosen}

    def unfinished(self, role: str, stage: int) -> bool:
        """Return whether nothing of a stage or a later one was made yet, in a workspace that need not be whole."""
        folders = [self.workspace.stage(role, f"stage{number}") for number in range(stage, 4)]
        return not self.card.whole and not any(found for folder in folders for found in folder.glob("*.fits"))


def _claims(root: Path) -> Claims:
    opened = workspace.open_workspace(root)
    return Claims(opened, opened.card())


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each test the settings, or the bands, of the workspace."""
    root = metafunc.config.getoption("--workspace")
    settings, reduced = ["12:SHORT", "34:SHORT"], ["12:SHORT"]
    if root is not None:
        try:
            settings, reduced = _claims(Path(root)).settings(), _claims(Path(root)).reduced()
        except MrskitError as error:
            raise pytest.UsageError(str(error)) from error
    names = {"setting": settings, "reduced_setting": reduced,
             "band": [band.name for name in reduced for band in bands.SETTINGS[name].bands]}  # fmt: skip
    for name, values in names.items():
        if name in metafunc.fixturenames:
            known = bands.BANDS if name == "band" else bands.SETTINGS
            metafunc.parametrize(name, [known[value] for value in values], ids=values)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without a workspace the tests need the suite's own, which takes the pipeline."""
    if config.getoption("--workspace") is None:
        for item in items:
            if HERE in item.path.parents:
                item.add_marker(pytest.mark.pipeline)


@pytest.fixture(scope="session")
def course_workspace(request: pytest.FixtureRequest) -> workspace.Workspace:
    """The workspace that is verified."""
    root = request.config.getoption("--workspace")
    return request.getfixturevalue("solved_workspace") if root is None else workspace.open_workspace(root)


@pytest.fixture(scope="session")
def claims(course_workspace) -> Claims:
    """What the workspace says it holds."""
    return _claims(course_workspace.root)


@pytest.fixture(scope="session")
def verdicts(course_workspace) -> dict[str, judge.Row]:
    """The verdict on every exercise."""
    return {row.id: row for lesson in judge.scorecard(course_workspace).lessons for row in lesson.rows}


@pytest.fixture(scope="session")
def say():
    """A function that fails a test with a message alone: learners need no traceback."""

    def fail(message: str) -> NoReturn:
        pytest.fail(message, pytrace=False)

    return fail
