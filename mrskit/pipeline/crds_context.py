"""The CRDS context that a stage runs under: activated from the workspace, looked up in products, missed clearly."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path

from mrskit.errors import ReferenceCacheError
from mrskit.pipeline import records
from mrskit.products import read_setting
from mrskit.simulate.references import cache
from mrskit.workspace import CARD, Workspace


def activate_references(workspace: Workspace) -> None:
    """
    Make the pipeline read the references that a workspace was made with; leave a real CRDS context as it is.

    The card's entry ``references`` names the folder. For real data the card's entry ``crds``, written by 'mrskit
    references --real', names cache and context; without it the environment that the user has set stands.

    Raises
    ------
    ReferenceCacheError
        If there is neither, or the folder on the card is no cache.
    """
    card = workspace.card() if (workspace.root / CARD).is_file() else {}
    folder = card.get("references")
    if card.get("data_source") == "real" and "crds" in card:
        return activate_pinned(card["crds"])
    if card.get("data_source") == "real" or not folder:
        if "CRDS_PATH" not in os.environ:
            raise ReferenceCacheError(
                f"{workspace.root / CARD} names no reference cache and CRDS_PATH is not set. Run 'mrskit references "
                "--out DIR' and 'mrskit reduce --references DIR', or for real data 'mrskit references --real "
                f"{workspace.root}'.", workspace=workspace.root,
            )  # fmt: skip
        return None
    if any(os.environ.get(name) != value for name, value in cache.environment(Path(folder)).items()):
        cache.activate(Path(folder))
    elif not Path(folder).is_dir():
        raise ReferenceCacheError(f"{folder}: the reference cache that {workspace.root / CARD} names is gone. "
                                  f"Run 'mrskit references --out {folder}'.", path=folder)  # fmt: skip
    return None


def activate_pinned(pinned: dict) -> None:
    """
    Make CRDS use the cache and the context that a workspace of real data is pinned to.

    Raises
    ------
    ReferenceCacheError
        If the folder is not there.
    """
    folder = Path(pinned["path"])
    if not folder.is_dir():
        raise ReferenceCacheError(f"{folder}: the CRDS cache of this workspace is not there. Mount it, or run 'mrskit "
                                  "references --real WORKSPACE --cache FOLDER'.", path=folder)  # fmt: skip
    variables = {"CRDS_PATH": str(folder), "CRDS_CONTEXT": pinned["context"], "CRDS_SERVER_URL": pinned["server"]}
    if pinned.get("readonly"):
        variables["CRDS_READONLY_CACHE"] = "1"
    if any(os.environ.get(name) != value for name, value in variables.items()):
        cache.switch(variables)


def has_own_references() -> bool:
    """Return whether the active cache is one that the kit has built: complete, and without a server."""
    return (Path(os.environ.get("CRDS_PATH", ".")) / cache.CARD).is_file()


def fetch_references(needs: Iterable[tuple[str, Path, dict]]) -> None:
    """
    Bring the reference files that some runs ask for into the active cache, one after the other.

    Workers that begin together would download the same file at the same time, into the same place. What cannot be had
    is left to the run that misses it, which says so.

    Parameters
    ----------
    needs : iterable of (str, Path, dict)
        Stage, exposure that it is run on, settings of its steps.
    """
    import crds
    from stdatamodels.jwst import datamodels

    from mrskit import logs
    from mrskit.pipeline import parameters

    with logs.silence():
        for stage, exposure, steps in needs:
            with contextlib.suppress(Exception), datamodels.open(exposure) as model:
                pipeline = parameters.pipeline_class(stage)
                pipeline.get_config_from_reference(str(exposure))
                keywords, types = model.get_crds_parameters(), reference_types(pipeline(), steps)
                crds.getreferences(keywords, reftypes=types, observatory="jwst")


def reference_types(pipeline, steps: dict) -> list[str]:
    """Return the types of reference files that the steps of a pipeline read; skipped steps need none."""
    read = [step for step in pipeline.step_defs if not steps.get(step, {}).get("skip", getattr(pipeline, step).skip)]
    return list(dict.fromkeys(name for step in read for name in getattr(pipeline, step).reference_file_types))


def reference_stamps(products: Iterable[Path]) -> tuple[records.Stamp, ...]:
    """Return the reference files that the headers of products name, stamped relative to ``CRDS_PATH``."""
    from astropy.io import fits

    names = set()
    for path in products:
        if path.suffix == ".fits":
            cards = fits.getheader(path).items()
            names |= {str(value).removeprefix("crds://") for key, value in cards
                      if key.startswith("R_") and str(value).startswith("crds://")}  # fmt: skip
    root = Path(os.environ["CRDS_PATH"]) if "CRDS_PATH" in os.environ else None
    found = (locate(root, name) for name in sorted(names)) if root else ()
    return tuple(records.stamp(path, root) for path in found if path is not None)


def missing_reference(stage: str, exposure: Path, error: Exception, steps: dict) -> ReferenceCacheError | None:
    """
    Return the error that names the reference types without a file or rule, None if none is missing.

    CRDS itself says "server-less mode, skipping JSON RPC" where a file is not in the cache, and does not name it.

    Parameters
    ----------
    stage : str
        detector1, spec2 or spec3.
    exposure : Path
        What the stage was run on.
    error : Exception
        What it stopped with; looked into only if it is about CRDS.
    steps : dict
        Settings of the stage: skipped steps need no reference.
    """
    text = f"{type(error).__name__}: {error}"
    if not any(word in text for word in ("Crds", "CRDS", "JSON RPC", "No such file")):
        return None
    folder = Path(os.environ.get("CRDS_PATH", "."))
    missing = list(dict.fromkeys(reftype for reftype, problem in _wanted(stage, exposure, steps) if problem))
    if not missing:
        return None
    return ReferenceCacheError(
        f"{exposure.name}: no reference file of the type {', '.join(missing)} in {folder}. Run 'mrskit references "
        f"--settings {read_setting(exposure).name} --out {folder}' to add what is missing.", types=missing, path=folder,
    )  # fmt: skip


def _wanted(stage: str, exposure: Path, steps: dict) -> Iterable[tuple[str, bool]]:
    """Give every reference type that a stage asks for, and whether it has no rule or no file."""
    import crds
    from stdatamodels.jwst import datamodels

    from mrskit import logs
    from mrskit.pipeline import parameters

    with logs.silence(), datamodels.open(exposure) as model:
        keywords = model.get_crds_parameters()
        for reftype in reference_types(parameters.pipeline_class(stage)(), steps):
            try:
                name = crds.getrecommendations(keywords, reftypes=[reftype], observatory="jwst")[reftype]
            except crds.CrdsError:
                yield reftype, True
                continue
            root = Path(os.environ.get("CRDS_PATH", "."))
            yield (
                reftype,
                "N/A" not in name.upper() and not name.startswith("NOT FOUND") and locate(root, name) is None,
            )


def locate(root: Path, name: str) -> Path | None:
    """Return where a reference file stands in a cache, by instrument or flat."""
    candidates = (root / "references" / "jwst" / "miri" / name, root / "references" / "jwst" / name)
    return next((path for path in candidates if path.is_file()), None)
