"""Which references the raw exposures of a workspace need in a CRDS context, and which of them are in the cache."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from mrskit import products
from mrskit.errors import ReferenceCacheError
from mrskit.pipeline.choices import CHOICES
from mrskit.pipeline.crds_context import locate, reference_types
from mrskit.workspace import ROLES, Workspace, advice

STAGES = ("detector1", "spec2", "spec3")


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


def survey(workspace: Workspace) -> Survey:
    """
    Return what the raw exposures of a workspace need under the active CRDS settings, and what of it is here.

    Rules that are not in the cache are fetched, where it can be written and the server be reached; files are not.

    Raises
    ------
    ReferenceCacheError
        If there is no exposure, or the context's rules cannot be had.
    """
    import crds
    from crds.core import heavy_client

    from mrskit.pipeline import logs

    folder = Path(os.environ["CRDS_PATH"])
    exposures = _representatives(workspace)
    with logs.silence():
        try:
            info = heavy_client.get_config_info("jwst")
            context = crds.get_context_name("jwst")
            found, without_rule = _selected(exposures)
        except (Exception, SystemExit) as error:  # crds raises a dozen classes, and exits where it finds nothing
            raise _no_rules(folder, error) from error
        metadata = _metadata(info)
    references = tuple(_reference(folder, kind, name, metadata) for kind, name in sorted(found))
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


def _selected(exposures: Iterable[Path]) -> tuple[set[tuple[str, str]], tuple[str, ...]]:
    """Return (type, name) of what the active context selects for exposures, and the types that it does not know."""
    import crds
    from stdatamodels.jwst import datamodels

    found, unknown, kinds = set(), set(), _kinds()
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


def _kinds() -> tuple[str, ...]:
    """Return the types that the stages read with the kit's settings, and those of the parameter files they ask for."""
    from mrskit.pipeline import parameters

    kinds: list[str] = []
    for stage in STAGES:
        pipeline = parameters.pipeline_class(stage)
        steps: dict[str, dict] = {}
        for choice in CHOICES:
            if choice.stage == stage and choice.parameter == "skip" and not callable(choice.value):
                steps[choice.step] = {"skip": choice.value}
        kinds += reference_types(pipeline(), steps)
        kinds += [pipeline.get_config_reftype(), *(step.get_config_reftype() for step in pipeline.step_defs.values())]
    return tuple(dict.fromkeys(kinds))


def _explicit(kind: str) -> tuple[str, ...]:
    """Return the parameters that the kit sets itself of the step that a parameter file is for."""
    from mrskit.pipeline import parameters

    names = []
    for stage in STAGES:
        steps = parameters.pipeline_class(stage).step_defs
        names += [choice.parameter for choice in CHOICES
                  if choice.stage == stage and steps[choice.step].get_config_reftype() == kind]  # fmt: skip
    return tuple(dict.fromkeys(names))


def _reference(folder: Path, kind: str, name: str, metadata: dict) -> Reference:
    said = metadata.get(name, {})
    said = said if isinstance(said, dict) else {}
    size, sha1 = int(said.get("size") or 0), str(said.get("sha1sum") or "")
    path = locate(folder, name)
    here = path is not None and (not size or path.stat().st_size == size)
    return Reference(kind, name, size, sha1, here, _explicit(kind) if kind.startswith("pars-") else ())


def _metadata(info: dict) -> dict:
    """Return size and SHA-1 of the server's files by name, as it says now or said when the cache was filled."""
    from crds.client import proxy

    try:
        return proxy.crds_decode(info["download_metadata"])
    except (KeyError, TypeError):
        return {}
