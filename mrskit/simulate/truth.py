"""
The truth of a simulated workspace, written by the simulator and read only by the judge and the benchmarks.

``truth/scene.json`` contains the scene, and ``truth/<stem>.npz`` the events of one exposure. The stem is the name of
the raw file without ``_uncal.fits``.
"""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from pathlib import Path

import numpy as np

from mrskit.errors import SimulationError, WorkspaceError
from mrskit.simulate.events import SHAPE, Hits, Shower
from mrskit.simulate.scene_records import Scene, from_json, to_json
from mrskit.workspace import Workspace, replacing, write_text

SCENE = "scene.json"
REMEDY = "'mrskit simulate' writes the truth of simulated data; real data have no truth."


def stem(path: Path | str) -> str:
    """Return the name under which the truth of a raw file or of any of its products is kept."""
    return Path(path).name.removesuffix(".fits").rpartition("_")[0]


def write_scene(workspace: Workspace, scene: Scene) -> None:
    """Write ``truth/scene.json``."""
    write_text(workspace.truth / SCENE, to_json(scene) + "\n")


def read_scene(workspace: Workspace) -> Scene:
    """
    Return the scene of a workspace.

    Raises
    ------
    WorkspaceError
        If the workspace has no truth.
    SimulationError
        If the file does not contain a scene.
    """
    path = workspace.truth / SCENE
    if not path.is_file():
        raise WorkspaceError(f"{path}: no such file; expected a simulated workspace's truth. {REMEDY}", path=path)
    return from_json(path.read_text(encoding="utf-8"))


def write_exposure(
    workspace: Workspace, name: str, rate: np.ndarray, exposed, bad: np.ndarray, facts: dict[str, object]
) -> None:
    """
    Write the truth of one exposure.

    Parameters
    ----------
    exposed : mrskit.simulate.detector.Exposed
        The exposure with its hits, showers, saturation and dark.
    facts : dict
        Other facts for JSON: errors, fingerprint, seed.
    """
    amplitudes = {f"shower_{index}": _sparse(item.amplitude) for index, item in enumerate(exposed.showers)}
    notes = [{**_plain(item), "amplitude": f"shower_{index}"} for index, item in enumerate(exposed.showers)]
    facts = {**facts, "showers": notes, "shape": exposed.data.shape[:2], "interference_phase": exposed.phase}
    with replacing(workspace.truth / f"{name}.npz") as temporary:
        np.savez(
            temporary, facts=np.array(json.dumps(facts)), rate=rate.astype(np.float32), dark=exposed.dark,
            warm=_sparse(exposed.warm), saturated=np.packbits(exposed.saturated), bad=np.packbits(bad),
            **{f"hit_{field.name}": getattr(exposed.hits, field.name) for field in fields(Hits)},
            **amplitudes,  # type: ignore[arg-type]  # numpy's stub has them for allow_pickle, too
        )  # fmt: skip


def read_facts(workspace: Workspace, name: str) -> dict:
    """Return the JSON part of an exposure's truth (errors, fingerprint, seed, showers); empty if there is no truth."""
    try:
        with np.load(workspace.truth / f"{name}.npz") as table:
            return json.loads(str(table["facts"]))
    except (OSError, KeyError, ValueError):
        return {}


def read_exposure(workspace: Workspace, name: str) -> dict:
    """
    Return the truth of one exposure.

    Parameters
    ----------
    name : str
        Name of the raw file or of a product, or their stem.

    Returns
    -------
    dict
        ``rate``: ndarray (1024, 1032), DN/s, all light with fringes, straylight and flat, without dark;
        ``dark``: the same shape, DN/s, with the drift of this exposure; ``warm``: the part from warm pixels in neither
        mask nor dark reference;
        ``hits``: events.Hits, one entry per pixel and group, with the size of the step in DN; ``cosmic_ray_dn``: the
        same as a tuple of arrays (integration, group, row, column, DN);
        ``cosmic_rays``: bool (nints, ngroups, 1024, 1032), pixel hit between the previous read and this group;
        ``showers``: tuple of events.Shower (strength, integration, group, decay, amplitude in DN/s);
        ``saturated``: bool (1024, 1032), in any group; ``bad``: bool (1024, 1032), DO_NOT_USE in the mask;
        ``errors``: dict, simulate.imperfections.Departures of the setting; ``facts``: everything else, such as
        ``interference_phase`` (periods), and ``slices``: the errors from `imperfections.slice_errors` by band.

    Raises
    ------
    SimulationError
        If this name has no truth or the file is damaged.
    """
    name = stem(name) if name.endswith(".fits") else name
    path = workspace.truth / f"{name}.npz"
    try:
        with np.load(path) as table:
            facts = json.loads(str(table["facts"]))
            hits = Hits(*(table[f"hit_{field.name}"] for field in fields(Hits)))
            showers = tuple(
                Shower(**{**note, "amplitude": _dense(table[note["amplitude"]])}) for note in facts["showers"]
            )
            arrays = {key: table[key] for key in ("rate", "dark", "saturated", "bad")}
            warm = _dense(table["warm"] if "warm" in table else np.zeros((2, 0)))  # none in those of version 0.1
    except (OSError, KeyError, ValueError) as error:
        raise SimulationError(f"{path}: no truth of an exposure in it ({type(error).__name__}: {error}). {REMEDY}",
                              path=path) from error  # fmt: skip
    size = SHAPE[0] * SHAPE[1]
    masks = {key: np.unpackbits(arrays[key], count=size).astype(bool).reshape(SHAPE) for key in ("saturated", "bad")}
    cosmic_rays = np.zeros((*facts["shape"], *SHAPE), dtype=bool)
    cosmic_rays[hits.integration, hits.group, hits.row, hits.column] = True
    return {
        "rate": arrays["rate"], "dark": arrays["dark"], "warm": warm, "hits": hits, "cosmic_rays": cosmic_rays,
        "cosmic_ray_dn": (hits.integration, hits.group, hits.row, hits.column, hits.dn),
        "showers": showers, **masks, "errors": facts["errors"], "facts": facts,
    }  # fmt: skip


def _plain(item: Shower) -> dict:
    return {key: value for key, value in asdict(item).items() if key != "amplitude"}


def _sparse(image: np.ndarray) -> np.ndarray:
    """Return the positions and values of the pixels above zero, float32 of shape (2, n)."""
    pixels = np.flatnonzero(image > 0)
    return np.stack((pixels.astype(np.float32), image.ravel()[pixels].astype(np.float32)))


def _dense(sparse: np.ndarray) -> np.ndarray:
    image = np.zeros(SHAPE, dtype=np.float32)
    image.ravel()[sparse[0].astype(np.int64)] = sparse[1]
    return image
