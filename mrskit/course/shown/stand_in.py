"""The kit's own simulated exposures, for sections of lessons for which a learner's data do not suffice."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from contextlib import contextmanager

from mrskit import products
from mrskit.bands import Setting, settings
from mrskit.errors import LessonError
from mrskit.references import context, own_cache
from mrskit.workspace import ROLES, Workspace

FOLDER = "Simulated"  # in a workspace of real data
SHORT, LONG = Setting("12", "SHORT"), Setting("34", "SHORT")
_DITHERS = {SHORT.name: (1, 2), LONG.name: (1, 1)}  # source, background
_VARIABLES = ("CRDS_PATH", "CRDS_CONTEXT", "CRDS_SERVER_URL", "CRDS_READONLY_CACHE")


def count(space: Workspace, role: str, setting: Setting) -> int:
    """Return the number of raw exposures with a role and setting in a workspace."""
    return len(products.find(space.stage(role, "uncal"), "uncal", setting))


def of_ramp(space: Workspace) -> Workspace:
    """Return the workspace whose long ramp has known showers; for real data, the kit's own workspace."""
    return Workspace(space.root / FOLDER) if space.card().is_real else space


def of_long(space: Workspace, redshift: float = 0.0) -> Workspace:
    """Return the workspace (the learner's or the kit's) with 34:SHORT, source and background, and [Ne II] in it."""
    own = 12.4 < 12.814 * (1 + redshift) < 13.28 and all(count(space, role, LONG) for role in ROLES)  # um; not of NaN
    return space if own else of_ramp(space)


def of_empty_field(space: Workspace, setting: Setting) -> tuple[Workspace, Setting]:
    """Return workspace and setting of two empty-field exposures, the learner's own or else the kit's."""
    chosen = space if count(space, "background", setting) > 1 else of_ramp(space)
    return chosen, setting if chosen == space else SHORT


def ready(space: Workspace, chosen: Workspace, what: str = "") -> Workspace:
    """Return the chosen workspace; for the kit's workspace, print a message and simulate missing exposures."""
    if chosen != space and what:
        print(f"Your data have no {what}: this section shows SIMULATED exposures of the kit.")
    if chosen != space and not chosen.has_card:
        try:
            simulator = importlib.import_module("mrskit.simulate.exposure")  # not there where notebooks are graded
        except ModuleNotFoundError:
            raise LessonError(f"{chosen.root}: the kit's own exposures are missing and cannot be simulated here. Run "
                              "the lesson once with 'mrskit start'.", path=chosen.root) from None  # fmt: skip
        print("They are simulated once, which takes a minute or two ...")
        with references(space):
            simulator.simulate(chosen, settings(",".join(_DITHERS)), dithers=_DITHERS)
    return chosen


@contextmanager
def references(space: Workspace) -> Iterator[None]:
    """Use the references of a workspace inside the block, then restore the previous references."""
    before = {name: os.environ[name] for name in _VARIABLES if name in os.environ}
    context.activate_references(space)
    try:
        yield
    finally:
        if any(os.environ.get(name) != before.get(name) for name in _VARIABLES) and before:
            own_cache.switch(before)
