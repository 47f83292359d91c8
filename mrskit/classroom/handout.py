"""The learners' part of a key: the data, without the truth and without anything that reveals it."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from astropy.io import fits

from mrskit import card as cards
from mrskit.card import CARD
from mrskit.errors import GradingError
from mrskit.grading.key import Key, told
from mrskit.workspace import ROLES, Workspace, create, replacing, require_space, write_text

_TELLING = ("SIMSEED", "SIMSCENE")  # keywords of older versions: the seed, a digest that confirms a guess


def hand_out(key: Key, out: Path, products: bool = False) -> Workspace:
    """Copy the data of a key (with ``products`` also the pipeline's products) into a new workspace, and return it."""
    out = Path(out)
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise GradingError(f"{out} is not empty; expected a new folder. Choose a different folder.", path=out)
    files = _files(key.workspace, products)
    for path in files:
        _check_header(path, _TELLING[: 1 if key.practice else 2])
    require_space(out, sum(path.stat().st_size for path in files), "the data to hand out")
    with replacing(out) as beside:  # which takes the place of an empty folder
        space = create(beside)
        for path in files:
            target = space.root / path.relative_to(key.root)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, target)
        card = replace(told(key.workspace), references="", handed_out=True, path=key.rules.path)
        write_text(space.root / CARD, cards.text(card))
    return Workspace(out.resolve())


def _files(workspace: Workspace, products: bool) -> list[Path]:
    folders = [workspace.root / name for name in (*ROLES.values(), "Ramp")]
    found = (path for folder in folders for path in sorted(folder.rglob("*")))
    return [path for path in found if path.is_file() and path.suffix != ".lock"
            and (products or path.parent.name == "uncal")]  # fmt: skip


def _check_header(path: Path, telling: Sequence[str]) -> None:
    header = fits.getheader(path) if path.suffix == ".fits" else ()
    for name in telling:
        if name in header:
            raise GradingError(f"{path}: its header has {name}, which reveals the seed of the simulation or confirms "
                               "a guess. With the seed, anybody can compute the truth. Make new data with this "
                               "version: 'mrskit demo --workspace work/key --seed random'.", path=path)  # fmt: skip
