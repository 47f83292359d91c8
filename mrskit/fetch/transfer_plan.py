"""The plan of a transfer, without any action: selected exposures, their paths, missing bytes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from astropy.io import fits

from mrskit.adopt import found, roles
from mrskit.bands import Setting
from mrskit.card import FetchedFile
from mrskit.errors import MrskitError, PlanError
from mrskit.fetch import checks, transfer
from mrskit.fetch.archive import Remote
from mrskit.products import Exposure, check_uncal, read_exposure
from mrskit.workspace import ROLES, Workspace

Action = Literal["keep", "resume", "download", "replace"]
HEAD = 20 * 2880  # bytes that are asked for to see a primary header; doubled where it is longer
FOLDER = ".fetching"  # in a workspace: beginnings of files, what is noted of them, locks


@dataclass(frozen=True, slots=True)
class Order:
    """One exposure of the archive and the planned action."""

    remote: Remote
    exposure: Exposure  # from the header
    role: str
    path: Path  # final place
    action: Action
    have: int  # bytes that are here already
    total: int  # bytes of the whole
    header: fits.Header  # primary
    why: str = ""

    @property
    def missing(self) -> int:
        """Bytes to be transferred."""
        return 0 if self.action == "keep" else self.total - self.have


def part(workspace: Workspace, remote: Remote) -> Path:
    """Return the path of a file's beginning until the file is complete."""
    return workspace.root / FOLDER / f"{remote.name}.part"


def places(workspace: Workspace, remote: Remote) -> list[Path]:
    """Return the possible paths of a raw exposure with this name, source first."""
    return [workspace.stage(role, "uncal") / remote.name for role in ROLES]


def is_whole(path: Path, remote: Remote, listed: Mapping[str, FetchedFile]) -> bool:
    """Return whether a file with its final name is complete: the listed size and a sound structure."""
    size = transfer.size(path)
    promised = listed[remote.name].bytes if remote.name in listed else remote.size
    if size == 0 or (promised and size != promised):
        return False
    with checks.READING:
        try:
            return check_uncal(path) is not None
        except MrskitError:
            return False


def header_end(path: Path) -> bool:
    """Return whether a file contains a complete primary header."""
    with path.open("rb") as stream:
        content = stream.read(8 * HEAD)
    return any(content[card : card + 80] == b"END".ljust(80) for card in range(0, len(content), 80))


def decide(workspace: Workspace, remote: Remote, program: int, listed: Mapping[str, FetchedFile]) -> Order:
    """
    Return the order for a file whose header is known, from the file itself or its beginning.

    ``listed`` contains the workspace card's entries for earlier files, by name.

    PlanError if header and name disagree on program or observation; ProductError if the file is not an MRS exposure.
    """
    beginning = part(workspace, remote)
    here = next((path for path in places(workspace, remote) if path.is_file()), None)
    whole = here if here is not None and is_whole(here, remote, listed) else None
    source = whole or beginning
    exposure, header = replace(read_exposure(source), path=Path(remote.name)), found.pointed(source)
    number = int(header.get("PROGRAM", 0))
    if number != program or f"{exposure.observation:03d}" != remote.name[7:10]:
        raise PlanError(f"{remote.name}: its header names program {number}, observation {exposure.observation}. "
                        "The file is skipped; report the error to the archive.", name=remote.name)  # fmt: skip
    role, path = exposure.role, places(workspace, remote)[exposure.is_background]
    if whole is not None:
        size = transfer.size(whole)
        return Order(remote, exposure, role, whole, "keep", size, size, header, "is here and complete")
    have, total = transfer.size(beginning), transfer.state(beginning, remote).total or remote.size
    if here is not None:
        return Order(remote, exposure, role, path, "replace", have, total, header, "the local file is incomplete")
    action: Action = "resume" if have > HEAD else "download"
    return Order(remote, exposure, role, path, action, have, total, header)


def with_roles(orders: Sequence[Order], workspace: Workspace, backgrounds: Collection[int] | str) -> list[Order]:
    """Return orders with their roles, see `roles.decide`; existing files stay in their place."""
    told = zip(orders, roles.decide([order.header for order in orders], backgrounds), strict=True)
    return [replace(order, role=role, path=order.path if order.action == "keep" else
                    workspace.stage(role, "uncal") / order.remote.name) for order, role in told]  # fmt: skip


def chosen(orders: Iterable[Order], settings: Iterable[Setting] | None) -> tuple[Order, ...]:
    """Return the orders for some settings (by default all), source first, then by setting and dither."""
    wanted = None if settings is None else set(settings)
    picked = [item for item in orders if wanted is None or item.exposure.setting in wanted]
    key = lambda item: (list(ROLES).index(item.role), item.exposure.setting.name, item.exposure.dither)  # noqa: E731
    return tuple(sorted(picked, key=key))
