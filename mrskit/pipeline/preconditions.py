"""Check, before a worker starts, that the references fit the exposures and are available."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from mrskit.adopt.found import Found
from mrskit.bands import SETTINGS
from mrskit.errors import ReferenceCacheError
from mrskit.pipeline import parameters, reference_needs, tasks
from mrskit.pipeline.step_settings import Options
from mrskit.references import context, fetch, own_cache
from mrskit.references.choice import choose
from mrskit.workspace import Workspace


def check(
    workspace: Workspace, exposures: Sequence[Found], planned: Sequence[tasks.Task], options: Options,
    steps: Mapping[str, parameters.Steps], say: Callable[[str], None],
) -> None:  # fmt: skip
    """
    Activate a workspace's references and check that they fit, unless all planned runs are already done.

    ReferenceCacheError if there are no references, or some have no rule or file for these exposures or are unavailable.
    """
    context.activate_references(workspace)
    folder, paths = Path(os.environ.get("CRDS_PATH", ".")), [item.path for item in exposures]
    if own_cache.are_foreign_to(paths):
        say(own_cache.WARNING)
    own = own_cache.read_card(folder) is not None
    if not own:
        fetch.require(workspace, reference_needs.asked, say)
    if not exposures or (planned and not any(tasks.why_stale(task) for task in planned)):
        return
    if own:
        _check_own(folder, exposures)
        return
    if remark := context.go_offline():
        say(remark)
    kinds = {str(item.header.get("READPATT", "")): item for item in exposures}
    for readout in kinds:
        kinds_read = reference_needs.read(options, steps, readout)
        some = {item.setting: item for item in exposures if item.header.get("READPATT") == readout}
        for item in some.values():
            _check_rules(folder, item.path, kinds_read)


def _check_own(folder: Path, exposures: Sequence[Found]) -> None:
    """Check that the kit's own cache supports the settings and readouts of some exposures."""
    names = sorted({item.setting for item in exposures})
    others = sorted({str(item.header["READPATT"]) for item in exposures if item.kind == "uncal"} - {own_cache.READOUT})
    if others:
        raise ReferenceCacheError(
            f"{folder}: the kit's own references support only {own_cache.READOUT}, but the exposures use "
            f"{', '.join(others)}. Name a CRDS cache: mrskit references --real WORKSPACE.", path=folder,
        )  # fmt: skip
    if not own_cache.has_settings(folder, [SETTINGS[name] for name in names]):
        raise ReferenceCacheError(f"{folder}: incomplete references for {', '.join(names)}. Run 'mrskit references "
                                  f"--settings {','.join(names)} --out {folder}'.", path=folder)  # fmt: skip


def _check_rules(folder: Path, exposure: Path, kinds: Sequence[str]) -> None:
    try:
        with contextlib.redirect_stderr(io.StringIO()):  # crds prints tracebacks
            choices = choose(exposure, kinds)
    except (Exception, SystemExit) as error:  # crds raises a dozen classes, and exits if it finds nothing
        raise reference_needs.missing_rules() from error
    if lacking := [item for item in choices if item.lacking]:
        raise reference_needs.not_in_context(exposure, lacking)
    missing = [f"{item.kind} ({item.name})" for item in choices
               if item.chosen and context.locate(folder, item.name) is None]  # fmt: skip
    if missing and (why := context.why_not_fetched()):
        raise ReferenceCacheError(
            f"CRDS_PATH is {str(folder)!r}, which lacks {len(missing)} references of {exposure.name}, and {why}: "
            f"{', '.join(missing)}. Run 'mrskit references --real WORKSPACE --cache {folder}' on a machine that can "
            "reach the server and write to the folder.", path=folder, missing=missing,
        )  # fmt: skip
