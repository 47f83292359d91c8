"""The reference files that the stages need from CRDS: fetch them before a run, and name any that are missing."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from mrskit import logs
from mrskit.errors import ReferenceCacheError
from mrskit.pipeline import parameters
from mrskit.pipeline.step_settings import CHOICES, Options
from mrskit.products import read_setting
from mrskit.references.choice import Choice, State, choose
from mrskit.references.context import has_own_references, locate
from mrskit.workspace import ROLES

STAGES = ("detector1", "spec2", "spec3")


def fetch_references(needs: Iterable[tuple[str, Path, dict]]) -> None:
    """
    Fetch the reference files for some runs into the active cache, one after the other.

    Workers that start together would download the same file at the same time, into the same place. If a file cannot be
    fetched, the run that needs it raises the error.

    ``needs``: for each run, the stage, its exposure, and the settings of its steps.
    """
    import crds
    from stdatamodels.jwst import datamodels

    with logs.silence(), contextlib.redirect_stderr(io.StringIO()):  # crds prints tracebacks, and may end the process
        for stage, exposure, steps in needs:
            with contextlib.suppress(Exception, SystemExit), datamodels.open(exposure) as model:
                pipeline = parameters.pipeline_class(stage)
                pipeline.get_config_from_reference(str(exposure))
                keywords, types = model.get_crds_parameters(), reference_types(pipeline(), steps)
                crds.getreferences(keywords, reftypes=types, observatory="jwst")


def reference_types(pipeline, steps: dict) -> list[str]:
    """Return the reference types that the steps of a pipeline read; skipped steps need none."""
    read = [step for step in pipeline.step_defs if not steps.get(step, {}).get("skip", getattr(pipeline, step).skip)]
    return list(dict.fromkeys(name for step in read for name in getattr(pipeline, step).reference_file_types))


def read(options: Options, changes: Mapping[str, parameters.Steps], readout: str) -> list[str]:
    """Return the reference types that the stages read for a readout mode, with the user's changes."""
    kinds: list[str] = []
    for stage in STAGES:
        pipeline = parameters.pipeline_class(stage)()
        for role in ROLES:
            steps = parameters.steps(stage, replace(options, readout=readout), role)
            kinds += reference_types(pipeline, parameters.merged(steps, changes.get(stage)))
    return list(dict.fromkeys(kinds))


def asked(readout: str = "FASTR1") -> dict[str, tuple[str, ...]]:
    """
    Return the reference types and parameter-file types that the stages read with the kit's settings.

    Each parameter-file type is given with the parameters that the kit itself sets for the file's step.
    """
    kinds: list[str] = []
    for stage in STAGES:
        pipeline = parameters.pipeline_class(stage)
        steps: dict[str, dict] = {}
        for choice in CHOICES:
            if choice.stage == stage and choice.parameter == "skip" and not callable(choice.value):
                steps[choice.step] = {"skip": choice.resolve(Options(readout=readout), "source")}
        kinds += reference_types(pipeline(), steps)
        kinds += [pipeline.get_config_reftype(), *(step.get_config_reftype() for step in pipeline.step_defs.values())]
    return {kind: _explicit(kind) if kind.startswith("pars-") else () for kind in dict.fromkeys(kinds)}


def _explicit(kind: str) -> tuple[str, ...]:
    """Return the parameters that the kit itself sets in the step of a parameter file."""
    names = []
    for stage in STAGES:
        steps = parameters.pipeline_class(stage).step_defs
        names += [choice.parameter for choice in CHOICES
                  if choice.stage == stage and steps[choice.step].get_config_reftype() == kind]  # fmt: skip
    return tuple(dict.fromkeys(names))


def missing_reference(
    stage: str, exposure: Path, error: Exception | SystemExit, steps: dict
) -> ReferenceCacheError | None:
    """
    Return an error that names the reference types without a file or rule, or None if none is missing.

    For a file that is not in the cache, CRDS's own message ("server-less mode, skipping JSON RPC") does not name it.

    ``stage``: detector1, spec2 or spec3; ``exposure``: input of the stage; ``error``: the exception that stopped it,
    used only if it comes from CRDS; ``steps``: settings of the stage (skipped steps need no reference).
    """
    import crds

    text = f"{type(error).__name__}: {error}"
    if isinstance(error, SystemExit) or "caching mapping files" in text or "mappings/jwst/" in text:
        return missing_rules()
    if not any(word in text for word in ("Crds", "CRDS", "JSON RPC", "No such file")):
        return None
    try:
        with logs.silence():
            kinds = reference_types(parameters.pipeline_class(stage)(), steps)
        choices = choose(exposure, kinds)
    except (crds.CrdsError, SystemExit):
        return missing_rules()
    folder, own = Path(os.environ.get("CRDS_PATH", ".")), has_own_references()
    lacking = [item for item in choices if item.lacking]
    if lacking and not own:
        return not_in_context(exposure, lacking)
    missing = [item.kind for item in choices if item.lacking or (item.chosen and locate(folder, item.name) is None)]
    if not missing:
        return None
    command = (f"mrskit references --settings {read_setting(exposure).name} --out {folder}" if own else
               "mrskit references --real WORKSPACE")  # fmt: skip
    return ReferenceCacheError(f"{exposure.name}: no reference file of the type {', '.join(missing)} in {folder}. Run "
                               f"'{command}' to add what is missing.", types=missing, path=folder)  # fmt: skip


def not_in_context(exposure: Path, lacking: Sequence[Choice]) -> ReferenceCacheError:
    """Return the error for references that cannot be fetched, because the rules do not name them."""
    context = os.environ.get("CRDS_CONTEXT") or "that the server recommends"
    older = [item.kind for item in lacking if item.state == State.NO_RULE]
    what = "; ".join(f"{item.kind} ({item.why})" for item in lacking if item.state == State.NOT_FOUND)
    text = f" names no reference file of the type {what}" if what else ""
    text += f"{' and' if text else ''} is older than the pipeline: it does not know {', '.join(older)}" if older else ""
    return ReferenceCacheError(
        f"{exposure.name}: the CRDS context {context}{text}. Run 'mrskit references --real WORKSPACE --context "
        "jwst_NNNN.pmap' with a context that does, or skip the step with --set STEP.skip=True.",
        types=[item.kind for item in lacking], context=context,
    )  # fmt: skip


def missing_rules() -> ReferenceCacheError:
    folder, context = (os.environ.get(name, "") for name in ("CRDS_PATH", "CRDS_CONTEXT"))
    return ReferenceCacheError(
        f"CRDS_PATH is {folder!r}, where the rules of {context or 'the context that the server recommends'} are "
        f"incomplete, and {os.environ.get('CRDS_SERVER_URL') or 'a server'} does not provide them. Run 'mrskit "
        "references --real WORKSPACE' where the server can be reached, or set CRDS_CONTEXT to one in this folder.",
        path=Path(folder), context=context,
    )  # fmt: skip
