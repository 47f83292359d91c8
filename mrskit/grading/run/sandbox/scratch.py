"""The workspace of one notebook inside the sandbox."""

from __future__ import annotations

import base64
import contextlib
import os
from pathlib import Path

from mrskit.grading.run.sandbox.order import Order

MOST_FILES = 20_000  # of one notebook


def make(order: Order) -> None:
    """Make the workspace: folders, links to files in the instructor's workspace, and small files."""
    root = Path(order.scratch)
    for name in {str(Path(name).parent) for name in (*order.links, *order.texts)}:
        (root / name).mkdir(parents=True, exist_ok=True)
    for name, target in order.links.items():
        (root / name).symlink_to(target)
    for name, text in order.texts.items():
        (root / name).write_text(text, encoding="utf-8")
    for name in ("Plots", "answers", "logs", "Notebook", "home"):
        (root / name).mkdir(exist_ok=True)
    for name, data in order.files.items():
        if "/" not in name and not (root / name).exists():
            (root / name).write_bytes(base64.b64decode(data))


def full(order: Order) -> bool:
    """Return whether a notebook uses too much disk space (if no mount limits it) or hides files."""
    found = room = 0

    def refuse(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):
            raise error

    try:
        for root in (order.scratch, order.sockets, *(("/tmp", "/dev/shm") if order.level == "bubblewrap" else ())):
            device = os.lstat(root).st_dev
            for place, folders, names in os.walk(root, onerror=refuse):
                for name in (*folders, *names):
                    with contextlib.suppress(FileNotFoundError):
                        facts = os.lstat(f"{place}/{name}")
                        if facts.st_dev != device:  # mounted there: the key's
                            folders[:] = [other for other in folders if other != name]
                            continue
                        room += 512 * facts.st_blocks
                    found += 1
                    if found > MOST_FILES or room > order.limits["scratch"]:
                        return True
    except (OSError, RecursionError):  # a folder without rights, or deeper than a path may be long
        return True
    return False
