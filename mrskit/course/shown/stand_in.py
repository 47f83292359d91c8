"""The kit's own simulated exposures, for the sections of lessons that a learner's data cannot serve."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from mrskit import products
from mrskit.bands import Setting, settings
from mrskit.errors import missing_file
from mrskit.references import context, own_cache
from mrskit.workspace import ROLES, Workspace

FOLDER = "Simulated"  # in a workspace of real data
SHORT, LONG = Setting("12", "SHORT"), Setting("34", "SHORT")
_DITHERS = {SHORT.name: (1, 2), LONG.name: (1, 1)}  # source, background
_VARIABLES = ("CRDS_PATH", "CRDS_CONTEXT", "CRDS_SERVER_URL", "CRDS_READONLY_CACHE")


def count(space: Workspace, role: str, setting: Setting) -> int:
    """Return how many raw exposures of a role and setting a workspace holds."""
    return len(products.find(space.stage(role, "uncal"), "uncal", setting))


def of_ramp(space: Workspace) -> Workspace:
    """Return the workspace whose long ramp has known showers: the learner's own, or the one of the kit's exposures."""
    return _kit(space) if space.card().is_real else space


def of_long(space: Workspace, redshift: float = 0.0) -> Workspace:
    """Return the workspace with the long detector in SHORT, source and background: the learner's, else the kit's."""
    own = redshift == redshift and all(count(space, role, LONG) for role in ROLES)  # NaN: not known
    return space if own or not space.card().is_real else _kit(space)


def of_empty_field(space: Workspace, setting: Setting) -> tuple[Workspace, Setting]:
    """Return the workspace, and the setting, of two exposures of an empty field: the learner's own, else the kit's."""
    own = count(space, "background", setting) > 1 or not space.card().is_real
    return (space, setting) if own else (_kit(space), SHORT)


def ready(space: Workspace) -> Workspace:
    """
    Return the workspace of the kit's own exposures; they are simulated if they are not there yet.

    Raises
    ------
    MrskitError
        As for `mrskit.simulate.exposure.simulate`.
    """
    kit = _kit(space)
    if not kit.has_card:
        from mrskit.simulate.exposure import simulate

        print("Exposures of the kit are simulated for what your data cannot show (once, a minute or two) ...")
        with kept_environment():
            simulate(kit, settings(",".join(_DITHERS)), dithers=_DITHERS)
    return kit


def told(space: Workspace, chosen: Workspace, what: str) -> Workspace:
    """Return the chosen workspace; say so, and see that it is there, where it is not the learner's own."""
    if chosen != space:
        print(f"Your data have no {what}: this section shows SIMULATED exposures of the kit.")
        return ready(space)
    return chosen


def _kit(space: Workspace) -> Workspace:
    return Workspace(space.root / FOLDER)


def require(space: Workspace) -> Workspace:
    """
    Return a workspace that exists.

    Raises
    ------
    ProductError
        If it is that of the kit's exposures, and no lesson has made it yet.
    """
    if space.root.name == FOLDER and not space.has_card:
        raise missing_file(space.root, "exposures of the kit that stand in for yours", "Run the lesson from the top.")
    return space


@contextmanager
def references(space: Workspace) -> Iterator[None]:
    """Use the references of a workspace, and afterwards those from before again."""
    with kept_environment():
        context.activate_references(space)
        yield


@contextmanager
def kept_environment() -> Iterator[None]:
    """Have the CRDS variables as they were once the pipeline has worked with the references of another workspace."""
    before = {name: os.environ[name] for name in _VARIABLES if name in os.environ}
    try:
        yield
    finally:
        if any(os.environ.get(name) != before.get(name) for name in _VARIABLES) and before:
            own_cache.switch(before)
