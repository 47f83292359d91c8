"""The references that a workspace's raw exposures need in a CRDS context, and their state in the cache."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mrskit import logs, products
from mrskit.adopt import present
from mrskit.errors import ReferenceCacheError
from mrskit.references.choice import Choice, State, choose
from mrskit.references.context import locate
from mrskit.workspace import ROLES, Workspace, advice

Asked = Callable[[str], Mapping[str, Sequence[str]]]  # see `survey`


@dataclass(frozen=True, slots=True)
class Reference:
    """One file that the context selects."""

    kind: str  # reference type, e.g. dark
    name: str
    size: int  # bytes, from the server's list; 0 if unknown
    sha1: str  # from the server's list; empty if unknown
    here: bool  # complete in the cache, judged by its size
    explicit: tuple[str, ...] = ()  # parameters of a parameter file that the kit itself sets

    @property
    def is_parameters(self) -> bool:
        """Whether the file sets parameters of a step; without it the pipeline silently uses its code's defaults."""
        return self.kind.startswith("pars-")


@dataclass(frozen=True, slots=True)
class Survey:
    """The references that a workspace's exposures need in a context, and whether they are in the cache."""

    folder: Path  # of the cache
    context: str
    server: str
    connected: bool
    writable: bool
    exposures: int
    references: tuple[Reference, ...]
    not_found: tuple[Choice, ...]  # types with rules that do not fit an exposure
    without_rule: tuple[str, ...]  # types that a step requests but the context does not know

    @property
    def missing(self) -> tuple[Reference, ...]:
        """Return the references that are not in the cache."""
        return tuple(item for item in self.references if not item.here)

    @property
    def can_fetch(self) -> bool:
        """Whether missing references can be fetched."""
        return self.connected and self.writable


def survey(workspace: Workspace, asked: Asked) -> Survey:
    """
    Return the references for a workspace's raw exposures under the active CRDS settings, and their cache status.

    If the cache is writable and the server can be reached, missing rules are fetched, but not files.

    ``asked``: returns the reference types for a readout mode, and for each parameter file's type
    the parameters that the kit itself sets. See `mrskit.pipeline.reference_needs.asked`.
    ReferenceCacheError if there is no exposure, or the context's rules are unavailable.
    """
    import crds
    from crds.core import heavy_client

    folder = Path(os.environ["CRDS_PATH"])
    exposures = _representatives(workspace)
    with logs.silence():
        try:
            info = heavy_client.get_config_info("jwst")
            context = crds.get_context_name("jwst")
            wanted = {path: asked(products.read_exposure(path).readout) for path in exposures}
            kinds = {kind: own for some in wanted.values() for kind, own in some.items()}
            choices = {item for path in exposures for item in choose(path, wanted[path])}
        except (Exception, SystemExit) as error:  # crds raises a dozen classes, and exits if it finds nothing
            raise _no_rules(folder, error) from error
        metadata = _metadata(info)
    by_state = {state: sorted((item for item in choices if item.state == state), key=_order) for state in State}
    references = tuple(_reference(folder, item, metadata, kinds[item.kind]) for item in by_state[State.CHOSEN])
    readonly = os.environ.get("CRDS_READONLY_CACHE", "") in ("1", "true", "True")
    return Survey(folder, context, os.environ["CRDS_SERVER_URL"], bool(info.connected), not readonly,
                  len(exposures), references, tuple(by_state[State.NOT_FOUND]),
                  tuple(item.kind for item in by_state[State.NO_RULE]))  # fmt: skip


def _no_rules(folder: Path, error: BaseException) -> ReferenceCacheError:
    wanted = os.environ.get("CRDS_CONTEXT", "that the server recommends")
    server = os.environ["CRDS_SERVER_URL"]
    told = "" if isinstance(error, SystemExit) else f" ({type(error).__name__}: {error})"
    offline = "serverless" in server
    why = "no server is asked" if offline else f"{server} does not provide them{told}"
    return ReferenceCacheError(
        f"{folder}: the rules of the context {wanted} are not here, and {why}. Run the command "
        f"{'without --offline ' if offline else ''}where the server can be reached, or name a filled cache with "
        "--cache.", path=folder,
    )  # fmt: skip


def _representatives(workspace: Workspace) -> list[Path]:
    """Return one exposure for each setting, readout, length and role, because CRDS selects by these and the date."""
    chosen: dict[tuple, Path] = {}
    for role in ROLES:
        for path in present.exposures(workspace, role).values():
            exposure = products.read_exposure(path)
            key = (role, exposure.setting, exposure.readout, exposure.groups, exposure.integrations)
            chosen.setdefault(key, path)
    if not chosen:
        raise ReferenceCacheError(f"{workspace.root}: no raw exposures; expected some in Source/uncal. "
                                  f"{advice(workspace.root)}", path=workspace.root)  # fmt: skip
    return list(chosen.values())


def _order(item: Choice) -> tuple[str, ...]:
    return item.kind, item.name, item.why


def _reference(folder: Path, chosen: Choice, metadata: dict, explicit: Sequence[str]) -> Reference:
    said = metadata.get(chosen.name, {})
    said = said if isinstance(said, dict) else {}
    size, sha1 = int(said.get("size") or 0), str(said.get("sha1sum") or "")
    path = locate(folder, chosen.name)
    here = path is not None and (not size or path.stat().st_size == size)
    return Reference(chosen.kind, chosen.name, size, sha1, here, tuple(explicit))


def _metadata(info: dict) -> dict:
    """Return size and SHA-1 of the server's files by name, from the server or the last time the cache was filled."""
    from crds.client import proxy

    try:
        return proxy.crds_decode(info["download_metadata"])
    except (KeyError, TypeError):
        return {}
