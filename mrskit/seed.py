"""The seed of simulated data, from which anyone can make the truth again."""

from __future__ import annotations

import json
import secrets

from mrskit.errors import SimulationError
from mrskit.workspace import Workspace

PUBLIC = 2732  # of the demo
RANDOM = "random"
BITS = 128  # of a new secret seed
FEWEST = 64  # smallest number of bits of a secret seed, too many to try all values


def is_secret(seed: int) -> bool:
    """Return whether a seed is too long to be guessed."""
    return seed.bit_length() >= FEWEST


def of_scene(workspace: Workspace) -> int | None:
    """Return the seed from the truth of a workspace, the first file of a simulation, or None without truth."""
    try:
        seed = json.loads((workspace.truth / "scene.json").read_text(encoding="utf-8"))["seed"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return seed if type(seed) is int else None


def chosen(text: str, workspace: Workspace) -> int:
    """
    Return the seed for the value of an option.

    ``text``: a number; ``random`` for a secret seed; empty for the workspace's seed (the public seed if it is new). A
    workspace with a secret seed keeps it even with ``random``, so that an interrupted command can continue;
    ``workspace``: the workspace for the data.
    SimulationError if the text is invalid.
    """
    own = of_scene(workspace)
    if text == RANDOM:
        return own if own is not None and is_secret(own) else secrets.randbits(BITS - 1) | 1 << (BITS - 1)
    if not text:
        return PUBLIC if own is None else own
    if not (text.isascii() and text.isdigit() and len(text) < 100):
        raise SimulationError(f"--seed {text[:60]!r}; expected a whole number that is not negative, or '{RANDOM}'")
    return int(text)
