"""Which references the raw exposures of a workspace need in a CRDS context, and which of them are in the cache."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mrskit import logs, products
from mrskit.errors import ReferenceCacheError
from mrskit.references.context import locate
from mrskit.workspace import ROLES, Workspace, advice

Asked = Callable[[], Mapping[str, Sequence[str]]]  # see `survey`


@dataclass(frozen=True, slots=True)
class Reference:
    """One file that the context selects."""

    kind: str  # reference type, e.g. dark
    name: str
    size: int  # bytes, as the server lists it; 0 where nobody has said
    sha1: str  # likewise; empty
    here: bool  # whole in the cache, as far as its size tells
    explicit: tuple[str, ...] = ()  # of a parameter file: what the kit sets itself, so that the file does not decide

    @property
    def is_parameters(self) -> bool:
        """Whether it holds parameters of a step: without it the pipeline takes its code's defaults, silently."""
        return self.kind.startswith("pars-")


@dataclass(frozen=True, slots=True)
class Survey:
    """What the exposures of a workspace need in a context, and what is here."""

    folder: Path  # of the cache
    context: str
    server: str
    connected: bool
    writable: bool
    exposures: int
    references: tuple[Reference, ...]
    without_rule: tuple[str, ...]  # types that a step asks for and the context does not know

    @property
    def missing(self) -> tuple[Reference, ...]:
        """References that are not in the cache."""
        return tuple(item for item in self.references if not item.here)

    @property
    def can_fetch(self) -> bool:
        """Whether the cache can be completed from here."""
        return self.connected and self.writable


def survey(workspace: Workspace, asked: Asked) -> Survey:
    """
    Return what the raw exposures of a workspace need under the active CRDS settings, and what of it is here.

    Rules that are not in the cache are fetched, where it can be written and the server be reached; files are not.

    Parameters
    ----------
    workspace : Workspace
    asked : function
        Returns the types of references that are asked for; of a parameter file's type the parameters that its reader
        sets itself. See `mrskit.pipeline.reference_needs.asked`.

    Raises
    ------
    ReferenceCacheError
        If there is no exposure, or the context's rules cannot be had.
    """
    import crds
    from crds.core import heavy_client

    folder = Path(os.environ["CRDS_PATH"])
    exposures = _representatives(workspace)
    with logs.silence():
        try:
            info = heavy_client.get_config_info("jwst")
            context = crds.get_context_name("jwst")
            kinds = asked()
            found, without_rule = _selected(exposures, kinds)
        except (Exception, SystemExit) as error:  # crds raises a dozen classes, and exits where it finds nothing
            raise _no_rules(folder, error) from error
        metadata = _metadata(info)
    references = tuple(_reference(folder, kind, name, metadata, kinds[kind]) for kind, name in sorted(found))
    readonly = os.environ.get("CRDS_READONLY_CACHE", "") in ("1", "true", "True")
    return Survey(folder, context, os.environ["CRDS_SERVER_URL"], bool(info.connected), not readonly,
                  len(exposures), references, without_rule)  # fmt: skip


def _no_rules(folder: Path, error: BaseException) -> ReferenceCacheError:
    wanted = os.environ.get("CRDS_CONTEXT", "that the server recommends")
    server = os.environ["CRDS_SERVER_URL"]
    told = "" if isinstance(error, SystemExit) else f" ({type(error).__name__}: {error})"
    offline = "serverless" in server
    why = "no server is asked" if offline else f"{server} does not give them{told}"
    return ReferenceCacheError(
        f"{folder}: the rules of the context {wanted} are not here, and {why}. Run the command "
        f"{'without --offline ' if offline else ''}where the server can be reached, or name a filled cache with "
        "--cache.", path=folder,
    )  # fmt: skip


def _representatives(workspace: Workspace) -> list[Path]:
    """Return one raw exposure of each setting, readout, length and role: CRDS selects by these, and by the date."""
    chosen: dict[tuple, Path] = {}
    for role in ROLES:
        for path in products.find(workspace.stage(role, "uncal"), "uncal"):
            exposure = products.read_exposure(path)
            key = (role, exposure.setting, exposure.readout, exposure.groups, exposure.integrations)
            chosen.setdefault(key, path)
    if not chosen:
        raise ReferenceCacheError(f"{workspace.root}: no raw exposures; expected some in Source/uncal. "
                                  f"{advice(workspace.root)}", path=workspace.root)  # fmt: skip
    return list(chosen.values())


def _selected(exposures: Iterable[Path], kinds: Iterable[str]) -> tuple[set[tuple[str, str]], tuple[str, ...]]:
    """Return (type, name) of what the active context selects for exposures, and the types that it does not know."""
    import crds
    from stdatamodels.jwst import datamodels

    found, unknown = set(), set()
    for path in exposures:
        with datamodels.open(path) as model:
            keywords = model.get_crds_parameters()
        for kind in kinds:
            try:
                name = str(crds.getrecommendations(keywords, reftypes=[kind], observatory="jwst")[kind])
            except crds.CrdsLookupError:
                unknown.add(kind)
                continue
            if "N/A" not in name.upper() and not name.startswith("NOT FOUND"):
                found.add((kind, name))
    return found, tuple(sorted(unknown - {kind for kind, _ in found}))


def _reference(folder: Path, kind: str, name: str, metadata: dict, explicit: Sequence[str]) -> Reference:
    said = metadata.get(name, {})
    said = said if isinstance(said, dict) else {}
    size, sha1 = int(said.get("size") or 0), str(said.get("sha1sum") or "")
    path = locate(folder, name)
    here = path is not None and (not size or path.stat().st_size == size)
    return Reference(kind, name, size, sha1, here, tuple(explicit))


def _metadata(info: dict) -> dict:
    """Return size and SHA-1 of the server's files by name, as it says now or said when the cache was filled."""
    from crds.client import proxy

    try:
        return proxy.crds_decode(info["download_metadata"])
    except (KeyError, TypeError):
        return {}
