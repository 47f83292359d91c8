"""Fetch the raw exposures of a program into a workspace: read headers, make a plan, then transfer missing files."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from mrskit import manifest, observed, plan
from mrskit.bands import Setting
from mrskit.card import REAL, FetchedFile
from mrskit.errors import ChecksumError, FetchError, MrskitError, PlanError, ProductError
from mrskit.fetch import archive, checks, transfer, transfer_plan
from mrskit.fetch.archive import PATIENCE, Patience, Remote
from mrskit.fetch.transfer import Gate
from mrskit.fetch.transfer_plan import Order
from mrskit.kept import lock
from mrskit.workspace import Workspace, create, require_space

Report = Callable[[str, int, int], None]  # name, bytes that are there, bytes of the whole
SPARE = 50e6  # bytes that stay free on the disk


@dataclass(frozen=True, slots=True)
class Prepared:
    """The plan of a fetch."""

    workspace: Workspace
    program: plan.Program  # of everything that the archive has, whatever was chosen of it
    orders: tuple[Order, ...]
    left_out: tuple[str, ...]  # files with a header that is not what their name says, each with the reason
    remarks: tuple[str, ...]  # on exposures that the plan describes only in part
    reconciled: manifest.Reconciled | None  # with the kit's list; None for a program that it does not have

    @property
    def missing(self) -> int:
        """Bytes to be transferred."""
        return sum(order.missing for order in self.orders)


@dataclass(frozen=True, slots=True)
class Fetched:
    """One file after a fetch."""

    order: Order
    sha256: str
    arrived: int  # bytes that this fetch has transferred


def prepare(
    root: Path | str, program: int, observations: Iterable[int], settings: Iterable[Setting] | None = None,
    backgrounds: Collection[int] | str = (), patience: Patience = PATIENCE,
    report: Report = lambda name, have, total: None,
) -> Prepared:  # fmt: skip
    """
    Return the plan of a fetch; only the beginnings of files, which contain their headers, are transferred.

    The function creates a missing workspace. By default it plans all settings; observations in ``backgrounds`` are
    background regardless of their headers. ``report`` is called with a name, the received bytes and the total bytes.

    FetchError, AccessError, DiskSpaceError or PlanError if the archive cannot be reached, has no files or refuses, the
    disk is full, or the exposures do not form a program.
    """
    workspace, gate = create(root), Gate()
    remotes = archive.uncal_files(program, observations, patience)
    listed, left_out, decided = workspace.card().fetched, [], []
    see = lambda remote: _see_header(workspace, remote, listed, patience, gate, report)  # noqa: E731
    with ThreadPoolExecutor(patience.connections) as pool:
        list(pool.map(see, remotes))
    for remote in remotes:
        try:
            seen = (transfer_plan.part(workspace, remote), *transfer_plan.places(workspace, remote))
            if not any(path.is_file() for path in seen):
                see(remote)  # another process has finished or tidied up meanwhile
            decided.append(transfer_plan.decide(workspace, remote, program, listed))
        except (PlanError, ProductError) as error:
            left_out.append(str(error))
            transfer.forget(transfer_plan.part(workspace, remote))
    if not decided:
        raise FetchError(f"program {program}: none of {len(remotes)} files is usable: {left_out[0]}", program=program)
    decided = transfer_plan.with_roles(decided, workspace, backgrounds)
    picked = transfer_plan.chosen(decided, settings)
    headers = [order.header for order in decided]
    roles = {order.exposure.observation: order.role for order in decided}
    return Prepared(workspace, observed.program(headers, roles), picked, tuple(left_out), observed.remarks(headers),
                    _reconcile(program, decided))  # fmt: skip


def carry_out(
    prepared: Prepared, patience: Patience = PATIENCE, report: Report = lambda name, have, total: None
) -> tuple[Fetched, ...]:
    """
    Transfer missing files, and return all files of the orders, including files that other processes fetch meanwhile.

    A complete and checked file gets its final name in one step. If some files fail, the other files are fetched first.

    DiskSpaceError, before any transfer, if the disk is too small. FetchError, AccessError or ChecksumError if files
    failed: the first such error, with the number of failed files.
    """
    workspace, gate = prepared.workspace, Gate()
    require_space(workspace.root, prepared.missing + (SPARE if prepared.missing else 0), "what is to be fetched")
    done: dict[str, Fetched] = {}
    problems: list[MrskitError] = []

    def work(order: Order, wait: bool) -> Order | None:
        """Fetch one file; return its order if another process is fetching it and we do not wait."""
        try:
            with lock.held(_lock(workspace, order.remote), lock.FOREVER if wait else 0) as mine:
                if not mine:
                    return order
                done[order.remote.name] = _one(workspace, order, patience, gate, report)
        except MrskitError as error:
            problems.append(error)
        return None

    with ThreadPoolExecutor(patience.connections) as pool:
        busy = [order for order in pool.map(lambda order: work(order, wait=False), prepared.orders) if order]
        list(pool.map(lambda order: work(order, wait=True), busy))
    files = tuple(done[order.remote.name] for order in prepared.orders if order.remote.name in done)
    _write_card(prepared, files)
    if problems:
        first, others = problems[0], len(problems) - 1
        raise type(first)(f"{first}" + (f" ({others} more files failed.)" if others else ""), **first.facts) from first
    _tidy(workspace)
    return files


def _see_header(
    workspace: Workspace, remote: Remote, listed: Mapping[str, FetchedFile], patience: Patience, gate: Gate, report:
    Report,
) -> None:  # fmt: skip
    """Return the header of a file, from the file itself or from its beginning."""
    beginning = transfer_plan.part(workspace, remote)
    if any(
        path.is_file() and transfer_plan.is_whole(path, remote, listed)
        for path in transfer_plan.places(workspace, remote)
    ):
        return
    beginning.parent.mkdir(parents=True, exist_ok=True)
    stop = transfer_plan.HEAD
    while not (beginning.is_file() and transfer_plan.header_end(beginning)):
        with lock.held(_lock(workspace, remote)):
            told = lambda have, total: report(remote.name, have, total)  # noqa: E731
            state = transfer.extend(remote, beginning, stop, patience, gate, told)
        if stop > 8 * transfer_plan.HEAD or 0 < state.total <= transfer.size(beginning):
            break
        stop *= 2


def _one(workspace: Workspace, order: Order, patience: Patience, gate: Gate, report: Report) -> Fetched:
    """Fetch one file, check it, and move it to its final place. The lock is held."""
    remote, beginning = order.remote, transfer_plan.part(workspace, order.remote)
    listed = workspace.card().fetched
    for path in transfer_plan.places(workspace, remote):
        if path.is_file() and transfer_plan.is_whole(path, remote, listed):
            known = listed[remote.name].sha256 if remote.name in listed else checks.digest(path, "sha256")
            return Fetched(order, known, 0)
        if path.is_file():
            _adopt(path, beginning)
    before = transfer.size(beginning)
    told = lambda have, total: report(remote.name, have, total)  # noqa: E731
    for last in (False, True):
        state = transfer.extend(remote, beginning, 0, patience, gate, told)
        try:
            sha256 = checks.arrived(beginning, remote, state)
            checks.whole_exposure(beginning, remote.name)
            break
        except ChecksumError:
            transfer.forget(beginning)
            if last or before == state.total:
                raise
            before = 0  # what was resumed may have been wrong: once more from the start
    order.path.parent.mkdir(parents=True, exist_ok=True)
    with beginning.open("rb+") as stream:
        os.fsync(stream.fileno())
    beginning.replace(order.path)
    transfer.forget(beginning)
    return Fetched(order, sha256, order.path.stat().st_size - before)


def _adopt(broken: Path, beginning: Path) -> None:
    """Use an incomplete file as the beginning of the archive's file if both begin alike; else remove the file."""
    head = transfer.size(beginning)
    if transfer.size(broken) > head > 0:
        with broken.open("rb") as one, beginning.open("rb") as other:
            same = one.read(head) == other.read(head)
        if same:
            broken.replace(beginning)
            return
    broken.unlink()


def _reconcile(program: int, decided: list[Order]) -> manifest.Reconciled | None:
    if program != plan.program().id:
        return None
    numbers = {order.exposure.observation for order in decided}
    listed = (item for item in manifest.raw_files() if item.observation in numbers)
    return manifest.reconcile(listed, (order.exposure for order in decided))


def _write_card(prepared: Prepared, files: tuple[Fetched, ...]) -> None:
    """Write the description of the workspace's data, and its program if the kit has no better description."""
    workspace = prepared.workspace
    entries = {item.order.remote.name: FetchedFile(
        item.order.remote.url, transfer.size(item.order.path), item.sha256, item.order.role,
        item.order.exposure.setting.name, item.order.exposure.dither) for item in files}  # fmt: skip
    with lock.held(workspace.root / transfer_plan.FOLDER / "card.lock"):
        fetched = {**workspace.card().fetched, **entries}
        workspace.update_card(
            data_source=REAL, program=prepared.program.id, fetched=fetched,
            settings=sorted({entry.setting for entry in fetched.values()}),
            simulated=any(item.order.exposure.simulated for item in files),
        )  # fmt: skip
        if prepared.program.id != plan.program().id:
            observed.write(prepared.program, workspace.root / observed.FILE)


def _tidy(workspace: Workspace) -> None:
    """Remove the beginnings of files that were not chosen; locks stay, because other processes may hold them."""
    for path in (workspace.root / transfer_plan.FOLDER).glob("*.part"):
        if transfer.size(path) <= 8 * transfer_plan.HEAD:
            with lock.held(path.with_suffix(".lock"), patience=0) as mine:
                if mine:
                    transfer.forget(path)


def _lock(workspace: Workspace, remote: Remote) -> Path:
    return transfer_plan.part(workspace, remote).with_suffix(".lock")
