"""The CRDS context of a stage: activate it from the workspace, request files, read it from products."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from mrskit import reach
from mrskit.card import CARD, Pinned
from mrskit.errors import ReferenceCacheError
from mrskit.kept import records
from mrskit.references import own_cache
from mrskit.references.choice import choose
from mrskit.workspace import Workspace, is_foreign

# Variables that replace CRDS_PATH in part: if one is set, only CRDS knows where its rules are.
_ELSEWHERE = ("CRDS_PATH_SINGLE", "CRDS_MAPPATH", "CRDS_MAPPATH_SINGLE", "CRDS_CFGPATH", "CRDS_CFGPATH_SINGLE")
_EXPECTED = "Expected the folder of a CRDS cache, with config/jwst/server_config and mappings/jwst/*.pmap in it."


def activate_references(workspace: Workspace) -> None:
    """
    Make the pipeline read the references that a workspace was made with; a real CRDS context is not changed.

    The card's entry ``references`` names the folder, also for observed exposures if the user chose it. Otherwise
    ``crds``, written by 'mrskit references --real', names cache and context of real data. Without this entry the user's
    environment is used, also if crds is already imported.

    ReferenceCacheError, before anything is run, if there is no entry, or the card or environment does not name a
    cache.
    """
    card = workspace.card()
    folder = card.own_references
    if not folder:
        return activate_pinned(card.crds) if card.is_real and card.crds else check_environment(workspace)
    if gone := references_gone(workspace):
        raise ReferenceCacheError(gone, path=folder)
    if any(os.environ.get(name) != value for name, value in own_cache.environment(Path(folder)).items()):
        own_cache.activate(Path(folder))
    return None


def variables(workspace: Workspace) -> dict[str, str]:
    """Return the variables that point programs to a workspace's references; ReferenceCacheError if not pinned."""
    card = workspace.card()
    if (pinned := card.crds) and not card.own_references:  # real data
        return {"CRDS_PATH": pinned.path, "CRDS_CONTEXT": pinned.context, "CRDS_SERVER_URL": pinned.server}
    if card.is_real and not card.own_references:
        raise ReferenceCacheError(f"{workspace.root}: this workspace has real data but no pinned CRDS cache. Run "
                                  f"'mrskit references --real {workspace.root}' "
                                  "first.", path=workspace.root)  # fmt: skip
    return own_cache.environment(Path(card.references or own_cache.default_folder()))


def references_gone(workspace: Workspace) -> str:
    """Return a message if the card names a cache of the kit's own that does not exist; otherwise an empty text."""
    card = workspace.card()
    folder = card.own_references
    if not folder or own_cache.mapping_folder(Path(folder)).is_dir():
        return ""
    settings = f" --settings {','.join(card.settings)}" if card.settings else ""
    return (f"{folder}: no reference cache; {workspace.root / CARD} names it, expected mappings/jwst in it. "
            f"Run 'mrskit references --out {folder}{settings}'.")  # fmt: skip


def check_environment(workspace: Workspace) -> None:
    """
    Check, before anything is run, that the CRDS settings of the environment name a cache with rules.

    Without rules CRDS ends the process, and the worker with it.

    ReferenceCacheError if ``CRDS_PATH`` is unset or does not name a cache.
    """
    if not (problem := environment_problem()):
        variables = {name: value for name in ("CRDS_PATH", "CRDS_CONTEXT", "CRDS_SERVER_URL", "CRDS_READONLY_CACHE")
                     if (value := os.environ.get(name))}  # fmt: skip
        if not os.access(variables.get("CRDS_PATH", "."), os.W_OK):
            variables["CRDS_READONLY_CACHE"] = "1"
        own_cache.switch(variables)
        return
    remedy = (f"Set CRDS_PATH to such a folder, or fill FOLDER from the server with 'mrskit references --real "
              f"{workspace.root} --cache FOLDER'.")  # fmt: skip
    if not is_foreign(workspace.root):
        remedy += (" For simulated data run 'mrskit references --out DIR', then 'mrskit reduce "
                   f"{workspace.root} --references DIR'.")  # fmt: skip
    card = f"{workspace.root / CARD} does not name a reference cache" if workspace.has_card else (
        f"{workspace.root} has no {CARD} that names a reference cache")  # fmt: skip
    raise ReferenceCacheError(f"{card} and {problem}. {_EXPECTED} {remedy}",
                              workspace=workspace.root, CRDS_PATH=os.environ.get("CRDS_PATH"))  # fmt: skip


def environment_problem() -> str:
    """Return the problem with ``CRDS_PATH`` and ``CRDS_CONTEXT`` as part of a sentence, or an empty text."""
    if any(name in os.environ for name in _ELSEWHERE):
        return ""
    value = os.environ.get("CRDS_PATH")
    if not value:
        return "CRDS_PATH is not set" if value is None else "CRDS_PATH is set to an empty text"
    context, server = os.environ.get("CRDS_CONTEXT", ""), os.environ.get("CRDS_SERVER_URL", "")
    if problem := cache_problem(Path(value), context, server):
        return f"CRDS_PATH is {value!r}, {problem}"
    return ""


def folder_problem(folder: Path) -> str:
    """Return why a path is not a readable folder as part of a sentence, or an empty text if it is."""
    if not folder.exists():
        return "which does not exist"
    if not folder.is_dir():
        return "which is a file"
    return "" if os.access(folder, os.R_OK | os.X_OK) else "which cannot be read"


def cache_problem(folder: Path, context: str, server: str) -> str:
    """Describe the defects of a reference cache as part of a sentence, or return an empty text if it is complete."""
    if problem := folder_problem(folder):
        return problem
    if not any((folder / "mappings" / "jwst").glob("*.pmap")):
        return "without rules (mappings/jwst/*.pmap)"
    if not (folder / "config" / "jwst" / "server_config").is_file():
        return "without config/jwst/server_config"
    if context and not re.fullmatch(r"jwst_\w+\.pmap|jwst-[\w.:-]+", context):
        return f"and CRDS_CONTEXT is {context!r}, which is not the name of a context (jwst_NNNN.pmap)"
    missing = missing_rules(folder, context) if context.endswith(".pmap") else []
    if missing and (why := why_not_fetched(server, folder)):
        rest = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        return f"without the rules of CRDS_CONTEXT={context} ({missing[0]}{rest}), and {why}"
    return ""


def missing_rules(folder: Path, context: str) -> list[str]:
    """Return the files of a context's MIRI rules that are missing or empty in a cache."""
    names, missing = [context], []
    for name in names:  # the list grows meanwhile
        path = own_cache.mapping_folder(folder) / name
        if not path.is_file() or not path.stat().st_size:
            missing.append(name)
        elif not name.endswith(".rmap"):
            told = re.findall(r"jwst_miri_\w+\.[ir]map", path.read_text(encoding="utf-8", errors="replace"))
            names += sorted(set(told) - set(names))  # a file also names itself
    return missing


def why_not_fetched(server: str | None = None, folder: Path | None = None) -> str:
    """Return why the active cache cannot be completed as part of a sentence, or an empty text if it can."""
    server = os.environ.get("CRDS_SERVER_URL", "") if server is None else server
    if not server or "serverless" in server:
        return "no server is asked for them"
    if not os.access(folder or os.environ.get("CRDS_PATH", "."), os.W_OK):
        return "the folder cannot be written"
    why = reach.problem(server)
    return f"CRDS_SERVER_URL is {server}, which does not provide them ({why})" if why else ""


def go_offline() -> str:
    """If CRDS's server cannot be reached, switch CRDS to offline and return a message; otherwise an empty text."""
    server = os.environ.get("CRDS_SERVER_URL", "")
    if not server or "serverless" in server or not (why := reach.problem(server)):
        return ""
    own_cache.switch({name: value for name, value in os.environ.items() if name == "CRDS_READONLY_CACHE"}
                     | {"CRDS_SERVER_URL": own_cache.SERVER})  # fmt: skip
    return f"CRDS_SERVER_URL is {server}, which cannot be reached ({why}). The references in the cache are used"


def activate_pinned(pinned: Pinned) -> None:
    """Make CRDS use the pinned cache and context of real data; ReferenceCacheError if cache or rules are missing."""
    folder = Path(pinned.path)
    if problem := cache_problem(folder, pinned.context, pinned.server):
        raise ReferenceCacheError(
            f"the CRDS cache of this workspace is {str(folder)!r}, {problem}. {_EXPECTED} Mount it, or run 'mrskit "
            "references --real WORKSPACE --cache FOLDER'.", path=folder,
        )  # fmt: skip
    variables = {"CRDS_PATH": str(folder), "CRDS_CONTEXT": pinned.context, "CRDS_SERVER_URL": pinned.server}
    if pinned.readonly:
        variables["CRDS_READONLY_CACHE"] = "1"
    if any(os.environ.get(name) != value for name, value in variables.items()):
        own_cache.switch(variables)


def has_own_references() -> bool:
    """Return whether the kit built the active cache, which is then complete and needs no server."""
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
    if "CRDS_PATH" not in os.environ:
        return ()
    root = Path(os.environ["CRDS_PATH"])
    found = (locate(root, name) for name in sorted(names))
    return tuple(records.stamp(path, root) for path in found if path is not None)


def locate(root: Path, name: str) -> Path | None:
    """Return the path of a reference file in a cache that is sorted by instrument or flat."""
    candidates = (root / "references" / "jwst" / "miri" / name, root / "references" / "jwst" / name)
    return next((path for path in candidates if path.is_file()), None)


def selected(exposure: Path, kinds: Sequence[str]) -> dict[str, str]:
    """
    Return the name of the reference file of each type that the active context selects for an exposure.

    ``exposure``: product whose header goes to the rules; ``kinds``: types of references, e.g. ``dark``, ``flat``,
    ``distortion``.
    The names are in the order of ``kinds``, with ``none`` for a type without a rule or a matching file.
    """
    import crds

    try:
        return {item.kind: item.name or "none" for item in choose(exposure, kinds)}
    except crds.CrdsError:  # the rules are missing
        return dict.fromkeys(kinds, "none")
