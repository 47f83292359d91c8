"""The grader's order to the supervisor of one notebook: plain values that travel as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

SOCKETS = "/run/mrskit"  # where a notebook finds its connection file and sockets, inside
SCRATCH = "/scratch"  # where it finds its workspace, inside


@dataclass(frozen=True, slots=True)
class Order:
    """One kernel to run, and its confinement."""

    level: str  # bubblewrap, landlock, rlimits
    forked: bool  # by a server in the sandbox: the supervisor makes namespaces for this notebook alone
    sockets: str  # folder with the connection file, as the supervisor sees it at first
    scratch: str  # folder of the workspace, as the kernel sees it
    environment: dict[str, str]
    limits: dict[str, int | float]  # as Limits.to_json gives them
    limit_memory: bool  # by RLIMIT_AS: there is no control group
    links: dict[str, str] = field(default_factory=dict)  # path in the workspace -> what it is a link to
    texts: dict[str, str] = field(default_factory=dict)  # path in the workspace -> content
    files: dict[str, str] = field(default_factory=dict)  # name in the workspace -> the student's own data, in base64
    readable: tuple[str, ...] = ()  # for Landlock
    listed: tuple[str, ...] = ()  # folders of which only the names are seen, for Landlock

    def to_json(self) -> dict:
        """Return the order as plain JSON values."""
        return asdict(self)

    @staticmethod
    def from_json(table: dict) -> Order:
        """Return the order from the output of `to_json`."""
        return Order(**table | {name: tuple(table[name]) for name in ("readable", "listed")})
