"""The workspace of one notebook inside the sandbox."""

from __future__ import annotations

import base64
from pathlib import Path

from mrskit.grading.run.sandbox.order import Order


def make(order: Order) -> None:
    """Make the workspace: folders, links to what the instructor's workspace holds, and small files."""
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
