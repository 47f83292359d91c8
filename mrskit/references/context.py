"""The CRDS context that a stage runs under: activated from the workspace, asked for files, looked up in products."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from mrskit import logs
from mrskit.errors import ReferenceCacheError
from mrskit.kept import records
from mrskit.references import own_cache
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
    if any(os.environ.get(name) != value for name, value in own_cache.environment(Path(folder)).items()):
        own_cache.activate(Path(folder))
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
        own_cache.switch(variables)


def has_own_references() -> bool:
    """Return whether the active cache is one that the kit has built: complete, and without a server."""
    return (Path(os.environ.get("CRDS_PATH", ".")) / own_cache.CARD).is_file()


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


def locate(root: Path, name: str) -> Path | None:
    """Return where a reference file stands in a cache, by instrument or flat."""
    candidates = (root / "references" / "jwst" / "miri" / name, root / "references" / "jwst" / name)
    return next((path for path in candidates if path.is_file()), None)


def selected(exposure: Path, kinds: Sequence[str]) -> dict[str, str]:
    """
    Return the name of the reference file of each type that the active context selects for an exposure.

    Parameters
    ----------
    exposure : Path
        Its header is what the rules are asked with.
    kinds : sequence of str
        Types of references, e.g. ``dark``, ``flat``, ``distortion``.

    Returns
    -------
    dict of str to str
        In the order of ``kinds``; ``none`` for a type without a rule or a fitting file.
    """
    import crds
    from stdatamodels.jwst import datamodels

    found = {}
    with logs.silence(), datamodels.open(exposure) as model:
        keywords = model.get_crds_parameters()
        for kind in kinds:
            try:
                name = crds.getrecommendations(keywords, reftypes=[kind], observatory="jwst")[kind]
            except crds.CrdsError:
                name = "none"
            found[kind] = "none" if name.startswith("NOT FOUND") or "N/A" in name.upper() else Path(name).name
    return found
