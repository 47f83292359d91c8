"""One thing that was looked at: what was found, what is expected, what mends it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """A line of the checkup."""

    name: str
    found: str
    expected: str
    ok: bool
    remedy: str = ""  # what to do where it is not
    needed: bool = False  # without it the default demo cannot run

    @property
    def state(self) -> str:
        """``ok``, ``warning`` or ``missing``: only the last one prevents the default demo."""
        return "ok" if self.ok else "missing" if self.needed else "warning"
