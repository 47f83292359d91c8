"""The seed of simulated data: whoever knows it can make the truth again."""

from __future__ import annotations

import json
import secrets

from mrskit.errors import SimulationError
from mrskit.workspace import Workspace

PUBLIC = 2732  # of the demo
RANDOM = "random"
BITS = 128  # of a new secret seed
FEWEST = 64  # bits of a secret seed: nobody can try them all


def is_secret(seed: int) -> bool:
    """Return whether a seed is too long to be found by trying."""
    return seed.bit_length() >= FEWEST


def of_scene(workspace: Workspace) -> int | None:
    """Return the seed that the truth of a workspace tells, which is the first file of a simulation; None without."""
    try:
        seed = json.loads((workspace.truth / "scene.json").read_text(encoding="utf-8"))["seed"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return seed if type(seed) is int else None


def chosen(text: str, workspace: Workspace) -> int:
    """
    Return the seed that an option asks for.

    ``text``: a number; ``random`` for a secret one; empty for that of the workspace, of a new one the public seed. A
    workspace that has a secret seed keeps it with ``random`` too, so that an interrupted command goes on;
    ``workspace``: where the data are to be.
    SimulationError if it is none of these.
    """
    own = of_scene(workspace)
    if text == RANDOM:
        return own if own is not None and is_secret(own) else secrets.randbits(BITS - 1) | 1 << (BITS - 1)
    if not text:
        return PUBLIC if own is None else own
    if not (text.isascii() and text.isdigit() and len(text) < 100):
        raise SimulationError(f"--seed {text[:60]!r}: expected a whole number that is not negative, or '{RANDOM}'")
    return int(text)
