"""References for real data: configure CRDS, fetch missing files through crds, and pin the files that are used."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable
from pathlib import Path

from mrskit import logs
from mrskit.card import REAL, Pinned
from mrskit.errors import ChecksumError, ReferenceCacheError
from mrskit.references import own_cache
from mrskit.references.context import folder_problem, locate
from mrskit.references.needs import Asked, Reference, Survey, survey
from mrskit.workspace import Workspace

SERVER = "https://jwst-crds.stsci.edu"


def configure(folder: Path | None = None, context: str = "", offline: bool = False) -> dict[str, str]:
    """
    Set the environment of this process and its children for real references, and return the variables.

    ``folder``: the cache; by default ``CRDS_PATH`` unless it is one of the kit's own, else ``~/crds``; ``context``:
    e.g. ``jwst_1464.pmap``; by default ``CRDS_CONTEXT``, otherwise the server's recommendation for this jwst;
    ``offline``: do not use a server.
    ReferenceCacheError if ``CRDS_PATH`` does not name a folder, or the given folder is a file or cannot be read.
    """
    known = os.environ.get("CRDS_PATH", "")
    own = bool(known) and own_cache.read_card(Path(known)) is not None
    chosen = Path(folder or (known if known and not own else "~/crds")).expanduser().resolve()
    _check_folder(chosen, "" if folder or own else known)
    server = os.environ.get("CRDS_SERVER_URL", "")
    server = server if server and "serverless" not in server else SERVER
    variables = {"CRDS_PATH": str(chosen), "CRDS_SERVER_URL": own_cache.SERVER if offline else server}
    if context or (not own and os.environ.get("CRDS_CONTEXT")):
        variables["CRDS_CONTEXT"] = context or os.environ["CRDS_CONTEXT"]
    else:
        os.environ.pop("CRDS_CONTEXT", None)
    os.environ.setdefault("CRDS_CLIENT_TIMEOUT_SECONDS", "60")  # crds itself would wait for an hour
    if chosen.is_dir() and not os.access(chosen, os.W_OK):
        variables["CRDS_READONLY_CACHE"] = "1"
    own_cache.switch(variables)
    return variables


def _check_folder(chosen: Path, known: str) -> None:
    """Check a cache folder: it may be new if the user names it, but must exist if CRDS_PATH names it."""
    problem = folder_problem(chosen)
    if problem and (known or chosen.exists()):
        name = f"CRDS_PATH is {known!r}" if known else f"the CRDS cache is {str(chosen)!r}"
        raise ReferenceCacheError(
            f"{name}, {problem}. Expected a folder for a CRDS cache, full or empty. Set CRDS_PATH to such a folder, "
            "or run 'mrskit references --real WORKSPACE --cache FOLDER', which creates FOLDER if needed.", path=chosen,
        )  # fmt: skip


def fetch(found: Survey, say: Callable[[str], None] = lambda message: None) -> None:
    """
    Fetch the missing references into the cache through crds, one after the other, and check each file.

    ReferenceCacheError if the cache cannot be completed, or the server does not provide a file; ChecksumError if
    a file arrives with a different checksum than the server lists; the file is removed, because crds keeps it.
    """
    from crds.client import api

    if found.missing and not found.can_fetch:
        raise incomplete(found)
    for number, item in enumerate(found.missing, 1):
        say(f"reference {number} of {len(found.missing)}: {item.name} ({item.size / 1e6:.0f} MB)")
        for last in (False, True):
            _remove(found.folder, item.name)
            with logs.silence(), contextlib.suppress(Exception):  # the check of the file finds any error
                api.cache_references(found.context, {item.kind: item.name})
            problem = _problem(locate(found.folder, item.name), item)
            if problem and last:
                _remove(found.folder, item.name)
                raise problem
            if not problem:
                break


def incomplete(found: Survey) -> ReferenceCacheError:
    """Return the error, raised before the pipeline starts, that names missing references and the remedy."""
    names = ", ".join(f"{item.kind} ({item.name})" for item in found.missing)
    why = "no server is asked" if not found.connected else "the folder cannot be written"
    return ReferenceCacheError(
        f"{found.folder} lacks {len(found.missing)} of {len(found.references)} references of {found.context}, and "
        f"{why}: {names}. Run 'mrskit references --real WORKSPACE --cache {found.folder}' where the server can be "
        "reached and the folder written.", path=found.folder, missing=[item.name for item in found.missing],
    )  # fmt: skip


def remarks(found: Survey) -> list[str]:
    """Return remarks on missing parameter files: the parameters that the kit itself sets, and those that stay open."""
    lines = []
    for item in (item for item in found.missing if item.is_parameters):
        own = f"sets {', '.join(item.explicit)} itself" if item.explicit else "sets no parameter of this step itself"
        lines.append(f"{item.kind}: {item.name} is missing, so the pipeline would silently use its code's defaults. "
                     f"mrskit {own}; every other parameter of the step may differ.")  # fmt: skip
    return lines


def pin(workspace: Workspace, found: Survey) -> None:
    """Write cache, context and files into a workspace's card; its stages use them from now on."""
    names = {item.name: item.sha1 for item in found.references}
    crds = Pinned(str(found.folder), found.context, found.server, not found.writable, names)
    workspace.update_card(data_source=REAL, crds=crds, simulated_references=False)


def require(workspace: Workspace, asked: Asked, say: Callable[[str], None]) -> None:
    """
    Check, before the pipeline starts, that the pinned references are in the cache or can be fetched.

    ``asked`` gives the types that the stages need, as in `survey`.

    ReferenceCacheError if some are missing and the cache cannot be completed.
    """
    pinned = workspace.card().crds
    if pinned is None:
        return
    folder = Path(pinned.path)
    gone = [name for name in pinned.references if locate(folder, name) is None]
    if not gone:
        return
    found = survey(workspace, asked)
    for line in remarks(found):
        say(line)
    if any(not item.is_parameters for item in found.missing) and not found.can_fetch:
        raise incomplete(found)


def _problem(path: Path | None, item: Reference) -> Exception | None:
    if path is None:
        return ReferenceCacheError(f"{item.name}: the server did not provide this reference of the type {item.kind}. "
                                   "Run the same command again.", name=item.name)  # fmt: skip
    with path.open("rb") as stream:
        sha1 = hashlib.file_digest(stream, lambda: hashlib.sha1(usedforsecurity=False)).hexdigest()
    size = path.stat().st_size
    if (item.size and size != item.size) or (item.sha1 not in ("", "none") and sha1 != item.sha1):
        return ChecksumError(
            f"{item.name}: {size} bytes with SHA-1 {sha1[:12]} arrived, but the server lists {item.size} and "
            f"{item.sha1[:12]}. The file is removed. Run the same command again.", name=item.name,
        )  # fmt: skip
    return None


def _remove(folder: Path, name: str) -> None:
    if (path := locate(folder, name)) is not None:
        path.unlink()
