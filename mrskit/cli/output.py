"""What the commands print: messages with the time since the start, errors on standard error."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

from rich.console import Console

console = Console(highlight=False, soft_wrap=True)
errors = Console(stderr=True, highlight=False)


def progress(quiet: bool = False) -> Callable[[str], None]:
    """Return a callback that prints a message behind the seconds since now; one that is silent if ``quiet``."""
    start = time.monotonic()

    def show(message: str) -> None:
        if not quiet:
            errors.print(f"[dim]{time.monotonic() - start:6.1f} s[/]  {message}")

    return show


def print_json(value: object) -> None:
    """Print a value as JSON on standard output, nothing else."""
    print(json.dumps(value, indent=2, ensure_ascii=False))
